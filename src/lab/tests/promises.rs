//! What domains promise about the TLS of their servers, and the lab's senders: submit.you.test goes by DANE and MTA-STS,
//! mx.alumni.test by MTA-STS alone, mx.list.test by neither. Each trouble has a twin without it, which ends the other way.

use super::journeys::{LIST, World, told};
use super::*;
use crate::lab::authority::Doubt;
use crate::lab::nameserver::fault::{Fault as Answer, Spot};
use crate::mail::report::Action;
use crate::ports::lab::change::{Change, Gift};
use crate::ports::lab::{News, Step};
use crate::tape::mark::Mark;
use crate::tape::policy::Unfetched;
use crate::tape::promise::{Kept, Promise};

const BANK: &str = "mx.bank.test";
const SITE: &str = "mta-sts.bank.test";

/// What came of the first try of a host to send a letter on.
#[derive(Debug, PartialEq, Eq)]
enum Sent {
    /// Another host has it.
    Secure,
    /// Another host has it, and everybody on the way could read it.
    InPlain,
    /// It waits: why.
    Kept(String),
}

impl Sent {
    /// True if it waits because of this.
    fn waits_for(&self, reason: &str) -> bool {
        matches!(self, Self::Kept(why) if why.contains(reason))
    }
}

impl World {
    /// What comes of the next try of a host.
    async fn sent(&mut self, by: &str) -> Sent {
        let fits = |signal: &Signal| match signal {
            Signal::News(News { host, step, .. }) if host == by => match step {
                Step::Hop { tls: true, to, .. } if !to.is_empty() => Some(Sent::Secure),
                Step::Hop { tls: false, to, .. } if !to.is_empty() => Some(Sent::InPlain),
                Step::Deferred { why, .. } => Some(Sent::Kept(why.clone())),
                Step::Bounced { why, .. } => Some(Sent::Kept(format!("never: {why}"))),
                _ => None,
            },
            _ => None,
        };
        self.hear(by, fits).await
    }

    /// What comes of a letter of Mina's to somebody at the bank or at harbor.test.
    async fn mina_writes(&mut self, to: &str) -> Sent {
        self.submit_letter("<mina@you.test>", &[to], "From: Mina <mina@you.test>").await;
        self.sent("submit.you.test").await
    }

    /// What comes of a letter that alumni.test forwards to the bank.
    async fn alumni_forward(&mut self) -> Sent {
        assert_eq!(self.mina_writes("<teller@alumni.test>").await, Sent::Secure);
        self.sent("mx.alumni.test").await
    }

    fn show(&self, host: &str, doubt: Option<Doubt>) {
        self.room.lab.identities().show(host, doubt).expect("a host");
    }

    /// Somebody on the way to harbor.test takes STARTTLS out of what its servers offer.
    fn strip(&self, on: bool) {
        self.fault("strip", on);
    }

    /// The web server of the bank gives this instead of its policy.
    fn gives(&self, gives: Gift) {
        self.room.lab.change(&Change::Site { host: SITE.into(), gives }).expect("a web server");
    }

    /// Both servers of harbor.test have a fault, or have it no more.
    fn fault(&self, name: &str, on: bool) {
        for host in ["mx1.harbor.test", "mx2.harbor.test"] {
            let change = Change::Fault { host: host.into(), name: name.into() };
            let changed = if on { self.room.lab.change(&change) } else { self.room.lab.undo(&change) };
            changed.expect("a fault of the world");
        }
    }

    /// What the next conversation of a host held of promises.
    async fn promises(&mut self, by: &str) -> Vec<Promise> {
        let promised = |mark: &&Mark| if let Mark::Promised(promise) = mark { Some(promise.clone()) } else { None };
        self.whole(Some(by)).await.marks().iter().filter_map(promised).collect()
    }
}

#[tokio::test]
async fn without_starttls_a_sender_that_goes_by_nothing_goes_on_in_plain_text() {
    for (stripped, wanted) in [(true, Sent::InPlain), (false, Sent::Secure)] {
        let mut world = World::open().await;
        world.strip(stripped);
        world.bring(LIST, "<mina@you.test>", &["<field@list.test>"]).await;
        assert_eq!(world.sent("mx.list.test").await, wanted, "stripped: {stripped}");
    }
}

#[tokio::test]
async fn without_starttls_a_sender_that_goes_by_dane_keeps_the_letter_until_it_is_back() {
    let reason = "DANE: mx2.harbor.test has signed TLSA records, but no TLS came about";
    for (stripped, waits) in [(true, true), (false, false)] {
        let mut world = World::open().await;
        world.strip(stripped);
        let sent = world.mina_writes("<pat@harbor.test>").await;
        assert_eq!((sent.waits_for(reason), sent == Sent::Secure), (waits, !waits), "{sent:?}");
    }
    let mut world = World::open().await;
    world.fault("tls-alert", true);
    let sent = world.mina_writes("<pat@harbor.test>").await;
    assert!(sent.waits_for(reason), "a handshake that fails is no TLS either: {sent:?}");
    let mut world = World::open().await;
    world.strip(true);
    world.mina_writes("<pat@harbor.test>").await;
    world.room.lab.hosts().pass(Duration::from_hours(5));
    let delay = world.letter("mina@you.test").await;
    assert_eq!(told(&delay), (Action::Delayed, "4.7.10".into(), Some("mx2.harbor.test".into())));
    world.strip(false);
    world.room.lab.hosts().pass(Duration::from_hours(3));
    let letter = world.letter("pat@harbor.test").await;
    let text = String::from_utf8(letter.letter.to_vec()).expect("UTF-8");
    assert!(text.contains("by mx1.harbor.test with ESMTPS"), "{text}");
}

#[tokio::test]
async fn a_server_whose_key_is_not_that_of_its_record_gets_nothing_by_dane_and_all_from_others() {
    let reason = "DANE: no TLSA record of mx.bank.test matches what it showed";
    for doubt in [Some(Doubt::NewKey), None] {
        let mut world = World::open().await;
        world.show(BANK, doubt);
        let sent = world.mina_writes("<pat@bank.test>").await;
        assert_eq!((sent.waits_for(reason), sent == Sent::Secure), (doubt.is_some(), doubt.is_none()), "{sent:?}");
    }
    let mut world = World::open().await;
    world.show(BANK, Some(Doubt::NewKey));
    assert_eq!(world.alumni_forward().await, Sent::Secure, "an authority vouches for the new key");
    let mut world = World::open().await;
    world.show(BANK, Some(Doubt::NewKey));
    world.mina_writes("<pat@bank.test>").await;
    world.room.lab.hosts().pass(Duration::from_hours(5));
    let delay = world.letter("mina@you.test").await;
    assert_eq!(told(&delay), (Action::Delayed, "4.7.5".into(), Some(BANK.into())));
}

#[tokio::test]
async fn a_doubtful_certificate_stops_a_sender_by_mta_sts_and_none_by_dane() {
    let reason = "MTA-STS: the policy of bank.test (enforce) names mx.bank.test, whose certificate is not valid for it";
    for doubt in [Doubt::Expired, Doubt::WrongName, Doubt::SelfSigned] {
        let mut world = World::open().await;
        world.show(BANK, Some(doubt));
        let sent = world.alumni_forward().await;
        assert!(sent.waits_for(reason), "{doubt:?}: {sent:?}");
        assert_eq!(
            world.mina_writes("<pat@bank.test>").await,
            Sent::Secure,
            "{doubt:?}: the key is that of the record"
        );
    }
    let mut world = World::open().await;
    assert_eq!(world.alumni_forward().await, Sent::Secure);
}

#[tokio::test]
async fn a_host_that_the_policy_does_not_name_hears_nothing_of_the_letter_while_it_is_enforced() {
    let reason = "MTA-STS: the policy of bank.test (enforce) does not name mx.bank.test";
    let policy = |mode: &str, mx: &str| format!("version: STSv1\nmode: {mode}\nmx: {mx}\nmax_age: 86400\n");
    for (mode, mx, waits) in
        [("enforce", "mx.other.test", true), ("testing", "mx.other.test", false), ("enforce", "*.bank.test", false)]
    {
        let mut world = World::open().await;
        assert!(world.room.lab.hosts().publish(SITE, &policy(mode, mx)));
        let sent = world.alumni_forward().await;
        assert_eq!((sent.waits_for(reason), sent == Sent::Secure), (waits, !waits), "{mode} {mx}: {sent:?}");
    }
}

#[tokio::test]
async fn a_policy_is_kept_for_its_time_whatever_becomes_of_its_web_server() {
    let mut world = World::open().await;
    let policy = "version: STSv1\nmode: enforce\nmx: mx.bank.test\nmax_age: 86400\n";
    assert!(world.room.lab.hosts().publish(SITE, policy));
    let begin = world.room.lab.clock().seconds();
    assert_eq!(world.alumni_forward().await, Sent::Secure);
    world.gives(Gift::Nothing);
    world.show(BANK, Some(Doubt::Expired));
    assert!(world.alumni_forward().await.waits_for("whose certificate is not valid"), "the policy is known");
    // A sender that had none goes on as if there were none (RFC 8461 §3.3).
    let mut other = World::open().await;
    other.gives(Gift::Nothing);
    other.show(BANK, Some(Doubt::Expired));
    assert_eq!(other.alumni_forward().await, Sent::Secure);
    // So does the first one, once the policy has run out.
    world.room.lab.hosts().pass(Duration::from_secs(100_000));
    let at = |signal: &Signal| match signal {
        Signal::News(News { at, step: Step::Hop { server, .. }, .. }) if server == BANK => Some(*at),
        _ => None,
    };
    let passed = world.hear("a hop to the bank", at).await - begin;
    assert!((86_400..100_000).contains(&passed), "{passed}");
}

#[tokio::test]
async fn the_record_of_a_conversation_tells_the_policy_and_what_came_of_it() {
    let mut world = World::open().await;
    world.alumni_forward().await;
    world.rewind();
    let call = world.whole(Some("mx.alumni.test")).await;
    let fetched = |mark: &&Mark| if let Mark::Fetched(it) = mark { Some(it.clone()) } else { None };
    let fetched = call.marks().iter().find_map(fetched);
    let fetched = fetched.expect("the policy was asked for");
    assert_eq!(
        (fetched.url().as_str(), fetched.id.as_str()),
        ("https://mta-sts.bank.test/.well-known/mta-sts.txt", "20260101")
    );
    assert!(fetched.found.is_ok_and(|text| text.starts_with("version: STSv1\r\n")));
    world.rewind();
    let kept: Vec<_> = world.promises("mx.alumni.test").await.into_iter().map(|promise| promise.kept).collect();
    assert_eq!(kept, [Kept::Sts]);
    let mut world = World::open().await;
    world.mina_writes("<pat@bank.test>").await;
    world.rewind();
    let kept: Vec<_> = world.promises("submit.you.test").await.into_iter().map(|promise| promise.kept).collect();
    assert_eq!(kept, [Kept::Dane], "DANE is enough");
}

#[tokio::test]
async fn a_certificate_of_the_web_server_that_is_not_in_order_makes_its_policy_none() {
    let mut world = World::open().await;
    world.show(SITE, Some(Doubt::WrongName));
    world.show(BANK, Some(Doubt::Expired));
    assert_eq!(world.alumni_forward().await, Sent::Secure);
    world.rewind();
    let call = world.whole(Some("mx.alumni.test")).await;
    let reason = |mark: &&Mark| if let Mark::Fetched(it) = mark { it.found.clone().err() } else { None };
    let reason = call.marks().iter().find_map(reason);
    assert!(matches!(reason, Some(Unfetched::NotValid(_))), "{reason:?}");
}

#[tokio::test]
async fn a_look_up_that_fails_or_is_bogus_keeps_the_letter_and_is_never_no_dane() {
    let reason = "DANE: the look-up of the TLSA records failed or does not validate";
    for fault in [Some(Answer::Servfail), Some(Answer::Tampered), None] {
        let mut world = World::open().await;
        if let Some(fault) = fault {
            let spot = Spot { at: "_25._tcp.mx.bank.test".into(), below: false, fault };
            world.room.lab.nameserver.as_ref().expect("a name server").faults.switch_on(&spot).expect("a spot");
        }
        let sent = world.mina_writes("<pat@bank.test>").await;
        assert_eq!((sent.waits_for(reason), sent == Sent::Secure), (fault.is_some(), fault.is_none()), "{sent:?}");
    }
}

#[tokio::test]
async fn c168_tls_required_no_sets_aside_dane_and_mta_sts_unless_the_letter_asks_for_requiretls() {
    let no = "From: Mina <mina@you.test>\r\nTLS-Required: No";
    let yes = "From: Mina <mina@you.test>\r\nTLS-Required: Yes";
    let plain = "From: Mina <mina@you.test>";
    for (from, header, waits) in [
        ("<mina@you.test>", no, false),
        ("<mina@you.test> REQUIRETLS", no, true),
        ("<mina@you.test>", yes, true),
        ("<mina@you.test>", plain, true),
    ] {
        let mut world = World::open().await;
        world.show(BANK, Some(Doubt::NewKey));
        world.submit_letter(from, &["<pat@bank.test>"], header).await;
        let sent = world.sent("submit.you.test").await;
        assert_eq!((sent.waits_for("DANE: "), sent == Sent::Secure), (waits, !waits), "{from} {header}: {sent:?}");
        // By MTA-STS: the header stays when the letter is forwarded.
        let mut world = World::open().await;
        world.show(BANK, Some(Doubt::Expired));
        if from.ends_with('>') {
            world.submit_letter(from, &["<teller@alumni.test>"], header).await;
            let sent = world.sent("mx.alumni.test").await;
            assert_eq!((sent.waits_for("MTA-STS: "), sent == Sent::Secure), (waits, !waits), "{header}: {sent:?}");
        }
    }
    let mut world = World::open().await;
    world.strip(true);
    world.submit_letter("<mina@you.test>", &["<pat@harbor.test>"], no).await;
    assert_eq!(world.sent("submit.you.test").await, Sent::InPlain, "rather in plain text than not at all");
}

#[tokio::test]
async fn a_scene_shows_what_each_sender_makes_of_it_and_a_reset_lets_senders_forget_policies() {
    let mut world = World::open().await;
    world.room.lab.set_scene("old-date").expect("a scene");
    assert!(world.alumni_forward().await.waits_for("whose certificate is not valid"));
    assert_eq!(world.mina_writes("<pat@bank.test>").await, Sent::Secure);
    world.room.lab.set_scene("no-policy").expect("a scene");
    world.show(BANK, Some(Doubt::Expired));
    world.room.lab.hosts().skip();
    assert_eq!(world.sent("mx.alumni.test").await, Sent::Secure, "nobody remembers the policy");
    let mut world = World::open().await;
    world.room.lab.set_scene("stripped-mx").expect("a scene");
    assert!(world.mina_writes("<pat@harbor.test>").await.waits_for("no TLS came about"));
    world.bring(LIST, "<mina@you.test>", &["<field@list.test>"]).await;
    assert_eq!(world.sent("mx.list.test").await, Sent::InPlain);
    let mut world = World::open().await;
    world.room.lab.set_scene("poisoned").expect("a scene");
    assert!(world.mina_writes("<pat@harbor.test>").await.waits_for("the look-up of the MX records failed"));
}
