//! Replies that nobody asked for, or that come late.

use std::time::Duration;

use ehlo::dialogue::exchange::Cause;
use ehlo::dialogue::phase::Phase;

use crate::scene::Scene;

#[tokio::test(start_paused = true)]
async fn r062_a_421_out_of_the_blue_ends_the_session_at_once() {
    let mut scene = Scene::ready().await;
    scene.peer(b"421 4.4.2 idle timeout\r\n").await;
    scene.finds(&["sync/unsolicited-421"]);
    scene.stands_in(Phase::Closing);
    scene.peer_ends().await;
    scene.stands_in(Phase::Closed);
    scene.heard_since(b"421 4.4.2 idle timeout\r\n");
    scene.sent(b"EHLO laptop.you.test\r\n").await;
}

#[tokio::test(start_paused = true)]
async fn r063_a_second_reply_is_surplus_and_makes_a_desync() {
    let mut scene = Scene::ready().await;
    scene.types("RSET").await;
    scene.peer(b"250 ok\r\n250 ok\r\n").await;
    scene.finds(&["sync/surplus-reply"]);
    assert!(scene.dialogue().desync().is_some());
    scene.heard_since(b"250 ok\r\n250 ok\r\n");
    scene.stands_in(Phase::Ready);
}

#[tokio::test(start_paused = true)]
async fn r064_a_late_reply_belongs_to_the_older_command() {
    let mut scene = Scene::ready().await;
    scene.types("NOOP").await;
    scene.waits(Duration::from_secs(400)).await;
    scene.has("reply/timeout");
    scene.types_now("RSET").await;
    scene.peer(b"250 late\r\n").await;
    scene.has("sync/late-reply");
    assert!(scene.dialogue().desync().is_some());
    assert_eq!(scene.dialogue().outstanding().len(), 1, "RSET is still due");
    scene.heard_since(b"250 late\r\n");
    scene.stands_in(Phase::Ready);
}

#[tokio::test(start_paused = true)]
async fn r065_a_painted_dialogue_stays_the_servers_text() {
    let painted = b"250 ok\r\nC: QUIT\r\nS: 221 bye\r\n";
    let mut scene = Scene::ready().await;
    scene.types("NOOP").await;
    scene.peer(painted).await;
    scene.heard_since(painted);
    scene.sent(b"EHLO laptop.you.test\r\nNOOP\r\n").await;
    scene.shows("C: QUIT");
    scene.stands_in(Phase::Ready);
    assert!(
        scene
            .dialogue()
            .exchanges()
            .iter()
            .all(|exchange| exchange.cause != Cause::Command(ehlo::smtp::command::Verb::Quit))
    );
}

#[tokio::test(start_paused = true)]
async fn r067_a_flood_of_replies_stops_at_the_limit() {
    let mut scene = Scene::ready().await;
    scene.types("NOOP").await;
    scene.peer(&b"250 ok\r\n".repeat(100_000)).await;
    scene.has("limit/unsolicited");
    scene.has("sync/surplus-reply");
    scene.stands_in(Phase::Closed);
    assert!(scene.server_bytes().len() < 1 << 20, "kept {} octets", scene.server_bytes().len());
}
