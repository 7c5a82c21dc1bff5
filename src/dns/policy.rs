//! Policy records: what a domain publishes about its mail in TXT and TLSA records, taken apart tag by tag.
//!
//! A parser never refuses: it returns the tags it sees and what is wrong with them. What a tag means is told by
//! [`knowledge`](crate::knowledge) under the policy's [`id`](Policy::id) and the tag's [`key`](Tag::key).

pub mod dane;
pub mod dkim;
pub mod dmarc;
pub mod enforce;
pub mod spf;
pub mod sts;
pub mod tags;
pub mod tlsa;
pub mod walk;

use std::ops::Range;

use super::{Answer, Data, Kind, Name, Trouble, Weight};

/// A kind of policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Policy {
    /// Who may send in the name of the domain (RFC 7208).
    Spf,
    /// What to do with mail that does not prove its From (RFC 9989).
    Dmarc,
    /// A key that signs mail (RFC 6376 §3.6.1).
    DkimKey,
    /// There is a policy file about TLS (RFC 8461 §3.1).
    MtaSts,
    /// Where to report trouble with TLS (RFC 8460 §3).
    TlsRpt,
}

/// A record taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// What it is.
    pub policy: Policy,
    /// The strings of the record, joined; untrusted octets.
    pub text: Vec<u8>,
    /// Its tags or terms in order.
    pub tags: Vec<Tag>,
    /// What is wrong with it.
    pub troubles: Vec<Trouble>,
}

/// One tag or term, by its place in the joined text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The name under which the reference tables explain it; nothing for a tag that nobody defined.
    pub key: Option<&'static str>,
    /// The whole of it.
    pub span: Range<usize>,
    /// The name.
    pub name: Range<usize>,
    /// The value, without the separator; empty if there is none.
    pub value: Range<usize>,
    /// The gravest flaw of this tag.
    pub flaw: Option<Weight>,
}

impl Policy {
    /// The name of its table in the reference.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Spf => "spf",
            Self::Dmarc => "dmarc",
            Self::DkimKey => "dkim_key",
            Self::MtaSts => "mta_sts",
            Self::TlsRpt => "tlsrpt",
        }
    }

    /// The name people use.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Spf => "SPF",
            Self::Dmarc => "DMARC",
            Self::DkimKey => "DKIM key",
            Self::MtaSts => "MTA-STS",
            Self::TlsRpt => "TLS-RPT",
        }
    }

    /// Which policy a TXT record is, judged by where it stands and how it begins.
    pub fn detect(owner: &Name, text: &[u8]) -> Option<Self> {
        let first =
            |label: &str| owner.labels().next().is_some_and(|found| found.eq_ignore_ascii_case(label.as_bytes()));
        let starts =
            |prefix: &str| text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()));
        let below = |label: &str| owner.labels().any(|found| found.eq_ignore_ascii_case(label.as_bytes()));
        if below("_domainkey") {
            return Some(Self::DkimKey);
        }
        if first("_dmarc") && starts("v=dmarc1") {
            return Some(Self::Dmarc);
        }
        if first("_mta-sts") && starts("v=stsv1") {
            return Some(Self::MtaSts);
        }
        if first("_smtp") && starts("v=tlsrptv1") {
            return Some(Self::TlsRpt);
        }
        let ends = text.get(6).is_none_or(|octet| *octet == b' ');
        (starts("v=spf1") && ends).then_some(Self::Spf)
    }

    /// Takes a record of this kind apart.
    pub fn parse(self, text: &[u8]) -> Parsed {
        match self {
            Self::Spf => spf::parse(text),
            Self::Dmarc => dmarc::parse(text),
            Self::DkimKey => dkim::parse(text),
            Self::MtaSts => sts::mta_sts(text),
            Self::TlsRpt => sts::tls_rpt(text),
        }
    }

    /// The records of this kind in an answer; more than one where only one may be is a trouble of its own.
    pub fn find(self, answer: &Answer) -> (Vec<Parsed>, Option<Trouble>) {
        let texts = answer.of(Kind::TXT).filter_map(|record| match &record.data {
            Data::Txt(strings) => Some((&record.owner, strings.concat())),
            _ => None,
        });
        let found: Vec<Parsed> = texts
            .filter(|(owner, text)| Self::detect(owner, text) == Some(self))
            .map(|(_, text)| self.parse(&text))
            .collect();
        let trouble = (found.len() > 1).then(|| self.several(found.len()));
        (found, trouble)
    }

    fn several(self, count: usize) -> Trouble {
        match self {
            Self::Spf => Trouble::error(
                "spf/permerror",
                "RFC 7208 §4.5",
                format!("{count} SPF records at one name: receivers must give up (permerror)."),
            ),
            Self::Dmarc => Trouble::error(
                "dmarc/several",
                "RFC 9989 §4.7",
                format!("{count} DMARC records at one name: all are ignored."),
            ),
            Self::DkimKey => Trouble::error(
                "dkim/several",
                "RFC 6376 §3.6.2.2",
                format!("{count} keys at one selector: what a receiver does is undefined."),
            ),
            Self::MtaSts => Trouble::error(
                "sts/several",
                "RFC 8461 §3.1",
                format!("{count} MTA-STS records: senders act as if there were none."),
            ),
            Self::TlsRpt => Trouble::error(
                "tlsrpt/several",
                "RFC 8460 §3",
                format!("{count} TLS-RPT records: senders act as if there were none."),
            ),
        }
    }
}

impl Parsed {
    fn new(policy: Policy, text: &[u8]) -> Self {
        Self { policy, text: text.to_vec(), tags: Vec::new(), troubles: Vec::new() }
    }

    /// The octets of a place in the text.
    pub fn slice(&self, place: &Range<usize>) -> &[u8] {
        self.text.get(place.clone()).unwrap_or_default()
    }

    /// The value of the first tag with this key.
    pub fn value(&self, key: &str) -> Option<&[u8]> {
        self.tags.iter().find(|tag| tag.key == Some(key)).map(|tag| self.slice(&tag.value))
    }

    /// Notes a trouble with the tag at `index`.
    fn blame(&mut self, index: usize, trouble: Trouble) {
        if let Some(tag) = self.tags.get_mut(index) {
            tag.flaw = tag.flaw.max(Some(trouble.weight));
        }
        self.troubles.push(trouble);
    }

    /// The tag at `index` as it may stand in a sentence: escaped and short.
    fn quote(&self, index: usize) -> String {
        self.tags.get(index).map(|tag| shown(self.slice(&tag.span))).unwrap_or_default()
    }
}

/// True if a name in a certificate or a policy stands for this one: it is the same, or its first label is a star, which
/// stands for exactly one label (RFC 6125 §6.4.3, RFC 8461 §4.1).
pub fn covers(pattern: &str, name: &Name) -> bool {
    match pattern.strip_prefix("*.") {
        Some(rest) => !rest.is_empty() && name.parent().is_some_and(|above| above == Name::ascii(rest)),
        None => !pattern.is_empty() && Name::ascii(pattern) == *name,
    }
}

/// Octets as they may stand in a sentence of ours: escaped, at most 40 characters.
fn shown(octets: &[u8]) -> String {
    let escaped = super::record::escaped(octets);
    if escaped.chars().count() <= 40 {
        return escaped;
    }
    escaped.chars().take(39).chain(['…']).collect()
}

#[cfg(test)]
mod tests;
