//! Both ends against each other in virtual time: whatever is done to them, they come to rest and to an end.

use std::collections::VecDeque;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::client::{Client, Item, Profile, Want};
use super::server::Server;
use super::server::ask::{Ask, Decision};
use super::server::config::{Config, Extension, Mechanism};
use super::server::reply::Reply;
use crate::tape::mark::{Ending, Mark, Opened};
use crate::tape::tls::{Judgement, Opening, TlsFacts, TlsFailure, TlsTrouble};
use crate::tape::{Moment, Side, Tape};

/// What can be done to a connection.
#[derive(Debug, Clone)]
enum Act {
    Line(&'static str),
    Now(&'static str),
    /// This many octets cross the wire at once from now on.
    Grain(usize),
    Wait(u64),
    LetGo,
    KeepWaiting,
    GoOn,
    /// The server goes down.
    ShutDown,
    /// The client is silent for so long that the server gives up.
    Idle,
    Reset,
    Close,
}

/// A server's decisions: postmasters are known, one user may sign in, other letters and recipients are refused.
fn decide(ask: &Ask) -> Decision {
    let no = |text| Decision::Say(Reply::read(text).expect("a reply"));
    match ask {
        Ask::Rcpt(recipient) if recipient.path.encode().starts_with(b"<nobody") => no("550 5.1.1 No such user here"),
        Ask::Login(login) if login.check(b"sunflower").is_none() => no("535 5.7.8 Authentication failed"),
        Ask::Letter(letter) if letter.content.is_empty() => no("554 5.6.0 Empty message"),
        _ => Decision::Accept,
    }
}

/// A connection between the two engines.
#[expect(clippy::struct_excessive_bools, reason = "each end closes and waits on its own")]
struct Pair {
    client: Client,
    server: Server,
    now: Moment,
    to_server: VecDeque<u8>,
    to_client: VecDeque<u8>,
    grain: usize,
    /// Whether the certificate is in order.
    verified: bool,
    client_waits_for_tls: bool,
    server_waits_for_tls: bool,
    client_closed: bool,
    server_closed: bool,
    /// Letters that the server took.
    letters: usize,
    /// What the client wrote before TLS stood.
    plain: Vec<u8>,
    /// What the client saw and did.
    tape: Tape,
}

impl Pair {
    fn new(verified: bool) -> Self {
        Self::opened(verified, Opening::Plain)
    }

    fn opened(verified: bool, opening: Opening) -> Self {
        let mut config = Config::strict("mx1.harbor.test");
        config.offers.push(Extension::StartTls);
        config.offers_in_tls.push(Extension::Auth);
        config.mechanisms = vec![Mechanism::Plain, Mechanism::Login];
        let mut client = Client::new(&Profile { opening, hello: "laptop.you.test".into(), ..Profile::default() });
        let peer = ([192, 0, 2, 10], 25).into();
        client.opened(
            Opened { host: config.host.clone(), peer, local: None, lmtp: false, took: Duration::ZERO },
            Moment::START,
        );
        Self {
            client,
            server: Server::new(config, Moment::START),
            now: Moment::START,
            to_server: VecDeque::new(),
            to_client: VecDeque::new(),
            grain: usize::MAX,
            verified,
            client_waits_for_tls: false,
            server_waits_for_tls: false,
            client_closed: false,
            server_closed: false,
            letters: 0,
            plain: Vec::new(),
            tape: Tape::new(1 << 20),
        }
    }

    fn act(&mut self, act: &Act) {
        let octets = |line: &str| format!("{line}\r\n").into_bytes().into();
        match act {
            Act::Line(line) => self.client.send(Item::Line(octets(line)), self.now),
            Act::Now(line) => self.client.send(Item::Now(octets(line)), self.now),
            Act::Grain(octets) => self.grain = *octets,
            Act::Wait(millis) => self.wait(Duration::from_millis(*millis)),
            Act::LetGo => self.client.let_go(self.now),
            Act::KeepWaiting => self.client.keep_waiting(self.now),
            Act::GoOn => self.client.go_on(self.now),
            Act::ShutDown => self.server.shutdown(),
            Act::Idle => {
                self.now = self.now.max(self.server.deadline());
                self.server.tick(self.now);
            }
            Act::Reset => self.reset(),
            Act::Close => self.client.close(self.now),
        }
        self.settle();
    }

    fn wait(&mut self, duration: Duration) {
        self.now = self.now.after(duration);
        self.client.tick(self.now);
    }

    fn reset(&mut self) {
        self.client.closed(Ending::Reset);
        self.server_closed = true;
        self.to_client.clear();
    }

    /// Lets both go on until neither has anything to do.
    fn settle(&mut self) {
        let octets = self.to_server.len() + self.to_client.len();
        let mut rounds = 0;
        while self.round() {
            rounds += 1;
            // A line costs a few rounds, and each octet that crosses the wire alone one more.
            assert!(rounds < 20_000 + octets * 4, "they do not come to rest");
        }
    }

    fn round(&mut self) -> bool {
        // All four are to be done in each round.
        let done = [self.run_server(), self.run_client(), self.shake_hands(), self.carry()];
        done.contains(&true)
    }

    fn run_server(&mut self) -> bool {
        if self.server_closed || self.server_waits_for_tls {
            return false;
        }
        let ask = self.server.poll();
        let said = self.server.outgoing().to_vec();
        self.server.wrote(said.len());
        self.to_client.extend(&said);
        match &ask {
            Some(Ask::Close) => self.server_closed = true,
            Some(Ask::StartTls) => self.server_waits_for_tls = true,
            Some(ask) => {
                self.letters += usize::from(matches!(ask, Ask::Letter(_)));
                self.server.answer(&decide(ask));
            }
            None => {}
        }
        ask.is_some() || !said.is_empty()
    }

    fn run_client(&mut self) -> bool {
        let want = self.client.poll();
        match &want {
            Some(Want::StartTls) => self.client_waits_for_tls = true,
            Some(Want::Close) => self.client_closed = true,
            Some(Want::Mark(mark)) => self.tape.mark(self.now, mark.clone()),
            Some(Want::Derive | Want::Preface(_)) => panic!("no login is led here, and nobody is announced"),
            None => {}
        }
        let said = self.client.outgoing().to_vec();
        if !self.tape.marks().iter().any(|(_, mark)| matches!(mark, Mark::TlsReady(_))) {
            self.plain.extend_from_slice(&said);
        }
        self.tape.push(Side::Client, self.now, &said);
        self.client.wrote(said.len(), self.now);
        self.to_server.extend(&said);
        want.is_some() || !said.is_empty()
    }

    /// TLS stands if neither side finds plain text where the handshake should be.
    fn shake_hands(&mut self) -> bool {
        if !self.client_waits_for_tls || self.client_closed {
            return false;
        }
        self.client_waits_for_tls = false;
        if !self.to_client.is_empty() {
            self.client.injected();
        } else if self.server_waits_for_tls && self.to_server.is_empty() {
            self.server_waits_for_tls = false;
            self.server.tls_ready();
            self.client.tls(Ok(Box::new(facts(self.verified))), self.now);
        } else {
            let failure = TlsFailure::at_once(TlsTrouble::Closed);
            self.server_closed = true;
            self.client.tls(Err(failure), self.now);
        }
        true
    }

    /// Octets and ends cross the wire.
    fn carry(&mut self) -> bool {
        let mut carried = false;
        if !self.server_closed && !self.server_waits_for_tls && !self.to_server.is_empty() {
            let octets: Vec<u8> = self.to_server.drain(..self.grain.min(self.to_server.len())).collect();
            self.server.receive(&octets, self.now);
            carried = true;
        }
        if self.client.reads() && !self.to_client.is_empty() {
            let octets: Vec<u8> = self.to_client.drain(..self.grain.min(self.to_client.len())).collect();
            let taken = self.client.receive(&octets, self.now);
            self.tape.push(Side::Server, self.now, octets.get(..taken).unwrap_or_default());
            assert!(taken == octets.len() || !self.client.reads(), "octets are left although reading goes on");
            carried = true;
        }
        if self.server_closed && self.to_client.is_empty() && self.client.reads() {
            self.client.closed(Ending::Clean);
            carried = true;
        }
        if self.client_closed && self.to_server.is_empty() {
            carried |= !self.server_closed;
            self.server_closed = true;
        }
        carried
    }

    /// The user leaves; waits run out.
    fn end(&mut self) {
        self.act(&Act::Close);
        for _ in 0..10 {
            let Some(due) = self.client.deadline() else { break };
            self.now = self.now.max(due);
            self.client.tick(self.now);
            self.settle();
        }
    }
}

/// What one side said.
fn lane(pair: &Pair, side: Side) -> String {
    let lane = pair.tape.lane(side);
    String::from_utf8(lane.bytes(0, lane.len()).into_owned()).expect("ASCII")
}

fn facts(verified: bool) -> TlsFacts {
    let expired = || Judgement::Bad { id: "cert/expired".into(), why: "ended yesterday".into() };
    TlsFacts {
        version: "TLS 1.3".into(),
        suite: "TLS13_AES_256_GCM_SHA384".into(),
        group: None,
        sni: None,
        expected: "mx1.harbor.test".into(),
        chain: Vec::new(),
        trust: Judgement::Good,
        name: Judgement::Good,
        dates: if verified { Judgement::Good } else { expired() },
        records: Vec::new(),
        terms: crate::tape::tls::Terms::default(),
        took: Duration::ZERO,
    }
}

fn lines() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "EHLO laptop.you.test",
        "HELO laptop.you.test",
        "EHLO",
        "MAIL FROM:<mina@you.test>",
        "MAIL FROM:<> SIZE=99999999999",
        "RCPT TO:<pat@harbor.test>",
        "RCPT TO:<nobody@harbor.test>",
        "DATA",
        "Subject: hello",
        "",
        "..",
        ".",
        "RSET",
        "NOOP\r\nNOOP",
        "VRFY pat",
        "HELP",
        "STARTTLS",
        "STARTTLS\r\nNOOP",
        "AUTH PLAIN",
        "AUTH PLAIN AG1pbmEAc3VuZmxvd2Vy",
        "AUTH LOGIN",
        "bWluYQ==",
        "c3VuZmxvd2Vy",
        "*",
        "BDAT 3 LAST\r\nabc",
        "QUIT",
        "GET / HTTP/1.1",
    ])
}

fn acts() -> impl Strategy<Value = Act> {
    prop_oneof![
        24 => lines().prop_map(Act::Line),
        6 => lines().prop_map(Act::Now),
        2 => (1usize..40).prop_map(Act::Grain),
        2 => (1u64..120_000).prop_map(Act::Wait),
        1 => Just(Act::LetGo),
        1 => Just(Act::KeepWaiting),
        1 => Just(Act::GoOn),
        1 => Just(Act::ShutDown),
        1 => Just(Act::Idle),
        1 => Just(Act::Reset),
        1 => Just(Act::Close),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn c249_client_and_server_come_to_rest_after_every_act_and_to_an_end(
        acts in vec(acts(), 0..60),
        verified in any::<bool>(),
        opening in prop::sample::select(vec![Opening::Plain, Opening::Require, Opening::Prefer, Opening::Never]),
    ) {
        let mut pair = Pair::opened(verified, opening);
        pair.settle();
        for act in &acts {
            pair.act(act);
        }
        pair.end();
        prop_assert!(pair.client.is_over() && pair.client_closed, "the client is not over");
        prop_assert!(pair.server_closed, "the server is not over");
        prop_assert!(pair.client.deadline().is_none() && pair.client.outgoing().is_empty());
        if opening == Opening::Require {
            let plain = String::from_utf8_lossy(&pair.plain);
            prop_assert!(plain.lines().all(|line| ["EHLO laptop.you.test", "STARTTLS", "QUIT"].contains(&line)), "{plain}");
        }
    }

    #[test]
    fn c250_the_same_acts_give_the_same_tape(acts in vec(acts(), 0..40), verified in any::<bool>()) {
        let run = || {
            let mut pair = Pair::new(verified);
            for act in &acts {
                pair.act(act);
            }
            pair.end();
            let lanes = [Side::Client, Side::Server].map(|side| lane(&pair, side));
            (pair.tape.log().to_vec(), pair.tape.marks().to_vec(), lanes)
        };
        prop_assert_eq!(run(), run());
    }
}

const SCRIPT: [&str; 11] = [
    "EHLO laptop.you.test",
    "STARTTLS",
    "EHLO laptop.you.test",
    "AUTH PLAIN AG1pbmEAc3VuZmxvd2Vy",
    "MAIL FROM:<mina@you.test>",
    "RCPT TO:<pat@harbor.test>",
    "RCPT TO:<nobody@harbor.test>",
    "DATA",
    "..hello",
    ".",
    "QUIT",
];

#[test]
fn c250_these_are_its_octets_on_every_machine() {
    for grain in [1, 3, usize::MAX] {
        let mut pair = Pair::new(true);
        pair.act(&Act::Grain(grain));
        for line in SCRIPT {
            pair.act(&Act::Wait(250));
            pair.act(&Act::Line(line));
        }
        let hello = "250-mx1.harbor.test hello laptop.you.test\r\n250-PIPELINING\r\n250-SIZE 10485760\r\n250-8BITMIME\r\n\
                     250-ENHANCEDSTATUSCODES\r\n250-EXPN\r\n250-HELP\r\n250 ";
        let wanted = [
            "220 mx1.harbor.test ESMTP ready\r\n",
            hello,
            "STARTTLS\r\n220 2.0.0 Ready to start TLS\r\n",
            hello,
            "AUTH PLAIN LOGIN\r\n235 2.7.0 Authentication successful\r\n250 2.1.0 Sender OK\r\n",
            "250 2.1.5 Recipient OK\r\n550 5.1.1 No such user here\r\n354 End data with <CR><LF>.<CR><LF>\r\n",
            "250 2.0.0 Message accepted\r\n221 2.0.0 mx1.harbor.test closing connection\r\n",
        ];
        assert_eq!(lane(&pair, Side::Server), wanted.concat());
        assert_eq!(lane(&pair, Side::Client), SCRIPT.map(|line| format!("{line}\r\n")).concat());
        assert_eq!(pair.tape.end(), Moment::from_millis(2750), "every step came at its own time and nothing waited");
    }
}

#[test]
fn left_alone_the_two_come_to_an_end_by_time() {
    let mut pair = Pair::new(true);
    pair.act(&Act::Line("EHLO laptop.you.test"));
    pair.act(&Act::Idle);
    pair.wait(Duration::from_secs(2));
    pair.settle();
    assert!(pair.server_closed && lane(&pair, Side::Server).ends_with("timeout, closing connection\r\n"));
    pair.end();
    assert!(pair.client.is_over());
}

#[test]
fn c249_a_letter_passes_between_the_engines_inside_tls() {
    let mut pair = Pair::new(true);
    pair.settle();
    for line in [
        "EHLO laptop.you.test",
        "STARTTLS",
        "EHLO laptop.you.test",
        "AUTH PLAIN AG1pbmEAc3VuZmxvd2Vy",
        "MAIL FROM:<mina@you.test>",
        "RCPT TO:<pat@harbor.test>",
        "DATA",
        "Subject: hello",
        ".",
        "QUIT",
    ] {
        pair.act(&Act::Line(line));
    }
    assert_eq!(pair.letters, 1);
    assert!(pair.client.is_over() && pair.server_closed && pair.client_closed);
}
