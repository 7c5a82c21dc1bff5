//! What the lab's DNS promises about the TLS of its mail servers, held against what they show: whole sessions.

use std::time::Duration;

use ehlo::dns::panel::Panel;
use ehlo::lab::Lab;
use ehlo::lab::authority::Doubt;
use ehlo::lab::nameserver::fault::{Fault, Spot};
use ehlo::ports::dns::Source;
use ehlo::ports::net::{Act, Place, Request, SessionId, Target};
use ehlo::run::services::{Services, Setup};
use ehlo::session::look_ups::LookUps;
use ehlo::session::{Model, Signal};
use ehlo::smtp::limits::Timers;
use ehlo::tape::mark::Mark;
use ehlo::tape::policy::Fetched;
use ehlo::tape::promise::Kept::{self, Dane, DaneBroken, DaneWait, Sts, StsTesting};

/// What came of the promises of a domain about one of its hosts, after STARTTLS, when the lab was changed so.
async fn promises(domain: &str, host: &str, change: impl FnOnce(&Lab)) -> Vec<(Kept, String)> {
    told(domain, host, Timers::INTERACTIVE, change).await.0
}

/// The same with this patience, and what came of asking for the policy.
pub(super) async fn told(
    domain: &str,
    host: &str,
    timers: Timers,
    change: impl FnOnce(&Lab),
) -> (Vec<(Kept, String)>, Option<Fetched>) {
    let mut services = Services::start(Setup { timers, ..Setup::new(1) }).await;
    change(services.lab().unwrap());
    let mut model = Model::new(LookUps::new(1));
    model.look_ups.open(domain, Source::Lab).unwrap();
    while model.look_ups.panel().is_some_and(Panel::is_waiting) {
        for request in model.look_ups.requests() {
            services.dns(request).unwrap();
        }
        model.apply(&next(&mut services).await);
    }
    let target = Target::new(host, 25, Place::Lab);
    let id = model.begin(target.clone());
    services.net(Request::Open(id, target)).unwrap();
    for line in ["EHLO laptop.you.test\r\n", "STARTTLS\r\n"] {
        services.net(Request::Do(id, Act::Send(line.as_bytes().into()))).unwrap();
    }
    while model.session(id).unwrap().tls().is_none() {
        model.apply(&next(&mut services).await);
    }
    let requests = model.requests();
    assert!(model.requests().is_empty(), "each is handed out once");
    for request in requests {
        services.net(request).unwrap();
        while fetched(&model, id).is_none() {
            model.apply(&next(&mut services).await);
        }
    }
    let session = model.session(id).unwrap();
    let promises = session.promises().map(|promise| (promise.kept, promise.why.clone())).collect();
    (promises, fetched(&model, id))
}

fn fetched(model: &Model, id: SessionId) -> Option<Fetched> {
    let marks = model.session(id)?.tape().marks();
    marks.iter().find_map(|(_, mark)| if let Mark::Fetched(fetched) = mark { Some((**fetched).clone()) } else { None })
}

async fn next(services: &mut Services) -> Signal {
    tokio::time::timeout(Duration::from_secs(20), services.signals.recv()).await.unwrap().unwrap()
}

fn kept(promises: &[(Kept, String)]) -> Vec<Kept> {
    promises.iter().map(|(kept, _)| *kept).collect()
}

fn failing(lab: &Lab, at: &str, below: bool, fault: Fault) {
    lab.nameserver.as_ref().unwrap().faults.switch_on(&Spot { at: at.into(), below, fault }).unwrap();
}

#[tokio::test]
async fn a_host_that_shows_the_key_of_its_record_keeps_what_dane_promises() {
    let said = promises("harbor.test", "mx1.harbor.test", |_| {}).await;
    assert_eq!(kept(&said), [Dane, Sts]);
    assert!(said[0].1.starts_with("the TLSA record 3 1 1 "), "{}", said[0].1);
    assert!(said[0].1.ends_with("… of mx1.harbor.test matches the server's certificate"), "{}", said[0].1);
    assert_eq!(
        said[1].1,
        "the policy of harbor.test (testing) names mx1.harbor.test, and its certificate is valid; senders deliver"
    );
}

#[tokio::test]
async fn a_new_key_without_a_new_record_breaks_dane_and_an_old_date_does_not() {
    let doubted = |doubt| move |lab: &Lab| lab.identities().show("mx1.harbor.test", Some(doubt)).unwrap();
    let stale = promises("harbor.test", "mx1.harbor.test", doubted(Doubt::NewKey)).await;
    assert_eq!(kept(&stale), [DaneBroken, Sts]);
    let expired = promises("harbor.test", "mx1.harbor.test", doubted(Doubt::Expired)).await;
    assert_eq!(kept(&expired), [Dane, StsTesting]);
    assert!(expired[1].1.contains("whose certificate is not valid for it"), "{}", expired[1].1);
}

#[tokio::test]
async fn a_look_up_that_fails_or_is_bogus_switches_nothing_off() {
    let failed = |lab: &Lab| failing(lab, "_25._tcp.mx1.harbor.test", false, Fault::Servfail);
    assert_eq!(kept(&promises("harbor.test", "mx1.harbor.test", failed).await), [DaneWait, Sts]);
    let bogus =
        promises("harbor.test", "mx1.harbor.test", |lab| failing(lab, "harbor.test", true, Fault::Tampered)).await;
    assert_eq!(bogus[0].0, DaneWait);
    assert!(bogus[0].1.contains("the look-up of the MX records failed or does not validate"), "{}", bogus[0].1);
}

#[tokio::test]
async fn records_at_the_end_of_an_alias_count_and_where_none_are_nothing_is_said() {
    let alias = promises("crooked.test", "mail.crooked.test", |_| {}).await;
    assert_eq!(kept(&alias), [Dane]);
    assert_eq!(promises("you.test", "submit.you.test", |_| {}).await, []);
    assert_eq!(promises("you.test", "mx1.harbor.test", |_| {}).await, [], "not a host of that domain");
}
