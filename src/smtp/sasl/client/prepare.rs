//! Names and passwords in the form that both sides hash alike: SASLprep (RFC 4013) and the trace profile (RFC 4505 §3).
//!
//! Both treat the text as a query: code points that Unicode 3.2 had not assigned, as an emoji, are let through
//! (RFC 5802 §5.1). The tables are stringprep's; its own SASLprep is for stored strings and refuses them.

use secrecy::zeroize::Zeroizing;
use stringprep::tables;
use unicode_normalization::UnicodeNormalization;

/// Why a text cannot be prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unprepared {
    /// This character is prohibited (RFC 4013 §2.3).
    Prohibited(char),
    /// Characters of both reading directions are mixed (RFC 3454 §6).
    Directions,
    /// Nothing is left after preparation.
    Empty,
}

/// SASLprep: other spaces become a space, what is commonly mapped to nothing vanishes, the rest becomes NFKC.
pub(super) fn saslprep(text: &str) -> Result<Zeroizing<String>, Unprepared> {
    let spaced = |point: char| if tables::non_ascii_space_character(point) { ' ' } else { point };
    let mapped = text.chars().map(spaced).filter(|point| !tables::commonly_mapped_to_nothing(*point));
    let prepared = Zeroizing::new(mapped.nfkc().collect::<String>());
    let prohibited = |point: char| {
        is_prohibited(point)
            || tables::non_ascii_space_character(point)
            || tables::inappropriate_for_canonical_representation(point)
    };
    check(&prepared, prohibited)?;
    if prepared.is_empty() && !text.is_empty() { Err(Unprepared::Empty) } else { Ok(prepared) }
}

/// The trace profile: nothing is changed, some characters are refused.
pub(super) fn trace(text: &str) -> Result<(), Unprepared> {
    check(text, is_prohibited)
}

/// The tables that both profiles prohibit.
fn is_prohibited(point: char) -> bool {
    tables::ascii_control_character(point)
        || tables::non_ascii_control_character(point)
        || tables::private_use(point)
        || tables::non_character_code_point(point)
        || tables::inappropriate_for_plain_text(point)
        || tables::change_display_properties_or_deprecated(point)
        || tables::tagging_character(point)
}

fn check(text: &str, prohibited: impl Fn(char) -> bool) -> Result<(), Unprepared> {
    if let Some(point) = text.chars().find(|point| prohibited(*point)) {
        return Err(Unprepared::Prohibited(point));
    }
    let right_to_left = |point: Option<char>| point.is_some_and(tables::bidi_r_or_al);
    let mixed = text.contains(tables::bidi_l)
        || !right_to_left(text.chars().next())
        || !right_to_left(text.chars().next_back());
    if text.contains(tables::bidi_r_or_al) && mixed { Err(Unprepared::Directions) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_examples_of_rfc_4013_come_out_as_printed() {
        let prepared = |text: &str| saslprep(text).map(|text| text.to_string());
        for (input, output) in [("I\u{AD}X", "IX"), ("user", "user"), ("USER", "USER"), ("ª", "a"), ("\u{2168}", "IX")]
        {
            assert_eq!(prepared(input).as_deref(), Ok(output), "{input:?}");
        }
        assert_eq!(prepared("\u{7}"), Err(Unprepared::Prohibited('\u{7}')));
        assert_eq!(prepared("\u{627}1"), Err(Unprepared::Directions));
    }

    #[test]
    fn spaces_are_alike_and_what_was_not_assigned_is_let_through() {
        assert_eq!(&**saslprep("a\u{A0}b\u{3000}c").unwrap(), "a b c");
        assert_eq!(&**saslprep("🦀").unwrap(), "🦀");
        assert_eq!(saslprep("\u{AD}\u{200D}"), Err(Unprepared::Empty));
        assert_eq!(&**saslprep("").unwrap(), "");
    }

    #[test]
    fn the_trace_profile_changes_nothing() {
        assert_eq!(trace("sirhc"), Ok(()));
        assert_eq!(trace("a\u{A0}ª"), Ok(()), "no mapping, no normalisation, and C.1.2 is not prohibited");
        assert_eq!(trace("a\nb"), Err(Unprepared::Prohibited('\n')));
    }

    proptest! {
        /// Whatever stringprep's own function takes, ours takes and makes the same of it.
        #[test]
        fn stored_strings_come_out_as_the_crate_makes_them(text in "[ -~\u{A0}-\u{24F}\u{5D0}-\u{5EA}\u{2160}-\u{217F}\u{3000}\u{FB00}-\u{FB06}]{0,12}") {
            match (stringprep::saslprep(&text), saslprep(&text)) {
                (Ok(theirs), Ok(ours)) => prop_assert_eq!(&*theirs, ours.as_str()),
                // Theirs lets a text vanish.
                (Ok(theirs), Err(Unprepared::Empty)) => prop_assert_eq!(&*theirs, ""),
                // Theirs does not check text of ASCII alone for anything but controls.
                (Ok(theirs), Err(why)) => prop_assert!(false, "{why:?} but theirs is {theirs:?}"),
                (Err(_), Ok(ours)) => prop_assert!(ours.chars().any(tables::unassigned_code_point), "{ours:?}"),
                (Err(_), Err(_)) => {}
            }
        }
    }
}
