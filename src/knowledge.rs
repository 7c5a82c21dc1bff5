//! What a code, status, keyword, verb, record or provider text means, and what to do next.
//!
//! [`note()`] gives the few words of the transcript's third column, [`explain()`] the text of the Explain pane; both take
//! an [`About`], which borrows what the row at hand is made of. The words live in `assets/knowledge/*.toml`: one table
//! each, parsed at its first look-up. A reply is looked up in this order: the recognised server's own messages, those
//! that name their server themselves, those of any server, the enhanced code, the code after this command (or one like
//! it, or any), the code, its digits.

pub mod about;
pub mod bounces;
pub mod cite;
pub mod explain;
pub mod explanation;
pub mod extensions;
pub mod fields;
pub mod flaws;
pub mod given;
pub mod glossary;
mod line;
pub mod log;
pub mod login;
pub mod marks;
pub mod mechanisms;
pub mod messages;
pub mod note;
pub mod problems;
pub mod records;
pub mod replies;
pub mod servers;
pub mod statuses;
pub mod table;
pub mod verbs;

pub use about::{About, CommandLine, Part, ReplyLine, SaslLine, To};
pub use cite::Cite;
pub use explain::explain;
pub use explanation::{Confidence, Explanation, Paragraph, Step};
pub use messages::Normal;
pub use note::{Note, Sign, note};
pub use problems::Problem;
pub use servers::Server;
pub use servers::fingerprint::{Traits, fingerprint};

/// Compiles the expressions of messages and fingerprints (some 30 ms), so that the first refusal on a screen does not
/// wait for them. Call it from a background thread, after the first frame.
pub fn warm() {
    servers::fingerprint::warm();
    messages::warm();
    problems::warm();
}
