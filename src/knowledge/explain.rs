//! Explanations for the Explain pane: what the selected line means, why, and what to do next.

mod capability;
mod command;
mod letter;
mod login;
mod mark;
mod named;
mod record;
mod reply;
mod value;

use super::about::About;
use super::explanation::Explanation;

pub(crate) use record::title as record_title;
pub(super) use reply::said;

/// The explanation of one row, or of a thing by its name.
pub fn explain(about: &About<'_>) -> Explanation {
    match *about {
        About::Reply(line) => reply::explain(line),
        About::Stray(line) => reply::stray(line),
        About::Command(line) => command::explain(line),
        About::Verb(verb) => command::verb(verb.as_bytes()),
        About::Parameter(verb, name) => command::parameter(verb, name),
        About::Content { line, part } => letter::explain(line, part),
        About::Header(name) => letter::header(name.as_bytes()),
        About::EndOfData => command::verb(b"."),
        About::Chunk => letter::chunk(),
        About::Elided(octets) => letter::elided(octets),
        About::Sasl(line) => login::line(line),
        About::Mechanism(name) => login::mechanism(name.as_bytes()),
        About::Undecided => command::undecided(),
        About::Mark(it) => mark::explain(it),
        About::Code(code) => reply::code(code),
        About::Status(class, subject, detail) => reply::status(class, subject, detail),
        About::Keyword(line) => capability::explain(line, None),
        About::Capability { line, tls } => capability::explain(line, Some(tls)),
        About::Record { kind, text } => record::explain(kind, text),
        About::Tag { policy, tag } => record::tag(policy, tag),
        About::Flaw(id) => named::flaw(id),
        About::Term(term) => named::term(term),
    }
}
