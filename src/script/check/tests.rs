//! Checks over small histories.

use super::*;
use crate::events::{By, What};
use crate::tape::Moment;

/// A reply to a command in a session, so many milliseconds after the beginning.
fn reply(session: u32, ms: u64, to: &str, code: u16) -> Event {
    let what = What::Reply {
        stage: "rcpt",
        to: to.into(),
        code,
        class: code / 100,
        enh: None,
        lines: 1,
        text: "No such user here".into(),
        ms: Some(1.5),
        multi: false,
        tls: false,
    };
    event(Some(session), ms, what)
}

fn accept(ms: u64, rcpts: &[&str]) -> Event {
    let rcpts = rcpts.iter().map(|rcpt| (*rcpt).to_owned()).collect();
    event(Some(1), ms, What::Accept { server: "mx1".into(), id: None, from: String::new(), rcpts })
}

fn deliver(ms: u64, mailbox: &str, bytes: u64) -> Event {
    let (server, id, from) = ("mx1".into(), "H-1".into(), String::new());
    event(None, ms, What::Deliver { server, mailbox: mailbox.into(), id, from, bytes })
}

fn event(session: Option<u32>, ms: u64, what: What) -> Event {
    Event { n: 1, at: Moment::from_millis(ms), clock: "".into(), session, by: By::Server, what }
}

fn history() -> Vec<Event> {
    vec![
        reply(1, 0, "MAIL", 250),
        reply(1, 100, "RCPT", 250),
        reply(2, 200, "RCPT", 550),
        accept(300, &["pat@harbor.test", "sam@harbor.test"]),
        deliver(400, "pat@harbor.test", 500),
        deliver(450, "sam@harbor.test", 700),
    ]
}

#[test]
fn checks_hold_or_not() {
    for (check, holds) in [
        ("reply", true),
        ("bounce", false),
        ("reply[to=RCPT code=550]", true),
        ("reply[to=MAIL code=550]", false),
        ("reply[code>=500 class=5]", true),
        ("reply[code in 450,550]", true),
        ("reply[text~\"no such\"]", false),
        ("reply[text~\"(?i)no such user\"]", true),
        ("reply[tls=false]", true),
        ("reply[enh=5.1.1]", false),
        ("reply[enh!=5.1.1]", true),
        ("accept[rcpts=sam@harbor.test]", true),
        ("accept[rcpts!=sam@harbor.test]", false),
        ("accept[from=\"\"]", true),
        ("deliver # and a comment", true),
        ("reply[s=2 by=server]", true),
        ("not bounce", true),
        ("not reply and deliver", false),
        ("bounce or deliver[mailbox=pat@harbor.test]", true),
        ("(bounce or deliver) and not (bounce or defer)", true),
        ("reply[to=MAIL] then reply[code=250] then deliver", true),
        ("deliver then reply", false),
        ("reply[to=MAIL] then reply[code=550]", false),
        ("reply[to=MAIL] then reply[code=550] anywhere", true),
        ("reply[code=550] then deliver", true),
        ("count(deliver) = 2", true),
        ("count(reply[to=RCPT]) >= 3", false),
        ("distinct(deliver.mailbox) >= 2", true),
        ("distinct(deliver.server) > 1", false),
        ("within(reply[to=MAIL], accept) < 1s", true),
        ("within(reply[to=MAIL], accept) < 300ms", false),
        ("deliver[mailbox=pat@harbor.test].bytes < deliver[mailbox=sam@harbor.test].bytes", true),
        ("deliver.bytes < cmd.bytes", false),
    ] {
        let read = Check::parse(check).unwrap_or_else(|wrong| panic!("{check}: {wrong:?}"));
        assert_eq!(read.holds(&history()), holds, "{check}");
        assert_eq!(Check::parse(&read.to_string()).as_ref(), Ok(&read), "{check}: {read}");
    }
}

#[test]
fn the_language_names_all_kinds() {
    let language = include_str!("../../../assets/script/language.md");
    let (_, kinds) = language.split_once("kinds are ").expect("they are named");
    let (kinds, _) = kinds.split_once('.').expect("a full stop");
    let named: Vec<_> = kinds.split([' ', ',', '\n']).filter(|word| !word.is_empty() && *word != "and").collect();
    let known: Vec<_> = crate::events::vocabulary::KINDS.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(named, known);
}

#[test]
fn what_is_no_check_is_told() {
    for (check, wanted, got) in [
        ("", "the kind of an event or the name of a field", ""),
        ("reply[", "the kind of an event or the name of a field", ""),
        ("reply[code]", "=, !=, ~, <, <=, >, >= or in", "]"),
        ("reply[code=]", "a value", "]"),
        ("reply deliver", "and, or, then, or nothing more", "deliver"),
        ("count(reply >= 2", ")", ">="),
        ("within(reply, deliver) < soon", "a time as 500ms, 2s or 5m", "soon"),
        ("reply[text~\"(\"]", "a pattern behind ~ that is none too costly", "("),
    ] {
        assert_eq!(Check::parse(check), Err(NoCheck { wanted: wanted.to_owned(), got: got.to_owned() }), "{check}");
    }
    for (check, wanted, got) in [
        ("not bounse", "the kind of an event, which are dns, route,", "bounse"),
        ("reply[cod=1]", "a field of reply, which are stage, to, code,", "cod"),
        ("distinct(reply.codes) >= 1", "a field of reply", "codes"),
        ("body.bytes < body.size", "a field of body", "size"),
    ] {
        let no = Check::parse(check).expect_err(check);
        assert!(no.wanted.starts_with(wanted) && no.got == got, "{check}: {no:?}");
    }
    let deep = format!("{}reply{}", "(".repeat(100), ")".repeat(100));
    assert!(Check::parse(&deep).is_err(), "parentheses have an end");
}
