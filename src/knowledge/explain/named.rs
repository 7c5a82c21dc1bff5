//! Explains a diagnostic or a term by its name.

use crate::knowledge::about::About;
use crate::knowledge::explanation::{Confidence, Explanation, capital};
use crate::knowledge::line::plain;
use crate::knowledge::{extensions, fields, flaws, glossary, mechanisms, problems, records, verbs};
use crate::smtp::flaw::FlawKind;
use crate::smtp::status::Status;

/// Explains a diagnostic.
pub(super) fn flaw(id: &str) -> Explanation {
    let Some(entry) = flaws::flaw(id) else {
        return Explanation::new("Something odd", plain(id.as_bytes(), 40).unwrap_or_default())
            .sure(Confidence::Possible);
    };
    let title = entry.title.strip_prefix("! ").unwrap_or(&entry.title);
    Explanation::new(capital(title), entry.id.as_str())
        .say(entry.meaning.as_str())
        .step(&entry.next, "")
        .cite(FlawKind::from_id(id).map_or("", FlawKind::cite))
        .cite_all(&entry.refs)
}

/// Explains any term: a word of the glossary, a problem, a code, a verb, a keyword, a mechanism, a field or a record.
pub(super) fn term(text: &str) -> Explanation {
    if let Some(entry) = glossary::term(text) {
        let it = Explanation::new(entry.term.as_str(), "term").say(entry.meaning.as_str()).cite_all(&entry.refs);
        let others = entry.see.join(", ");
        return it.also("see also", others);
    }
    let word = text.trim();
    let bytes = word.as_bytes();
    if let Some(entry) = problems::entry(word) {
        return problems::explain(entry);
    }
    if let (3, Ok(code)) = (word.len(), word.parse::<u16>()) {
        return super::explain(&About::Code(code));
    }
    if let Some(status) = Status::parse(bytes) {
        return super::explain(&About::Status(u16::from(status.class), status.subject, status.detail));
    }
    if verbs::verb(bytes).is_some() {
        return super::explain(&About::Verb(word));
    }
    if extensions::keyword(bytes).is_some() {
        return super::explain(&About::Keyword(bytes));
    }
    if mechanisms::mechanism(bytes).is_some() {
        return super::explain(&About::Mechanism(word));
    }
    if fields::header(bytes).is_some() {
        return super::explain(&About::Header(word));
    }
    if records::record(word).is_some() {
        return super::explain(&About::Record { kind: word, text: "" });
    }
    Explanation::new(plain(bytes, 40).unwrap_or("this text"), "term")
        .sure(Confidence::Possible)
        .say("ehlo has no explanation for this.")
}
