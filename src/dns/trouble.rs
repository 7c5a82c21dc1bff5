//! What is odd about a name, a record or an answer, in words for people, with its stable diagnostic id.

use std::borrow::Cow;
use std::fmt;

/// How grave a trouble is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Weight {
    /// Worth knowing; nothing is wrong.
    Note,
    /// Works, but should not be so.
    Warning,
    /// Does not work.
    Error,
}

/// Something worth a line beside a record or a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The diagnostic id, as `dns/mx-cname`.
    pub id: &'static str,
    /// How grave it is.
    pub weight: Weight,
    /// One or two sentences; names in them are in presentation form.
    pub text: Cow<'static, str>,
    /// Where the rule stands, as `RFC 5321 §5.1`; empty where it is our own.
    pub cite: &'static str,
}

impl Trouble {
    /// A trouble that is worth knowing and no more.
    pub fn note(id: &'static str, cite: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        Self { id, weight: Weight::Note, text: text.into(), cite }
    }

    /// A trouble that should not be, but is survived.
    pub fn warning(id: &'static str, cite: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        Self { id, weight: Weight::Warning, text: text.into(), cite }
    }

    /// A trouble that stops mail, or would.
    pub fn error(id: &'static str, cite: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        Self { id, weight: Weight::Error, text: text.into(), cite }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
