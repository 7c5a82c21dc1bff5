//! Dials that fail, connections that break, and time that passes.

use std::io::ErrorKind;
use std::time::Duration;

use ehlo::dialogue::phase::Phase;
use ehlo::ports::net::Opening;
use ehlo::tape::mark::{Attempt as Tried, Mark, Unreached};

use crate::peer::Attempt;
use crate::scene::Scene;
use crate::wire::target;

/// The attempts that failed, as the transcript has them.
fn tried(scene: &Scene) -> Vec<Tried> {
    let failed = scene.marks().into_iter();
    failed.filter_map(|mark| if let Mark::Refused(attempt) = mark { Some(attempt) } else { None }).collect()
}

/// Why each attempt failed.
fn reasons(scene: &Scene) -> Vec<Unreached> {
    tried(scene).iter().map(|attempt| attempt.why).collect()
}

#[tokio::test(start_paused = true)]
async fn n166_a_refused_address_is_shown_and_the_next_one_tried() {
    let failures = vec![Attempt::Fails(ErrorKind::ConnectionRefused)];
    let mut scene = Scene::dialled(target(Opening::Plain, 2), failures).await;
    scene.finds(&["net/refused"]);
    assert_eq!(reasons(&scene), [Unreached::Refused]);
    assert_eq!(tried(&scene)[0].peer.to_string(), "192.0.2.1:25");
    scene.peer(b"220 mx\r\n").await;
    scene.stands_in(Phase::Ready);
    scene.heard(b"220 mx\r\n");
    scene.sent(b"").await;
}

#[tokio::test(start_paused = true)]
async fn n167_silence_is_given_up_after_ten_seconds_an_address() {
    let mut scene = Scene::dialled(target(Opening::Plain, 2), vec![Attempt::Silence]).await;
    scene.finds(&[]);
    scene.waits(Duration::from_secs(11)).await;
    scene.finds(&["net/timeout"]);
    assert_eq!(reasons(&scene), [Unreached::TimedOut]);
    assert_eq!(tried(&scene)[0].took.as_secs(), 10);
    scene.peer(b"220 mx\r\n").await;
    scene.stands_in(Phase::Ready);
    scene.heard(b"220 mx\r\n");
}

#[tokio::test(start_paused = true)]
async fn n168_a_reset_in_the_middle_of_a_line_keeps_what_came() {
    let mut scene = Scene::ready().await;
    scene.types("NOOP").await;
    scene.peer(b"250 o").await;
    scene.peer_resets().await;
    scene.has("net/reset");
    scene.has("reply/truncated");
    scene.heard_since(b"250 o");
    assert!(!scene.last_succeeded());
    scene.stands_in(Phase::Closed);
}

#[tokio::test(start_paused = true)]
async fn n170_a_server_that_finished_talking_is_said_so() {
    let mut scene = Scene::ready().await;
    scene.peer_finishes().await;
    scene.has("net/half-closed");
    scene.heard_since(b"");
    scene.sent(b"EHLO laptop.you.test\r\n").await;
    scene.stands_in(Phase::Ready);
}

#[tokio::test(start_paused = true)]
async fn n171_we_close_when_the_server_lingers_after_its_goodbye() {
    let mut scene = Scene::ready().await;
    scene.types("QUIT").await;
    scene.peer(b"221 bye\r\n").await;
    scene.stands_in(Phase::Closing);
    scene.waits(Duration::from_secs(3)).await;
    scene.has("net/linger");
    scene.stands_in(Phase::Closed);
    scene.heard_since(b"221 bye\r\n");
    scene.sent(b"EHLO laptop.you.test\r\nQUIT\r\n").await;
}

#[tokio::test(start_paused = true)]
async fn n172_an_unreachable_address_falls_back_to_the_next() {
    let failures = vec![Attempt::Fails(ErrorKind::HostUnreachable)];
    let mut addresses = target(Opening::Plain, 2);
    addresses.pinned[0] = "2001:db8::1".parse().unwrap();
    let mut scene = Scene::dialled(addresses, failures).await;
    scene.finds(&["net/unreachable"]);
    assert_eq!(tried(&scene)[0].peer.to_string(), "[2001:db8::1]:25");
    scene.peer(b"220 mx\r\n").await;
    scene.stands_in(Phase::Ready);
    scene.heard(b"220 mx\r\n");
}

#[tokio::test(start_paused = true)]
async fn n173_of_twenty_dead_addresses_few_are_tried_and_not_for_long() {
    let refused = || Attempt::Fails(ErrorKind::ConnectionRefused);
    let mut scene = Scene::dialled(target(Opening::Plain, 20), (0..20).map(|_| refused()).collect()).await;
    scene.has("net/all-failed");
    assert_eq!(tried(&scene).len(), 8);
    scene.stands_in(Phase::Closed);
    scene.heard(b"");
    scene.sent(b"").await;

    let silence = (0..20).map(|_| Attempt::Silence).collect();
    let mut scene = Scene::dialled(target(Opening::Plain, 20), silence).await;
    scene.waits(Duration::from_secs(31)).await;
    scene.has("net/all-failed");
    assert!(tried(&scene).len() <= 3, "{} addresses in thirty seconds", tried(&scene).len());
    scene.stands_in(Phase::Closed);
}

#[tokio::test(start_paused = true)]
async fn n174_no_network_of_our_own_is_said_in_plain_words() {
    for kind in [ErrorKind::NetworkDown, ErrorKind::AddrNotAvailable] {
        let mut scene = Scene::dialled(target(Opening::Plain, 1), vec![Attempt::Fails(kind)]).await;
        scene.has("net/local");
        scene.has("net/all-failed");
        assert_eq!(reasons(&scene), [Unreached::Local]);
        let text = scene.export();
        assert!(!text.contains("os error"), "{text}");
        scene.stands_in(Phase::Closed);
        scene.heard(b"");
    }
}

#[tokio::test(start_paused = true)]
async fn n176_a_computer_that_slept_says_so_before_the_next_command() {
    let mut scene = Scene::ready().await;
    scene.sleeps(Duration::from_hours(1)).await;
    scene.types("NOOP").await;
    scene.has("net/stale");
    scene.peer(b"250 still here\r\n").await;
    assert!(scene.last_succeeded());
    scene.heard_since(b"250 still here\r\n");
    scene.stands_in(Phase::Ready);
}

#[tokio::test(start_paused = true)]
async fn n178_any_address_is_no_destination() {
    for nowhere in ["0.0.0.0", "::"] {
        let mut addresses = target(Opening::Plain, 1);
        addresses.host = nowhere.to_owned();
        addresses.pinned = vec![nowhere.parse().unwrap()];
        let mut scene = Scene::dialled(addresses, Vec::new()).await;
        scene.finds(&["net/target"]);
        scene.stands_in(Phase::Closed);
        scene.heard(b"");
        scene.sent(b"").await;
    }
}
