//! Dialogues in virtual time.

mod chunk;
mod lead;
mod letter;
mod lmtp;
mod login;
mod tls;
mod waiting;

use super::*;
use crate::smtp::limits::{Limits, Timers};
use crate::tape::mark::Limit;
use crate::tape::tls::{TlsFailure, TlsTrouble};
use proptest::prelude::*;
use tls::{bad, good};

/// A client and what came of it: what it wrote, what it wanted.
struct Talk {
    client: Client,
    now: Moment,
    wire: Vec<Vec<u8>>,
    wants: Vec<Want>,
}

impl Talk {
    fn new(profile: &Profile) -> Self {
        Self { client: Client::new(profile), now: Moment::START, wire: Vec::new(), wants: Vec::new() }
    }

    fn opened() -> Self {
        Self::opened_with(&Profile::default())
    }

    fn opened_with(profile: &Profile) -> Self {
        let mut talk = Self::new(profile);
        talk.client.opened(opened(), talk.now);
        talk.settle();
        talk
    }

    fn greeted() -> Self {
        let mut talk = Self::opened();
        talk.hear("220 mx1.harbor.test ESMTP\r\n");
        talk.wants.clear();
        talk
    }

    fn settle(&mut self) {
        loop {
            while let Some(want) = self.client.poll() {
                self.wants.push(want);
            }
            let octets = self.client.outgoing().to_vec();
            if octets.is_empty() {
                break;
            }
            self.client.wrote(octets.len(), self.now);
            self.wire.push(octets);
        }
    }

    fn say(&mut self, line: &str) {
        self.client.send(Item::Line(format!("{line}\r\n").into_bytes().into()), self.now);
        self.settle();
    }

    fn say_now(&mut self, line: &str) {
        self.client.send(Item::Now(format!("{line}\r\n").into_bytes().into()), self.now);
        self.settle();
    }

    fn hear(&mut self, octets: &str) -> usize {
        let taken = self.client.receive(octets.as_bytes(), self.now);
        self.settle();
        taken
    }

    fn exchange(&mut self, line: &str, reply: &str) {
        self.say(line);
        self.hear(reply);
    }

    fn wait(&mut self, millis: u64) {
        self.now = self.now.after(Duration::from_millis(millis));
        self.client.tick(self.now);
        self.settle();
    }

    fn wire(&self) -> String {
        String::from_utf8(self.wire.concat()).unwrap()
    }

    fn marks(&self) -> Vec<&Mark> {
        self.wants.iter().filter_map(|want| if let Want::Mark(mark) = want { Some(mark) } else { None }).collect()
    }

    fn has(&self, mark: &Mark) -> bool {
        self.marks().contains(&mark)
    }

    fn ended(&self, by: Side, how: Ending) -> bool {
        self.has(&Mark::Closed(Closed { by, how })) && self.wants.last() == Some(&Want::Close)
    }
}

fn opened() -> Opened {
    Opened {
        host: "mx1.harbor.test".into(),
        peer: ([192, 0, 2, 10], 25).into(),
        local: None,
        lmtp: false,
        took: Duration::from_millis(20),
    }
}

#[test]
fn c029_nothing_is_sent_before_the_greeting_but_on_purpose() {
    let mut talk = Talk::opened();
    talk.say("EHLO laptop.you.test");
    assert_eq!(talk.wire(), "");
    assert!(talk.has(&Mark::Held { octets: 22, why: Hold::Greeting }));
    talk.hear("220-mx1.harbor.test\r\n");
    assert_eq!(talk.wire(), "", "a greeting with more lines to come is no greeting yet");
    talk.hear("220 ESMTP\r\n");
    assert_eq!(talk.wire(), "EHLO laptop.you.test\r\n");

    let mut early = Talk::opened();
    early.say_now("EHLO laptop.you.test");
    assert_eq!(early.wire(), "EHLO laptop.you.test\r\n");
}

#[test]
fn c029_a_held_line_is_let_go_on_request_and_that_is_marked() {
    let mut talk = Talk::opened();
    talk.say("EHLO laptop.you.test");
    talk.client.let_go(talk.now);
    talk.settle();
    assert_eq!(talk.wire(), "EHLO laptop.you.test\r\n");
    assert!(talk.has(&Mark::SentEarly));
}

#[test]
fn lines_wait_their_turn_and_go_in_order_with_a_write_each() {
    let mut talk = Talk::greeted();
    for line in ["EHLO laptop.you.test", "MAIL FROM:<>", "RCPT TO:<alice@harbor.test>"] {
        talk.say(line);
    }
    assert_eq!(talk.wire.len(), 1);
    assert_eq!(talk.marks().len(), 2);
    talk.hear("250-mx1.harbor.test\r\n250-SI");
    talk.hear("ZE\r\n");
    assert_eq!(talk.wire.len(), 1);
    talk.hear("250 HELP\r\n");
    assert_eq!(talk.wire.len(), 2);
    talk.hear("250 ok\r\n");
    assert_eq!(talk.wire(), "EHLO laptop.you.test\r\nMAIL FROM:<>\r\nRCPT TO:<alice@harbor.test>\r\n");
}

#[test]
fn c033_content_goes_only_after_354_and_never_as_commands() {
    let mut talk = Talk::greeted();
    talk.say("DATA");
    talk.say("Subject: x");
    talk.say(".");
    assert_eq!(talk.wire(), "DATA\r\n");
    talk.hear("354 go\r\n");
    assert_eq!(talk.wire(), "DATA\r\nSubject: x\r\n.\r\n");

    let mut refused = Talk::greeted();
    refused.say("DATA");
    refused.say("RSET is only a word of my letter");
    refused.hear("503 no recipients\r\n");
    assert_eq!(refused.wire(), "DATA\r\n");
    assert!(refused.has(&Mark::Dropped { lines: 1 }));
}

#[test]
fn a_letter_needs_no_reply_until_its_dot_and_dots_inside_do_not_end_it() {
    let mut talk = Talk::greeted();
    talk.exchange("DATA", "354 go\r\n");
    for line in ["From: you", "", "..", "MAIL FROM:<>", "."] {
        talk.say(line);
    }
    talk.say("QUIT");
    assert!(talk.wire().ends_with("MAIL FROM:<>\r\n.\r\n"));
    talk.hear("250 queued\r\n");
    assert!(talk.wire().ends_with(".\r\nQUIT\r\n"));
}

#[test]
fn what_was_written_behind_data_is_decided_by_the_answer() {
    let mut talk = Talk::greeted();
    talk.say_now("DATA");
    talk.say_now("RSET");
    talk.hear("503 bad sequence\r\n");
    talk.say("NOOP");
    assert!(!talk.wire().contains("NOOP"), "RSET is a command and its reply is due");
    talk.hear("250 reset\r\n");
    assert!(talk.wire().ends_with("NOOP\r\n"));

    let mut letter = Talk::greeted();
    letter.say_now("DATA");
    letter.say_now("RSET");
    letter.hear("354 go\r\n");
    letter.say("NOOP");
    assert!(letter.wire().ends_with("RSET\r\nNOOP\r\n"), "both are lines of the letter");
}

#[test]
fn a_login_asks_for_one_reply_a_line_and_a_refused_one_drops_what_was_typed_ahead() {
    let mut talk = Talk::greeted();
    talk.exchange("AUTH LOGIN", "334 VXNlcm5hbWU6\r\n");
    talk.say("eW91");
    talk.say("c2VjcmV0");
    assert!(talk.wire().ends_with("eW91\r\n"));
    talk.hear("535 5.7.8 no\r\n");
    assert!(!talk.wire().contains("c2VjcmV0"), "a password must not become a command");
    talk.exchange("AUTH LOGIN", "334 VXNlcm5hbWU6\r\n");
    talk.exchange("eW91", "334 UGFzc3dvcmQ6\r\n");
    talk.exchange("c2VjcmV0", "235 ok\r\n");
    talk.say("NOOP");
    assert!(talk.wire().ends_with("NOOP\r\n"));
}

#[test]
fn c010_421_answers_any_command_and_closes_the_session() {
    let mut talk = Talk::greeted();
    talk.say("MAIL FROM:<>");
    talk.say("RCPT TO:<alice@harbor.test>");
    talk.hear("421 4.3.2 shutting down\r\n");
    assert!(talk.has(&Mark::Dropped { lines: 1 }), "nothing more goes to a server that leaves");
    talk.client.closed(Ending::Clean);
    talk.settle();
    assert!(talk.ended(Side::Server, Ending::Clean));
}

#[test]
fn c011_421_with_nothing_outstanding_is_a_shutdown() {
    let mut talk = Talk::greeted();
    talk.hear("421 4.4.2 idle too long\r\n");
    talk.client.closed(Ending::Clean);
    talk.settle();
    assert!(talk.ended(Side::Server, Ending::Clean), "and no half-close");
}

#[test]
fn c039_quit_waits_for_221_and_the_server_closes() {
    let mut talk = Talk::greeted();
    talk.say("QUIT");
    talk.wait(30_000);
    assert!(talk.wants.is_empty(), "no 221, no close");
    talk.hear("221 bye\r\n");
    talk.client.closed(Ending::Clean);
    talk.settle();
    assert!(talk.ended(Side::Server, Ending::Clean));
}

#[test]
fn a_server_that_lingers_after_221_is_closed_after_two_seconds() {
    let mut talk = Talk::greeted();
    talk.exchange("QUIT", "221 bye\r\n");
    talk.wait(1_999);
    assert!(talk.wants.is_empty());
    talk.wait(1);
    assert!(talk.ended(Side::Client, Ending::Lingered));
}

#[test]
fn a_server_that_stops_talking_leaves_only_closing() {
    let mut talk = Talk::greeted();
    talk.client.closed(Ending::Clean);
    talk.settle();
    assert_eq!(talk.marks(), [&Mark::HalfClosed { by: Side::Server }]);
    assert!(!talk.client.reads());
    talk.client.close(talk.now);
    talk.settle();
    assert!(talk.ended(Side::Server, Ending::Clean));
}

#[test]
fn a_reset_in_the_middle_of_a_reply_is_the_servers_end() {
    let mut talk = Talk::greeted();
    talk.exchange("EHLO laptop.you.test", "250-mx1.harb");
    talk.client.closed(Ending::Reset);
    talk.settle();
    assert!(talk.ended(Side::Server, Ending::Reset));
}

#[test]
fn c041_each_wait_has_its_own_length() {
    use Wait::{DataEnd, DataStart, Greeting, Reply};
    let profile = Profile { timers: Timers::RFC, ..Profile::default() };
    let minutes = |wait, minutes: u64, talk: &mut Talk| {
        talk.wants.clear();
        talk.wait(minutes * 60_000 - 1);
        assert!(talk.wants.is_empty(), "{wait:?} is over too early");
        talk.wait(1);
        assert!(talk.has(&Mark::TimedOut(wait)), "{wait:?}");
    };
    let mut talk = Talk::opened_with(&profile);
    minutes(Greeting, 5, &mut talk);
    talk.hear("220 late\r\n");
    talk.say("MAIL FROM:<>");
    minutes(Reply, 5, &mut talk);
    talk.hear("250 ok\r\n");
    talk.say("RCPT TO:<alice@harbor.test>");
    minutes(Reply, 5, &mut talk);
    talk.hear("250 ok\r\n");
    talk.say("DATA");
    minutes(DataStart, 2, &mut talk);
    talk.hear("354 go\r\n");
    talk.say(".");
    minutes(DataEnd, 10, &mut talk);
}

#[test]
fn c041_a_block_of_the_letter_that_the_peer_does_not_take_runs_out_of_time() {
    let mut talk = Talk::greeted();
    talk.exchange("DATA", "354 go\r\n");
    talk.client.send(Item::Line(vec![b'x'; 100_000].into()), talk.now);
    talk.client.wrote(50_000, talk.now);
    talk.now = Moment::from_millis(60_000);
    talk.client.tick(talk.now);
    assert_eq!(talk.client.poll(), Some(Want::Mark(Mark::TimedOut(Wait::DataBlock))));
}

#[test]
fn c042_waits_are_configurable_and_the_deadline_is_there_to_be_shown() {
    let timers = Timers { command: Duration::from_secs(7), ..Timers::INTERACTIVE };
    let mut talk = Talk::opened_with(&Profile { timers, ..Profile::default() });
    talk.hear("220 hi\r\n");
    assert_eq!(talk.client.deadline(), None, "with nothing outstanding nothing is waited for");
    talk.say("NOOP");
    assert_eq!(talk.client.deadline(), Some(Moment::from_millis(7_000)));
}

#[test]
fn a_reply_that_drips_runs_out_of_time_as_a_whole_and_the_user_decides() {
    let mut talk = Talk::greeted();
    talk.say("EHLO laptop.you.test");
    for _ in 0..59 {
        talk.wait(1_000);
        talk.hear("250-x\r\n");
    }
    talk.wait(1_000);
    assert_eq!(talk.marks(), [&Mark::TimedOut(Wait::Reply)]);
    talk.wait(600_000);
    assert_eq!(talk.marks().len(), 1, "it asks once and does not give up");
    talk.client.keep_waiting(talk.now);
    talk.settle();
    assert!(talk.has(&Mark::KeptWaiting));
    talk.wait(60_000);
    assert_eq!(talk.marks().len(), 3);
    talk.hear("250 done\r\n");
    assert_eq!(talk.client.deadline(), None);
}

#[test]
fn lines_wait_for_the_connection_too() {
    let mut talk = Talk::new(&Profile::default());
    talk.say_now("EHLO laptop.you.test");
    assert!(talk.has(&Mark::Held { octets: 22, why: Hold::Opening }));
    talk.client.opened(opened(), talk.now);
    talk.settle();
    assert_eq!(talk.wire(), "EHLO laptop.you.test\r\n");
}

#[test]
fn closing_drops_what_is_held() {
    let mut talk = Talk::opened();
    talk.say("QUIT");
    talk.client.close(talk.now);
    talk.settle();
    assert!(talk.has(&Mark::Dropped { lines: 1 }));
    assert!(talk.ended(Side::Client, Ending::Clean));
}

#[test]
fn limits_stop_reading_where_they_lie() {
    let limits = Limits { line: 100, reply: 1000, reply_lines: 20, unsolicited: 300, ..Limits::default() };
    let reached = |asked: bool, octets: &str, step: usize| {
        let mut talk = Talk::opened_with(&Profile { limits, ..Profile::default() });
        if !asked {
            talk.hear("220 hi\r\n");
        }
        let taken: usize =
            octets.as_bytes().chunks(step).map(|part| talk.hear(std::str::from_utf8(part).unwrap())).sum();
        assert!(talk.ended(Side::Client, Ending::Limit));
        let limit = talk.marks().into_iter().find_map(|mark| match mark {
            Mark::Limit(limit) => Some(*limit),
            _ => None,
        });
        (limit, taken)
    };
    for step in [1, 7, 10_000] {
        assert_eq!(reached(true, &"x".repeat(200), step), (Some(Limit::Line), 100));
        assert_eq!(reached(true, &"220-\r\n".repeat(40), step), (Some(Limit::Reply), 120));
        assert_eq!(reached(true, &format!("220-{}\r\n", "x".repeat(80)).repeat(40), step), (Some(Limit::Reply), 1000));
        assert_eq!(reached(false, &"250 ok\r\n".repeat(90), step), (Some(Limit::Unsolicited), 300));
    }
}

/// What a server may say, good and bad.
const SPEECH: &[&str] = &[
    "220 mx1.harbor.test ESMTP\r\n",
    "250-mx1.harbor.test\r\n250-SIZE 1000\r\n250 HELP\r\n",
    "250 ok\n",
    "garbage\r\n",
    "354 go\r\n",
    "334 \r\n",
    "550\r\n",
    "2500 ok\r\n",
    "250\tok\r\n",
    "\r\n",
    "503 bad\rsequence\r\r\n",
];

/// Everything that came of this speech: writes and wants, the server's octets cut at these places. All lines but one
/// are on the wire already, for what comes before a line is written can never be its reply.
fn outcome(speech: &str, cuts: &[usize]) -> (String, Vec<Want>) {
    let mut talk = Talk::opened();
    for line in ["EHLO x", "MAIL FROM:<>", "DATA", "a letter", ".", "AUTH LOGIN", "eHg=", "NOOP", "QUIT"] {
        talk.say_now(line);
    }
    talk.say("RSET");
    talk.wants.clear();
    let mut from = 0;
    for cut in cuts.iter().copied().chain([speech.len()]) {
        talk.hear(speech.get(from..cut.max(from)).unwrap());
        from = cut.max(from);
    }
    (talk.wire(), talk.wants)
}

proptest! {
    #[test]
    fn any_segmentation_of_the_servers_octets_gives_the_same_session(
        picks in proptest::collection::vec(0..SPEECH.len(), 0..24),
        cuts in proptest::collection::vec(0_usize..400, 0..12),
    ) {
        let speech: String = picks.iter().map(|pick| SPEECH[*pick]).collect();
        let mut cuts: Vec<_> = cuts.into_iter().filter(|cut| *cut <= speech.len()).collect();
        cuts.sort_unstable();
        prop_assert_eq!(outcome(&speech, &cuts), outcome(&speech, &[]));
    }

    #[test]
    fn the_end_of_a_letter_is_found_in_pieces_of_any_size(
        letter in proptest::collection::vec(proptest::sample::select(&b"\r\n.a"[..]), 0..40),
        size in 1_usize..9,
    ) {
        let mut lane = Lane::new(100);
        let mut expected = Expected::default();
        lane.wrote(b"DATA\r\n", &mut expected);
        let data = expected.answered(354).expect("the DATA");
        lane.answered(data, Whole { code: 354, mixed: false }, &mut expected);
        for piece in letter.chunks(size) {
            if lane.in_content() {
                lane.wrote(piece, &mut expected);
            }
        }
        let with_354 = [b"\r\n", &letter[..]].concat();
        let ended = with_354.windows(5).any(|window| window == b"\r\n.\r\n");
        prop_assert_eq!(expected.causes().contains(&Cause::EndOfData), ended);
    }
}
