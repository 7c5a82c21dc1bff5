//! LMTP: behind the dot and the last chunk every accepted recipient gets a verdict of its own (RFC 2033 §4.2, §4.3).

use super::*;
use crate::dialogue::Dialogue;
use crate::dialogue::exchange::Exchange;
use crate::smtp::bdat::Chunk;
use crate::tape::Tape;

/// A client that wrote a letter to a store, its dot included.
fn posted(recipients: &[(&str, &str)]) -> Talk {
    let mut talk = Talk::greeted();
    talk.exchange("LHLO laptop.you.test", "250 store.harbor.test\r\n");
    post(&mut talk, recipients);
    talk
}

fn post(talk: &mut Talk, recipients: &[(&str, &str)]) {
    talk.exchange("MAIL FROM:<mina@you.test>", "250 ok\r\n");
    for (path, reply) in recipients {
        talk.exchange(&format!("RCPT TO:<{path}>"), &format!("{reply}\r\n"));
    }
    talk.exchange("DATA", "354 go\r\n");
    talk.say("Subject: hello");
    talk.say(".");
    talk.wants.clear();
}

/// How many replies come until the next line goes.
fn verdicts(talk: &mut Talk) -> usize {
    talk.say("NOOP");
    (0..10).find(|_| talk.wire().ends_with("NOOP\r\n") || talk.hear("250 ok\r\n") == 0).expect("an end of waiting")
}

/// The recipients that got a verdict, and its code.
fn given(fold: &Dialogue) -> Vec<(u32, u16)> {
    let verdict = |exchange: &Exchange| Some((exchange.recipient?, exchange.code()?.get()));
    fold.exchanges().iter().filter_map(verdict).collect()
}

#[test]
fn the_next_line_waits_for_a_verdict_on_every_accepted_recipient() {
    let mut talk =
        posted(&[("pat@foo.edu", "250 ok"), ("jones@foo.edu", "550 no such user"), ("green@foo.edu", "250 ok")]);
    talk.say("QUIT");
    talk.hear("250-stored\r\n250 for pat\r\n");
    assert!(talk.wire().ends_with(".\r\n"), "a reply of several lines is one verdict, and green's is still due");
    talk.hear("452 <green@foo.edu> is temporarily over quota\r\n");
    assert!(talk.wire().ends_with("QUIT\r\n"));
    assert_eq!(talk.marks(), [&Mark::Held { octets: 6, why: Hold::Reply }]);
}

#[test]
fn a_path_that_was_given_twice_gets_two_verdicts() {
    assert_eq!(verdicts(&mut posted(&[("pat@foo.edu", "250 ok"), ("pat@foo.edu", "250 again")])), 2);
}

#[test]
fn a_letter_for_nobody_gets_one_answer() {
    assert_eq!(verdicts(&mut posted(&[("jones@foo.edu", "550 no such user")])), 1);
}

/// A client that wrote `chunk` to a store instead of a letter with a dot.
fn chunked(recipients: &[(&str, &str)], chunk: &str) -> Talk {
    let mut talk = Talk::greeted();
    talk.exchange("LHLO laptop.you.test", "250-store.harbor.test\r\n250 CHUNKING\r\n");
    talk.exchange("MAIL FROM:<mina@you.test>", "250 ok\r\n");
    for (path, reply) in recipients {
        talk.exchange(&format!("RCPT TO:<{path}>"), &format!("{reply}\r\n"));
    }
    talk.say(chunk);
    talk
}

#[test]
fn c217_the_last_chunk_gets_a_verdict_for_every_accepted_recipient_and_any_other_chunk_one_reply() {
    let three = [("pat@foo.edu", "250 ok"), ("jones@foo.edu", "550 no such user"), ("pat@foo.edu", "250 again")];
    assert_eq!(verdicts(&mut chunked(&three, "BDAT 5 LAST\r\nabc")), 2);
    assert_eq!(verdicts(&mut chunked(&three, "BDAT 0 LAST")), 2);
    assert_eq!(verdicts(&mut chunked(&three, "BDAT 5\r\nabc")), 1);
    let mut talk = chunked(&three, "BDAT 5\r\nabc");
    talk.hear("250 5 octets\r\n");
    talk.say("BDAT 0 LAST");
    assert_eq!(verdicts(&mut talk), 2);
}

#[test]
fn c217_a_last_chunk_for_nobody_gets_no_answer() {
    assert_eq!(verdicts(&mut chunked(&[("jones@foo.edu", "550 no such user")], "BDAT 5 LAST\r\nabc")), 0);
    let mut talk = chunked(&[], "BDAT 0 LAST");
    assert_eq!(talk.client.deadline(), None, "nothing is awaited");
    assert_eq!(verdicts(&mut talk), 0);
}

#[test]
fn c217_out_of_order_a_last_chunk_is_refused_like_any_command() {
    let mut talk = Talk::greeted();
    talk.exchange("LHLO laptop.you.test", "250 CHUNKING\r\n");
    talk.say("BDAT 7 LAST\r\nhello");
    assert_eq!(verdicts(&mut talk), 1);
}

#[test]
fn a_store_without_chunking_refuses_a_last_chunk_once() {
    let mut talk = chunked(&[("pat@foo.edu", "250 ok"), ("green@foo.edu", "250 ok")], "BDAT 7 LAST\r\nhello");
    talk.say("NOOP");
    talk.hear("502 not implemented\r\n");
    assert!(talk.wire().ends_with("NOOP\r\n"));
}

#[test]
fn recipients_do_not_outlive_their_transaction() {
    let two = [("pat@foo.edu", "250 ok"), ("green@foo.edu", "250 ok")];
    let mut talk = posted(&two);
    assert_eq!(verdicts(&mut talk), 2);
    talk.hear("250 noop\r\n");
    post(&mut talk, &two[..1]);
    assert_eq!(verdicts(&mut talk), 1, "the letter before took its recipients with it");
    talk.hear("250 noop\r\n");
    for reset in ["RSET", "LHLO laptop.you.test"] {
        talk.exchange("MAIL FROM:<>", "250 ok\r\n");
        talk.exchange("RCPT TO:<pat@foo.edu>", "250 ok\r\n");
        talk.exchange(reset, "250 ok\r\n");
        post(&mut talk, &two);
        assert_eq!(verdicts(&mut talk), 2, "{reset}");
        talk.hear("250 noop\r\n");
    }
}

#[test]
fn without_lhlo_the_dot_gets_one_answer_for_all() {
    let mut talk = Talk::greeted();
    talk.exchange("EHLO laptop.you.test", "250 mx1\r\n");
    post(&mut talk, &[("pat@foo.edu", "250 ok"), ("green@foo.edu", "250 ok")]);
    assert_eq!(verdicts(&mut talk), 1);
}

#[test]
fn a_store_is_still_a_store_inside_tls() {
    let mut talk = Talk::greeted();
    talk.exchange("LHLO laptop.you.test", "250 STARTTLS\r\n");
    talk.exchange("STARTTLS", "220 go\r\n");
    talk.client.tls(Ok(good()), talk.now);
    talk.settle();
    post(&mut talk, &[("pat@foo.edu", "250 ok"), ("green@foo.edu", "250 ok")]);
    assert_eq!(verdicts(&mut talk), 2);
}

#[test]
fn each_verdict_has_ten_minutes_of_its_own() {
    let mut talk = posted(&[("pat@foo.edu", "250 ok"), ("green@foo.edu", "250 ok")]);
    talk.wait(599_999);
    talk.hear("250 stored\r\n");
    talk.wait(599_999);
    assert!(talk.wants.is_empty());
    talk.wait(1);
    assert_eq!(talk.marks(), [&Mark::TimedOut(Wait::DataEnd)]);
    assert_eq!(talk.client.deadline(), None, "the user decides");
}

/// A client, a store that follows RFC 2033, and the tape of both.
struct Pair {
    client: Client,
    store: Store,
    now: Moment,
    tape: Tape,
}

/// A receiver of LMTP. Paths that begin with `nobody` are refused, and `full` is told behind the dot.
#[derive(Default)]
struct Store {
    line: Vec<u8>,
    recipients: Vec<String>,
    content: bool,
    chunk: Option<Chunk>,
}

impl Store {
    fn hear(&mut self, octets: &[u8]) -> String {
        let mut said = String::new();
        for octet in octets {
            self.line.push(*octet);
            if let Some(chunk) = self.chunk.filter(|chunk| chunk.size == self.line.len() as u64) {
                said += &self.take(chunk);
            } else if self.chunk.is_some() {
                // Whatever the octets of a chunk are, they end no line.
            } else if self.line.ends_with(b"\r\n") {
                let line = String::from_utf8(std::mem::take(&mut self.line)).expect("ASCII");
                said += &self.obey(line.trim_end());
            }
        }
        said
    }

    fn take(&mut self, chunk: Chunk) -> String {
        self.chunk = None;
        self.line.clear();
        if chunk.last { self.judge() } else { "250 chunk\r\n".into() }
    }

    fn obey(&mut self, line: &str) -> String {
        if self.content {
            return if line == "." { self.judge() } else { String::new() };
        }
        if let Some(chunk) = line.strip_prefix("BDAT ").and_then(|size| Chunk::parse(size.as_bytes())) {
            self.chunk = Some(chunk);
            return if chunk.size == 0 { self.take(chunk) } else { String::new() };
        }
        match line.split_once("TO:<") {
            Some((_, path)) if path.starts_with("nobody") => "550 no such user\r\n".into(),
            Some((_, path)) => {
                self.recipients.push(path.into());
                "250 ok\r\n".into()
            }
            None if line == "DATA" && self.recipients.is_empty() => "503 no recipients\r\n".into(),
            None if line == "DATA" => {
                self.content = true;
                "354 go\r\n".into()
            }
            None => {
                self.recipients.clear();
                "250-store.harbor.test\r\n250 ok\r\n".into()
            }
        }
    }

    fn judge(&mut self) -> String {
        self.content = false;
        let judged = |path: String| if path.starts_with("full") { "452 full\r\n" } else { "250-stored\r\n250 ok\r\n" };
        self.recipients.drain(..).map(judged).collect()
    }
}

impl Pair {
    fn new() -> Self {
        let mut client = Client::new(&Profile::default());
        client.opened(opened(), Moment::START);
        let mut pair = Self { client, store: Store::default(), now: Moment::START, tape: Tape::new(1 << 20) };
        pair.settle();
        pair
    }

    /// Says a line, and gives what was written.
    fn say(&mut self, line: &str, at_once: bool) -> Vec<u8> {
        let octets = format!("{line}\r\n").into_bytes().into();
        self.client.send(if at_once { Item::Now(octets) } else { Item::Line(octets) }, self.now);
        self.settle()
    }

    /// Writes all that goes; gives what was written.
    fn settle(&mut self) -> Vec<u8> {
        let mut wrote = Vec::new();
        loop {
            while let Some(want) = self.client.poll() {
                if let Want::Mark(mark) = want {
                    self.tape.mark(self.now, mark);
                }
            }
            let octets = self.client.outgoing().to_vec();
            if octets.is_empty() {
                return wrote;
            }
            self.tape.push(Side::Client, self.now, &octets);
            self.client.wrote(octets.len(), self.now);
            wrote.extend(octets);
        }
    }

    fn hear(&mut self, octets: &[u8]) -> Vec<u8> {
        self.now = self.now.after(Duration::from_millis(1));
        let taken = self.client.receive(octets, self.now);
        self.tape.push(Side::Server, self.now, octets.get(..taken).unwrap_or_default());
        self.settle()
    }

    /// Both go on until neither has anything to say; `said` is on its way to the client, in pieces of `grain` octets.
    fn run(&mut self, said: &str, grain: usize) {
        let mut said = said.to_owned();
        while !said.is_empty() {
            let mut answer = String::new();
            for piece in said.as_bytes().chunks(grain) {
                let wrote = self.hear(piece);
                answer += &self.store.hear(&wrote);
            }
            said = answer;
        }
    }

    /// What the engine awaits, and what the fold of the same tape does.
    fn awaited(&self) -> (Vec<Cause>, Vec<Cause>) {
        let fold = Dialogue::of(&self.tape);
        let causes = fold.outstanding().filter_map(|id| fold.exchange(id)).map(|exchange| exchange.cause).collect();
        (self.client.expected.causes(), causes)
    }
}

#[test]
fn c216_a_letter_for_three_passes_between_client_and_store() {
    for grain in [1, 7, usize::MAX] {
        let mut pair = Pair::new();
        for line in ["LHLO laptop.you.test", "MAIL FROM:<mina@you.test>"] {
            pair.say(line, false);
        }
        for path in ["pat", "nobody", "full", "pat"] {
            pair.say(&format!("RCPT TO:<{path}@harbor.test>"), false);
        }
        for line in ["DATA", "Subject: hello", ".", "RSET"] {
            pair.say(line, false);
        }
        pair.run("220 store.harbor.test LMTP\r\n", grain);
        let fold = Dialogue::of(&pair.tape);
        assert_eq!(given(&fold), [(0, 250), (2, 452), (3, 250)]);
        assert_eq!((fold.desync(), fold.outstanding().len()), (None, 0));
        assert_eq!(fold.exchanges().last().and_then(Exchange::verb), Some(Verb::Rset));
        assert_eq!(pair.client.deadline(), None, "nothing is awaited any more");
        assert!(pair.client.held.is_empty() && pair.client.expected.is_empty());
    }
}

#[test]
fn c217_a_letter_in_chunks_for_three_passes_between_client_and_store() {
    for (grain, pipelined) in [(1, false), (7, true), (usize::MAX, false), (usize::MAX, true)] {
        let mut pair = Pair::new();
        pair.run("220 store.harbor.test LMTP\r\n", grain);
        let mut said = String::new();
        for line in [
            "LHLO laptop.you.test",
            "MAIL FROM:<mina@you.test>",
            "RCPT TO:<pat@harbor.test>",
            "RCPT TO:<nobody@harbor.test>",
            "RCPT TO:<full@harbor.test>",
            "RCPT TO:<pat@harbor.test>",
            "BDAT 7\r\nhello",
            "BDAT 4 LAST\r\nhi",
            "MAIL FROM:<mina@you.test>",
            "BDAT 4 LAST\r\nhi",
            "RSET",
        ] {
            let wrote = pair.say(line, pipelined);
            said += &pair.store.hear(&wrote);
            if !pipelined {
                pair.run(&std::mem::take(&mut said), grain);
            }
        }
        pair.run(&said, grain);
        let fold = Dialogue::of(&pair.tape);
        assert_eq!(given(&fold), [(0, 250), (2, 452), (3, 250)]);
        assert_eq!((fold.desync(), fold.outstanding().len()), (None, 0));
        let letters: Vec<_> = fold.letters().iter().map(|letter| letter.envelope.recipients.len()).collect();
        assert_eq!(letters, [4, 0], "each has its own recipients, those of RCPT that was answered late too");
        assert!(pair.client.held.is_empty() && pair.client.expected.is_empty());
    }
}

/// Lines of a client that speaks LMTP, in any order.
const LINES: &[&str] = &[
    "LHLO laptop.you.test",
    "EHLO laptop.you.test",
    "MAIL FROM:<mina@you.test>",
    "RCPT TO:<pat@harbor.test>",
    "RCPT TO:<green@harbor.test>",
    "DATA",
    "Subject: hello",
    ".",
    "RSET",
    "BDAT 5 LAST\r\nabc",
    "BDAT 3 LAST\r\nabcNOOP",
    "BDAT 0 LAST",
    "BDAT 6\r\nab",
    "BDAT 7\r\nab\r\n",
    "AUTH LOGIN",
    "QUIT",
];

/// What a store may say to them, good and bad.
const ANSWERS: &[&str] = &[
    "220 store.harbor.test LMTP\r\n",
    "250 ok\r\n",
    "250 ok\r\n",
    "250-two\r\n250 lines\r\n",
    "250-mixed\r\n550 codes\r\n",
    "550-mixed\r\n250 codes\r\n",
    "354 go\r\n",
    "334 \r\n",
    "452 full\r\n",
    "502 not implemented\r\n",
    "garbage\r\n",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn c216_the_engine_awaits_what_the_fold_awaits(
        acts in proptest::collection::vec((any::<bool>(), any::<bool>(), 0..100_usize), 0..80),
    ) {
        let mut pair = Pair::new();
        pair.hear(b"220 store.harbor.test LMTP\r\n");
        pair.say("LHLO laptop.you.test", false);
        for (speaks, at_once, pick) in acts {
            if speaks {
                let line = LINES[pick % LINES.len()];
                pair.say(line, at_once);
            } else {
                pair.hear(ANSWERS[pick % ANSWERS.len()].as_bytes());
            }
            let (engine, fold) = pair.awaited();
            prop_assert_eq!(engine, fold);
        }
    }
}
