//! The post office of the lab: letters get their trace lines and lie in mailboxes until they are pushed out.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::mpsc;

use crate::engine::server::ask::Letter;
use crate::ports::lab::{Delivered, Signal};

use super::world::{Host, World};

/// Where letters go.
#[derive(Debug)]
pub(super) struct Post {
    told: mpsc::Sender<Signal>,
    number: AtomicU32,
}

impl Post {
    pub(super) fn new(told: mpsc::Sender<Signal>) -> Self {
        Self { told, number: AtomicU32::new(1) }
    }

    /// The next id of a host: its letter and a number.
    pub(super) fn next_id(&self, queue: &str) -> String {
        format!("{queue}-{:04}", self.number.fetch_add(1, Ordering::Relaxed))
    }

    /// Puts a letter into mailboxes, with the trace lines of final delivery on top (RFC 5321 §4.4).
    pub(super) async fn deliver(
        &self,
        world: &World,
        host: &Host,
        id: &str,
        from: &str,
        mailboxes: &[String],
        letter: &Letter,
    ) {
        let trace = trace(world, host, id, from, mailboxes, letter);
        for mailbox in mailboxes {
            let stored: Arc<[u8]> = [trace.as_bytes(), &letter.content].concat().into();
            let delivered = Delivered {
                host: host.name.clone(),
                mailbox: mailbox.clone(),
                id: id.to_owned(),
                from: from.to_owned(),
                letter: stored,
                added: trace.len(),
            };
            // Nobody reads letters once the explorer is closing.
            let _ = self.told.send(Signal::Delivered(delivered)).await;
        }
    }
}

/// `Return-Path` and `Received`, as they stand on top of a delivered letter.
fn trace(world: &World, host: &Host, id: &str, from: &str, mailboxes: &[String], letter: &Letter) -> String {
    let client = String::from_utf8(letter.client.clone()).unwrap_or_else(|_| "unknown".into());
    let mut trace = format!("Return-Path: <{from}>\r\n");
    // Writing to a string cannot fail.
    let _ = write!(trace, "Received: from {client} ({client} [{}])\r\n", world.client);
    let _ = write!(trace, "\tby {} with {} id {id}", host.name, letter.protocol.keyword());
    // With more than one recipient the others' addresses would leak (RFC 5321 §4.4, §7.2).
    if let [only] = mailboxes {
        let _ = write!(trace, "\r\n\tfor <{only}>");
    }
    let date = world.clock.strftime("%a, %d %b %Y %H:%M:%S +0000");
    let _ = write!(trace, "; {date}\r\n");
    trace
}
