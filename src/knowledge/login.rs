//! What a login gives away, in words.

use crate::smtp::sasl::client::{Fact, Mechanism};

use super::mechanisms;

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
