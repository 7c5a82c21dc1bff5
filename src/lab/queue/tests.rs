//! The queue in virtual time.

mod notify;
mod properties;

use std::time::Duration;

use super::*;
use crate::smtp::path;

pub(super) fn at(minutes: u64) -> Timestamp {
    let begin: Timestamp = "2026-01-01T10:05:00Z".parse().expect("a time");
    begin + Duration::from_mins(minutes)
}

pub(super) fn letter(id: &str, from: &str, arrived: Timestamp) -> Letter {
    let from = path::reverse(from.as_bytes()).path;
    let content = Arc::from(&b"Received: from laptop\r\nSubject: hi\r\n\r\nhi\r\n"[..]);
    Letter { id: id.into(), from, params: Vec::new(), content, added: 23, arrived }
}

/// A recipient with a parameter or two: `pat@harbor.test NOTIFY=NEVER`.
pub(super) fn to(text: &str) -> Recipient {
    let mut words = text.split(' ');
    let address = words.next().expect("an address");
    let path = path::forward(format!("<{address}>").as_bytes()).path;
    let params = words.filter_map(|word| word.split_once('=')).map(|(name, value)| Param::new(name, Some(value)));
    let domain = address.rsplit_once('@').expect("an address").1.to_owned();
    let place = if domain == "you.test" { Destination::Here } else { Destination::Domain(domain) };
    Recipient { path, params: params.collect(), to: place }
}

pub(super) fn outcome(verdict: Verdict) -> Outcome {
    let (status, said) = match verdict {
        Verdict::Later => (Status { class: 4, subject: 7, detail: 1 }, Some("451 4.7.1 greylisted".into())),
        Verdict::Nobody => (Status { class: 4, subject: 4, detail: 1 }, None),
        Verdict::Never => (Status { class: 5, subject: 1, detail: 1 }, Some("550 5.1.1 No such user here".into())),
        Verdict::Delivered | Verdict::Handed { .. } | Verdict::Dropped => {
            (Status { class: 2, subject: 0, detail: 0 }, Some("250 2.0.0 Queued".into()))
        }
    };
    Outcome { verdict, status, remote: said.as_ref().map(|_| "mx1.harbor.test".into()), said, why: None }
}

pub(super) const HANDED: Verdict = Verdict::Handed { with_dsn: true };

fn queue() -> Queue {
    Queue::new("submit.you.test", Schedule::default())
}

/// A queue with one letter from mina to these.
fn with(recipients: &[&str]) -> Queue {
    let mut queue = queue();
    queue.submit(letter("S-0001", "<mina@you.test>", at(0)), recipients.iter().map(|text| to(text)).collect());
    queue
}

/// Gives all attempts that are due the same outcome.
fn settle(queue: &mut Queue, now: Timestamp, verdict: Verdict) -> Vec<Settled> {
    let attempts = queue.due(now);
    let each = |attempt: Attempt| {
        let outcomes = attempt.recipients.iter().map(|_| outcome(verdict)).collect();
        queue.result(attempt.number, outcomes, now)
    };
    attempts.into_iter().map(each).collect()
}

#[test]
fn c201_what_goes_to_the_same_place_goes_in_one_transaction() {
    let mut queue = with(&["pat@harbor.test", "gran@old.test", "sam@harbor.test", "sam@you.test"]);
    let attempts = queue.due(at(0));
    let shape: Vec<_> = attempts.iter().map(|attempt| (attempt.to.clone(), attempt.recipients.len())).collect();
    let domain = |name: &str| Destination::Domain(name.into());
    assert_eq!(shape, [(domain("harbor.test"), 2), (domain("old.test"), 1), (Destination::Here, 1)]);
    assert_eq!(queue.due(at(0)), [], "what is under way is not begun again");
    assert_eq!(queue.next_wakeup(), None);
}

#[test]
fn c200_a_letter_is_tried_after_half_an_hour_twice_then_every_two_hours_for_five_days() {
    let mut queue = with(&["pat@harbor.test"]);
    let mut tries = Vec::new();
    let mut last = Settled::default();
    while let Some(next) = queue.next_wakeup() {
        queue.delays(next);
        if let Some(settled) = settle(&mut queue, next, Verdict::Later).pop() {
            tries.push(next.duration_since(at(0)).as_mins());
            last = settled;
        }
    }
    assert_eq!(tries[..5], [0, 30, 60, 180, 300]);
    assert!(tries.windows(2).all(|pair| pair[1] - pair[0] >= 30 || pair[1] == 7200), "{tries:?}");
    assert_eq!(tries.last(), Some(&7200), "the last try is made when five days are over");
    assert_eq!(last.fates[0].next, Next::Bounced);
    let report = &last.notices[0].report.recipients[0];
    assert_eq!((report.action, report.status.to_string().as_str()), (Action::Failed, "4.4.7"));
    assert_eq!(report.diagnostic.as_deref(), Some("451 4.7.1 greylisted"));
}

#[test]
fn a_schedule_is_data() {
    let schedule: Schedule = toml::from_str("retry = [5, 15]\ntell = 20\ngive_up = 60").expect("a schedule");
    let mut queue = Queue::new("submit.you.test", schedule);
    queue.submit(letter("S-0001", "<mina@you.test>", at(0)), vec![to("pat@grey.test")]);
    let mut times = Vec::new();
    while let Some(next) = queue.next_wakeup() {
        times.push((next.duration_since(at(0)).as_mins(), queue.delays(next).len()));
        settle(&mut queue, next, Verdict::Later);
    }
    assert_eq!(times, [(0, 0), (5, 0), (20, 1), (35, 0), (50, 0), (60, 0)]);
}

#[test]
fn c203_5yz_fails_at_once_and_4yz_waits() {
    let mut queue = with(&["nobody@harbor.test", "busy@harbor.test"]);
    let attempt = queue.due(at(0)).remove(0);
    let settled = queue.result(attempt.number, vec![outcome(Verdict::Never), outcome(Verdict::Later)], at(0));
    let next: Vec<_> = settled.fates.iter().map(|fate| fate.next).collect();
    assert_eq!(next, [Next::Bounced, Next::Waits(at(30))]);
    assert_eq!(settled.notices.len(), 1);
    let told: Vec<_> = settled.notices[0].report.recipients.iter().map(|told| told.address.as_str()).collect();
    assert_eq!(told, ["nobody@harbor.test"]);
    assert_eq!(queue.waiting().count(), 1);
}

#[test]
fn where_nobody_is_everything_for_there_waits_and_longer_each_time() {
    let mut queue = with(&["pat@harbor.test"]);
    settle(&mut queue, at(0), Verdict::Nobody);
    queue.submit(letter("S-0002", "<mina@you.test>", at(10)), vec![to("sam@harbor.test"), to("gran@old.test")]);
    let due: Vec<_> = queue.due(at(10)).into_iter().map(|attempt| attempt.to).collect();
    assert_eq!(due, [Destination::Domain("old.test".into())], "harbor.test rests");
    assert_eq!(settle(&mut queue, at(30), Verdict::Nobody).len(), 2, "both letters are tried again");
    settle(&mut queue, at(60), Verdict::Nobody);
    assert_eq!(settle(&mut queue, at(90), HANDED), [], "the third pause is two hours, for the younger letter too");
    assert_eq!(settle(&mut queue, at(180), HANDED).len(), 2);
    queue.submit(letter("S-0003", "<mina@you.test>", at(181)), vec![to("sam@harbor.test")]);
    assert_eq!(queue.due(at(181)).len(), 1, "somebody was there: no pause any more");
}

#[test]
fn c204_an_attempt_that_is_lost_is_made_again() {
    let mut queue = with(&["pat@harbor.test", "sam@you.test"]);
    let attempts = queue.due(at(0));
    for attempt in &attempts {
        queue.lost(attempt.number);
    }
    let again = queue.due(at(0));
    assert_eq!(again.len(), 2);
    assert_eq!(queue.result(attempts[0].number, vec![outcome(HANDED)], at(0)), Settled::default(), "too late");
    assert_eq!(queue.waiting().count(), 2);
    let short = queue.result(again[0].number, Vec::new(), at(0));
    assert_eq!(short.fates[0].next, Next::Waits(at(30)), "no outcome is no delivery");
}

#[test]
fn the_sender_hears_of_a_delay_once_after_four_hours() {
    let mut queue = with(&["pat@harbor.test", "gran@old.test NOTIFY=FAILURE"]);
    settle(&mut queue, at(0), Verdict::Later);
    assert_eq!(queue.delays(at(239)), []);
    let notices = queue.delays(at(240));
    assert_eq!(notices.len(), 1);
    let [told] = notices[0].report.recipients.as_slice() else { panic!("one recipient may be told of") };
    assert_eq!((told.action, told.address.as_str()), (Action::Delayed, "pat@harbor.test"));
    assert_eq!(told.status.to_string(), "4.7.1");
    assert_eq!(told.retry_until.as_deref(), Some("Tue, 06 Jan 2026 10:05:00 +0000"));
    assert_eq!(queue.delays(at(300)), []);
}
