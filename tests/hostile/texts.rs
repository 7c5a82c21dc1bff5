//! Replies whose text would act on a terminal, reorder itself or hide.

use ehlo::dialogue::phase::Phase;

use crate::scene::Scene;

/// NOOP answered with these bytes: a success with exactly these flaws, shown as `shown`.
async fn shown(reply: &[u8], flaws: &[&str], shown: &str) {
    let mut scene = Scene::ready().await;
    scene.types("NOOP").await;
    scene.peer(reply).await;
    scene.heard_since(reply);
    scene.finds(flaws);
    scene.shows(shown);
    assert!(scene.last_succeeded());
    scene.stands_in(Phase::Ready);
}

#[tokio::test(start_paused = true)]
async fn r035_a_nul_is_shown_and_cuts_nothing() {
    shown(b"250 o\0k\r\n", &["reply/control"], "250 o^@k").await;
}

#[tokio::test(start_paused = true)]
async fn r036_latin_1_keeps_its_octet() {
    shown(b"250 caf\xe9\r\n", &["reply/non-utf8"], "250 caf<E9>").await;
}

#[tokio::test(start_paused = true)]
async fn r037_utf8_is_shown_with_a_note() {
    shown("250 über\r\n".as_bytes(), &["reply/8bit"], "250 über").await;
}

#[tokio::test(start_paused = true)]
async fn r045_escape_sequences_are_shown_and_not_performed() {
    shown(b"250 \x1b[2J\x1b[H\x1b[31mHACKED\r\n", &["safe/escape"], "250 ^[[2J^[[H^[[31mHACKED").await;
}

#[tokio::test(start_paused = true)]
async fn r046_titles_and_clipboards_are_out_of_reach() {
    shown(b"250 \x1b]0;root@bank\x07\r\n", &["safe/escape"], "250 ^[]0;root@bank^G").await;
    shown(b"250 \x1b]52;c;ZXZpbA==\x07\r\n", &["safe/escape"], "250 ^[]52;c;ZXZpbA==^G").await;
}

#[tokio::test(start_paused = true)]
async fn r049_eight_bit_controls_are_shown_as_octets() {
    let mut scene = Scene::ready().await;
    scene.types("NOOP").await;
    scene.peer(b"250 \x9b31m\x9d0;t\x9c\r\n").await;
    scene.has("safe/escape");
    scene.shows("250 <9B>31m<9D>0;t<9C>");
    scene.heard_since(b"250 \x9b31m\x9d0;t\x9c\r\n");
    scene.stands_in(Phase::Ready);
}

#[tokio::test(start_paused = true)]
async fn r050_controls_in_utf8_are_shown_as_code_points() {
    let mut scene = Scene::ready().await;
    scene.types("NOOP").await;
    scene.peer(b"250 \xc2\x9b31m\r\n").await;
    scene.has("safe/escape");
    scene.shows("250 <U+009B>31m");
    scene.heard_since(b"250 \xc2\x9b31m\r\n");
    scene.stands_in(Phase::Ready);
}

#[tokio::test(start_paused = true)]
async fn r053_nothing_is_reordered() {
    let mut scene = Scene::ready().await;
    scene.types("NOOP").await;
    let reply = "250 \u{202e}gnp.exe\u{202c}\r\n";
    scene.peer(reply.as_bytes()).await;
    scene.has("safe/bidi");
    scene.shows("250 <U+202E>gnp.exe<U+202C>");
    scene.heard_since(reply.as_bytes());
    scene.stands_in(Phase::Ready);
}

#[tokio::test(start_paused = true)]
async fn r055_nothing_is_hidden() {
    let mut scene = Scene::ready().await;
    scene.types("NOOP").await;
    let reply = "250 pay\u{200b}pal\u{2060}\u{feff}\r\n";
    scene.peer(reply.as_bytes()).await;
    scene.has("safe/invisible");
    scene.shows("250 pay<U+200B>pal<U+2060><U+FEFF>");
    scene.heard_since(reply.as_bytes());
    scene.stands_in(Phase::Ready);
}

#[tokio::test(start_paused = true)]
async fn r057_marks_beyond_four_are_folded() {
    let mut scene = Scene::ready().await;
    scene.types("NOOP").await;
    let reply = format!("250 Z{}\r\n", "\u{301}".repeat(5000));
    scene.peer(reply.as_bytes()).await;
    scene.has("safe/marks");
    scene.shows("<+4996 marks>");
    scene.heard_since(reply.as_bytes());
    scene.stands_in(Phase::Ready);
}

#[tokio::test(start_paused = true)]
async fn r059_wide_characters_keep_their_octets() {
    let mut scene = Scene::ready().await;
    scene.types("NOOP").await;
    let reply = format!("250 {}👨‍👩‍👧\r\n", "漢字".repeat(40));
    scene.peer(reply.as_bytes()).await;
    scene.shows("250 漢字漢字");
    scene.heard_since(reply.as_bytes());
    assert!(scene.last_succeeded());
    scene.stands_in(Phase::Ready);
}
