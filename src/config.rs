//! The configuration: what holds unless the environment or an option of the command line says otherwise.
//!
//! ```toml
//! theme = "own"               # every setting: ehlo docs config
//! timeout = 20
//!
//! [keys]
//! letter.form = ["F7", "Alt-l"]
//!
//! [own-theme]
//! client = "light cyan"
//! ```
//!
//! A file, the environment and the command line are each read into a [`Config`]; the nearer one is laid over the other.
//! Nothing is ignored silently: a key that does not exist and a value of the wrong kind are refused, with their line.

mod keys;
pub mod print;
pub mod settings;
mod theme;

use std::collections::BTreeMap;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::command::Keymap;
use crate::dns::near::distance;
use crate::ports::dns::Source;
use crate::smtp::path::is_hello_name;
use crate::ui::theme::{Own, Theme};
use settings::{SETTINGS, Setting};

/// What the name of an environment variable begins with.
const PREFIX: &str = "EHLO_";
/// Slips of a hand that still make a name near to another one.
const SLIPS: usize = 2;
/// The version of the form of the file that is read here.
const VERSION: &str = "1";
/// The tables of the file.
const KEYS: &str = "keys";
const OWN_THEME: &str = "own-theme";

/// What one source sets; `None` where it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// The colours.
    pub theme: Option<Theme>,
    /// When to use colours.
    pub color: Option<Colour>,
    /// True for frames and signs in ASCII.
    pub ascii: Option<bool>,
    /// False to leave the mouse to the terminal.
    pub mouse: Option<bool>,
    /// True for lines instead of a screen.
    pub linear: Option<bool>,
    /// The columns of a line without a screen.
    pub width: Option<u16>,
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
    /// The theme of the person's own.
    pub own_theme: Own,
    /// Which keys call which commands.
    pub keymap: Keymap,
    /// Where each setting that is set was set, by its name.
    pub origins: BTreeMap<&'static str, Origin>,
}

/// Where something was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In this line of the file.
    Line(usize),
    /// In the environment.
    Environment,
    /// On the command line.
    CommandLine,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Colour {
    /// Unless the environment forbids them.
    #[default]
    Auto,
    /// Whatever the environment says.
    Always,
    /// No colours.
    Never,
}

/// Why something is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The diagnostic id.
    pub id: &'static str,
    /// The line of the file, from 1; `None` for the environment.
    pub line: Option<usize>,
    /// What is wrong, in one sentence.
    pub why: String,
    /// What to do.
    pub next: String,
}

impl Colour {
    /// The words for it.
    pub const NAMES: [&str; 3] = ["auto", "always", "never"];

    /// What a word means.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Auto, Self::Always, Self::Never];
        all.into_iter().find(|colour| colour.name() == name)
    }

    /// The word for it.
    pub const fn name(self) -> &'static str {
        let [auto, always, never] = Self::NAMES;
        match self {
            Self::Auto => auto,
            Self::Always => always,
            Self::Never => never,
        }
    }

    /// True if there must be no colours.
    pub fn forbids(self, environment: bool) -> bool {
        match self {
            Self::Auto => environment,
            Self::Always => false,
            Self::Never => true,
        }
    }
}

/// Reads a file, which is text in UTF-8.
pub fn read(bytes: &[u8]) -> Result<Config, Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let good = bytes.iter().take(error.valid_up_to());
        let line = Some(1 + good.filter(|byte| **byte == b'\n').count());
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
        config.take(text, line, key.get_ref(), value)?;
        config.waits_once(Some(line), "Take one of the lines out.")?;
    }
    Ok(config)
}

/// Reads the variables of an environment: `EHLO_TIMEOUT` is `timeout`. An empty one says nothing. A name that is near to
/// none of ours is somebody else's.
pub fn environment(variables: impl IntoIterator<Item = (String, String)>) -> Result<Config, Refusal> {
    let mut config = Config::default();
    for (variable, value) in variables {
        let Some(name) = variable.strip_prefix(PREFIX).filter(|_| !value.is_empty()) else { continue };
        let refusal = |id, why| Refusal { id, line: None, why, next: format!("Correct {variable}, or unset it.") };
        let name = name.to_ascii_lowercase().replace('_', "-");
        if is_secret(&name) {
            return Err(secret(None, &variable));
        }
        let Some(setting) = settings::find(&name) else {
            match settings::near(&name) {
                Some(near) if !settings::is_of_a_place(&name) => {
                    let why = format!("there is no {variable}. Did you mean {}?", self::variable(near.name));
                    return Err(refusal("config/unknown-key", why));
                }
                _ => continue,
            }
        };
        if !setting.set(&mut config, setting.kind.of_variable(&value)) {
            return Err(refusal("config/bad-type", format!("{variable} needs {}.", setting.needs)));
        }
        config.origins.insert(setting.name, Origin::Environment);
        config.waits_once(None, "Unset one of the two.")?;
    }
    Ok(config)
}

/// The environment variable of a setting.
pub fn variable(name: &str) -> String {
    format!("{PREFIX}{}", name.to_ascii_uppercase().replace('-', "_"))
}

impl Config {
    /// What an option of the command line sets has its origin there.
    #[must_use]
    pub fn from_command_line(self) -> Self {
        let set = SETTINGS.iter().filter(|setting| setting.told(&self).is_some());
        let origins = set.map(|setting| (setting.name, Origin::CommandLine)).collect();
        Self { origins, ..self }
    }

    /// This one, and where it says nothing, what the other one says. Both settings about waiting are taken from one.
    #[must_use]
    pub fn over(self, other: Self) -> Self {
        let waits = self.timeout.is_some() || self.rfc_timeouts.is_some();
        let mut origins = other.origins;
        origins.retain(|name, _| !(waits && ["timeout", "rfc-timeouts"].contains(name)));
        origins.extend(self.origins);
        let (timeout, rfc_timeouts) =
            if waits { (self.timeout, self.rfc_timeouts) } else { (other.timeout, other.rfc_timeouts) };
        Self {
            theme: self.theme.or(other.theme),
            color: self.color.or(other.color),
            ascii: self.ascii.or(other.ascii),
            mouse: self.mouse.or(other.mouse),
            linear: self.linear.or(other.linear),
            width: self.width.or(other.width),
            helo: self.helo.or(other.helo),
            resolver: self.resolver.or(other.resolver),
            rfc_timeouts,
            timeout,
            seed: self.seed.or(other.seed),
            // Tables stand in the file alone.
            own_theme: other.own_theme,
            keymap: other.keymap,
            origins,
        }
    }

    fn take(&mut self, text: &str, line: usize, key: &str, value: &Spanned<DeValue<'_>>) -> Result<(), Refusal> {
        match (key, value.get_ref()) {
            (KEYS, DeValue::Table(table)) => return keys::take(&mut self.keymap, text, table),
            (OWN_THEME, DeValue::Table(table)) => return theme::take(&mut self.own_theme, text, table),
            (KEYS | OWN_THEME, _) => return Err(bad(line, &format!("{key} needs a table, as [{key}]."))),
            ("version", value) => return version(line, value),
            _ => {}
        }
        if is_secret(key) {
            return Err(secret(Some(line), key));
        }
        let setting = settings::find(key).ok_or_else(|| unknown(line, key))?;
        let taken = setting.kind.of_file(value.get_ref()).is_some_and(|text| setting.set(self, text));
        if !taken {
            return Err(bad(line, &format!("{key} needs {}.", setting.needs)));
        }
        self.origins.insert(setting.name, Origin::Line(line));
        Ok(())
    }

    /// Refuses two wishes about the same waits in one source.
    fn waits_once(&self, line: Option<usize>, next: &str) -> Result<(), Refusal> {
        if self.timeout.is_some() && self.rfc_timeouts == Some(true) {
            let why = "timeout and rfc-timeouts say two things about the same waits.".into();
            return Err(Refusal { id: "config/conflict", line, why, next: next.into() });
        }
        Ok(())
    }
}

/// The version of a file's form, which nobody needs to give.
fn version(line: usize, value: &DeValue<'_>) -> Result<(), Refusal> {
    match settings::Kind::Number.of_file(value).as_deref() {
        Some(VERSION) => Ok(()),
        Some(other) => {
            let why = format!("this file is of version {other}, and this ehlo reads version {VERSION}.");
            Err(Refusal { id: "config/version", line: Some(line), why, next: "Use a newer ehlo.".into() })
        }
        None => Err(bad(line, "version needs a whole number.")),
    }
}

/// True for a name that a password would have.
fn is_secret(name: &str) -> bool {
    ["pass", "secret", "token"].iter().any(|part| name.contains(part))
}

/// Neither the file nor the environment holds a secret, whoever may read them.
fn secret(line: Option<usize>, name: &str) -> Refusal {
    let why = format!("{name} would hold a secret where others can read it.");
    let next = "Take it out; use --password-file or --password-command, or the login form.".into();
    Refusal { id: "config/perms", line, why, next }
}

fn unknown(line: usize, key: &str) -> Refusal {
    let option = SETTINGS.iter().find(|setting| setting.option.trim_start_matches('-') == key);
    if let Some(Setting { name, .. }) = option {
        // The one option that is not named like its setting: a switch that turns off.
        let why = format!("'{key}' is an option; in a file it is written as {name} = false.");
        return Refusal { id: "config/version", line: Some(line), why, next: "Write it so.".into() };
    }
    let why = match settings::near(key) {
        Some(near) => format!("unknown key '{key}'. Did you mean '{}'?", near.name),
        None => format!("unknown key '{key}'."),
    };
    let names: Vec<_> = SETTINGS.iter().map(|setting| setting.name).collect();
    let next = format!("The keys are {}; and the tables [{KEYS}], [{OWN_THEME}].", names.join(", "));
    Refusal { id: "config/unknown-key", line: Some(line), why, next }
}

fn bad(line: usize, why: &str) -> Refusal {
    let next = "Correct the value, or take the line out.".into();
    Refusal { id: "config/bad-type", line: Some(line), why: why.into(), next }
}

fn no_toml(text: &str, error: &toml::de::Error) -> Refusal {
    let line = Some(line_of(text, error.span().map_or(0, |span| span.start)));
    let why = format!("this is not TOML: {}.", error.message());
    Refusal { id: "config/syntax", line, why, next: "Lines are written as: theme = \"mono\"".into() }
}

/// The nearest of some names, if it is near.
fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = names.map(|name| (distance(word.as_bytes(), name.as_bytes()), name)).min();
    near.filter(|(slips, _)| *slips <= SLIPS).map(|(_, name)| name)
}

/// The line in which an octet stands, from 1.
fn line_of(text: &str, octet: usize) -> usize {
    1 + text.bytes().take(octet).filter(|byte| *byte == b'\n').count()
}

/// So many seconds, if a person would wait so long.
pub fn wait(seconds: u64) -> Option<Duration> {
    (1..=3600).contains(&seconds).then(|| Duration::from_secs(seconds))
}

/// True for columns that hold a word and that a person would read.
pub const fn is_width(columns: u16) -> bool {
    20 <= columns && columns <= 1000
}

/// A name for EHLO, as it is written in a file and on the command line.
pub fn hello(text: &str) -> Option<String> {
    is_hello_name(text.as_bytes()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
