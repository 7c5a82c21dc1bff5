use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::*;
use crate::dns::policy::spf::check::Verdict as Spf;
use crate::dns::{Data, Kind, Name, Outcome, Record, Validation};
use dkim::{Signer, Verdict as Dkim};
use dmarc::{Asked, Verdict as Dmarc};

/// The letter of RFC 8463 §A.3, signed with Ed25519 and with RSA.
const FOOTBALL: &str = include_str!("../../tests/check/rfc8463.eml");
/// The keys of RFC 8463 §A.2.
const FOOTBALL_KEYS: [(&str, &str); 2] = [
    ("brisbane._domainkey.football.example.com", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="),
    (
        "test._domainkey.football.example.com",
        "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB",
    ),
];
const NOW: u64 = 1_767_261_900;

/// A letter with a DNS of TXT, A and PTR records; a name that begins with `fails` cannot be asked.
struct Case<'a> {
    letter: &'a [u8],
    from: &'a str,
    client: &'a str,
    records: Vec<(String, String)>,
}

impl Case<'_> {
    fn judge(&self) -> Judged {
        let sender = Sender::new(self.client.parse().expect("an address"), "mx.test.test", self.from);
        let mut answers = Answers::default();
        for _ in 0..60 {
            match judge(self.letter, &sender, NOW, &answers) {
                Ok(judged) => return judged,
                Err(question) => {
                    let answer = self.answer(&question);
                    answers.keep(question, answer);
                }
            }
        }
        panic!("it asks on and on");
    }

    fn answer(&self, question: &Question) -> Answer {
        let failing = question.name.labels().any(|label| label.starts_with(b"fails"));
        let mut answer = Answer::empty(if failing { Outcome::ServFail } else { Outcome::NxDomain });
        for (name, text) in &self.records {
            // What looks like an address is one, and what stands at an address is a name of it.
            let data = match (text.parse(), name.parse()) {
                (Ok(address), _) if question.kind == Kind::A => Data::A(address),
                (_, Ok(address)) if question.kind == Kind::PTR && Name::reverse(address) == question.name => {
                    Data::Ptr(Name::ascii(text))
                }
                _ if question.kind == Kind::TXT => Data::Txt(vec![text.clone().into_bytes()]),
                _ => continue,
            };
            if !matches!(data, Data::Ptr(_)) && Name::ascii(name) != question.name {
                continue;
            }
            answer.outcome = Outcome::Found;
            answer.records.push(Record { owner: question.name.clone(), ttl: 60, data, proof: Validation::NotChecked });
        }
        answer
    }
}

fn records(records: &[(&str, &str)]) -> Vec<(String, String)> {
    records.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

fn football(letter: &str, keys: &[(&str, &str)]) -> Vec<(Dkim, Option<String>)> {
    let case = Case {
        letter: letter.as_bytes(),
        from: "joe@football.example.com",
        client: "192.0.2.1",
        records: records(keys),
    };
    case.judge().dkim.into_iter().map(|signed| (signed.verdict, signed.why)).collect()
}

fn key() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a key")
}

fn key_record() -> String {
    format!("v=DKIM1; k=ed25519; p={}", BASE64_STANDARD.encode(key().public_key()))
}

/// A letter of some author, signed by a domain.
fn signed(author: &str, domain: &str) -> String {
    let letter = format!("From: {author}\r\nSubject: Field  trip\r\n\r\nHello Pat \r\n");
    let signature = Signer { domain, selector: "lab", key: &key() }.sign(letter.as_bytes(), NOW);
    signature + &letter
}

#[test]
fn the_letter_of_rfc_8463_passes_with_both_signatures() {
    let short = "The RSA key has 1024 bits; 2048 are advised.".to_owned();
    assert_eq!(football(FOOTBALL, &FOOTBALL_KEYS), [(Dkim::Pass, None), (Dkim::Pass, Some(short))]);
}

#[test]
fn c238_each_signature_is_judged_by_itself_and_each_reason_is_its_own() {
    let judged = |letter: &str, keys: &[(&str, &str)]| football(letter, keys).swap_remove(0);
    let with = |record: &'static str| [(FOOTBALL_KEYS[0].0, record), FOOTBALL_KEYS[1]];
    let changed = FOOTBALL.replace("hungry", "thirsty");
    let why = "the text was changed: its hash is not the signed one";
    assert_eq!(judged(&changed, &FOOTBALL_KEYS), (Dkim::Fail, Some(why.into())));
    let changed = FOOTBALL.replace("Is dinner", "Is supper");
    let why = "the header was changed, or another key signed";
    assert_eq!(judged(&changed, &FOOTBALL_KEYS), (Dkim::Fail, Some(why.into())));
    let spaced = FOOTBALL.replace("Subject: Is", "Subject:   Is").replace("yet?\r\n", "yet? \r\n");
    assert_eq!(judged(&spaced, &FOOTBALL_KEYS), (Dkim::Pass, None), "relaxed forms forgive white space");
    let expired = FOOTBALL.replacen("t=1528637909", "t=1528637909; x=1528637910", 1);
    assert_eq!(judged(&expired, &FOOTBALL_KEYS), (Dkim::Fail, Some("the signature has expired".into())));
    for (record, why) in [
        ("v=DKIM1; k=ed25519; p=", "the key was withdrawn"),
        ("v=DKIM1; k=ed25519; s=other; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "the key is not for mail"),
        (
            "v=DKIM1; k=ed25519; h=sha1; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
            "Only sha1 is allowed, and that must not be used any more.",
        ),
        ("v=DKIM1; k=ed25519; p=AAAA", "An Ed25519 key has 32 octets, this one 3."),
    ] {
        assert_eq!(judged(FOOTBALL, &with(record)), (Dkim::PermError, Some(why.into())), "{record}");
    }
    let none = "there is no key of this name in the DNS";
    let both = football(FOOTBALL, &FOOTBALL_KEYS[1..]);
    assert_eq!(both[0], (Dkim::PermError, Some(none.into())));
    assert_eq!(both[1].0, Dkim::Pass, "the other one is not touched by it");
    let unsigned_from = FOOTBALL.replacen("h=from : to", "h=to", 1).replacen(" : from : subject", " : subject", 1);
    assert_eq!(judged(&unsigned_from, &FOOTBALL_KEYS), (Dkim::Neutral, Some("it does not sign From".into())));
}

#[test]
fn c239_sha1_and_short_rsa_keys_fail() {
    let old = FOOTBALL.replace("a=rsa-sha256", "a=rsa-sha1");
    assert_eq!(football(&old, &FOOTBALL_KEYS)[1].0, Dkim::PermError);
    // 512 bits: the modulus of 64 octets in a bare RSAPublicKey.
    let modulus = [&[0x30, 0x46, 0x02, 0x41, 0x00][..], &[0xc1; 64], &[0x02, 0x01, 0x03]].concat();
    let short = format!("v=DKIM1; k=rsa; p={}", BASE64_STANDARD.encode(modulus));
    let judged = football(FOOTBALL, &[FOOTBALL_KEYS[0], (FOOTBALL_KEYS[1].0, &short)]).swap_remove(1);
    assert_eq!(judged.0, Dkim::PermError);
    assert!(judged.1.expect("a reason").contains("512 bits"));
}

#[test]
fn what_is_signed_here_passes_and_the_same_key_and_letter_give_the_same_field() {
    let letter = signed("pat@harbor.test", "harbor.test");
    assert_eq!(letter, signed("pat@harbor.test", "harbor.test"));
    let case = Case {
        letter: letter.as_bytes(),
        from: "pat@harbor.test",
        client: "192.0.2.1",
        records: records(&[("lab._domainkey.harbor.test", &key_record())]),
    };
    let [signed] = &case.judge().dkim[..] else { panic!("one signature") };
    assert_eq!((signed.verdict, &signed.why), (Dkim::Pass, &None));
}

#[test]
fn a_second_author_breaks_a_signature_of_ours() {
    let key = key_record();
    let zone = || records(&[("lab._domainkey.bank.test", &key)]);
    let verdict = |letter: &str| {
        Case { letter: letter.as_bytes(), from: "", client: "192.0.2.1", records: zone() }.judge().dkim[0].verdict
    };
    let letter = signed("teller@bank.test", "bank.test");
    assert_eq!(verdict(&letter), Dkim::Pass);
    assert_eq!(verdict(&format!("X-Mark: yes\r\n{letter}")), Dkim::Pass);
    assert_eq!(verdict(&format!("From: ceo@bank.test\r\n{letter}")), Dkim::Fail);
    assert_eq!(verdict(&format!("Date: Thu, 01 Jan 2026 10:05:00 +0000\r\n{letter}")), Dkim::Fail, "it had none");
}

#[test]
fn a_forged_letter_passes_spf_for_its_own_domain_and_fails_dmarc() {
    let zone = records(&[
        ("evil.test", "v=spf1 ip4:203.0.113.66 -all"),
        ("bank.test", "v=spf1 ip4:203.0.113.9 -all"),
        ("_dmarc.bank.test", "v=DMARC1; p=reject"),
        ("lab._domainkey.evil.test", &key_record()),
    ]);
    let letter = signed("The boss <ceo@bank.test>", "evil.test");
    let case = Case { letter: letter.as_bytes(), from: "x@evil.test", client: "203.0.113.66", records: zone.clone() };
    let judged = case.judge();
    assert_eq!((judged.spf.verdict, judged.dkim[0].verdict), (Spf::Pass, Dkim::Pass));
    assert_eq!((judged.dmarc.verdict, judged.dmarc.asked), (Dmarc::Fail, Asked::Reject));
    assert_eq!(judged.dmarc.why, "spf passed for evil.test, dkim passed for evil.test, which is not bank.test");
    // The same letter in its own name has nothing to fail.
    let honest = signed("x@evil.test", "evil.test");
    let case = Case { letter: honest.as_bytes(), ..case };
    assert_eq!(case.judge().dmarc.verdict, Dmarc::None);
}

#[test]
fn c240_the_policy_is_found_by_a_walk_up_the_tree_and_alignment_is_strict_or_relaxed() {
    let key = key_record();
    let verdict = |author: &str, signer: &str, extra: &[(&str, &str)]| {
        let mut zone = records(&[(&format!("lab._domainkey.{signer}"), &key)]);
        zone.extend(records(extra));
        let letter = signed(author, signer);
        let judged = Case { letter: letter.as_bytes(), from: "", client: "192.0.2.1", records: zone }.judge();
        (judged.dmarc.verdict, judged.dmarc.asked, judged.dmarc.record.map(|name| name.relative()))
    };
    let bank = Some("bank.test".to_owned());
    let reject = [("_dmarc.bank.test", "v=DMARC1; p=reject; sp=quarantine")];
    assert_eq!(verdict("a@bank.test", "bank.test", &reject), (Dmarc::Pass, Asked::Reject, bank.clone()));
    assert_eq!(verdict("a@news.bank.test", "bank.test", &reject), (Dmarc::Pass, Asked::Quarantine, bank.clone()));
    assert_eq!(verdict("a@bank.test", "news.bank.test", &reject), (Dmarc::Pass, Asked::Reject, bank.clone()));
    assert_eq!(verdict("a@bank.test", "evil.test", &reject), (Dmarc::Fail, Asked::Reject, bank.clone()));
    let strict = [("_dmarc.bank.test", "v=DMARC1; p=reject; adkim=s; np=reject; sp=none")];
    assert_eq!(
        verdict("a@news.bank.test", "bank.test", &strict),
        (Dmarc::Fail, Asked::Reject, bank.clone()),
        "np: no such name"
    );
    let testing = [("_dmarc.bank.test", "v=DMARC1; p=reject; t=y")];
    assert_eq!(verdict("a@bank.test", "evil.test", &testing), (Dmarc::Fail, Asked::Quarantine, bank.clone()));
    let suffix = [("_dmarc.test", "v=DMARC1; p=none; psd=y"), ("_dmarc.bank.test", "v=DMARC1; p=reject")];
    assert_eq!(
        verdict("a@bank.test", "evil.test", &suffix),
        (Dmarc::Fail, Asked::Reject, bank.clone()),
        "a public suffix is no organization"
    );
    let far = "a@1.2.3.4.5.6.7.8.9.bank.test";
    assert_eq!(verdict(far, "bank.test", &reject), (Dmarc::Pass, Asked::Quarantine, bank));
    assert_eq!(verdict("a@bank.test", "bank.test", &[]), (Dmarc::None, Asked::Nothing, None));
    let two = [("_dmarc.bank.test", "v=DMARC1; p=reject"), ("_dmarc.bank.test", "v=DMARC1; p=none")];
    assert_eq!(verdict("a@bank.test", "bank.test", &two), (Dmarc::None, Asked::Nothing, None), "of two none counts");
    assert_eq!(verdict("a@fails.test", "fails.test", &[]).0, Dmarc::TempError);
}

#[test]
fn dmarc_needs_one_domain_in_from() {
    for (header, why) in [
        ("Subject: hi\r\n\r\nhi\r\n", "no From names a domain"),
        ("From: a@bank.test, b@harbor.test\r\n\r\nhi\r\n", "From names more than one domain"),
    ] {
        let case = Case { letter: header.as_bytes(), from: "", client: "192.0.2.1", records: Vec::new() };
        let judged = case.judge();
        assert_eq!((judged.dmarc.verdict, judged.dmarc.why.as_str()), (Dmarc::None, why));
    }
}

#[test]
fn c241_a_name_of_the_client_counts_if_it_leads_back() {
    let judged = |zone: &[(&str, &str)]| {
        let case = Case { letter: b"\r\nhi\r\n", from: "", client: "192.0.2.1", records: records(zone) };
        case.judge().reverse
    };
    let two = [
        ("192.0.2.1", "liar.test"),
        ("192.0.2.1", "mx.a.test"),
        ("mx.a.test", "192.0.2.1"),
        ("liar.test", "192.0.2.9"),
    ];
    assert_eq!(judged(&two), Reverse::Pass(Name::ascii("mx.a.test")));
    assert_eq!(judged(&two[..1]), Reverse::Fail(Name::ascii("liar.test")));
    assert_eq!(judged(&[]), Reverse::PermError);
    assert_eq!(judged(&[("192.0.2.1", "fails.test")]), Reverse::TempError);
}

#[test]
fn the_results_stand_in_one_field_and_those_that_pretend_to_be_ours_go() {
    let zone = records(&[
        ("bank.test", "v=spf1 -all"),
        ("_dmarc.bank.test", "v=DMARC1; p=reject"),
        ("lab._domainkey.bank.test", &key_record()),
    ]);
    let letter = signed("a@bank.test", "bank.test").replace("Hello", "Hallo");
    let case = Case { letter: letter.as_bytes(), from: "a@bank.test", client: "192.0.2.1", records: zone };
    let sender = Sender::new("192.0.2.1".parse().expect("an address"), "mx.test.test", "a@bank.test");
    let field = results::field("mx.harbor.test", &sender, &case.judge());
    let mark = field.split("header.b=").nth(1).and_then(|rest| rest.split(';').next()).expect("a mark").to_owned();
    assert_eq!(mark.len(), 8);
    assert_eq!(
        field,
        format!(
            "Authentication-Results: mx.harbor.test;\r\n\tiprev=permerror policy.iprev=192.0.2.1;\r\n\tspf=fail smtp.mailfrom=bank.test;\r\n\t\
             dkim=fail reason=\"the text was changed: its hash is not the signed one\" header.d=bank.test header.s=lab header.b={mark};\r\n\t\
             dmarc=fail policy.dmarc=reject header.from=bank.test\r\n"
        )
    );
    let forged = format!(
        "Authentication-Results: MX.harbor.test; spf=pass\r\nAuthentication-Results: mx.bank.test; spf=pass\r\n{letter}"
    );
    let kept = results::without_forged("mx.harbor.test", forged.as_bytes());
    assert_eq!(kept, format!("Authentication-Results: mx.bank.test; spf=pass\r\n{letter}").into_bytes());
}

/// A letter that goes through a list: the subject gets a tag, and the list seals what it had found out.
fn through_a_list(letter: &str, instance: u32) -> String {
    let key = key();
    let signer = Signer { domain: "list.test", selector: "lab", key: &key };
    let results = "mx.list.test;\r\n\tdmarc=pass header.from=bank.test";
    let changed = letter.replace("Field  trip", "[field] Field trip");
    let cv = if instance == 1 { arc::Chain::None } else { arc::Chain::Pass };
    arc::seal(changed.as_bytes(), &signer, cv, results, NOW) + &changed
}

#[test]
fn a_sealed_chain_holds_until_somebody_changes_the_letter_or_a_seal() {
    let zone = records(&[("lab._domainkey.list.test", &key_record()), ("lab._domainkey.bank.test", &key_record())]);
    let chain = |letter: &str| {
        let case = Case { letter: letter.as_bytes(), from: "", client: "192.0.2.1", records: zone.clone() };
        case.judge().arc
    };
    let plain = signed("a@bank.test", "bank.test");
    assert_eq!(chain(&plain).chain, arc::Chain::None);
    let once = through_a_list(&plain, 1);
    assert_eq!(chain(&once), arc::Arc { chain: arc::Chain::Pass, sealers: vec![Name::ascii("list.test")], why: None });
    let twice = through_a_list(&once, 2);
    assert_eq!(chain(&twice).chain, arc::Chain::Pass);
    assert_eq!(chain(&twice).sealers.len(), 2);
    for (from, to, why) in [
        ("Hello", "Hallo", "the signature of hop 2: the text was changed: its hash is not the signed one"),
        ("dmarc=pass", "dmarc=fail", "the seal of hop 2: the header was changed, or another key signed"),
        ("cv=pass", "cv=none", "hop 2 says cv=none"),
        ("ARC-Seal: i=1", "ARC-Seal: i=3", "hop 1 has not one of each of the three fields"),
        ("ARC-Seal: i=2", "ARC-Seal: i=0", "a field has no hop from 1 to 50"),
    ] {
        let broken = chain(&twice.replacen(from, to, 1));
        assert_eq!((broken.chain, broken.why.as_deref()), (arc::Chain::Fail, Some(why)), "{from}");
    }
}
