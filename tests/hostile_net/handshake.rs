//! What a user sets for a handshake: names, versions, checks, a certificate of one's own, a log of the keys.

use std::sync::{Arc, Mutex};

use ehlo::dialogue::phase::Phase;
use ehlo::net::{Identity, KeyLog, Keys};
use ehlo::ports::net::{Checks, Handshake, Opening, Sni, Target, Version, Versions};
use ehlo::tape::Side;
use ehlo::tape::mark::Mark;
use ehlo::tape::tls::{ClientCertificate, Content, KeyLogging, Terms, TlsFacts, TlsRecord, TlsTrouble};
use tokio::io::DuplexStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::SupportedProtocolVersion;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::server::TlsStream;

use crate::certificates::{Authority, Ways, self_signed};
use crate::pem::pem;
use crate::stage::{Play, config, hear, target, tell};
use crate::tls::encrypted;

type Spoken = &'static [&'static SupportedProtocolVersion];

const OLD: Spoken = &[&TLS12];
const NEW: Spoken = &[&TLS13];
const EITHER: Spoken = &[&TLS13, &TLS12];
const BOTH: Ways<'static> = Ways { versions: EITHER, asks: None };

async fn greets(mut peer: TlsStream<DuplexStream>) {
    tell(&mut peer, "220 hi\r\n").await;
    while !hear(&mut peer).await.is_empty() {
        tell(&mut peer, "250 ok\r\n").await;
    }
}

/// A session in TLS with this server, and what its handshake showed.
async fn shaken(server: TlsAcceptor, authority: &Authority, handshake: Handshake, keys: Keys) -> (Play, TlsFacts) {
    let config = ehlo::net::Config { keys, ..config(encrypted(server, authority.der(), greets)) };
    let target = Target { opening: Opening::ImplicitTls, handshake, ..target(&["192.0.2.10"]) };
    let mut play = Play::open(config, target).await;
    play.until_heard("220 hi\r\n").await;
    let ready = play.marks().find_map(|mark| if let Mark::TlsReady(facts) = mark { Some(facts) } else { None });
    let facts = ready.unwrap_or_else(|| panic!("no TLS: {:?}", play.tls_failure())).as_ref().clone();
    (play, facts)
}

#[tokio::test(start_paused = true)]
async fn the_name_in_sni_and_the_name_to_verify_are_free_of_each_other_and_of_the_host() {
    let authority = Authority::named("ehlo test CA");
    let name = |name: &str| Sni::Name(name.to_owned());
    for (sni, verify, sent, expected) in [
        (Sni::Host, None, Some("mx1.harbor.test"), "mx1.harbor.test"),
        (name("bücher.example"), None, Some("xn--bcher-kva.example"), "mx1.harbor.test"),
        (Sni::Host, Some("other.example"), Some("mx1.harbor.test"), "other.example"),
        (name("a.example"), Some("b.example"), Some("a.example"), "b.example"),
        (Sni::None, Some("b.example"), None, "b.example"),
        (Sni::None, None, None, "mx1.harbor.test"),
        (name("a.example"), Some("192.0.2.10"), Some("a.example"), "192.0.2.10"),
    ] {
        let seen = Arc::new(Mutex::new(None));
        let witness = Arc::clone(&seen);
        let part = move |peer: TlsStream<DuplexStream>| {
            *witness.lock().unwrap() = Some(peer.get_ref().1.server_name().map(ToOwned::to_owned));
            greets(peer)
        };
        let world = encrypted(authority.server(expected, -1..90), authority.der(), part);
        let handshake = Handshake { sni, verify: verify.map(ToOwned::to_owned), ..Handshake::default() };
        let target = Target { opening: Opening::ImplicitTls, handshake, ..target(&["192.0.2.10"]) };
        let mut play = Play::open(config(world), target).await;
        play.until_heard("220 hi\r\n").await;
        assert_eq!(seen.lock().unwrap().clone(), Some(sent.map(ToOwned::to_owned)), "{sent:?}");
        assert!(play.ids().is_empty(), "{:?} for {expected}", play.ids());
        let started = play.marks().any(|mark| *mark == Mark::TlsStarted { sni: sent.map(ToOwned::to_owned) });
        assert!(started, "{sent:?} stands in the transcript");
    }
}

#[tokio::test(start_paused = true)]
async fn c115_only_tls_1_2_and_1_3_are_offered_and_of_them_what_is_wanted() {
    let authority = Authority::named("ehlo test CA");
    let server = |versions| authority.server_with("mx1.harbor.test", Ways { versions, asks: None });
    let between = |lowest, highest| Handshake { versions: Versions { lowest, highest }, ..Handshake::default() };
    for (versions, handshake, spoken) in [
        (EITHER, Handshake::default(), "TLS 1.3"),
        (OLD, Handshake::default(), "TLS 1.2"),
        (EITHER, between(Version::Tls12, Version::Tls12), "TLS 1.2"),
        (EITHER, between(Version::Tls13, Version::Tls13), "TLS 1.3"),
    ] {
        let (_, facts) = shaken(server(versions), &authority, handshake, Keys::default()).await;
        assert_eq!(facts.version, spoken);
    }
    for (versions, handshake, offered) in
        [(OLD, between(Version::Tls13, Version::Tls13), "1.3"), (NEW, between(Version::Tls12, Version::Tls12), "1.2")]
    {
        // The server's end fails too, and that is no concern of this test.
        let acceptor = server(versions);
        let part = move |stream: DuplexStream| {
            let acceptor = acceptor.clone();
            async move { drop(acceptor.accept(stream).await) }
        };
        let stage = crate::stage::Stage(move |_| crate::stage::Peer::plays(part.clone()));
        let world = crate::stage::world(stage, &[authority.der()]);
        let target = Target { opening: Opening::ImplicitTls, handshake, ..target(&["192.0.2.10"]) };
        let mut play = Play::open(config(world), target).await;
        play.until_its_end().await;
        let failure = play.tls_failure().expect("no version is common");
        assert_eq!((&failure.why, failure.detail.as_str()), (&TlsTrouble::Version, offered));
        assert_eq!(play.ids(), ["tls/version"]);
        assert_eq!((play.phase(), play.client().as_str()), (Phase::Closed, ""));
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_certificate_is_shown_to_a_server_that_asks_and_to_no_other() {
    let authority = Authority::named("ehlo test CA");
    let (chain, key) = authority.client("pat@example.org");
    let identity = Identity::read(chain.as_bytes(), key.as_bytes()).unwrap();
    let asking = Ways { asks: Some(&authority), ..BOTH };
    let shown = Handshake { identity: true, ..Handshake::default() };
    for (ways, handshake, identity, seen) in [
        (asking, shown.clone(), Some(&identity), ClientCertificate::Shown),
        (Ways { versions: OLD, ..asking }, shown.clone(), Some(&identity), ClientCertificate::Shown),
        (asking, Handshake::default(), Some(&identity), ClientCertificate::None),
        (asking, shown.clone(), None, ClientCertificate::None),
        (BOTH, shown, Some(&identity), ClientCertificate::NotAsked),
    ] {
        let server = authority.server_with("mx1.harbor.test", ways);
        let keys = Keys { identity: identity.cloned(), log: None };
        let (mut play, facts) = shaken(server, &authority, handshake, keys).await;
        assert_eq!(facts.terms, Terms { client: seen, ..Terms::default() });
        play.say("NOOP").await;
        play.until_heard("250 ok\r\n").await;
        assert!(play.ids().is_empty(), "{:?}", play.ids());
    }
}

#[test]
fn what_makes_no_identity_is_told_apart() {
    use ehlo::net::BadIdentity::{BadCertificate, BadKey, Encrypted, Mismatch, NoCertificate, NoKey};

    let authority = Authority::named("ehlo test CA");
    let (chain, key) = authority.client("pat@example.org");
    let (_, other) = authority.client("sam@example.org");
    let read = |chain: &str, key: &str| Identity::read(chain.as_bytes(), key.as_bytes()).map(|_| ()).unwrap_err();
    assert_eq!(read("", &key), NoCertificate);
    assert_eq!(read(&key, &key), NoCertificate);
    assert!(matches!(read(&pem("CERTIFICATE", b"0\x03abc"), &key), BadCertificate(_)));
    assert!(matches!(read("-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n", &key), BadCertificate(_)));
    assert_eq!(read(&chain, ""), NoKey);
    assert_eq!(read(&chain, &chain), NoKey);
    assert_eq!(read(&chain, &pem("ENCRYPTED PRIVATE KEY", b"abc")), Encrypted);
    assert!(matches!(read(&chain, &pem("PRIVATE KEY", b"0\x03abc")), BadKey(_)));
    assert_eq!(read(&chain, &other), Mismatch);
    let both = format!("{key}{chain}");
    let identity = Identity::read(both.as_bytes(), both.as_bytes()).expect("one file may hold both");
    assert_eq!(format!("{identity:?}"), "Identity", "the key does not print");
}

#[tokio::test(start_paused = true)]
async fn keys_are_logged_only_for_a_target_that_asks_for_it() {
    let authority = Authority::named("ehlo test CA");
    let folder = tempfile::tempdir().unwrap();
    for (versions, labels) in
        [(NEW, &["CLIENT_TRAFFIC_SECRET_0 ", "SERVER_TRAFFIC_SECRET_0 "][..]), (OLD, &["CLIENT_RANDOM "])]
    {
        for wanted in [true, false] {
            let path = folder.path().join(format!("{}-{wanted}.keys", versions.len() + labels.len()));
            let log = KeyLog::to(ehlo::files::create(&path).unwrap());
            let server = authority.server_with("mx1.harbor.test", Ways { versions, asks: None });
            let handshake = Handshake { keys_logged: wanted, ..Handshake::default() };
            let keys = Keys { identity: None, log: Some(log) };
            let (play, facts) = shaken(server, &authority, handshake, keys).await;
            let logged = std::fs::read_to_string(&path).unwrap();
            let lines_are_whole = logged.lines().all(|line| {
                let [label, random, secret] = line.split(' ').collect::<Vec<_>>()[..] else { return false };
                !label.is_empty() && random.len() == 64 && secret.len() >= 64
            });
            assert!(lines_are_whole, "{logged}");
            for label in labels {
                assert_eq!(logged.contains(label), wanted, "{label}: {logged}");
            }
            let keys = if wanted { KeyLogging::On } else { KeyLogging::Off };
            assert_eq!((logged.is_empty(), facts.terms.keys), (!wanted, keys));
            assert!(play.ids().is_empty());
        }
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(start_paused = true)]
async fn a_key_log_that_takes_nothing_is_told() {
    let authority = Authority::named("ehlo test CA");
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let keys = Keys { identity: None, log: Some(KeyLog::to(full)) };
    let handshake = Handshake { keys_logged: true, ..Handshake::default() };
    let (_, facts) = shaken(authority.server("mx1.harbor.test", -1..90), &authority, handshake, keys).await;
    assert_eq!(facts.terms.keys, KeyLogging::Failed);
}

#[tokio::test(start_paused = true)]
async fn chain_and_name_are_insisted_on_each_for_itself_and_what_is_not_in_order_is_told_all_the_same() {
    let (ours, other) = (Authority::named("ehlo test CA"), Authority::named("Other CA"));
    let servers = [
        ("name", ours.server("mx9.harbor.test", -1..90), "cert/name"),
        ("chain", other.server("mx1.harbor.test", -1..90), "cert/unknown-ca"),
        ("chain", self_signed("mx1.harbor.test"), "cert/unknown-ca"),
        ("dates", ours.server("mx1.harbor.test", -90..-12), "cert/expired"),
    ];
    for (what, server, id) in servers {
        for (checks, lets_pass) in [
            (Checks::All, &[][..]),
            (Checks::Chain, &["name"]),
            (Checks::Name, &["chain", "dates"]),
            (Checks::None, &["name", "chain", "dates"]),
        ] {
            let handshake = Handshake { checks, ..Handshake::default() };
            let (mut play, facts) = shaken(server.clone(), &ours, handshake, Keys::default()).await;
            let passes = lets_pass.contains(&what);
            assert!(!facts.verified(), "the title says so in any case");
            assert_eq!(facts.accepted(), passes, "{what} under {checks:?}");
            play.say("NOOP").await;
            if passes {
                play.until_heard("250 ok\r\n").await;
                assert_eq!(play.ids(), [id, "cert/insecure"]);
            } else {
                play.until_marked(|mark| matches!(mark, Mark::Held { .. })).await;
                assert_eq!((play.ids().as_slice(), play.client().as_str()), (&[id][..], ""));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_records_of_a_handshake_are_listed_and_named_where_they_are_in_clear() {
    let authority = Authority::named("ehlo test CA");
    for (versions, clear) in [
        (NEW, &["client_hello", "server_hello"][..]),
        (
            OLD,
            &[
                "client_hello",
                "server_hello",
                "certificate",
                "server_key_exchange",
                "server_hello_done",
                "client_key_exchange",
            ],
        ),
    ] {
        let server = authority.server_with("mx1.harbor.test", Ways { versions, asks: None });
        let (_, facts) = shaken(server, &authority, Handshake::default(), Keys::default()).await;
        let named: Vec<_> = facts.records.iter().flat_map(|record| record.messages.clone()).collect();
        assert_eq!(
            named.iter().map(AsRef::<str>::as_ref).filter(|name| *name != "certificate_status").collect::<Vec<_>>(),
            clear
        );
        let first = facts.records.first().unwrap();
        assert_eq!((first.from, first.content), (Side::Client, Content::Handshake));
        let encrypted =
            |side| facts.records.iter().any(|record| record.from == side && record.content == Content::Encrypted);
        assert!(encrypted(Side::Client) && encrypted(Side::Server), "{:?}", facts.records);
        let is_last = |record: &TlsRecord| record.content != Content::Handshake || !record.messages.is_empty();
        assert!(facts.records.iter().all(is_last), "{:?}", facts.records);
    }
}
