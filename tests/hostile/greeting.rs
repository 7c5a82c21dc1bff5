//! Greetings: the first thing that a peer can get wrong.

use std::time::Duration;

use ehlo::dialogue::phase::Phase;
use ehlo::smtp::flaw::FlawKind;
use ehlo::smtp::reply::Service;

use crate::scene::Scene;

#[tokio::test(start_paused = true)]
async fn g001_a_greeting_in_single_octets_is_the_same_greeting() {
    let greeting = b"220 mx.example.test ESMTP\r\n";
    let mut slow = Scene::connected().await;
    slow.types("EHLO laptop.you.test").await;
    slow.drips(&greeting[..greeting.len() - 1], Duration::from_millis(20)).await;
    slow.sent(b"").await;
    slow.peer(b"\n").await;
    slow.sent(b"EHLO laptop.you.test\r\n").await;
    slow.heard(greeting);
    let mut fast = Scene::greeted_with(greeting).await;
    fast.finds(&[]);
    fast.stands_in(Phase::Ready);
    assert_eq!(slow.answers().first(), fast.answers().first());
    assert_eq!(fast.answers(), [(220, 1)]);
}

#[tokio::test(start_paused = true)]
async fn g002_a_greeting_may_have_several_lines() {
    let greeting = b"220-mx ready\r\n220-no bulk\r\n220 go\r\n";
    let mut scene = Scene::greeted_with(greeting).await;
    scene.finds(&["greet/multiline"]);
    scene.stands_in(Phase::Ready);
    scene.heard(greeting);
    assert_eq!(scene.answers(), [(220, 3)]);
}

#[tokio::test(start_paused = true)]
async fn g003_the_last_code_of_a_mixed_greeting_decides() {
    let greeting = b"220-some.test ESMTP\r\n521 5.7.1 blocked\r\n";
    let mut scene = Scene::greeted_with(greeting).await;
    scene.stands_in(Phase::Refused);
    scene.has("reply/mixed-codes");
    scene.has("greet/refused");
    scene.peer_ends().await;
    scene.has("net/half-closed");
    scene.offers_only_quit();
    scene.heard(greeting);
    scene.sent(b"").await;
    assert_eq!(scene.answers(), [(521, 2)]);
}

#[tokio::test(start_paused = true)]
async fn g004_a_554_greeting_leaves_only_quit() {
    let greeting = b"554 5.5.0 no SMTP service here\r\n";
    let mut scene = Scene::greeted_with(greeting).await;
    scene.has("greet/refused");
    scene.stands_in(Phase::Refused);
    scene.offers_only_quit();
    scene.heard(greeting);
    scene.sent(b"").await;
}

#[tokio::test(start_paused = true)]
async fn g005_a_421_greeting_is_a_refusal_for_now() {
    let greeting = b"421 4.3.2 too busy\r\n";
    let mut scene = Scene::greeted_with(greeting).await;
    scene.has("greet/421");
    scene.peer_ends().await;
    scene.stands_in(Phase::Closed);
    scene.heard(greeting);
    scene.sent(b"").await;
    assert_eq!(scene.answers(), [(421, 1)]);
}

#[tokio::test(start_paused = true)]
async fn g007_a_code_without_a_separator_is_no_greeting() {
    let greeting = b"220mx.example.test ESMTP\r\n";
    let mut scene = Scene::greeted_with(greeting).await;
    scene.finds(&["reply/malformed"]);
    scene.stands_in(Phase::Opening);
    scene.heard(greeting);
    assert_eq!(scene.answers(), []);
    assert_eq!(scene.dialogue().outstanding().len(), 1, "the greeting is still due");
}

#[tokio::test(start_paused = true)]
async fn g009_a_byte_order_mark_is_shown_and_spoils_the_code() {
    let greeting = b"\xef\xbb\xbf220 mx\r\n";
    let mut scene = Scene::greeted_with(greeting).await;
    scene.has("reply/malformed");
    scene.stands_in(Phase::Opening);
    scene.heard(greeting);
    scene.shows("<U+FEFF>220 mx");
}

#[tokio::test(start_paused = true)]
async fn g010_an_ssh_server_is_recognised() {
    let greeting = b"SSH-2.0-OpenSSH_9.6\r\n";
    let mut scene = Scene::greeted_with(greeting).await;
    scene.has("greet/not-smtp");
    scene.stands_in(Phase::Foreign);
    scene.heard(greeting);
    scene.sent(b"").await;
    assert!(scene.found(FlawKind::NotSmtp(Service::Ssh)));
}

#[tokio::test(start_paused = true)]
async fn g012_a_pop3_server_is_recognised() {
    let greeting = b"+OK POP3 ready <1896.697@x>\r\n";
    let mut scene = Scene::greeted_with(greeting).await;
    scene.has("greet/not-smtp");
    scene.stands_in(Phase::Foreign);
    scene.heard(greeting);
    assert!(scene.found(FlawKind::NotSmtp(Service::Pop3)));
}

#[tokio::test(start_paused = true)]
async fn g014_a_tls_alert_names_the_tls_port() {
    let alert = b"\x15\x03\x01\x00\x02\x02\x46";
    let mut scene = Scene::greeted_with(alert).await;
    scene.finds(&["greet/tls-port"]);
    scene.stands_in(Phase::Foreign);
    scene.heard(alert);
    scene.sent(b"").await;
}

#[tokio::test(start_paused = true)]
async fn g015_silence_is_marked_after_the_interactive_limit() {
    let mut scene = Scene::connected().await;
    scene.waits(Duration::from_secs(2)).await;
    scene.finds(&[]);
    scene.waits(Duration::from_secs(400)).await;
    scene.has("greet/timeout");
    scene.stands_in(Phase::Opening);
    scene.heard(b"");
    scene.peer(b"220 mx at last\r\n").await;
    scene.stands_in(Phase::Ready);
    scene.heard(b"220 mx at last\r\n");
}

#[tokio::test(start_paused = true)]
async fn g016_what_follows_the_greeting_unasked_is_never_an_ehlo_reply() {
    let bytes = b"220 hi\r\n250-mx\r\n250 PIPELINING\r\n";
    let mut scene = Scene::greeted_with(bytes).await;
    scene.has("sync/surplus-reply");
    scene.stands_in(Phase::Ready);
    scene.heard(bytes);
    assert!(scene.dialogue().extensions().is_none(), "no EHLO was asked");
    scene.types("EHLO laptop.you.test").await;
    assert!(scene.dialogue().extensions().is_none(), "the reply is still due");
    scene.peer(b"250-mx\r\n250 SIZE\r\n").await;
    assert!(scene.dialogue().extensions().is_some_and(|extensions| extensions.has("SIZE")));
    scene.sent(b"EHLO laptop.you.test\r\n").await;
}

#[tokio::test(start_paused = true)]
async fn g017_a_line_typed_into_a_pause_of_the_greeting_waits_for_its_end() {
    let mut scene = Scene::greeted_with(b"220-mx\r\n").await;
    scene.types("EHLO laptop.you.test").await;
    scene.waits(Duration::from_secs(6)).await;
    scene.has("greet/early-talker");
    scene.sent(b"").await;
    scene.peer(b"220 mx\r\n").await;
    scene.sent(b"EHLO laptop.you.test\r\n").await;
    scene.heard(b"220-mx\r\n220 mx\r\n");
    scene.stands_in(Phase::Ready);
}

#[tokio::test(start_paused = true)]
async fn g019_a_line_without_an_end_stops_at_the_limit() {
    let mut endless = b"220 ".to_vec();
    endless.resize(70_004, b'A');
    let mut scene = Scene::greeted_with(&endless).await;
    scene.has("limit/line");
    scene.stands_in(Phase::Closed);
    let heard = scene.server_bytes();
    assert!(heard.len() >= 65_536 && endless.starts_with(&heard), "kept {} octets", heard.len());
}
