use std::collections::HashMap;

use super::*;
use crate::dns::{Record, Validation};

/// A small DNS: `name kind data`, a line a record; `name fails` for a name that cannot be asked.
struct Zone(HashMap<Question, Answer>);

impl Zone {
    fn of(text: &str) -> Self {
        let mut answers: HashMap<Question, Answer> = HashMap::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (name, rest) = line.split_once(' ').expect("name and data");
            let (kind, data) = rest.split_once(' ').expect("kind and data");
            let owner = Name::ascii(name);
            let (kind, data) = match kind {
                "A" => (Kind::A, Data::A(data.parse().expect("an address"))),
                "AAAA" => (Kind::AAAA, Data::Aaaa(data.parse().expect("an address"))),
                "MX" => (Kind::MX, Data::Mx { preference: 10, exchange: Name::ascii(data) }),
                "PTR" => (Kind::PTR, Data::Ptr(Name::ascii(data))),
                "TXT" => (Kind::TXT, Data::Txt(vec![data.into()])),
                other => panic!("{other}"),
            };
            let answer =
                answers.entry(Question::new(owner.clone(), kind)).or_insert_with(|| Answer::empty(Outcome::Found));
            answer.records.push(Record { owner, ttl: 60, data, proof: Validation::NotChecked });
        }
        Self(answers)
    }

    fn check(&self, sender: &Sender) -> Checked {
        let mut known: HashMap<Question, Answer> = HashMap::new();
        for _ in 0..100 {
            match check(sender, |question| known.get(question)) {
                Ok(checked) => return checked,
                Err(question) => {
                    let failing = question.name.relative().starts_with("fails");
                    let outcome = if failing { Outcome::ServFail } else { Outcome::NxDomain };
                    let answer = self.0.get(&question).cloned().unwrap_or_else(|| Answer::empty(outcome));
                    assert!(known.insert(question, answer).is_none(), "nothing is asked twice");
                }
            }
        }
        panic!("the check asks on and on");
    }

    fn verdict(&self, address: &str, path: &str) -> Verdict {
        self.check(&Sender::new(address.parse().expect("an address"), "mx.a.test", path)).verdict
    }
}

/// The verdict on a record of a.test, and its last step.
fn of(record: &str) -> (Verdict, String) {
    let zone = Zone::of(&format!(
        "a.test TXT {record}
         a.test A 192.0.2.1
         a.test AAAA 2001:db8::1
         a.test MX mx.a.test
         a.test MX mx6.a.test
         mx.a.test A 192.0.2.9
         mx6.a.test AAAA 2001:db8::9
         b.test TXT v=spf1 ip4:192.0.2.7 -all
         p.test TXT v=spf1 all
         loop.test TXT v=spf1 include:loop.test -all
         7.2.0.192.in-addr.arpa PTR host.a.test
         7.2.0.192.in-addr.arpa PTR liar.c.test
         host.a.test A 192.0.2.7
         ann.a.test.yes.test A 127.0.0.2
         7.2.0.192.yes.test A 127.0.0.2"
    ));
    let checked = zone.check(&Sender::new("192.0.2.7".parse().expect("an address"), "mx.a.test", "ann@a.test"));
    let last = checked.steps.last().map(|step| step.said.clone()).unwrap_or_default();
    (checked.verdict, last)
}

#[test]
fn each_mechanism_matches_what_it_names() {
    for (record, verdict) in [
        ("v=spf1 -all", Verdict::Fail),
        ("v=spf1 ~all", Verdict::SoftFail),
        ("v=spf1 ?all", Verdict::Neutral),
        ("v=spf1 ip4:192.0.2.7 -all", Verdict::Pass),
        ("v=spf1 ip4:192.0.2.0/29 -all", Verdict::Pass),
        ("v=spf1 ip4:192.0.2.8/29 -all", Verdict::Fail),
        ("v=spf1 ip4:0.0.0.0/0 -all", Verdict::Pass),
        ("v=spf1 ip6:2001:db8::/32 -all", Verdict::Fail),
        ("v=spf1 a -all", Verdict::Fail),
        ("v=spf1 a/29 -all", Verdict::Pass),
        ("v=spf1 mx -all", Verdict::Fail),
        ("v=spf1 mx/28//64 -all", Verdict::Pass),
        ("v=spf1 a:host.a.test -all", Verdict::Pass),
        ("v=spf1 ptr -all", Verdict::Pass),
        ("v=spf1 ptr:c.test -all", Verdict::Fail),
        ("v=spf1 exists:%{l}.%{d}.yes.test -all", Verdict::Pass),
        ("v=spf1 exists:%{ir}.yes.test -all", Verdict::Pass),
        ("v=spf1 include:b.test -all", Verdict::Pass),
        ("v=spf1 -include:p.test all", Verdict::Fail),
        ("v=spf1 redirect=b.test", Verdict::Pass),
        ("v=spf1 ip4:192.0.2.8", Verdict::Neutral),
        ("v=spf1 x-new=%{l} -all", Verdict::Fail),
        ("nothing of SPF", Verdict::None),
    ] {
        assert_eq!(of(record).0, verdict, "{record}");
    }
}

#[test]
fn what_cannot_be_followed_says_why() {
    for (record, verdict, why) in [
        ("v=spf1 include:none.test -all", Verdict::PermError, "none.test has no SPF record: receivers must give up"),
        ("v=spf1 redirect=none.test", Verdict::PermError, "has no SPF record"),
        ("v=spf1 a:fails.test -all", Verdict::TempError, "the DNS failed: SERVFAIL"),
        ("v=spf1 include:fails.test -all", Verdict::TempError, "the DNS failed: SERVFAIL"),
        ("v=spf1 exists:%{t}.yes.test -all", Verdict::PermError, "a macro stands here that only explanations may have"),
        ("v=spf1 ip5:1 -all", Verdict::PermError, ""),
    ] {
        let (found, last) = of(record);
        assert_eq!(found, verdict, "{record}");
        assert!(last.ends_with(why), "{record}: {last}");
    }
}

#[test]
fn c235_more_than_ten_look_ups_or_two_empty_ones_are_a_permerror_that_names_the_term() {
    let many = (0..11).map(|n| format!("a:h{n}.test")).collect::<Vec<_>>().join(" ");
    let hosts = (0..11).map(|n| format!("h{n}.test A 203.0.113.{n}")).collect::<Vec<_>>().join("\n");
    let zone = Zone::of(&format!("a.test TXT v=spf1 {many} -all\n{hosts}"));
    let sender = Sender::new("192.0.2.7".parse().expect("an address"), "mx.a.test", "ann@a.test");
    let checked = zone.check(&sender);
    assert_eq!((checked.verdict, checked.look_ups), (Verdict::PermError, 11));
    let last = checked.steps.last().expect("a step");
    assert_eq!(
        (last.term.as_str(), last.said.as_str()),
        ("a:h10.test", "is more than the 10th look-up: receivers must give up")
    );
    let empty = Zone::of("a.test TXT v=spf1 a:x.test a:y.test a:z.test a:w.test -all").check(&sender);
    let last = empty.steps.last().expect("a step");
    assert_eq!((empty.verdict, last.term.as_str()), (Verdict::PermError, "a:z.test"));
    assert_eq!(of("v=spf1 include:loop.test -all").0, Verdict::PermError, "a loop ends");
}

#[test]
fn c236_two_records_are_a_permerror_and_none_is_none() {
    let two = Zone::of("a.test TXT v=spf1 -all\na.test TXT v=spf1 all\na.test TXT something else");
    assert_eq!(two.verdict("192.0.2.7", "ann@a.test"), Verdict::PermError);
    let none = Zone::of("a.test TXT something else");
    assert_eq!(none.verdict("192.0.2.7", "ann@a.test"), Verdict::None);
    assert_eq!(none.verdict("192.0.2.7", "ann@test"), Verdict::None, "a single label is asked for nothing");
}

#[test]
fn c237_a_null_sender_is_the_postmaster_of_the_host_that_said_hello() {
    let zone = Zone::of(
        "mx.a.test TXT v=spf1 exists:%{l}.%{o}.yes.test -all
         postmaster.mx.a.test.yes.test A 127.0.0.2",
    );
    assert_eq!(zone.verdict("192.0.2.7", ""), Verdict::Pass);
    assert_eq!(zone.verdict("192.0.2.7", "@mx.a.test"), Verdict::Pass);
    assert_eq!(zone.verdict("192.0.2.7", "ann@mx.a.test"), Verdict::Fail);
}

#[test]
fn the_macros_of_the_rfc_expand_as_its_examples_say() {
    // RFC 7208 §7.4.
    let sender =
        Sender::new("192.0.2.3".parse().expect("an address"), "mx.example.org", "strong-bad@email.example.com");
    let six = Sender { address: "2001:db8::cb01".parse().expect("an address"), ..sender.clone() };
    let ask = |sender: &Sender, spec: &str| {
        let record = format!("v=spf1 exists:{spec} -all");
        let zone = Zone::of(&format!("email.example.com TXT {record}"));
        check(sender, |question| zone.0.get(question)).expect_err("a question").name.relative()
    };
    for (spec, expanded) in [
        ("%{s}", r"strong-bad\@email.example.com"),
        ("%{o}", "email.example.com"),
        ("%{d}", "email.example.com"),
        ("%{d4}", "email.example.com"),
        ("%{d2}", "example.com"),
        ("%{d1}", "com"),
        ("%{dr}", "com.example.email"),
        ("%{d2r}", "example.email"),
        ("%{l}", "strong-bad"),
        ("%{l-}", "strong.bad"),
        ("%{lr}", "strong-bad"),
        ("%{lr-}", "bad.strong"),
        ("%{l1r-}", "strong"),
        ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
        ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
        ("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
    ] {
        assert_eq!(ask(&sender, spec), expanded, "{spec}");
    }
    let nibbles = "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com";
    assert_eq!(ask(&six, "%{ir}.%{v}._spf.%{d2}"), nibbles);
    assert_eq!(ask(&sender, "%{S}.x.test"), "strong-bad%40email.example.com.x.test", "capitals are URL-escaped");
}

#[test]
fn each_step_stands_in_order_with_its_depth() {
    let zone = Zone::of(
        "a.test TXT v=spf1 include:b.test mx -all
         b.test TXT v=spf1 ip4:203.0.113.0/24 -all
         a.test MX mx.a.test
         mx.a.test A 192.0.2.9",
    );
    let sender = Sender::new("192.0.2.7".parse().expect("an address"), "mx.a.test", "ann@a.test");
    let checked = zone.check(&sender);
    let steps: Vec<String> = checked
        .steps
        .iter()
        .map(|step| format!("{} {} {}: {}", step.depth, step.domain, step.term, step.said))
        .collect();
    assert_eq!(
        steps,
        [
            "0 a.test. include:b.test: asks the record of b.test",
            "1 b.test. ip4:203.0.113.0/24: 192.0.2.7 is not in it",
            "1 b.test. -all: matches everybody",
            "0 a.test. include:b.test: b.test says fail",
            "0 a.test. mx: mx.a.test has 192.0.2.9: not the client",
            "0 a.test. -all: matches everybody",
        ]
    );
    assert_eq!((checked.verdict, checked.look_ups), (Verdict::Fail, 2));
}
