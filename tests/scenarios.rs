//! The stories that the lab tells, each from its events and in virtual time, and each once more without what makes it the
//! story that it is: then it must not be told.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on must stop")]

#[path = "scenarios/clients.rs"]
mod clients;

use std::time::Duration;

use ehlo::events::{Event, Fold, What};
use ehlo::lab::Lab;
use ehlo::lab::world::World;
use ehlo::ports::lab::Signal;
use ehlo::ports::lab::change::{Change, Doubt, Loss};
use ehlo::tape::Moment;
use tokio::time::timeout;

use clients::{bring, relaying, submit};

/// More turns of the clock than five days of retries take.
const TURNS: usize = 1000;
/// How long a lab may be busy before it is stuck.
const PATIENCE: Duration = Duration::from_secs(20);

/// Who hands a letter in, and with what.
struct Letter {
    from: &'static str,
    to: &'static str,
    header: &'static str,
    /// The lab host that brings it to the bank; none: Mina, at her submission server.
    by: Option<&'static str>,
}

fn mina(to: &'static str) -> Letter {
    Letter {
        from: "mina@you.test",
        to,
        header: "From: Mina <mina@you.test>\r\nTo: pat@bank.test\r\nSubject: trip",
        by: None,
    }
}

/// All that happens to a letter in a lab with these changes, until nothing is due any more.
async fn told(changes: &[Change], letter: &Letter) -> Vec<Event> {
    let (lab, mut heard) = relaying(7).await;
    for change in changes {
        lab.change(change).expect("a change");
    }
    let (mut fold, mut events) = (Fold::default(), Vec::new());
    if !hand_in(&lab, letter).await {
        let rest = std::iter::from_fn(|| heard.try_recv().ok());
        return rest.flat_map(|signal| fold.apply(&signal, Moment::START)).collect();
    }
    let mut turns = 0;
    // The clock is told whenever nothing is left to be done now.
    loop {
        let signal = timeout(PATIENCE, heard.recv()).await.unwrap_or_else(|_| panic!("the lab is stuck: {events:#?}"));
        let signal = signal.expect("the lab runs");
        events.extend(fold.apply(&signal, Moment::START));
        match signal {
            Signal::Clock { next: Some(_), .. } if turns < TURNS => {
                turns += 1;
                lab.hosts().skip();
            }
            Signal::Clock { .. } if is_settled(&events) => return events,
            _ => {}
        }
    }
}

/// True once the letter is somewhere, or nowhere for good.
fn is_settled(events: &[Event]) -> bool {
    events.iter().any(|event| matches!(event.what, What::Deliver { .. } | What::Bounce { .. } | What::Drop { .. }))
}

/// Brings the letter to its first server. False if that server refuses it.
async fn hand_in(lab: &Lab, letter: &Letter) -> bool {
    let text = format!("{}\r\n\r\nOff we go.\r\n", letter.header);
    let Some(host) = letter.by else { return submit(lab, letter.from, letter.to, &text).await };
    let world = World::load().expect("a world");
    let client = world.host.iter().find(|it| it.name == host).expect("a host").client();
    bring(lab, &client, host, letter.from, &text).await
}

/// A story is told of the first letter, in the lab that the changes make of it, and not of the second one in the other lab.
async fn is_told_only(
    story: impl Fn(&[What]) -> bool,
    (changes, letter): (&[Change], &Letter),
    (without, other): (&[Change], &Letter),
) {
    let what = |events: Vec<Event>| events.into_iter().map(|event| event.what).collect::<Vec<_>>();
    let first = what(told(changes, letter).await);
    assert!(story(&first), "the story is not told: {first:#?}");
    let second = what(told(without, other).await);
    assert!(!story(&second), "the story is told without what makes it: {second:#?}");
    assert!(second.iter().any(|it| matches!(it, What::Deliver { .. })), "nothing else goes wrong: {second:#?}");
}

fn is_delivered(events: &[What], to: &str) -> bool {
    events.iter().any(|event| matches!(event, What::Deliver { mailbox, .. } if mailbox == to))
}

/// True if a check somewhere came to this result.
fn finds(events: &[What], wanted: &str, found: &str) -> bool {
    events.iter().any(|event| matches!(event, What::Policy { check, result, .. } if check == wanted && result == found))
}

/// Why the letter waited the first time, if it did.
fn waits(events: &[What]) -> Option<&str> {
    events.iter().find_map(|event| match event {
        What::Defer { why, .. } => Some(why.as_str()),
        _ => None,
    })
}

fn fault(host: &str, name: &str) -> Change {
    Change::Fault { host: host.into(), name: name.into() }
}

#[tokio::test]
async fn a_letter_goes_over_four_hops() {
    let story = |events: &[What]| {
        let hops = events.iter().filter(|event| matches!(event, What::Hop { rcpts, .. } if !rcpts.is_empty()));
        hops.count() == 3 && is_delivered(events, "sam@harbor.test")
    };
    is_told_only(story, (&[], &mina("sam@alumni.test")), (&[], &mina("sam@harbor.test"))).await;
}

#[tokio::test]
async fn a_letter_for_nobody_comes_back() {
    let story = |events: &[What]| {
        events.iter().any(|event| matches!(event, What::Bounce { status, .. } if status == "5.1.1"))
            && is_delivered(events, "mina@you.test")
    };
    is_told_only(story, (&[], &mina("nobody@harbor.test")), (&[], &mina("pat@harbor.test"))).await;
}

#[tokio::test]
async fn a_greylisted_letter_passes_after_the_clock_is_turned() {
    let story = |events: &[What]| {
        waits(events).is_some_and(|why| why.contains("451 4.7.1 Greylisted"))
            && events.iter().any(|event| matches!(event, What::Deliver { mailbox, .. } if mailbox.starts_with("pat@")))
    };
    is_told_only(story, (&[], &mina("pat@grey.test")), (&[], &mina("pat@harbor.test"))).await;
}

#[tokio::test]
async fn a_letter_for_servers_that_are_down_comes_back_after_five_days() {
    let down =
        ["mx1.harbor.test", "mx2.harbor.test"].map(|host| Change::Way { host: host.into(), loss: Loss::Refused });
    let story = |events: &[What]| {
        let bounced = events.iter().any(|event| matches!(event, What::Bounce { .. }));
        bounced && events.iter().filter(|event| matches!(event, What::Defer { .. })).count() > 50
    };
    let pat = mina("pat@harbor.test");
    is_told_only(story, (&down, &pat), (&down[..1], &pat)).await;
}

#[tokio::test]
async fn a_letter_that_goes_in_circles_ends() {
    let story = |events: &[What]| events.iter().any(|event| matches!(event, What::Loop { received: 100, .. }));
    is_told_only(story, (&[], &mina("ring@loop-a.test")), (&[], &mina("postmaster@loop-a.test"))).await;
}

#[tokio::test]
async fn a_forged_letter_passes_spf_and_fails_dmarc() {
    let story = |events: &[What]| finds(events, "spf", "pass") && finds(events, "dmarc", "fail");
    let evil = |header| Letter { from: "pat@evil.test", to: "pat@bank.test", header, by: Some("mx.evil.test") };
    let forged = evil("From: The head <ceo@bank.test>\r\nSubject: urgent");
    let honest = evil("From: Pat <pat@evil.test>\r\nSubject: hello");
    is_told_only(story, (&[], &forged), (&[], &honest)).await;
}

#[tokio::test]
async fn a_forwarded_letter_breaks_spf_and_not_its_signature() {
    let story = |events: &[What]| finds(events, "spf", "fail") && finds(events, "dkim", "pass");
    is_told_only(story, (&[], &mina("teller@alumni.test")), (&[], &mina("pat@bank.test"))).await;
}

#[tokio::test]
async fn a_list_breaks_the_signature() {
    let story = |events: &[What]| finds(events, "dkim", "fail") && finds(events, "dmarc", "fail");
    is_told_only(story, (&[], &mina("savings@list.test")), (&[], &mina("pat@bank.test"))).await;
}

#[tokio::test]
async fn without_starttls_a_letter_goes_in_plain_text() {
    // mx.alumni.test sends on to the open relay and that to mx1, and neither insists on TLS.
    let strip = fault("mx1.harbor.test", "strip");
    let story = |events: &[What]| {
        events.iter().any(|event| matches!(event, What::Hop { to, tls: false, rcpts, .. } if to == "mx1.harbor.test" && !rcpts.is_empty()))
    };
    is_told_only(story, (&[strip], &mina("sam@alumni.test")), (&[], &mina("sam@alumni.test"))).await;
}

#[tokio::test]
async fn a_sender_that_goes_by_mta_sts_keeps_a_letter_from_a_server_with_another_name() {
    let wrong = Change::Certificate { host: "mx.bank.test".into(), doubt: Doubt::WrongName };
    let story = |events: &[What]| waits(events).is_some_and(|why| why.contains("MTA-STS"));
    is_told_only(story, (&[wrong], &mina("teller@alumni.test")), (&[], &mina("teller@alumni.test"))).await;
}

#[tokio::test]
async fn a_sender_that_goes_by_dane_keeps_a_letter_from_a_server_with_another_key() {
    let stale = Change::Certificate { host: "mx.bank.test".into(), doubt: Doubt::NewKey };
    let story = |events: &[What]| waits(events).is_some_and(|why| why.contains("DANE"));
    is_told_only(story, (&[stale], &mina("pat@bank.test")), (&[], &mina("pat@bank.test"))).await;
}
