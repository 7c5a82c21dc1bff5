//! Magic addresses: any code at any stage, delays, and silence.

use super::*;

#[tokio::test]
async fn a_magic_recipient_gives_any_code() {
    let mut talk = Room::open().await.greeted(MX1).await;
    talk.script(&[
        ("MAIL FROM:<you@you.test>", "250 2.1.0 Sender OK"),
        ("RCPT TO:<code-550-5.1.1@harbor.test>", "550 5.1.1 As asked for by magic"),
        ("RCPT TO:<code-452-4.2.2@harbor.test>", "452 4.2.2 As asked for by magic"),
        ("RCPT TO:<code-250@harbor.test>", "250 As asked for by magic"),
        ("RCPT TO:<code-251-2.1.5@harbor.test>", "251 2.1.5 As asked for by magic"),
        (
            "RCPT TO:<code-999@harbor.test>",
            "553 5.1.3 code-999 is no magic; write code-550-5.1.1, delay-5, drop or later-550-5.1.1",
        ),
        ("RCPT TO:<delay-99@harbor.test>", "553 5.1.3 delay-99: a delay has 1 to 60 seconds"),
        ("RCPT TO:<hello-code-550@harbor.test>", "553 5.1.3 hello-code-550: that stage is not ruled from here"),
        (
            "RCPT TO:<code-550-5.1.1@example.org>",
            "550 5.7.1 Relaying to example.org denied, mx1.harbor.test takes mail for harbor.test only",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_magic_word_gives_a_code_at_every_other_stage_too() {
    let mut room = Room::open().await;
    let mut talk = room.greeted(MX1).await;
    talk.script(&[
        ("EHLO code-550.you.test", "550 As asked for by magic"),
        ("MAIL FROM:<code-451-4.3.0@you.test>", "451 4.3.0 As asked for by magic"),
        ("MAIL FROM:<you@you.test>", "250 2.1.0 Sender OK"),
        ("RCPT TO:<data-code-451-4.3.0@harbor.test>", "250 2.1.5 Recipient OK"),
        ("DATA", "451 4.3.0 As asked for by magic"),
        ("RSET", "250 2.0.0 Reset OK"),
        ("MAIL FROM:<you@you.test>", "250 2.1.0 Sender OK"),
        ("RCPT TO:<pat@harbor.test>", "250 2.1.5 Recipient OK"),
        ("RCPT TO:<final-code-554-5.6.0@harbor.test>", "250 2.1.5 Recipient OK"),
        ("DATA", "354 End data with <CR><LF>.<CR><LF>"),
        ("hi\r\n.", "554 5.6.0 As asked for by magic"),
    ])
    .await;
    assert!(room.next_letter().is_none(), "what was refused is not delivered");
}

#[tokio::test]
async fn a_code_of_421_closes() {
    let mut talk = Room::open().await.greeted(MX1).await;
    talk.line("MAIL FROM:<you@you.test>").await;
    assert_eq!(talk.line("RCPT TO:<code-421-4.3.2@harbor.test>").await, "421 4.3.2 As asked for by magic\r\n");
    assert!(talk.is_closed().await);
}

#[tokio::test]
async fn drop_closes_without_a_word() {
    let room = Room::open().await;
    for script in [
        &["MAIL FROM:<drop@you.test>"][..],
        &["MAIL FROM:<>", "RCPT TO:<drop@harbor.test>"],
        &["MAIL FROM:<>", "RCPT TO:<data-drop@harbor.test>", "DATA"],
        &["MAIL FROM:<>", "RCPT TO:<final-drop@harbor.test>", "DATA", "hi\r\n."],
    ] {
        let mut talk = room.greeted(MX1).await;
        let mut said = String::new();
        for line in script {
            said = talk.line(line).await;
        }
        assert_eq!(said, "", "{script:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_delay_takes_its_time_on_the_lab_clock_too() {
    let room = Room::open().await;
    let mut talk = room.greeted(MX1).await;
    talk.line("MAIL FROM:<you@you.test>").await;
    let (began, date) = (tokio::time::Instant::now(), room.lab.clock().now());
    assert_eq!(talk.line("RCPT TO:<delay-5@harbor.test>").await, "250 2.1.5 Recipient OK\r\n");
    assert_eq!(began.elapsed().as_secs(), 5);
    assert_eq!(room.lab.clock().now().duration_since(date).as_secs(), 5);
}

#[tokio::test]
async fn what_is_refused_later_is_taken_and_bounces() {
    let mut room = Room::open().await;
    let mut talk = room.greeted(MX1).await;
    talk.line("MAIL FROM:<mina@you.test>").await;
    assert_eq!(talk.line("RCPT TO:<later-550-5.7.1@harbor.test>").await, "250 2.1.5 Recipient OK\r\n");
    assert!(talk.line("DATA").await.starts_with("354"));
    assert!(talk.line("Subject: gone\r\n\r\nhi\r\n.").await.starts_with("250 2.0.0 Queued as H-0001"));
    let bounced = std::iter::from_fn(|| room.letters.try_recv().ok()).find_map(|signal| match signal {
        Signal::News(news) => match news.step {
            crate::ports::lab::Step::Bounced { to, status, .. } => Some((to, status)),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(bounced, Some(("later-550-5.7.1@harbor.test".into(), "5.7.1".into())));
}
