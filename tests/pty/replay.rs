//! A run that is recorded, and its recording opened, as a person does both.

use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use ehlo::ports::net::{Place, SessionId, Target};
use ehlo::record::line::{Begun, Bytes, Line};
use ehlo::record::{Class, Header};
use ehlo::tape::mark::{Closed, Ending, Mark, Opened};
use ehlo::tape::{Moment, Side};

use crate::Running;
use crate::process::most_memory;

/// What the program may take in memory while it shows a recording, in MiB: more than half of it is a debug build itself.
/// Without bounds the recordings of these tests would take more than twice that.
const MEMORY: u64 = 120;

#[test]
fn a_run_is_recorded_in_the_middle_and_opened_afterwards() {
    let mut ehlo = Running::lab();
    ehlo.terminal.wait_for("S 220 ");
    ehlo.terminal.press("EHLO laptop.you.test\r");
    ehlo.terminal.wait_for("S 250");
    ehlo.terminal.press("\x1bo");
    ehlo.terminal.wait_for("Record the sessions");
    ehlo.terminal.press("\r");
    ehlo.terminal.wait_for("REC");
    ehlo.terminal.press("NOOP\r");
    ehlo.terminal.wait_for("C NOOP");
    let path = ehlo.home.path().join("session.ehlo");
    let recorded = fs::read_to_string(&path).expect("a recording");
    assert!(
        recorded.is_ascii() && recorded.contains("EHLO laptop.you.test") && recorded.contains("NOOP"),
        "{recorded}"
    );
    let kept = tempfile::tempdir().expect("a folder");
    let copy = kept.path().join("copy");
    ehlo.leave();
    fs::write(&copy, recorded).expect("room");
    let mut replay = Running::opened(&copy);
    replay.terminal.wait_for("C NOOP");
    // The DNS that led there was recorded too.
    replay.terminal.press("\x1b4");
    replay.terminal.wait_for("10 mx1.harbor.test.");
    replay.terminal.press("r");
    replay.terminal.wait_for("nothing is sent or asked");
    replay.terminal.press("\x1b2");
    replay.terminal.press("{");
    replay.terminal.wait_until("the beginning", |screen| !screen.contents().contains("C NOOP"));
    replay.terminal.press("}");
    replay.terminal.wait_for("C NOOP");
    replay.leave();
}

/// Writes recordings as a long day makes them.
struct Tape {
    file: BufWriter<fs::File>,
    octets: usize,
    /// Milliseconds since the recording began.
    clock: u64,
}

impl Tape {
    fn new(path: &Path) -> Self {
        let file = BufWriter::new(fs::File::create(path).expect("room"));
        let mut tape = Self { file, octets: 0, clock: 0 };
        tape.put(&Header::new("2026-03-01T09:12:00Z".parse().expect("a time"), Class::Lab).json());
        tape
    }

    fn put(&mut self, line: &str) {
        self.octets += line.len();
        self.file.write_all(line.as_bytes()).expect("room");
    }

    fn begin(&mut self, s: u32) {
        let target = Target::new(format!("mx{s}.harbor.test"), 25, Place::Lab);
        let begun = Begun { s: SessionId(s), after: self.clock * 1000, target, caller: None, imported: None };
        self.put(&Line::Session(Box::new(begun)).json());
        let peer = std::net::SocketAddr::from(([192, 0, 2, 10], 25)).into();
        let took = Duration::from_millis(2);
        let opened = Opened { host: format!("mx{s}.harbor.test"), peer, local: None, lmtp: false, took };
        self.put(&Line::Mark { s: SessionId(s), t: Moment::START, mark: Mark::Opened(opened) }.json());
    }

    fn say(&mut self, s: u32, side: Side, text: &str) {
        self.clock += 1;
        let t = Moment::from_millis(self.clock);
        self.put(&Line::Bytes(Bytes::new(SessionId(s), t, side, text.as_bytes(), Vec::new())).json());
    }

    /// All that stands before and behind the letter of a session.
    fn talk(&mut self, s: u32, letter: impl FnOnce(&mut Self)) {
        self.begin(s);
        self.say(s, Side::Server, "220 mx ESMTP\r\n");
        let lines = ["EHLO you.test", "MAIL FROM:<you@you.test>", "RCPT TO:<pat@harbor.test>", "DATA"];
        for (line, reply) in lines.into_iter().zip(["250 mx", "250 ok", "250 ok", "354 go on"]) {
            self.say(s, Side::Client, &format!("{line}\r\n"));
            self.say(s, Side::Server, &format!("{reply}\r\n"));
        }
        self.say(s, Side::Client, "Subject: large\r\n\r\n");
        letter(self);
        self.say(s, Side::Client, ".\r\n");
        self.say(s, Side::Server, &format!("250 queued as number {s}\r\n"));
        let closed = Mark::Closed(Closed { by: Side::Client, how: Ending::Clean });
        self.put(&Line::Mark { s: SessionId(s), t: Moment::from_millis(self.clock), mark: closed }.json());
        self.put(&Line::End { s: SessionId(s) }.json());
    }

    fn end(mut self) {
        self.file.flush().expect("room");
    }
}

/// Waits until nothing is being read any more: a debug build on a busy machine takes its time.
fn all_is_read(replay: &Running) {
    let end = Instant::now() + Duration::from_mins(3);
    while replay.terminal.screen().contains("% read") {
        assert!(Instant::now() < end, "it is still read:\n{}", replay.terminal.screen());
        sleep(Duration::from_millis(50));
    }
}

fn memory_is_bounded(replay: &Running, doing: &str) {
    let taken = most_memory(replay.terminal.pid());
    assert!(taken < MEMORY, "{taken} MiB, {doing}");
}

#[test]
fn two_recordings_stand_side_by_side_and_can_be_read_behind_that() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/foreign");
    let mut both = Running::beside(&folder.join("swaks.log"), &folder.join("nc.txt"));
    both.terminal.wait_for("First difference: steps, RCPT: 250 2.1.5");
    both.terminal.wait_for("session 2");
    both.terminal.press("\x1b");
    both.terminal.wait_until("what differs is gone", |screen| !screen.contents().contains("First difference"));
    both.terminal.press("\x0e");
    both.terminal.wait_for("session 2 of 2");
    both.leave();
}

#[test]
fn a_letter_of_many_mebibytes_is_shown_at_its_end_and_at_its_beginning_in_bounded_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("large.ehlo");
    let mut tape = Tape::new(&path);
    tape.talk(1, |tape| {
        for line in 0.. {
            if tape.octets > 32 << 20 {
                break;
            }
            tape.say(1, Side::Client, &format!("line {line} of a letter that never seems to end, octet by octet\r\n"));
        }
    });
    tape.end();
    let mut replay = Running::opened(&path);
    all_is_read(&replay);
    replay.terminal.wait_for("queued as number 1");
    memory_is_bounded(&replay, "at its end");
    replay.terminal.press("{");
    replay.terminal.wait_for("line 0 of");
    replay.terminal.press("]]]");
    replay.terminal.wait_for("S 220 mx ESMTP");
    replay.terminal.press("}");
    sleep(Duration::from_millis(50));
    all_is_read(&replay);
    replay.terminal.wait_for("queued as number 1");
    replay.terminal.press("[[");
    replay.terminal.wait_until("two steps back", |screen| !screen.contents().contains("queued as number 1"));
    memory_is_bounded(&replay, "a few steps before its end");
    // Without the letter, what is left out of it is seen.
    replay.terminal.press("f");
    replay.terminal.wait_for("counted, not kept");
    memory_is_bounded(&replay, "filtered");
    replay.leave();
}

#[test]
fn of_many_thousand_sessions_each_is_shown_in_bounded_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("day.ehlo");
    let mut tape = Tape::new(&path);
    let many = 6000;
    for s in 1..=many {
        tape.talk(s, |tape| {
            let letter = "a line of a letter like many others of that day\r\n".repeat(70);
            tape.say(s, Side::Client, &letter);
        });
    }
    tape.end();
    let mut replay = Running::opened(&path);
    all_is_read(&replay);
    replay.terminal.wait_for(&format!("of {many}"));
    replay.terminal.press("}");
    replay.terminal.press("[");
    replay.terminal.wait_for(&format!("session {many} of {many}"));
    replay.terminal.press("\x0e");
    replay.terminal.wait_for("queued as number 1");
    for next in 2..12 {
        replay.terminal.press("\x0e");
        replay.terminal.wait_for(&format!("queued as number {next}"));
    }
    memory_is_bounded(&replay, "after some sessions were looked at");
    replay.terminal.press("{");
    replay.terminal.wait_for("line 0 of");
    replay.terminal.press(" ");
    replay.terminal.wait_for("C EHLO you.test");
    replay.terminal.press(" ");
    memory_is_bounded(&replay, "played from its beginning");
    replay.leave();
}

#[test]
fn a_recording_that_is_changed_while_it_is_shown_is_told_and_what_was_read_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("changed.ehlo");
    let mut tape = Tape::new(&path);
    tape.talk(1, |tape| tape.say(1, Side::Client, "words\r\n"));
    tape.end();
    let mut replay = Running::opened(&path);
    replay.terminal.wait_for("queued as number 1");
    fs::File::options().write(true).open(&path).expect("it").set_len(700).expect("it shrinks");
    replay.terminal.press("[");
    replay.terminal.wait_for("[rec/changed]");
    assert!(replay.terminal.screen().contains("queued as number 1"), "{}", replay.terminal.screen());
    replay.leave();
    // One whose name is gone is there as long as it is shown.
    let path = folder.path().join("gone.ehlo");
    let mut tape = Tape::new(&path);
    tape.talk(1, |tape| tape.say(1, Side::Client, "words\r\n"));
    tape.end();
    let mut replay = Running::opened(&path);
    replay.terminal.wait_for("queued as number 1");
    fs::remove_file(&path).expect("it goes");
    replay.terminal.press("{");
    replay.terminal.wait_until("the beginning", |screen| !screen.contents().contains("queued as number 1"));
    replay.terminal.press("}");
    replay.terminal.wait_for("queued as number 1");
    replay.leave();
}
