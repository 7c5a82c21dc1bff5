//! Letters against servers that are played line by line: each test is the dialogue of one letter.

use std::collections::VecDeque;

use super::*;
use crate::ports::net::{Body, Place, SessionId, Target, What};
use crate::smtp::data::Surveyor;
use crate::tape::mark::{Closed, Ending, Mark, Opened, Wait};
use crate::tape::peer::Peer;
use crate::tape::{Moment, Side};

const GREETING: &str = "220 mx1.harbor.test ESMTP";
const HELLO: (&str, &str) = (
    "EHLO laptop.you.test",
    "250-mx1.harbor.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-DSN\r\n250-CHUNKING\r\n250 SIZE 1000",
);
const MAIL: (&str, &str) = ("MAIL FROM:<mina@you.test> SIZE=19", "250 2.1.0 ok");
const RCPT: (&str, &str) = ("RCPT TO:<pat@harbor.test>", "250 2.1.5 ok");
const DATA: (&str, &str) = ("DATA", "354 go on");
const DOT: (&str, &str) = ("Subject: hi\r\n\r\nhi\r\n.", "250 2.0.0 queued as H-1");
const QUIT: (&str, &str) = ("QUIT", "221 bye");

fn wish(letter: &str) -> Wish {
    let mut surveyor = Surveyor::default();
    surveyor.push(letter.as_bytes());
    Wish {
        hello: "laptop.you.test".into(),
        sender: "mina@you.test".into(),
        recipients: vec!["pat@harbor.test".into()],
        dsn: Dsn::default(),
        require_tls: false,
        login: None,
        letter: Letter {
            body: Body::Octets(letter.as_bytes().into()),
            survey: surveyor.finish(),
            international: false,
        },
        pipelining: false,
        chunk: None,
        until: Stage::Final,
        own_server: false,
    }
}

fn usual() -> Wish {
    wish("Subject: hi\r\n\r\nhi\r\n")
}

fn opened() -> Opened {
    Opened {
        host: "mx1.harbor.test".into(),
        peer: Peer::Inet(([192, 0, 2, 10], 25).into()),
        local: None,
        lmtp: false,
        took: std::time::Duration::ZERO,
    }
}

/// Plays the server: each line that is expected, with its answer, none if that is empty; then the connection ends. What
/// came of it.
fn played(wish: Wish, place: Place, script: &[(&str, &str)]) -> Outcome {
    let mut session = Session::new(SessionId(1), Target::new("mx1.harbor.test", 25, place));
    let mut at = 0;
    let mut tell = |session: &mut Session, what: What| {
        at += 1;
        session.apply(Moment::from_millis(at), &what);
    };
    let heard = |side, text: &str| What::Bytes(side, format!("{text}\r\n").into_bytes().into());
    tell(&mut session, What::Mark(Mark::Opened(opened())));
    tell(&mut session, heard(Side::Server, GREETING));
    let mut sending = Sending::new(wish);
    let mut script: VecDeque<_> = script.iter().collect();
    for _ in 0..100 {
        match sending.next(&session) {
            Next::Done(outcome) => {
                assert!(script.is_empty(), "never said: {script:?}");
                return outcome;
            }
            Next::Wait => panic!("it waits for ever, with {script:?} to come"),
            Next::Do(Act::Close) => {
                let closed = Closed { by: Side::Client, how: Ending::Clean };
                tell(&mut session, What::Mark(Mark::Closed(closed)));
                tell(&mut session, What::Ended);
            }
            Next::Do(act) => {
                let (line, answer) = script.pop_front().unwrap_or_else(|| panic!("nothing more is expected: {act:?}"));
                let said = match act {
                    Act::Send(octets) => String::from_utf8(octets.to_vec()).expect("text"),
                    Act::Post(net::Letter { body: Body::Octets(octets), .. }) => {
                        String::from_utf8(octets.to_vec()).expect("text") + ".\r\n"
                    }
                    Act::Authenticate(login) => format!("AUTH {}\r\n", login.mechanism),
                    other => panic!("{other:?}"),
                };
                assert_eq!(said.strip_suffix("\r\n").unwrap_or(&said), *line);
                tell(&mut session, What::Bytes(Side::Client, said.into_bytes().into()));
                let silence = What::Mark(Mark::TimedOut(Wait::Reply));
                tell(&mut session, if answer.is_empty() { silence } else { heard(Side::Server, answer) });
                if answer.starts_with("221") || answer.starts_with("421") {
                    let closed = Closed { by: Side::Server, how: Ending::Clean };
                    tell(&mut session, What::Mark(Mark::Closed(closed)));
                    tell(&mut session, What::Ended);
                }
            }
        }
    }
    panic!("it never ends");
}

fn stopped(exit: u8, stage: Stage, id: &'static str, say: &str) -> Outcome {
    Outcome::stopped(exit, stage, id, say)
}

#[test]
fn a_letter_goes_step_by_step() {
    let outcome = played(usual(), Place::Lab, &[HELLO, MAIL, RCPT, DATA, DOT, QUIT]);
    assert_eq!(outcome, Outcome { say: "250 2.0.0 queued as H-1".into(), ..Outcome::fine(Stage::Quit) });
}

#[test]
fn a_goodbye_that_is_answered_otherwise_or_not_at_all_ends_it_all_the_same() {
    for answer in ["500 what?", "550 5.7.1 no", ""] {
        let outcome = played(usual(), Place::Lab, &[HELLO, MAIL, RCPT, DATA, DOT, ("QUIT", answer)]);
        assert_eq!((outcome.exit, outcome.stage), (0, Stage::Final), "{answer}");
        let refused = played(usual(), Place::Lab, &[HELLO, (MAIL.0, "550 no"), ("QUIT", answer)]);
        assert_eq!(refused, stopped(5, Stage::Mail, "send/refused", "550 no"), "{answer}");
    }
}

#[test]
fn a_server_without_ehlo_hears_helo() {
    let script = [
        ("EHLO laptop.you.test", "502 what?"),
        ("HELO laptop.you.test", "250 mx1"),
        ("MAIL FROM:<mina@you.test>", "250 ok"),
        RCPT,
        DATA,
        DOT,
        QUIT,
    ];
    assert_eq!(played(usual(), Place::Lab, &script).exit, 0);
    // The network itself may have said EHLO, on its way to TLS.
    let mut session = Session::new(SessionId(1), Target::new("mx.old.test", 25, Place::Lab));
    session.apply(Moment::START, &What::Mark(Mark::Opened(opened())));
    for (side, line) in [(Side::Server, GREETING), (Side::Client, "EHLO laptop.you.test"), (Side::Server, "500 what?")]
    {
        session.apply(Moment::START, &What::Bytes(side, format!("{line}\r\n").into_bytes().into()));
    }
    let helo = Act::Send(b"HELO laptop.you.test\r\n"[..].into());
    assert_eq!(Sending::new(usual()).next(&session), Next::Do(helo));
    let refused = [("EHLO laptop.you.test", "502 what?"), ("HELO laptop.you.test", "550 no"), QUIT];
    assert_eq!(played(usual(), Place::Lab, &refused), stopped(5, Stage::Hello, "send/refused", "550 no"));
    let busy = [("EHLO laptop.you.test", "450 4.3.2 later"), QUIT];
    assert_eq!(played(usual(), Place::Lab, &busy).say, "450 4.3.2 later");
}

#[test]
fn a_refusal_names_the_stage_and_says_goodbye() {
    let mail = (MAIL.0, "550 5.7.1 go away");
    let outcome = played(usual(), Place::Lab, &[HELLO, mail, QUIT]);
    assert_eq!(outcome, stopped(5, Stage::Mail, "send/refused", "550 5.7.1 go away"));
    let data = ("DATA", "451 4.3.0 not now");
    assert_eq!(played(usual(), Place::Lab, &[HELLO, MAIL, RCPT, data, QUIT]).stage, Stage::Data);
    let dot = (DOT.0, "554-5.7.1 spam\r\n554 5.7.1 twice");
    let outcome = played(usual(), Place::Lab, &[HELLO, MAIL, RCPT, DATA, dot, QUIT]);
    assert_eq!(outcome, stopped(5, Stage::Final, "send/refused", "554 5.7.1 spam twice"));
    let gone = (MAIL.0, "421 4.3.2 going down");
    assert_eq!(played(usual(), Place::Lab, &[HELLO, gone]).say, "421 4.3.2 going down");
}

/// The network itself leads to TLS: what it met there has its own stage.
#[test]
fn on_the_way_to_tls_each_end_has_its_stage() {
    use crate::tape::tls::{NoTls, TlsDecision};
    let (hello, starttls) = ("EHLO laptop.you.test", "STARTTLS");
    for (heard, why, exit, stage) in [
        (&[("", "554 no")][..], Some(NoTls::Greeting(554)), 5, Stage::Greeting),
        (&[("", "220 mx1"), (hello, "550 no")], Some(NoTls::Hello(550)), 5, Stage::Hello),
        (&[("", "220 mx1"), (hello, "502 what?")], Some(NoTls::Hello(502)), 4, Stage::StartTls),
        (&[("", "220 mx1"), (hello, "250 mx1")], Some(NoTls::NotOffered), 4, Stage::StartTls),
        (&[("", "220 mx1"), (hello, "250 mx1"), (starttls, "421 no")], Some(NoTls::Goodbye), 5, Stage::StartTls),
        (&[("", "220 mx1"), (hello, "")], None, 5, Stage::Hello),
        (&[("", "220 mx1"), (hello, "250 mx1"), (starttls, "")], None, 5, Stage::StartTls),
    ] {
        let target = Target { opening: Opening::Require, ..Target::new("mx1.harbor.test", 25, Place::Lab) };
        let mut session = Session::new(SessionId(1), target);
        let mut tell = |what: What| session.apply(Moment::START, &what);
        tell(What::Mark(Mark::Opened(opened())));
        for (said, answer) in heard {
            for (side, line) in [(Side::Client, said), (Side::Server, answer)] {
                if !line.is_empty() {
                    tell(What::Bytes(side, format!("{line}\r\n").into_bytes().into()));
                }
            }
        }
        if let Some(why) = why {
            tell(What::Mark(Mark::TlsDecided(TlsDecision::Without { why, goes_on: false })));
        }
        tell(What::Mark(Mark::Closed(Closed { by: Side::Server, how: Ending::Clean })));
        tell(What::Ended);
        let Next::Done(outcome) = Sending::new(usual()).next(&session) else { panic!("it is over: {heard:?}") };
        assert_eq!((outcome.exit, outcome.stage), (exit, stage), "{heard:?}: {outcome}");
    }
}

#[test]
fn the_others_get_the_letter_when_one_is_refused() {
    let recipients = vec!["nobody@harbor.test".into(), "pat@harbor.test".into()];
    let no = ("RCPT TO:<nobody@harbor.test>", "550 5.1.1 unknown");
    let two = || Wish { recipients: recipients.clone(), ..usual() };
    let say = "1 of 2 recipients refused; the letter went to the others: nobody@harbor.test: 550 5.1.1 unknown";
    let some = stopped(5, Stage::Rcpt, "send/recipient-refused", say);
    assert_eq!(played(two(), Place::Lab, &[HELLO, MAIL, no, RCPT, DATA, DOT, QUIT]), some);
    let group = (
        "MAIL FROM:<mina@you.test> SIZE=19\r\nRCPT TO:<nobody@harbor.test>\r\nRCPT TO:<pat@harbor.test>\r\nDATA",
        "250 ok\r\n550 5.1.1 unknown\r\n250 ok\r\n354 go on",
    );
    let pipelined = Wish { pipelining: true, ..two() };
    assert_eq!(played(pipelined.clone(), Place::Lab, &[HELLO, group, DOT, QUIT]), some);
    let nobody = (group.0, "250 ok\r\n550 5.1.1 unknown\r\n550 5.1.1 unknown\r\n354 go on");
    let outcome = played(pipelined.clone(), Place::Lab, &[HELLO, nobody, (".", "554 no recipients"), QUIT]);
    assert_eq!((outcome.exit, outcome.stage), (5, Stage::Rcpt), "the letter for nobody is a lone dot: {outcome}");
    let sender = (group.0, "550 5.7.1 not you\r\n503 no\r\n503 no\r\n503 no");
    let outcome = played(pipelined, Place::Lab, &[HELLO, sender, QUIT]);
    assert_eq!(outcome, stopped(5, Stage::Mail, "send/refused", "550 5.7.1 not you"));
}

#[test]
fn a_letter_can_go_in_chunks() {
    let wish = Wish { chunk: Some(10), ..usual() };
    let chunks = [("BDAT 10\r\nSubject: h", "250 ok"), ("BDAT 9 LAST\r\ni\r\n\r\nhi", "250 2.0.0 taken"), QUIT];
    let script: Vec<_> = [HELLO, MAIL, RCPT].into_iter().chain(chunks).collect();
    assert_eq!(played(wish, Place::Lab, &script).say, "250 2.0.0 taken");
}

#[test]
fn what_the_server_cannot_take_is_not_sent() {
    let refused = |wish: Wish| {
        let outcome = played(wish, Place::Lab, &[HELLO, QUIT]);
        (outcome.exit, outcome.stage, outcome.id.unwrap_or_default())
    };
    let long = format!("Subject: hi\r\n\r\n{}\r\n", "x".repeat(1000));
    assert_eq!(refused(wish(&long)), (5, Stage::Mail, "send/too-large"));
    let umlaut = Wish { recipients: vec!["grün@harbor.test".into()], ..usual() };
    assert_eq!(refused(umlaut), (5, Stage::Mail, "send/not-offered"));
    let required = Wish { require_tls: true, ..usual() };
    assert_eq!(refused(required), (5, Stage::Mail, "send/not-offered"));
    let login = Login { mechanism: None, user: "mina".into(), secret: Some("sunflower".into()) };
    let login = Wish { login: Some(login), ..usual() };
    assert_eq!(refused(login), (5, Stage::Auth, "send/not-offered"));
}

#[test]
fn reports_and_names_are_spelled_as_the_server_takes_them() {
    let dsn = Dsn { notify: Some("SUCCESS,FAILURE".into()), ret: Some("HDRS".into()), envid: Some("a+b".into()) };
    let wish = Wish { dsn, recipients: vec!["pat@bücher.test".into()], ..usual() };
    let script = [
        HELLO,
        ("MAIL FROM:<mina@you.test> SIZE=19 RET=HDRS ENVID=a+2Bb", "250 ok"),
        ("RCPT TO:<pat@xn--bcher-kva.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;pat@xn--bcher-kva.test", "250 ok"),
        DATA,
        DOT,
        QUIT,
    ];
    assert_eq!(played(wish, Place::Lab, &script).exit, 0);
}

#[test]
fn it_can_stop_behind_a_stage() {
    let wish = |until| Wish { until, ..usual() };
    assert_eq!(played(wish(Stage::Hello), Place::Lab, &[HELLO, QUIT]).exit, 0);
    assert_eq!(played(wish(Stage::Rcpt), Place::Lab, &[HELLO, MAIL, RCPT, QUIT]).exit, 0);
    // Behind the 354 only the end of the connection keeps the letter from being one.
    assert_eq!(played(wish(Stage::Data), Place::Lab, &[HELLO, MAIL, RCPT, DATA]).exit, 0);
}

#[test]
fn to_servers_of_others_at_most_five_recipients_of_one_domain_go_by_themselves() {
    let many = Wish { recipients: (0..6).map(|it| format!("r{it}@example.org")).collect(), ..usual() };
    let outcome = played(many.clone(), Place::Live, &[HELLO, QUIT]);
    assert_eq!((outcome.exit, outcome.id), (7, Some("policy/bulk")));
    let two = Wish { recipients: vec!["a@example.org".into(), "b@example.net".into()], ..usual() };
    let outcome = played(two.clone(), Place::Live, &[HELLO, QUIT]);
    assert_eq!((outcome.exit, outcome.id), (7, Some("policy/bulk")));
    assert_eq!(
        outcome.say,
        "A letter to a server of others goes to at most 1 domain by itself. If you run it, say --i-run-this-server"
    );
    let one = Wish { recipients: vec!["a@example.org".into(), "b@EXAMPLE.ORG".into()], until: Stage::Mail, ..two };
    assert_eq!(played(one, Place::Live, &[HELLO, MAIL, QUIT]).exit, 0);
    let own = Wish { own_server: true, until: Stage::Mail, ..many };
    assert_eq!(played(own, Place::Live, &[HELLO, MAIL, QUIT]).exit, 0);
}

#[test]
fn a_password_in_clear_stays_at_home() {
    let hello = ("EHLO laptop.you.test", "250-mx1\r\n250 AUTH PLAIN");
    let login = Login { mechanism: None, user: "mina".into(), secret: Some("sunflower".into()) };
    let wish = Wish { login: Some(login), until: Stage::Auth, ..usual() };
    let outcome = played(wish.clone(), Place::Live, &[hello, QUIT]);
    assert_eq!((outcome.exit, outcome.id), (7, Some("auth/plaintext")));
    assert_eq!(played(wish, Place::Lab, &[hello, ("AUTH PLAIN", "235 2.7.0 in"), QUIT]).exit, 0);
}

#[test]
fn a_quiet_letter_opens_no_table_of_the_knowledge() {
    use crate::knowledge::table::opened as tables;
    use crate::session::Model;
    use crate::session::look_ups::LookUps;

    let mut model = Model::without_words(LookUps::new(1));
    let id = model.begin(Target::new("mail.example.org", 25, Place::Live));
    let session = model.session_mut(id).expect("it was begun");
    let before = tables();
    let mut sending = Sending::new(usual());
    session.apply(Moment::START, &What::Mark(Mark::Opened(opened())));
    let said = |side, line: &str| What::Bytes(side, format!("{line}\r\n").into_bytes().into());
    session.apply(Moment::START, &said(Side::Server, GREETING));
    for (line, answer) in [HELLO, MAIL, RCPT, DATA, DOT, QUIT] {
        assert!(matches!(sending.next(session), Next::Do(_)), "{line}");
        session.apply(Moment::START, &said(Side::Client, line));
        session.apply(Moment::START, &said(Side::Server, answer));
    }
    assert_eq!(tables(), before);
    assert!(session.problems().is_empty() && session.server().is_none());
}
