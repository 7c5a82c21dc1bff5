//! SPF records (RFC 7208 §12):
//!
//! ```text
//! record     = version terms *SP            version   = "v=spf1"
//! terms      = *( 1*SP ( directive / modifier ) )
//! directive  = [ qualifier ] mechanism      qualifier = "+" / "-" / "?" / "~"
//! mechanism  = ( all / include / a / mx / ptr / ip4 / ip6 / exists )
//! modifier   = redirect / explanation / unknown-modifier
//! ```
//!
//! Any error in the syntax is a permerror for the whole record (§4.6). How many look-ups it costs is told by
//! [`walk`](super::walk), which follows includes.

pub mod check;
mod macros;

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::{Parsed, Policy, Tag, Trouble};

const BAD: &str = "spf/permerror";

/// What a term is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Term {
    /// Matches always.
    All,
    /// Asks the record of another domain.
    Include,
    /// Addresses of a domain.
    A,
    /// Addresses of a domain's exchangers.
    Mx,
    /// Reverse name.
    Ptr,
    /// An IPv4 network.
    Ip4,
    /// An IPv6 network.
    Ip6,
    /// Whether a name has any address.
    Exists,
    /// The record of another domain instead.
    Redirect,
    /// Where the text of a refusal stands.
    Exp,
    /// A modifier that nobody defined; ignored (§6).
    Modifier,
}

/// Name, term, whether it is a modifier, key in the reference.
const TERMS: [(&str, Term, bool, &str); 10] = [
    ("all", Term::All, false, "all"),
    ("include", Term::Include, false, "include:<domain>"),
    ("a", Term::A, false, "a[:<domain>][/n][//m]"),
    ("mx", Term::Mx, false, "mx[:<domain>][/n][//m]"),
    ("ptr", Term::Ptr, false, "ptr[:<domain>]"),
    ("ip4", Term::Ip4, false, "ip4:<net>"),
    ("ip6", Term::Ip6, false, "ip6:<net>"),
    ("exists", Term::Exists, false, "exists:<domain>"),
    ("redirect", Term::Redirect, true, "redirect=<domain>"),
    ("exp", Term::Exp, true, "exp=<domain>"),
];

impl Term {
    /// Whether it costs one of the ten look-ups (RFC 7208 §4.6.4).
    pub const fn needs_dns(self) -> bool {
        matches!(self, Self::Include | Self::A | Self::Mx | Self::Ptr | Self::Exists | Self::Redirect)
    }
}

impl Tag {
    /// Which SPF term this is.
    pub fn term(&self) -> Option<Term> {
        TERMS.iter().find(|(.., key)| Some(*key) == self.key).map(|(_, term, ..)| *term)
    }
}

/// Takes an SPF record apart. The first tag is the version.
pub fn parse(text: &[u8]) -> Parsed {
    let mut parsed = Parsed::new(Policy::Spf, text);
    let mut start = 0;
    for piece in text.split(|octet| *octet == b' ') {
        let span = start..start + piece.len();
        start = span.end + 1;
        if piece.is_empty() {
            continue;
        }
        let first = parsed.tags.is_empty();
        let tag = if first { version(span) } else { read(text, span) };
        parsed.tags.push(tag);
        if !first {
            judge(&mut parsed);
        }
    }
    whole(&mut parsed);
    parsed
}

fn version(span: Range<usize>) -> Tag {
    let value = span.end..span.end;
    Tag { key: Some("v=spf1"), name: span.clone(), value, span, flaw: None }
}

/// Reads one term: qualifier, name, and what follows `:`, `=` or `/`.
fn read(text: &[u8], span: Range<usize>) -> Tag {
    let qualified = text.get(span.start).is_some_and(|octet| b"+-~?".contains(octet));
    let start = span.start + usize::from(qualified);
    let rest = text.get(start..span.end).unwrap_or_default();
    let length = rest.iter().position(|octet| b":=/".contains(octet)).unwrap_or(rest.len());
    let name = start..start + length;
    let separator = rest.get(length).copied();
    // A prefix length belongs to the value: "a/24" has the value "/24", "a:x.test/24" the value "x.test/24".
    let value = name.end + usize::from(matches!(separator, Some(b':' | b'=')))..span.end;
    let word = text.get(name.clone()).unwrap_or_default();
    let modifier = separator == Some(b'=') && !qualified;
    let known = TERMS
        .iter()
        .find(|(term, _, is_modifier, _)| *is_modifier == modifier && term.as_bytes().eq_ignore_ascii_case(word));
    Tag { key: known.map(|(.., key)| *key), span, name, value, flaw: None }
}

/// Judges the term that was read last.
fn judge(parsed: &mut Parsed) {
    let index = parsed.tags.len() - 1;
    let Some(tag) = parsed.tags.get(index).cloned() else { return };
    let value = parsed.slice(&tag.value).to_vec();
    let why = match tag.term() {
        None if is_modifier(parsed, &tag) => None,
        None => Some(("RFC 7208 §4.6.1", "no mechanism of this name is known")),
        Some(Term::All) if !value.is_empty() => Some(("RFC 7208 §5.1", "all takes no value")),
        Some(Term::Include | Term::Exists | Term::Redirect | Term::Exp) => domain_trouble(&value, true),
        Some(Term::A | Term::Mx) => {
            let (domain, prefixes) = split_prefix(&value);
            if prefix_fits(prefixes, 32, 128) {
                domain_trouble(domain, false)
            } else {
                Some(("RFC 7208 §5.6", "the prefix length is not valid"))
            }
        }
        Some(Term::Ptr) => domain_trouble(&value, false),
        Some(Term::Ip4) if !network::<Ipv4Addr>(&value, 32) => Some(("RFC 7208 §5.6", "this is no IPv4 network")),
        Some(Term::Ip6) if !network::<Ipv6Addr>(&value, 128) => Some(("RFC 7208 §5.6", "this is no IPv6 network")),
        _ => None,
    };
    if let Some((cite, why)) = why {
        let says = format!("'{}': {why}; receivers must give up (permerror).", parsed.quote(index));
        parsed.blame(index, Trouble::error(BAD, cite, says));
    }
}

/// `name "=" macro-string`: an unknown modifier is ignored, an unknown mechanism is an error.
fn is_modifier(parsed: &Parsed, tag: &Tag) -> bool {
    let name = parsed.slice(&tag.name);
    let named = name.first().is_some_and(u8::is_ascii_alphabetic)
        && name.iter().all(|octet| octet.is_ascii_alphanumeric() || b"-_.".contains(octet));
    named && tag.span.start == tag.name.start && parsed.text.get(tag.name.end) == Some(&b'=')
}

/// What is wrong with a `domain-spec` (§7.1): its macros, its characters, its absence.
fn domain_trouble(spec: &[u8], needed: bool) -> Option<(&'static str, &'static str)> {
    if spec.is_empty() {
        return needed.then_some(("RFC 7208 §4.6.1", "a domain is missing"));
    }
    if spec.iter().any(|octet| !(0x21..=0x7e).contains(octet)) {
        return Some(("RFC 7208 §4.6", "there are characters outside ASCII or that cannot be printed"));
    }
    let mut rest = spec.iter().copied();
    while let Some(octet) = rest.next() {
        if octet != b'%' {
            continue;
        }
        match rest.next() {
            Some(b'%' | b'_' | b'-') => {}
            Some(b'{') => {
                let inside: Vec<u8> = rest.by_ref().take_while(|octet| *octet != b'}').collect();
                if !is_macro(&inside) {
                    return Some(("RFC 7208 §7.1", "the macro is not valid"));
                }
            }
            _ => return Some(("RFC 7208 §7.1", "a lone % is not valid")),
        }
    }
    None
}

/// `ALPHA *DIGIT [ "r" ] *delimiter` between the braces (§7.1).
fn is_macro(inside: &[u8]) -> bool {
    let Some((letter, rest)) = inside.split_first() else { return false };
    let digits = rest.iter().take_while(|octet| octet.is_ascii_digit()).count();
    let rest = rest.get(digits..).unwrap_or_default();
    let rest = rest.strip_prefix(b"r").or_else(|| rest.strip_prefix(b"R")).unwrap_or(rest);
    b"slodiphcrtv".contains(&letter.to_ascii_lowercase()) && rest.iter().all(|octet| b".-+,/_=".contains(octet))
}

/// The domain and the prefix lengths of `a` and `mx`: `x.test/24//64`.
pub(super) fn split_prefix(value: &[u8]) -> (&[u8], &[u8]) {
    // A slash inside braces is a macro delimiter.
    let mut inside = false;
    let slash = value.iter().position(|octet| {
        match octet {
            b'{' => inside = true,
            b'}' => inside = false,
            _ => {}
        }
        *octet == b'/' && !inside
    });
    value.split_at_checked(slash.unwrap_or(value.len())).unwrap_or((value, &[]))
}

/// `[ "/" ip4-cidr-length ] [ "//" ip6-cidr-length ]` (§5.6).
fn prefix_fits(prefixes: &[u8], v4: u8, v6: u8) -> bool {
    let Ok(text) = std::str::from_utf8(prefixes) else { return false };
    let (four, six) = match text.split_once("//") {
        Some((four, six)) => (four, Some(six)),
        None => (text, None),
    };
    let fits = |digits: &str, most: u8| {
        !digits.starts_with('+')
            && (digits == "0" || !digits.starts_with('0'))
            && digits.parse::<u8>().is_ok_and(|bits| bits <= most)
    };
    let four = four.is_empty() || four.strip_prefix('/').is_some_and(|digits| fits(digits, v4));
    four && six.is_none_or(|digits| fits(digits, v6))
}

fn network<Address: std::str::FromStr>(value: &[u8], bits: u8) -> bool {
    let Ok(text) = std::str::from_utf8(value) else { return false };
    let (address, prefix) =
        text.split_once('/').map_or((text, ""), |(address, _)| (address, text.get(address.len()..).unwrap_or("")));
    address.parse::<Address>().is_ok() && prefix_fits(prefix.as_bytes(), bits, 0)
}

/// What can only be said of the whole record.
fn whole(parsed: &mut Parsed) {
    let terms: Vec<(usize, Term)> =
        parsed.tags.iter().enumerate().filter_map(|(index, tag)| Some((index, tag.term()?))).collect();
    for twice in [Term::Redirect, Term::Exp] {
        if let Some((index, _)) = terms.iter().filter(|(_, term)| *term == twice).nth(1) {
            let says = format!("'{}' stands more than once; receivers must give up (permerror).", parsed.quote(*index));
            parsed.blame(*index, Trouble::error(BAD, "RFC 7208 §6", says));
        }
    }
    for (index, _) in terms.iter().filter(|(_, term)| *term == Term::Ptr) {
        let says = "ptr is slow and can be faked; it should not be used.";
        parsed.blame(*index, Trouble::warning("spf/ptr", "RFC 7208 §5.5", says));
    }
    let all = terms.iter().find(|(_, term)| *term == Term::All).map(|(index, _)| *index);
    let redirect = terms.iter().any(|(_, term)| *term == Term::Redirect);
    match all {
        Some(index) => after_all(parsed, index, &terms, redirect),
        None if !redirect => {
            let says = "There is neither all nor redirect at the end: every other host gets \"neutral\".";
            parsed.troubles.push(Trouble::note("spf/open-end", "RFC 7208 §4.7", says));
        }
        None => {}
    }
}

fn after_all(parsed: &mut Parsed, index: usize, terms: &[(usize, Term)], redirect: bool) {
    let passes = parsed
        .tags
        .get(index)
        .is_some_and(|tag| tag.span.start == tag.name.start || parsed.text.get(tag.span.start) == Some(&b'+'));
    if passes {
        let says = "all with \"pass\" lets everybody send in the name of this domain.";
        parsed.blame(index, Trouble::error("spf/plus-all", "RFC 7208 §5.1", says));
    }
    let behind = terms.iter().find(|(at, term)| *at > index && !matches!(term, Term::Redirect | Term::Exp));
    if let Some((at, _)) = behind {
        let says = format!("'{}' stands behind all and is never looked at.", parsed.quote(*at));
        parsed.blame(*at, Trouble::warning("spf/after-all", "RFC 7208 §5.1", says));
    }
    if redirect {
        let says = "redirect= beside all is ignored.";
        parsed.troubles.push(Trouble::warning("spf/after-all", "RFC 7208 §6.1", says));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Vec<&'static str> {
        parse(text.as_bytes()).troubles.iter().map(|trouble| trouble.id).collect()
    }

    #[test]
    fn records_in_order_have_nothing_to_say() {
        for text in [
            "v=spf1 mx -all",
            "v=spf1 a mx:other.test/24//64 ip4:192.0.2.0/24 ip6:2001:db8::/32 include:x.test ~all",
            "v=spf1 exists:%{ir}.%{v}._spf.%{d2} redirect=_spf.harbor.test",
            "V=SPF1 +a/28 ?mx//64 exp=why.%{d} unknown=%{l} -ALL",
            "v=spf1 a:%{d1r/}.test -all",
        ] {
            assert_eq!(ids(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn every_term_knows_its_entry_in_the_reference() {
        let parsed = parse(b"v=spf1 a/24 ~include:x.test redirect=y.test");
        let keys: Vec<_> = parsed.tags.iter().map(|tag| tag.key.unwrap()).collect();
        assert_eq!(keys, ["v=spf1", "a[:<domain>][/n][//m]", "include:<domain>", "redirect=<domain>"]);
        assert_eq!(parsed.slice(&parsed.tags[2].value), b"x.test");
        assert_eq!(parsed.slice(&parsed.tags[1].value), b"/24");
    }

    #[test]
    fn q198_errors_of_the_syntax_are_permerror() {
        for text in [
            "v=spf1 mxx -all",
            "v=spf1 include -all",
            "v=spf1 include: -all",
            "v=spf1 ip4:2001:db8::1 -all",
            "v=spf1 ip4:192.0.2.0/33 -all",
            "v=spf1 a/24/64 -all",
            "v=spf1 -all:x.test",
            "v=spf1 exists:%{z}.test -all",
            "v=spf1 exists:50%.test -all",
            "v=spf1 a:b\u{fc}cher.test -all",
            "v=spf1 redirect=a.test redirect=b.test",
        ] {
            assert_eq!(ids(text), ["spf/permerror"], "{text}");
        }
    }

    #[test]
    fn advice_is_told_apart_from_errors() {
        assert_eq!(ids("v=spf1 +all"), ["spf/plus-all"]);
        assert_eq!(ids("v=spf1 all"), ["spf/plus-all"]);
        assert_eq!(ids("v=spf1 ptr -all"), ["spf/ptr"]);
        assert_eq!(ids("v=spf1 mx"), ["spf/open-end"]);
        assert_eq!(ids("v=spf1 -all mx"), ["spf/after-all"]);
        assert_eq!(ids("v=spf1 -all redirect=x.test"), ["spf/after-all"]);
    }
}
