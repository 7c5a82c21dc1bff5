//! What a login gives away, and what its lines say, in words.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

use crate::smtp::sasl::client::{Fact, Meaning, Mechanism, Reader, What};
use crate::tape::Side;

use super::note::LONGEST;
use super::{Explanation, Note, Sign, mechanisms};

/// What stands in place of a secret.
const HIDDEN: &str = "••••••••";
/// Random text, salts and the like are cut to so many characters: nobody reads them.
const ENOUGH: usize = 8;

/// A line of a login, decoded.
#[derive(Debug, Clone, Copy)]
pub struct LoginLine<'a> {
    /// The mechanism.
    pub mechanism: Mechanism,
    /// What the line says.
    pub meaning: &'a Meaning,
    /// Who said it.
    pub side: Side,
    /// True inside TLS.
    pub tls: bool,
    /// True if its secrets may be shown.
    pub reveal: bool,
}

/// The note on a line of a login: what it is and what it says. A warning stays as it is.
pub fn note(own: Note, line: &LoginLine<'_>) -> Note {
    if own.sign == Sign::Problem {
        return own;
    }
    let text = clip(format!("{}: {}", title(line), says(line)));
    Note { text: Cow::Owned(text), ..own }
}

/// The explanation of a line of a login: what it says and who learns what stand first.
pub fn explain(mut own: Explanation, line: &LoginLine<'_>) -> Explanation {
    let body = std::mem::take(&mut own.body);
    let mut it = own.say_as("says", says(line));
    if line.side == Side::Client {
        it = it.say_as("server learns", format!("{}.", learned(&line.meaning.learned(Reader::Server))));
        let way = if line.tls {
            "nobody reads it: TLS".to_owned()
        } else {
            format!("everybody can read it: {}", learned(&line.meaning.learned(Reader::Wire)))
        };
        it = it.say_as("on the way", format!("{way}."));
    }
    body.into_iter().fold(it, |it, paragraph| it.say_as(paragraph.label, paragraph.text))
}

/// What kind of line it is.
fn title(line: &LoginLine<'_>) -> &'static str {
    let has = |what| line.meaning.parts().iter().any(|part| part.what == what);
    match (line.side, line.mechanism) {
        (Side::Server, _) if has(What::Refusal) => "why not",
        (Side::Server, _) if has(What::Signature) => "the server's proof",
        (Side::Server, _) if has(What::Salt) => "salt and rounds",
        (Side::Server, Mechanism::CramMd5) => "sign this",
        (Side::Server, _) => "asks",
        (_, Mechanism::Plain) => "names and password",
        (_, Mechanism::Login) if has(What::User) => "the user name",
        (_, Mechanism::Login) => "the password",
        (_, Mechanism::CramMd5) => "user name and keyed digest",
        (_, Mechanism::XOauth2 | Mechanism::OauthBearer) => "a token",
        (_, Mechanism::External) => "act for",
        (_, Mechanism::Anonymous) => "trace text",
        _ if has(What::Proof) => "the proof",
        _ => "user name and random text",
    }
}

/// What the line says, its parts in order.
fn says(line: &LoginLine<'_>) -> String {
    let pieces: Vec<_> = if line.reveal { line.meaning.revealed().collect() } else { line.meaning.pieces().collect() };
    let pieces = pieces.into_iter().map(|piece| match (piece.what, piece.text) {
        (_, None) => HIDDEN.to_owned(),
        (What::Nonce | What::Salt | What::Binding | What::Proof | What::Signature, Some(text)) => short(text.as_str()),
        (_, Some(text)) => text.into_string(),
    });
    pieces.collect()
}

fn short(text: &str) -> String {
    if text.chars().count() <= ENOUGH {
        text.to_owned()
    } else {
        text.chars().take(ENOUGH - 1).chain(['…']).collect()
    }
}

/// As much as a note may hold.
fn clip(text: String) -> String {
    if text.width() <= LONGEST {
        return text;
    }
    let mut clipped = String::new();
    for character in text.chars() {
        clipped.push(character);
        if clipped.width() >= LONGEST {
            clipped.pop();
            break;
        }
    }
    clipped + "…"
}

/// What a reader learns, in words: `who logs in, the password`; `nothing` for no facts.
pub fn learned(facts: &[Fact]) -> String {
    let words: Vec<_> = facts.iter().copied().map(words).collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

/// A fact in words.
const fn words(fact: Fact) -> &'static str {
    match fact {
        Fact::User => "who logs in",
        Fact::ActAs => "whom you act for",
        Fact::Password => "the password itself",
        Fact::Token => "a token that works until it expires",
        Fact::Knowledge => "that you know the password, if it does",
        Fact::Guesses => "something to try passwords on",
        Fact::Connection => "that nobody stands between",
        Fact::Trace => "the text you leave",
        Fact::Unknown => "whatever was typed",
    }
}

/// True if whoever reads the lines has the password or the token.
pub fn is_readable(mechanism: Mechanism) -> bool {
    let entry = mechanisms::mechanism(mechanism.name().as_bytes());
    entry.is_none_or(|entry| matches!(entry.secret_on_wire.as_str(), "password" | "token"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smtp::sasl::client::Reader;

    #[test]
    fn facts_are_said_in_words() {
        let plain = Mechanism::Plain.gives_away(Reader::Wire);
        assert_eq!(learned(plain), "who logs in, the password itself");
        assert_eq!(learned(&[]), "nothing");
        let scram = learned(Mechanism::ScramSha256Plus.gives_away(Reader::Server));
        assert!(scram.ends_with("something to try passwords on, that nobody stands between"), "{scram}");
    }

    #[test]
    fn every_mechanism_that_can_be_chosen_says_why() {
        for mechanism in Mechanism::ALL {
            let why = mechanisms::mechanism(mechanism.name().as_bytes()).map_or("", |entry| entry.why.as_str());
            assert!((10..=42).contains(&why.len()), "{mechanism}: {why:?}");
        }
    }

    #[test]
    fn the_table_and_the_facts_agree_on_what_is_readable() {
        for mechanism in Mechanism::ALL {
            let facts = mechanism.gives_away(Reader::Wire);
            let readable = facts.contains(&Fact::Password) || facts.contains(&Fact::Token);
            assert_eq!(is_readable(*mechanism), readable, "{mechanism}");
        }
    }
}
