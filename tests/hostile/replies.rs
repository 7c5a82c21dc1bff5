//! Replies whose framing is wrong: codes, separators, line ends, and replies that never end.

use std::time::Duration;

use ehlo::dialogue::phase::Phase;

use crate::scene::Scene;

/// A session after EHLO in which NOOP was answered with these bytes.
async fn answered(reply: &[u8]) -> Scene {
    let mut scene = Scene::ready().await;
    scene.types("NOOP").await;
    scene.peer(reply).await;
    scene.heard_since(reply);
    scene
}

#[tokio::test(start_paused = true)]
async fn r022_codes_of_two_or_four_digits_are_no_replies() {
    for reply in [&b"25 OK\r\n"[..], b"2500 OK\r\n"] {
        let mut scene = answered(reply).await;
        scene.finds(&["reply/malformed"]);
        assert_eq!(scene.last_code(), None);
        assert_eq!(scene.dialogue().outstanding().len(), 1, "the reply is still due");
        scene.stands_in(Phase::Ready);
    }
}

#[tokio::test(start_paused = true)]
async fn r024_codes_of_no_class_are_never_a_success() {
    for (reply, code) in [(&b"000 hi\r\n"[..], 0), (b"999 hi\r\n", 999), (b"650 hi\r\n", 650), (b"199 x\r\n", 199)] {
        let mut scene = answered(reply).await;
        scene.has("reply/unknown-class");
        assert_eq!(scene.last_code(), Some(code));
        assert!(!scene.last_succeeded());
        scene.stands_in(Phase::Ready);
    }
}

#[tokio::test(start_paused = true)]
async fn r025_only_ascii_digits_count() {
    for reply in ["２５０ ok\r\n", "٢٥٠ ok\r\n"] {
        let mut scene = answered(reply.as_bytes()).await;
        scene.has("reply/malformed");
        assert_eq!(scene.last_code(), None);
        scene.stands_in(Phase::Ready);
    }
}

#[tokio::test(start_paused = true)]
async fn r026_the_last_code_decides_a_mixed_reply() {
    let mut scene = answered(b"250-ok\r\n550 no\r\n").await;
    scene.finds(&["reply/mixed-codes"]);
    assert_eq!(scene.last_code(), Some(550));
    assert!(!scene.last_succeeded());
    scene.stands_in(Phase::Ready);
}

#[tokio::test(start_paused = true)]
async fn r027_a_reply_that_turns_good_is_a_conflict_and_no_success() {
    let mut scene = answered(b"550-no\r\n250 ok\r\n").await;
    scene.finds(&["reply/mixed-codes"]);
    assert_eq!(scene.last_code(), Some(250));
    assert!(!scene.last_succeeded());
    scene.stands_in(Phase::Ready);
}

#[tokio::test(start_paused = true)]
async fn r028_garbage_inside_a_reply_is_kept_and_marked() {
    let mut scene = answered(b"250-ok\r\ngarbage\r\n250 done\r\n").await;
    scene.finds(&["reply/garbage-line"]);
    assert_eq!(scene.last_code(), Some(250));
    scene.shows("garbage");
    scene.stands_in(Phase::Ready);
}

#[tokio::test(start_paused = true)]
async fn r029_a_reply_that_stops_half_way_is_visible_and_times_out() {
    let mut scene = answered(b"250-a\r\n250-b\r\n").await;
    scene.finds(&[]);
    assert_eq!(scene.dialogue().outstanding().len(), 1);
    scene.shows("250-b");
    scene.waits(Duration::from_secs(400)).await;
    scene.has("reply/unfinished");
    assert!(!scene.last_succeeded());
    scene.stands_in(Phase::Ready);
}

#[tokio::test(start_paused = true)]
async fn r030_a_reply_cut_by_the_end_is_truncated() {
    let mut scene = answered(b"250-a\r\n250-b").await;
    scene.peer_ends().await;
    scene.has("reply/truncated");
    assert!(!scene.last_succeeded());
    scene.stands_in(Phase::Closed);
}

#[tokio::test(start_paused = true)]
async fn r031_an_endless_reply_stops_at_the_limit() {
    let flood = b"250-x\r\n".repeat(40_000);
    let mut scene = Scene::ready().await;
    scene.types("NOOP").await;
    scene.peer(&flood).await;
    scene.has("limit/reply");
    scene.stands_in(Phase::Closed);
    assert!(!scene.last_succeeded());
    let heard = scene.server_bytes();
    assert!(heard.len() < 8 << 20, "kept {} octets", heard.len());
    assert!(heard.windows(7).filter(|window| *window == b"250-x\r\n").count() >= 2000);
}

#[tokio::test(start_paused = true)]
async fn r032_a_reply_has_one_deadline_for_all_its_lines() {
    let mut scene = Scene::ready().await;
    scene.types("NOOP").await;
    for _ in 0..400 {
        scene.peer(b"250-x\r\n").await;
        scene.waits(Duration::from_secs(1)).await;
    }
    scene.has("reply/timeout");
    scene.heard_since(&b"250-x\r\n".repeat(400));
    scene.stands_in(Phase::Ready);
}

#[tokio::test(start_paused = true)]
async fn r034_replies_without_text_are_whole() {
    for reply in [&b"250 \r\n"[..], b"250\r\n", b"250-\r\n250\r\n"] {
        let mut scene = answered(reply).await;
        scene.has("reply/no-text");
        assert_eq!(scene.last_code(), Some(250));
        assert!(scene.last_succeeded());
        scene.stands_in(Phase::Ready);
    }
}

#[tokio::test(start_paused = true)]
async fn r040_a_lone_lf_ends_a_line_and_is_said() {
    let mut scene = answered(b"250 ok\n").await;
    scene.finds(&["reply/bare-lf"]);
    assert!(scene.last_succeeded());
    scene.stands_in(Phase::Ready);
}

#[tokio::test(start_paused = true)]
async fn r041_a_lone_cr_is_data_and_hides_nothing() {
    let mut scene = answered(b"550 denied\r250 accepted\r\n").await;
    scene.has("reply/bare-cr");
    assert_eq!(scene.last_code(), Some(550));
    assert_eq!(scene.answers().last(), Some(&(550, 1)));
    scene.shows("550 denied^M250 accepted");
    scene.stands_in(Phase::Ready);
}

#[tokio::test(start_paused = true)]
async fn r060_the_basic_code_decides_over_a_contradicting_status() {
    for (reply, code) in [(&b"250 5.1.1 fine\r\n"[..], 250), (b"550 2.1.5 bad\r\n", 550)] {
        let mut scene = answered(reply).await;
        scene.finds(&["esc/mismatch"]);
        assert_eq!(scene.last_code(), Some(code));
        assert_eq!(scene.last_succeeded(), code == 250);
        scene.stands_in(Phase::Ready);
    }
}

#[tokio::test(start_paused = true)]
async fn r066_single_octets_do_not_move_the_deadline() {
    let mut scene = Scene::ready().await;
    scene.types("NOOP").await;
    let reply = b"250 this reply comes one octet every five seconds, and takes far longer than anyone has\r\n";
    scene.drips(reply, Duration::from_secs(5)).await;
    scene.has("reply/timeout");
    scene.heard_since(reply);
    assert_eq!(scene.last_code(), Some(250));
    scene.stands_in(Phase::Ready);
}
