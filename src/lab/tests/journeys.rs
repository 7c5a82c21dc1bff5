//! Journeys of letters between the lab's hosts, in virtual time.

use tokio::time::timeout;

use super::*;
use crate::mail::report::{Action, Report};
use crate::net::resolver::{LabServer, Resolver};
use crate::ports::dns::Source;
use crate::ports::lab::Step;
use crate::ports::net::What;
use crate::tape::Moment;

/// A lab whose hosts send on, and all that it told.
pub(super) struct World {
    pub(super) room: Room,
    told: Vec<Signal>,
    /// How much of it was looked at.
    read: usize,
}

pub(super) const LIST: &str = "203.0.113.20:25";
const ALUMNI: &str = "203.0.113.30:25";
const OPEN: &str = "203.0.113.50:25";

impl World {
    pub(super) async fn open() -> Self {
        let mut room = Room::open().await;
        let server = room.lab.nameserver.as_ref().expect("a name server");
        let server = LabServer { addr: server.addr, trust_anchor: Arc::clone(&server.trust_anchor) };
        let resolver = Resolver::new(Some(server));
        room.lab.relay(Arc::new(move |question| {
            let resolver = resolver.clone();
            Box::pin(async move { resolver.look_up(0, question, &Source::Lab).await.answer })
        }));
        Self { room, told: Vec::new(), read: 0 }
    }

    /// The first thing told from now on that fits.
    pub(super) async fn hear<T>(&mut self, what: &str, fits: impl Fn(&Signal) -> Option<T>) -> T {
        loop {
            while let Some(signal) = self.told.get(self.read) {
                self.read += 1;
                if let Some(found) = fits(signal) {
                    return found;
                }
            }
            let next = timeout(Duration::from_mins(1), self.room.letters.recv()).await;
            self.told
                .push(next.unwrap_or_else(|_| panic!("{what} never came: {:#?}", self.told)).expect("the lab runs"));
        }
    }

    /// Looks at all that was told once more.
    pub(super) fn rewind(&mut self) {
        self.read = 0;
    }

    /// The next letter for a mailbox.
    pub(super) async fn letter(&mut self, mailbox: &str) -> Delivered {
        let fits = |signal: &Signal| match signal {
            Signal::Delivered(letter) if letter.mailbox == mailbox => Some(letter.clone()),
            _ => None,
        };
        self.hear(mailbox, fits).await
    }

    pub(super) async fn step<T>(&mut self, what: &str, fits: impl Fn(&Step) -> Option<T>) -> T {
        self.hear(what, |signal| if let Signal::News(news) = signal { fits(&news.step) } else { None }).await
    }

    /// Mina sends a letter by her own server.
    pub(super) async fn submit(&self, from: &str, to: &[&str]) {
        self.submit_letter(from, to, "Subject: trip").await;
    }

    /// The same with this header.
    pub(super) async fn submit_letter(&self, from: &str, to: &[&str], header: &str) {
        let talk = self.room.dial(SUBMIT_TLS);
        let mut talk = talk.secure(self.room.tls(), "submit.you.test").await.expect("a handshake");
        talk.reply().await;
        talk.line("EHLO laptop.you.test").await;
        talk.line("AUTH PLAIN AG1pbmEAc3VuZmxvd2Vy").await;
        send(talk, from, to, header).await;
    }

    /// A stranger sends a letter to a server.
    pub(super) async fn bring(&self, server: &str, from: &str, to: &[&str]) {
        send(self.room.greeted(server).await, from, to, "Subject: trip").await;
    }
}

async fn send(mut talk: Talk, from: &str, to: &[&str], header: &str) {
    assert!(talk.line(&format!("MAIL FROM:{from}")).await.starts_with("250"), "{from}");
    for to in to {
        let said = talk.line(&format!("RCPT TO:{to}")).await;
        assert!(said.starts_with("250"), "{to}: {said}");
    }
    assert!(talk.line("DATA").await.starts_with("354"));
    assert!(talk.line(&format!("{header}\r\n\r\nOff we go.\r\n.")).await.starts_with("250 2.0.0 Queued as "));
    talk.line("QUIT").await;
}

pub(super) fn text(letter: &Delivered) -> String {
    String::from_utf8(letter.letter.to_vec()).expect("UTF-8")
}

/// The report that a letter is: the action, the status and the remote server of its only recipient.
pub(super) fn told(letter: &Delivered) -> (Action, String, Option<String>) {
    let found = Report::read(&letter.letter).unwrap_or_else(|| panic!("no report: {}", text(letter)));
    let [recipient] = found.report.recipients.as_slice() else { panic!("one recipient") };
    (recipient.action, recipient.status.to_string(), recipient.remote.clone())
}

#[tokio::test]
async fn c194_c197_c198_a_letter_over_four_hops_has_a_line_of_each_and_one_return_path() {
    let mut world = World::open().await;
    world.submit("<mina@you.test>", &["<sam@alumni.test>"]).await;
    let letter = world.letter("sam@harbor.test").await;
    let text = text(&letter);
    let by: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("\tby ")).collect();
    let hosts: Vec<_> = by.iter().map(|line| line.split(' ').next().expect("a name")).collect();
    assert_eq!(hosts, ["mx1.harbor.test", "mx.open.test", "mx.alumni.test", "submit.you.test"]);
    let with: Vec<_> = by.iter().map(|line| line.split(' ').nth(2).expect("a protocol")).collect();
    assert_eq!(with, ["ESMTPS", "ESMTP", "ESMTPS", "ESMTPSA"]);
    assert_eq!(text.matches("Return-Path:").count(), 1);
    assert!(
        text.starts_with("Return-Path: <mina@you.test>\r\nReceived: from mx.open.test (mx.open.test [203.0.113.50])")
    );
    assert!(text.ends_with("Subject: trip\r\n\r\nOff we go.\r\n"), "what stood below is untouched");
    assert_eq!(text.matches("\ttls TLS_").count(), 3, "{text}");
    let added = text.get(..letter.added).expect("ASCII");
    assert_eq!(added.matches("Received:").count(), 1, "{added}");
}

#[tokio::test]
async fn a_letter_for_nobody_comes_back_and_one_for_somebody_does_not() {
    let mut world = World::open().await;
    world.submit("<mina@you.test>", &["<nobody@harbor.test>", "<pat@harbor.test>"]).await;
    world.letter("pat@harbor.test").await;
    let report = world.letter("mina@you.test").await;
    assert_eq!(told(&report), (Action::Failed, "5.1.1".into(), Some("mx1.harbor.test".into())));
    assert_eq!(report.from, "", "a report has no reverse path");
    let found = Report::read(&report.letter).expect("a report").report;
    assert_eq!(found.reporting, "submit.you.test");
    assert_eq!(found.recipients[0].diagnostic.as_deref(), Some("550 5.1.1 No such user here"));
    assert!(text(&report).contains("Off we go."), "the letter goes back with it");
}

#[tokio::test]
async fn a_letter_without_a_reverse_path_that_fails_is_dropped() {
    let mut world = World::open().await;
    world.submit("<>", &["<nobody@harbor.test>"]).await;
    let why = world.step("a drop", |step| if let Step::Dropped { why, .. } = step { Some(why.clone()) } else { None });
    assert!(why.await.contains("the letter is a report itself"));
}

#[tokio::test]
async fn a_busy_mailbox_is_tried_for_five_days_and_the_sender_hears_of_it_twice() {
    let mut world = World::open().await;
    let begin = world.room.lab.clock().now();
    world.submit("<mina@you.test>", &["<busy@harbor.test>"]).await;
    let next =
        world.step("a pause", |step| if let Step::Deferred { next, .. } = step { Some(*next) } else { None }).await;
    let minutes = (next - u64::try_from(begin.as_second()).expect("after 1970")) / 60;
    assert_eq!(minutes, 30);
    world.room.lab.hosts().pass(Duration::from_hours(5 * 24));
    let delay = world.letter("mina@you.test").await;
    assert_eq!(told(&delay), (Action::Delayed, "4.2.1".into(), Some("mx1.harbor.test".into())));
    world.room.lab.hosts().pass(Duration::from_hours(1));
    let failure = world.letter("mina@you.test").await;
    assert_eq!(told(&failure), (Action::Failed, "4.4.7".into(), Some("mx1.harbor.test".into())));
    let days = world.room.lab.clock().now().duration_since(begin).as_hours() / 24;
    assert_eq!(days, 5);
    let tries = world
        .told
        .iter()
        .filter(|signal| matches!(signal, Signal::News(news) if matches!(news.step, Step::Deferred { .. })));
    assert!(tries.count() > 50);
}

#[tokio::test]
async fn the_clock_is_turned_to_the_next_try() {
    let mut world = World::open().await;
    world.submit("<mina@you.test>", &["<busy@harbor.test>"]).await;
    for _ in 0..2 {
        let pause = |step: &Step| if let Step::Deferred { next, .. } = step { Some(*next) } else { None };
        let next = world.step("a pause", pause).await;
        let due = |signal: &Signal| matches!(signal, Signal::Clock { next: Some(due), .. } if *due == next);
        world.hear("the time", |signal| due(signal).then_some(())).await;
        assert!(world.room.lab.clock().now().as_second() < i64::try_from(next).expect("not so late"));
        world.room.lab.hosts().skip();
    }
    let third = world.step("the third pause", |step| matches!(step, Step::Deferred { .. }).then_some(()));
    third.await;
}

#[tokio::test]
async fn a_clock_that_runs_goes_on_by_itself_until_it_is_to_stand_still() {
    let mut world = World::open().await;
    world.submit("<mina@you.test>", &["<busy@harbor.test>"]).await;
    let pause = |step: &Step| matches!(step, Step::Deferred { .. }).then_some(());
    world.step("a pause", pause).await;
    world.room.lab.hosts().run_at(3600);
    world.step("the next try", pause).await;
    let runs = |signal: &Signal| matches!(signal, Signal::Clock { pace: 3600, .. }).then_some(());
    world.hear("that it runs", runs).await;
    world.room.lab.hosts().run_at(0);
    let stands = |signal: &Signal| if let Signal::Clock { pace: 0, now, .. } = signal { Some(*now) } else { None };
    let now = world.hear("that it stands", stands).await;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(world.room.lab.clock().seconds(), now);
}

#[tokio::test]
async fn c199_a_letter_that_goes_round_ends_after_a_hundred_hops() {
    let mut world = World::open().await;
    world.submit("<mina@you.test>", &["<ring@loop-a.test>"]).await;
    let received = world.step("a loop", |step| match step {
        Step::Looped { received, limit } => Some((*received, *limit)),
        _ => None,
    });
    assert_eq!(received.await, (100, 100));
    let report = world.letter("mina@you.test").await;
    let (action, status, remote) = told(&report);
    assert_eq!((action, status.as_str()), (Action::Failed, "5.4.6"));
    assert!(remote.is_some_and(|remote| remote.starts_with("mx.loop-")));
}

#[tokio::test]
async fn domains_that_take_no_mail_are_told_apart() {
    for (domain, status) in [("quiet.test", "5.1.10"), ("gone.test", "5.1.2"), ("ghost.test", "5.4.4")] {
        let mut world = World::open().await;
        world.submit("<mina@you.test>", &[&format!("<pat@{domain}>")]).await;
        let report = world.letter("mina@you.test").await;
        assert_eq!(told(&report), (Action::Failed, status.into(), None), "{domain}");
    }
}

#[tokio::test]
async fn the_open_relay_takes_mail_for_everybody_inside_the_lab_and_for_nobody_outside() {
    let mut world = World::open().await;
    world.bring(OPEN, "<evil@evil.test>", &["<gran@old.test>"]).await;
    let letter = world.letter("gran@old.test").await;
    assert!(text(&letter).contains("by mx.old.test with SMTP id "));
    let mut talk = world.room.greeted(OPEN).await;
    talk.line("MAIL FROM:<evil@evil.test>").await;
    assert_eq!(talk.line("RCPT TO:<pat@example.org>").await, "550 5.7.1 The lab never sends mail outside\r\n");
}

#[tokio::test]
async fn a_list_sends_to_its_members_in_its_own_name_and_reports_the_delivery() {
    let mut world = World::open().await;
    world.bring(LIST, "<mina@you.test>", &["<field@list.test> NOTIFY=SUCCESS ORCPT=rfc822;field@list.test"]).await;
    let first = world.letter("pat@harbor.test").await;
    assert_eq!(first.from, "field-owner@list.test");
    assert!(
        text(&first).contains("Subject: [field] trip\r\n") && text(&first).ends_with("The list field at list.test\r\n")
    );
    world.rewind();
    world.letter("gran@old.test").await;
    world.rewind();
    let report = world.letter("mina@you.test").await;
    let found = Report::read(&report.letter).expect("a report").report;
    assert_eq!((found.reporting.as_str(), found.recipients[0].action), ("mx.list.test", Action::Delivered));
    assert_eq!(found.recipients[0].original.as_deref(), Some("rfc822;field@list.test"));
}

#[tokio::test]
async fn c185_a_forwarder_reports_what_it_handed_to_a_host_that_reports_nothing() {
    let mut world = World::open().await;
    world.bring(ALUMNI, "<mina@you.test> RET=HDRS ENVID=T1", &["<gran@alumni.test> NOTIFY=SUCCESS,FAILURE"]).await;
    let letter = world.letter("gran@old.test").await;
    assert_eq!(letter.from, "mina@you.test", "an alias keeps the reverse path");
    world.rewind();
    let report = world.letter("mina@you.test").await;
    assert_eq!(told(&report), (Action::Relayed, "2.0.0".into(), Some("mx.old.test".into())));
    let found = Report::read(&report.letter).expect("a report").report;
    assert_eq!((found.reporting.as_str(), found.envelope_id.as_deref()), ("mx.alumni.test", Some("T1")));
    assert_eq!(report.from, "", "MAIL FROM:<>");
    assert!(!text(&report).contains("Off we go."), "only a failure brings the letter back");
}

#[tokio::test]
async fn c250_the_same_seed_gives_the_same_journey() {
    async fn run() -> Vec<Signal> {
        let mut world = World::open().await;
        world.submit("<mina@you.test>", &["<sam@alumni.test>", "<nobody@old.test>"]).await;
        world.letter("mina@you.test").await;
        world.told.truncate(world.read);
        world.told
    }
    // How long something took is no part of it.
    let timeless = |signal| match signal {
        Signal::Heard { visit, what: What::Bytes(side, octets), .. } => {
            Some(Signal::Heard { visit, at: Moment::START, what: What::Bytes(side, octets) })
        }
        // What TLS shows is not the same twice, and where the clock stands is told besides.
        Signal::Heard { .. } | Signal::Clock { .. } => None,
        other => Some(other),
    };
    let only = |told: Vec<Signal>| -> Vec<Signal> { told.into_iter().filter_map(timeless).collect() };
    assert_eq!(only(run().await), only(run().await));
}
