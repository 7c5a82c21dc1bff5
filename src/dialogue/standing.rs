//! Where a session stands, as far as the rules for the next command ask; and where it will stand behind a command that
//! is taken.
//!
//! A batch is judged line by line as if all before it were taken: what one line allows, the next may use.

use std::collections::BTreeSet;

use crate::smtp::command::{Command, Verb};
use crate::smtp::extension::Extensions;

use super::envelope::Declared;
use super::phase::Phase;
use super::{Dialogue, Hello, Login};

/// How far a transaction has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Transaction {
    /// There is none.
    None,
    /// MAIL was taken.
    Open,
    /// A recipient was taken.
    Addressed,
    /// A chunk of the letter was taken.
    Chunked,
}

impl Transaction {
    fn of(dialogue: &Dialogue) -> Self {
        match dialogue.envelope() {
            envelope if !envelope.is_open() => Self::None,
            _ if dialogue.has_chunks() => Self::Chunked,
            envelope if envelope.accepted().next().is_some() => Self::Addressed,
            _ => Self::Open,
        }
    }
}

/// What decides whether a command is legal.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// Where the session stands.
    pub phase: Phase,
    /// How the client said hello.
    pub hello: Option<Hello>,
    /// How far the transaction has come.
    pub transaction: Transaction,
    /// What MAIL said about the letter.
    pub declared: Declared,
    /// RCPT commands of the transaction.
    pub recipients: usize,
    /// MAIL commands of the connection.
    pub mails: usize,
    /// The domains of all recipients of the connection, as far as they were answered; in lower case.
    pub domains: &'a BTreeSet<Vec<u8>>,
    /// True inside TLS.
    pub secured: bool,
    /// True at a port where users hand in letters (RFC 6409 §3.1, RFC 8314 §7.3).
    pub submission: bool,
    /// True where LMTP is spoken.
    pub lmtp: bool,
    /// How far a login has come.
    pub login: Login,
    /// The extensions in force; nothing if they will be known only with a reply that is due.
    pub extensions: Option<&'a Extensions>,
}

impl<'a> Standing<'a> {
    /// Where a dialogue stands now.
    pub fn of(dialogue: &'a Dialogue) -> Self {
        Self {
            phase: dialogue.phase(),
            hello: dialogue.hello(),
            transaction: Transaction::of(dialogue),
            declared: dialogue.envelope().declared,
            recipients: dialogue.envelope().recipients.len(),
            mails: dialogue.mails(),
            domains: dialogue.recipient_domains(),
            secured: dialogue.is_secured(),
            submission: dialogue.is_submission(),
            lmtp: dialogue.wants_lmtp(),
            login: dialogue.login(),
            extensions: dialogue.extensions(),
        }
    }

    /// Where the session will stand if the server takes this command.
    #[must_use]
    pub fn after(self, command: &Command<'_>) -> Self {
        let none = Self { transaction: Transaction::None, declared: Declared::default(), recipients: 0, ..self };
        let ready = Self { phase: Phase::Ready, ..none };
        match command.verb {
            Verb::Ehlo | Verb::Lhlo => Self { hello: Some(Hello::Extended), ..ready },
            Verb::Helo => Self { hello: Some(Hello::Plain), extensions: None, ..ready },
            Verb::Rset => ready,
            Verb::Mail => Self {
                phase: Phase::Envelope,
                transaction: Transaction::Open,
                declared: Declared::of(command),
                mails: self.mails + 1,
                ..none
            },
            Verb::Rcpt => Self {
                transaction: self.transaction.max(Transaction::Addressed),
                recipients: self.recipients + 1,
                ..self
            },
            Verb::Data => Self { phase: Phase::Content, ..self },
            Verb::Bdat if command.chunk().is_some_and(|chunk| chunk.last) => ready,
            Verb::Bdat => Self { transaction: Transaction::Chunked, ..self },
            Verb::StartTls => Self { phase: Phase::Upgrading, hello: None, secured: true, extensions: None, ..none },
            Verb::Auth => Self { phase: Phase::Sasl, login: Login::Pending, ..self },
            Verb::Quit => Self { phase: Phase::Closing, ..self },
            _ => self,
        }
    }

    /// True inside a transaction.
    pub fn is_open(&self) -> bool {
        self.transaction > Transaction::None
    }

    /// True if the server offers this extension.
    pub fn offers(&self, keyword: &str) -> bool {
        self.extensions.is_some_and(|extensions| extensions.has(keyword))
    }
}
