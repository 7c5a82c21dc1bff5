//! What can be judged about a letter and its sender: the name of the client, SPF, DKIM, DMARC, ARC, and the field that says so.
//!
//! ```text
//! judge(letter, sender, answers) ── a question is open ──▶ ask the DNS, keep the answer, judge again
//!                                └─ all is known ────────▶ the results, each with its reason
//! ```
//!
//! Facts are gathered elsewhere; here they are judged. Everything is a function of the letter, the sender, the time and
//! the answers that are known, so a judgement can be repeated at any time and from any record.

pub mod arc;
pub mod dkim;
pub mod dmarc;
pub mod results;
pub mod reverse;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use crate::dns::policy::spf::check::{Checked, Sender, check};
use crate::dns::{Answer, Question};

use arc::Arc;
use dkim::Signed;
use dmarc::Aligned;
use reverse::Reverse;

/// The answers of the DNS that are known.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    answers: HashMap<Question, Answer>,
}

impl Answers {
    /// Keeps an answer.
    pub fn keep(&mut self, question: Question, answer: Answer) {
        self.answers.insert(question, answer);
    }

    /// The answer to a question; `Err` is the question, if there is none yet.
    pub fn of(&self, question: Question) -> Result<&Answer, Question> {
        self.answers.get(&question).ok_or(question)
    }
}

/// A letter's results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Whether the client's address has a name that leads back to it.
    pub reverse: Reverse,
    /// SPF of the reverse-path.
    pub spf: Checked,
    /// Each DKIM signature, in the order of the header.
    pub dkim: Vec<Signed>,
    /// DMARC of the From domain.
    pub dmarc: Aligned,
    /// What those who passed the letter on sealed.
    pub arc: Arc,
}

/// Judges a letter that a client sends at `now`, in seconds since 1970; `Err` is the question whose answer is missing.
pub fn judge(letter: &[u8], sender: &Sender, now: u64, answers: &Answers) -> Result<Judged, Question> {
    let reverse = reverse::reverse(sender.address, answers)?;
    let spf = check(sender, |question| answers.answers.get(question))?;
    let dkim = dkim::verify(letter, now, answers)?;
    let dmarc = dmarc::align(letter, sender, &spf, &dkim, answers)?;
    let arc = arc::verify(letter, now, answers)?;
    Ok(Judged { reverse, spf, dkim, dmarc, arc })
}
