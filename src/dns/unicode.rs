//! Internationalised names (RFC 5890): the A-label (`xn--…`) is always what is shown, the U-label only an addition.
//!
//! A U-label may be written in letters that look like others. The table below is no complete list (Unicode TS #39 has
//! thousands); it holds the letters of other alphabets that pass for a-z and digits in common fonts.

use idna::uts46::{AsciiDenyList, Hyphens, Uts46};

use super::{Name, Trouble};

/// A name with A-labels, read as Unicode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unicode {
    /// The U-labels, dots between them, no final dot. Untrusted: it may hold letters of any script and direction.
    pub text: String,
    /// What to say about it, if it can be mistaken for something else (`addr/confusable`).
    pub trouble: Option<Trouble>,
}

/// The international name that stands in a text, as it is typed into a command: behind the last `@`, or behind the verb.
/// Nothing if there is none, or if it is in ASCII through and through.
pub fn in_command(line: &str) -> Option<(Name, Unicode)> {
    let from = line.rfind(['@', ' ']).map_or(0, |at| at + 1);
    let at = line.rfind('@').map_or(from, |at| at + 1);
    let domain = line.get(at..)?.split(['>', ' ']).next()?;
    let name = super::typed::name(domain.trim_matches(['<', '>', '"'])).ok()?.name;
    let unicode = unicode(&name)?;
    Some((name, unicode))
}

/// Letters that pass for a Latin letter or a digit.
const ALIKE: &[(&str, char)] = &[
    ("аαａ", 'a'),
    ("ьƅ", 'b'),
    ("сϲⅽ", 'c'),
    ("ԁⅾ", 'd'),
    ("еєҽ", 'e'),
    ("ց", 'g'),
    ("һհ", 'h'),
    ("іıιӏ", 'i'),
    ("јϳ", 'j'),
    ("κкⲕ", 'k'),
    ("ⅼ", 'l'),
    ("мⅿ", 'm'),
    ("ոпη", 'n'),
    ("оοօσ", 'o'),
    ("рρ", 'p'),
    ("ԛզ", 'q'),
    ("гⲅ", 'r'),
    ("ѕꜱ", 's'),
    ("тτ", 't'),
    ("υսц", 'u'),
    ("νѵ", 'v'),
    ("ԝѡω", 'w'),
    ("хχ", 'x'),
    ("уγү", 'y'),
    ("з", '3'),
];

/// The reading of a name that has A-labels; nothing if it has none or they are broken.
pub fn unicode(name: &Name) -> Option<Unicode> {
    let mut texts = Vec::new();
    let mut trouble = None;
    for label in name.labels() {
        let ascii = std::str::from_utf8(label).ok()?;
        let text = if is_a_label(ascii) { u_label(ascii)? } else { ascii.to_owned() };
        if trouble.is_none() {
            trouble = suspicion(ascii, &text);
        }
        texts.push(text);
    }
    let any = name.labels().any(|label| std::str::from_utf8(label).is_ok_and(is_a_label));
    any.then(|| Unicode { text: texts.join("."), trouble })
}

fn is_a_label(label: &str) -> bool {
    label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--"))
}

fn u_label(label: &str) -> Option<String> {
    let (text, fine) = Uts46::new().to_unicode(label.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow);
    fine.ok().map(|()| text.into_owned())
}

/// What is suspicious about one label: it can be read as plain ASCII, or it mixes alphabets.
fn suspicion(ascii: &str, text: &str) -> Option<Trouble> {
    if text.is_ascii() {
        return None;
    }
    // U+04CF passes for both i and l: the reading as l is the better known trick.
    let readings = [text.replace('ӏ', "l"), text.to_owned()];
    let cite = "Unicode TS #39 §4";
    if let Some(looks) = readings.iter().find_map(|reading| skeleton(reading)) {
        let says = format!("Looks like '{looks}' but is {ascii}.");
        return Some(Trouble::warning("addr/confusable", cite, says));
    }
    let mut scripts: Vec<&str> = text.chars().filter_map(script).collect();
    scripts.sort_unstable();
    scripts.dedup();
    let japanese = scripts.iter().all(|name| ["Latin", "Han", "Kana"].contains(name));
    let korean = scripts.iter().all(|name| ["Latin", "Han", "Hangul"].contains(name));
    (scripts.len() > 1 && !japanese && !korean).then(|| {
        let says = format!("{ascii} mixes letters of different scripts: {}.", scripts.join(", "));
        Trouble::warning("addr/confusable", cite, says)
    })
}

/// The text in ASCII letters, if every letter of it passes for one.
fn skeleton(text: &str) -> Option<String> {
    text.chars()
        .map(|letter| match letter {
            _ if letter.is_ascii() => Some(letter),
            _ => ALIKE.iter().find(|(alike, _)| alike.contains(letter)).map(|(_, ascii)| *ascii),
        })
        .collect()
}

/// The script of a letter, coarsely; digits, hyphens and marks belong to every script.
fn script(letter: char) -> Option<&'static str> {
    Some(match u32::from(letter) {
        0x41..=0x5a | 0x61..=0x7a | 0xc0..=0x24f | 0x1e00..=0x1eff => "Latin",
        0x370..=0x3ff | 0x1f00..=0x1fff => "Greek",
        0x400..=0x52f | 0x1c80..=0x1c8f | 0xa640..=0xa69f => "Cyrillic",
        0x530..=0x58f => "Armenian",
        0x590..=0x5ff => "Hebrew",
        0x600..=0x6ff | 0x750..=0x77f | 0x8a0..=0x8ff => "Arabic",
        0x900..=0x97f => "Devanagari",
        0xe00..=0xe7f => "Thai",
        0x10a0..=0x10ff => "Georgian",
        0x13a0..=0x13ff => "Cherokee",
        0x2c80..=0x2cff => "Coptic",
        0x3040..=0x30ff => "Kana",
        0x3400..=0x9fff | 0x2_0000..=0x3_ffff => "Han",
        0x1100..=0x11ff | 0xac00..=0xd7af => "Hangul",
        _ if letter.is_alphabetic() => "another script",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str) -> Unicode {
        unicode(&Name::ascii(name)).unwrap()
    }

    #[test]
    fn q197_a_name_that_passes_for_apple_is_named() {
        let found = read("xn--80ak6aa92e.com");
        assert_eq!(found.text, "аррӏе.com");
        let trouble = found.trouble.unwrap();
        assert_eq!(trouble.id, "addr/confusable");
        assert_eq!(trouble.text, "Looks like 'apple' but is xn--80ak6aa92e.");
    }

    #[test]
    fn an_honest_foreign_name_is_not_suspected() {
        assert_eq!(read("xn--bcher-kva.test").text, "bücher.test");
        assert_eq!(read("xn--bcher-kva.test").trouble, None);
        assert_eq!(read("xn--r8jz45g.test").trouble, None);
        assert_eq!(unicode(&Name::ascii("harbor.test")), None);
        assert_eq!(unicode(&Name::ascii("xn--99999999999.test")), None);
    }

    #[test]
    fn the_name_in_a_command_is_found() {
        for line in ["EHLO bücher.test", "RCPT TO:<jörg@bücher.test>", "MAIL FROM:<a@xn--bcher-kva.test> SMTPUTF8"] {
            let (name, unicode) = in_command(line).unwrap();
            assert_eq!(
                (name.relative().as_str(), unicode.text.as_str()),
                ("xn--bcher-kva.test", "bücher.test"),
                "{line}"
            );
        }
        for line in ["EHLO harbor.test", "RCPT TO:<jörg@harbor.test>", "NOOP", "", "MAIL FROM:<>"] {
            assert_eq!(in_command(line), None, "{line}");
        }
    }

    #[test]
    fn mixed_scripts_are_named() {
        // "harbсд" : Latin with Cyrillic, and not all of it passes for ASCII
        let ascii = idna::domain_to_ascii("harbсд.test").unwrap();
        let trouble = read(&ascii).trouble.unwrap();
        assert!(trouble.text.contains("Cyrillic, Latin"), "{trouble}");
    }
}
