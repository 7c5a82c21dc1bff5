//! Certificates that are not in order, or not made to be shown.

use ehlo::dialogue::phase::Phase;
use ehlo::net::{Calendar, World};
use ehlo::ports::lab::AUTHORITY;
use ehlo::ports::net::{Act, Authenticate};
use ehlo::ports::net::{Checks, Handshake, Opening, Place, SessionId, Signal, Target, What};
use ehlo::session::look_ups::LookUps;
use ehlo::session::{Model, Signal as Told, words};
use ehlo::smtp::sasl::client::{Login, Mechanism};
use ehlo::tape::mark::{Hold, Mark};
use ehlo::tape::tls::{Judgement, TlsFacts};
use ehlo::tape::{Moment, Side};
use ehlo::ui::{certificate, remote};
use rcgen::{DnType, DnValue, ExtendedKeyUsagePurpose, KeyUsagePurpose, SanType};
use tokio::io::DuplexStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::certificates::{Authority, params, self_signed, showing};
use crate::stage::{Play, config, hear, target, tell};
use crate::tls::encrypted;

async fn obliges(mut peer: TlsStream<DuplexStream>) {
    tell(&mut peer, "220 hi\r\n").await;
    while !hear(&mut peer).await.is_empty() {
        tell(&mut peer, "250 ok\r\n").await;
    }
}

async fn opened(world: World, checks: Checks) -> Play {
    let handshake = Handshake { checks, ..Handshake::default() };
    let mut play =
        Play::open(config(world), Target { opening: Opening::ImplicitTls, handshake, ..target(&["192.0.2.10"]) }).await;
    play.until(|tape| tape.marks().iter().any(|(_, mark)| matches!(mark, Mark::TlsReady(_) | Mark::Closed(_)))).await;
    play
}

fn facts(play: &Play) -> &TlsFacts {
    let ready = play.marks().find_map(|mark| if let Mark::TlsReady(facts) = mark { Some(facts) } else { None });
    ready.unwrap_or_else(|| panic!("no TLS: {:?}", play.tls_failure()))
}

/// What is wrong, each judgement in its words.
fn why(play: &Play) -> Vec<String> {
    let facts = facts(play);
    let bad = |judgement: &Judgement| if let Judgement::Bad { why, .. } = judgement { Some(why.clone()) } else { None };
    [&facts.trust, &facts.name, &facts.dates].into_iter().filter_map(bad).collect()
}

/// The certificates as a screen shows them.
fn sheet(play: &Play) -> String {
    let lines = certificate::lines(facts(play), &[], 100, remote::text);
    lines.iter().map(|line| line.iter().map(|run| run.text.as_str()).collect::<String>() + "\n").collect()
}

/// Nothing leaves before the user has said so; what was said stays exact.
async fn stands_still(play: &mut Play, ids: &[&str]) {
    play.until_heard("220 hi\r\n").await;
    play.say("NOOP").await;
    play.until_marked(|mark| matches!(mark, Mark::Held { why: Hold::Certificate, .. })).await;
    assert_eq!(play.ids(), ids);
    assert_eq!((play.server().as_str(), play.client().as_str()), ("220 hi\r\n", ""));
    assert_eq!(play.phase(), Phase::Ready);
}

async fn doubted(server: TlsAcceptor, authority: &Authority, ids: &[&str]) -> Play {
    let mut play = opened(encrypted(server, authority.der(), obliges), Checks::All).await;
    stands_still(&mut play, ids).await;
    play
}

#[tokio::test(start_paused = true)]
async fn x207_an_expired_certificate_is_told_in_dates_of_people() {
    let authority = Authority::named("ehlo test CA");
    let server = authority.server("mx1.harbor.test", -90..-12);
    let play = doubted(server, &authority, &["cert/expired"]).await;
    assert_eq!(
        why(&play),
        ["The certificate was valid until 12 November 2026; today is 24 November 2026, 12 days later."]
    );
    assert!(sheet(&play).contains("2026-11-12, ended 12 days before"), "{}", sheet(&play));
}

#[tokio::test(start_paused = true)]
async fn a_certificate_says_how_many_days_are_left_and_what_its_key_is_for() {
    let authority = Authority::named("ehlo test CA");
    let mut content = params("mx1.harbor.test", -1..90);
    content.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    content.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    let (leaf, key) = authority.issue(&content);
    let server = showing(vec![leaf, authority.der().to_vec()], &key);
    let play = opened(encrypted(server, authority.der(), obliges), Checks::All).await;
    let shown = sheet(&play);
    assert!(shown.contains(", 90 days left") && shown.contains(", 1000 days left"), "{shown}");
    assert!(shown.contains("usage      digitalSignature, serverAuth, clientAuth\n"), "{shown}");
    assert!(shown.contains("usage      CA, digitalSignature, keyCertSign\n"), "{shown}");
}

#[tokio::test(start_paused = true)]
async fn a_certificate_without_usage_is_not_restricted() {
    let authority = Authority::named("ehlo test CA");
    let server = authority.server("mx1.harbor.test", -1..90);
    let play = opened(encrypted(server, authority.der(), obliges), Checks::All).await;
    assert!(sheet(&play).contains("usage      not restricted\n"), "{}", sheet(&play));
}

#[tokio::test(start_paused = true)]
async fn x208_a_certificate_of_the_future_and_a_clock_of_the_past() {
    let authority = Authority::named("ehlo test CA");
    let play = doubted(authority.server("mx1.harbor.test", 400..500), &authority, &["cert/not-yet"]).await;
    assert_eq!(
        why(&play),
        [
            "The certificate is valid from 29 December 2027; today is 24 November 2026, 400 days earlier. Is a clock wrong?"
        ]
    );
    let server = authority.server("mx1.harbor.test", -1..90);
    let world = World { calendar: Calendar::new(|| 0), ..encrypted(server, authority.der(), obliges) };
    let mut play = opened(world, Checks::All).await;
    stands_still(&mut play, &["cert/not-yet"]).await;
    let [why] = &why(&play)[..] else { panic!("one thing is wrong") };
    assert!(why.contains("today is 1 January 1970") && why.ends_with("Is a clock wrong?"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn x209_of_many_wrong_names_ten_are_listed_and_the_rest_counted() {
    let authority = Authority::named("ehlo test CA");
    let mut many = params("host1.example", -1..90);
    many.subject_alt_names =
        (1..=13).map(|at| SanType::DnsName(format!("host{at}.example").try_into().unwrap())).collect();
    let (der, key) = authority.issue(&many);
    let play = doubted(showing(vec![der], &key), &authority, &["cert/name"]).await;
    let listed: Vec<String> = (1..=10).map(|at| format!("host{at}.example")).collect();
    let names = listed.join(", ");
    assert_eq!(
        why(&play),
        [format!("Expected a certificate for mx1.harbor.test; the certificate is for {names} and 3 more.")]
    );
}

#[tokio::test(start_paused = true)]
async fn x210_self_signed_an_unknown_authority_and_that_of_a_lab_are_told_apart() {
    let ours = Authority::named("ehlo test CA");
    let other = Authority::named("Other CA");
    let lab = Authority::of_house("Lab CA", AUTHORITY);
    for (server, says) in [
        (self_signed("mx1.harbor.test"), "is self-signed: CN=mx1.harbor.test vouches for itself"),
        (other.server("mx1.harbor.test", -1..90), "ends at CN=Other CA, which is no authority that is trusted here"),
        (lab.server("mx1.harbor.test", -1..90), "calls itself the authority of a lab; it counts only inside the lab"),
    ] {
        let play = doubted(server, &ours, &["cert/unknown-ca"]).await;
        assert!(why(&play).concat().contains(says), "{:?}", why(&play));
        let leaf = facts(&play).chain.first().unwrap();
        assert_eq!(leaf.sha256.len(), 64);
        assert!(sheet(&play).contains(&leaf.sha256), "the fingerprint is shown:\n{}", sheet(&play));
    }
}

/// What hostile text in a certificate would do is shown and not done, and the text is kept as it came.
async fn is_shown_and_not_done(server: TlsAcceptor, authority: &Authority, ids: &[&str], visible: &[&str]) -> Play {
    let play = doubted(server, authority, ids).await;
    let said: Vec<String> =
        play.marks().map(|mark| ehlo::safe::screen(words::of(mark).as_bytes()).to_string()).collect();
    let shown = format!("{}{}", sheet(&play), said.join("\n"));
    assert!(!shown.replace('\n', "").chars().any(char::is_control), "{shown:?}");
    for part in visible {
        assert!(shown.contains(part), "{part} is not visible:\n{shown}");
    }
    play
}

#[tokio::test(start_paused = true)]
async fn x212_a_name_with_terminal_sequences_is_shown_and_not_executed() {
    let authority = Authority::named("ehlo test CA");
    let hostile = "ev\x1b]0;x\x07il\x1b[2J.test";
    let mut odd = params("mx1.harbor.test", -1..90);
    odd.subject_alt_names = vec![SanType::DnsName(hostile.try_into().unwrap())];
    let (der, key) = authority.issue(&odd);
    let server = showing(vec![der], &key);
    let visible = ["ev^[]0;x^Gil^[[2J.test"];
    let play = is_shown_and_not_done(server, &authority, &["cert/name", "safe/escape"], &visible).await;
    assert_eq!(facts(&play).chain.first().unwrap().names, [hostile]);
}

#[tokio::test(start_paused = true)]
async fn x213_a_subject_cannot_pose_as_a_reply() {
    let authority = Authority::named("ehlo test CA");
    let mut odd = params("mx1.harbor.test", -1..90);
    let text = |text: &str| DnValue::Utf8String(text.to_owned());
    odd.distinguished_name.push(DnType::CommonName, text("CN\x1b]0;pwn\x07\u{202e}\u{9b}31m\n\0"));
    odd.distinguished_name.push(DnType::OrganizationName, text("O\r\n250 OK"));
    let (der, key) = authority.issue(&odd);
    let server = showing(vec![der], &key);
    let mut play = opened(encrypted(server, authority.der(), obliges), Checks::All).await;
    play.until_heard("220 hi\r\n").await;
    assert_eq!(play.ids(), ["safe/escape", "safe/bidi"]);
    assert_eq!((play.server().as_str(), play.client().as_str()), ("220 hi\r\n", ""));
    assert_eq!(play.phase(), Phase::Ready);
    let shown = sheet(&play);
    assert!(shown.contains("^[]0;pwn^G<U+202E><U+009B>31m^J^@") && shown.contains("O^M^J250 OK"), "{shown}");
    assert!(!shown.lines().any(|line| line.starts_with("250 OK")), "{shown}");
}

#[tokio::test(start_paused = true)]
async fn x217_who_insists_on_nothing_is_told_all_that_is_wrong_for_as_long_as_it_lasts() {
    let authority = Authority::named("ehlo test CA");
    let server = authority.server("mx9.harbor.test", -90..-12);
    let mut play = opened(encrypted(server, authority.der(), obliges), Checks::None).await;
    play.until_heard("220 hi\r\n").await;
    play.say("NOOP").await;
    play.until_heard("250 ok\r\n").await;
    assert_eq!(play.ids(), ["cert/name", "cert/expired", "cert/insecure"]);
    assert_eq!((play.server().as_str(), play.client().as_str()), ("220 hi\r\n250 ok\r\n", "NOOP\r\n"));
    assert_eq!(play.phase(), Phase::Ready);
    assert_eq!(why(&play).len(), 2);
    assert!(!facts(&play).verified(), "the title goes by this");
    let said = words::of(&Mark::TlsReady(Box::new(facts(&play).clone())));
    assert!(said.ends_with("certificate NOT verified, and not to be"), "{said}");
    assert!(
        sheet(&play).contains("checked    nothing; the session goes on whatever the certificate"),
        "{}",
        sheet(&play)
    );
    // It is set for one target on the command line, and nowhere else.
    assert_eq!(Target::new("mx1.harbor.test", 25, Place::Live).handshake.checks, Checks::All);
    assert!(ehlo::config::read(b"tls-verify = \"off\"\n").is_err());
}

/// A certificate, damaged in many ways.
fn damaged(der: &[u8]) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = (0..der.len()).step_by(37).map(|end| der[..end].to_vec()).collect();
    for at in (0..der.len()).step_by(23) {
        let mut flipped = der.to_vec();
        flipped[at] ^= 0xff;
        all.push(flipped);
    }
    // Indefinite and overlong lengths of BER, a sequence that ends in nothing, no ASN.1 at all.
    all.push([&der[..1], &[0x80], &der[4..], &[0, 0]].concat());
    all.push([&der[..1], &[0x84, 0, 0], &der[2..]].concat());
    all.push([der, &[0; 10_240]].concat());
    all.push(vec![0x30; 5_000]);
    all.push(b"250 OK\r\n".to_vec());
    all
}

#[tokio::test(start_paused = true)]
async fn x218_what_cannot_be_read_is_shown_as_octets_and_never_ends_the_program() {
    let authority = Authority::named("ehlo test CA");
    let (leaf, key) = authority.issue(&params("mx1.harbor.test", -1..90));
    let mut unreadable = 0;
    for damaged in damaged(&leaf) {
        // Beside a good certificate nothing depends on it.
        let server = showing(vec![leaf.clone(), damaged.clone()], &key);
        let mut play = opened(encrypted(server, authority.der(), obliges), Checks::All).await;
        play.until_heard("220 hi\r\n").await;
        let facts = facts(&play);
        assert!(facts.verified(), "{:?}", why(&play));
        let [_, other] = &facts.chain[..] else { panic!("two certificates") };
        assert_eq!(other.der, damaged, "it is kept as it came");
        let beginning = damaged.iter().take(20).fold(String::new(), |hex, octet| hex + &format!("{octet:02x}"));
        assert_eq!(!other.readable, sheet(&play).contains(&format!("bytes      {beginning}")), "{}", sheet(&play));
        assert_eq!(!other.readable, play.ids().contains(&"cert/unparsable"), "{:?}", play.ids());
        assert_eq!((play.server().as_str(), play.client().as_str()), ("220 hi\r\n", ""));
        unreadable += usize::from(!other.readable);
    }
    assert!(unreadable > 10, "{unreadable}");
}

#[tokio::test(start_paused = true)]
async fn x218_a_server_whose_own_certificate_cannot_be_read_is_judged_by_the_handshake_alone() {
    let authority = Authority::named("ehlo test CA");
    let (leaf, key) = authority.issue(&params("mx1.harbor.test", -1..90));
    for cut in [&leaf[..40], b"250 OK\r\n", &[0x30; 64]] {
        let acceptor = showing(vec![cut.to_vec()], &key);
        let part = move |stream: DuplexStream| {
            let acceptor = acceptor.clone();
            async move { drop(acceptor.accept(stream).await) }
        };
        let stage = crate::stage::Stage(move |_| crate::stage::Peer::plays(part.clone()));
        let play = opened(crate::stage::world(stage, &[authority.der()]), Checks::None).await;
        assert_eq!(play.ids(), ["tls/handshake"], "no setting waives the proof of the key");
        assert_eq!(play.phase(), Phase::Closed);
        assert_eq!((play.server(), play.client()), (String::new(), String::new()));
    }
}

#[tokio::test(start_paused = true)]
async fn x219_another_certificate_than_in_the_last_session_with_the_host_is_told_with_both_fingerprints() {
    let authority = Authority::named("ehlo test CA");
    let (first, second) = (authority.server("mx1.harbor.test", -1..90), authority.server("mx1.harbor.test", -1..90));
    let mut model = Model::new(LookUps::new(1));
    let mut seen = Vec::new();
    for (server, host, port, told) in [
        (&first, "mx1.harbor.test", 465, false),
        (&first, "MX1.harbor.test", 465, false),
        (&second, "mx1.harbor.test", 4465, false),
        (&second, "mx1.harbor.test", 465, true),
        (&second, "mx1.harbor.test", 465, false),
    ] {
        let mut play = opened(encrypted(server.clone(), authority.der(), obliges), Checks::All).await;
        play.until_heard("220 hi\r\n").await;
        let id: SessionId = model.begin(Target::new(host, port, Place::Live));
        let signal = |what| Told::Net(Signal { session: id, at: Moment::from_millis(1), what });
        for mark in play.marks() {
            model.apply(&signal(What::Mark(mark.clone())));
        }
        model.apply(&signal(What::Bytes(Side::Server, play.server().into_bytes().into())));
        let session = model.session(id).unwrap();
        let ids: Vec<_> = session.dialogue().flaws().iter().map(|flaw| flaw.kind.id()).collect();
        assert_eq!(ids, if told { vec!["cert/changed"] } else { vec![] }, "{host}:{port}");
        let now = facts(&play).chain.first().unwrap().sha256.clone();
        if told {
            let text = session.text();
            assert!(text.contains(seen.first().unwrap()) && text.contains(&now), "{text}");
            assert!(text.contains("220 hi"), "{text}");
        }
        assert_eq!(session.dialogue().phase(), Phase::Ready);
        seen.push(now);
    }
}

#[tokio::test(start_paused = true)]
async fn c113_a_certificate_for_another_host_than_the_one_that_was_named_holds_a_login_back() {
    let authority = Authority::named("ehlo test CA");
    let server = authority.server("mail.provider.example", -1..90);
    let mut play = opened(encrypted(server, authority.der(), obliges), Checks::All).await;
    play.until_heard("220 hi\r\n").await;
    let login = Login { act_as: String::new(), user: "ada".into(), secret: "s3cret".into() };
    let wanted = Authenticate { mechanism: Mechanism::Plain, login, initial: true, plus_listed: false };
    play.act(Act::Authenticate(wanted)).await;
    play.say("NOOP").await;
    play.until_marked(|mark| matches!(mark, Mark::Held { why: Hold::Certificate, .. })).await;
    assert_eq!(play.ids(), ["cert/name"]);
    assert_eq!(play.client(), "", "neither the login nor what stands behind it");
    assert_eq!(facts(&play).expected, "mx1.harbor.test", "the name that the user gave");
    play.act(Act::Close).await;
    play.until_its_end().await;
    assert_eq!(play.client(), "QUIT\r\n");
}
