//! How fast notes are found: the goal is 40 MB/s over a whole transcript, as an export needs it.

use divan::Bencher;
use divan::counter::BytesCount;
use ehlo::knowledge::{About, CommandLine, Part, ReplyLine, To, note, warm};

fn main() {
    divan::main();
}

/// What a row is, without the borrowed context.
#[derive(Clone, Copy)]
enum Kind {
    Reply(To, bool, bool),
    Command,
    Content(Part),
    EndOfData,
}

/// One session with a letter of `text` lines, and `refused` recipients that do not exist.
fn session(text: usize, refused: usize) -> Vec<(Kind, String)> {
    let single = |to| Kind::Reply(to, true, true);
    let ehlo = To::Verb("EHLO");
    let mut rows = vec![
        (single(To::Greeting), "220 mx1.harbor.test ESMTP Harbor Post".to_owned()),
        (Kind::Command, "EHLO laptop.you.test".to_owned()),
        (Kind::Reply(ehlo, true, false), "250-mx1.harbor.test hello laptop".to_owned()),
        (Kind::Reply(ehlo, false, false), "250-SIZE 10485760".to_owned()),
        (Kind::Reply(ehlo, false, false), "250-PIPELINING".to_owned()),
        (Kind::Reply(ehlo, false, false), "250-8BITMIME".to_owned()),
        (Kind::Reply(ehlo, false, true), "250 ENHANCEDSTATUSCODES".to_owned()),
        (Kind::Command, "MAIL FROM:<you@you.test> SIZE=512".to_owned()),
        (single(To::Verb("MAIL")), "250 2.1.0 Sender OK".to_owned()),
        (Kind::Command, "RCPT TO:<pat@harbor.test>".to_owned()),
        (single(To::Verb("RCPT")), "250 2.1.5 Recipient OK".to_owned()),
    ];
    for _ in 0..refused {
        rows.push((Kind::Command, "RCPT TO:<nobody@harbor.test>".to_owned()));
        rows.push((single(To::Verb("RCPT")), "550 5.1.1 <nobody@harbor.test>: No such user here".to_owned()));
    }
    rows.push((Kind::Command, "DATA".to_owned()));
    rows.push((single(To::Verb("DATA")), "354 end with <CRLF>.<CRLF>".to_owned()));
    for field in ["From: You <you@you.test>", "To: Pat <pat@harbor.test>", "Subject: Field trip", "X-Mailer: by hand"] {
        rows.push((Kind::Content(Part::Header), field.to_owned()));
    }
    rows.push((Kind::Content(Part::Separator), String::new()));
    for line in 0..text {
        rows.push((Kind::Content(Part::Body), format!("line {line} of a letter that is neither long nor short")));
    }
    rows.push((Kind::EndOfData, ".".to_owned()));
    rows.push((single(To::EndOfData), "250 2.0.0 queued as H-2001".to_owned()));
    rows.push((Kind::Command, "QUIT".to_owned()));
    rows.push((single(To::Verb("QUIT")), "221 2.0.0 bye".to_owned()));
    rows
}

/// Annotates every row; the result keeps the optimiser honest.
fn annotate(rows: &[(Kind, String)]) -> usize {
    let length = |(kind, text): &(Kind, String)| {
        let line = text.as_bytes();
        let about = match *kind {
            Kind::Reply(to, first, last) => {
                About::Reply(ReplyLine { to, line, whole: line, first, last, tls: true, server: None })
            }
            Kind::Command => About::Command(CommandLine { line, tls: true, greeted: false, utf8: false }),
            Kind::Content(part) => About::Content { line, part },
            Kind::EndOfData => About::EndOfData,
        };
        note(&about).text.len()
    };
    rows.iter().map(length).sum()
}

fn run(bencher: Bencher<'_, '_>, rows: &[(Kind, String)]) {
    warm();
    let bytes: usize = rows.iter().map(|(_, text)| text.len() + 2).sum();
    bencher.counter(BytesCount::new(bytes)).bench(|| annotate(rows));
}

/// A session as most are: a letter of forty lines, nobody refused.
#[divan::bench]
fn usual_session(bencher: Bencher<'_, '_>) {
    run(bencher, &session(40, 0));
}

/// A session with one refused recipient.
#[divan::bench]
fn one_refusal(bencher: Bencher<'_, '_>) {
    run(bencher, &session(40, 1));
}

/// Nothing but commands and replies.
#[divan::bench]
fn no_letter(bencher: Bencher<'_, '_>) {
    run(bencher, &session(0, 0));
}

/// Nothing but refusals: each is matched against all known messages.
#[divan::bench]
fn only_refusals(bencher: Bencher<'_, '_>) {
    run(bencher, &session(0, 100));
}

/// A log of a busy server: of a thousand letters two hundred are refused or deferred. The goal is 40 MB/s.
#[divan::bench(args = [16 << 20])]
fn log(bencher: Bencher<'_, '_>, octets: usize) {
    let line = |number: usize| {
        let head = format!(
            "Nov 30 05:12:01 mx postfix/smtp[{number}]: {number:X}: to=<u{number}@x.test>, relay=mx.x.test[192.0.2.1]:25,"
        );
        match number % 10 {
            0 => format!(
                "{head} dsn=5.1.1, status=bounced (host mx.x.test[192.0.2.1] said: 550 5.1.1 <u{number}@x.test>: User unknown (in reply to RCPT TO command))"
            ),
            1 => format!(
                "{head} dsn=4.7.1, status=deferred (host mx.x.test[192.0.2.1] said: 451 4.7.1 Greylisted, come back)"
            ),
            _ => format!("{head} dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {number:X})"),
        }
    };
    let lines: Vec<String> = (0..1000).map(line).collect();
    let mut log: Vec<&str> = Vec::new();
    let mut size = 0;
    for line in lines.iter().cycle() {
        if size >= octets {
            break;
        }
        size += line.len() + 1;
        log.push(line);
    }
    bencher.counter(BytesCount::new(size)).bench_local(|| {
        let mut digest = ehlo::knowledge::log::Digest::default();
        for line in &log {
            digest.push(line.as_bytes());
        }
        digest.kinds().len()
    });
}
