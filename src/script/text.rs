//! Texts of a script: octets with variables between them.
//!
//! ```abnf
//! text     = *( variable / "{{" / octet )      ; "{{" stands for "{"
//! variable = "{" name "}"
//! name     = lower *( lower / DIGIT / "_" / "-" )
//! ```
//!
//! A value never brings a line break along: it would make a second command of what follows it.

use std::collections::BTreeMap;

use crate::smtp::line::breaks;

/// The values of variables, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables(BTreeMap<String, String>);

/// A text with variables in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(Vec<Piece>);

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Octets as they are.
    Octets(Vec<u8>),
    /// The value of a variable.
    Variable(String),
}

/// Why a text has no octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfilled {
    /// The variable has no value.
    NoValue(String),
    /// Its value holds a line break or a NUL.
    Breaks(String),
}

impl Variables {
    /// Gives a variable its value.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl Text {
    /// Reads a text in which nothing but variables is special.
    pub fn plain(text: &str) -> Self {
        let mut read = Self::default();
        let mut rest = text;
        while let Some(at) = rest.find('{') {
            let (before, brace) = rest.split_at(at);
            read.push(before.as_bytes());
            rest = read.brace(brace);
        }
        read.push(rest.as_bytes());
        read
    }

    /// Reads a text with the escapes of C, as it stands between quotes.
    ///
    /// # Errors
    ///
    /// The escape that is none.
    pub fn escaped(text: &str) -> Result<Self, String> {
        let mut read = Self::default();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '\\']) {
            let (before, special) = rest.split_at(at);
            read.push(before.as_bytes());
            rest = match special.strip_prefix('\\') {
                None => read.brace(special),
                Some(behind) => {
                    let (octet, taken) = escape(behind).ok_or_else(|| behind.chars().take(3).collect::<String>())?;
                    read.push(&[octet]);
                    behind.get(taken..).unwrap_or_default()
                }
            };
        }
        read.push(rest.as_bytes());
        Ok(read)
    }

    /// A text that is octets alone.
    pub fn of(octets: impl Into<Vec<u8>>) -> Self {
        Self(vec![Piece::Octets(octets.into())])
    }

    /// Takes a line more, with CR LF behind it.
    pub fn push_line(&mut self, line: Self) {
        for piece in line.0 {
            match piece {
                Piece::Octets(octets) => self.push(&octets),
                variable @ Piece::Variable(_) => self.0.push(variable),
            }
        }
        self.push(b"\r\n");
    }

    /// Its parts.
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// The variables in it.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Variable(name) => Some(name.as_str()),
            Piece::Octets(_) => None,
        })
    }

    /// The octets, with values in the place of variables.
    ///
    /// # Errors
    ///
    /// The first variable that has no value, or whose value would end a line.
    pub fn fill(&self, variables: &Variables) -> Result<Vec<u8>, Unfilled> {
        self.fill_with(variables, |value| value.as_bytes().to_vec())
    }

    /// The same, with each value made fit for what the text is.
    ///
    /// # Errors
    ///
    /// As [`Text::fill`].
    pub fn fill_with(&self, variables: &Variables, fit: impl Fn(&str) -> Vec<u8>) -> Result<Vec<u8>, Unfilled> {
        let mut filled = Vec::new();
        for piece in &self.0 {
            match piece {
                Piece::Octets(octets) => filled.extend_from_slice(octets),
                Piece::Variable(name) => {
                    let value = variables.get(name).ok_or_else(|| Unfilled::NoValue(name.clone()))?;
                    if breaks(value) {
                        return Err(Unfilled::Breaks(name.clone()));
                    }
                    filled.extend(fit(value));
                }
            }
        }
        Ok(filled)
    }

    /// The text with values in the place of those variables that have one.
    #[must_use]
    pub fn known(&self, variables: &Variables) -> Self {
        let mut known = Self::default();
        for piece in &self.0 {
            match piece {
                Piece::Octets(octets) => known.push(octets),
                Piece::Variable(name) => match variables.get(name) {
                    Some(value) => known.push(value.as_bytes()),
                    None => known.0.push(piece.clone()),
                },
            }
        }
        known
    }

    /// The octets, with variables as they are written.
    pub fn written(&self) -> Vec<u8> {
        let written = self.0.iter().map(|piece| match piece {
            Piece::Octets(octets) => octets.clone(),
            Piece::Variable(name) => format!("{{{name}}}").into_bytes(),
        });
        written.collect::<Vec<_>>().concat()
    }

    fn push(&mut self, octets: &[u8]) {
        match self.0.last_mut() {
            _ if octets.is_empty() => {}
            Some(Piece::Octets(last)) => last.extend_from_slice(octets),
            _ => self.0.push(Piece::Octets(octets.to_vec())),
        }
    }

    /// Takes what begins with a brace; what is left comes back.
    fn brace<'a>(&mut self, text: &'a str) -> &'a str {
        let behind = text.strip_prefix('{').unwrap_or(text);
        if let Some(rest) = behind.strip_prefix('{') {
            self.push(b"{");
            return rest;
        }
        if let Some((name, rest)) = behind.split_once('}').filter(|(name, _)| is_name(name)) {
            self.0.push(Piece::Variable(name.to_owned()));
            return rest;
        }
        self.push(b"{");
        behind
    }
}

/// True for the name of a variable.
pub fn is_name(name: &str) -> bool {
    let tail = |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || matches!(octet, b'_' | b'-');
    name.as_bytes().first().is_some_and(u8::is_ascii_lowercase) && name.bytes().all(tail)
}

/// The octet that an escape stands for, and how many letters behind the backslash it takes.
fn escape(text: &str) -> Option<(u8, usize)> {
    let letters = text.as_bytes();
    let one = |octet| Some((octet, 1));
    match letters.first()? {
        b'r' => one(b'\r'),
        b'n' => one(b'\n'),
        b't' => one(b'\t'),
        b'a' => one(7),
        b'b' => one(8),
        b'v' => one(11),
        b'f' => one(12),
        b'e' => one(27),
        b'\\' => one(b'\\'),
        b'"' => one(b'"'),
        b'\'' => one(b'\''),
        b'/' => one(b'/'),
        b'x' => {
            let octet = u8::from_str_radix(text.get(1..3)?, 16).ok()?;
            letters.get(1)?.is_ascii_hexdigit().then_some((octet, 3))
        }
        b'0'..=b'7' => {
            let digits = letters.iter().take(3).take_while(|letter| (b'0'..=b'7').contains(letter)).count();
            Some((u8::from_str_radix(text.get(..digits)?, 8).ok()?, digits))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &Text) -> Vec<u8> {
        let mut variables = Variables::default();
        variables.set("to", "pat@harbor.test");
        text.fill(&variables).expect("values")
    }

    #[test]
    fn a_variable_is_a_small_name_in_braces_and_all_other_braces_stay() {
        for (text, wanted) in [
            ("RCPT TO:<{to}>", "RCPT TO:<pat@harbor.test>"),
            ("{to}{to}", "pat@harbor.testpat@harbor.test"),
            ("{{to}", "{to}"),
            ("{ to } {To} {} {", "{ to } {To} {} {"),
            ("p { color: red }", "p { color: red }"),
        ] {
            assert_eq!(filled(&Text::plain(text)), wanted.as_bytes(), "{text}");
        }
    }

    #[test]
    fn escapes_are_those_of_c() {
        for (text, octets) in [
            (r"NOOP\r\nNOOP\n", &b"NOOP\r\nNOOP\n"[..]),
            (r"\0\x00\x7f\377", b"\0\0\x7f\xff"),
            (r#"\\ \" \' \t\e"#, b"\\ \" ' \t\x1b"),
            (r"{to}\r{{", b"pat@harbor.test\r{"),
            ("ü", "ü".as_bytes()),
        ] {
            assert_eq!(filled(&Text::escaped(text).expect("escapes")), octets, "{text}");
        }
        for wrong in [r"\", r"\q", r"\x1", r"\x+1", r"\x\x", r"\400", r"\xü"] {
            assert!(Text::escaped(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn e131_a_value_with_a_line_break_never_becomes_a_second_command() {
        let text = Text::plain("MAIL FROM:<{from}>");
        for value in ["a@b\r\nRCPT TO:<x@y>", "a\nb", "a\rb", "a\0b"] {
            let mut variables = Variables::default();
            variables.set("from", value);
            assert_eq!(text.fill(&variables), Err(Unfilled::Breaks("from".into())), "{value:?}");
        }
        assert_eq!(text.fill(&Variables::default()), Err(Unfilled::NoValue("from".into())));
    }
}
