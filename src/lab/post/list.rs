//! What a mailing list makes of a letter: its name in the subject, a line at the end, its own reverse path. Bodies change,
//! so a signature of the writer's domain breaks.

use crate::lab::queue::Letter;
use crate::mail::field;
use crate::smtp::path::{self, ReversePath};

/// The reverse path and the octets that members get. Reports go to whoever keeps the list (RFC 5321 §3.9.2).
pub(super) fn of(letter: &Letter, address: &str) -> (ReversePath, Vec<u8>) {
    let (name, domain) = address.split_once('@').unwrap_or((address, ""));
    let from = path::reverse(format!("<{name}-owner@{domain}>").as_bytes()).path;
    let (fields, body) = field::split(&letter.content);
    let mut octets = Vec::with_capacity(letter.content.len() + 200);
    for field in fields {
        match field::value(field, b"Subject") {
            Some(subject) => {
                octets.extend_from_slice(format!("Subject: [{name}] ").as_bytes());
                octets.extend_from_slice(subject.trim_ascii());
                octets.extend_from_slice(b"\r\n");
            }
            None => octets.extend_from_slice(field),
        }
    }
    octets.extend_from_slice(format!("List-Id: <{name}.{domain}>\r\n\r\n").as_bytes());
    octets.extend_from_slice(body);
    octets.extend_from_slice(format!("-- \r\nThe list {name} at {domain}\r\n").as_bytes());
    (from, octets)
}
