//! The configuration file: what holds unless an option of the command line says otherwise.
//!
//! ```toml
//! theme = "high-contrast"     # sixteen, mono, high-contrast or projector
//! ascii = true                # frames and signs in ASCII
//! mouse = false               # leave the mouse to the terminal
//! helo = "laptop.example.org" # how to name oneself to real servers
//! resolver = "192.0.2.53"     # system, lab, or the address of a name server; for real hosts
//! rfc-timeouts = true         # wait as long as RFC 5321 §4.5.3.2 says
//! timeout = 20                # or: wait this many seconds for a connection, a handshake and each reply
//! seed = 7                    # everything in the lab follows from it
//! ```
//!
//! Nothing is ignored silently: a key that does not exist and a value of the wrong kind are refused, with their line.

use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::dns::near::distance;
use crate::ports::dns::Source;
use crate::smtp::path::is_hello_name;
use crate::ui::theme::Theme;

/// What a file sets; `None` where it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// The colours.
    pub theme: Option<Theme>,
    /// True for frames and signs in ASCII only.
    pub ascii: Option<bool>,
    /// False to leave the mouse to the terminal.
    pub mouse: Option<bool>,
    /// How to name oneself to real servers.
    pub helo: Option<String>,
    /// Whom to ask about real hosts.
    pub resolver: Option<Source>,
    /// True for the time-outs of RFC 5321 §4.5.3.2.
    pub rfc_timeouts: Option<bool>,
    /// How long to wait for a connection, a handshake and each reply.
    pub timeout: Option<Duration>,
    /// Everything in the lab follows from it.
    pub seed: Option<u64>,
}

/// Why a file is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The diagnostic id.
    pub id: &'static str,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, in one sentence.
    pub why: String,
    /// What to do.
    pub next: String,
}

/// A key of the file, what it needs, and how its value is taken; false for a value that does not do.
type Row = (&'static str, &'static str, fn(&mut Config, &DeValue<'_>) -> bool);

/// What a theme needs to be, here and on the command line.
pub const THEME: &str = "one of the themes \"sixteen\", \"mono\", \"high-contrast\", \"projector\"";
/// What the name in EHLO needs to be.
pub const HELLO: &str = "a host name or an address literal, as \"laptop.example.org\" or \"[192.0.2.1]\"";
/// What the one to ask about names needs to be.
pub const SOURCE: &str = "\"system\", \"lab\", or the address of a name server, as \"192.0.2.53:5353\"";
/// What a time to wait needs to be.
pub const TIMEOUT: &str = "whole seconds from 1 to 3600";
/// What a seed needs to be.
pub const SEED: &str = "a whole number from 0 on";

/// Every key there is.
const ROWS: &[Row] = &[
    ("theme", THEME, |config, value| set(&mut config.theme, value.as_str().and_then(Theme::named))),
    ("ascii", "true or false", |config, value| set(&mut config.ascii, value.as_bool())),
    ("mouse", "true or false", |config, value| set(&mut config.mouse, value.as_bool())),
    ("helo", HELLO, |config, value| set(&mut config.helo, value.as_str().and_then(hello))),
    ("resolver", SOURCE, |config, value| set(&mut config.resolver, value.as_str().and_then(Source::parse))),
    ("rfc-timeouts", "true or false", |config, value| set(&mut config.rfc_timeouts, value.as_bool())),
    ("timeout", TIMEOUT, |config, value| set(&mut config.timeout, whole(value).and_then(wait))),
    ("seed", SEED, |config, value| set(&mut config.seed, whole(value))),
];

/// Reads a file, which is text in UTF-8.
pub fn read(bytes: &[u8]) -> Result<Config, Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let good = bytes.iter().take(error.valid_up_to());
        let line = 1 + good.filter(|byte| **byte == b'\n').count();
        let next = "Save the file as UTF-8.".into();
        Refusal { id: "config/syntax", line, why: "this is not UTF-8, and so not TOML.".into(), next }
    })?;
    parse(text)
}

/// Reads the text of a file.
pub fn parse(text: &str) -> Result<Config, Refusal> {
    let table = DeTable::parse(text).map_err(|error| no_toml(text, &error))?;
    let mut config = Config::default();
    let mut entries: Vec<_> = table.get_ref().iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in entries {
        let line = line_of(text, key.span().start);
        take(&mut config, line, key.get_ref(), value)?;
        if config.timeout.is_some() && config.rfc_timeouts == Some(true) {
            let why = "timeout and rfc-timeouts say two things about the same waits.".into();
            return Err(Refusal { id: "config/conflict", line, why, next: "Take one of the lines out.".into() });
        }
    }
    Ok(config)
}

fn take(config: &mut Config, line: usize, key: &str, value: &Spanned<DeValue<'_>>) -> Result<(), Refusal> {
    let (_, needs, take) = ROWS.iter().find(|(name, ..)| *name == key).ok_or_else(|| unknown(line, key))?;
    if take(config, value.get_ref()) {
        return Ok(());
    }
    let (id, why) = ("config/bad-type", format!("{key} needs {needs}."));
    Err(Refusal { id, line, why, next: "Correct the value, or take the line out.".into() })
}

/// A whole number from 0 on.
fn whole(value: &DeValue<'_>) -> Option<u64> {
    value.as_integer().and_then(|number| u64::from_str_radix(number.as_str(), number.radix()).ok())
}

/// So many seconds, if a person would wait so long.
pub fn wait(seconds: u64) -> Option<Duration> {
    (1..=3600).contains(&seconds).then(|| Duration::from_secs(seconds))
}

fn set<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    *place = value;
    place.is_some()
}

fn unknown(line: usize, key: &str) -> Refusal {
    let names = || ROWS.iter().map(|(name, ..)| *name);
    let near = names().map(|name| (distance(key.as_bytes(), name.as_bytes()), name)).min();
    let why = match near {
        Some((slips, name)) if slips <= 2 => format!("unknown key '{key}'. Did you mean '{name}'?"),
        _ => format!("unknown key '{key}'."),
    };
    let next = format!("The keys are {}.", names().collect::<Vec<_>>().join(", "));
    Refusal { id: "config/unknown-key", line, why, next }
}

fn no_toml(text: &str, error: &toml::de::Error) -> Refusal {
    let line = line_of(text, error.span().map_or(0, |span| span.start));
    let why = format!("this is not TOML: {}.", error.message());
    Refusal { id: "config/syntax", line, why, next: "Lines are written as: theme = \"mono\"".into() }
}

/// The line in which an octet stands, from 1.
fn line_of(text: &str, octet: usize) -> usize {
    1 + text.bytes().take(octet).filter(|byte| *byte == b'\n').count()
}

/// A name for EHLO, as it is written in a file and on the command line.
pub fn hello(text: &str) -> Option<String> {
    is_hello_name(text.as_bytes()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_taken() {
        let text = "theme = \"mono\"\nascii = true\nmouse = false\nhelo = \"laptop.example.org\"\n\
                    resolver = \"192.0.2.53\"\nrfc-timeouts = true\nseed = 0x1F\n";
        let config = parse(text).expect("a good file");
        let whole = Config {
            timeout: None,
            theme: Some(Theme::Mono),
            ascii: Some(true),
            mouse: Some(false),
            helo: Some("laptop.example.org".into()),
            resolver: Some(Source::Server(([192, 0, 2, 53], 53).into())),
            rfc_timeouts: Some(true),
            seed: Some(31),
        };
        assert_eq!(config, whole);
        assert_eq!(parse("# nothing\n"), Ok(Config::default()));
        assert_eq!(parse("timeout = 20\n").map(|config| config.timeout), Ok(Some(Duration::from_secs(20))));
    }

    #[test]
    fn the_same_waits_are_set_once() {
        let refusal = parse("timeout = 20\nrfc-timeouts = true\n").expect_err("two wishes");
        assert_eq!((refusal.id, refusal.line), ("config/conflict", 2));
        assert!(parse("timeout = 20\nrfc-timeouts = false\n").is_ok());
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line_and_the_nearest_key() {
        let refusal = parse("# mine\n\ntehme = \"mono\"\n").expect_err("no such key");
        assert_eq!((refusal.id, refusal.line), ("config/unknown-key", 3));
        assert_eq!(refusal.why, "unknown key 'tehme'. Did you mean 'theme'?");
        assert!(refusal.next.contains("rfc-timeouts"));
        let refusal = parse("seed = 1\n[keys.send]\nenter = \"x\"\n").expect_err("no such table");
        assert_eq!((refusal.line, refusal.why.as_str()), (2, "unknown key 'keys'."));
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_refused_with_what_it_should_be() {
        for bad in [
            "theme = 1",
            "theme = \"neon\"",
            "ascii = \"yes\"",
            "mouse = 0",
            "helo = \"two words\"",
            "helo = \"a\\r\\nRSET\"",
            "resolver = \"nobody\"",
            "resolver = 53",
            "rfc-timeouts = \"true\"",
            "seed = -1",
            "seed = 1.5",
            "seed = 99999999999999999999",
            "seed = []",
            "timeout = 0",
            "timeout = 3601",
            "timeout = \"1m\"",
        ] {
            let refusal = parse(&format!("\n{bad}\n")).expect_err(bad);
            assert_eq!((refusal.id, refusal.line), ("config/bad-type", 2), "{bad}");
            assert!(refusal.why.contains(" needs "), "{}", refusal.why);
        }
    }

    #[test]
    fn what_is_no_toml_is_refused_with_its_line() {
        let refusal = parse("seed = 1\ntheme mono\n").expect_err("no TOML");
        assert_eq!((refusal.id, refusal.line), ("config/syntax", 2));
        assert_eq!(parse("seed = 1\nseed = 2\n").expect_err("twice").id, "config/syntax");
    }

    #[test]
    fn a_file_in_another_encoding_is_refused_with_its_line() {
        let refusal = read(b"seed = 1\n# caf\xe9\n").expect_err("Latin 1");
        assert_eq!((refusal.id, refusal.line), ("config/syntax", 2));
        assert_eq!(read("\u{feff}seed = 1\r\n".as_bytes()).map(|config| config.seed), Ok(Some(1)), "a mark is fine");
    }
}
