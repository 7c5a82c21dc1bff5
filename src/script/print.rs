//! Steps as text that reads back as the same steps.

use std::fmt::{self, Write as _};
use std::time::Duration;

use super::pattern::{Digits, Expected, Numbers, Pattern, Spoken};
use super::read::NAME;
use super::step::{Listen, Secures, Step, Tls, Turn};
use super::text::{Piece, Text};
use crate::ports::net::{Checks, Opening, Shown, Sni};
use crate::smtp::data::Wire;

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect { target, opening } => {
                write!(f, "connect {}", Plain(target))?;
                opening.map_or(Ok(()), |opening| write!(f, " tls={}", word(opening)))
            }
            Self::Line(text) => write!(f, "> {}", Plain(text)),
            Self::Octets(text) => write!(f, ">> {}", Quoted(text)),
            Self::Pipeline(lines) => {
                f.write_str("pipeline\n")?;
                lines.iter().try_for_each(|line| writeln!(f, "> {}", Plain(line)))?;
                f.write_str("end")
            }
            Self::Reply(expected) => write!(f, "< {expected}"),
            Self::Closes => f.write_str("<< close"),
            Self::Silence(wait) => write!(f, "<< silence {}", Time(*wait)),
            Self::ReadUntil(pattern) => write!(f, "read until {pattern}"),
            Self::Tls(tls) => write!(f, "tls{tls}"),
            Self::Auth { mechanism, user } => {
                write!(f, "auth {}", mechanism.name())?;
                if user.pieces().is_empty() { Ok(()) } else { write!(f, " {}", Plain(user)) }
            }
            Self::Data { letter, wire } => write!(f, "data {}{}", raw(*wire), Quoted(letter)),
            Self::Bdat { letter, wire, chunk } => {
                write!(f, "bdat {}{}", raw(*wire), Quoted(letter))?;
                chunk.map_or(Ok(()), |chunk| write!(f, " chunk={chunk}"))
            }
            Self::Sleep(wait) => write!(f, "sleep {}", Time(*wait)),
            Self::Clock(Turn::Pass(time)) => write!(f, "clock +{}", Time(*time)),
            Self::Clock(Turn::Next) => f.write_str("clock next"),
            Self::Assert(check) => write!(f, "assert {check}"),
            Self::Set { name, pattern, of } => {
                write!(f, "set {name} = {pattern}")?;
                of.as_ref().map_or(Ok(()), |of| write!(f, " of {of}"))
            }
            Self::Listen(listen) => write!(f, "{listen}"),
            Self::Hears(spoken) => write!(f, "< {spoken}"),
            Self::Takes(octets) => write!(f, "<< {octets} octets"),
            Self::Letter { into, texts } => {
                f.write_str("read letter")?;
                into.as_ref().map_or(Ok(()), |into| write!(f, " into {into}"))?;
                texts.iter().try_for_each(|pattern| write!(f, " {pattern}"))
            }
            Self::Parts(parting) => f.write_str(parting.word()),
            Self::Secures(Secures { shown, fails, why }) => {
                write!(f, "tls {}", Showing("certificate", shown))?;
                f.write_str(if *fails { " expect-fail" } else { "" })?;
                why.as_ref().map_or(Ok(()), |why| write!(f, " {why}"))
            }
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("listen")?;
        if !self.at.pieces().is_empty() {
            write!(f, " {}", Plain(&self.at))?;
        }
        self.shown.as_ref().map_or(Ok(()), |shown| write!(f, " {}", Showing("tls", shown)))?;
        if self.times == 1 { Ok(()) } else { write!(f, " times={}", self.times) }
    }
}

/// A certificate behind the word of its option.
struct Showing<'a>(&'static str, &'a Shown);

impl fmt::Display for Showing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(option, Shown { certificate, name }) = self;
        write!(f, "{option}={}", certificate.word())?;
        if name == NAME { Ok(()) } else { write!(f, " name={name}") }
    }
}

impl fmt::Display for Spoken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let begins = self.begins.as_ref().map(|begins| Plain(begins).to_string());
        let texts = self.texts.iter().map(Pattern::to_string);
        f.write_str(&begins.into_iter().chain(texts).collect::<Vec<_>>().join(" "))
    }
}

fn word(opening: Opening) -> &'static str {
    match opening {
        Opening::Plain => "plain",
        Opening::Require => "require",
        Opening::Prefer => "prefer",
        Opening::Never => "never",
        Opening::ImplicitTls => "implicit",
    }
}

fn raw(wire: Wire) -> &'static str {
    if wire == Wire::Raw { "raw " } else { "" }
}

impl fmt::Display for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let checks = self.checks.map(|checks| match checks {
            Checks::All => "all",
            Checks::Chain => "chain",
            Checks::Name => "name",
            Checks::None => "off",
        });
        checks.map_or(Ok(()), |checks| write!(f, " verify={checks}"))?;
        match &self.sni {
            None | Some(Sni::Host) => {}
            Some(Sni::Name(name)) => write!(f, " sni={name}")?,
            Some(Sni::None) => f.write_str(" sni=none")?,
        }
        self.name.as_ref().map_or(Ok(()), |name| write!(f, " name={name}"))?;
        if self.fails {
            f.write_str(" expect-fail")?;
        }
        self.why.as_ref().map_or(Ok(()), |why| write!(f, " {why}"))
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codes: Vec<_> = self.codes.iter().map(Digits::to_string).collect();
        let mut parts = Vec::new();
        parts.extend((!codes.is_empty()).then(|| codes.join("|")));
        parts.extend(self.status.map(|status| status.to_string()));
        parts.extend(self.texts.iter().map(Pattern::to_string));
        f.write_str(&parts.join(" "))
    }
}

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|digit| match digit {
            Some(digit) => write!(f, "{digit}"),
            None => f.write_char('x'),
        })
    }
}

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |number: &Option<u16>| number.map_or_else(|| "x".to_owned(), |number| number.to_string());
        f.write_str(&self.0.iter().map(number).collect::<Vec<_>>().join("."))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let case = if self.any_case { "i" } else { "" };
        write!(f, "/{}/{case}", Plain(&self.text))
    }
}

/// A text in which nothing but variables is special. It was read as text, and holds nothing else.
struct Plain<'a>(&'a Text);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.pieces().iter().try_for_each(|piece| match piece {
            Piece::Octets(octets) => f.write_str(&std::str::from_utf8(octets).unwrap_or_default().replace('{', "{{")),
            Piece::Variable(name) => write!(f, "{{{name}}}"),
        })
    }
}

/// A text between quotes, with the escapes of C.
struct Quoted<'a>(&'a Text);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for piece in self.0.pieces() {
            match piece {
                Piece::Variable(name) => write!(f, "{{{name}}}")?,
                Piece::Octets(octets) => octets.iter().try_for_each(|octet| match octet {
                    b'\r' => f.write_str("\\r"),
                    b'\n' => f.write_str("\\n"),
                    b'\t' => f.write_str("\\t"),
                    b'"' => f.write_str("\\\""),
                    b'\\' => f.write_str("\\\\"),
                    b'{' => f.write_str("{{"),
                    0x20..=0x7e => f.write_char(char::from(*octet)),
                    _ => write!(f, "\\x{octet:02x}"),
                })?,
            }
        }
        f.write_char('"')
    }
}

/// A time with its unit.
struct Time(Duration);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.subsec_millis() {
            0 => write!(f, "{}s", self.0.as_secs()),
            _ => write!(f, "{}ms", self.0.as_millis()),
        }
    }
}
