//! The only user of crossterm: entering and leaving, one write a frame, suspend, clipboard.
//!
//! What a terminal is told on the way in is taken back in reverse on every way out: the normal end, a panic, a signal,
//! suspension, an editor. No terminal is ever asked anything: an answer would race with the keys.

pub mod clipboard;
pub mod editor;
pub mod frame;
pub mod guard;
pub mod input;
pub mod lines;
pub mod panic;
pub mod secret;
pub mod signals;
pub mod watch;

use std::io::IsTerminal as _;

/// Why the screen cannot be shown here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoScreen {
    /// Input or output is no terminal.
    #[error("The interactive screen needs a terminal, and {0} is none.")]
    NoTerminal(&'static str),
    /// The terminal cannot place text.
    #[error("This terminal has no full-screen support ({0}).")]
    Plain(&'static str),
}

impl NoScreen {
    /// The diagnostic id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::NoTerminal(_) => "tty/none",
            Self::Plain(_) => "tty/plain",
        }
    }

    /// What to do.
    pub const fn next(self) -> &'static str {
        match self {
            Self::NoTerminal(_) => "Run ehlo directly in a terminal window; ehlo talk needs none.",
            Self::Plain(_) => "Set TERM to the name of your terminal, as TERM=xterm-256color.",
        }
    }
}

/// Whether the screen can be shown here.
pub fn check() -> Result<(), NoScreen> {
    if !std::io::stdin().is_terminal() {
        return Err(NoScreen::NoTerminal("standard input"));
    }
    if !std::io::stdout().is_terminal() {
        return Err(NoScreen::NoTerminal("standard output"));
    }
    match std::env::var("TERM").as_deref() {
        Ok("dumb") => Err(NoScreen::Plain("TERM=dumb")),
        Ok("") | Err(_) if cfg!(unix) => Err(NoScreen::Plain("TERM is not set")),
        _ => Ok(()),
    }
}

/// True if somebody types and no screen can be shown, or if they want everything told (`ACCESSIBLE`).
pub fn wants_lines() -> bool {
    let told = std::env::var_os("ACCESSIBLE").is_some_and(|value| !value.is_empty() && value != "0");
    told || std::io::stdin().is_terminal() && check().is_err()
}

/// The columns of the terminal that standard output is, if it is one and says so.
pub fn columns() -> Option<usize> {
    let size = std::io::stdout().is_terminal().then(crossterm::terminal::size)?;
    size.ok().map(|(columns, _)| usize::from(columns)).filter(|columns| *columns > 0)
}

/// True if the locale lets text be more than ASCII. The first of `LC_ALL`, `LC_CTYPE`, `LANG` that is set decides.
pub fn speaks_utf8() -> bool {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
    let utf8 = |locale: &str| ["utf-8", "utf8"].iter().any(|name| locale.to_ascii_lowercase().contains(name));
    cfg!(windows) || locale.is_some_and(|locale| utf8(&locale))
}

/// True if the environment forbids colours (<https://no-color.org>).
pub fn forbids_colour() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}
