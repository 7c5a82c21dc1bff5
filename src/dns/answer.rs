//! Questions and answers: what came of a look-up, with every outcome that matters to mail told apart.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Data, Kind, Name, Record};

/// A question: an exact name and a record type. Search lists and the hosts file have no part in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Question {
    /// The name.
    pub name: Name,
    /// The record type.
    pub kind: Kind,
}

impl Question {
    /// A question.
    pub const fn new(name: Name, kind: Kind) -> Self {
        Self { name, kind }
    }
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// How it ended.
    pub outcome: Outcome,
    /// The answer section without signatures: the chain of aliases first, in order, then what was asked for.
    pub records: Vec<Record>,
    /// Records beyond the limits that were not kept.
    pub left_out: usize,
    /// The resolver says that it validated the data (AD, RFC 4035 §3.2.3). Worth what the way to the resolver is worth.
    pub claimed: bool,
    /// What our own validation found.
    pub validation: Validation,
    /// Seconds for which "there is none" may be kept (RFC 2308 §5).
    pub negative: Option<u32>,
    /// The extended error of RFC 8914 that came along, if any: its code and its text, untrusted.
    pub extended: Option<(u16, Vec<u8>)>,
    /// The answer came over TCP, because the one over UDP was cut.
    pub tcp: bool,
}

/// A question with its answer, and how it was had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// The question as it was asked.
    pub question: Question,
    /// What came of it.
    pub answer: Answer,
    /// Who answered, in words: `lab`, `system 192.0.2.53`, `192.0.2.53`.
    pub from: String,
    /// How long the answer took; the validation of its signatures is not counted.
    #[serde(with = "crate::written::nanoseconds")]
    pub took: Duration,
}

/// How a look-up ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Records of the type asked for.
    Found,
    /// The name exists, but has no record of this type.
    NoData,
    /// The name does not exist (RCODE 3).
    NxDomain,
    /// The server could not get an answer (RCODE 2).
    ServFail,
    /// The server does not want to answer (RCODE 5).
    Refused,
    /// Another response code.
    Code(u16),
    /// No answer in time.
    TimedOut,
    /// The answer was cut (TC) and could not be had over TCP.
    Truncated,
    /// The chain of aliases goes round, or on for too long.
    Loop,
    /// What came is no DNS message.
    Malformed,
    /// The question could not be sent: why, in words of the operating system.
    Failed(String),
}

/// What DNSSEC says, judged here (RFC 4035 §4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Validation {
    /// Nobody looked: no trust anchor, or a resolver that strips signatures.
    NotChecked,
    /// A chain of signatures leads to the trust anchor.
    Secure,
    /// It is proved that the zone is not signed.
    Insecure,
    /// Wrong for our validator, right for the resolver (AD). One of them errs.
    Disputed,
    /// A signature that should be there is missing, wrong or out of date.
    Bogus,
    /// It could not be found out.
    Indeterminate,
}

impl Answer {
    /// An answer without records.
    pub fn empty(outcome: Outcome) -> Self {
        Self {
            outcome,
            records: Vec::new(),
            left_out: 0,
            claimed: false,
            validation: Validation::NotChecked,
            negative: None,
            extended: None,
            tcp: false,
        }
    }

    /// The records of this type, at the end of the alias chain.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(move |record| record.kind() == kind)
    }

    /// The names the question was led through, the name asked first; one name if there was no alias.
    pub fn chain(&self, asked: &Name) -> Vec<Name> {
        let aliases = self.records.iter().filter_map(|record| match &record.data {
            Data::Cname(target) => Some(target.clone()),
            _ => None,
        });
        std::iter::once(asked.clone()).chain(aliases).collect()
    }

    /// The shortest time to live among the records, or that of the negative answer; in seconds.
    pub fn lifetime(&self) -> Option<u32> {
        self.records.iter().map(Record::lifetime).min().or(self.negative)
    }
}

impl Outcome {
    /// The word for the transcript: a response code as the RFCs write it, or a word of ours in lower case.
    pub fn word(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Found | Self::NoData => "NOERROR",
            Self::NxDomain => "NXDOMAIN",
            Self::ServFail => "SERVFAIL",
            Self::Refused => "REFUSED",
            Self::Code(code) => return Cow::Owned(format!("RCODE {code}")),
            Self::TimedOut => "timeout",
            Self::Truncated => "truncated",
            Self::Loop => "alias loop",
            Self::Malformed => "malformed",
            Self::Failed(why) => return Cow::Owned(why.clone()),
        })
    }

    /// Whether asking again later may give another result: mail then waits in the queue (RFC 5321 §5.1).
    pub fn is_temporary(&self) -> bool {
        !matches!(self, Self::Found | Self::NoData | Self::NxDomain | Self::Loop)
    }

    /// Whether an answer was had at all, be it "there is none".
    pub fn is_answer(&self) -> bool {
        matches!(self, Self::Found | Self::NoData | Self::NxDomain)
    }
}

impl Validation {
    /// A few words for the panel; `claimed` is the resolver's AD bit.
    pub const fn words(self, claimed: bool) -> &'static str {
        match (self, claimed) {
            (Self::Secure, _) => "validated here",
            (Self::Insecure, _) => "not signed",
            (Self::Disputed, _) => "disputed: wrong here, AD from the resolver",
            (Self::Bogus, _) => "does not validate here",
            (Self::NotChecked | Self::Indeterminate, true) => "the resolver says AD",
            (Self::Indeterminate, false) => "unclear",
            (Self::NotChecked, false) => "not checked",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_data_is_not_nxdomain_and_servfail_is_neither() {
        assert!(
            Outcome::ServFail.is_temporary() && Outcome::Refused.is_temporary() && Outcome::TimedOut.is_temporary()
        );
        assert!(!Outcome::NoData.is_temporary() && !Outcome::NxDomain.is_temporary());
        assert_eq!(Outcome::NoData.word(), "NOERROR");
        assert_eq!(Outcome::Code(4).word(), "RCODE 4");
    }

    #[test]
    fn the_chain_starts_with_the_name_asked() {
        let mut answer = Answer::empty(Outcome::Found);
        let alias = |from: &str, to: &str| Record {
            owner: Name::ascii(from),
            ttl: 60,
            data: Data::Cname(Name::ascii(to)),
            proof: Validation::NotChecked,
        };
        answer.records = vec![alias("a.test", "b.test"), alias("b.test", "c.test")];
        let names: Vec<String> = answer.chain(&Name::ascii("a.test")).iter().map(Name::to_string).collect();
        assert_eq!(names, ["a.test.", "b.test.", "c.test."]);
        assert_eq!(answer.lifetime(), Some(60));
    }
}
