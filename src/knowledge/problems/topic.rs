//! What the words of a refusal speak of. Servers word their refusals freely; these expressions are made from the
//! texts of Postfix, Exim, Sendmail, qmail, OpenSMTPD, Exchange Online and Gmail.

use std::sync::LazyLock;

use regex::bytes::RegexSet;

use crate::knowledge::table::compile;

/// Writes the enum, and the expressions in the same order.
macro_rules! topics {
    ($($(#[doc = $words:literal])+ $topic:ident $expression:literal;)+) => {
        /// Something that a refusal may speak of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Topic { $($(#[doc = $words])+ $topic),+ }

        const EXPRESSIONS: &[&str] = &[$($expression),+];
    };
}

topics! {
    /// The name in EHLO.
    Hello r"(?i)\b(helo|ehlo)\b|fully[- ]qualified (host|domain)";
    /// EHLO is missing, not wrong.
    HelloFirst r"(?i)(send|say|issue|need|polite|expect)[a-z ,]*\b(helo|ehlo)\b|(helo|ehlo)[a-z/ ]* first";
    /// Encryption.
    Tls r"(?i)starttls|\btls\b|\bssl\b|encrypt";
    /// Relaying or logging in.
    Relay r"(?i)\brelay|not permitted to|authenticat|log ?in first|smtp auth";
    /// Carrying mail for others, in so many words.
    Relaying r"(?i)\brelay";
    /// A password made for one program.
    AppPassword r"(?i)app(lication)?[- ]specific|app password";
    /// Plain passwords are switched off.
    BasicOff r"(?i)basic auth|smtpclientauthentication|client authentication is disabled";
    /// Tokens.
    OAuth r"(?i)oauth|bearer|web ?token";
    /// The login must be confirmed in a browser.
    Browser r"(?i)web ?browser|webloginrequired|log in via";
    /// A list of addresses.
    BlockList r"(?i)dnsbl|\brbl\b|spamhaus|spamcop|barracuda|sorbs|uceprotect|black ?list|block(ed)? ?list|blocked using|listed (in|by|on|at)|\bpbl\b|\bsbl\b|\bxbl\b";
    /// Reverse DNS.
    Reverse r"(?i)reverse (dns|host|look|map)|\bptr\b|\brdns\b|cannot find your (reverse )?host ?name|no reverse";
    /// How an address is thought of.
    Reputation r"(?i)poor reputation|bad reputation|low reputation|dynamic(ally)? (ip|address|host|assigned|range)|residential|generic (ip|ptr|host|rdns)|your (ip|network|host)( address)? (is|has been|was) (blocked|banned|blacklisted)";
    /// SPF.
    Spf r"(?i)\bspf\b|sender policy framework";
    /// DKIM.
    Dkim r"(?i)\bdkim\b|domainkeys";
    /// DMARC.
    Dmarc r"(?i)\bdmarc\b";
    /// Senders that are not proven.
    Unauthenticated r"(?i)unauthenticated (e?mail|sender|message)|not accepted (for|due to) (domain's )?(policy|dmarc)";
    /// Greylisting.
    Grey r"(?i)gr[ea]y ?-?list|try again in \d|please try again (later|shortly).*(first|new)";
    /// Speed and number.
    Rate r"(?i)too (many|much|fast)|\brate\b|throttl|slow down|(limit|quota|connections|messages) exceeded|exceeded .*(limit|rate)|frequen";
    /// Room on the server.
    Disk r"(?i)insufficient (system )?(storage|resources)|disk|no space|out of (space|memory)|system storage";
    /// A full mailbox.
    Full r"(?i)mailbox (is )?(full|over)|over ?quota|quota exceeded|user's storage";
    /// Look-ups that fail.
    LookUp r"(?i)\bdns\b|look ?-?up|resolv|domain (of sender )?(address .*)?(not found|does not exist)|domain not found|temporarily unable to verify|cannot (find|verify|resolve)";
    /// Octets beyond ASCII.
    EightBit r"(?i)8 ?-?bit|non-?ascii|utf-?8|\bmime\b.*conver|7 ?-?bit";
    /// Size.
    TooLarge r"(?i)too (big|large)|size (limit|exceed)|exceed(s|ed)?.*(size|limit)|maximum (message )?size|message size";
    /// Waiting too long.
    TimedOut r"(?i)time ?-?out|timed out|idle";
    /// Line ends.
    BareEnd r"(?i)bare ?<?(lf|cr|newline|line ?feed|carriage)|stray (lf|cr|newline)|line ?feed|lone (lf|cr)|\b(lf|cr) alone|invalid line end";
    /// The length of a line.
    LongLine r"(?i)line (is )?too long|line length|long line|lines? exceed|too long (a )?line|maximum line|\b(998|1000) (octets|bytes|characters)";
    /// Too many recipients.
    TooManyRecipients r"(?i)too many (rcpt|recipient)|recipient(s)? (limit|exceed)|(limit|number|maximum).*recipients";
    /// The null sender.
    NullSender r"(?i)null (sender|return|reverse)|empty (sender|envelope|return)|<>|bounce";
    /// Later, in a refusal for good.
    Later r"(?i)try again|try later|temporar|later\b|retry";
    /// Never, in a refusal for now.
    Never r"(?i)permanent|do not (re)?try|don't (re)?try|never\b|will not be accepted";
}

static TOPICS: LazyLock<RegexSet> = LazyLock::new(|| compile(EXPRESSIONS.iter()));

/// The topics of one text.
#[derive(Debug, Clone, Default)]
pub(super) struct Topics(Vec<usize>);

impl Topics {
    /// What a text speaks of.
    pub(super) fn of(text: &[u8]) -> Self {
        Self(TOPICS.matches(text).into_iter().collect())
    }

    /// True if it speaks of this.
    pub(super) fn has(&self, topic: Topic) -> bool {
        self.0.contains(&(topic as usize))
    }
}

/// Compiles the expressions ahead of their first use.
pub(super) fn warm() {
    TOPICS.is_match(b"");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expression_compiles_and_stands_at_its_topics_place() {
        assert_eq!(TOPICS.len(), EXPRESSIONS.len());
        assert!(Topics::of(b"504 need fully-qualified hostname").has(Topic::Hello));
        assert!(Topics::of(b"Message permanently rejected").has(Topic::Never), "the last one");
    }

    #[test]
    fn words_within_words_are_no_topic() {
        let topics = Topics::of(b"helopad accelerated spfx dkimmed titles");
        let met = [Topic::Hello, Topic::Spf, Topic::Dkim, Topic::Tls].into_iter().any(|topic| topics.has(topic));
        assert!(!met);
    }
}
