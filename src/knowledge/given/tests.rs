use super::*;
use crate::knowledge::Confidence;

/// What a text is taken for, with the headings.
fn seen(text: &str) -> Vec<(&'static str, String)> {
    let given = read(text.as_bytes()).unwrap_or_default();
    given.into_iter().map(|given| (given.what, given.it.title)).collect()
}

fn kinds(text: &str) -> Vec<&'static str> {
    seen(text).into_iter().map(|(what, _)| what).collect()
}

fn one(text: &str) -> Given {
    let mut given = read(text.as_bytes()).unwrap_or_else(|why| panic!("{text}: {why:?}"));
    assert_eq!(given.len(), 1, "{text}: {given:?}");
    given.remove(0)
}

#[test]
fn each_kind_is_recognised() {
    for (text, wanted) in [
        ("P08", &["problem"][..]),
        ("p08", &["problem"]),
        (" 5.7.26\n", &["status"]),
        ("5.1.99", &["status"]),
        ("550", &["code"]),
        ("599", &["code"]),
        ("550 5.1.1 No such user", &["reply"]),
        ("550-5.1.1 No such\r\n550 5.1.1 user\r\n", &["reply"]),
        ("250-mx1.harbor.test\n250-SIZE 1000\n250 HELP", &["reply", "keyword", "keyword"]),
        ("SIZE 10485760", &["keyword"]),
        ("AUTH PLAIN LOGIN", &["keyword"]),
        ("AUTH PLAIN", &["keyword", "command"]),
        ("STARTTLS", &["keyword", "command"]),
        ("MAIL FROM:<a@b.test> SIZE=9", &["command"]),
        ("mail from: a@b.test", &["command"]),
        ("EHLO laptop.you.test", &["command"]),
        ("AUTH PLAIN AHBhdABodW50ZXIy", &["command"]),
        ("SCRAM-SHA-256", &["mechanism"]),
        ("greylisting", &["term"]),
        ("Helo command rejected: need fully-qualified hostname", &["text"]),
    ] {
        assert_eq!(kinds(text), wanted, "{text}");
    }
}

#[test]
fn words_of_a_server_are_told_with_their_origin_and_as_what_they_may_be() {
    let text = one("Helo command rejected: need fully-qualified hostname");
    assert_eq!(text.it.confidence, Confidence::Possible);
    assert_eq!(text.it.body[0].label, "Postfix");
    assert!(text.it.cites.iter().any(|cite| cite.as_str().contains("postfix")), "{:?}", text.it.cites);
    let reply = one("504 5.5.2 <x>: Helo command rejected: need fully-qualified hostname");
    assert_eq!((reply.it.confidence, reply.it.body[0].label.as_str()), (Confidence::Likely, "Postfix"));
    assert!(reply.it.more.iter().any(|it| it.label == "what kind"), "{:?}", reply.it.more);
}

#[test]
fn what_a_login_carries_is_stars() {
    for text in [
        "AUTH PLAIN AHBhdABodW50ZXIy",
        "auth plain AHBhdABodW50ZXIy",
        "AUTH XNEW AHBhdABodW50ZXIy",
        "AUTH LOGIN cGF0 hunter2",
    ] {
        for given in read(text.as_bytes()).unwrap_or_default() {
            let shown = format!("{} {:?}", crate::safe::plain(&given.about).as_str(), given.it);
            assert!(!shown.contains("AHBh") && !shown.contains("hunter2") && !shown.contains("cGF0"), "{shown}");
        }
    }
    assert_eq!(one("AUTH PLAIN AHBhdABodW50ZXIy").about, b"AUTH PLAIN ********");
    assert_eq!(one("AUTH EXTERNAL =").about, b"AUTH EXTERNAL =");
}

#[test]
fn what_is_not_known_is_said_not_to_be_and_never_repeated() {
    for (text, near) in [
        ("STARTLS", "Did you mean STARTTLS?"),
        ("P99", "Problems have the ids P01 to P30."),
        ("55", "A reply code has three digits"),
        ("999", "A reply code has three digits"),
        ("hello world", ""),
        ("what is this", ""),
        ("no reply is 5.1.1 alone", "Give the reply in it alone"),
        ("AUTHX hunter2", ""),
        ("220 a\n550 b", "Give one reply"),
        ("\u{1b}[2J", ""),
    ] {
        let why = read(text.as_bytes()).expect_err(text);
        assert!(why.near.starts_with(near) && (near.is_empty() || !why.near.is_empty()), "{text}: {why:?}");
        assert!(!format!("{why:?}").contains("hunter2"));
    }
    assert!(read(&vec![b'x'; LONGEST + 1]).is_err_and(|why| why.why.contains("16384")));
}

#[test]
fn a_reply_is_found_in_what_a_program_says_around_it() {
    for (text, reply) in [
        ("javax.mail.SendFailedException: 550 5.7.1 Relaying denied", "550 5.7.1 Relaying denied"),
        ("smtplib.SMTPAuthenticationError: (535, b'5.7.8 Bad login\\n5.7.8 again')", "535 5.7.8 Bad login 5.7.8 again"),
        ("{'a@b.test': (550, b'5.1.1 User unknown')}", "550 5.1.1 User unknown"),
        ("Error: Invalid login: 535-5.7.8 Username not accepted.", "535-5.7.8 Username not accepted."),
        ("x status=bounced (host y said: 550 5.1.1 <x>: User unknown", "550 5.1.1 <x>: User unknown"),
        ("the server returned 451 try again", "451 try again"),
    ] {
        let given = read(text.as_bytes()).expect(text);
        assert_eq!((given[0].what, given[0].about.as_slice()), ("reply", reply.as_bytes()), "{text}");
    }
    for text in ["in room: 304 pages", "call (555, now)", "at 10:250 km"] {
        assert!(read(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn the_quote_of_a_report_has_its_lines_again() {
    let given =
        quoted("550-5.1.1 The email account that you tried to reach does not exist. 550 5.1.1 Try again - gsmtp")
            .unwrap();
    assert_eq!(crate::smtp::line::lines(&given[0].about).count(), 2);
    for (text, title) in [
        ("550 550 5.1.1 No such user", "550 5.1.1 "),
        ("550: 5.1.1 No such user", "550 5.1.1 "),
        ("5.1.1 No such user here", "No such mailbox"),
        ("5.1.1 zzz", "5.1.1 "),
    ] {
        let given = quoted(text).expect(text);
        assert!(given[0].it.title.starts_with(title), "{text}: {}", given[0].it.title);
    }
    assert!(quoted("x").is_none() && quoted("").is_none());
}
