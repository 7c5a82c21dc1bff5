//! How a server speaks: the traits of its engine as its data names them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::engine::server::config::{BareLf, Config, Greeting, LetterEnds, Upgrade};
use crate::engine::server::saying::Saying;
use crate::smtp::extension::NamedLimits;

/// The traits. What is not named is as a strict and friendly server has it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Character {
    pub(super) speaks: Speaks,
    greeting: Greets,
    /// Seconds before the greeting.
    pub(super) greets_after: u64,
    pub(super) line_ends: LineEnds,
    pub(super) early_talk: EarlyTalk,
    pub(super) starttls: StartTls,
    pub(super) tls_required: bool,
    pub(super) tls13: bool,
    /// Octets of a letter.
    pub(super) message: Option<u64>,
    /// Octets it has room for.
    room: Option<u64>,
    /// Recipients of a letter.
    pub(super) recipients: Option<usize>,
    /// Errors before 421.
    pub(super) errors: Option<u32>,
    /// What LIMITS names.
    named: Option<Named>,
    /// DATA without a recipient gets 554 instead of 503.
    no_valid_recipients: bool,
    /// Its own words, by the name of the saying; several lines make a reply of several lines.
    words: BTreeMap<String, String>,
    /// The name of the style of its replies, if that is not the lab's own.
    pub(super) style: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    mails: Option<u32>,
    recipients: Option<u32>,
    domains: Option<u32>,
}

/// What it speaks at best.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Speaks {
    /// As in 1982: HELO only, 7 bit, no extension.
    Helo,
    #[default]
    Ehlo,
    Lmtp,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Greets {
    #[default]
    Welcome,
    NoService,
    NoMail,
}

/// CR and LF that are no line end, in commands and in letters.
#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum LineEnds {
    /// Commands are refused, letters stay as they are.
    #[default]
    Keep,
    /// Commands and letters are refused.
    Strict,
    /// Commands are taken, letters made regular.
    Normalise,
    /// Commands are taken, letters stay as they are: whoever reads them next may see another end in them.
    Pass,
    /// Commands are taken, and LF `.` LF ends a letter.
    Lenient,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize)]
pub(super) enum EarlyTalk {
    #[default]
    #[serde(rename = "allow")]
    Allow,
    #[serde(rename = "503")]
    Order,
    #[serde(rename = "554")]
    Close,
    #[serde(rename = "521")]
    Drop,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum StartTls {
    #[default]
    Ready,
    Unavailable,
    Vulnerable,
}

impl Character {
    /// Gives an engine these traits.
    pub(super) fn shape(&self, config: &mut Config) {
        config.dialect = self.speaks.into();
        config.seven_bit = self.speaks == Speaks::Helo;
        config.greeting = match self.greeting {
            Greets::Welcome => Greeting::Welcome,
            Greets::NoService => Greeting::NoService,
            Greets::NoMail => Greeting::NoMail,
        };
        (config.bare_lf, config.letter_ends) = match self.line_ends {
            LineEnds::Keep => (BareLf::Refuse, LetterEnds::Keep),
            LineEnds::Strict => (BareLf::Refuse, LetterEnds::Refuse),
            LineEnds::Normalise => (BareLf::Accept, LetterEnds::Normalise),
            LineEnds::Pass => (BareLf::Accept, LetterEnds::Keep),
            LineEnds::Lenient => (BareLf::Accept, LetterEnds::Lenient),
        };
        config.early_talk = match self.early_talk {
            EarlyTalk::Allow => None,
            EarlyTalk::Order => Some(Saying::TooEarly),
            EarlyTalk::Close => Some(Saying::EarlyTalk),
            EarlyTalk::Drop => Some(Saying::EarlyDrop),
        };
        config.upgrade = match self.starttls {
            StartTls::Ready => Upgrade::Ready,
            StartTls::Unavailable => Upgrade::Unavailable,
            StartTls::Vulnerable => Upgrade::Vulnerable,
        };
        config.tls_required = self.tls_required;
        let limits = &mut config.limits;
        limits.message = self.message.unwrap_or(limits.message);
        limits.recipients = self.recipients.unwrap_or(limits.recipients);
        limits.errors = self.errors.unwrap_or(limits.errors);
        config.room = self.room;
        if let Some(Named { mails, recipients, domains }) = self.named {
            config.named = NamedLimits { mails, recipients, domains, others: Vec::new() };
        }
        if self.no_valid_recipients {
            config.no_recipient = Saying::NoRecipient;
        }
        config.words.extend(self.words.iter().filter_map(|(id, words)| Some((Saying::from_id(id)?, words.clone()))));
    }

    /// What is wrong with them.
    pub(super) fn mistake(&self) -> Option<String> {
        let unknown = self.words.keys().find(|id| Saying::from_id(id).is_none());
        unknown.map(|id| format!("there is nothing said called {id:?}"))
    }
}
