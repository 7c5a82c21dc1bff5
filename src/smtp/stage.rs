//! The steps of a session: what a reply answers, where a run came to, what a fault meets.

use std::fmt;

use super::command::Verb;

/// The steps of a session, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// The way is looked up.
    Dns,
    /// A connection is opened.
    Connect,
    /// The server greets.
    Greeting,
    /// EHLO, HELO or LHLO.
    Hello,
    /// STARTTLS, and the handshake wherever it stands.
    StartTls,
    /// A login.
    Auth,
    /// MAIL.
    Mail,
    /// RCPT.
    Rcpt,
    /// DATA or BDAT.
    Data,
    /// The verdict on the letter.
    Final,
    /// The goodbye.
    Quit,
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Dns,
        Self::Connect,
        Self::Greeting,
        Self::Hello,
        Self::StartTls,
        Self::Auth,
        Self::Mail,
        Self::Rcpt,
        Self::Data,
        Self::Final,
        Self::Quit,
    ];

    /// The word for it on the command line and in events.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Greeting => "greeting",
            Self::Hello => "hello",
            Self::StartTls => "starttls",
            Self::Auth => "auth",
            Self::Mail => "mail",
            Self::Rcpt => "rcpt",
            Self::Data => "data",
            Self::Final => "final",
            Self::Quit => "quit",
        }
    }

    /// The one of a word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.word() == word)
    }

    /// The one that a command belongs to; none for those that may come at any time.
    pub const fn of(verb: Verb) -> Option<Self> {
        Some(match verb {
            Verb::Ehlo | Verb::Helo | Verb::Lhlo => Self::Hello,
            Verb::StartTls => Self::StartTls,
            Verb::Auth => Self::Auth,
            Verb::Mail => Self::Mail,
            Verb::Rcpt => Self::Rcpt,
            Verb::Data | Verb::Bdat => Self::Data,
            Verb::Quit => Self::Quit,
            _ => return None,
        })
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_named_as_the_command_line_names_them_and_stand_in_their_order() {
        let words: Vec<_> = Stage::ALL.iter().map(|stage| stage.word()).collect();
        assert_eq!(words.join(" "), "dns connect greeting hello starttls auth mail rcpt data final quit");
        assert!(Stage::ALL.is_sorted());
        assert!(Stage::ALL.into_iter().all(|stage| Stage::named(stage.word()) == Some(stage)));
        assert_eq!(Stage::of(Verb::Bdat), Some(Stage::Data));
        assert_eq!(Stage::of(Verb::Noop), None);
    }
}
