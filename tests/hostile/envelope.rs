//! Envelopes typed wrongly: told before they are sent, sent as they are, flagged where they stand.

use ehlo::dialogue::phase::Phase;

use crate::scene::Scene;

/// Sends a line as it is, and has it refused; gives what was said about it before.
async fn refused(scene: &mut Scene, line: &str) -> Vec<&'static str> {
    let before = scene.forecasts(line);
    scene.types(line).await;
    scene.peer(b"501 5.5.4 no\r\n").await;
    before
}

#[tokio::test(start_paused = true)]
async fn e134_an_address_that_is_none_goes_as_it_is_and_is_told() {
    for line in ["MAIL FROM:you@you.test", "MAIL FROM:<you @you.test>"] {
        let mut scene = Scene::ready().await;
        assert!(refused(&mut scene, line).await.contains(&"addr/syntax"), "{line}");
        scene.has("addr/syntax");
        scene.stands_in(Phase::Ready);
        scene.sent(format!("EHLO laptop.you.test\r\n{line}\r\n").as_bytes()).await;
        scene.heard_since(b"501 5.5.4 no\r\n");
    }
    let mut scene = Scene::ready().await;
    scene.types("MAIL FROM:<>").await;
    scene.peer(b"250 ok\r\n").await;
    assert!(scene.forecasts("RCPT TO:<>").contains(&"addr/syntax"));
    assert!(scene.forecasts("RCPT TO:<postmaster>").is_empty(), "the one name that needs no domain");
}

#[tokio::test(start_paused = true)]
async fn e135_what_is_longer_than_servers_must_take_is_told_and_sent() {
    let long = |local: usize, label: usize| format!("MAIL FROM:<{}@{}.test>", "x".repeat(local), "y".repeat(label));
    let labels = format!("MAIL FROM:<x@{}test>", "abcdefgh.".repeat(29));
    for line in [long(65, 5), labels] {
        let mut scene = Scene::ready().await;
        assert!(refused(&mut scene, &line).await.contains(&"addr/too-long"), "{line}");
        scene.has("addr/too-long");
        scene.stands_in(Phase::Ready);
        scene.sent(format!("EHLO laptop.you.test\r\n{line}\r\n").as_bytes()).await;
    }
    assert!(!Scene::ready().await.forecasts(&long(64, 5)).contains(&"addr/too-long"));
}

#[tokio::test(start_paused = true)]
async fn e137_an_address_that_is_not_ascii_needs_smtputf8() {
    let line = "MAIL FROM:<jörg@exämple.test>";
    let mut scene = Scene::ready().await;
    assert!(refused(&mut scene, line).await.contains(&"addr/smtputf8"));
    scene.has("addr/smtputf8");
    scene.stands_in(Phase::Ready);
    scene.sent(format!("EHLO laptop.you.test\r\n{line}\r\n").as_bytes()).await;
    scene.heard_since(b"501 5.5.4 no\r\n");
}

#[tokio::test(start_paused = true)]
async fn e139_each_parameter_is_checked_and_sent_as_it_is() {
    for param in ["SIZE=999999999999999999999", "BODY=9BIT", "RET=ALL"] {
        let line = format!("MAIL FROM:<you@you.test> {param}");
        let mut scene = Scene::ready().await;
        assert!(refused(&mut scene, &line).await.contains(&"param/invalid"), "{param}");
        scene.finds(&["param/invalid"]);
        scene.stands_in(Phase::Ready);
        scene.sent(format!("EHLO laptop.you.test\r\n{line}\r\n").as_bytes()).await;
    }
    for param in ["NOTIFY=NEVER,SUCCESS", "ORCPT=rfc822;a+ZZ"] {
        let line = format!("RCPT TO:<pat@harbor.test> {param}");
        let mut scene = Scene::ready().await;
        scene.types("MAIL FROM:<you@you.test>").await;
        scene.peer(b"250 ok\r\n").await;
        assert!(refused(&mut scene, &line).await.contains(&"param/invalid"), "{param}");
        scene.finds(&["param/invalid"]);
        scene.stands_in(Phase::Envelope);
    }
}

#[tokio::test(start_paused = true)]
async fn e145_what_is_out_of_order_is_told_and_sent() {
    for line in ["DATA", "RCPT TO:<pat@harbor.test>"] {
        let mut scene = Scene::ready().await;
        assert_eq!(scene.forecasts(line), ["fsm/order"], "{line}");
        scene.types(line).await;
        scene.peer(b"503 5.5.1 no MAIL\r\n").await;
        scene.finds(&["fsm/order"]);
        scene.stands_in(Phase::Ready);
        scene.sent(format!("EHLO laptop.you.test\r\n{line}\r\n").as_bytes()).await;
        scene.heard_since(b"503 5.5.1 no MAIL\r\n");
    }
    let mut scene = Scene::ready().await;
    scene.types("MAIL FROM:<you@you.test>").await;
    scene.peer(b"250 ok\r\n").await;
    assert_eq!(scene.forecasts("MAIL FROM:<you@you.test>"), ["fsm/order"]);
    scene.types("MAIL FROM:<you@you.test>").await;
    scene.peer(b"503 5.5.1 nested\r\n").await;
    scene.finds(&["fsm/order"]);
    scene.stands_in(Phase::Envelope);
}
