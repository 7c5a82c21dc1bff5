//! The policies of MTA-STS: whole sessions with hosts whose policy is fetched from the lab's web servers.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ehlo::dns::policy::enforce::LONGEST;
use ehlo::lab::Lab;
use ehlo::lab::authority::Doubt;
use ehlo::lab::links::Loss;
use ehlo::net::connect::{Connect, Connecting, Stream};
use ehlo::net::resolver::Resolver;
use ehlo::net::{self, Calendar, Config, Keys, Nonces, Roots, World};
use ehlo::ports::dns::Source;
use ehlo::ports::lab::change::{Change, Gift};
use ehlo::ports::net::{Place, PolicyOf, Request, SessionId, Target, What};
use ehlo::smtp::limits::{Limits, Timers};
use ehlo::tape::mark::Mark;
use ehlo::tape::policy::{Fetched, Unfetched};
use ehlo::tape::promise::Kept::{self, Sts, StsBroken, StsOff, StsTesting, StsUnread};

use super::promises::told;

const SITE: &str = "mta-sts.bank.test";
const BANK: &str = "version: STSv1\nmode: enforce\nmx: mx.bank.test\nmax_age: 604800\n";

/// What came of the policy of the bank, and of asking for it, when the lab was changed so.
async fn policy(change: impl FnOnce(&Lab)) -> (Kept, String, Fetched) {
    let (mut promises, fetched) = told("bank.test", "mx.bank.test", Timers::INTERACTIVE, change).await;
    let (kept, why) = promises.pop().unwrap();
    assert_eq!(kept.by(), "MTA-STS");
    (kept, why, fetched.unwrap())
}

fn giving(gift: Gift) -> impl FnOnce(&Lab) {
    move |lab| lab.change(&Change::Site { host: SITE.into(), gives: gift }).unwrap()
}

fn publishing(policy: &str) -> impl FnOnce(&Lab) {
    move |lab| assert!(lab.hosts().publish(SITE, policy))
}

/// Why no policy was taken from a site that was changed so.
async fn refused(change: impl FnOnce(&Lab)) -> Unfetched {
    let (kept, why, fetched) = policy(change).await;
    let reason = fetched.found.unwrap_err();
    assert_eq!(kept, StsUnread, "{why}");
    let wanted = format!(
        "bank.test announces a policy (id 20260101), but {reason}; senders without an older one go on as if there were none"
    );
    assert_eq!(why, wanted);
    reason
}

#[tokio::test]
async fn the_policy_of_the_bank_is_fetched_and_kept() {
    let (kept, why, fetched) = policy(|_| {}).await;
    assert_eq!(kept, Sts);
    assert_eq!(
        why,
        "the policy of bank.test (enforce) names mx.bank.test, and its certificate is valid; senders deliver"
    );
    assert_eq!(fetched.url(), "https://mta-sts.bank.test/.well-known/mta-sts.txt");
    assert_eq!(fetched.at.map(|ip| ip.to_string()).as_deref(), Some("203.0.113.10"));
    assert_eq!(fetched.found, Ok(BANK.replace('\n', "\r\n")));
}

#[tokio::test]
async fn what_a_policy_asks_of_a_host_that_does_not_keep_it_depends_on_its_mode() {
    for (mode, named, valid) in
        [("enforce", StsBroken, StsBroken), ("testing", StsTesting, StsTesting), ("none", StsOff, StsOff)]
    {
        let text = BANK.replace("enforce", mode);
        let (kept, why, _) = policy(publishing(&text.replace("mx.bank.test", "mx.other.test"))).await;
        assert_eq!(kept, named, "{why}");
        let (kept, why, _) = policy(|lab| {
            publishing(&text)(lab);
            lab.identities().show("mx.bank.test", Some(Doubt::Expired)).unwrap();
        })
        .await;
        assert_eq!(kept, valid, "{why}");
    }
}

#[tokio::test]
async fn what_is_no_policy_counts_for_nothing() {
    let (kept, why, _) = policy(publishing("version: STSv1\nmode: enforce\nmax_age: 1\n")).await;
    assert_eq!(kept, StsUnread);
    assert!(why.contains("what its host gave is none: it names no MX"), "{why}");
}

#[tokio::test]
async fn c223_redirects_are_not_followed_even_to_the_very_policy() {
    assert_eq!(refused(giving(Gift::Redirect)).await, Unfetched::Redirected(301));
}

#[tokio::test]
async fn c223_an_answer_that_is_not_200_or_not_plain_text_is_no_policy() {
    assert_eq!(refused(giving(Gift::Nothing)).await, Unfetched::Refused(404));
    assert_eq!(refused(giving(Gift::Html)).await, Unfetched::NotPlain("text/html".into()));
}

#[tokio::test]
async fn c223_the_certificate_must_be_valid_for_the_policy_host() {
    let doubted = |doubt| move |lab: &Lab| lab.identities().show(SITE, Some(doubt)).unwrap();
    for (doubt, word) in
        [(Doubt::WrongName, "mail.bank.test"), (Doubt::Expired, "was valid until"), (Doubt::SelfSigned, "self-signed")]
    {
        let Unfetched::NotValid(why) = refused(doubted(doubt)).await else { panic!("{doubt:?}") };
        assert!(why.contains(word), "{why}");
    }
}

#[tokio::test]
async fn c223_a_policy_has_at_most_64_kib() {
    assert_eq!(LONGEST, 65536);
    let (head, octets) = (BANK, |text: &str| text.replace('\n', "\r\n").len());
    let just = format!("{head}{}\n", "x".repeat(LONGEST - octets(head) - 2));
    let (kept, _, fetched) = policy(publishing(&just)).await;
    assert_eq!((kept, fetched.found.unwrap().len()), (Sts, LONGEST));
    assert_eq!(refused(giving(Gift::TooLong)).await, Unfetched::TooLong);
}

#[tokio::test]
async fn c223_a_policy_must_come_within_a_minute() {
    assert_eq!(Timers::INTERACTIVE.policy, Duration::from_mins(1));
    let policy = Duration::from_millis(600);
    let timers = Timers { policy, ..Timers::INTERACTIVE };
    let (promises, fetched) = told("bank.test", "mx.bank.test", timers, giving(Gift::Silence)).await;
    assert_eq!(promises.last().unwrap().0, StsUnread);
    let fetched = fetched.unwrap();
    assert_eq!(fetched.found, Err(Unfetched::TimedOut(policy)));
    assert!(fetched.took >= policy && fetched.took < policy * 5, "{:?}", fetched.took);
}

#[tokio::test]
async fn a_policy_host_that_cannot_be_reached_gives_no_policy() {
    let Unfetched::NotReached(_) = refused(|lab| {
        lab.links().lose("203.0.113.10".parse().unwrap(), Some(Loss::Refused));
    })
    .await
    else {
        panic!("nothing was reached")
    };
}

/// Takes connections on port 25 and refuses all others; remembers which were wanted.
#[derive(Default)]
struct Doors(Mutex<Vec<SocketAddr>>);

impl Connect for Doors {
    fn connect<'a>(&'a self, _: &'a str, addr: SocketAddr, _: Option<SocketAddr>) -> Connecting<'a> {
        self.0.lock().unwrap().push(addr);
        Box::pin(async move {
            if addr.port() != 25 {
                return Err(std::io::ErrorKind::ConnectionRefused.into());
            }
            let (ours, theirs) = tokio::io::duplex(64);
            // The server says nothing, and never goes.
            tokio::spawn(async move {
                std::future::pending::<()>().await;
                drop(theirs);
            });
            Ok(Box::new(ours) as Box<dyn Stream>)
        })
    }
}

#[tokio::test]
async fn a_public_name_does_not_lead_a_live_session_into_the_own_network() {
    let (told, _kept) = tokio::sync::mpsc::channel(64);
    let lab = ehlo::lab::start(1, told).await.unwrap();
    lab.change(&Change::Record { line: "mta-sts.bank.test. 300 IN A 10.0.0.1".into() }).unwrap();
    let servers = vec![lab.nameserver.as_ref().unwrap().addr];
    for (is_near, wanted) in [(false, 0), (true, 2)] {
        let doors = Arc::new(Doors::default());
        let live = World {
            connector: Arc::clone(&doors) as Arc<dyn Connect>,
            roots: Roots::only([lab.root.as_ref()]).unwrap(),
            calendar: Calendar::system(),
            nonces: Nonces::random(),
        };
        let resolver = Resolver::with_servers(None, servers.clone());
        let (timers, limits, keys) = (Timers::INTERACTIVE, Limits::default(), Keys::default());
        let mut net = net::start(Config { resolver, live, lab: None, timers, limits, keys, shows: None });
        let target = Target { pinned: vec![[203, 0, 113, 9].into()], ..Target::new("mx.bank.test", 25, Place::Live) };
        net.requests.send(Request::Open(SessionId(1), target)).await.unwrap();
        let (domain, id) = ("bank.test".to_owned(), "1".to_owned());
        let policy = PolicyOf { domain, id, place: Place::Live, source: Source::System, is_near };
        net.requests.send(Request::Policy(SessionId(1), policy)).await.unwrap();
        let fetched = loop {
            if let What::Mark(Mark::Fetched(fetched)) = net.signals.recv().await.unwrap().what {
                break *fetched;
            }
        };
        let to_the_site = doors.0.lock().unwrap().iter().filter(|addr| addr.port() == 443).count();
        let reason = fetched.found.unwrap_err();
        assert_eq!(to_the_site, wanted, "{reason:?}");
        assert_eq!(reason == Unfetched::Private([10, 0, 0, 1].into()), !is_near, "{reason:?}");
    }
}
