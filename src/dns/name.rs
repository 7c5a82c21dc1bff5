//! A domain name: always absolute, its labels as octets, written in presentation form.
//!
//! RFC 1035 §3.1: a name is a list of labels, each 1 to 63 octets of any value. §5.1 writes it with dots between the
//! labels, `\X` for a special character and `\DDD` (decimal) for an octet that cannot be printed. Names are compared
//! without regard to ASCII case (RFC 4343). A name is never built by parsing what was printed.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::trouble::Trouble;

/// An absolute domain name.
#[derive(Clone, Default)]
pub struct Name {
    labels: Vec<Box<[u8]>>,
}

impl Name {
    /// The root, `.`.
    pub const fn root() -> Self {
        Self { labels: Vec::new() }
    }

    /// A name of these labels, the most specific first, as they come from a message. Empty labels are left out.
    pub fn from_labels<L: AsRef<[u8]>>(labels: impl IntoIterator<Item = L>) -> Self {
        let octets = labels.into_iter().map(|label| label.as_ref().to_vec().into_boxed_slice());
        Self { labels: octets.filter(|label| !label.is_empty()).collect() }
    }

    /// A name of plain ASCII labels with dots between them, as names are written in code and tables. No escapes.
    pub fn ascii(text: &str) -> Self {
        Self::from_labels(text.split('.'))
    }

    /// The name whose PTR record names `address` (RFC 1035 §3.5, RFC 3596 §2.5).
    pub fn reverse(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(v4) => {
                let octets = v4.octets().into_iter().rev().map(|octet| octet.to_string());
                Self::from_labels(octets.chain(["in-addr".into(), "arpa".into()]))
            }
            IpAddr::V6(v6) => {
                let nibbles = v6.octets().into_iter().rev().flat_map(|octet| [octet & 15, octet >> 4]);
                let hex = nibbles.map(|nibble| format!("{nibble:x}"));
                Self::from_labels(hex.chain(["ip6".into(), "arpa".into()]))
            }
        }
    }

    /// The name under which a block list names `address` (RFC 5782 §2.1, §2.4).
    pub fn listed(address: IpAddr, list: &Self) -> Self {
        let mut reversed = Self::reverse(address).labels;
        // Without in-addr.arpa or ip6.arpa.
        reversed.truncate(reversed.len().saturating_sub(2));
        Self::from_labels(reversed.into_iter().chain(list.labels.iter().cloned()))
    }

    /// The address whose reverse name this is.
    pub fn reversed(&self) -> Option<IpAddr> {
        let [front @ .., family, arpa] = self.labels.as_slice() else { return None };
        if !arpa.eq_ignore_ascii_case(b"arpa") {
            return None;
        }
        if family.eq_ignore_ascii_case(b"in-addr") && front.len() == 4 {
            let mut octets = [0; 4];
            for (octet, label) in octets.iter_mut().zip(front.iter().rev()) {
                *octet = std::str::from_utf8(label).ok()?.parse().ok()?;
            }
            return Some(Ipv4Addr::from(octets).into());
        }
        if family.eq_ignore_ascii_case(b"ip6") && front.len() == 32 {
            let mut bits: u128 = 0;
            for label in front.iter().rev() {
                let nibble = std::str::from_utf8(label).ok().filter(|text| text.len() == 1)?;
                bits = bits << 4 | u128::from_str_radix(nibble, 16).ok()?;
            }
            return Some(Ipv6Addr::from(bits).into());
        }
        None
    }

    /// This name with `prefix` before it: `harbor.test.` under `_dmarc` is `_dmarc.harbor.test.`
    #[must_use]
    pub fn under(&self, prefix: &str) -> Self {
        let front = prefix.split('.').map(str::as_bytes);
        Self::from_labels(front.chain(self.labels()))
    }

    /// The name one label up; the root has none.
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.labels.split_first()?;
        Some(Self { labels: rest.to_vec() })
    }

    /// The labels, the most specific first.
    pub fn labels(&self) -> impl DoubleEndedIterator<Item = &[u8]> + ExactSizeIterator {
        self.labels.iter().map(AsRef::as_ref)
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.labels.is_empty()
    }

    /// Octets on the wire, length octets and the root included.
    pub fn wire_len(&self) -> usize {
        self.labels.iter().map(|label| label.len() + 1).sum::<usize>() + 1
    }

    /// Whether this is `ancestor` or lies below it.
    pub fn is_within(&self, ancestor: &Self) -> bool {
        let above = self.labels.len().checked_sub(ancestor.labels.len());
        above.and_then(|skip| self.labels.get(skip..)).is_some_and(|tail| same_labels(tail, &ancestor.labels))
    }

    /// The presentation form without the final dot, as SMTP writes a domain; the root stays `.`
    pub fn relative(&self) -> String {
        let mut text = self.to_string();
        if text.len() > 1 {
            text.pop();
        }
        text
    }

    /// If the name looks like an address written as a name (`192.0.2.1.`), that address.
    pub fn as_address(&self) -> Option<Ipv4Addr> {
        self.relative().parse().ok()
    }

    /// The first octet no host or service name has: anything but letters, digits, `-`, `_`, `*` and `/`.
    pub fn odd_octet(&self) -> Option<u8> {
        let mut octets = self.labels().flatten().copied();
        octets.find(|octet| !(octet.is_ascii_alphanumeric() || b"-_*/".contains(octet)))
    }

    /// The trouble of a name with unusual octets (`dns/odd-name`).
    pub fn oddity(&self) -> Option<Trouble> {
        let mut shown = String::new();
        push_octet(&mut shown, self.odd_octet()?);
        let text = format!("The name contains unusual bytes, shown as {shown}.");
        Some(Trouble::warning("dns/odd-name", "RFC 1035 §5.1", text))
    }
}

/// Writes one octet of a label in presentation form.
fn push_octet(text: &mut String, octet: u8) {
    match octet {
        b'.' | b'\\' | b'"' | b';' | b'(' | b')' | b'@' | b'$' => {
            text.push('\\');
            text.push(char::from(octet));
        }
        0x21..=0x7e => text.push(char::from(octet)),
        _ => push_decimal(text, octet),
    }
}

/// Writes an octet as `\DDD`.
pub(super) fn push_decimal(text: &mut String, octet: u8) {
    text.push('\\');
    for digit in [octet / 100, octet / 10 % 10, octet % 10] {
        text.push(char::from(b'0' + digit));
    }
}

fn same_labels(one: &[Box<[u8]>], other: &[Box<[u8]>]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(a, b)| a.eq_ignore_ascii_case(b))
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for label in self.labels() {
            for octet in label {
                push_octet(&mut text, *octet);
            }
            text.push('.');
        }
        f.pad(if text.is_empty() { "." } else { &text })
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        same_labels(&self.labels, &other.labels)
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for label in self.labels() {
            label.to_ascii_lowercase().hash(state);
        }
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    /// The canonical order of RFC 4034 §6.1: by the last label first.
    fn cmp(&self, other: &Self) -> Ordering {
        let lower = |label: &[u8]| label.to_ascii_lowercase();
        self.labels().rev().map(lower).cmp(other.labels().rev().map(lower))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presentation_form_escapes_and_is_never_unicode() {
        assert_eq!(Name::root().to_string(), ".");
        assert_eq!(Name::ascii("harbor.test").to_string(), "harbor.test.");
        assert_eq!(Name::from_labels(["ev\x1b[2Jil", "test"]).to_string(), "ev\\027[2Jil.test.");
        assert_eq!(Name::from_labels(["ex.ample", "test"]).to_string(), "ex\\.ample.test.");
        assert_eq!(Name::from_labels([&b"b\xfccher"[..], b"test"]).to_string(), "b\\252cher.test.");
        assert_eq!(Name::ascii("xn--80ak6aa92e.com").to_string(), "xn--80ak6aa92e.com.");
    }

    #[test]
    fn names_compare_without_case_and_order_from_the_root() {
        let set = std::collections::HashSet::from([Name::ascii("Harbor.TEST")]);
        assert!(set.contains(&Name::ascii("harbor.test")));
        assert!(Name::ascii("a.test") < Name::ascii("z.a.test"));
        assert!(Name::ascii("mx1.harbor.test").is_within(&Name::ascii("HARBOR.test")));
        assert!(!Name::ascii("harbor.test").is_within(&Name::ascii("mx1.harbor.test")));
        assert!(!Name::from_labels(["x.harbor", "test"]).is_within(&Name::ascii("harbor.test")));
        assert!(Name::ascii("test").is_within(&Name::root()));
    }

    #[test]
    fn reverse_names_lead_back() {
        for address in ["192.0.2.10", "2001:db8::10"] {
            let address: IpAddr = address.parse().unwrap();
            assert_eq!(Name::reverse(address).reversed(), Some(address));
        }
        assert_eq!(Name::reverse([192, 0, 2, 10].into()).to_string(), "10.2.0.192.in-addr.arpa.");
        let list = Name::ascii("dnsbl.test");
        assert_eq!(Name::listed([192, 0, 2, 10].into(), &list).to_string(), "10.2.0.192.dnsbl.test.");
        let listed = Name::listed("2001:db8::10".parse().expect("an address"), &list).to_string();
        assert!(listed.starts_with("0.1.0.0.0.") && listed.ends_with(".8.b.d.0.1.0.0.2.dnsbl.test."), "{listed}");
        assert_eq!(Name::ascii("2.0.192.in-addr.arpa").reversed(), None);
        assert_eq!(Name::ascii("harbor.test").reversed(), None);
    }

    #[test]
    fn an_odd_name_says_which_octet() {
        let trouble = Name::from_labels(["ev\x1b[2Jil", "test"]).oddity().unwrap();
        assert_eq!((trouble.id, trouble.weight), ("dns/odd-name", super::super::Weight::Warning));
        assert!(trouble.text.contains("\\027"), "{trouble}");
        assert!(Name::ascii("_25._tcp.mx1.harbor.test").oddity().is_none());
    }

    #[test]
    fn wire_length_counts_length_octets_and_root() {
        assert_eq!(Name::root().wire_len(), 1);
        assert_eq!(Name::ascii("harbor.test").wire_len(), 13);
    }
}
