//! What an answer, a record or an address is worth a word about: one function a subject, each with its diagnostic id.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Answer, Data, Kind, Name, Outcome, Question, Trouble, Validation, unicode};
use crate::safe::{self, Finding};
use crate::smtp::limits::dns as limits;

/// The trouble of an outcome that is no answer, or of "does not exist".
pub fn outcome(question: &Question, answer: &Answer) -> Option<Trouble> {
    let name = question.name.relative();
    let cite = "RFC 1035 §4.1.1";
    Some(match &answer.outcome {
        Outcome::Found | Outcome::NoData => return None,
        Outcome::NxDomain => {
            let last = answer.chain(&question.name).pop().map_or(name, |last| last.relative());
            Trouble::error("dns/nxdomain", "RFC 2308 §2.1", format!("{last} does not exist."))
        }
        Outcome::ServFail => {
            let text = "The resolver could not get an answer (SERVFAIL). Not the same as 'does not exist'.";
            Trouble::error("dns/servfail", cite, format!("{text}{}", extended(answer)))
        }
        Outcome::Refused => {
            let text = "The resolver will not answer (REFUSED). Ask another one.";
            Trouble::error("dns/servfail", cite, format!("{text}{}", extended(answer)))
        }
        Outcome::TimedOut => {
            let text = "The resolver did not answer in time. Not the same as 'does not exist'.";
            Trouble::error("dns/servfail", cite, text)
        }
        Outcome::Code(code) => {
            Trouble::error("dns/servfail", cite, format!("The resolver answered with the error code {code}."))
        }
        Outcome::Truncated => {
            let text = "The answer was cut and the full answer could not be fetched over TCP.";
            Trouble::error("dns/truncated", "RFC 7766 §5", text)
        }
        Outcome::Loop => Trouble::error("dns/cname-loop", "RFC 5321 §5.1", round(answer, &question.name)),
        Outcome::Malformed => {
            Trouble::error("dns/malformed", "RFC 1035 §4.1", "What came back is no DNS message. Ask another resolver.")
        }
        Outcome::Failed(why) => {
            Trouble::error("dns/unreachable", "", format!("The question could not be asked: {why}."))
        }
    })
}

/// The extended error of the resolver, as a sentence to append (RFC 8914 §4).
fn extended(answer: &Answer) -> String {
    let Some((code, text)) = &answer.extended else { return String::new() };
    let name = match code {
        6 => "DNSSEC bogus",
        7 => "signature expired",
        8 => "signature not yet valid",
        9 => "DNSKEY missing",
        10 => "RRSIGs missing",
        12 => "NSEC missing",
        15 => "blocked",
        18 => "prohibited",
        22 => "no reachable authority",
        23 => "network error",
        _ => "extended error",
    };
    let said = if text.is_empty() { String::new() } else { format!(": {}", super::record::quoted(text)) };
    format!(" It says: {name} ({code}){said}.")
}

/// `a → b → a: a loop.`, or that the chain is too long.
fn round(answer: &Answer, asked: &Name) -> String {
    let chain = answer.chain(asked);
    let names: Vec<String> = chain.iter().take(limits::ALIASES + 1).map(Name::relative).collect();
    let again = chain.last().is_some_and(|last| chain.iter().rev().skip(1).any(|name| name == last));
    if again {
        format!("{}: a loop.", names.join(" → "))
    } else {
        format!("{} → …: more than {} aliases; nobody follows that.", names.join(" → "), limits::ALIASES)
    }
}

/// What DNSSEC makes worth saying.
pub fn validation(answer: &Answer) -> Option<Trouble> {
    match answer.validation {
        Validation::Bogus => {
            let text = "The signatures do not fit, as far as we can tell: bogus here, and the resolver claims nothing.";
            Some(Trouble::warning("dns/bogus", "RFC 4035 §5.5", text))
        }
        Validation::Disputed => {
            let text =
                "Our validator finds the signatures wrong, the resolver finds them right (AD). One of them errs.";
            Some(Trouble::note("dns/disputed", "RFC 4035 §5.5", text))
        }
        _ => None,
    }
}

/// More records than are kept.
pub fn left_out(question: &Question, answer: &Answer) -> Option<Trouble> {
    (answer.left_out > 0).then(|| {
        let kept = answer.of(question.kind).count();
        let text = format!("{kept} records are kept, {} more were left out.", answer.left_out);
        Trouble::note("dns/limit", "", text)
    })
}

/// The time to live: none at all, or one that nobody may mean.
pub fn lifetime(ttl: u32) -> Option<Trouble> {
    if ttl > i32::MAX.unsigned_abs() {
        let text = format!("A time to live of {ttl} is out of range and counts as 0.");
        return Some(Trouble::note("dns/ttl", "RFC 2181 §8", text));
    }
    (ttl == 0).then(|| Trouble::note("dns/ttl", "RFC 1035 §3.2.1", "TTL 0: valid for this one question only."))
}

/// An exchanger that is an alias, seen when its address was asked (RFC 2181 §10.3).
pub fn alias(exchanger: &Name, answer: &Answer) -> Option<Trouble> {
    let chain = answer.chain(exchanger);
    (chain.len() > 1).then(|| {
        let names: Vec<String> = chain.iter().map(Name::relative).collect();
        let text = format!("An MX should not point to an alias ({}).", names.join(" → "));
        Trouble::warning("dns/mx-cname", "RFC 2181 §10.3", text)
    })
}

/// Control sequences and characters that turn, hide or pile up, in the strings of a text: each kind once.
pub fn hidden(data: &Data) -> Vec<Trouble> {
    let Data::Txt(strings) = data else { return Vec::new() };
    let mut found: Vec<Trouble> = Vec::new();
    for (finding, _) in strings.iter().flat_map(|string| safe::find(string)) {
        let (id, text) = match finding {
            Finding::Escape | Finding::Control => {
                ("safe/escape", "The text contains terminal control sequences; shown, not executed.")
            }
            Finding::Bidi => ("safe/bidi", "Characters that change the direction of text are made visible."),
            Finding::Invisible => ("safe/invisible", "Invisible characters are made visible."),
            Finding::Marks => ("safe/marks", "Combining marks beyond four on one letter are folded."),
            Finding::LoneCr | Finding::NotUtf8 | Finding::NotAscii => continue,
        };
        if found.iter().all(|before| before.id != id) {
            found.push(Trouble::warning(id, "", text));
        }
    }
    found
}

/// What is odd or deceptive about a name.
pub fn name(name: &Name) -> Vec<Trouble> {
    let deceptive = unicode::unicode(name).and_then(|found| found.trouble);
    name.oddity().into_iter().chain(deceptive).collect()
}

/// An address inside the own network behind a public name: connecting there needs a decision.
pub fn private(domain: &Name, address: IpAddr) -> Option<Trouble> {
    let own_names = ["localhost", "local", "internal", "home.arpa"];
    let public = !own_names.iter().any(|top| domain.is_within(&Name::ascii(top)));
    (public && is_private(address)).then(|| {
        let text = format!("The MX of a public name points into your own network ({address}). Connect anyway?");
        Trouble::warning("dns/private-target", "RFC 6890", text)
    })
}

/// Whether an address is this machine, this network, or nobody's: nothing a public name should lead to (RFC 6890).
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_private_v4(v4),
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or_else(|| is_private_v6(v6), is_private_v4),
    }
}

fn is_private_v4(v4: Ipv4Addr) -> bool {
    let shared = matches!(v4.octets(), [100, 64..=127, ..]);
    let this = matches!(v4.octets(), [0, ..]);
    v4.is_loopback()
        || v4.is_private()
        || v4.is_link_local()
        || v4.is_broadcast()
        || v4.is_multicast()
        || shared
        || this
}

fn is_private_v6(v6: Ipv6Addr) -> bool {
    v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_multicast()
}

/// Addresses that changed between two look-ups of the same name (DNS rebinding looks like that).
pub fn changed(before: &Answer, after: &Answer) -> Option<Trouble> {
    let addresses = |answer: &Answer| -> Vec<IpAddr> {
        let mut found: Vec<IpAddr> = answer.records.iter().filter_map(super::Record::address).collect();
        found.sort_unstable();
        found
    };
    let (old, new) = (addresses(before), addresses(after));
    let gone = old.iter().find(|address| !new.contains(address))?;
    let come = new.iter().find(|address| !old.contains(address))?;
    let text = format!("The address changed between look-up and connect ({gone} → {come}). Using the first one.");
    Some(Trouble::note("dns/changed", "", text))
}

/// Whether a question is for addresses.
pub const fn asks_address(kind: Kind) -> bool {
    matches!(kind, Kind::A | Kind::AAAA)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::Record;

    fn record(owner: &str, data: Data) -> Record {
        Record { owner: Name::ascii(owner), ttl: 60, data, proof: Validation::NotChecked }
    }

    fn aliases(names: &[&str]) -> Answer {
        let mut answer = Answer::empty(Outcome::Loop);
        answer.records = names.windows(2).map(|pair| record(pair[0], Data::Cname(Name::ascii(pair[1])))).collect();
        answer
    }

    #[test]
    fn q187_a_loop_is_drawn() {
        let question = Question::new(Name::ascii("a.test"), Kind::A);
        let trouble = outcome(&question, &aliases(&["a.test", "b.test", "a.test"])).unwrap();
        assert_eq!((trouble.id, &*trouble.text), ("dns/cname-loop", "a.test → b.test → a.test: a loop."));
        let long: Vec<String> = (0..20).map(|n| format!("n{n}.test")).collect();
        let long: Vec<&str> = long.iter().map(String::as_str).collect();
        let question = Question::new(Name::ascii("n0.test"), Kind::A);
        let text = outcome(&question, &aliases(&long)).unwrap().text;
        assert!(text.ends_with("n8.test → …: more than 8 aliases; nobody follows that."), "{text}");
    }

    #[test]
    fn q184_failures_are_told_apart() {
        let question = Question::new(Name::ascii("a.test"), Kind::MX);
        let say = |kind: Outcome| outcome(&question, &Answer::empty(kind)).unwrap();
        let all = [say(Outcome::ServFail), say(Outcome::Refused), say(Outcome::TimedOut)];
        assert!(all.iter().all(|trouble| trouble.id == "dns/servfail"));
        assert!(all[0].text.contains("SERVFAIL") && all[1].text.contains("REFUSED") && all[2].text.contains("in time"));
        let mut bogus = Answer::empty(Outcome::ServFail);
        bogus.extended = Some((6, b"bad \x1b[2J key".to_vec()));
        let text = outcome(&question, &bogus).unwrap().text;
        assert!(text.ends_with(r#"It says: DNSSEC bogus (6): "bad \027[2J key"."#), "{text}");
    }

    #[test]
    fn q192_own_networks_behind_public_names() {
        let domain = Name::ascii("bank.example");
        for address in [
            "127.0.0.1",
            "10.0.0.5",
            "169.254.169.254",
            "::1",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.5",
            "100.64.0.1",
            "0.0.0.0",
        ] {
            let trouble = private(&domain, address.parse().unwrap()).unwrap();
            assert_eq!(trouble.id, "dns/private-target", "{address}");
        }
        for address in ["192.0.2.10", "203.0.113.9", "2001:db8::10", "8.8.8.8"] {
            assert_eq!(private(&domain, address.parse().unwrap()), None, "{address}");
        }
        assert_eq!(private(&Name::ascii("mail.localhost"), [127, 0, 0, 1].into()), None);
    }

    #[test]
    fn q206_odd_lifetimes_are_said() {
        assert_eq!(lifetime(300), None);
        assert_eq!(lifetime(0).unwrap().id, "dns/ttl");
        assert!(lifetime(1 << 31).unwrap().text.contains("counts as 0"));
    }

    #[test]
    fn c214_an_exchanger_that_is_an_alias_is_reported() {
        let mut answer = aliases(&["mail.crooked.test", "mx1.harbor.test"]);
        answer.outcome = Outcome::Found;
        answer.records.push(record("mx1.harbor.test", Data::A([192, 0, 2, 10].into())));
        let trouble = alias(&Name::ascii("mail.crooked.test"), &answer).unwrap();
        assert_eq!((trouble.id, trouble.weight), ("dns/mx-cname", super::super::Weight::Warning));
        assert_eq!(trouble.text, "An MX should not point to an alias (mail.crooked.test → mx1.harbor.test).");
    }

    #[test]
    fn q194_control_sequences_in_a_text_are_named() {
        let data = Data::Txt(vec![b"v=spf1 \x1b]0;pwn\x07 -all".to_vec()]);
        let ids = |data: &Data| hidden(data).iter().map(|trouble| trouble.id).collect::<Vec<_>>();
        assert_eq!(ids(&data), ["safe/escape"]);
        assert_eq!(ids(&Data::Txt(vec!["gr\u{202e}een".into()])), ["safe/bidi"]);
        assert_eq!(ids(&Data::Txt(vec!["Grüße".into()])), [""; 0]);
    }
}
