//! Explains a DNS record, or a tag of a policy in one.

use crate::knowledge::about::About;
use crate::knowledge::explanation::{Explanation, sentence};
use crate::knowledge::line::plain;
use crate::knowledge::note;
use crate::knowledge::records::{self, PolicyText, RecordType, Tag};

/// The heading of a record: the policy that its text holds, or its type.
pub(crate) fn title(kind: &str, text: &str) -> Option<&'static str> {
    policy_of(kind, text).map(|policy| policy.title.as_str()).or_else(|| entry(kind, text).map(|e| e.title.as_str()))
}

/// Explains a record.
pub(super) fn explain(kind: &str, text: &str) -> Explanation {
    if let Some(policy) = policy_of(kind, text) {
        return terms(self::policy(policy), policy, text);
    }
    let Some(entry) = entry(kind, text) else {
        let kind = plain(kind.as_bytes(), 20).unwrap_or("this type");
        return Explanation::new(format!("{kind} · a record"), "DNS record").say("Mail does not use this type.");
    };
    let it = Explanation::new(format!("{} · {}", entry.kind, entry.title), "DNS record").say(entry.purpose.as_str());
    let it = fields(it, entry, text);
    let it = it.also("stands at", entry.owner.as_str()).also("example", entry.example.as_str()).cite(&entry.cite);
    let it = entry.rules.iter().fold(it, |it, rule| it.also("rule", rule.as_str()));
    entry.mistakes.iter().fold(it, |it, mistake| it.also("often wrong", mistake.as_str()))
}

/// Explains a tag of a policy.
pub(super) fn tag(policy: &str, text: &str) -> Explanation {
    let found = records::policy_named(policy).and_then(|policy| records::tag(policy, text).map(|tag| (policy, tag)));
    let Some((policy, tag)) = found else {
        let text = plain(text.as_bytes(), 40).unwrap_or("this tag");
        return Explanation::new(format!("{text} · unknown tag"), "tag of a policy")
            .say("Receivers ignore tags that they do not know, or give up on the whole record.");
    };
    let it = Explanation::new(format!("{} · {}", tag.name, policy.title), format!("tag, {}", tag.status))
        .say(tag.meaning.as_str())
        .say(records::value(policy, tag, text).map(sentence).unwrap_or_default())
        .also("values", tag.values.as_str())
        .also("if it is missing", tag.default.as_str());
    it.cite(&tag.cite)
}

/// The policy that the text of a TXT record holds.
fn policy_of(kind: &str, text: &str) -> Option<&'static PolicyText> {
    kind.eq_ignore_ascii_case("TXT").then(|| records::policy(text.as_bytes())).flatten()
}

/// The entry of a type; null MX has one of its own.
fn entry(kind: &str, text: &str) -> Option<&'static RecordType> {
    let null = kind.eq_ignore_ascii_case("MX") && text.split_whitespace().eq(["0", "."]);
    records::record(if null { "MX 0 ." } else { kind })
}

/// What a policy is for.
fn policy(policy: &'static PolicyText) -> Explanation {
    let it = Explanation::new(format!("{} · TXT record", policy.title), "DNS record")
        .say(policy.meaning.as_str())
        .cite(&policy.cite);
    it.also("stands at", policy.owner.as_str())
}

/// The tags of this very text, then the rules.
fn terms(it: Explanation, policy: &'static PolicyText, text: &str) -> Explanation {
    let separator = if policy.id == "spf" { ' ' } else { ';' };
    let found =
        text.split(separator).map(str::trim).filter_map(|term| Some((plain_term(term)?, records::tag(policy, term)?)));
    let it = found.fold(it, |it, (term, tag): (&str, &'static Tag)| {
        let words = note::note(&About::Tag { policy: &policy.id, tag: term }).text;
        it.say_as(term, sentence(&words)).cite(&tag.cite)
    });
    let it = policy.rules.iter().fold(it, |it, rule| it.also("rule", rule.as_str()));
    policy.mistakes.iter().fold(it, |it, mistake| it.also("often wrong", mistake.as_str()))
}

/// A term that is fit to be shown: printable, at most 60 characters.
fn plain_term(term: &str) -> Option<&str> {
    let fit = !term.is_empty() && term.len() <= 60 && term.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    fit.then_some(term)
}

/// The fields of a record; of TLSA only those that its numbers name.
fn fields(it: Explanation, entry: &'static RecordType, text: &str) -> Explanation {
    let numbers: Vec<&str> = text.split_whitespace().take(3).collect();
    let wanted = |name: &str| match (entry.kind.as_str(), name.split_once(' ')) {
        ("TLSA", Some((field, value))) if numbers.len() == 3 => {
            let place = ["usage", "selector", "matching"].iter().position(|known| *known == field);
            place.and_then(|place| numbers.get(place)) == Some(&value)
        }
        _ => true,
    };
    entry
        .field
        .iter()
        .filter(|field| wanted(&field.name))
        .fold(it, |it, field| it.say_as(field.name.as_str(), field.meaning.as_str()).cite(&field.cite))
}
