//! TLS that fails, and certificates that are not in order.

use std::borrow::Cow;
use std::future::Future;
use std::time::Duration;

use ehlo::dialogue::phase::Phase;
use ehlo::net::World;
use ehlo::net::connect::System;
use ehlo::ports::net::{Act, Opening, Target};
use ehlo::tape::Side;
use ehlo::tape::mark::{Ending, Hold, Mark};
use ehlo::tape::tls::{Judgement, TlsFacts, TlsTrouble};
use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::certificates::{Authority, OF_WEAK, STRONG_CA, V1, WEAK_CA, WEAK_ROOT, self_signed, weak};
use crate::stage::{Peer, Play, Stage, config, hear, target, tell, world};

/// Types STARTTLS to a peer that goes on like this after it has read that.
async fn starttls<F: Future<Output = ()> + Send + 'static>(
    then: impl Fn(DuplexStream) -> F + Clone + Send + Sync + 'static,
) -> Play {
    let mut play = Play::with(move |mut peer| {
        let then = then.clone();
        async move {
            tell(&mut peer, "220 hi\r\n").await;
            assert_eq!(hear(&mut peer).await, "STARTTLS\r\n");
            then(peer).await;
        }
    })
    .await;
    play.until_heard("220 hi\r\n").await;
    play.say("STARTTLS").await;
    play
}

/// Types STARTTLS to a peer on loopback that goes on like this.
async fn starttls_on_loopback<F: Future<Output = ()> + Send + 'static>(
    then: impl FnOnce(TcpStream) -> F + Send + 'static,
) -> Play {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut peer, _) = listener.accept().await.unwrap();
        tell(&mut peer, "220 hi\r\n").await;
        assert_eq!(hear(&mut peer).await, "STARTTLS\r\n");
        then(peer).await;
    });
    let at = Target { port, ..target(&["127.0.0.1"]) };
    let mut play = Play::open(config(world(System, &[])), at).await;
    play.until_heard("220 hi\r\n").await;
    play.say("STARTTLS").await;
    play
}

/// A world in which every address is this TLS server, trusted if `authority` says so.
pub(crate) fn encrypted<F: Future<Output = ()> + Send + 'static>(
    acceptor: TlsAcceptor,
    authority: &[u8],
    part: impl Fn(TlsStream<DuplexStream>) -> F + Clone + Send + Sync + 'static,
) -> World {
    let peer = move |stream| {
        let (acceptor, part) = (acceptor.clone(), part.clone());
        async move { part(acceptor.accept(stream).await.unwrap()).await }
    };
    world(Stage(move |_| Peer::plays(peer.clone())), &[authority])
}

pub(crate) async fn implicit(world: World) -> Play {
    Play::open(config(world), Target { opening: Opening::ImplicitTls, ..target(&["192.0.2.10"]) }).await
}

fn why(play: &Play) -> TlsTrouble {
    play.tls_failure().expect("a handshake that failed").why.clone()
}

fn facts(play: &Play) -> TlsFacts {
    let ready = play.marks().find_map(|mark| if let Mark::TlsReady(facts) = mark { Some(facts) } else { None });
    *ready.expect("a handshake that was finished").clone()
}

const INJECTED: &str = "250-evil.test\r\n250-AUTH PLAIN\r\n250 OK\r\n";

#[tokio::test(start_paused = true)]
async fn t089_plain_text_in_the_segment_of_the_220_ends_the_session() {
    let mut play = starttls(|mut peer| async move {
        tell(&mut peer, &format!("220 go\r\n{INJECTED}")).await;
        assert_eq!(hear(&mut peer).await, "", "no ClientHello follows");
    })
    .await;
    play.until_its_end().await;
    assert_eq!(why(&play), TlsTrouble::InjectedPlaintext);
    assert_eq!(play.closed(), Some((Side::Client, Ending::Injected)));
    assert!(play.ids().contains(&"tls/injected-plaintext"), "{:?}", play.ids());
    assert_eq!(play.server(), format!("220 hi\r\n220 go\r\n{INJECTED}"));
    assert_eq!(play.client(), "STARTTLS\r\n");
    assert_eq!(play.phase(), Phase::Closed);
}

#[tokio::test(start_paused = true)]
async fn t090_plain_text_in_a_second_segment_before_our_hello_ends_the_session_too() {
    let mut play = starttls(|mut peer| async move {
        tell(&mut peer, "220 go\r\n").await;
        sleep(Duration::from_micros(500)).await;
        tell(&mut peer, INJECTED).await;
        assert_eq!(hear(&mut peer).await, "", "no ClientHello follows");
    })
    .await;
    play.until_its_end().await;
    assert_eq!(why(&play), TlsTrouble::InjectedPlaintext);
    assert_eq!(play.closed(), Some((Side::Client, Ending::Injected)));
    assert!(play.ids().contains(&"tls/injected-plaintext"), "{:?}", play.ids());
    assert_eq!(play.server(), format!("220 hi\r\n220 go\r\n{INJECTED}"));
    assert_eq!(play.client(), "STARTTLS\r\n");
}

#[tokio::test(start_paused = true)]
async fn t090_plain_text_behind_our_hello_reaches_only_tls() {
    let mut play = starttls(|mut peer| async move {
        tell(&mut peer, "220 go\r\n").await;
        sleep(Duration::from_millis(5)).await;
        tell(&mut peer, INJECTED).await;
        sleep(Duration::from_secs(1)).await;
    })
    .await;
    play.until_its_end().await;
    assert_eq!(why(&play), TlsTrouble::NotTls(INJECTED.as_bytes().to_vec()));
    assert!(play.ids().contains(&"tls/not-tls"), "{:?}", play.ids());
    assert_eq!(play.server(), "220 hi\r\n220 go\r\n", "none of it is a reply");
}

#[tokio::test(start_paused = true)]
async fn t093_an_answer_to_our_hello_that_is_no_tls_is_shown() {
    let mut play = starttls(|mut peer| async move {
        tell(&mut peer, "220 go\r\n").await;
        peer.readable_hello().await;
        tell(&mut peer, "454 oops\r\n").await;
    })
    .await;
    play.until_its_end().await;
    assert_eq!(why(&play), TlsTrouble::NotTls(b"454 oops\r\n".to_vec()));
    assert_eq!(play.closed(), Some((Side::Client, Ending::Tls)));
    assert_eq!(play.ids(), ["tls/not-tls"]);
    assert_eq!((play.server().as_str(), play.client().as_str()), ("220 hi\r\n220 go\r\n", "STARTTLS\r\n"));
    assert_eq!(play.phase(), Phase::Closed);
}

#[tokio::test(start_paused = true)]
async fn t094_a_server_that_closes_instead_of_shaking_hands() {
    let mut play = starttls(|mut peer| async move {
        tell(&mut peer, "220 go\r\n").await;
        peer.readable_hello().await;
    })
    .await;
    play.until_its_end().await;
    assert_eq!(why(&play), TlsTrouble::Closed);
    assert_eq!(play.closed(), Some((Side::Server, Ending::Clean)));
    assert_eq!(play.ids(), ["tls/closed"]);
    assert_eq!(play.phase(), Phase::Closed);
    assert_eq!((play.server().as_str(), play.client().as_str()), ("220 hi\r\n220 go\r\n", "STARTTLS\r\n"));
}

#[tokio::test(start_paused = true)]
async fn t094_a_server_that_is_silent_instead_of_shaking_hands_costs_ten_seconds() {
    let begun = Instant::now();
    let mut play = starttls(|mut peer| async move {
        tell(&mut peer, "220 go\r\n").await;
        sleep(Duration::from_hours(1)).await;
    })
    .await;
    play.until_its_end().await;
    assert_eq!(begun.elapsed().as_secs(), 10);
    assert_eq!(why(&play), TlsTrouble::TimedOut);
    assert_eq!(play.ids(), ["tls/timeout"]);
    assert_eq!(play.phase(), Phase::Closed);
    assert_eq!(play.client(), "STARTTLS\r\n", "nothing is tried in plain text");
}

#[tokio::test]
async fn t094_a_server_that_resets_instead_of_shaking_hands() {
    let mut play = starttls_on_loopback(|mut peer| async move {
        tell(&mut peer, "220 go\r\n").await;
        peer.readable().await.unwrap();
        peer.set_zero_linger().unwrap();
    })
    .await;
    play.until_its_end().await;
    assert_eq!(why(&play), TlsTrouble::Reset);
    assert_eq!(play.closed(), Some((Side::Server, Ending::Reset)));
    assert!(play.ids().contains(&"tls/closed"), "{:?}", play.ids());
    assert_eq!(play.server(), "220 hi\r\n220 go\r\n");
}

#[tokio::test]
async fn t093_the_same_on_loopback() {
    let mut play = starttls_on_loopback(|mut peer| async move {
        tell(&mut peer, "220 go\r\n").await;
        peer.readable().await.unwrap();
        tell(&mut peer, "454 oops\r\n").await;
        sleep(Duration::from_millis(200)).await;
    })
    .await;
    play.until_its_end().await;
    assert_eq!(why(&play), TlsTrouble::NotTls(b"454 oops\r\n".to_vec()));
}

#[tokio::test(start_paused = true)]
async fn t095_an_alert_about_the_version_and_any_other_alert() {
    let alert = |description: u8| {
        move |mut peer: DuplexStream| async move {
            tell(&mut peer, "220 go\r\n").await;
            peer.readable_hello().await;
            peer.write_all(&[21, 3, 3, 0, 2, 2, description]).await.unwrap();
        }
    };
    let mut old = starttls(alert(70)).await;
    old.until_its_end().await;
    assert_eq!(why(&old), TlsTrouble::Version);
    assert_eq!(old.ids(), ["tls/version"]);
    let mut failing = starttls(alert(40)).await;
    failing.until_its_end().await;
    assert_eq!(why(&failing), TlsTrouble::Alert("handshake_failure".into()));
    assert_eq!(failing.closed(), Some((Side::Server, Ending::Tls)));
}

#[tokio::test(start_paused = true)]
async fn t097_implicit_tls_to_a_port_that_greets_in_plain_text() {
    let connector = Stage(|_| {
        Peer::plays(|mut peer| async move {
            tell(&mut peer, "220 mx\r\n").await;
            sleep(Duration::from_secs(1)).await;
        })
    });
    let mut play = implicit(world(connector, &[])).await;
    play.until_its_end().await;
    assert_eq!(why(&play), TlsTrouble::PlainPort(b"220 mx\r\n".to_vec()));
    assert_eq!(play.ids(), ["tls/plain-port"]);
    assert_eq!(play.phase(), Phase::Closed);
    assert_eq!((play.server(), play.client()), (String::new(), String::new()));
}

#[tokio::test(start_paused = true)]
async fn t100_an_end_without_close_notify_after_a_whole_reply_and_inside_one() {
    let authority = Authority::named("ehlo test CA");
    let cases = [
        ("NOOP", "250 ok\r\n", true, false),
        ("NOOP", "250-half\r\n250 o", true, true),
        ("QUIT", "221 bye\r\n", false, false),
    ];
    for (line, reply, told, cut) in cases {
        let part = move |mut peer: TlsStream<DuplexStream>| async move {
            tell(&mut peer, "220 hi\r\n").await;
            hear(&mut peer).await;
            tell(&mut peer, reply).await;
            peer.get_mut().0.shutdown().await.unwrap();
        };
        let server = authority.server("mx1.harbor.test", -1..90);
        let mut play = implicit(encrypted(server, authority.der(), part)).await;
        play.until_heard("220 hi\r\n").await;
        play.say(line).await;
        play.until_its_end().await;
        assert_eq!(play.closed(), Some((Side::Server, Ending::NoCloseNotify)));
        assert_eq!(play.ids().contains(&"tls/no-close-notify"), told, "{line}: {:?}", play.ids());
        assert_eq!(play.ids().contains(&"reply/truncated"), cut, "{:?}", play.ids());
        assert_eq!(play.server(), format!("220 hi\r\n{reply}"));
        assert_eq!(play.client(), format!("{line}\r\n"));
        assert_eq!(play.phase(), Phase::Closed);
    }
}

/// A session in TLS over a real socket whose server ends it like this when it has heard NOOP.
async fn ended_on_loopback<F: Future<Output = ()> + Send + 'static>(
    end: impl FnOnce(TcpTls) -> F + Send + 'static,
) -> Play {
    let authority = Authority::named("ehlo test CA");
    let acceptor = authority.server("mx1.harbor.test", -1..90);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (peer, _) = listener.accept().await.unwrap();
        let mut peer = acceptor.accept(peer).await.unwrap();
        tell(&mut peer, "220 hi\r\n").await;
        assert_eq!(hear(&mut peer).await, "NOOP\r\n");
        end(peer).await;
    });
    let at = Target { port, opening: Opening::ImplicitTls, ..target(&["127.0.0.1"]) };
    let mut play = Play::open(config(world(System, &[authority.der()])), at).await;
    play.until_heard("220 hi\r\n").await;
    play.say("NOOP").await;
    play.until_its_end().await;
    play
}

type TcpTls = TlsStream<TcpStream>;

#[tokio::test]
async fn c116_a_goodbye_an_end_a_reset_and_a_cut_reply_are_told_apart_on_the_tape() {
    let goodbye = ended_on_loopback(|mut peer: TcpTls| async move { peer.shutdown().await.unwrap() }).await;
    assert_eq!(goodbye.closed(), Some((Side::Server, Ending::Clean)));
    assert!(!goodbye.ids().contains(&"tls/no-close-notify"), "{:?}", goodbye.ids());

    let end = ended_on_loopback(|mut peer: TcpTls| async move { peer.get_mut().0.shutdown().await.unwrap() }).await;
    assert_eq!(end.closed(), Some((Side::Server, Ending::NoCloseNotify)));
    assert!(end.ids().contains(&"tls/no-close-notify") && !end.ids().contains(&"reply/truncated"), "{:?}", end.ids());

    let reset = ended_on_loopback(|peer: TcpTls| async move { peer.get_ref().0.set_zero_linger().unwrap() }).await;
    assert_eq!(reset.closed(), Some((Side::Server, Ending::Reset)));

    let cut = ended_on_loopback(|mut peer: TcpTls| async move {
        tell(&mut peer, "250-ha").await;
        peer.get_mut().0.shutdown().await.unwrap();
    })
    .await;
    assert_eq!(cut.closed(), Some((Side::Server, Ending::NoCloseNotify)));
    assert!(cut.ids().contains(&"reply/truncated"), "{:?}", cut.ids());
    assert_eq!(cut.server(), "220 hi\r\n250-ha");
}

/// Greets inside TLS and answers 250 to everything.
async fn obliges(mut peer: TlsStream<DuplexStream>) {
    tell(&mut peer, "220 hi\r\n").await;
    while !hear(&mut peer).await.is_empty() {
        tell(&mut peer, "250 ok\r\n").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_certificate_in_order_is_shown_and_nothing_is_held() {
    let authority = Authority::named("ehlo test CA");
    let server = authority.server("mx1.harbor.test", -1..90);
    let mut play = implicit(encrypted(server, authority.der(), obliges)).await;
    play.until_heard("220 hi\r\n").await;
    play.say("NOOP").await;
    play.until_heard("250 ok\r\n").await;
    let facts = facts(&play);
    assert!(facts.verified(), "{facts:?}");
    assert_eq!((facts.version.as_str(), facts.suite.as_str()), ("TLS 1.3", "TLS_AES_256_GCM_SHA384"));
    assert_eq!(facts.group.as_deref(), Some("X25519MLKEM768"));
    assert_eq!(facts.sni.as_deref(), Some("mx1.harbor.test"));
    let leaf = facts.chain.first().unwrap();
    assert_eq!((leaf.names.as_slice(), leaf.key.as_str()), (&["mx1.harbor.test".to_owned()][..], "ECDSA P-256"));
    assert_eq!((leaf.issuer.as_str(), leaf.signature.as_str()), ("CN=ehlo test CA", "ecdsa-with-SHA256"));
    assert_eq!((leaf.sha256.len(), leaf.spki_sha256.len()), (64, 64));
    assert_eq!(play.phase(), Phase::Ready);
}

/// The three judgements of a server's certificate: chain, name, dates.
async fn judged(server: TlsAcceptor, authority: &[u8]) -> [Option<(Cow<'static, str>, String)>; 3] {
    let mut play = implicit(encrypted(server, authority, obliges)).await;
    play.until_heard("220 hi\r\n").await;
    let facts = facts(&play);
    [facts.trust, facts.name, facts.dates].map(|judgement| match judgement {
        Judgement::Good | Judgement::Theirs => None,
        Judgement::Bad { id, why } => Some((id, why)),
    })
}

#[tokio::test(start_paused = true)]
async fn chain_name_and_dates_are_judged_each_on_its_own() {
    let (ours, other) = (Authority::named("ehlo test CA"), Authority::named("Other CA"));
    let bad = |id: &'static str, why: &str| Some((Cow::Borrowed(id), why.to_owned()));
    assert_eq!(
        judged(ours.server("mx1.harbor.test", -90..-12), ours.der()).await,
        [
            None,
            None,
            bad(
                "cert/expired",
                "The certificate was valid until 12 November 2026; today is 24 November 2026, 12 days later."
            )
        ]
    );
    assert_eq!(
        judged(ours.server("mx1.harbor.test", 1..90), ours.der()).await,
        [
            None,
            None,
            bad(
                "cert/not-yet",
                "The certificate is valid from 25 November 2026; today is 24 November 2026, one day earlier. Is a clock wrong?"
            )
        ]
    );
    assert_eq!(
        judged(ours.server("mx2.harbor.test", -1..90), ours.der()).await,
        [
            None,
            bad("cert/name", "Expected a certificate for mx1.harbor.test; the certificate is for mx2.harbor.test."),
            None
        ]
    );
    assert_eq!(
        judged(other.server("mx1.harbor.test", -1..90), ours.der()).await,
        [
            bad(
                "cert/unknown-ca",
                "The chain ends at CN=Other CA, which is no authority that is trusted here (unknown CA)."
            ),
            None,
            None
        ]
    );
    assert_eq!(
        judged(self_signed("mx1.harbor.test"), ours.der()).await,
        [
            bad(
                "cert/unknown-ca",
                "The certificate is self-signed: CN=mx1.harbor.test vouches for itself and no authority does."
            ),
            None,
            None
        ]
    );
    let found = judged(other.server("mx9.harbor.test", -90..-12), ours.der()).await;
    let ids = found.each_ref().map(|bad| bad.as_ref().map(|(id, _)| id.as_ref()));
    assert_eq!(ids, [Some("cert/unknown-ca"), Some("cert/name"), Some("cert/expired")], "all three are said at once");
}

#[tokio::test(start_paused = true)]
async fn what_is_too_old_or_too_weak_is_said_in_words() {
    let why = async |chain: &[&'static [u8]], authority: &[u8]| {
        let [trust, _, dates] = judged(weak(chain), authority).await;
        assert_eq!(dates, None);
        let (id, why) = trust.expect("a chain that does not hold");
        assert_eq!(id, "cert/unknown-ca");
        why
    };
    assert_eq!(
        why(&V1[..1], STRONG_CA).await,
        "The certificate of CN=mx1.harbor.test is X.509 version 1, which cannot say what it is for, so no chain is built \
         on it. The server needs one of version 3."
    );
    assert_eq!(
        why(&V1[1..], STRONG_CA).await,
        "The certificate is self-signed: CN=mx1.harbor.test vouches for itself and no authority does."
    );
    let too_short = |issuer| {
        format!(
            "The RSA key of {issuer} has 1024 bits; what is signed with less than 2048 counts for nothing. The server \
             needs a certificate from an authority with a longer key."
        )
    };
    assert_eq!(why(&[OF_WEAK[0], WEAK_CA], STRONG_CA).await, too_short("CN=Weak CA"));
    assert_eq!(why(&[OF_WEAK[1], WEAK_ROOT], WEAK_ROOT).await, too_short("CN=Weak Root"));
    assert_eq!(
        why(&OF_WEAK[1..], WEAK_ROOT).await,
        "A signature in the chain of CN=mx1.harbor.test does not fit the key of its issuer, or that is an RSA key of less \
         than 2048 bits. The server needs a certificate from an authority with a longer key, and the chain that belongs \
         to it."
    );
    assert_eq!(
        why(&[OF_WEAK[1], WEAK_ROOT], STRONG_CA).await,
        "The chain ends at CN=Weak Root, which is no authority that is trusted here (unknown CA)."
    );
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_is_not_in_order_holds_all_lines_until_the_user_goes_on() {
    let authority = Authority::named("ehlo test CA");
    let server = authority.server("mx2.harbor.test", -1..90);
    let mut play = implicit(encrypted(server, authority.der(), obliges)).await;
    play.until_heard("220 hi\r\n").await;
    play.say("NOOP").await;
    play.act(Act::Release).await;
    play.until_marked(|mark| matches!(mark, Mark::Held { why: Hold::Certificate, .. })).await;
    assert_eq!(play.client(), "");
    assert_eq!(play.ids(), ["cert/name"]);
    play.act(Act::GoOn).await;
    play.until_heard("250 ok\r\n").await;
    assert!(play.marks().any(|mark| *mark == Mark::WentOn));
    assert_eq!(play.client(), "NOOP\r\n");
    assert_eq!(play.phase(), Phase::Ready);
}

/// Waits for the first octets of a `ClientHello`.
trait Hello {
    async fn readable_hello(&mut self);
}

impl Hello for DuplexStream {
    async fn readable_hello(&mut self) {
        use tokio::io::AsyncReadExt;

        assert!(self.read(&mut [0; 4096]).await.unwrap() > 0);
    }
}
