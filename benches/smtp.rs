//! What the protocol core does for every octet or line: framing, verbs, the letter's filters, the gate.
//!
//! `cargo bench --bench smtp`. The fold over a whole transcript has a bench of its own.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use ehlo::safe::{Profile, Untrusted};
use ehlo::smtp::command::Command;
use ehlo::smtp::data::{Stuffer, Unstuffer, Wire};
use ehlo::smtp::line::lines;
use ehlo::smtp::reply::{Reply, flaws, shape};

fn main() {
    divan::main();
}

const OFFER: &[u8] = b"250-mx1.harbor.test at your service\r\n250-PIPELINING\r\n250-SIZE 35882577\r\n250-STARTTLS\r\n250-AUTH PLAIN LOGIN\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n";
const COMMANDS: &[u8] = b"EHLO laptop.you.test\r\nMAIL FROM:<mina@pine.test> SIZE=1024 BODY=8BITMIME\r\nRCPT TO:<theo@harbor.test>\r\nDATA\r\nQUIT\r\n";

/// `unit` again and again, about a MiB of it.
fn much(unit: &[u8]) -> Vec<u8> {
    unit.repeat(1 + (1 << 20) / unit.len())
}

fn letter() -> Vec<u8> {
    let mut letter = much(b"The quick brown fox jumps over the lazy dog, and goes on to the next line of text.\r\n");
    letter.extend(much(b".A line that begins with a dot\r\n").drain(..1 << 14));
    letter
}

#[divan::bench]
fn reply_lines_shape(bencher: Bencher) {
    let bytes = much(OFFER);
    bencher.counter(BytesCount::new(bytes.len())).bench(|| {
        lines(black_box(&bytes)).for_each(|line| {
            black_box(shape(line));
        });
    });
}

#[divan::bench]
fn reply_lines_flaws(bencher: Bencher) {
    let bytes = much(OFFER);
    bencher.counter(BytesCount::new(bytes.len())).bench(|| {
        lines(black_box(&bytes)).for_each(|line| {
            black_box(flaws(line));
        });
    });
}

#[divan::bench]
fn reply_parse(bencher: Bencher) {
    bencher.counter(BytesCount::new(OFFER.len())).bench(|| Reply::parse(black_box(OFFER)));
}

#[divan::bench]
fn command_verbs(bencher: Bencher) {
    let bytes = much(COMMANDS);
    bencher.counter(BytesCount::new(bytes.len())).bench(|| {
        lines(black_box(&bytes)).for_each(|line| {
            black_box(Command::parse(line.text).verb);
        });
    });
}

#[divan::bench]
fn command_arguments(bencher: Bencher) {
    let bytes = much(COMMANDS);
    bencher.counter(BytesCount::new(bytes.len())).bench(|| {
        lines(black_box(&bytes)).for_each(|line| {
            black_box(Command::parse(line.text).parsed());
        });
    });
}

#[divan::bench(args = [Wire::Normalise, Wire::Verbatim, Wire::Raw])]
fn stuff(bencher: Bencher, wire: Wire) {
    let bytes = letter();
    let mut out = Vec::with_capacity(2 * bytes.len());
    bencher.counter(BytesCount::new(bytes.len())).bench_local(|| {
        out.clear();
        let mut stuffer = Stuffer::new(wire);
        for piece in bytes.chunks(64 * 1024) {
            stuffer.push(black_box(piece), &mut out);
        }
        stuffer.finish(&mut out)
    });
}

#[divan::bench]
fn unstuff(bencher: Bencher) {
    let mut bytes = Vec::new();
    let mut stuffer = Stuffer::new(Wire::Normalise);
    stuffer.push(&letter(), &mut bytes);
    stuffer.finish(&mut bytes);
    let mut out = Vec::with_capacity(bytes.len());
    bencher.counter(BytesCount::new(bytes.len())).bench_local(|| {
        out.clear();
        let mut unstuffer = Unstuffer::new();
        for piece in bytes.chunks(64 * 1024) {
            unstuffer.push(black_box(piece), &mut out);
        }
    });
}

#[divan::bench(args = [Profile::Screen, Profile::Plain])]
fn safe_ascii(bencher: Bencher, profile: Profile) {
    safe(bencher, profile, OFFER);
}

#[divan::bench(args = [Profile::Screen, Profile::Plain])]
fn safe_odd(bencher: Bencher, profile: Profile) {
    safe(
        bencher,
        profile,
        "250 \u{fc}ber \u{1b}[2J p\u{430}yp\u{430}l \u{202e}gnp.exe\u{202c} \u{6f22}\u{5b57} caf\r\n".as_bytes(),
    );
}

/// Line by line, as a transcript is drawn and exported.
fn safe(bencher: Bencher, profile: Profile, unit: &[u8]) {
    let bytes = much(unit);
    bencher.counter(BytesCount::new(bytes.len())).bench(|| {
        lines(black_box(&bytes)).for_each(|line| {
            black_box(Untrusted::new(line.text).safe(profile));
        });
    });
}
