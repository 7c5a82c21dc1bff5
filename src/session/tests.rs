//! The session as a whole: its plain text, and what that text must never hold.

mod login;
mod visits;

use proptest::prelude::*;

use super::*;
use std::sync::Arc;

use crate::dns::record::hex;
use crate::smtp::sasl::encode;
use crate::tape::Entry;

fn live() -> Session {
    let target = Target::new("mx.example.org", 587, Place::Live);
    Session::new(SessionId(1), target)
}

fn say(session: &mut Session, lines: &[(Side, Vec<u8>)]) {
    for (index, (side, bytes)) in lines.iter().enumerate() {
        let at = Moment::from_millis(index as u64 + 1);
        session.apply(at, &What::Bytes(*side, bytes.clone().into()));
    }
}

fn opened(session: &mut Session) {
    let opened = Opened {
        host: "mx.example.org".into(),
        peer: ([192, 0, 2, 25], 587).into(),
        local: None,
        lmtp: false,
        took: std::time::Duration::from_millis(1),
    };
    session.apply(Moment::START, &What::Mark(Mark::Opened(opened)));
}

/// A login by PLAIN or LOGIN that the server refuses while it repeats what it heard in some spelling.
fn login(user: &str, password: &str, mechanism: bool, echo: usize) -> Vec<(Side, Vec<u8>)> {
    let plain = encode(format!("\0{user}\0{password}").as_bytes());
    let coded = encode(password.as_bytes());
    let spelled = [
        plain.clone(),
        coded.clone(),
        password.to_owned(),
        hex(password.as_bytes()),
        hex(password.as_bytes()).to_uppercase(),
    ];
    let echoed = &spelled[echo % spelled.len()];
    let line = |text: String| format!("{text}\r\n").into_bytes();
    let mut said = vec![
        (Side::Server, line("220 mx.example.org ESMTP".into())),
        (Side::Client, line("EHLO laptop.example.org".into())),
        (Side::Server, line("250-mx.example.org\r\n250 AUTH PLAIN LOGIN".into())),
    ];
    if mechanism {
        said.push((Side::Client, line(format!("AUTH PLAIN {plain}"))));
    } else {
        said.push((Side::Client, line("AUTH LOGIN".into())));
        said.push((Side::Server, line("334 VXNlcm5hbWU6".into())));
        said.push((Side::Client, line(encode(user.as_bytes()))));
        said.push((Side::Server, line("334 UGFzc3dvcmQ6".into())));
        said.push((Side::Client, line(coded)));
    }
    said.push((Side::Server, line(format!("535 5.7.8 no: {echoed}"))));
    said
}

fn found(text: &str, user: &str, password: &str) -> bool {
    let plain = encode(format!("\0{user}\0{password}").as_bytes());
    let hex = hex(password.as_bytes());
    let coded = encode(password.as_bytes());
    let coded = coded.trim_end_matches('=');
    text.contains(&plain) || text.contains(password) || text.contains(coded) || text.to_lowercase().contains(&hex)
}

proptest! {
    #[test]
    fn c246_a_redacted_export_holds_no_octet_of_a_secret(
        user in "[a-z]{5,9}", password in "[A-Z][a-z0-9]{7,15}Q", mechanism: bool, echo in 0usize..5, cut in 1usize..9,
    ) {
        let said = login(&user, &password, mechanism, echo);
        let cut: Vec<_> = said
            .iter()
            .flat_map(|(side, bytes)| bytes.chunks(cut).map(|chunk| (*side, chunk.to_vec())).collect::<Vec<_>>())
            .collect();
        let mut session = live();
        opened(&mut session);
        say(&mut session, &cut);
        prop_assert!(!found(&session.text(), &user, &password), "{}", session.text());
        // The same search finds the password where nothing is hidden, or it would prove nothing.
        let mut lab = live();
        lab.target.place = Place::Lab;
        opened(&mut lab);
        say(&mut lab, &cut);
        prop_assert!(found(&lab.text(), &user, &password));
    }
}

/// Feeds a tape's log to a new session, entry by entry.
fn replay(session: &Session) -> Session {
    let mut again = Session::new(session.id, session.target.clone());
    for entry in session.tape().log() {
        match *entry {
            Entry::Chunk { at, span } => {
                again.apply(at, &What::Bytes(span.side, session.tape().bytes(span).into_owned().into()));
            }
            Entry::Elided { at, span } => again.apply(at, &What::Elided(span.side, span.len())),
            Entry::Mark { at, index } => again.apply(at, &What::Mark(session.tape().marks()[index].1.clone())),
        }
    }
    again
}

#[test]
fn c244_replaying_a_tape_gives_the_same_report() {
    let mut session = live();
    opened(&mut session);
    say(&mut session, &login("pat", "Sunflower1Q", false, 1));
    assert_eq!(replay(&session).text(), session.text());
}

#[test]
fn the_plain_text_shows_who_said_what_when() {
    let mut session = live();
    opened(&mut session);
    say(
        &mut session,
        &[
            (Side::Server, b"220 mx.example.org ESMTP\r\n".to_vec()),
            (Side::Client, b"NOOP\r\n".to_vec()),
            (Side::Server, b"250 2.0.0 \x1b[2Jok\r\n".to_vec()),
        ],
    );
    let text = session.text();
    assert!(text.starts_with("# ehlo "), "{text}");
    assert!(text.contains("0.001  S 220 mx.example.org ESMTP"), "{text}");
    assert!(text.contains("0.002  C NOOP"), "{text}");
    assert!(!text.contains('\x1b'), "a terminal code is shown, never kept");
    assert!(text.contains("safe/escape"), "{text}");
}

fn letter(id: usize, octets: &std::sync::Arc<[u8]>) -> Signal {
    Signal::Lab(lab::Signal::Delivered(lab::Delivered {
        at: 0,
        host: "mx1.harbor.test".into(),
        mailbox: "pat@harbor.test".into(),
        id: id.to_string(),
        from: "you@you.test".into(),
        letter: octets.clone(),
        added: 0,
    }))
}

#[test]
fn letters_are_kept_up_to_a_number_and_the_oldest_go_first() {
    let mut model = Model::new(LookUps::new(1));
    let octets: std::sync::Arc<[u8]> = b"hi\r\n".as_slice().into();
    let most = LabLimits::default().letters;
    for id in 0..most + 5 {
        model.apply(&letter(id, &octets));
    }
    assert_eq!(model.letters().len(), most);
    assert_eq!(model.letters().front().map(|letter| letter.id.as_str()), Some("5"));
}

#[test]
fn letters_are_kept_up_to_a_size_but_never_none() {
    let mut model = Model::new(LookUps::new(1));
    let store = LabLimits::default().store;
    let tenth: std::sync::Arc<[u8]> = vec![b'x'; usize::try_from(store / 10).expect("it fits")].into();
    for id in 0..25 {
        model.apply(&letter(id, &tenth));
    }
    assert_eq!(model.letters().len(), 10);
    let all: std::sync::Arc<[u8]> = vec![b'x'; usize::try_from(store + 1).expect("it fits")].into();
    model.apply(&letter(99, &all));
    assert_eq!(model.letters().iter().map(|letter| letter.id.as_str()).collect::<Vec<_>>(), ["99"]);
}

/// A line beyond ASCII is faulted where nothing allows it, and only there (RFC 6531 §3.4).
#[test]
fn where_smtputf8_was_named_octets_beyond_ascii_are_no_slip() {
    let faulted = |lines: &[&str]| {
        let mut session = live();
        opened(&mut session);
        let (mut side, mut spoken) = (Side::Server, Vec::new());
        for line in lines {
            spoken.push((side, format!("{line}\r\n").into_bytes()));
            side = if side == Side::Server { Side::Client } else { Side::Server };
        }
        say(&mut session, &spoken);
        let asked = session.dialogue().exchanges().last().expect("a command").row;
        let body = session.explain(asked).expect("an explanation").body;
        body.iter().any(|paragraph| paragraph.text.contains("Non-ASCII"))
    };
    let greeted = ["220 mx ESMTP", "EHLO you.test", "250 SMTPUTF8"];
    let with = |more: &[&str]| faulted(&[&greeted, more].concat());
    assert!(with(&["MAIL FROM:<jürgen@you.test>"]));
    assert!(!with(&["MAIL FROM:<jürgen@you.test> smtputf8"]));
    assert!(with(&["MAIL FROM:<mina@you.test>", "250 ok", "RCPT TO:<jürgen@you.test>"]));
    assert!(!with(&["MAIL FROM:<mina@you.test> SMTPUTF8", "250 ok", "RCPT TO:<jürgen@you.test>"]));
    assert!(!with(&["VRFY jürgen SMTPUTF8"]));
}

#[test]
fn o299_what_is_copied_is_safe_whatever_the_server_wrote() {
    let mut session = live();
    opened(&mut session);
    say(&mut session, &[(Side::Server, b"220 mx\x1b]52;c;aGk=\x07 \xe2\x80\xae\x00\x9b2J\r\n".to_vec())]);
    let rows = (0..session.dialogue().rows().len()).map(|row| RowId(u32::try_from(row).expect("few rows")));
    let copied = session.text_of(rows);
    let is_safe = |character: char| character == '\n' || !(character.is_control() || character == '\u{202e}');
    assert!(copied.contains("220 mx\\x1b]52") && copied.chars().all(is_safe), "{copied}");
}
