//! STARTTLS and TLS: what may stand between the 220 and the handshake, and how it can fail.

use std::time::Duration;

use ehlo::dialogue::phase::Phase;
use ehlo::ports::net::Opening;
use ehlo::tape::mark::Mark;
use ehlo::tape::tls::TlsTrouble;

use crate::scene::Scene;
use crate::wire::target;

/// What was said before the 220.
const BEFORE: &[u8] = b"EHLO laptop.you.test\r\nSTARTTLS\r\n";

/// A session in which STARTTLS was sent and not answered.
async fn asked() -> Scene {
    let mut scene = Scene::greeted().await;
    scene.types("EHLO laptop.you.test").await;
    scene.peer(b"250-mx.example.test\r\n250 STARTTLS\r\n").await;
    scene.types("STARTTLS").await;
    scene
}

/// Why the handshake failed, as the transcript has it.
fn trouble(scene: &Scene) -> Option<TlsTrouble> {
    let failed = |mark| if let Mark::TlsFailed(failure) = mark { Some(failure.why) } else { None };
    scene.marks().into_iter().find_map(failed)
}

#[tokio::test(start_paused = true)]
async fn t089_plain_text_behind_the_220_aborts_before_the_handshake() {
    let mut scene = asked().await;
    let bytes = b"220 go\r\n250-evil.test\r\n250-AUTH PLAIN\r\n250 OK\r\n";
    scene.peer(bytes).await;
    scene.waits(Duration::from_secs(1)).await;
    scene.has("tls/injected-plaintext");
    scene.stands_in(Phase::Closed);
    assert_eq!(trouble(&scene), Some(TlsTrouble::InjectedPlaintext));
    assert!(scene.server_bytes().ends_with(bytes), "what came is kept");
    assert!(!scene.dialogue().capabilities().iter().any(|list| list.extensions.has("AUTH")), "and not believed");
    scene.sent(BEFORE).await; // and no octet of a handshake
}

#[tokio::test(start_paused = true)]
async fn t090_plain_text_that_comes_a_little_later_never_counts_as_encrypted() {
    let mut scene = asked().await;
    scene.peer(b"220 go\r\n").await;
    scene.stands_in(Phase::Upgrading);
    scene.peer(b"250-evil.test\r\n250-AUTH PLAIN\r\n250 OK\r\n").await;
    scene.stands_in(Phase::Closed);
    scene.has("tls/not-tls");
    assert!(!scene.dialogue().is_secured());
    assert!(!scene.dialogue().capabilities().iter().any(|list| list.extensions.has("AUTH")));
    scene.said(BEFORE);
}

#[tokio::test(start_paused = true)]
async fn t093_smtp_instead_of_a_server_hello_is_recognised() {
    let mut scene = asked().await;
    scene.peer(b"220 go\r\n").await;
    scene.peer(b"454 oops\r\n").await;
    scene.has("tls/not-tls");
    scene.stands_in(Phase::Closed);
    let Some(TlsTrouble::NotTls(first)) = trouble(&scene) else { panic!("{:?}", trouble(&scene)) };
    assert!(first.starts_with(b"454 oops"), "{}", first.escape_ascii());
    assert!(scene.export().contains("454 oops"), "{}", scene.export());
    scene.said(BEFORE);
}

#[tokio::test(start_paused = true)]
async fn t094_an_end_a_reset_and_silence_are_told_apart() {
    let mut scene = asked().await;
    scene.peer(b"220 go\r\n").await;
    scene.peer_ends().await;
    scene.has("tls/closed");
    assert_eq!(trouble(&scene), Some(TlsTrouble::Closed));
    scene.stands_in(Phase::Closed);
    scene.said(BEFORE);

    let mut scene = asked().await;
    scene.peer(b"220 go\r\n").await;
    scene.peer_resets().await;
    scene.has("tls/closed");
    assert_eq!(trouble(&scene), Some(TlsTrouble::Reset));
    scene.stands_in(Phase::Closed);
    scene.said(BEFORE);

    let mut scene = asked().await;
    scene.peer(b"220 go\r\n").await;
    scene.waits(Duration::from_secs(11)).await;
    scene.has("tls/timeout");
    assert_eq!(trouble(&scene), Some(TlsTrouble::TimedOut));
    scene.stands_in(Phase::Closed);
    scene.said(BEFORE);
}

#[tokio::test(start_paused = true)]
async fn t097_tls_spoken_to_a_plain_port_offers_starttls() {
    let mut scene = Scene::dialled(target(Opening::ImplicitTls, 1), Vec::new()).await;
    scene.peer(b"220 mx\r\n").await;
    scene.has("tls/plain-port");
    scene.stands_in(Phase::Closed);
    let Some(TlsTrouble::PlainPort(first)) = trouble(&scene) else { panic!("{:?}", trouble(&scene)) };
    assert!(first.starts_with(b"220 mx"), "{}", first.escape_ascii());
    scene.said(b"");
}

#[tokio::test(start_paused = true)]
async fn t100_an_end_without_a_tls_goodbye_may_have_cut_the_last_reply() {
    for (reply, cut) in [(&b"250 ok\r\n"[..], false), (b"250-ok\r\n", true)] {
        let mut scene = asked().await;
        scene.peer(b"220 go\r\n").await;
        scene.secured().await;
        scene.types("NOOP").await;
        scene.peer(reply).await;
        scene.peer_ends().await;
        scene.has("tls/no-close-notify");
        assert_eq!(scene.ids().contains(&"reply/truncated"), cut);
        assert_eq!(scene.last_succeeded(), !cut);
        assert!(scene.server_bytes().ends_with(reply));
        scene.stands_in(Phase::Closed);
        scene.said(b"EHLO laptop.you.test\r\nSTARTTLS\r\nNOOP\r\n");
    }
}
