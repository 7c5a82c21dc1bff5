//! Answers to EHLO that mislead.

use ehlo::dialogue::phase::Phase;
use ehlo::smtp::extension::Size;

use crate::scene::Scene;

/// A session whose EHLO was answered with these bytes.
async fn offered(reply: &[u8]) -> Scene {
    let mut scene = Scene::greeted().await;
    scene.types("EHLO laptop.you.test").await;
    scene.peer(reply).await;
    scene.heard(&[b"220 mx.example.test ESMTP\r\n", reply].concat());
    scene.sent(b"EHLO laptop.you.test\r\n").await;
    scene.stands_in(Phase::Ready);
    scene
}

#[tokio::test(start_paused = true)]
async fn c068_no_extensions_is_an_answer() {
    let mut scene = offered(b"250 mx\r\n").await;
    scene.finds(&["caps/none"]);
    assert!(scene.extensions().keywords().is_empty());
}

#[tokio::test(start_paused = true)]
async fn c069_a_refused_ehlo_offers_helo() {
    for reply in [&b"500 5.5.1 unrecognized\r\n"[..], b"502 5.5.1 not implemented\r\n"] {
        let mut scene = offered(reply).await;
        scene.has("caps/no-ehlo");
        assert!(scene.suggestion().starts_with("HELO "), "{}", scene.suggestion());
    }
}

#[tokio::test(start_paused = true)]
async fn c070_auth_that_is_not_offered_is_said_before_it_is_sent() {
    let mut scene = offered(b"250-mx\r\n250 PIPELINING\r\n").await;
    assert!(scene.forecasts("AUTH PLAIN").contains(&"auth/not-offered"), "{:?}", scene.forecasts("AUTH PLAIN"));
    scene.sent(b"EHLO laptop.you.test\r\n").await;
}

#[tokio::test(start_paused = true)]
async fn c072_a_size_that_is_no_number_is_no_limit() {
    for parameter in ["abc", "-1", "18446744073709551616"] {
        let mut scene = offered(format!("250-mx\r\n250 SIZE {parameter}\r\n").as_bytes()).await;
        scene.finds(&["caps/bad-param"]);
        assert!(matches!(scene.extensions().size(), Size::Bad), "{parameter}");
        scene.shows(&format!("SIZE {parameter}"));
    }
}

#[tokio::test(start_paused = true)]
async fn c073_size_zero_is_no_fixed_limit() {
    let mut scene = offered(b"250-mx\r\n250 SIZE 0\r\n").await;
    scene.finds(&["caps/size-zero"]);
    assert!(matches!(scene.extensions().size(), Size::Unlimited));
}

#[tokio::test(start_paused = true)]
async fn c074_the_old_spelling_of_auth_counts_and_is_labelled() {
    let mut scene = offered(b"250-mx\r\n250-AUTH=PLAIN LOGIN\r\n250-AUTH SCRAM-SHA-256 PLAIN\r\n250 HELP\r\n").await;
    scene.has("caps/auth-legacy");
    let names = scene.mechanisms();
    assert_eq!(names, ["LOGIN", "PLAIN", "SCRAM-SHA-256"]);
}

#[tokio::test(start_paused = true)]
async fn c076_a_near_miss_of_starttls_is_not_starttls() {
    for keyword in ["STARTTLSX", "XSTARTTLS", "STARTTLSPLEASE"] {
        let mut scene = offered(format!("250-mx\r\n250 {keyword}\r\n").as_bytes()).await;
        scene.has("caps/near-miss");
        assert!(!scene.extensions().has("STARTTLS"), "{keyword}");
    }
}

#[tokio::test(start_paused = true)]
async fn c077_keywords_have_no_case() {
    let mut scene = offered(b"250-mx\r\n250 starttls\r\n").await;
    scene.finds(&[]);
    assert!(scene.extensions().has("STARTTLS"));
}

#[tokio::test(start_paused = true)]
async fn c079_a_long_list_of_mechanisms_is_read_whole() {
    let names: Vec<String> = (0..62).map(|number| format!("X-MECHANISM-{number}")).collect();
    let line = format!("250-mx\r\n250 AUTH {}\r\n", names.join(" "));
    assert!(line.len() > 900);
    let mut scene = offered(line.as_bytes()).await;
    scene.has("reply/long-line");
    assert_eq!(scene.mechanisms().len(), 62);
}

#[tokio::test(start_paused = true)]
async fn c081_hostile_keywords_are_shown_and_not_used() {
    let mut scene = offered(b"250-mx\x1b[2J hello\r\n250-\x1b]0;x\x07KEY\r\n250 HELP\r\n").await;
    scene.has("safe/escape");
    scene.has("caps/bad-keyword");
    scene.shows("250-mx^[[2J hello");
    scene.shows("250-^[]0;x^GKEY");
    assert!(!scene.extensions().has("KEY"));
    assert!(scene.extensions().has("HELP"));
}

#[tokio::test(start_paused = true)]
async fn c085_a_keyword_without_the_one_it_needs_is_noted() {
    let missing = b"250-mx\r\n250-SMTPUTF8\r\n250-BINARYMIME\r\n250-DSN\r\n250 DSN\r\n";
    let mut scene = offered(missing).await;
    scene.has("caps/dependency");
    scene.has("caps/duplicate");
}

/// TLS stands, and the second EHLO was answered with these bytes.
async fn offered_inside_tls(before: &[u8], inside: &[u8]) -> Scene {
    let mut scene = offered(before).await;
    scene.types("STARTTLS").await;
    scene.peer(b"220 2.0.0 go ahead\r\n").await;
    scene.stands_in(Phase::Upgrading);
    scene.secured().await;
    scene.stands_in(Phase::Ready);
    assert!(scene.dialogue().extensions().is_none(), "what plain text offered is void");
    scene.types("EHLO laptop.you.test").await;
    scene.peer(inside).await;
    scene.said(b"EHLO laptop.you.test\r\nSTARTTLS\r\nEHLO laptop.you.test\r\n");
    assert!(scene.server_bytes().ends_with(inside));
    scene
}

#[tokio::test(start_paused = true)]
async fn c083_only_the_list_inside_tls_counts() {
    let before = b"250-mx\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n";
    let mut scene = offered_inside_tls(before, b"250-mx\r\n250 AUTH PLAIN\r\n").await;
    scene.has("caps/changed");
    assert_eq!(scene.mechanisms(), ["PLAIN"]);
    assert!(!scene.extensions().has("STARTTLS"));
    let lists = scene.dialogue().capabilities();
    assert_eq!(lists.iter().map(|list| list.tls).collect::<Vec<_>>(), [false, true]);
    let diff = lists[0].extensions.diff(&lists[1].extensions);
    assert!(format!("{diff:?}").contains("STARTTLS"), "{diff:?}");
    scene.stands_in(Phase::Ready);
}

#[tokio::test(start_paused = true)]
async fn c084_starttls_inside_tls_is_odd_and_not_legal() {
    let mut scene = offered_inside_tls(b"250-mx\r\n250 STARTTLS\r\n", b"250-mx\r\n250 STARTTLS\r\n").await;
    scene.has("caps/starttls-in-tls");
    assert!(scene.forecasts("STARTTLS").contains(&"fsm/order"), "{:?}", scene.forecasts("STARTTLS"));
    scene.stands_in(Phase::Ready);
}
