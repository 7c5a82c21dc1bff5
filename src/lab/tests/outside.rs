//! Programs from outside: what the host's side of their conversations tells, folded as the explorer folds it.

use super::*;
use crate::dialogue::Dialogue;
use crate::dialogue::exchange::Exchange;
use crate::dialogue::phase::Phase;
use crate::dns::{Answer, Outcome};
use crate::ports::lab::Step;
use crate::ports::net::What;
use crate::smtp::code::Code;
use crate::tape::mark::{Closed, Ending, Mark};
use crate::tape::tls::{TlsFacts, TlsTrouble};
use crate::tape::{Side, Span, Tape};

/// A lab that is listened to.
struct Watched {
    room: Room,
    letters: usize,
}

/// A conversation that is over.
struct Past {
    visit: Visit,
    tape: Tape,
    dialogue: Dialogue,
}

impl Watched {
    async fn open() -> Self {
        Self { room: Room::open().await, letters: 0 }
    }

    /// A program connects to a host.
    fn come(&self, to: &str) -> Talk {
        let (client, server) = tokio::io::duplex(STREAM);
        let (hosts, to) = (self.room.lab.hosts(), to.parse().expect("an address"));
        tokio::spawn(async move { hosts.receive(to, ([127, 0, 0, 1], 40_000).into(), server).await });
        Talk { stream: Box::new(client), unread: Vec::new() }
    }

    /// The conversation, when it is over.
    async fn over(&mut self) -> Past {
        let Some(Signal::Came(visit)) = self.room.letters.recv().await else { panic!("nobody came") };
        let mut tape = Tape::new(1 << 20);
        loop {
            match self.room.letters.recv().await.expect("the lab runs") {
                Signal::Heard { at, what: What::Bytes(side, octets), .. } => tape.push(side, at, &octets),
                Signal::Heard { at, what: What::Mark(mark), .. } => tape.mark(at, mark),
                Signal::Heard { what: What::Ended, .. } => break,
                Signal::Delivered(_) => self.letters += 1,
                Signal::News(_) | Signal::Queue { .. } | Signal::Clock { .. } => {}
                other => panic!("{other:?}"),
            }
        }
        Past { visit, dialogue: Dialogue::of(&tape), tape }
    }
}

impl Past {
    fn said(&self, side: Side) -> String {
        let all = self.tape.bytes(Span::new(side, 0, self.tape.lane(side).len())).into_owned();
        String::from_utf8(all).expect("ASCII")
    }

    fn closed(&self) -> Closed {
        match self.tape.marks().last() {
            Some((_, Mark::Closed(closed))) => *closed,
            other => panic!("not closed: {other:?}"),
        }
    }

    fn tls(&self) -> &TlsFacts {
        let facts = |mark: &'_ (_, Mark)| matches!(mark.1, Mark::TlsReady(_));
        match self.tape.marks().iter().find(|mark| facts(mark)) {
            Some((_, Mark::TlsReady(facts))) => facts,
            _ => panic!("no TLS"),
        }
    }
}

#[tokio::test]
async fn both_lanes_are_recorded_and_folded_like_a_session_by_hand() {
    let mut lab = Watched::open().await;
    let mut talk = lab.come(MX1);
    talk.reply().await;
    talk.line("EHLO swaks.you.test").await;
    talk.line("MAIL FROM:<mina@you.test>").await;
    talk.line("RCPT TO:<pat@harbor.test>").await;
    talk.line("RCPT TO:<nobody@harbor.test>").await;
    talk.line("DATA").await;
    talk.line("Subject: hello\r\n\r\nhi\r\n.").await;
    talk.line("QUIT").await;
    drop(talk);
    let past = lab.over().await;
    assert!(past.said(Side::Client).starts_with("EHLO swaks.you.test\r\n"));
    assert!(past.said(Side::Client).ends_with("hi\r\n.\r\nQUIT\r\n"));
    assert!(past.said(Side::Server).starts_with("220 mx1.harbor.test ESMTP"));
    let codes: Vec<u16> = past.dialogue.exchanges().iter().filter_map(Exchange::code).map(Code::get).collect();
    assert_eq!(codes, [220, 250, 250, 250, 550, 354, 250, 221]);
    assert_eq!(past.closed(), Closed { by: Side::Server, how: Ending::Clean });
    let Some((_, Mark::Opened(opened))) = past.tape.marks().first() else { panic!("not opened") };
    assert_eq!((opened.host.as_str(), opened.peer.to_string()), ("mx1.harbor.test", MX1.to_owned()));
    assert_eq!(opened.local, Some(([127, 0, 0, 1], 40_000).into()));
    assert_eq!((past.visit.host.as_str(), past.visit.tls), ("mx1.harbor.test", false));
    assert_eq!(lab.letters, 1, "the letter is there as well");
}

#[tokio::test]
async fn what_is_said_inside_tls_is_recorded_in_plain_text() {
    let mut lab = Watched::open().await;
    let tls = lab.room.tls();
    let mut talk = lab.come(MX1);
    talk.reply().await;
    talk.line("EHLO laptop.you.test").await;
    talk.line("STARTTLS").await;
    let mut talk = talk.secure(tls, "mx1.harbor.test").await.expect("TLS");
    talk.line("EHLO laptop.you.test").await;
    talk.line("QUIT").await;
    drop(talk);
    let past = lab.over().await;
    assert!(past.said(Side::Client).ends_with("STARTTLS\r\nEHLO laptop.you.test\r\nQUIT\r\n"));
    let facts = past.tls();
    assert_eq!((facts.version.as_str(), facts.sni.as_deref()), ("TLS 1.3", Some("mx1.harbor.test")));
    assert!(facts.is_own() && !facts.in_doubt() && facts.accepted());
    assert!(facts.records.iter().any(|record| record.from == Side::Client && record.messages == ["client_hello"]));
    assert!(past.dialogue.is_secured());
    let flaws: Vec<_> = past.dialogue.flaws().iter().map(|flaw| flaw.kind.id()).collect();
    assert_eq!(flaws, ["caps/changed"], "no doubt about the certificate");
}

#[tokio::test]
async fn a_handshake_that_fails_is_recorded_with_its_reason() {
    let mut lab = Watched::open().await;
    let mut talk = lab.come(SUBMIT_TLS);
    talk.stream.write_all(b"EHLO laptop.you.test\r\n").await.expect("a stream");
    assert!(talk.stream.read(&mut [0; 64]).await.is_ok());
    drop(talk);
    let past = lab.over().await;
    let failed = past.tape.marks().iter().find_map(|(_, mark)| match mark {
        Mark::TlsFailed(failure) => Some(failure.why.clone()),
        _ => None,
    });
    assert_eq!(failed, Some(TlsTrouble::NotTls(b"EHLO laptop.you.test\r\n".to_vec())));
    assert_eq!(past.closed(), Closed { by: Side::Server, how: Ending::Tls });
}

#[tokio::test]
async fn a_program_that_goes_away_in_its_letter_is_seen_to() {
    let mut lab = Watched::open().await;
    let mut talk = lab.come(MX1);
    talk.reply().await;
    for line in ["EHLO laptop.you.test", "MAIL FROM:<>", "RCPT TO:<pat@harbor.test>", "DATA"] {
        talk.line(line).await;
    }
    talk.stream.write_all(b"Subject: half").await.expect("a stream");
    drop(talk);
    let past = lab.over().await;
    assert_eq!(past.closed(), Closed { by: Side::Client, how: Ending::Clean });
    assert!(past.said(Side::Client).ends_with("Subject: half"));
    assert_eq!(past.dialogue.phase(), Phase::Closed);
    assert_eq!(lab.letters, 0);
}

#[tokio::test(start_paused = true)]
async fn a_silent_program_gets_421_after_five_minutes_and_frees_its_place() {
    let mut lab = Watched::open().await;
    let mut talk = lab.come(MX1);
    talk.reply().await;
    talk.line("EHLO laptop.you.test").await;
    assert!(talk.reply().await.starts_with("421 4.4.2 "));
    let past = lab.over().await;
    assert_eq!(past.tape.end().micros() / 1_000_000, 301, "the program kept its end open for one second more");
    assert_eq!(past.closed(), Closed { by: Side::Server, how: Ending::Clean });
}

#[tokio::test]
async fn with_all_places_taken_421_is_recorded_too() {
    let mut lab = Watched::open().await;
    let mut talks = Vec::new();
    for _ in 0..LabLimits::default().sessions {
        talks.push(lab.room.greeted(MX1).await);
    }
    let mut late = lab.come(MX1);
    assert!(late.reply().await.starts_with("421 4.3.2 "));
    drop(late);
    assert!(lab.over().await.said(Side::Server).starts_with("421 "));
}

#[tokio::test]
async fn a_lab_that_closes_says_421_to_whoever_is_there() {
    let mut lab = Watched::open().await;
    let mut talk = lab.come(MX1);
    talk.reply().await;
    talk.line("EHLO laptop.you.test").await;
    lab.room.lab.close().await;
    assert!(talk.reply().await.starts_with("421 4.3.2 "));
    drop(talk);
    assert_eq!(lab.over().await.closed(), Closed { by: Side::Server, how: Ending::Clean });
}

#[tokio::test(start_paused = true)]
async fn in_a_served_lab_a_letter_that_waits_is_tried_again_by_itself_and_in_another_one_it_is_not() {
    /// When a letter to a domain that cannot be looked up was put off, in seconds since the first time.
    async fn tries(mut room: Room) -> Vec<u64> {
        let names: relay::Names = Arc::new(|_| Box::pin(async { Answer::empty(Outcome::ServFail) }));
        room.lab.relay(names);
        let mut talk = room.greeted("203.0.113.50:25").await;
        for line in ["MAIL FROM:<pat@open.test>", "RCPT TO:<pat@harbor.test>", "DATA"] {
            assert!(talk.line(line).await.starts_with(['2', '3']), "{line}");
        }
        assert!(talk.line("Subject: trip\r\n\r\nOff we go.\r\n.").await.starts_with("250"));
        let mut times = Vec::new();
        while times.len() < 3 {
            match timeout(Duration::from_hours(3), room.letters.recv()).await {
                Ok(Some(Signal::News(news))) if matches!(news.step, Step::Deferred { .. }) => times.push(news.at),
                Ok(Some(_)) => {}
                _ => break,
            }
        }
        times.iter().map(|at| at - times[0]).collect()
    }
    let (told, letters) = mpsc::channel(2000);
    let served = serve(7, Served { now: Timestamp::now(), dns: 0 }, told).await.expect("a lab");
    let [0, second, third] = tries(Room { lab: served, letters }).await[..] else { panic!("three tries") };
    assert!((1800..=1810).contains(&second) && (3600..=3620).contains(&third), "{second} {third}");
    assert_eq!(tries(Room::open().await).await, [0], "its clock stands still");
}

#[tokio::test]
async fn a_program_from_outside_is_given_the_policy_of_a_domain_and_no_conversation_is_told() {
    let mut watched = Watched::open().await;
    let talk = watched.come("203.0.113.10:443").secure(watched.room.tls(), "mta-sts.bank.test").await.expect("TLS");
    let policy = crate::net::https::policy(talk.stream, "mta-sts.bank.test").await.expect("a policy");
    assert!(policy.starts_with("version: STSv1\r\nmode: enforce\r\n"), "{policy}");
    assert!(watched.room.letters.try_recv().is_err());
}
