//! TLS that comes about without being typed, against peers that do not want it.

use std::time::Duration;

use ehlo::dialogue::phase::Phase;
use ehlo::ports::net::{Act, Opening, Target};
use ehlo::tape::Side;
use ehlo::tape::mark::{Ending, Hold, Mark};
use ehlo::tape::tls::{NoTls, TlsDecision, TlsTrouble};
use tokio::io::DuplexStream;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

use crate::certificates::{Authority, self_signed};
use crate::stage::{Peer, Play, Stage, config, hear, target, tell, world};

const HELLO: &str = "EHLO laptop.you.test\r\n";
const LISTED: &str = "250-mx1.harbor.test\r\n250 STARTTLS\r\n";

/// A session that is opened like this with a server that answers EHLO and STARTTLS with these words, shakes hands after
/// a 220, and then answers 250 to everything.
async fn opened(
    opening: Opening,
    answers: [&'static str; 2],
    acceptor: Option<TlsAcceptor>,
    authorities: &[&[u8]],
) -> Play {
    let part = move |mut peer: DuplexStream| {
        let acceptor = acceptor.clone();
        async move {
            tell(&mut peer, "220 hi\r\n").await;
            for answer in answers {
                match hear(&mut peer).await.as_str() {
                    "" => return,
                    "QUIT\r\n" => return tell(&mut peer, "221 bye\r\n").await,
                    _ => tell(&mut peer, answer).await,
                }
            }
            let Some(acceptor) = acceptor else { return obliges(peer).await };
            if let Ok(stream) = acceptor.accept(peer).await {
                obliges(stream).await;
            }
        }
    };
    let world = world(Stage(move |_| Peer::plays(part.clone())), authorities);
    Play::open(config(world), Target { opening, ..target(&["192.0.2.10"]) }).await
}

async fn obliges(mut peer: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin) {
    loop {
        match hear(&mut peer).await.as_str() {
            "" => break,
            "QUIT\r\n" => break tell(&mut peer, "221 bye\r\n").await,
            _ => tell(&mut peer, "250 ok\r\n").await,
        }
    }
}

fn decisions(play: &Play) -> Vec<TlsDecision> {
    let decided = |mark: &Mark| if let Mark::TlsDecided(decision) = mark { Some(*decision) } else { None };
    play.marks().filter_map(decided).collect()
}

#[tokio::test(start_paused = true)]
async fn c098_required_tls_comes_about_and_ehlo_goes_first_inside_it() {
    let authority = Authority::named("ehlo test CA");
    let server = authority.server("mx1.harbor.test", -1..90);
    let mut play = opened(Opening::Require, [LISTED, "220 go\r\n"], Some(server), &[authority.der()]).await;
    play.until_heard("250 ok\r\n").await;
    play.say("NOOP").await;
    play.until_heard("250 ok\r\n250 ok\r\n").await;
    assert_eq!(play.client(), format!("{HELLO}STARTTLS\r\n{HELLO}NOOP\r\n"));
    assert_eq!(play.server(), format!("220 hi\r\n{LISTED}220 go\r\n250 ok\r\n250 ok\r\n"));
    assert_eq!(decisions(&play), [TlsDecision::Upgrade { required: true }]);
    assert_eq!(play.phase(), Phase::Ready);
}

#[tokio::test(start_paused = true)]
async fn c102_starttls_that_is_required_and_not_listed_is_told_as_a_possible_theft_and_ends_the_session() {
    for (listed, why) in [("250-mx\r\n250 XXXXXXXA\r\n", NoTls::NotOffered), ("502 no\r\n", NoTls::Hello(502))] {
        let mut play = opened(Opening::Require, [listed, ""], None, &[]).await;
        play.until_its_end().await;
        assert_eq!(decisions(&play), [TlsDecision::Without { why, goes_on: false }]);
        assert!(
            play.ids().contains(&"tls/not-offered") && play.ids().contains(&"tls/no-downgrade"),
            "{:?}",
            play.ids()
        );
        assert_eq!(play.client(), format!("{HELLO}QUIT\r\n"));
        assert_eq!(play.server(), format!("220 hi\r\n{listed}221 bye\r\n"));
        assert_eq!(play.closed(), Some((Side::Client, Ending::Clean)));
        assert_eq!(play.phase(), Phase::Closed);
    }
    let entry = ehlo::knowledge::marks::named("tls-required").expect("an entry");
    assert!(entry.meaning.contains("somebody in between took the offer out"), "{}", entry.meaning);
}

#[tokio::test(start_paused = true)]
async fn starttls_that_is_required_and_refused_ends_the_session() {
    for (refusal, code) in [("454 4.7.0 later\r\n", 454), ("501 5.5.4 what\r\n", 501), ("250 sure\r\n", 250)] {
        let mut play = opened(Opening::Require, [LISTED, refusal], None, &[]).await;
        play.until_its_end().await;
        let without = TlsDecision::Without { why: NoTls::Refused(code), goes_on: false };
        assert_eq!(decisions(&play), [TlsDecision::Upgrade { required: true }, without]);
        assert!(play.ids().contains(&"tls/refused") && play.ids().contains(&"tls/no-downgrade"), "{:?}", play.ids());
        assert_eq!(play.client(), format!("{HELLO}STARTTLS\r\nQUIT\r\n"));
        assert_eq!(play.phase(), Phase::Closed);
    }
}

#[tokio::test(start_paused = true)]
async fn starttls_that_is_preferred_and_refused_is_told_and_the_session_goes_on_in_plain_text() {
    let mut play = opened(Opening::Prefer, [LISTED, "454 4.7.0 later\r\n"], None, &[]).await;
    play.until_marked(|mark| matches!(mark, Mark::TlsDecided(TlsDecision::Without { .. }))).await;
    play.say("NOOP").await;
    play.until_heard("250 ok\r\n").await;
    let without = TlsDecision::Without { why: NoTls::Refused(454), goes_on: true };
    assert_eq!(decisions(&play), [TlsDecision::Upgrade { required: false }, without]);
    assert!(play.ids().contains(&"tls/refused") && !play.ids().contains(&"tls/no-downgrade"), "{:?}", play.ids());
    assert_eq!(play.client(), format!("{HELLO}STARTTLS\r\nNOOP\r\n"));
    assert_eq!(play.phase(), Phase::Ready);
}

#[tokio::test(start_paused = true)]
async fn c101_plain_text_behind_the_220_of_a_starttls_that_nobody_typed_ends_the_session_too() {
    let mut play = opened(Opening::Prefer, [LISTED, "220 go\r\n250-evil.test\r\n250 AUTH PLAIN\r\n"], None, &[]).await;
    play.until_its_end().await;
    assert_eq!(play.tls_failure().map(|failure| &failure.why), Some(&TlsTrouble::InjectedPlaintext));
    assert!(play.ids().contains(&"tls/injected-plaintext"), "{:?}", play.ids());
    assert_eq!(play.closed(), Some((Side::Client, Ending::Injected)));
    assert_eq!(play.client(), format!("{HELLO}STARTTLS\r\n"));
}

#[tokio::test(start_paused = true)]
async fn c103_who_closes_for_a_certificate_says_quit_right_after_the_handshake() {
    let mut play = opened(Opening::Require, [LISTED, "220 go\r\n"], Some(self_signed("mx1.harbor.test")), &[]).await;
    play.until_marked(|mark| matches!(mark, Mark::TlsReady(_))).await;
    play.say("NOOP").await;
    play.until_marked(|mark| matches!(mark, Mark::Held { why: Hold::Certificate, .. })).await;
    play.act(Act::Close).await;
    play.until_its_end().await;
    assert_eq!(play.client(), format!("{HELLO}STARTTLS\r\nQUIT\r\n"));
    assert_eq!(play.closed(), Some((Side::Client, Ending::Clean)));
    assert!(play.ids().contains(&"cert/unknown-ca"), "{:?}", play.ids());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_is_waited_for_and_the_user_is_asked() {
    let world =
        world(Stage(|_| Peer::plays(|peer| async move { drop((sleep(Duration::from_hours(1)).await, peer)) })), &[]);
    let mut play = Play::open(config(world), Target { opening: Opening::Require, ..target(&["192.0.2.10"]) }).await;
    play.until_marked(|mark| matches!(mark, Mark::TimedOut(_))).await;
    play.act(Act::StopWaiting).await;
    play.until_its_end().await;
    assert_eq!(decisions(&play), [TlsDecision::Without { why: NoTls::NotAwaited, goes_on: false }]);
    assert_eq!(play.client(), "");
}
