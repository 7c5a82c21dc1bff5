//! What is recorded and read again is what was: for all bytes, in any segmentation, with any marks in between.

mod pieces;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::line::Line;
use super::reader::{NotRead, Remark, read};
use super::writer::Writer;
use super::{Class, Header, player};
use crate::dialogue::row::RowId;
use crate::ports::net::{Failure, Place, SessionId, Target, What};
use crate::session::look_ups::LookUps;
use crate::session::{Model, Session};
use crate::tape::mark::{Attempt, Closed, Ending, Hold, Limit, LookUp, Mark, Opened, Unreached, Wait};
use crate::tape::policy::{Fetched, Unfetched};
use crate::tape::promise::{Kept, Promise};
use crate::tape::tls::{
    Certificate, Content, Judgement, NoTls, Terms, TlsDecision, TlsFacts, TlsFailure, TlsRecord, TlsTrouble,
};
use crate::tape::told::{Means, Told};
use crate::tape::{Moment, Side};

const ID: SessionId = SessionId(3);

fn header() -> Header {
    Header::new("2026-03-01T09:12:00Z".parse().unwrap(), Class::Lab)
}

/// A session that grows, and the file that its recording is.
struct Take {
    session: Session,
    writer: Writer,
    file: String,
    /// Everything that a screen has shown.
    shown: String,
}

impl Take {
    fn new(place: Place) -> Self {
        let session = Session::new(ID, Target::new("mx1.harbor.test", 25, place));
        Self { session, writer: Writer::default(), file: header().json(), shown: String::new() }
    }

    fn apply(&mut self, at: Moment, what: &What) {
        self.session.apply(at, what);
        let lines = self.writer.follow(&self.session, 0);
        self.write(&lines);
        self.shown += &self.session.text();
    }

    fn write(&mut self, lines: &[Line]) {
        self.file.extend(lines.iter().map(Line::json));
    }

    fn said(&mut self, turns: &[Turn], cut: usize) {
        self.apply(Moment::START, &What::Mark(opened()));
        for (turn, at) in turns.iter().zip(1..) {
            let at = Moment::from_millis(at);
            match turn {
                Turn::Said(side, octets) => {
                    for piece in octets.chunks(cut) {
                        self.apply(at, &What::Bytes(*side, Arc::from(piece)));
                    }
                }
                Turn::Elided(side, octets) => self.apply(at, &What::Elided(*side, *octets)),
                Turn::Mark(mark) => self.apply(at, &What::Mark(mark.clone())),
                Turn::Ended => self.apply(at, &What::Ended),
            }
        }
    }

    /// The session as its recording shows it.
    fn played(&self) -> Model {
        let recording = read(self.file.as_bytes()).unwrap();
        assert_eq!(recording.remarks, []);
        let mut model = Model::new(LookUps::new(1));
        recording.lines.iter().for_each(|line| player::play(line, &mut model));
        model
    }
}

#[derive(Debug, Clone)]
enum Turn {
    Said(Side, Vec<u8>),
    Elided(Side, u64),
    Mark(Mark),
    Ended,
}

fn opened() -> Mark {
    let peer: std::net::SocketAddr = ([192, 0, 2, 10], 25).into();
    let local = Some(([192, 0, 2, 1], 40_000).into());
    let took = Duration::from_nanos(2_000_001);
    Mark::Opened(Opened { host: "mx1.harbor.test".into(), peer: peer.into(), local, lmtp: false, took })
}

fn facts() -> TlsFacts {
    TlsFacts {
        version: "TLS 1.3".into(),
        suite: "TLS13_AES_256_GCM_SHA384".into(),
        group: None,
        sni: Some("mx1.harbor.test".into()),
        expected: "mx1.harbor.test".into(),
        chain: vec![Certificate {
            subject: "CN=\u{202e}mx1".into(),
            der: vec![0x30, 0, 255],
            ..Certificate::default()
        }],
        trust: Judgement::Bad { id: "cert/unknown-ca".into(), why: "self-signed".into() },
        name: Judgement::Good,
        dates: Judgement::Theirs,
        records: vec![TlsRecord {
            from: Side::Client,
            content: Content::Handshake,
            octets: 517,
            after: Duration::from_nanos(7),
            messages: vec![Cow::Borrowed("client_hello")],
        }],
        terms: Terms::default(),
        took: Duration::from_micros(3),
    }
}

/// One mark of every kind, and where a kind holds others, of those.
fn marks() -> Vec<Mark> {
    let ip = std::net::IpAddr::from([198, 51, 100, 7]);
    let look_up = LookUp {
        name: "harbor.test.".into(),
        kind: "MX".into(),
        answers: vec!["10 mx1.harbor.test.".into()],
        outcome: "NOERROR".into(),
        source: "lab".into(),
        ttl: Some(300),
        took: Duration::from_millis(1),
    };
    let attempt = Attempt {
        host: "mx".into(),
        peer: super::super::tape::peer::Peer::Unix("/run/x".into()),
        why: Unreached::TimedOut,
        took: Duration::MAX,
    };
    let fetched =
        |found| Fetched { domain: "harbor.test".into(), id: "1".into(), at: Some(ip), found, took: Duration::ZERO };
    let trouble = |why| Mark::TlsFailed(TlsFailure { detail: "\u{1b}[2J".into(), ..TlsFailure::at_once(why) });
    vec![
        Mark::LookedUp(look_up),
        Mark::Refused(Attempt { took: Duration::from_secs(1), ..attempt }),
        Mark::GaveUp(Failure::NoAddress { outcome: "NXDOMAIN".into() }),
        Mark::GaveUp(Failure::AllFailed { tried: 1, known: 2 }),
        Mark::GaveUp(Failure::BadTarget { why: "no".into() }),
        Mark::GaveUp(Failure::NotTaken),
        opened(),
        Mark::Announced { client: ([203, 0, 113, 9], 5).into() },
        Mark::TlsDecided(TlsDecision::First),
        Mark::TlsDecided(TlsDecision::Upgrade { required: true }),
        Mark::TlsDecided(TlsDecision::Without { why: NoTls::Refused(454), goes_on: false }),
        Mark::TlsStarted { sni: None },
        Mark::TlsReady(Box::new(facts())),
        Mark::CertificateChanged { before: "aa".into(), now: "bb".into() },
        Mark::Fetched(Box::new(fetched(Ok("version: STSv1".into())))),
        Mark::Fetched(Box::new(fetched(Err(Unfetched::Private(ip))))),
        Mark::Fetched(Box::new(fetched(Err(Unfetched::TimedOut(Duration::from_secs(10)))))),
        Mark::Promised(Promise { kept: Kept::DaneBroken, why: "no record".into() }),
        trouble(TlsTrouble::InjectedPlaintext),
        trouble(TlsTrouble::NotTls(b"\x00\xff421".to_vec())),
        trouble(TlsTrouble::PlainPort(b"220 ".to_vec())),
        trouble(TlsTrouble::Alert("handshake_failure".into())),
        Mark::WentOn,
        Mark::Held { octets: 7, why: Hold::Reply },
        Mark::Dropped { lines: 2 },
        Mark::Unread { name: "a.eml".into(), why: "gone".into() },
        Mark::LoginStopped { id: "auth/channel-binding".into(), why: "no TLS".into() },
        Mark::SentEarly,
        Mark::TimedOut(Wait::DataEnd),
        Mark::KeptWaiting,
        Mark::StoppedWaiting,
        Mark::RecordFull { octets: 9 },
        Mark::Limit(Limit::Unsolicited),
        Mark::HalfClosed { by: Side::Server },
        Mark::Closed(Closed { by: Side::Client, how: Ending::NoCloseNotify }),
        Mark::Revealed,
        Mark::Told(Box::new(Told::new(
            "swaks says: \u{1b}hi",
            Means::Opened { ip: None, port: Some(25), whole: true, lmtp: false },
        ))),
        Mark::Told(Box::new(Told::new("TLS", Means::Secured { version: Some("TLSv1.3".into()), suite: None }))),
        Mark::Told(Box::new(Told::new("", Means::Closed { by: Side::Server }))),
        Mark::Suspended(Duration::from_secs(61)),
    ]
}

#[test]
fn every_mark_is_read_as_it_was_written() {
    for mark in marks() {
        let line = Line::Mark { s: ID, t: Moment::from_micros(7), mark };
        let text = header().json() + &line.json();
        assert!(text.is_ascii() && !text.contains('\u{1b}'), "{text}");
        let read = read(text.as_bytes()).unwrap();
        assert_eq!((read.lines, read.remarks), (vec![line], vec![]));
    }
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let server = [
        "220 mx\r\n",
        "250-mx\r\n250-SIZE 100\r\n250 AUTH PLAIN LOGIN\r\n",
        "250 ok\r\n",
        "354 go\r\n",
        "334 VXNlcm5hbWU6\r\n",
        "334 UGFzc3dvcmQ6\r\n",
        "235 in\r\n",
        "535 5.7.8 no: sunflower\r\n",
        "550 5.1.1 c3VuZmxvd2Vy\r\n",
        "250 ok",
        "421 bye\r\n",
    ];
    let client = [
        "EHLO a.test\r\n",
        "MAIL FROM:<a@b.test>\r\n",
        "RCPT TO:<c@d.test>\r\n",
        "DATA\r\n",
        "Subject: x\r\n\r\nwords\r\n.\r\n",
        "AUTH PLAIN AG1pbmEAc3VuZmxvd2Vy\r\n",
        "AUTH LOGIN\r\nbWluYQ==\r\nc3VuZmxvd2Vy\r\n",
        "AUTH LOGIN\r\n",
        "bWluYQ==\r\n",
        "c3VuZmxvd2Vy\r\n",
        "sunflower\r\n",
        "BDAT 5 LAST\r\nhello",
        "*\r\n",
        "NOOP",
    ];
    let said = prop_oneof![
        4 => proptest::sample::select(server.to_vec()).prop_map(|text| Turn::Said(Side::Server, text.into())),
        4 => proptest::sample::select(client.to_vec()).prop_map(|text| Turn::Said(Side::Client, text.into())),
        1 => (any::<bool>(), proptest::collection::vec(any::<u8>(), 1..12))
            .prop_map(|(client, octets)| Turn::Said(if client { Side::Client } else { Side::Server }, octets)),
        1 => proptest::sample::select(marks()).prop_map(Turn::Mark),
        1 => (1_u64..99).prop_map(|octets| Turn::Elided(Side::Client, octets)),
    ];
    let ended = any::<bool>().prop_map(|ended| if ended { vec![Turn::Ended] } else { Vec::new() });
    (proptest::collection::vec(said, 0..24), ended).prop_map(|(turns, ended)| [turns, ended].concat())
}

/// All that a person sees of a session.
fn views(session: &Session) -> (String, Vec<String>, String) {
    let rows = session.dialogue().rows();
    let ids = (0..rows.len()).map(|row| RowId(u32::try_from(row).unwrap()));
    let notes =
        ids.map(|row| format!("{:?} {:?} {:?}", session.note(row), session.explain(row), session.dialogue().row(row)));
    (session.text(), notes.collect(), format!("{:?} {:?}", session.state(), session.dialogue().flaws()))
}

proptest! {
    #[test]
    fn what_is_played_looks_like_what_was(turns in turns(), cut in 1_usize..40) {
        let mut take = Take::new(Place::Lab);
        take.said(&turns, cut);
        let model = take.played();
        let played = model.session(ID).unwrap();
        prop_assert_eq!(views(played), views(&take.session));
        prop_assert_eq!(played.tape().log(), take.session.tape().log());
        prop_assert_eq!(played.tape().marks(), take.session.tape().marks());
    }

    #[test]
    fn a_session_recorded_late_is_recorded_from_its_beginning(mut turns in turns(), cut in 1_usize..40) {
        let mut take = Take::new(Place::Lab);
        // The tape keeps of counted octets when the last of them went.
        turns.dedup_by(|one, other| matches!((one, other), (Turn::Elided(..), Turn::Elided(..))));
        take.said(&turns, cut);
        let mut late = Take { session: take.session, ..Take::new(Place::Lab) };
        let lines = late.writer.follow(&late.session, 0);
        late.write(&lines);
        prop_assert_eq!(views(late.played().session(ID).unwrap()), views(&late.session));
    }

    #[test]
    fn no_secret_of_a_live_session_is_in_its_recording(turns in turns(), cut in 1_usize..40) {
        let mut take = Take::new(Place::Live);
        take.said(&turns, cut);
        let lines = take.writer.finish(&take.session, 0);
        take.write(&lines);
        let model = take.played();
        let played = model.session(ID).unwrap();
        // What a screen has shown may be in the record: a login may have a word for its user. What none did is not.
        let told = take.shown.contains("sunflower");
        for secret in ["sunflower", "c3VuZmxvd2Vy", "AG1pbmEAc3VuZmxvd2Vy"] {
            prop_assert!(told || take.shown.contains(secret) || !take.file.contains(secret), "{}\n{}", take.file, take.session.text());
        }
        prop_assert_eq!(played.octets(Side::Client), take.session.octets(Side::Client));
        prop_assert_eq!(played.octets(Side::Server), take.session.octets(Side::Server));
    }
}

#[test]
fn a_live_login_looks_the_same_when_it_is_played() {
    let mut take = Take::new(Place::Live);
    let said = |side, text: &str| Turn::Said(side, text.into());
    take.said(
        &[
            said(Side::Server, "220 mx\r\n"),
            said(Side::Client, "EHLO a.test\r\n"),
            said(Side::Server, "250-mx\r\n250 AUTH PLAIN LOGIN\r\n"),
            said(Side::Client, "AUTH PLAIN AG1pbmEAc3VuZmxvd2Vy\r\n"),
            said(Side::Server, "535 5.7.8 sunflower is wrong\r\n"),
            said(Side::Client, "AUTH LOGIN\r\nbWluYQ==\r\n"),
            said(Side::Server, "334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n"),
            said(Side::Client, "c3VuZmxvd2Vy\r\n"),
            said(Side::Server, "235 2.7.0 in\r\n"),
        ],
        7,
    );
    let model = take.played();
    assert_eq!(views(model.session(ID).unwrap()), views(&take.session));
    assert!(!take.file.contains("sunflower") && !take.file.contains("c3VuZmxvd2Vy"), "{}", take.file);
}

#[test]
fn what_an_answer_will_decide_is_not_written_before() {
    let mut take = Take::new(Place::Live);
    let said = |side, text: &str| Turn::Said(side, text.into());
    take.said(
        &[said(Side::Server, "220 mx\r\n"), said(Side::Client, "AUTH LOGIN\r\nbWluYQ==\r\nc3VuZmxvd2Vy\r\n")],
        99,
    );
    assert!(!take.file.contains("bWluYQ"), "{}", take.file);
    take.apply(Moment::from_millis(9), &What::Bytes(Side::Server, Arc::from(&b"334 VXNlcm5hbWU6\r\n"[..])));
    assert!(take.file.contains("bWluYQ") && !take.file.contains("c3VuZ"), "{}", take.file);
    let lines = take.writer.finish(&take.session, 0);
    take.write(&lines);
    assert!(!take.file.contains("c3VuZ"), "{}", take.file);
}

#[test]
fn f224_a_recording_that_was_cut_is_read_up_to_there() {
    let mut take = Take::new(Place::Lab);
    take.said(&[Turn::Said(Side::Server, b"220 mx\r\n".to_vec())], 99);
    let whole = read(take.file.as_bytes()).unwrap().lines.len();
    let cut = read(&take.file.as_bytes()[..take.file.len() - 9]).unwrap();
    assert_eq!((cut.lines.len(), cut.remarks.as_slice()), (whole - 1, &[Remark::Truncated(whole - 1)][..]));
    assert!(cut.remarks[0].to_string().ends_with("[rec/truncated]"));
}

#[test]
fn f225_what_a_newer_version_wrote_is_left_out_and_told_or_refused() {
    let mut newer = header();
    newer.format = 3;
    let why = read(newer.json().as_bytes()).unwrap_err();
    assert_eq!((why.clone(), why.id()), (NotRead::Newer(3), "rec/version"));
    assert!(why.to_string().contains("a newer ehlo (format 3)"));
    let text = header().json()
        + "{\"kind\":\"smell\",\"s\":1,\"of\":[\"roses\"]}\n{\"kind\":\"end\",\"s\":1,\"why\":\"new field\"}\n";
    let recording = read(text.as_bytes()).unwrap();
    assert_eq!(recording.lines, [Line::End { s: SessionId(1) }]);
    assert_eq!(recording.remarks, [Remark::Unknown(1, "smell".into())]);
}

#[test]
fn f226_what_is_deep_long_or_no_json_is_left_out_and_told() {
    let deep = format!("{{\"kind\":\"end\",\"s\":1,\"x\":{}{}}}\n", "[".repeat(5000), "]".repeat(5000));
    let long = format!("{{\"kind\":\"end\",\"s\":1,\"x\":\"{}\"}}\n", "x".repeat(1 << 20));
    let odd = "{\"kind\":\"mark\",\"s\":1}\n\u{0}\u{1b}]0;x\u{7}\n{\"kind\":\"bytes\",\"s\":1,\"t\":1,\"side\":\"server\",\"base64\":\"*\"}\n";
    let text = header().json() + &deep + &long + odd;
    let recording = read(text.as_bytes()).unwrap();
    assert_eq!(recording.lines, []);
    assert_eq!(recording.remarks, [Remark::Broken(5, 2, "it is too deep")]);
    for foreign in ["", "220 mx\r\n", "{}\n", "[[[[", "{\"ehlo\":\"script\",\"format\":1}\n"] {
        assert_eq!(read(foreign.as_bytes()), Err(NotRead::Foreign), "{foreign}");
    }
}
