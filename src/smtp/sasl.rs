//! What passes between client and server during a login (RFC 4954 §4): Base64 lines, and what mechanisms put in them.
//!
//! ```abnf
//! continue-req     = "334" SP [base64] CRLF              ; RFC 4954 §8
//! initial-response = base64 / "="
//! cancel-response  = "*"
//! ```
//!
//! What a client sends is a secret whatever it holds, the cancel response excepted. Reading keeps nothing of it; the
//! [`client`] keeps what it must in types that do not print.

mod base64;
pub mod client;
mod hash;
mod oauth;
mod plain;
mod scram;
pub mod server;

pub use base64::{NotBase64, decode, encode};
pub use oauth::refusal_field;
pub use plain::{Plain, PlainTrouble};
pub use scram::{Attributes, MAX_ROUNDS, attributes, server_first_flaws};

use super::flaw::FlawKind;

/// A line that a client sends while a login is pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Response<'a> {
    /// `*`: the client gives up.
    Cancel,
    /// An empty response: an empty line, or `=` behind AUTH.
    Empty,
    /// Base64, a secret.
    Encoded(&'a [u8]),
}

/// What the text of a response line is; `initial` if it stood behind AUTH.
pub fn response(text: &[u8], initial: bool) -> Response<'_> {
    match text {
        b"*" if !initial => Response::Cancel,
        b"=" if initial => Response::Empty,
        b"" => Response::Empty,
        encoded => Response::Encoded(encoded),
    }
}

/// True for what people and programs write in place of a secret: stars, bullets, the letter x, words in brackets. None of
/// it was sent.
pub fn is_redacted(text: &[u8]) -> bool {
    let all = |sign: &[u8]| text.len() > 2 && text.chunks(sign.len()).all(|chunk| chunk == sign);
    let bracketed = |open, close| text.first() == Some(&open) && text.last() == Some(&close) && text.len() > 2;
    let signs: [&[u8]; 5] = [b"*", b"x", b"X", b".", "\u{2022}".as_bytes()];
    signs.into_iter().any(all) || bracketed(b'[', b']') || bracketed(b'<', b'>')
}

/// What a decoded challenge of LOGIN asks for. The mechanism was never standardised; servers word their prompts alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Prompt {
    /// The user name.
    Username,
    /// The password.
    Password,
    /// Neither by its words.
    Other,
}

impl Prompt {
    /// Reads a decoded challenge.
    pub fn of(challenge: &[u8]) -> Self {
        let begins = |word: &[u8]| challenge.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
        if begins(b"user") || begins(b"login") {
            Self::Username
        } else if begins(b"pass") {
            Self::Password
        } else {
            Self::Other
        }
    }

    /// What LOGIN asks for at this step, counted from zero.
    pub const fn expected(step: usize) -> Self {
        match step {
            0 => Self::Username,
            1 => Self::Password,
            _ => Self::Other,
        }
    }
}

/// What is odd about the text of a 334 line, given the mechanism and how many challenges came before.
pub fn challenge_flaws(mechanism: &str, step: usize, text: &[u8]) -> Vec<FlawKind> {
    let Ok(challenge) = decode(text) else { return vec![FlawKind::AuthBadBase64] };
    let is = |name: &str| mechanism.eq_ignore_ascii_case(name);
    let scram = mechanism.get(..6).is_some_and(|head| head.eq_ignore_ascii_case("SCRAM-"));
    let prompt = Prompt::of(&challenge);
    if is("LOGIN") && prompt != Prompt::Other && prompt != Prompt::expected(step) {
        return vec![FlawKind::PromptMismatch];
    }
    if (is("XOAUTH2") || is("OAUTHBEARER")) && refusal_field(&challenge, "status").is_some() {
        return vec![FlawKind::XOauth2Error];
    }
    if scram { server_first_flaws(&challenge) } else { Vec::new() }
}

#[cfg(test)]
mod tests;
