//! DMARC: does the domain that readers see stand behind the letter? (RFC 9989)
//!
//! ```text
//! From domain ─ tree walk up ─▶ policy record, organizational domain
//!                                   │
//! SPF passed for its domain ────────┼─ aligned? ─▶ pass if one is, else what the policy asks for
//! DKIM passed for its domain ───────┘
//! ```

use crate::dns::policy::spf::check::{Checked, Sender, Verdict as Spf};
use crate::dns::policy::{Parsed, Policy};
use crate::dns::{Kind, Name, Outcome, Question};
use crate::mail::{field, mailbox};

use super::Answers;
use super::dkim::{Signed, Verdict as Dkim};

/// A walk goes from longer names to this many labels at once: eight questions are enough for any name (RFC 9989 §4.10).
const FAR: usize = 7;

/// What came of it (RFC 9989 §11, RFC 8601).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The domain has no policy, or no single domain is named.
    None,
    /// Something that passed is aligned.
    Pass,
    /// Nothing is.
    Fail,
    /// The DNS failed for now.
    TempError,
}

impl Verdict {
    /// The word for the result.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::TempError => "temperror",
        }
    }
}

/// What the domain asks receivers to do with letters that fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Asked {
    /// Nothing.
    Nothing,
    /// To set them apart.
    Quarantine,
    /// To refuse them.
    Reject,
}

impl Asked {
    /// The word in `p=`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::Quarantine => "quarantine",
            Self::Reject => "reject",
        }
    }

    fn read(word: Option<&[u8]>) -> Option<Self> {
        match word?.to_ascii_lowercase().as_slice() {
            b"none" => Some(Self::Nothing),
            b"quarantine" => Some(Self::Quarantine),
            b"reject" => Some(Self::Reject),
            _ => None,
        }
    }
}

/// The result of DMARC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aligned {
    /// The result.
    pub verdict: Verdict,
    /// The domain of From; the root if there is no single one.
    pub from: Name,
    /// Where the policy stands, if there is one.
    pub record: Option<Name>,
    /// What it asks for.
    pub asked: Asked,
    /// The domains that passed and are aligned, with how.
    pub by: Vec<(&'static str, Name)>,
    /// Why, in words.
    pub why: String,
}

/// Looks for the policy of the From domain and for what is aligned with it.
pub(super) fn align(
    letter: &[u8],
    sender: &Sender,
    spf: &Checked,
    dkim: &[Signed],
    answers: &Answers,
) -> Result<Aligned, Question> {
    let (fields, _) = field::split(letter);
    let froms = fields.iter().filter_map(|line| field::value(line, b"From")).flat_map(mailbox::domains);
    let mut froms: Vec<Name> = froms.map(|domain| Name::from_labels(domain.split(|octet| *octet == b'.'))).collect();
    froms.dedup();
    let nothing = |from: Name, verdict: Verdict, why: String| Aligned {
        verdict,
        from,
        record: None,
        asked: Asked::Nothing,
        by: Vec::new(),
        why,
    };
    let from = match froms.as_slice() {
        [from] => from.clone(),
        [] => return Ok(nothing(Name::root(), Verdict::None, "no From names a domain".into())),
        _ => return Ok(nothing(Name::root(), Verdict::None, "From names more than one domain".into())),
    };
    let walk = match walk(&from, answers)? {
        Ok(walk) => walk,
        Err(outcome) => {
            let why = format!("the DNS failed: {}", outcome.word());
            return Ok(nothing(from, Verdict::TempError, why));
        }
    };
    let organization = organization(&walk, &from);
    let Some(found) = walk
        .iter()
        .find(|(name, _)| *name == from)
        .or_else(|| walk.iter().find(|(name, _)| *name == organization).or(walk.last()))
    else {
        let why = format!("neither {} nor a domain above it has a policy", from.relative());
        return Ok(nothing(from, Verdict::None, why));
    };
    let (at, record) = found;
    let Some(asked) = asked(record, *at == from, &from, answers)? else {
        let why = format!("the policy of {} cannot be read", at.relative());
        return Ok(nothing(from, Verdict::None, why));
    };
    let strict = |tag: &str| record.value(tag).is_some_and(|mode| mode.eq_ignore_ascii_case(b"s"));
    let mut by = Vec::new();
    let mut passed = Vec::new();
    let mut open = false;
    if spf.verdict == Spf::Pass {
        passed.push(("spf", &sender.domain, strict("aspf")));
    }
    open |= spf.verdict == Spf::TempError && sender.domain.is_within(&organization);
    for signed in dkim {
        match signed.verdict {
            Dkim::Pass => passed.push(("dkim", &signed.domain, strict("adkim"))),
            Dkim::TempError => open |= signed.domain.is_within(&organization),
            _ => {}
        }
    }
    for (how, domain, strict) in &passed {
        match aligned(domain, &from, &organization, *strict, answers)? {
            Ok(true) => by.push((*how, (*domain).clone())),
            Ok(false) => {}
            Err(_) => open = true,
        }
    }
    let verdict = match (by.is_empty(), open) {
        (false, _) => Verdict::Pass,
        (true, true) => Verdict::TempError,
        (true, false) => Verdict::Fail,
    };
    let why = match verdict {
        Verdict::Pass => {
            by.iter().map(|(how, name)| format!("{how} passed for {}", name.relative())).collect::<Vec<_>>().join(", ")
        }
        Verdict::TempError => "what might be aligned could not be checked now".to_owned(),
        _ if passed.is_empty() => "neither SPF nor DKIM passed".to_owned(),
        _ => {
            let names: Vec<String> =
                passed.iter().map(|(how, name, _)| format!("{how} passed for {}", name.relative())).collect();
            format!("{}, which is not {}", names.join(", "), from.relative())
        }
    };
    Ok(Aligned { verdict, record: Some(at.clone()), from, asked, by, why })
}

/// The policy records from a name up to the top (RFC 9989 §4.10), the longest name first; or how the DNS failed.
fn walk(domain: &Name, answers: &Answers) -> Result<Result<Vec<(Name, Parsed)>, Outcome>, Question> {
    let mut found = Vec::new();
    let labels: Vec<&[u8]> = domain.labels().collect();
    let mut left = labels.len();
    while left > 0 && labels.len() > 1 {
        let name = Name::from_labels(labels.iter().skip(labels.len() - left));
        let answer = answers.of(Question::new(name.under("_dmarc"), Kind::TXT))?;
        if answer.outcome.is_temporary() {
            return Ok(Err(answer.outcome.clone()));
        }
        let (mut records, _) = Policy::Dmarc.find(answer);
        // Of several none counts.
        if let (Some(record), true) = (records.pop(), records.is_empty()) {
            let ends = matches!(psd(&record), b"y" | b"n");
            found.push((name, record));
            if ends {
                break;
            }
        }
        left = if left > FAR + 1 { FAR } else { left - 1 };
    }
    Ok(Ok(found))
}

fn psd(record: &Parsed) -> &[u8] {
    record.value("psd").unwrap_or(b"u")
}

/// The organizational domain that a walk shows (RFC 9989 §4.10.2); the domain itself if there is no record.
fn organization(walk: &[(Name, Parsed)], start: &Name) -> Name {
    for (name, record) in walk {
        match psd(record) {
            b"n" => return name.clone(),
            b"y" if name != start => {
                let below = start.labels().len().saturating_sub(name.labels().len() + 1);
                return Name::from_labels(start.labels().skip(below));
            }
            _ => {}
        }
    }
    walk.last().map_or_else(|| start.clone(), |(name, _)| name.clone())
}

/// What the policy asks for (RFC 9989 §4.7); `None` if it counts for nothing.
fn asked(record: &Parsed, own: bool, from: &Name, answers: &Answers) -> Result<Option<Asked>, Question> {
    let reports = record.value("rua").is_some_and(|addresses| !addresses.is_empty());
    let Some(p) = Asked::read(record.value("p")).or(reports.then_some(Asked::Nothing)) else { return Ok(None) };
    let sp = Asked::read(record.value("sp")).unwrap_or(p);
    let np = Asked::read(record.value("np")).unwrap_or(sp);
    let asked = if own {
        p
    } else if np != sp && answers.of(Question::new(from.clone(), Kind::A))?.outcome == Outcome::NxDomain {
        np
    } else {
        sp
    };
    let testing = record.value("t").is_some_and(|mode| mode.eq_ignore_ascii_case(b"y"));
    Ok(Some(match asked {
        Asked::Reject if testing => Asked::Quarantine,
        Asked::Quarantine if testing => Asked::Nothing,
        asked => asked,
    }))
}

/// Whether a domain that passed stands for the From domain: the same, or of one organization (RFC 9989 §4.10.3).
fn aligned(
    domain: &Name,
    from: &Name,
    organization_of_from: &Name,
    strict: bool,
    answers: &Answers,
) -> Result<Result<bool, Outcome>, Question> {
    if domain == from || strict || !domain.is_within(organization_of_from) {
        return Ok(Ok(domain == from));
    }
    Ok(walk(domain, answers)?.map(|walk| organization(&walk, domain) == *organization_of_from))
}
