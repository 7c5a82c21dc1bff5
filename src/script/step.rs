//! The steps of a script.

use std::time::Duration;

use super::check::Check;
use super::pattern::{Expected, Pattern, Spoken};
use super::text::{Text, Variables};
use crate::ports::net::{Checks, Opening, Shown, Sni};
use crate::smtp::data::Wire;
use crate::smtp::sasl::client::Mechanism;

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// `connect TARGET`: a connection, in the place of the one before.
    Connect {
        /// Where, as `ehlo connect` takes it.
        target: Text,
        /// How TLS comes about, if not as the target says.
        opening: Option<Opening>,
    },
    /// `> line`: sent with CR LF once all before it is answered.
    Line(Text),
    /// `>> "octets"`: sent now and as they are.
    Octets(Text),
    /// `pipeline`: lines that leave in one write once all before them is answered.
    Pipeline(Vec<Text>),
    /// `< 250`: the next whole reply.
    Reply(Expected),
    /// `<< close`: the server closes the connection.
    Closes,
    /// `<< silence 2s`: the server says nothing for so long.
    Silence(Duration),
    /// `read until /…/`: lines are skipped up to one that matches.
    ReadUntil(Pattern),
    /// `tls`: from here on there is TLS.
    Tls(Tls),
    /// `auth MECHANISM USER`: a login, with a secret that the script does not hold.
    Auth {
        /// The mechanism.
        mechanism: Mechanism,
        /// Who logs in; empty where the mechanism asks for nobody.
        user: Text,
    },
    /// `data …`: DATA, unless it was said, the letter, and the dot that ends it.
    Data {
        /// The letter.
        letter: Text,
        /// What is done to it: line ends and dots, or nothing.
        wire: Wire,
    },
    /// `bdat …`: the letter in chunks.
    Bdat {
        /// The letter.
        letter: Text,
        /// Whether line ends are made CR LF first.
        wire: Wire,
        /// Octets of a chunk; nothing for one chunk alone.
        chunk: Option<usize>,
    },
    /// `sleep 2s`: nothing for so long.
    Sleep(Duration),
    /// `clock …`: the clock of the lab is turned.
    Clock(Turn),
    /// `assert …`: what has to have happened by now, or happens within a moment.
    Assert(Check),
    /// `set NAME = /…/`: a variable from the last reply, or where the script is the server from the last line or letter:
    /// the first group of the pattern, or all of it.
    Set {
        /// The variable.
        name: String,
        /// What finds its value.
        pattern: Pattern,
        /// The letter that it is taken from, if not from the last thing that came.
        of: Option<String>,
    },
    /// `listen …`: the script is a server, and waits for a client.
    Listen(Listen),
    /// `< EHLO`: the next line of the client.
    Hears(Spoken),
    /// `<< 1024 octets`: so many octets of the client.
    Takes(u64),
    /// `read letter`: lines of the client up to the lone dot.
    Letter {
        /// The name under which it is kept for `set … of NAME`.
        into: Option<String>,
        /// All of these match it, without its dots.
        texts: Vec<Pattern>,
    },
    /// `close`, `half-close`, `reset`: how this side ends.
    Parts(Parting),
    /// `tls …`, where the script is the server: it takes up TLS.
    Secures(Secures),
}

/// Where a script waits for clients, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// Where, as it is written; empty is a free port of 127.0.0.1.
    pub at: Text,
    /// What is shown where TLS comes before the first octet.
    pub shown: Option<Shown>,
    /// How many clients are served, one after the other.
    pub times: u32,
}

/// How a server ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parting {
    /// It closes the connection.
    Close,
    /// It has finished sending, and still hears.
    HalfClose,
    /// It drops the connection as it is.
    Reset,
}

impl Parting {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Close => "close",
            Self::HalfClose => "half-close",
            Self::Reset => "reset",
        }
    }
}

/// TLS as a server takes it up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secures {
    /// What it shows.
    pub shown: Shown,
    /// That the handshake fails is what the script wants.
    pub fails: bool,
    /// What the words of that failure match.
    pub why: Option<Pattern>,
}

/// What is wished of TLS.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// What of the certificate has to be in order.
    pub checks: Option<Checks>,
    /// The name in SNI.
    pub sni: Option<Sni>,
    /// The name that the certificate must carry.
    pub name: Option<String>,
    /// That it fails, or the certificate is not in order, is what the script wants.
    pub fails: bool,
    /// What the words of that failure match.
    pub why: Option<Pattern>,
}

/// How the clock of the lab is turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// So much time passes.
    Pass(Duration),
    /// To the next thing that is due.
    Next,
}

impl Step {
    /// The step with values in the place of those variables that have one, but in patterns.
    #[must_use]
    pub fn filled(&self, variables: &Variables) -> Self {
        let mut filled = self.clone();
        match &mut filled {
            Self::Connect { target: text, .. }
            | Self::Line(text)
            | Self::Octets(text)
            | Self::Auth { user: text, .. }
            | Self::Data { letter: text, .. }
            | Self::Bdat { letter: text, .. }
            | Self::Listen(Listen { at: text, .. })
            | Self::Hears(Spoken { begins: Some(text), .. }) => *text = text.known(variables),
            Self::Pipeline(lines) => lines.iter_mut().for_each(|line| *line = line.known(variables)),
            _ => {}
        }
        filled
    }

    /// The variables that it takes values of.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        let texts: Vec<&Text> = match self {
            Self::Connect { target: text, .. }
            | Self::Line(text)
            | Self::Octets(text)
            | Self::Auth { user: text, .. }
            | Self::Data { letter: text, .. }
            | Self::Bdat { letter: text, .. }
            | Self::Listen(Listen { at: text, .. }) => vec![text],
            Self::Hears(spoken) => {
                spoken.begins.iter().chain(spoken.texts.iter().map(|pattern| &pattern.text)).collect()
            }
            Self::Letter { texts, .. } => texts.iter().map(|pattern| &pattern.text).collect(),
            Self::Secures(secures) => secures.why.iter().map(|pattern| &pattern.text).collect(),
            Self::Pipeline(lines) => lines.iter().collect(),
            Self::Reply(expected) => expected.texts.iter().map(|pattern| &pattern.text).collect(),
            Self::ReadUntil(pattern) | Self::Set { pattern, .. } => vec![&pattern.text],
            Self::Tls(tls) => tls.why.iter().map(|pattern| &pattern.text).collect(),
            Self::Closes
            | Self::Silence(_)
            | Self::Sleep(_)
            | Self::Clock(_)
            | Self::Assert(_)
            | Self::Takes(_)
            | Self::Parts(_) => Vec::new(),
        };
        texts.into_iter().flat_map(Text::variables)
    }
}
