//! DMARC policy records (RFC 9989 §4.7, which replaced RFC 7489 in 2026).
//!
//! Unknown tags are ignored, broken values fall back to their default. A broken `p`, `sp` or `np` counts as `none` if
//! there is a usable `rua`, else the whole record is ignored. `pct`, `rf` and `ri` are history.

use super::{Parsed, Policy, Trouble, shown, tags};

const BAD: &str = "dmarc/bad-tag";
const CITE: &str = "RFC 9989 §4.7";
const KNOWN: [&str; 14] = ["v", "p", "sp", "np", "adkim", "aspf", "fo", "rua", "ruf", "psd", "t", "pct", "rf", "ri"];

/// Takes a DMARC record apart.
pub fn parse(text: &[u8]) -> Parsed {
    let mut parsed = tags::parse(Policy::Dmarc, text, &KNOWN, BAD, CITE);
    tags::version_first(&mut parsed, "DMARC1", BAD, CITE);
    let reports = (0..parsed.tags.len()).any(|index| is(&parsed, index, "rua") && usable(&parsed, index));
    for index in 0..parsed.tags.len() {
        judge(&mut parsed, index, reports);
    }
    if parsed.value("p").is_none() {
        let says = "There is no p= tag; receivers act as if it were none.";
        parsed.troubles.push(Trouble::note(BAD, CITE, says));
    } else if parsed.value("p").is_some_and(|value| value.eq_ignore_ascii_case(b"none")) {
        let says = "p=none asks for reports only; nothing is refused.";
        parsed.troubles.push(Trouble::note("dmarc/none", CITE, says));
    }
    parsed
}

fn is(parsed: &Parsed, index: usize, key: &str) -> bool {
    parsed.tags.get(index).is_some_and(|tag| tag.key == Some(key))
}

fn judge(parsed: &mut Parsed, index: usize, reports: bool) {
    let Some(tag) = parsed.tags.get(index) else { return };
    let value = parsed.slice(&tag.value).to_ascii_lowercase();
    let one_of = |allowed: &[&str]| allowed.iter().any(|word| word.as_bytes() == value);
    match tag.key {
        Some("p" | "sp" | "np") if !one_of(&["none", "quarantine", "reject"]) => {
            let then = if reports { "receivers act as if it were none" } else { "receivers ignore the record" };
            complain(parsed, index, then);
        }
        Some("adkim" | "aspf") if !one_of(&["r", "s"]) => complain(parsed, index, "relaxed counts instead"),
        Some("psd") if !one_of(&["y", "n", "u"]) => complain(parsed, index, "u counts instead"),
        Some("t") if !one_of(&["y", "n"]) => complain(parsed, index, "n counts instead"),
        Some("fo")
            if !value
                .split(|octet| *octet == b':')
                .all(|item| matches!(item.trim_ascii(), b"0" | b"1" | b"d" | b"s")) =>
        {
            complain(parsed, index, "0 counts instead");
        }
        Some("pct" | "rf" | "ri") => history(parsed, index, &value),
        Some("rua" | "ruf") => addresses(parsed, index),
        _ => {}
    }
}

fn complain(parsed: &mut Parsed, index: usize, then: &str) {
    let says = format!("DMARC tag {} is not valid; {then}.", parsed.quote(index));
    parsed.blame(index, Trouble::warning(BAD, CITE, says));
}

/// A tag that RFC 9989 removed; a value that was never right is still said.
fn history(parsed: &mut Parsed, index: usize, value: &[u8]) {
    let number: Option<u32> = std::str::from_utf8(value).ok().and_then(|digits| digits.parse().ok());
    let right = match parsed.tags.get(index).and_then(|tag| tag.key) {
        Some("pct") => number.is_some_and(|share| share <= 100),
        Some("ri") => number.is_some(),
        _ => value == b"afrf",
    };
    if right {
        let says = format!("The tag {} was removed in 2026; new receivers ignore it.", parsed.quote(index));
        parsed.blame(index, Trouble::note("dmarc/historic-tag", "RFC 9989", says));
    } else {
        complain(parsed, index, "and it was removed in 2026");
    }
}

/// Whether a report list holds an address that reports can go to.
fn usable(parsed: &Parsed, index: usize) -> bool {
    tags::items(parsed, index, b',').iter().any(|item| is_mailto(parsed.slice(item)))
}

fn is_mailto(uri: &[u8]) -> bool {
    let address = uri.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case(b"mailto:")).and_then(|_| uri.get(7..));
    address
        .is_some_and(|address| address.contains(&b'@') && !address.iter().any(|octet| *octet <= b' ' || *octet >= 0x7f))
}

fn addresses(parsed: &mut Parsed, index: usize) {
    for item in tags::items(parsed, index, b',') {
        let uri = parsed.slice(&item).to_vec();
        if !is_mailto(&uri) {
            let says = format!("'{}' is no mailto: address; no report goes there.", shown(&uri));
            parsed.blame(index, Trouble::warning(BAD, "RFC 9990", says));
        } else if uri.contains(&b'!') {
            let says = format!("The size limit in '{}' is obsolete.", shown(&uri));
            parsed.blame(index, Trouble::note("dmarc/historic-tag", "RFC 9990", says));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::Weight;

    fn says(text: &str) -> Vec<String> {
        parse(text.as_bytes()).troubles.iter().map(|trouble| format!("{} {}", trouble.id, trouble.text)).collect()
    }

    #[test]
    fn q200_broken_tags_are_named_and_uris_never_followed() {
        let parsed = parse(b"v=DMARC1; p=rejekt; pct=999; rua=javascript:alert(1)");
        let found = says("v=DMARC1; p=rejekt; pct=999; rua=javascript:alert(1)");
        assert_eq!(found[0], "dmarc/bad-tag DMARC tag p=rejekt is not valid; receivers ignore the record.");
        assert_eq!(found[1], "dmarc/bad-tag DMARC tag pct=999 is not valid; and it was removed in 2026.");
        assert_eq!(found[2], "dmarc/bad-tag 'javascript:alert(1)' is no mailto: address; no report goes there.");
        assert!(parsed.troubles.iter().all(|trouble| trouble.weight == Weight::Warning));
        assert_eq!(parsed.tags[1].flaw, Some(Weight::Warning));
    }

    #[test]
    fn a_broken_policy_with_a_report_address_counts_as_none() {
        let found = says("v=DMARC1; p=rejekt; rua=mailto:d@harbor.test");
        assert_eq!(found[0], "dmarc/bad-tag DMARC tag p=rejekt is not valid; receivers act as if it were none.");
    }

    #[test]
    fn a_record_in_order_has_nothing_to_say() {
        assert!(says("v=DMARC1; p=reject; sp=quarantine; np=reject; adkim=s; fo=1:d; rua=mailto:a@b.test,mailto:c@d.test; x=y;").is_empty());
        let parsed = parse(b"v=DMARC1;p=quarantine ; rua = mailto:dmarc@harbor.test");
        assert_eq!(parsed.value("p"), Some(&b"quarantine"[..]));
        assert_eq!(parsed.value("rua"), Some(&b"mailto:dmarc@harbor.test"[..]));
    }

    #[test]
    fn version_first_and_exact() {
        assert!(says("p=none; v=DMARC1")[0].contains("must begin with v=DMARC1"));
        assert!(says("v=dmarc1; p=none")[0].contains("must begin with v=DMARC1"));
        assert!(says("v=DMARC1; p=none; p=reject").iter().any(|line| line.contains("more than once")));
        assert!(says("v=DMARC1; p=reject; nonsense").iter().any(|line| line.contains("'nonsense' is no tag=value")));
    }

    #[test]
    fn history_is_a_note() {
        assert_eq!(
            says("v=DMARC1; p=reject; pct=50"),
            ["dmarc/historic-tag The tag pct=50 was removed in 2026; new receivers ignore it."]
        );
    }
}
