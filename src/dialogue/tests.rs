//! Dialogues that a mail engineer would recognise, folded and checked.
//!
//! `C:` and `S:` begin a line of one side, CR LF added; `C!` and `S!` give exact bytes with C escapes. Each line comes
//! a millisecond after the one before.

mod batch;
mod client;
mod extensions;
mod grammar;
mod properties;
mod server;
mod state;

use std::net::SocketAddr;
use std::time::Duration;

use super::*;
use crate::tape::mark::{Closed, Ending, Mark, Opened};
use crate::tape::peer::Peer;
use crate::tape::tls::{Certificate, Judgement, TlsFacts};
use crate::tape::{Side, Tape};

/// A connection that has just been opened.
pub(super) fn opened() -> Tape {
    let mut tape = Tape::new(1 << 26);
    let peer = SocketAddr::from(([192, 0, 2, 10], 25));
    let opened = Opened {
        host: "mx1.harbor.test".into(),
        peer: Peer::Inet(peer),
        local: None,
        lmtp: false,
        took: Duration::from_millis(1),
    };
    tape.mark(Moment::START, Mark::Opened(opened));
    tape
}

/// Adds a dialogue to a tape.
pub(super) fn say(tape: &mut Tape, text: &str) {
    for line in text.lines().map(str::trim_start).filter(|line| !line.is_empty()) {
        let at = tape.end().after(Duration::from_millis(1));
        let (who, said) = line.split_at(2);
        let said = said.strip_prefix(' ').unwrap_or(said);
        let side = if who.starts_with('C') { Side::Client } else { Side::Server };
        match who {
            "C:" | "S:" => tape.push(side, at, format!("{said}\r\n").as_bytes()),
            "C!" | "S!" => tape.push(side, at, &unescape(said)),
            other => panic!("{other:?} begins no line of a dialogue"),
        }
    }
}

/// The fold of a dialogue on a fresh connection.
pub(super) fn said(text: &str) -> Dialogue {
    let mut tape = opened();
    say(&mut tape, text);
    Dialogue::of(&tape)
}

/// The fold of a dialogue that ends with the server closing.
pub(super) fn said_and_closed(text: &str) -> Dialogue {
    let mut tape = opened();
    say(&mut tape, text);
    mark(&mut tape, Mark::Closed(Closed { by: Side::Server, how: Ending::Clean }));
    Dialogue::of(&tape)
}

pub(super) fn mark(tape: &mut Tape, mark: Mark) {
    tape.mark(tape.end().after(Duration::from_millis(1)), mark);
}

/// TLS with everything in order.
pub(super) fn tls() -> Mark {
    Mark::TlsReady(Box::new(TlsFacts {
        version: "TLS 1.3".into(),
        suite: "TLS13_AES_256_GCM_SHA384".into(),
        group: Some("X25519".into()),
        sni: Some("mx1.harbor.test".into()),
        expected: "mx1.harbor.test".into(),
        chain: vec![Certificate { readable: true, ..Certificate::default() }],
        trust: Judgement::Good,
        name: Judgement::Good,
        dates: Judgement::Good,
        records: Vec::new(),
        terms: crate::tape::tls::Terms::default(),
        took: Duration::from_millis(2),
    }))
}

/// The ids of the flaws, in row order.
pub(super) fn ids(dialogue: &Dialogue) -> Vec<&'static str> {
    dialogue.flaws().iter().map(|flaw| flaw.kind.id()).collect()
}

/// The codes that answered the exchanges, in order; 0 while none is complete.
pub(super) fn codes(dialogue: &Dialogue) -> Vec<u16> {
    dialogue.exchanges().iter().map(|exchange| exchange.code().map_or(0, crate::smtp::code::Code::get)).collect()
}

fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.chars();
    while let Some(char) = rest.next() {
        match (char, if char == '\\' { rest.next() } else { None }) {
            ('\\', Some('r')) => bytes.push(b'\r'),
            ('\\', Some('n')) => bytes.push(b'\n'),
            ('\\', Some('t')) => bytes.push(b'\t'),
            ('\\', Some('0')) => bytes.push(0),
            ('\\', Some('x')) => {
                let digits: String = rest.by_ref().take(2).collect();
                bytes.push(u8::from_str_radix(&digits, 16).expect("two hex digits"));
            }
            ('\\', other) => panic!("unknown escape {other:?}"),
            (char, _) => bytes.extend(char.to_string().as_bytes()),
        }
    }
    bytes
}
