//! How fast a transcript of 64 MiB is folded, looked through for problems, annotated and exported; and what a login, or a
//! command whose reply has not come, costs among thousands of its kind.

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use ehlo::dialogue::Dialogue;
use ehlo::knowledge::problems::Watch;
use ehlo::ports::net::{Place, SessionId, Target, What};
use ehlo::session::Session;
use ehlo::smtp::sasl::encode;
use ehlo::tape::{Moment, Side, Tape};

fn main() {
    divan::main();
}

const HELLO: &[(Side, &str)] = &[
    (Side::Server, "220 mx1.harbor.test ESMTP Harbor Post\r\n"),
    (Side::Client, "EHLO laptop.you.test\r\n"),
    (
        Side::Server,
        "250-mx1.harbor.test hello laptop.you.test\r\n250-SIZE 10485760\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
    ),
];

const LETTER: &[(Side, &str)] = &[
    (Side::Client, "MAIL FROM:<you@you.test> SIZE=512\r\n"),
    (Side::Server, "250 2.1.0 Sender OK\r\n"),
    (Side::Client, "RCPT TO:<pat@harbor.test>\r\n"),
    (Side::Server, "250 2.1.5 Recipient OK\r\n"),
    (Side::Client, "RCPT TO:<nobody@harbor.test>\r\n"),
    (Side::Server, "550 5.1.1 No such user here\r\n"),
    (Side::Client, "DATA\r\n"),
    (Side::Server, "354 End data with <CR><LF>.<CR><LF>\r\n"),
    (Side::Client, "From: You <you@you.test>\r\nTo: Pat <pat@harbor.test>\r\nSubject: Field trip\r\n\r\n"),
    (Side::Client, "The bus leaves at nine. Please bring a raincoat and something to eat.\r\n..and a pen\r\n"),
    (Side::Client, ".\r\n"),
    (Side::Server, "250 2.0.0 Queued as H-2001\r\n"),
];

/// A session in which letter follows letter until both directions hold about `octets`.
fn script(octets: usize) -> Vec<(Side, Vec<u8>)> {
    let mut script: Vec<_> = HELLO.iter().map(|(side, text)| (*side, text.as_bytes().to_vec())).collect();
    let mut total = 0;
    while total < octets {
        for (side, text) in LETTER {
            total += text.len();
            script.push((*side, text.as_bytes().to_vec()));
        }
    }
    script
}

fn tape(octets: usize) -> Tape {
    let mut tape = Tape::new(u64::MAX);
    for (index, (side, bytes)) in script(octets).into_iter().enumerate() {
        tape.push(side, Moment::from_micros(index as u64), &bytes);
    }
    tape
}

fn session(octets: usize) -> Session {
    let target = Target::new("mx1.harbor.test", 25, Place::Lab);
    let mut session = Session::new(SessionId(1), target);
    for (index, (side, bytes)) in script(octets).into_iter().enumerate() {
        session.apply(Moment::from_micros(index as u64), &What::Bytes(side, bytes.into()));
    }
    session
}

fn octets(tape: &Tape) -> BytesCount {
    BytesCount::new(tape.lane(Side::Client).len() + tape.lane(Side::Server).len())
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn fold_64_mib(bencher: Bencher<'_, '_>) {
    let tape = tape(64 << 20);
    bencher.counter(octets(&tape)).bench_local(|| Dialogue::of(black_box(&tape)));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn problems_64_mib(bencher: Bencher<'_, '_>) {
    let tape = tape(64 << 20);
    let dialogue = Dialogue::of(&tape);
    bencher.counter(octets(&tape)).bench_local(|| Watch::of(black_box(&tape), black_box(&dialogue)));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn export_annotated_16_mib(bencher: Bencher<'_, '_>) {
    let session = session(16 << 20);
    bencher.counter(octets(session.tape())).bench_local(|| black_box(&session).text().len());
}

/// Each with a password of its own, which the server repeats in its refusal.
#[divan::bench(args = [100, 1_000, 10_000], sample_count = 3, sample_size = 1)]
fn refused_logins(bencher: Bencher<'_, '_>, logins: usize) {
    let mut tape = Tape::new(u64::MAX);
    for login in 0..logins {
        let at = Moment::from_micros(login as u64);
        let plain = encode(format!("\0pat\0sunshine{login}").as_bytes());
        tape.push(Side::Client, at, format!("AUTH PLAIN {plain}\r\n").as_bytes());
        tape.push(Side::Server, at, format!("535 5.7.8 not sunshine{login}\r\n").as_bytes());
    }
    bencher.counter(ItemsCount::new(logins)).bench_local(|| Dialogue::of(black_box(&tape)));
}

#[divan::bench(args = [100, 1_000, 10_000], sample_count = 3, sample_size = 1)]
fn commands_without_a_reply(bencher: Bencher<'_, '_>, commands: usize) {
    let mut tape = Tape::new(u64::MAX);
    for command in 0..commands {
        tape.push(Side::Client, Moment::from_micros(command as u64), b"NOOP\r\n");
    }
    bencher.counter(ItemsCount::new(commands)).bench_local(|| Dialogue::of(black_box(&tape)));
}
