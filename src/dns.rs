//! DNS as mail uses it: names, answers, the MX plan of RFC 5321 §5.1, policy records. Pure data, no look-ups.

/// A question: an exact name and a record type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Question {
    /// Fully qualified, as typed but for the final dot, which is always there.
    pub name: String,
    /// The record type, as `MX`.
    pub kind: String,
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {}
