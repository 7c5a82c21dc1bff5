//! TLS records as they pass on the socket: who sent what, how much of it and when, and the names of the handshake
//! messages that are in clear.
//!
//! ```text
//! record    = type(1) version(2) length(2) content(length)                           RFC 8446 §5.1
//! handshake = msg_type(1) length(3) body(length), across records or several in one   RFC 8446 §4
//! ```

use std::borrow::Cow;

use tokio::time::Instant;

use crate::tape::Side;
use crate::tape::tls::{Content, RECORDS, TlsRecord};

/// Octets of a record's header.
const HEADER: usize = 5;
/// Octets of a message's header.
const MESSAGE: usize = 4;

/// The records of both directions.
#[derive(Debug)]
pub(super) struct Records {
    began: Instant,
    seen: Vec<TlsRecord>,
    client: Reader,
    server: Reader,
}

/// One direction.
#[derive(Debug, Default)]
struct Reader {
    /// The header of the next record, as far as it has come.
    header: Vec<u8>,
    /// Octets of the open record that are still to come.
    left: usize,
    /// The place of the open record in the list.
    open: Option<usize>,
    /// The open record is a handshake in clear.
    clear: bool,
    /// All that follows is encrypted.
    encrypts: bool,
    /// The header of the next message, as far as it has come.
    message: Vec<u8>,
    /// Octets of the open message that are still to come.
    rest: usize,
}

impl Records {
    pub(super) fn new() -> Self {
        Self { began: Instant::now(), seen: Vec::new(), client: Reader::default(), server: Reader::default() }
    }

    /// What was seen, in order.
    pub(super) fn seen(&self) -> &[TlsRecord] {
        &self.seen
    }

    /// Octets passed. Once the list is full nothing more is looked at.
    pub(super) fn passed(&mut self, from: Side, octets: &[u8]) {
        let mut rest = octets;
        while !rest.is_empty() && (self.seen.len() < RECORDS || self.reader(from).left > 0) {
            let taken = if self.reader(from).left > 0 { self.content(from, rest) } else { self.header(from, rest) };
            rest = rest.get(taken..).unwrap_or_default();
        }
    }

    fn reader(&mut self, from: Side) -> &mut Reader {
        match from {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    fn header(&mut self, from: Side, octets: &[u8]) -> usize {
        let (after, place) = (self.began.elapsed(), self.seen.len());
        let reader = self.reader(from);
        let taken = fill(&mut reader.header, HEADER, octets);
        if let [kind, _, _, high, low] = reader.header[..] {
            let length = usize::from(u16::from_be_bytes([high, low]));
            let content = reader.content_of(kind);
            reader.left = length;
            reader.open = Some(place);
            reader.clear = content == Content::Handshake;
            reader.header.clear();
            self.seen.push(TlsRecord { from, content, octets: HEADER + length, after, messages: Vec::new() });
        }
        taken
    }

    fn content(&mut self, from: Side, octets: &[u8]) -> usize {
        let reader = self.reader(from);
        let taken = octets.len().min(reader.left);
        reader.left -= taken;
        let open = reader.open.filter(|_| reader.clear);
        let names = open.map(|_| reader.messages(octets.get(..taken).unwrap_or_default())).unwrap_or_default();
        if let Some(record) = open.and_then(|open| self.seen.get_mut(open)) {
            record.messages.extend(names.into_iter().map(Cow::Borrowed));
        }
        taken
    }
}

impl Reader {
    /// What a record is by its type (RFC 8446 §5.1). What follows a change of the cipher is encrypted, whatever it says.
    fn content_of(&mut self, kind: u8) -> Content {
        match kind {
            20 => {
                self.encrypts = true;
                Content::ChangeCipherSpec
            }
            21 if !self.encrypts => Content::Alert,
            22 if !self.encrypts => Content::Handshake,
            _ => Content::Encrypted,
        }
    }

    /// The messages that begin in these octets.
    fn messages(&mut self, octets: &[u8]) -> Vec<&'static str> {
        let mut names = Vec::new();
        let mut left = octets;
        while !left.is_empty() {
            if self.rest > 0 {
                let taken = left.len().min(self.rest);
                self.rest -= taken;
                left = left.get(taken..).unwrap_or_default();
                continue;
            }
            let taken = fill(&mut self.message, MESSAGE, left);
            if let [kind, high, middle, low] = self.message[..] {
                names.push(name(kind));
                self.rest = usize::try_from(u32::from_be_bytes([0, high, middle, low])).unwrap_or(usize::MAX);
                self.message.clear();
            }
            left = left.get(taken..).unwrap_or_default();
        }
        names
    }
}

/// Fills up `part` to `whole` octets; says how many it took.
fn fill(part: &mut Vec<u8>, whole: usize, octets: &[u8]) -> usize {
    let taken = octets.len().min(whole.saturating_sub(part.len()));
    part.extend(octets.iter().take(taken));
    taken
}

/// A message by its type (RFC 8446 §4; those of TLS 1.2 as the registry has them).
fn name(kind: u8) -> &'static str {
    match kind {
        0 => "hello_request",
        1 => "client_hello",
        2 => "server_hello",
        4 => "new_session_ticket",
        11 => "certificate",
        12 => "server_key_exchange",
        13 => "certificate_request",
        14 => "server_hello_done",
        15 => "certificate_verify",
        16 => "client_key_exchange",
        20 => "finished",
        22 => "certificate_status",
        _ => "a message without a name here",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A record with this content.
    fn record(kind: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[kind, 3, 3], &length[..], content].concat()
    }

    fn message(kind: u8, octets: u8) -> Vec<u8> {
        [vec![kind, 0, 0, octets], vec![7; octets.into()]].concat()
    }

    /// The server's part of a handshake in TLS 1.2: two messages in one record, one across two.
    fn server() -> Vec<u8> {
        let hello = [message(2, 60), message(11, 200)].concat();
        let (head, tail) = hello.split_at(100);
        [
            record(22, head),
            record(22, &[tail, &message(14, 0)].concat()),
            record(20, &[1]),
            record(22, &[9; 40]),
            record(23, b"x"),
        ]
        .concat()
    }

    fn summary(records: &Records) -> Vec<(Content, usize, Vec<&str>)> {
        let seen = records.seen().iter();
        seen.map(|it| (it.content, it.octets, it.messages.iter().map(AsRef::as_ref).collect())).collect()
    }

    #[test]
    fn messages_in_clear_are_named_and_what_follows_a_change_of_cipher_is_not() {
        let mut records = Records::new();
        records.passed(Side::Server, &server());
        assert_eq!(
            summary(&records),
            [
                (Content::Handshake, 105, vec!["server_hello", "certificate"]),
                (Content::Handshake, 177, vec!["server_hello_done"]),
                (Content::ChangeCipherSpec, 6, vec![]),
                (Content::Encrypted, 45, vec![]),
                (Content::Encrypted, 6, vec![]),
            ]
        );
    }

    #[test]
    fn no_more_than_so_many_are_kept() {
        let mut records = Records::new();
        for _ in 0..RECORDS * 2 {
            records.passed(Side::Client, &record(23, &[0; 30]));
        }
        assert_eq!(records.seen().len(), RECORDS);
        records.passed(Side::Server, b"220 no TLS at all\r\n");
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(pieces in proptest::collection::vec(1_usize..40, 1..60)) {
            let all = server();
            let (mut whole, mut torn) = (Records::new(), Records::new());
            whole.passed(Side::Server, &all);
            let mut rest = &all[..];
            for piece in pieces.iter().cycle() {
                let (head, tail) = rest.split_at((*piece).min(rest.len()));
                torn.passed(Side::Server, head);
                rest = tail;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(summary(&whole), summary(&torn));
        }

        #[test]
        fn any_octets_will_do(octets in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let mut records = Records::new();
            records.passed(Side::Client, &octets);
            prop_assert!(records.seen().len() <= RECORDS);
        }
    }
}
