//! Names as people type them: judged before any question leaves (`dns/bad-name`), always taken as absolute.
//!
//! RFC 1035 §2.3.1 with the additions of use: `_` in service names, `*` as a whole first label, `/` of RFC 2317.

use std::fmt;
use std::net::IpAddr;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use super::{Kind, Name, Question, Trouble, unicode};
use crate::smtp::limits::dns as limits;

/// What was typed, as a name, with what is worth saying about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// The absolute name.
    pub name: Name,
    /// Notes: how it was read, what it resembles.
    pub troubles: Vec<Trouble>,
}

impl From<Name> for Typed {
    fn from(name: Name) -> Self {
        Self { name, troubles: Vec::new() }
    }
}

/// Why a text is no name. Its display is one sentence that is safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadName {
    /// Nothing was typed.
    Empty,
    /// Two dots in a row, or a dot at the start: the label with this number (from 1) is empty.
    EmptyLabel(usize),
    /// A label is longer than 63 octets.
    LongLabel {
        /// Which, from 1.
        label: usize,
        /// Its octets.
        octets: usize,
    },
    /// The name is longer than 255 octets on the wire.
    LongName(usize),
    /// A space at this character (from 1).
    Space(usize),
    /// A control character at this character (from 1).
    Control(char, usize),
    /// A character that no name has.
    Symbol(char),
    /// A label begins or ends with a hyphen.
    Hyphen(usize),
    /// Letters outside ASCII that IDNA does not allow.
    NotIdna,
}

impl BadName {
    /// The diagnostic id.
    pub const fn id(&self) -> &'static str {
        "dns/bad-name"
    }

    /// What to do about it.
    pub const fn next(&self) -> &'static str {
        match self {
            Self::Symbol('@') => "Give the part after the @.",
            Self::Symbol('\\') => "Escapes cannot be typed; names are shown with them only.",
            _ => "Type a name like harbor.test.",
        }
    }
}

impl fmt::Display for BadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("There is no name to look up."),
            Self::EmptyLabel(label) => write!(f, "Label {label} is empty: two dots in a row, or a dot at the start."),
            Self::LongLabel { label, octets } => {
                write!(f, "Label {label} is {octets} characters; the limit is {}.", limits::LABEL)
            }
            Self::LongName(octets) => write!(f, "The name is {octets} octets long; the limit is {}.", limits::NAME),
            Self::Space(at) => write!(f, "There is a space at character {at}; a name has none."),
            Self::Control(control, at) => {
                write!(f, "There is a control character ({}) at character {at}.", caret(*control))
            }
            Self::Symbol(symbol) if symbol.is_ascii() => {
                write!(f, "The character '{symbol}' cannot be part of a name.")
            }
            Self::Symbol(symbol) => write!(f, "The character U+{:04X} cannot be part of a name.", u32::from(*symbol)),
            Self::Hyphen(label) => write!(f, "Label {label} begins or ends with a hyphen."),
            Self::NotIdna => f.write_str("These letters do not make an international name (IDNA)."),
        }
    }
}

impl std::error::Error for BadName {}

/// `^[` for ESC, `U+0085` for controls outside ASCII.
fn caret(control: char) -> String {
    match u32::from(control) {
        code @ 0..=0x1f => format!("^{}", char::from_u32(code + 0x40).unwrap_or('?')),
        0x7f => "^?".into(),
        code => format!("U+{code:04X}"),
    }
}

/// Reads a name as it was typed, with or without the final dot.
pub fn name(text: &str) -> Result<Typed, BadName> {
    let text = text.trim_matches(' ');
    if text.is_empty() {
        return Err(BadName::Empty);
    }
    for (at, letter) in text.chars().enumerate() {
        if letter.is_control() {
            return Err(BadName::Control(letter, at + 1));
        }
        if letter.is_whitespace() {
            return Err(BadName::Space(at + 1));
        }
    }
    if text == "." {
        return Ok(Typed { name: Name::root(), troubles: Vec::new() });
    }
    let ascii = if text.is_ascii() { text.into() } else { a_labels(text)? };
    let name = checked(&ascii)?;
    let mut troubles: Vec<Trouble> = (!text.is_ascii()).then(|| read_as(&name)).into_iter().collect();
    troubles.extend(unicode::unicode(&name).and_then(|found| found.trouble));
    if name.labels().len() == 1 {
        troubles.push(exactly(&name));
    }
    Ok(Typed { name, troubles })
}

/// Reads a free question: a name and a type; an address stands for its reverse name and asks for PTR.
pub fn question(text: &str, kind: Kind) -> Result<(Question, Vec<Trouble>), BadName> {
    let bare = text.trim_matches([' ', '[', ']']);
    let bare =
        bare.get(..5).filter(|tag| tag.eq_ignore_ascii_case("IPv6:")).and_then(|_| bare.get(5..)).unwrap_or(bare);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Ok((Question::new(Name::reverse(address), Kind::PTR), Vec::new()));
    }
    name(text).map(|typed| (Question::new(typed.name, kind), typed.troubles))
}

fn a_labels(text: &str) -> Result<std::borrow::Cow<'_, str>, BadName> {
    let lengths = DnsLength::Ignore; // judged below, with numbers
    let ascii = Uts46::new().to_ascii(text.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow, lengths);
    ascii.map_err(|_| BadName::NotIdna)
}

fn checked(ascii: &str) -> Result<Name, BadName> {
    let labels: Vec<&str> = ascii.strip_suffix('.').unwrap_or(ascii).split('.').collect();
    for (index, label) in labels.iter().enumerate() {
        check_label(label, index)?;
    }
    let name = Name::from_labels(labels);
    match name.wire_len() {
        octets if octets > limits::NAME => Err(BadName::LongName(octets)),
        _ => Ok(name),
    }
}

fn check_label(label: &str, index: usize) -> Result<(), BadName> {
    let number = index + 1;
    if label.is_empty() {
        return Err(BadName::EmptyLabel(number));
    }
    if label.len() > limits::LABEL {
        return Err(BadName::LongLabel { label: number, octets: label.len() });
    }
    if index == 0 && label == "*" {
        return Ok(());
    }
    if let Some(symbol) = label.chars().find(|letter| !(letter.is_ascii_alphanumeric() || "-_/".contains(*letter))) {
        return Err(BadName::Symbol(symbol));
    }
    if label.starts_with('-') || label.ends_with('-') {
        return Err(BadName::Hyphen(number));
    }
    Ok(())
}

fn read_as(name: &Name) -> Trouble {
    Trouble::note("addr/idna", "RFC 5891 §4", format!("Asked as {name}: the DNS carries ASCII names only."))
}

/// The note that a short name is not completed (`dns/search`).
fn exactly(name: &Name) -> Trouble {
    let text = format!("Looked up exactly as '{name}'; search domains are not used here.");
    Trouble::note("dns/search", "RFC 1535", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn any_text_is_a_sound_name_or_an_error_that_can_be_shown(text in "\\PC{0,80}|[a-z0-9.*_/-]{0,300}|(?s:.{0,20})") {
            match name(&text) {
                Ok(typed) => {
                    proptest::prop_assert!(typed.name.wire_len() <= limits::NAME);
                    proptest::prop_assert!(typed.name.labels().all(|label| (1..=limits::LABEL).contains(&label.len())));
                    proptest::prop_assert_eq!(name(&typed.name.to_string()).map(|again| again.name), Ok(typed.name));
                }
                Err(error) => proptest::prop_assert!(!error.to_string().chars().any(char::is_control)),
            }
        }
    }

    fn bad(text: &str) -> String {
        let error = name(text).unwrap_err();
        assert_eq!(error.id(), "dns/bad-name");
        error.to_string()
    }

    #[test]
    fn q203_bad_names_are_refused_before_any_query() {
        assert_eq!(bad("exa mple"), "There is a space at character 4; a name has none.");
        assert_eq!(bad("-x.test"), "Label 1 begins or ends with a hyphen.");
        assert_eq!(bad(&format!("mail.{}.test", "a".repeat(70))), "Label 2 is 70 characters; the limit is 63.");
        assert_eq!(bad(&format!("{}.test", "a".repeat(64))), "Label 1 is 64 characters; the limit is 63.");
        let long = ["a".repeat(62).as_str(); 4].join(".") + ".test";
        assert_eq!(bad(&long), "The name is 258 octets long; the limit is 255.");
        assert_eq!(bad(""), "There is no name to look up.");
        assert_eq!(bad("  "), "There is no name to look up.");
        assert_eq!(bad(".."), "Label 1 is empty: two dots in a row, or a dot at the start.");
        assert_eq!(bad("mx..test"), "Label 2 is empty: two dots in a row, or a dot at the start.");
        assert_eq!(bad("ev\x1b[2Jil.test"), "There is a control character (^[) at character 3.");
        assert_eq!(bad("pat@harbor.test"), "The character '@' cannot be part of a name.");
        assert_eq!(bad("ex\\046ample.test"), "The character '\\' cannot be part of a name.");
        assert_eq!(bad("a\u{202e}b.test"), "These letters do not make an international name (IDNA).");
    }

    #[test]
    fn q204_a_short_name_is_taken_as_it_is() {
        let typed = name("mx").unwrap();
        assert_eq!(typed.name.to_string(), "mx.");
        assert_eq!(typed.troubles[0].id, "dns/search");
        assert_eq!(typed.troubles[0].text, "Looked up exactly as 'mx.'; search domains are not used here.");
        assert_eq!(name("test.").unwrap().name, name("test").unwrap().name);
        assert!(name("harbor.test").unwrap().troubles.is_empty());
    }

    #[test]
    fn names_of_services_wildcards_and_the_root_may_be_asked() {
        for text in ["_25._tcp.mx1.harbor.test", "*.harbor.test", "0/25.2.0.192.in-addr.arpa", "harbor.test."] {
            assert!(name(text).is_ok(), "{text}");
        }
        assert!(name(".").unwrap().name.is_root());
        assert_eq!(bad("a*.test"), "The character '*' cannot be part of a name.");
    }

    #[test]
    fn foreign_letters_become_a_labels() {
        let typed = name("bücher.test").unwrap();
        assert_eq!(typed.name.to_string(), "xn--bcher-kva.test.");
        assert_eq!(typed.troubles[0].text, "Asked as xn--bcher-kva.test.: the DNS carries ASCII names only.");
        let typed = name("аррӏе.com").unwrap();
        assert!(typed.troubles.iter().any(|trouble| trouble.id == "addr/confusable"));
    }

    #[test]
    fn an_address_asks_for_its_reverse_name() {
        let (asked, _) = question("192.0.2.10", Kind::MX).unwrap();
        assert_eq!((asked.name.to_string().as_str(), asked.kind), ("10.2.0.192.in-addr.arpa.", Kind::PTR));
        assert_eq!(question("[IPv6:2001:db8::10]", Kind::A).unwrap().0.kind, Kind::PTR);
        assert_eq!(question("harbor.test", Kind::TXT).unwrap().0.kind, Kind::TXT);
    }
}
