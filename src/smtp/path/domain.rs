//! Domains and address literals: what stands behind the `@`, and how a client names itself.
//!
//! ```abnf
//! Domain          = sub-domain *("." sub-domain)         ; RFC 5321 §4.1.2
//! sub-domain      = Let-dig [Ldh-str]                    ; also U-labels: RFC 6531 §3.3
//! address-literal = "[" ( IPv4-address-literal / IPv6-address-literal / General-address-literal ) "]"
//! IPv4-address-literal    = Snum 3("." Snum)             ; RFC 5321 §4.1.3
//! IPv6-address-literal    = "IPv6:" IPv6-addr
//! General-address-literal = Standardized-tag ":" 1*dcontent
//! ```

use std::net::{Ipv4Addr, Ipv6Addr};

use super::super::flaw::FlawKind;

/// A domain name or an address literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Domain {
    /// A name, as it was written.
    Name(Vec<u8>),
    /// An address in brackets.
    Literal(Literal),
}

/// An address in brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// `[192.0.2.1]`
    V4(Ipv4Addr),
    /// `[IPv6:2001:db8::1]`
    V6(Ipv6Addr),
    /// `[2001:db8::1]`: the tag is missing.
    Untagged(Ipv6Addr),
    /// `[tag:content]`
    General {
        /// The registered tag.
        tag: Vec<u8>,
        /// What it tags.
        content: Vec<u8>,
    },
    /// Anything else, as it was written, without the brackets.
    Other(Vec<u8>),
}

impl Domain {
    /// Reads a domain or an address literal; with it, what is wrong with the way it is written.
    pub fn parse(text: &[u8]) -> (Self, Option<FlawKind>) {
        if let Some(content) = text.strip_prefix(b"[") {
            let closed = content.strip_suffix(b"]");
            let literal = Literal::parse(closed.unwrap_or(content));
            let sound = closed.is_some() && !matches!(literal, Literal::Untagged(_) | Literal::Other(_));
            return (Self::Literal(literal), (!sound).then_some(FlawKind::AddressLiteral));
        }
        (Self::Name(text.to_vec()), (!is_name(text)).then_some(FlawKind::AddressSyntax))
    }

    /// The domain as it stands on the wire.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Name(name) => name.clone(),
            Self::Literal(literal) => [b"[", &literal.encode()[..], b"]"].concat(),
        }
    }

    /// True if both are the same; letters of ASCII are equal in either case (RFC 5321 §2.4).
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Name(one), Self::Name(two)) => one.eq_ignore_ascii_case(two),
            _ => self == other,
        }
    }
}

impl Literal {
    fn parse(content: &[u8]) -> Self {
        if let Some(address) = ipv4(content) {
            return Self::V4(address);
        }
        let text = std::str::from_utf8(content).unwrap_or_default();
        if let Ok(address) = text.parse() {
            return Self::Untagged(address);
        }
        let Some((tag, rest)) = text.split_once(':') else { return Self::Other(content.to_vec()) };
        if tag.eq_ignore_ascii_case("IPv6") {
            return rest.parse().map_or_else(|_| Self::Other(content.to_vec()), Self::V6);
        }
        if is_label(tag.as_bytes()) && !rest.is_empty() && rest.bytes().all(is_dcontent) {
            return Self::General { tag: tag.into(), content: rest.into() };
        }
        Self::Other(content.to_vec())
    }

    fn encode(&self) -> Vec<u8> {
        match self {
            Self::V4(address) => address.to_string().into_bytes(),
            Self::V6(address) => format!("IPv6:{address}").into_bytes(),
            Self::Untagged(address) => address.to_string().into_bytes(),
            Self::General { tag, content } => [tag, &b":"[..], content].concat(),
            Self::Other(content) => content.clone(),
        }
    }
}

/// True if a client may name itself so: a full domain name or an address literal (RFC 5321 §2.3.5, §4.1.1.1).
pub fn is_hello_name(name: &[u8]) -> bool {
    match Domain::parse(name) {
        (Domain::Name(name), None) => name.contains(&b'.') && name.is_ascii() && ipv4(&name).is_none(),
        (Domain::Literal(_), None) => true,
        (_, Some(_)) => false,
    }
}

/// True for labels of letters, digits and hyphens, or beyond ASCII, with dots between them.
fn is_name(name: &[u8]) -> bool {
    name.split(|octet| *octet == b'.').all(is_label)
}

fn is_label(label: &[u8]) -> bool {
    let letter = |octet: &u8| octet.is_ascii_alphanumeric() || !octet.is_ascii();
    label.first().is_some_and(letter)
        && label.last().is_some_and(letter)
        && label.iter().all(|octet| letter(octet) || *octet == b'-')
}

const fn is_dcontent(octet: u8) -> bool {
    matches!(octet, 33..=90 | 94..=126)
}

/// Four numbers of one to three digits, leading zeros allowed.
fn ipv4(text: &[u8]) -> Option<Ipv4Addr> {
    let mut parts = text.split(|octet| *octet == b'.').map(snum);
    let octets = [parts.next()??, parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then(|| octets.into())
}

fn snum(digits: &[u8]) -> Option<u8> {
    if !(1..=3).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    u8::try_from(digits.iter().fold(0u16, |number, digit| number * 10 + u16::from(digit - b'0'))).ok()
}
