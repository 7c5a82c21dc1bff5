//! Logins: what must not be sent in plain text, and what must never be shown.

use ehlo::dialogue::phase::Phase;

use crate::scene::Scene;

/// `\0alice\0s3cret` in base64, and the password alone in the spellings that a server may repeat it in.
const PLAIN: &str = "AGFsaWNlAHMzY3JldA==";
const SPELLINGS: &[&str] = &["s3cret", "czNjcmV0", "733363726574", "AGFsaWNlAHMzY3JldA"];

/// A session whose server offers AUTH without TLS.
async fn offered() -> Scene {
    let mut scene = Scene::greeted().await;
    scene.types("EHLO laptop.you.test").await;
    scene.peer(b"250-mx\r\n250 AUTH PLAIN LOGIN\r\n").await;
    scene
}

/// Asserts that the password is in no sink in any spelling.
fn keeps_the_secret(scene: &Scene) {
    let sinks = scene.export() + &scene.rows().concat();
    for spelling in SPELLINGS {
        assert!(!sinks.contains(spelling), "{spelling} got out:\n{sinks}");
    }
}

#[tokio::test(start_paused = true)]
async fn a107_a_password_in_plain_text_is_warned_of_before_enter() {
    let mut scene = offered().await;
    for line in ["AUTH PLAIN", "AUTH LOGIN", "AUTH XOAUTH2"] {
        assert!(scene.forecasts(line).contains(&"auth/plaintext"), "{line}: {:?}", scene.forecasts(line));
    }
    scene.sent(b"EHLO laptop.you.test\r\n").await;
    scene.stands_in(Phase::Ready);
}

#[tokio::test(start_paused = true)]
async fn a114_a_server_that_repeats_the_password_is_masked() {
    for echo in SPELLINGS {
        let mut scene = offered().await;
        scene.types(&format!("AUTH PLAIN {PLAIN}")).await;
        let refusal = format!("535 5.7.8 bad credentials: {echo}\r\n");
        scene.peer(refusal.as_bytes()).await;
        keeps_the_secret(&scene);
        scene.has("redact/echo");
        assert!(scene.server_bytes().ends_with(refusal.as_bytes()), "the tape keeps what came");
        scene.stands_in(Phase::Ready);
    }
}

#[tokio::test(start_paused = true)]
async fn a122_credentials_behind_auth_are_masked() {
    let mut scene = offered().await;
    scene.types(&format!("AUTH PLAIN {PLAIN}")).await;
    keeps_the_secret(&scene);
    scene.shows("AUTH PLAIN ");
    scene.has("redact/auth");
    scene.sent(format!("EHLO laptop.you.test\r\nAUTH PLAIN {PLAIN}\r\n").as_bytes()).await;
    scene.peer(b"235 2.7.0 welcome\r\n").await;
    keeps_the_secret(&scene);
    scene.stands_in(Phase::Ready);
}

#[tokio::test(start_paused = true)]
async fn a123_every_line_after_a_334_is_secret_by_state() {
    let mut scene = offered().await;
    scene.types("AUTH LOGIN").await;
    scene.peer(b"334 VXNlcm5hbWU6\r\n").await;
    scene.types("not base64 at all").await;
    scene.peer(b"334 UGFzc3dvcmQ6\r\n").await;
    scene.types("czNjcmV0").await;
    keeps_the_secret(&scene);
    assert!(!scene.export().contains("not base64 at all"), "{}", scene.export());
    scene.has("redact/auth");
    scene.sent(b"EHLO laptop.you.test\r\nAUTH LOGIN\r\nnot base64 at all\r\nczNjcmV0\r\n").await;
    scene.peer(b"535 5.7.8 no\r\n").await;
    scene.stands_in(Phase::Ready);
}

#[tokio::test(start_paused = true)]
async fn a123_a_cancelled_login_shows_its_asterisk() {
    let mut scene = offered().await;
    scene.types("AUTH LOGIN").await;
    scene.peer(b"334 VXNlcm5hbWU6\r\n").await;
    scene.types("*").await;
    scene.peer(b"501 5.7.0 cancelled\r\n").await;
    scene.shows("*");
    assert!(scene.export().contains("C *"), "{}", scene.export());
    scene.stands_in(Phase::Ready);
}
