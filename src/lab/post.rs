//! The post office of the lab: letters get their trace lines and lie in mailboxes until they are pushed out.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::Timestamp;
use tokio::sync::mpsc;

use crate::engine::server::ask::Letter;
use crate::mail::trace::{Received, return_path};
use crate::ports::lab::{Delivered, Signal};

use super::clock::date;
use super::world::{Client, Host};

/// Where letters go.
#[derive(Debug)]
pub(super) struct Post {
    told: mpsc::Sender<Signal>,
    number: AtomicU32,
}

/// A letter on its way from a host to mailboxes.
pub(super) struct Delivery<'a> {
    pub(super) host: &'a Host,
    /// Who brought it.
    pub(super) client: &'a Client,
    /// The reverse path without brackets.
    pub(super) from: &'a str,
    /// The mailboxes, each once.
    pub(super) mailboxes: &'a [String],
    pub(super) letter: &'a Letter,
    /// When it came.
    pub(super) now: Timestamp,
}

impl Post {
    pub(super) fn new(told: mpsc::Sender<Signal>) -> Self {
        Self { told, number: AtomicU32::new(1) }
    }

    /// Puts a letter into mailboxes, with the trace lines of final delivery on top (RFC 5321 §4.4). Gives the host's
    /// id for it: the letter of the host and a number.
    pub(super) async fn deliver(&self, delivery: &Delivery<'_>) -> String {
        let id = format!("{}-{:04}", delivery.host.queue, self.number.fetch_add(1, Ordering::Relaxed));
        let trace = delivery.trace(&id);
        // All mailboxes share the octets.
        let stored: Arc<[u8]> = [trace.as_bytes(), &delivery.letter.content].concat().into();
        for mailbox in delivery.mailboxes {
            let delivered = Delivered {
                host: delivery.host.name.clone(),
                mailbox: mailbox.clone(),
                id: id.clone(),
                from: delivery.from.to_owned(),
                letter: Arc::clone(&stored),
                added: trace.len(),
            };
            // Nobody reads letters once the explorer is closing.
            let _ = self.told.send(Signal::Delivered(delivered)).await;
        }
        id
    }
}

impl Delivery<'_> {
    /// `Return-Path` and `Received`, as they stand on top of a delivered letter.
    fn trace(&self, id: &str) -> String {
        let received = Received {
            // The engine takes no name that is not ASCII.
            hello: std::str::from_utf8(&self.letter.client).unwrap_or("unknown"),
            name: self.client.name.as_deref(),
            address: self.client.address,
            by: &self.host.name,
            with: self.letter.protocol.keyword(),
            id,
            only_for: if let [only] = self.mailboxes { Some(only) } else { None },
            tls: None,
            date: &date(self.now),
        };
        return_path(self.from) + &received.field()
    }
}
