//! What can be set about a host of the lab while it runs: how patient, how strict and how large it is, and how it speaks.
//!
//! Each setting has a few values that are worth choosing, and where it is a number any other number as well.

use serde::Deserialize;

/// Something about a host that can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// Seconds before a stranger is believed (RFC 6647).
    Greylist,
    /// Letters that one client may begin within a minute.
    Rate,
    /// Seconds that each RCPT after the third costs.
    Tarpit,
    /// Seconds before the greeting.
    GreetsAfter,
    /// Octets of a letter.
    Size,
    /// Recipients of a letter.
    Recipients,
    /// Octets of letters with which each mailbox is full.
    Quota,
    /// Errors before 421.
    Errors,
    /// CR and LF that are no line end.
    LineEnds,
    /// Who speaks before it is his turn.
    EarlyTalk,
    /// Whether anything is taken outside TLS.
    Tls,
    /// What STARTTLS leads to.
    Starttls,
    /// What a sender insists on where a domain promises it.
    GoesBy,
    /// The shape of its replies.
    Style,
}

/// A value that can be chosen, and what it means.
pub type Choice = (&'static str, &'static str);

/// The value that says that nothing of the kind is done.
pub const OFF: &str = "off";

impl Setting {
    /// All of them, in the order in which they are offered.
    pub const ALL: &[Self] = &[
        Self::Greylist,
        Self::Rate,
        Self::Tarpit,
        Self::GreetsAfter,
        Self::Size,
        Self::Recipients,
        Self::Quota,
        Self::Errors,
        Self::LineEnds,
        Self::EarlyTalk,
        Self::Tls,
        Self::Starttls,
        Self::GoesBy,
        Self::Style,
    ];

    /// Its name in data.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Greylist => "greylist",
            Self::Rate => "rate",
            Self::Tarpit => "tarpit",
            Self::GreetsAfter => "greets-after",
            Self::Size => "size",
            Self::Recipients => "recipients",
            Self::Quota => "quota",
            Self::Errors => "errors",
            Self::LineEnds => "line-ends",
            Self::EarlyTalk => "early-talk",
            Self::Tls => "tls",
            Self::Starttls => "starttls",
            Self::GoesBy => "goes-by",
            Self::Style => "style",
        }
    }

    /// What it is, in a few words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Greylist => "strangers wait (greylisting)",
            Self::Rate => "letters a minute from a client",
            Self::Tarpit => "each RCPT after the third costs",
            Self::GreetsAfter => "the greeting comes after",
            Self::Size => "the largest letter",
            Self::Recipients => "recipients of a letter",
            Self::Quota => "room in each mailbox",
            Self::Errors => "errors before it says 421",
            Self::LineEnds => "CR or LF alone",
            Self::EarlyTalk => "who does not wait his turn",
            Self::Tls => "mail outside TLS",
            Self::Starttls => "what STARTTLS gets",
            Self::GoesBy => "as a sender it insists on",
            Self::Style => "the shape of its replies",
        }
    }

    /// Values that are worth choosing.
    pub const fn choices(self) -> &'static [Choice] {
        match self {
            Self::Greylist => &[(OFF, "nobody waits"), ("60", "a minute"), ("300", "5 minutes"), ("3600", "an hour")],
            Self::Rate => &[(OFF, "any number"), ("2", "two"), ("30", "thirty")],
            Self::Tarpit => &[(OFF, "nothing"), ("2", "2 seconds"), ("10", "10 seconds")],
            Self::GreetsAfter => &[(OFF, "at once"), ("2", "2 seconds"), ("8", "8 seconds")],
            Self::Size => &[("1000", "1000 octets"), ("10240", "10 KiB"), ("10485760", "10 MiB")],
            Self::Recipients => &[("1", "one"), ("5", "five"), ("100", "a hundred")],
            Self::Quota => &[(OFF, "without end"), ("1000", "1000 octets"), ("100000", "100 kB")],
            Self::Errors => &[("1", "one"), ("3", "three"), ("30", "thirty")],
            Self::LineEnds => &[
                ("keep", "refused in commands, kept in letters"),
                ("strict", "refused in commands and in letters"),
                ("normalise", "taken, and made regular in letters"),
                ("pass", "taken, and passed on as they are"),
                ("lenient", "taken, and LF . LF ends a letter"),
            ],
            Self::EarlyTalk => &[
                ("allow", "is heard"),
                ("503", "gets 503"),
                ("554", "gets 554, and the connection ends"),
                ("521", "gets 521, and the connection ends"),
            ],
            Self::Tls => &[("optional", "is taken"), ("required", "gets 530")],
            Self::Starttls => &[
                ("ready", "220 and a handshake"),
                ("unavailable", "454: not now"),
                ("vulnerable", "220, and plain text behind it is obeyed"),
            ],
            Self::GoesBy => &[
                (OFF, "nothing: it takes what it gets"),
                ("dane", "DANE"),
                ("mta-sts", "MTA-STS"),
                ("both", "DANE and MTA-STS"),
            ],
            Self::Style => &[
                ("own", "the lab's own"),
                ("postfix", "as Postfix: the address first, Ok: queued as"),
                ("exim", "as Exim: no enhanced codes, OK id="),
                ("exchange", "as Exchange: a name behind the status"),
                ("gmail", "as Gmail: several lines, a mark at the end"),
            ],
        }
    }

    /// What a number is of, where any number up to [`most`](Self::most) may be given.
    pub const fn unit(self) -> Option<&'static str> {
        match self {
            Self::Greylist | Self::Tarpit | Self::GreetsAfter => Some("seconds"),
            Self::Rate => Some("letters"),
            Self::Size | Self::Quota => Some("octets"),
            Self::Recipients => Some("recipients"),
            Self::Errors => Some("errors"),
            Self::LineEnds | Self::EarlyTalk | Self::Tls | Self::Starttls | Self::GoesBy | Self::Style => None,
        }
    }

    /// The largest number that may be given. Waits that somebody sits through are short; greylisting waits on the lab's
    /// clock.
    pub const fn most(self) -> u64 {
        match self {
            Self::Greylist => 5 * 86_400,
            Self::Tarpit | Self::GreetsAfter => 60,
            Self::Rate | Self::Recipients | Self::Errors => 1000,
            Self::Size => 10_485_760,
            Self::Quota => 1_000_000_000,
            _ => 0,
        }
    }

    /// What a value means: in the words of the choice, or the number with its unit.
    pub fn means(self, value: &str) -> String {
        let chosen = self.choices().iter().find(|(name, _)| *name == value).map(|(_, words)| (*words).to_owned());
        chosen.unwrap_or_else(|| self.unit().map_or_else(|| value.to_owned(), |unit| format!("{value} {unit}")))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_different_and_every_number_that_is_offered_may_be_given() {
        let names: BTreeSet<_> = Setting::ALL.iter().map(|setting| setting.name()).collect();
        assert_eq!(names.len(), Setting::ALL.len());
        for setting in Setting::ALL {
            let numbers = setting.choices().iter().filter_map(|(value, _)| value.parse::<u64>().ok());
            assert!(setting.unit().is_none() || numbers.max().is_some_and(|number| number <= setting.most()));
        }
    }

    #[test]
    fn a_value_is_told_in_words() {
        assert_eq!(Setting::Greylist.means("300"), "5 minutes");
        assert_eq!(Setting::Greylist.means("90"), "90 seconds");
        assert_eq!(Setting::LineEnds.means("strict"), "refused in commands and in letters");
    }
}
