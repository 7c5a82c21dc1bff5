//! What a server decides by its own will: rules by stage, greylisting, rates, patience, the content filter.

use std::net::{IpAddr, Ipv4Addr};

use serde::Deserialize;

use crate::engine::server::reply::Reply;

/// The policy of a host. What is not named is not done.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Refusals, in order; the first that fits is said.
    pub rule: Vec<Rule>,
    /// Block lists that it asks about its clients.
    pub block_list: Vec<BlockList>,
    /// Seconds before an unknown client, sender and recipient are believed together (RFC 6647 §2.1).
    pub greylist: Option<u64>,
    /// Letters that one client may begin within a minute.
    pub mails_a_minute: Option<u32>,
    /// Seconds that each RCPT costs after the third (a tarpit).
    pub tarpit: u64,
    /// Octets of letters with which each mailbox is full that has no quota of its own.
    pub quota: Option<u64>,
    /// True if senders and recipients are refused whose domain has a null MX (RFC 7505 §4.2, RFC 7504 §4).
    pub refuses_null_mx: bool,
    /// True if it judges letters by SPF, DKIM, DMARC and ARC: it puts its results on top of them, and refuses what their
    /// policies ask it to refuse.
    pub judges: bool,
    /// True if its lists seal what they send (RFC 8617): what it found out when the letter came goes along, before the list
    /// changes it. It judges letters for that, and refuses none.
    pub seals: bool,
    /// What RCPT gets for nobody.
    pub unknown: Option<String>,
    /// The content filter.
    pub filter: Option<Filter>,
}

/// A refusal.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// When it is looked at.
    pub at: When,
    /// The client's address, if it matters.
    pub client: Option<IpAddr>,
    /// True if the client must be one without a name in the DNS.
    #[serde(default)]
    pub nameless: bool,
    /// The domain of the sender or of the recipient, or the client's own name, if it matters; empty for the null sender.
    pub domain: Option<String>,
    /// What is said: a code of 4yz or 5yz with a reason.
    pub reply: String,
}

/// A block list (RFC 5782): what RCPT gets from a client that stands there.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockList {
    /// Its zone.
    pub zone: String,
    /// The answers that count; each list has its own for each reason.
    pub answers: Vec<Ipv4Addr>,
    /// The domain of the recipients for whom it is asked, if not for all.
    pub domain: Option<String>,
}

/// The stage at which a rule is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// EHLO or HELO.
    Hello,
    /// MAIL.
    Mail,
    /// RCPT.
    Rcpt,
}

/// A content filter: words cost points, and too many points are too many.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// From how many points a letter is unwanted.
    pub limit: u32,
    /// What is done with one.
    pub does: Filtered,
    /// What costs points.
    pub word: Vec<Word>,
}

/// What is done with an unwanted letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filtered {
    /// 550: the sender learns of it.
    Reject,
    /// 250, and it lies in the mailbox's Junk: the reader may learn of it.
    Quarantine,
    /// 250, and it is gone: nobody learns of it.
    Discard,
}

/// Something that costs points.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Word {
    /// The name under which the score tells it.
    pub name: String,
    /// What is looked for, in any case.
    pub text: String,
    /// What it costs.
    pub points: u32,
}

impl Policy {
    /// What is wrong with it.
    pub(super) fn mistake(&self) -> Option<String> {
        let refuses = |reply: &String| Reply::read(reply).is_some_and(|reply| reply.code().is_failure());
        let bad = self.rule.iter().map(|rule| &rule.reply).chain(&self.unknown).find(|reply| !refuses(reply));
        bad.map(|reply| format!("{reply:?} refuses nothing"))
    }
}
