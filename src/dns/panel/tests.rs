//! The panel driven by a small world of records.

use std::time::Duration;

use super::*;
use crate::dns::{Answer, Outcome, Validation};

/// Records by `name type`; everything else is "no data" below known names, NXDOMAIN otherwise.
struct World(Vec<(&'static str, Vec<Data>)>);

impl World {
    fn answer(&self, question: &Question) -> Heard {
        let key = format!("{} {}", question.name.relative(), question.kind);
        let found = self.0.iter().find(|(name, _)| *name == key);
        let exists = self.0.iter().any(|(name, _)| {
            let owner = Name::ascii(name.split(' ').next().unwrap());
            owner.is_within(&question.name)
        });
        let mut answer = Answer::empty(match (&found, exists) {
            (Some(_), _) => Outcome::Found,
            (None, true) => Outcome::NoData,
            (None, false) => Outcome::NxDomain,
        });
        for data in found.iter().flat_map(|(_, data)| data) {
            let owner = question.name.clone();
            answer.records.push(Record { owner, ttl: 300, data: data.clone(), proof: Validation::Secure });
        }
        Heard { question: question.clone(), answer, from: "lab".into(), took: Duration::from_millis(3) }
    }

    fn ask_all(&self, panel: &mut Panel) -> Vec<String> {
        let mut asked = Vec::new();
        loop {
            let questions = panel.questions();
            if questions.is_empty() {
                break;
            }
            for question in questions {
                asked.push(format!("{} {}", question.name.relative(), question.kind));
                assert!(panel.apply(self.answer(&question)));
            }
        }
        assert!(!panel.is_waiting());
        asked
    }
}

fn mx(preference: u16, host: &str) -> Data {
    Data::Mx { preference, exchange: Name::ascii(host) }
}

fn a(address: &str) -> Data {
    match address.parse().unwrap() {
        IpAddr::V4(v4) => Data::A(v4),
        IpAddr::V6(v6) => Data::Aaaa(v6),
    }
}

fn txt(text: &str) -> Data {
    Data::Txt(vec![text.as_bytes().to_vec()])
}

fn harbor() -> World {
    World(vec![
        ("harbor.test MX", vec![mx(20, "mx2.harbor.test"), mx(10, "mx1.harbor.test")]),
        ("mx1.harbor.test A", vec![a("192.0.2.10")]),
        ("mx1.harbor.test AAAA", vec![a("2001:db8::10")]),
        ("mx2.harbor.test A", vec![a("192.0.2.20")]),
        ("harbor.test TXT", vec![txt("v=spf1 mx -all")]),
        ("_dmarc.harbor.test TXT", vec![txt("v=DMARC1; p=quarantine")]),
        (
            "_25._tcp.mx1.harbor.test TLSA",
            vec![Data::Tlsa { usage: 3, selector: 1, matching: 1, association: vec![0x9f; 32] }],
        ),
        ("10.2.0.192.in-addr.arpa PTR", vec![Data::Ptr(Name::ascii("mx1.harbor.test"))]),
        ("20.2.0.192.in-addr.arpa PTR", vec![Data::Ptr(Name::ascii("elsewhere.test"))]),
        ("elsewhere.test A", vec![a("192.0.2.99")]),
    ])
}

fn panel(domain: &str) -> Panel {
    Panel::new(Name::ascii(domain), vec![Name::ascii("harbor.test")], 1)
}

fn ids(panel: &Panel) -> Vec<&'static str> {
    panel.findings().iter().map(|trouble| trouble.id).collect()
}

#[test]
fn a_domain_in_order_is_asked_step_by_step() {
    let mut panel = panel("harbor.test");
    let asked = harbor().ask_all(&mut panel);
    assert_eq!(
        asked.iter().take(5).map(String::as_str).collect::<Vec<_>>(),
        [
            "harbor.test MX",
            "harbor.test TXT",
            "_dmarc.harbor.test TXT",
            "_mta-sts.harbor.test TXT",
            "_smtp._tls.harbor.test TXT"
        ]
    );
    for expected in
        ["mx1.harbor.test AAAA", "_25._tcp.mx2.harbor.test TLSA", "10.2.0.192.in-addr.arpa PTR", "elsewhere.test A"]
    {
        assert!(asked.iter().any(|question| question == expected), "{expected} in {asked:?}");
    }
    let unique: std::collections::HashSet<&String> = asked.iter().collect();
    assert_eq!(unique.len(), asked.len(), "nothing is asked twice");

    let rows = panel.rows();
    let line = |row: &Row| format!("{} {} {}", row.owner.relative(), row.kind, row.content.text());
    let lines: Vec<String> = rows.iter().filter(|row| !row.minor).map(line).collect();
    assert_eq!(lines[0], "harbor.test MX 10 mx1.harbor.test.", "the order of the plan");
    assert_eq!(lines[1], "harbor.test MX 20 mx2.harbor.test.");
    assert!(lines.contains(&"mx1.harbor.test AAAA 2001:db8::10".to_owned()));
    assert!(lines.contains(&"_mta-sts.harbor.test TXT NXDOMAIN: no such name".to_owned()), "{lines:?}");
    let target = rows[0].target.as_ref().unwrap();
    assert_eq!((target.host.relative().as_str(), target.addresses.len()), ("mx1.harbor.test", 2));
    let confirmed: Vec<_> = rows.iter().filter_map(|row| row.confirmed).collect();
    assert_eq!(confirmed, [Confirmed::Yes, Confirmed::No]);
    assert_eq!(rows[0].dnssec(), "validated here");
    assert_eq!(panel.spf_cost().unwrap(), "SPF costs 1 of 10 look-ups.");
    assert_eq!(ids(&panel), [""; 0], "{:?}", panel.findings());
}

#[test]
fn the_trail_and_the_reason_of_a_host() {
    let mut panel = panel("harbor.test");
    harbor().ask_all(&mut panel);
    let (first, second) = (Name::ascii("mx1.harbor.test"), Name::ascii("mx2.harbor.test"));
    let trail: Vec<String> = panel.trail(&first).iter().map(|heard| heard.question.kind.to_string()).collect();
    assert_eq!(trail, ["MX", "A", "AAAA"]);
    let past: Vec<_> = panel.trail(&Name::ascii("harbor.test")).iter().map(|heard| heard.question.kind).collect();
    assert_eq!(past.first(), Some(&Kind::MX), "what leads past the domain is known where it is connected to itself");
    assert_eq!(panel.trail(&Name::ascii("elsewhere.test")).first().map(|heard| heard.question.kind), Some(Kind::A));
    assert_eq!(panel.why(Some(&first)), "why mx1.harbor.test: lowest preference that answered");
    assert_eq!(panel.why(Some(&second)), "mx2.harbor.test has preference 20; mx1.harbor.test (10) comes first");
    assert_eq!(panel.why(None), "Mail goes to mx1.harbor.test first, then down the list.");
    assert_eq!(panel.attempts().unwrap().unwrap().len(), 3);
}

#[test]
fn implicit_null_and_missing() {
    let world = World(vec![
        ("tiny.test A", vec![a("203.0.113.17")]),
        ("quiet.test MX", vec![mx(0, "")]),
        ("mixed.test MX", vec![mx(0, ""), mx(5, "tiny.test"), mx(7, "192.0.2.1")]),
        ("ghost.test MX", vec![mx(10, "mx.ghost.test")]),
        ("x.mx.ghost.test TXT", vec![txt("")]),
    ]);
    let seen = |domain: &str| {
        let mut panel = panel(domain);
        world.ask_all(&mut panel);
        (ids(&panel), panel.why(None), panel.takes_no_mail())
    };
    assert_eq!(
        seen("tiny.test"),
        (vec!["dns/implicit-mx"], "No MX: mail goes to the domain's own address.".into(), false)
    );
    assert_eq!(seen("quiet.test").0, ["dns/null-mx"]);
    assert!(seen("quiet.test").2);
    assert_eq!(seen("mixed.test").0, ["dns/mx-ip", "dns/null-mx"]);
    assert_eq!(seen("ghost.test"), (vec!["dns/no-address"], "No MX host has an address: give up.".into(), false));
    let (found, why, none) = seen("habror.test");
    assert_eq!(
        (found, why.as_str(), none),
        (vec!["dns/nxdomain"], "The domain does not exist: give up at once.", true)
    );
}

#[test]
fn q182_a_near_spelling_comes_from_the_history() {
    let mut near = panel("habror.test");
    World(vec![]).ask_all(&mut near);
    assert_eq!(near.findings()[0].text, "habror.test does not exist. Did you mean harbor.test?");
    let mut far = panel("bank.test");
    World(vec![]).ask_all(&mut far);
    assert_eq!(far.findings()[0].text, "bank.test does not exist.");
}

#[test]
fn q206_a_changed_address_is_said_and_the_first_one_stays_in_use() {
    let mut panel = panel("harbor.test");
    harbor().ask_all(&mut panel);
    panel.refresh();
    assert!(panel.rows().iter().all(|row| row.stale), "an old answer is never shown as fresh");
    let mut later = harbor();
    later.0[1].1 = vec![a("10.0.0.5")];
    later.ask_all(&mut panel);
    let changed = panel.findings().into_iter().find(|trouble| trouble.id == "dns/changed").unwrap();
    assert_eq!(
        changed.text,
        "The address changed between look-up and connect (192.0.2.10 → 10.0.0.5). Using the first one."
    );
    assert_eq!(panel.addresses(&Name::ascii("mx1.harbor.test"))[0].to_string(), "192.0.2.10");
}

#[test]
fn a_selector_and_a_free_question_get_rows_of_their_own() {
    let mut world = harbor();
    world.0.push(("lab._domainkey.harbor.test TXT", vec![txt("v=DKIM1; p=")]));
    let mut panel = panel("harbor.test");
    world.ask_all(&mut panel);
    panel.ask_key("lab").unwrap();
    assert!(panel.ask_key("no good").is_err());
    panel.ask(Question::new(Name::ascii("www.elsewhere.test"), Kind::A));
    world.ask_all(&mut panel);
    let rows = panel.rows();
    let key = rows.iter().find(|row| row.owner == Name::ascii("lab._domainkey.harbor.test")).unwrap();
    assert_eq!((key.section, key.troubles[0].id), (Section::Keys, "dkim/revoked"));
    assert_eq!(key.policy.as_ref().unwrap().policy, Policy::DkimKey);
    let free = rows.last().unwrap();
    assert_eq!((free.section, free.content.text().as_str()), (Section::Asked, "NXDOMAIN: no such name"));
}

#[test]
fn answers_nobody_waits_for_are_not_taken() {
    let world = harbor();
    let mut panel = panel("harbor.test");
    let stray = world.answer(&Question::new(Name::ascii("harbor.test"), Kind::MX));
    assert!(!panel.apply(stray.clone()), "not asked yet");
    let asked = panel.questions();
    assert!(panel.apply(stray.clone()));
    assert!(!panel.apply(stray), "answered already");
    assert!(panel.questions().len() < 10 && asked.len() == 5);
}

#[test]
fn a_crowd_of_exchangers_is_bounded() {
    let hosts: Vec<Data> = (0..64).map(|n| mx(n, &format!("mx{n}.crowd.test"))).collect();
    let world = World(vec![("crowd.test MX", hosts), ("crowd.test TXT", vec![txt("v=spf1 +all")])]);
    let mut panel = panel("crowd.test");
    let asked = world.ask_all(&mut panel);
    assert!(asked.len() <= limits::QUESTIONS, "{}", asked.len());
    assert!(ids(&panel).contains(&"spf/plus-all"));
}
