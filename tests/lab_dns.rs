//! The lab's name server asked through the resolver: what the lab's internet says, and how it is validated.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

#[path = "lab_dns/added.rs"]
mod added;
#[path = "lab_dns/faults.rs"]
mod faults;
#[path = "lab_dns/policies.rs"]
mod policies;
#[path = "lab_dns/promises.rs"]
mod promises;

use ehlo::dns::panel::Panel;
use ehlo::dns::policy::Policy;
use ehlo::dns::{Kind, Name, Outcome, Question, Validation};
use ehlo::lab::nameserver::{self, Nameserver};
use ehlo::lab::world::World;
use ehlo::lab::zones::Pin;
use ehlo::net::resolver::{LabServer, Resolver};
use ehlo::ports::dns::{Request, Signal, Source};
use tokio::sync::mpsc;

async fn lab() -> (Nameserver, Resolver) {
    let pins: Vec<Pin> = ["mx1.harbor.test", "mx2.harbor.test", "mx.bank.test"]
        .map(|host| Pin { host: host.into(), sha256: [0x9f; 32] })
        .into();
    let server = nameserver::start(1, &pins, 0).await.unwrap();
    let lab = LabServer { addr: server.addr, trust_anchor: server.trust_anchor.clone() };
    (server, Resolver::new(Some(lab)))
}

async fn ask(resolver: &Resolver, name: &str, kind: Kind) -> Signal {
    resolver.look_up(1, Question::new(Name::ascii(name), kind), &Source::Lab).await
}

fn texts(signal: &Signal) -> Vec<String> {
    signal.answer.records.iter().map(|record| record.data.text()).collect()
}

#[tokio::test]
async fn the_cast_is_found_and_validated_by_the_labs_own_root() {
    let (server, resolver) = lab().await;
    let cases = [
        ("harbor.test", Kind::MX, "10 mx1.harbor.test., 20 mx2.harbor.test."),
        ("mx1.harbor.test", Kind::A, "192.0.2.10"),
        ("mx1.harbor.test", Kind::AAAA, "2001:db8::10"),
        ("mx2.harbor.test", Kind::A, "192.0.2.20"),
        ("submit.you.test", Kind::A, "198.51.100.25"),
        ("laptop.you.test", Kind::A, "198.51.100.7"),
        ("10.2.0.192.in-addr.arpa", Kind::PTR, "mx1.harbor.test."),
        ("_mta-sts.harbor.test", Kind::TXT, "\"v=STSv1; id=20260101\""),
        ("quiet.test", Kind::MX, "0 ."),
        ("bank.test", Kind::MX, "10 mx.bank.test."),
        ("mx.bank.test", Kind::A, "203.0.113.9"),
        ("mta-sts.bank.test", Kind::A, "203.0.113.10"),
        ("_mta-sts.bank.test", Kind::TXT, "\"v=STSv1; id=20260101\""),
        ("_dmarc.bank.test", Kind::TXT, "\"v=DMARC1; p=reject; adkim=s; aspf=s; rua=mailto:dmarc@bank.test\""),
        ("evil.test", Kind::TXT, "\"v=spf1 ip4:203.0.113.66 -all\""),
        ("xn--bcher-kva.test", Kind::MX, "10 mx.xn--bcher-kva.test."),
        ("front.test", Kind::MX, "10 mx.front.test."),
        ("9.113.0.203.in-addr.arpa", Kind::PTR, "mx.bank.test."),
        ("2.0.0.127.dnsbl.test", Kind::A, "127.0.0.2"),
        ("66.113.0.203.dnsbl.test", Kind::A, "127.0.0.2"),
        ("7.100.51.198.dnsbl.test", Kind::A, "127.0.0.10"),
        ("tiny.test", Kind::A, "203.0.113.17"),
    ];
    for (name, kind, expected) in cases {
        let signal = ask(&resolver, name, kind).await;
        assert_eq!(signal.answer.outcome, Outcome::Found, "{name} {kind}");
        let mut found = texts(&signal);
        found.sort();
        assert_eq!(found.join(", "), expected, "{name} {kind}");
        assert_eq!(signal.answer.validation, Validation::Secure, "{name} {kind}");
        assert_eq!(signal.from, "lab");
        assert!(!signal.answer.claimed, "an authority claims nothing");
    }
    let ipv6 = Name::reverse("2001:db8::10".parse().unwrap()).relative();
    assert_eq!(texts(&ask(&resolver, &ipv6, Kind::PTR).await), ["mx1.harbor.test."]);
    server.shutdown().await;
}

#[tokio::test]
async fn a_pin_is_served_as_tlsa() {
    let (server, resolver) = lab().await;
    let signal = ask(&resolver, "_25._tcp.mx1.harbor.test", Kind::TLSA).await;
    assert_eq!(texts(&signal), [format!("3 1 1 {}", "9f".repeat(32))]);
    assert_eq!(signal.answer.validation, Validation::Secure);
    server.shutdown().await;
}

#[tokio::test]
async fn old_test_is_proved_to_be_unsigned() {
    let (server, resolver) = lab().await;
    let signal = ask(&resolver, "old.test", Kind::MX).await;
    assert_eq!(texts(&signal), ["10 mx.old.test."]);
    assert_eq!(signal.answer.validation, Validation::Insecure);
    let nothing = ask(&resolver, "mx.old.test", Kind::AAAA).await;
    assert_eq!((nothing.answer.outcome, nothing.answer.validation), (Outcome::NoData, Validation::Insecure));
    server.shutdown().await;
}

#[tokio::test]
async fn broken_test_is_answered_and_does_not_validate() {
    let (server, resolver) = lab().await;
    for (name, kind) in [("broken.test", Kind::MX), ("mx.broken.test", Kind::A), ("nx.broken.test", Kind::A)] {
        assert_eq!(ask(&resolver, name, kind).await.answer.validation, Validation::Bogus, "{name} {kind}");
    }
    server.shutdown().await;
}

#[tokio::test]
async fn a_key_for_letters_is_served_where_its_selector_stands() {
    let (server, resolver) = lab().await;
    for domain in ["harbor.test", "you.test", "bank.test", "list.test"] {
        let signal = ask(&resolver, &format!("lab._domainkey.{domain}"), Kind::TXT).await;
        let (keys, trouble) = Policy::DkimKey.find(&signal.answer);
        assert_eq!((keys.len(), keys[0].troubles.len(), trouble), (1, 0, None), "{domain}");
        assert_eq!(signal.answer.validation, Validation::Secure, "{domain}");
    }
    server.shutdown().await;
}

/// The hosts of the cast with their address; each is the reverse name of it, but for tiny.test, which has none.
const HOSTS: [(&str, &str); 22] = [
    ("mx1.harbor.test", "192.0.2.10"),
    ("mx2.harbor.test", "192.0.2.20"),
    ("chatty.harbor.test", "192.0.2.30"),
    ("slow.harbor.test", "192.0.2.31"),
    ("rude.harbor.test", "192.0.2.32"),
    ("store.harbor.test", "192.0.2.40"),
    ("ns.test", "192.0.2.53"),
    ("laptop.you.test", "198.51.100.7"),
    ("submit.you.test", "198.51.100.25"),
    ("mx.bank.test", "203.0.113.9"),
    ("mx.list.test", "203.0.113.20"),
    ("mx.alumni.test", "203.0.113.30"),
    ("mx.open.test", "203.0.113.50"),
    ("mx.grey.test", "203.0.113.51"),
    ("mx.loop-a.test", "203.0.113.52"),
    ("mx.loop-b.test", "203.0.113.53"),
    ("mx.filter.test", "203.0.113.54"),
    ("mx.front.test", "203.0.113.55"),
    ("mx.back.test", "203.0.113.56"),
    ("mx.xn--bcher-kva.test", "203.0.113.57"),
    ("mx.evil.test", "203.0.113.66"),
    ("mx.old.test", "203.0.113.82"),
];

#[tokio::test]
async fn every_host_of_the_cast_has_its_address_and_the_name_back() {
    let (server, resolver) = lab().await;
    for (host, address) in HOSTS {
        assert_eq!(texts(&ask(&resolver, host, Kind::A).await), [address], "{host}");
        let reverse = Name::reverse(address.parse().unwrap()).relative();
        assert_eq!(texts(&ask(&resolver, &reverse, Kind::PTR).await), [format!("{host}.")], "{address}");
    }
    server.shutdown().await;
}

#[tokio::test]
async fn every_host_of_the_world_stands_in_the_dns() {
    let (server, resolver) = lab().await;
    for host in World::load().unwrap().host {
        let found = resolver.addresses(&host.name, &Source::Lab).await.unwrap();
        for address in &host.addresses {
            assert!(found.addresses.contains(address), "{} has {address}; the DNS says {found:?}", host.name);
        }
    }
    server.shutdown().await;
}

#[tokio::test]
async fn absence_is_told_apart_and_proved() {
    let (server, resolver) = lab().await;
    for (name, kind, expected) in [
        ("gone.test", Kind::MX, Outcome::NxDomain),
        ("www.example.com", Kind::A, Outcome::NxDomain),
        ("nobody.harbor.test", Kind::A, Outcome::NxDomain),
        ("99.2.0.192.in-addr.arpa", Kind::PTR, Outcome::NxDomain),
        ("1.0.0.127.dnsbl.test", Kind::A, Outcome::NxDomain),
        ("10.2.0.192.dnsbl.test", Kind::A, Outcome::NxDomain),
        ("1.1.1.10.in-addr.arpa", Kind::PTR, Outcome::NxDomain),
        ("tiny.test", Kind::MX, Outcome::NoData),
        ("mx2.harbor.test", Kind::AAAA, Outcome::NoData),
        ("mx.ghost.test", Kind::A, Outcome::NoData),
        ("_dmarc.tiny.test", Kind::TXT, Outcome::NxDomain),
        ("_25._tcp.mx.old.test", Kind::TLSA, Outcome::NxDomain),
    ] {
        let signal = ask(&resolver, name, kind).await;
        assert_eq!(signal.answer.outcome, expected, "{name} {kind}");
        let proof = if name.ends_with("old.test") { Validation::Insecure } else { Validation::Secure };
        assert_eq!(signal.answer.validation, proof, "{name} {kind}");
        assert!(signal.answer.negative.is_some(), "{name} {kind}");
    }
    server.shutdown().await;
}

#[tokio::test]
async fn an_alias_into_another_zone_is_followed_and_shown() {
    let (server, resolver) = lab().await;
    let signal = ask(&resolver, "mail.crooked.test", Kind::A).await;
    assert_eq!(texts(&signal), ["mx1.harbor.test.", "192.0.2.10"]);
    assert_eq!((signal.answer.outcome, signal.answer.validation), (Outcome::Found, Validation::Secure));
    server.shutdown().await;
}

#[tokio::test]
async fn the_dialler_gets_addresses_and_the_look_ups_behind_them() {
    let (server, resolver) = lab().await;
    let found = resolver.addresses("mx1.harbor.test", &Source::Lab).await.unwrap();
    let addresses: Vec<String> = found.addresses.iter().map(ToString::to_string).collect();
    assert_eq!(addresses, ["192.0.2.10", "2001:db8::10"]);
    assert_eq!(found.look_ups.len(), 2);
    assert_eq!(found.look_ups[0].outcome, "NOERROR");
    assert_eq!(found.look_ups[0].ttl, Some(300));
    let gone = resolver.addresses("gone.test", &Source::Lab).await.unwrap();
    assert_eq!((gone.addresses.len(), gone.outcome.as_str()), (0, "NXDOMAIN"));
    let ghost = resolver.addresses("mx.ghost.test", &Source::Lab).await.unwrap();
    assert_eq!(ghost.outcome, "no address");
    assert!(resolver.addresses("exa mple", &Source::Lab).await.is_err());
    server.shutdown().await;
}

#[tokio::test]
async fn without_a_lab_the_answer_says_so() {
    let signal = ask(&Resolver::new(None), "harbor.test", Kind::MX).await;
    assert_eq!(signal.answer.outcome, Outcome::Failed("the lab is not running".into()));
}

#[tokio::test]
async fn the_wrong_trust_anchor_makes_everything_bogus() {
    let (server, other) = (nameserver::start(1, &[], 0).await.unwrap(), nameserver::start(2, &[], 0).await.unwrap());
    let resolver = Resolver::new(Some(LabServer { addr: server.addr, trust_anchor: other.trust_anchor.clone() }));
    let signal = ask(&resolver, "harbor.test", Kind::MX).await;
    assert_eq!((signal.answer.outcome, signal.answer.validation), (Outcome::Found, Validation::Bogus));
    server.shutdown().await;
    other.shutdown().await;
}

#[tokio::test]
async fn tcp_is_served_on_the_same_port() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (server, _) = lab().await;
    let mut stream = tokio::net::TcpStream::connect(server.addr).await.unwrap();
    let query = b"\x00\x1d\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x06harbor\x04test\x00\x00\x0f\x00\x01";
    stream.write_all(query).await.unwrap();
    let mut answer = [0; 10];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!((&answer[2..4], answer[5] & 15, answer[9]), (&b"\x12\x34"[..], 0, 2), "two MX records");
    server.shutdown().await;
}

#[tokio::test]
async fn the_panel_of_every_domain_of_the_lab_fills() {
    let (server, resolver) = lab().await;
    for (domain, expected) in [
        ("harbor.test", &[][..]),
        ("you.test", &["dmarc/none"]),
        ("old.test", &[]),
        ("tiny.test", &["dns/implicit-mx"]),
        ("quiet.test", &["dns/null-mx"]),
        ("crooked.test", &["dns/mx-cname"]),
        ("ghost.test", &["dns/no-address"]),
        ("gone.test", &["dns/nxdomain"]),
        ("bank.test", &[]),
        ("evil.test", &["dmarc/none"]),
        ("alumni.test", &[]),
        ("list.test", &["dmarc/none"]),
        ("grey.test", &[]),
        ("open.test", &[]),
        ("filter.test", &[]),
        ("front.test", &[]),
        ("back.test", &[]),
        ("loop-a.test", &[]),
        ("loop-b.test", &[]),
        ("xn--bcher-kva.test", &[]),
        ("broken.test", &["dns/bogus"]),
    ] {
        let mut panel = Panel::new(Name::ascii(domain), Vec::new(), 1);
        let mut questions = panel.questions();
        while !questions.is_empty() {
            for question in questions {
                let signal = resolver.look_up(1, question, &Source::Lab).await;
                assert!(panel.apply(signal.heard()));
            }
            questions = panel.questions();
        }
        let found: Vec<_> = panel.findings().iter().map(|trouble| trouble.id).collect();
        assert_eq!(found, expected, "{domain}");
    }
    server.shutdown().await;
}

#[tokio::test]
async fn requests_are_served_side_by_side_and_each_gets_one_signal() {
    let (server, resolver) = lab().await;
    let (requests, inbox) = mpsc::channel(64);
    let (outbox, mut signals) = mpsc::channel(64);
    let task = resolver.start(inbox, outbox);
    for ticket in 0..40 {
        let question = Question::new(Name::ascii("harbor.test"), Kind::MX);
        requests.send(Request { ticket, question, source: Source::Lab }).await.unwrap();
    }
    let mut tickets = Vec::new();
    for _ in 0..40 {
        tickets.push(signals.recv().await.unwrap().ticket);
    }
    tickets.sort_unstable();
    assert_eq!(tickets, (0..40).collect::<Vec<_>>());
    drop(requests);
    task.await.unwrap();
    server.shutdown().await;
}

/// BIND's validator is the referee: what we call secure, insecure and bogus is that for it as well.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs delv, of the Debian package bind9-dnsutils; the gate runs it"]
async fn delv_judges_the_lab_as_we_do() {
    let (server, _) = lab().await;
    let anchor = std::env::temp_dir().join(format!("ehlo-lab-anchor-{}", std::process::id()));
    std::fs::write(&anchor, &server.anchor_file).unwrap();
    let mut said = Vec::new();
    for (name, kind, expected) in [
        ("harbor.test", "MX", "; fully validated"),
        ("mx.bank.test", "A", "; fully validated"),
        ("_25._tcp.mx.bank.test", "TLSA", "; fully validated"),
        ("66.113.0.203.dnsbl.test", "A", "; fully validated"),
        ("9.113.0.203.in-addr.arpa", "PTR", "; fully validated"),
        ("gone.test", "MX", "; negative response, fully validated"),
        ("www.example.com", "A", "; negative response, fully validated"),
        ("old.test", "MX", "; unsigned answer"),
        ("broken.test", "MX", ";; resolution failed: broken trust chain"),
    ] {
        let mut delv = std::process::Command::new("delv");
        delv.args(["@127.0.0.1", "-p", &server.addr.port().to_string(), "-a"]).arg(&anchor);
        let output = delv.args(["+root=.", name, kind]).output().expect("delv (package bind9-dnsutils)");
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        said.push((name, kind, expected, text));
    }
    std::fs::remove_file(&anchor).unwrap();
    for (name, kind, expected, text) in said {
        assert!(text.contains(expected), "{name} {kind}: {text}");
    }
    server.shutdown().await;
}
