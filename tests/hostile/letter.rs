//! Letters: dots, line ends, look-alikes of the end, and servers that answer when they should not.

use std::sync::Arc;
use std::time::Duration;

use ehlo::dialogue::coach::advise;
use ehlo::dialogue::phase::Phase;
use ehlo::ports::net::{Act, Body, Letter};
use ehlo::smtp::data::{Stuffed, Stuffer, Wire};
use ehlo::smtp::flaw::FlawKind;
use ehlo::tape::Side;
use ehlo::tape::mark::{Closed, Ending, Mark};

use crate::scene::Scene;

const BEFORE: &[u8] = b"EHLO laptop.you.test\r\nMAIL FROM:<you@you.test>\r\nRCPT TO:<pat@harbor.test>\r\nDATA\r\n";

/// A session whose DATA was sent and not answered, behind an EHLO that offered this besides PIPELINING.
async fn asked() -> Scene {
    let mut scene = Scene::ready().await;
    for line in ["MAIL FROM:<you@you.test>", "RCPT TO:<pat@harbor.test>"] {
        scene.types(line).await;
        scene.peer(b"250 ok\r\n").await;
    }
    scene.types("DATA").await;
    scene
}

/// A session in which the letter is asked for.
async fn in_data() -> Scene {
    let mut scene = asked().await;
    scene.peer(b"354 go\r\n").await;
    scene
}

async fn posts(scene: &mut Scene, letter: &[u8]) {
    let letter = Letter { body: Body::Octets(Arc::from(letter)), wire: Wire::Normalise, octets: None };
    scene.acts(Act::Post(letter)).await;
    // The letter is read by a thread of its own, which the paused clock does not wait for.
    for _ in 0..100 {
        tokio::task::yield_now().await;
        std::thread::yield_now();
        scene.waits(Duration::from_millis(1)).await;
        if scene.dialogue().phase() != Phase::Content {
            break;
        }
    }
}

fn behind(letter: &[u8]) -> Vec<u8> {
    [BEFORE, letter].concat()
}

/// What making a letter fit for the wire finds.
fn stuffed(letter: &[u8]) -> Stuffed {
    let (mut stuffer, mut out) = (Stuffer::new(Wire::Normalise), Vec::new());
    stuffer.push(letter, &mut out);
    stuffer.finish(&mut out)
}

#[tokio::test(start_paused = true)]
async fn d148_dots_are_doubled_wherever_they_begin_a_line() {
    let mut scene = in_data().await;
    posts(&mut scene, b".\r\n..\r\n.x\r\n\r\n.\r\nlast\r\n.").await;
    scene.sent(&behind(b"..\r\n...\r\n..x\r\n\r\n..\r\nlast\r\n..\r\n.\r\n")).await;
    scene.stands_in(Phase::Verdict);
    scene.peer(b"250 taken\r\n").await;
    scene.finds(&[]);
    scene.stands_in(Phase::Ready);
    scene.heard_since(b"250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n");
}

#[tokio::test(start_paused = true)]
async fn d149_a_last_line_gets_its_end_and_an_empty_letter_is_one() {
    for (letter, wire) in [(&b"hello"[..], &b"hello\r\n.\r\n"[..]), (b"", b".\r\n")] {
        let mut scene = in_data().await;
        posts(&mut scene, letter).await;
        scene.sent(&behind(wire)).await;
        scene.finds(&[]);
        scene.stands_in(Phase::Verdict);
    }
    let ids: Vec<_> = stuffed(b"hello").flaws(true).into_iter().map(FlawKind::id).collect();
    assert_eq!(ids, ["data/eol-added"]);
}

/// What may end a letter on faulty servers.
const LOOK_ALIKES: [&[u8]; 9] =
    [b"\n.\n", b"\n.\r", b"\r.\n", b"\r.\r", b"\n.\r\n", b"\r.\r\n", b"\r\n.\r\r\n", b"\r\r\n.\r\r\n", b"\r\n\0.\r\n"];

#[tokio::test(start_paused = true)]
async fn d150_look_alikes_of_the_end_go_by_hand_only_and_are_told() {
    for look_alike in LOOK_ALIKES {
        let letter = [b"one", look_alike, b"two\r\n"].concat();
        let mut scene = in_data().await;
        scene.acts(Act::Send([&letter[..], b".\r\n"].concat().into())).await;
        scene.has("data/smuggling");
        scene.sent(&behind(&[&letter[..], b".\r\n"].concat())).await;
        scene.stands_in(Phase::Verdict);
    }
}

#[tokio::test(start_paused = true)]
async fn d150_by_form_no_line_of_a_letter_can_end_it() {
    for look_alike in LOOK_ALIKES.into_iter().filter(|look_alike| !look_alike.contains(&0)) {
        let mut scene = in_data().await;
        posts(&mut scene, &[b"one", look_alike, b"two\r\n"].concat()).await;
        scene.finds(&[]);
        scene.stands_in(Phase::Verdict);
        assert_eq!(scene.dialogue().letters().len(), 1, "{look_alike:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn d152_every_line_end_becomes_cr_lf() {
    let letter = b"one\ntwo\r\nthree\rfour\n";
    let mut scene = in_data().await;
    posts(&mut scene, letter).await;
    scene.sent(&behind(b"one\r\ntwo\r\nthree\r\nfour\r\n.\r\n")).await;
    scene.finds(&[]);
    scene.stands_in(Phase::Verdict);
    let found = stuffed(letter);
    assert_eq!(found.flaws(true).into_iter().map(FlawKind::id).collect::<Vec<_>>(), ["data/eol-fixed"]);
    assert_eq!((found.lone_lf, found.lone_cr), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn d154_octets_above_127_and_nul_are_told_before_they_go() {
    let ids = |letter: &[u8], mime| stuffed(letter).flaws(mime).into_iter().map(FlawKind::id).collect::<Vec<_>>();
    assert_eq!(ids(b"na\xc3\xafve\r\n", false), ["data/8bit"]);
    assert!(ids(b"na\xc3\xafve\r\n", true).is_empty());
    assert_eq!(ids(b"nul \0\r\n", true), ["data/nul"]);
    let mut scene = in_data().await;
    posts(&mut scene, b"na\xc3\xafve\r\n").await;
    scene.sent(&behind(b"na\xc3\xafve\r\n.\r\n")).await;
    scene.stands_in(Phase::Verdict);
}

#[tokio::test(start_paused = true)]
async fn d155_what_waits_for_a_354_never_goes_behind_a_250() {
    let mut scene = asked().await;
    scene.types("RSET is what the letter says").await;
    scene.peer(b"250 ok\r\n").await;
    scene.finds(&["fsm/unexpected-code"]);
    scene.sent(BEFORE).await;
    scene.stands_in(Phase::Envelope);
    scene.heard_since(b"250 ok\r\n250 ok\r\n250 ok\r\n");
}

#[tokio::test(start_paused = true)]
async fn d156_an_answer_inside_the_letter_ends_it_at_a_line_edge_and_closes() {
    let mut scene = asked().await;
    scene.peer(b"354 go\r\n550 no\r\n").await;
    scene.has("data/early-reply");
    scene.stands_in(Phase::Closed);
    scene.sent(BEFORE).await;
    scene.heard_since(b"250 ok\r\n250 ok\r\n354 go\r\n550 no\r\n");
    scene.shows("550 no");
    assert!(scene.dialogue().letters().is_empty());
    let ended = Closed { by: Side::Client, how: Ending::EarlyReply };
    assert!(scene.marks().contains(&Mark::Closed(ended)), "{:?}", scene.marks());
    assert_eq!(advise(scene.dialogue()).now, "Connect again", "a NOOP would lead nowhere");
}

#[tokio::test(start_paused = true)]
async fn d156_lines_that_went_before_it_are_whole_and_none_follows() {
    let mut scene = in_data().await;
    scene.types("Subject: half").await;
    scene.peer(b"550 no\r\n").await;
    scene.has("data/early-reply");
    scene.stands_in(Phase::Closed);
    scene.types("the rest").await;
    scene.types(".").await;
    scene.sent(&behind(b"Subject: half\r\n")).await;
}

#[tokio::test(start_paused = true)]
async fn d158_a_server_that_closes_inside_the_letter_has_not_taken_it() {
    let mut scene = in_data().await;
    scene.types("Subject: half").await;
    scene.peer_ends().await;
    scene.has("data/aborted");
    scene.stands_in(Phase::Closed);
    scene.sent(&behind(b"Subject: half\r\n")).await;
    assert!(scene.dialogue().letters().is_empty());
}

#[tokio::test(start_paused = true)]
async fn d159_without_a_final_answer_nobody_knows() {
    let mut scene = in_data().await;
    scene.types("hi\r\n.").await;
    scene.waits(Duration::from_secs(601)).await;
    scene.finds(&["data/unknown-outcome"]);
    scene.stands_in(Phase::Verdict);
    scene.sent(&behind(b"hi\r\n.\r\n")).await;
    assert_eq!(scene.dialogue().letters()[0].verdict, None);
}

#[tokio::test(start_paused = true)]
async fn d160_a_verdict_for_each_recipient_is_surplus_in_smtp() {
    let mut scene = in_data().await;
    scene.types("hi\r\n.").await;
    scene.peer(b"250 2.0.0 pat\r\n250 2.0.0 sam\r\n").await;
    scene.finds(&["sync/surplus-reply"]);
    assert!(scene.dialogue().desync().is_some());
    scene.stands_in(Phase::Ready);
    scene.sent(&behind(b"hi\r\n.\r\n")).await;
    scene.heard_since(b"250 ok\r\n250 ok\r\n354 go\r\n250 2.0.0 pat\r\n250 2.0.0 sam\r\n");
}

#[tokio::test(start_paused = true)]
async fn d162_bdat_where_chunking_is_not_offered_is_told_before_and_after() {
    let mut scene = Scene::ready().await;
    for line in ["MAIL FROM:<you@you.test>", "RCPT TO:<pat@harbor.test>"] {
        scene.types(line).await;
        scene.peer(b"250 ok\r\n").await;
    }
    assert_eq!(scene.forecasts("BDAT 4 LAST"), ["fsm/bdat"]);
    scene.types("BDAT 4 LAST\r\nhi").await;
    scene.peer(b"502 5.5.1 no\r\n").await;
    scene.finds(&["fsm/bdat"]);
    scene
        .sent(b"EHLO laptop.you.test\r\nMAIL FROM:<you@you.test>\r\nRCPT TO:<pat@harbor.test>\r\nBDAT 4 LAST\r\nhi\r\n")
        .await;
    scene.heard_since(b"250 ok\r\n250 ok\r\n502 5.5.1 no\r\n");
    scene.stands_in(Phase::Ready);
}

#[tokio::test(start_paused = true)]
async fn d165_a_letter_larger_than_the_server_takes_is_told_before_mail() {
    let mut scene = Scene::greeted().await;
    scene.types("EHLO laptop.you.test").await;
    scene.peer(b"250-mx\r\n250-SIZE 32\r\n250 ENHANCEDSTATUSCODES\r\n").await;
    let mail = "MAIL FROM:<you@you.test> SIZE=120034";
    assert_eq!(scene.forecasts(mail), ["data/size"]);
    scene.types(mail).await;
    scene.peer(b"552 5.3.4 too large\r\n").await;
    scene.finds(&[]);
    scene.stands_in(Phase::Ready);
    assert_eq!(scene.suggestion(), "QUIT");
    scene.sent(b"EHLO laptop.you.test\r\nMAIL FROM:<you@you.test> SIZE=120034\r\n").await;
}
