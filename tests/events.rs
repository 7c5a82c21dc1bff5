//! The fold from signals of the lab to events, without a socket: the same bytes in other pieces tell the same, a
//! conversation without an end needs no memory without end, and every line is JSON in ASCII.

use std::sync::Arc;

use ehlo::events::vocabulary::KINDS;
use ehlo::events::{Event, Fold, What as Told};
use ehlo::ports::lab::{Call, News, Signal, Step, Visit, VisitId};
use ehlo::ports::net::What;
use ehlo::tape::mark::{Closed, Ending, Mark, Opened};
use ehlo::tape::{Moment, Side};
use proptest::prelude::*;

const MX1: ([u8; 4], u16) = ([192, 0, 2, 10], 25);

/// A conversation as the lab tells it.
struct Talk {
    fold: Fold,
    events: Vec<Event>,
    clock: u64,
}

impl Talk {
    fn open() -> Self {
        let mut talk = Self { fold: Fold::default(), events: Vec::new(), clock: 0 };
        let from = std::net::SocketAddr::from(([127, 0, 0, 1], 40_000));
        let host = "mx1.harbor.test".to_owned();
        let visit = Visit { id: VisitId(1), host: host.clone(), to: MX1.into(), tls: false, from };
        talk.tell(&Signal::Came(visit));
        let took = std::time::Duration::ZERO;
        let peer = std::net::SocketAddr::from(MX1).into();
        talk.hear(What::Mark(Mark::Opened(Opened { host, peer, local: Some(from), lmtp: false, took })));
        talk
    }

    fn tell(&mut self, signal: &Signal) {
        self.events.extend(self.fold.apply(signal, Moment::START));
    }

    fn hear(&mut self, what: What) {
        self.tell(&Signal::Heard { visit: VisitId(1), at: Moment::from_micros(self.clock), what });
    }

    /// A side says something, in pieces of at most so many octets.
    fn say(&mut self, side: Side, octets: &[u8], piece: usize) {
        self.clock += 10;
        for part in octets.chunks(piece.max(1)) {
            self.hear(What::Bytes(side, Arc::from(part)));
        }
    }

    fn end(mut self) -> Vec<Event> {
        self.hear(What::Mark(Mark::Closed(Closed { by: Side::Client, how: Ending::Clean })));
        self.hear(What::Ended);
        self.events
    }
}

/// What client and server say, in turns; the server begins.
fn letter(to: &str, body: &str) -> Vec<(Side, String)> {
    let turns = [
        (Side::Client, "MAIL FROM:<mina@you.test>\r\n".to_owned()),
        (Side::Server, "250 2.1.0 Sender OK\r\n".to_owned()),
        (Side::Client, format!("RCPT TO:<{to}>\r\n")),
        (Side::Server, "250 2.1.5 Recipient OK\r\n".to_owned()),
        (Side::Client, "DATA\r\n".to_owned()),
        (Side::Server, "354 go\r\n".to_owned()),
        (Side::Client, format!("From: a\r\nDate: b\r\nMessage-ID: <c>\r\n\r\n{body}\r\n.\r\n")),
        (Side::Server, "250 2.0.0 Queued as H-0001\r\n".to_owned()),
    ];
    turns.into()
}

fn hello() -> Vec<(Side, String)> {
    let turns = [
        (Side::Server, "220 mx1.harbor.test ESMTP\r\n".to_owned()),
        (Side::Client, "EHLO laptop.you.test\r\n".to_owned()),
        (Side::Server, "250-mx1.harbor.test\r\n250 SIZE 1000\r\n".to_owned()),
    ];
    turns.into()
}

/// What was told, without numbers and times.
fn matter(events: &[Event]) -> Vec<String> {
    let without = |what: &Told| match what {
        Told::Cmd { verb, arg, raw, .. } => format!("cmd {verb} {arg} {raw}"),
        Told::Reply { to, code, text, .. } => format!("reply {to} {code} {text}"),
        Told::Greet { code, .. } => format!("greet {code}"),
        other => format!("{other:?}"),
    };
    events.iter().map(|event| without(&event.what)).collect()
}

fn count(events: &[Event], kind: &str) -> usize {
    events.iter().filter(|event| event.what.kind() == kind).count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_same_bytes_in_other_pieces_tell_the_same(piece in 1_usize..40, body in "[ -~\r\n\u{e9}\u{202e}]{0,80}") {
        let script: Vec<_> = hello().into_iter().chain(letter("pat@harbor.test", &body)).collect();
        let told = |piece: usize| {
            let mut talk = Talk::open();
            for (side, text) in &script {
                talk.say(*side, text.as_bytes(), piece);
            }
            talk.end()
        };
        let (whole, pieces) = (told(usize::MAX), told(piece));
        prop_assert_eq!(matter(&whole), matter(&pieces));
        for event in &whole {
            let line = event.json();
            prop_assert!(line.trim_end_matches('\n').bytes().all(|octet| (0x20..0x7f).contains(&octet)), "{}", line);
            let parsed: serde_json::Value = serde_json::from_str(&line).expect("JSON");
            prop_assert_eq!(&parsed["kind"], event.what.kind());
            prop_assert!(event.text().lines().count() <= 1, "{}", event.text());
        }
    }
}

/// Three megabytes in one connection: each letter is told once, with nothing odd about it, also where the fold begins anew.
#[test]
fn a_conversation_without_an_end_is_told_to_the_last_letter() {
    let mut talk = Talk::open();
    for (side, text) in hello() {
        talk.say(side, text.as_bytes(), usize::MAX);
    }
    let body = "a line of a letter that is long enough\r\n".repeat(250);
    let letters = 300;
    for number in 0..letters {
        for (side, text) in letter(&format!("pat{number}@harbor.test"), &body) {
            talk.say(side, text.as_bytes(), usize::MAX);
        }
    }
    let events = talk.end();
    for kind in ["body", "accept"] {
        assert_eq!(count(&events, kind), letters, "{kind}");
    }
    assert_eq!((count(&events, "greet"), count(&events, "caps"), count(&events, "open")), (1, 1, 1));
    assert_eq!(count(&events, "cmd"), 1 + letters * 4);
    assert_eq!(count(&events, "problem"), 0);
    let last = events.iter().rev().find_map(|event| match &event.what {
        Told::Accept { rcpts, .. } => Some(rcpts[0].clone()),
        _ => None,
    });
    assert_eq!(last.as_deref(), Some("pat299@harbor.test"));
}

#[test]
fn what_came_before_its_time_is_told_as_early() {
    let mut talk = Talk::open();
    talk.say(Side::Client, b"EHLO early.you.test\r\n", usize::MAX);
    talk.say(Side::Server, b"220 mx1.harbor.test ESMTP\r\n250 mx1.harbor.test\r\n", usize::MAX);
    let events = talk.end();
    let early = events.iter().find_map(|event| match event.what {
        Told::Cmd { early, .. } => Some(early),
        _ => None,
    });
    assert_eq!(early, Some(true));
}

#[test]
fn what_hosts_of_the_lab_say_to_each_other_is_told_once_as_a_hop() {
    let mut fold = Fold::default();
    let mut told = |signal: &Signal| fold.apply(signal, Moment::START);
    let octets: Arc<[u8]> = Arc::from(&b"220 mx1.harbor.test ESMTP\r\n"[..]);
    let call = Call { id: VisitId(7), from: "submit.you.test".into(), host: "mx1.harbor.test".into(), to: MX1.into() };
    assert_eq!(told(&Signal::Called(call)), []);
    for what in [What::Bytes(Side::Server, octets), What::Ended] {
        assert_eq!(told(&Signal::Heard { visit: VisitId(7), at: Moment::START, what }), []);
    }
    let news = |step| Signal::News(News { at: 0, host: "submit.you.test".into(), id: "S-0001".into(), step });
    let (server, address) = ("mx1.harbor.test".to_owned(), MX1.0.into());
    let tried = Step::Tried { server: server.clone(), address, port: 25, why: "Refused.".into(), call: VisitId(7) };
    assert_eq!(told(&news(tried)), [], "what became of the letter is told by the pause or the bounce that follows");
    let said = "250 2.0.0 Queued as H-0002".to_owned();
    let (to, call) = (vec!["pat@harbor.test".into()], VisitId(8));
    let hop = told(&news(Step::Hop { server, address, port: 25, tls: true, said, to, call }));
    let lines: Vec<_> = hop.iter().map(Event::json).collect();
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    assert!(line.contains("\"kind\":\"hop\"") && !line.contains("call"), "{line}");
}

/// The vocabulary of checks is that of the events: every kind and field of `what.rs`, but for those of `ehlo lab` and
/// `ehlo explain`, which no script meets.
#[test]
fn checks_know_every_kind_of_event_and_its_fields() {
    let what = include_str!("../src/events/what.rs");
    let file = syn::parse_file(what).expect("Rust");
    let named = |fields: &syn::Fields| -> Vec<String> {
        let renamed = |field: &syn::Field| {
            let mut name = None;
            for attribute in field.attrs.iter().filter(|it| it.path().is_ident("serde")) {
                let _ = attribute.parse_nested_meta(|meta| {
                    if meta.path.is_ident("rename") {
                        name = Some(meta.value()?.parse::<syn::LitStr>()?.value());
                    } else if meta.input.peek(syn::Token![=]) {
                        meta.value()?.parse::<syn::LitStr>()?;
                    }
                    Ok(())
                });
            }
            name.or_else(|| field.ident.as_ref().map(ToString::to_string)).expect("a name")
        };
        fields.iter().map(renamed).collect()
    };
    let mut found = Vec::new();
    for item in &file.items {
        match item {
            syn::Item::Enum(item) if item.ident == "What" => {
                let own =
                    item.variants.iter().filter(|it| !matches!(&*it.ident.to_string(), "Lab" | "Explain" | "Body"));
                found.extend(own.map(|it| (it.ident.to_string().to_lowercase(), named(&it.fields))));
            }
            syn::Item::Struct(item) if item.ident == "Body" => found.push(("body".into(), named(&item.fields))),
            _ => {}
        }
    }
    found.sort();
    let owned = |fields: &[&str]| fields.iter().map(|field| (*field).to_owned()).collect::<Vec<_>>();
    let mut known: Vec<_> = KINDS.iter().map(|(kind, fields)| ((*kind).to_owned(), owned(fields))).collect();
    known.sort();
    assert_eq!(known, found);
}
