//! What happens on a connection that is not bytes (`marks.toml`).

use std::sync::LazyLock;

use serde::Deserialize;

use super::table::{Meta, load};
use crate::tape::Side;
use crate::tape::mark::{Ending, Failure, Mark, Unreached};
use crate::tape::promise::Kept;
use crate::tape::tls::{TlsDecision, TlsTrouble};
use crate::tape::told::Means;

static TABLE: LazyLock<Table> = LazyLock::new(|| load(include_str!("../../assets/knowledge/marks.toml")));

/// The table of marks.
pub fn table() -> &'static Table {
    &TABLE
}

/// All that `marks.toml` holds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Source.
    pub meta: Meta,
    /// The kinds of marks.
    pub mark: Vec<MarkEntry>,
}

/// A kind of mark.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkEntry {
    /// Its name in the table.
    pub id: String,
    /// A heading.
    pub title: String,
    /// A note of at most 60 cells; one that begins with `!` is a warning.
    pub gloss: String,
    /// What it means.
    pub meaning: String,
    /// What to do.
    pub next: String,
    /// The line to type for that.
    #[serde(default, rename = "type")]
    pub command_line: String,
    /// Where it stands.
    pub refs: Vec<String>,
}

/// The entry of a mark.
pub fn entry(mark: &Mark) -> Option<&'static MarkEntry> {
    named(id(mark))
}

/// The entry with this name.
pub fn named(id: &str) -> Option<&'static MarkEntry> {
    table().mark.iter().find(|entry| entry.id == id)
}

/// The name of a mark's entry.
pub fn id(mark: &Mark) -> &'static str {
    match mark {
        Mark::LookedUp(_) => "looked-up",
        Mark::Refused(attempt) => unreached(attempt.why),
        Mark::GaveUp(Failure::NoAddress { .. }) => "gave-up-name",
        Mark::GaveUp(Failure::AllFailed { .. }) => "gave-up-all",
        Mark::GaveUp(Failure::BadTarget { .. }) => "gave-up-target",
        Mark::GaveUp(Failure::NotTaken) => "gave-up-not-taken",
        Mark::Opened(_) => "opened",
        Mark::Announced { .. } => "announced",
        Mark::TlsDecided(TlsDecision::First) => "tls-first",
        Mark::TlsDecided(TlsDecision::Upgrade { .. }) => "tls-upgrade",
        Mark::TlsDecided(TlsDecision::Declined) => "tls-declined",
        Mark::TlsDecided(TlsDecision::Without { goes_on: true, .. }) => "tls-missed",
        Mark::TlsDecided(TlsDecision::Without { goes_on: false, .. }) => "tls-required",
        Mark::TlsStarted { .. } => "tls-started",
        Mark::TlsReady(facts) if facts.is_own() => "tls-answered",
        Mark::TlsReady(facts) if facts.verified() => "tls-ready",
        Mark::TlsReady(_) => "tls-unverified",
        Mark::CertificateChanged { .. } => "certificate-changed",
        Mark::Fetched(fetched) if fetched.found.is_ok() => "policy-read",
        Mark::Fetched(_) => "policy-not-read",
        Mark::Promised(promise) => promised(promise.kept),
        Mark::TlsFailed(failure) => trouble(&failure.why),
        Mark::WentOn => "went-on",
        Mark::Held { .. } => "held",
        Mark::Dropped { .. } => "dropped",
        Mark::SentEarly => "sent-early",
        Mark::TimedOut(_) => "timed-out",
        Mark::KeptWaiting => "kept-waiting",
        Mark::StoppedWaiting => "stopped-waiting",
        Mark::RecordFull { .. } => "record-full",
        Mark::Limit(_) => "limit",
        Mark::HalfClosed { by: Side::Server } => "half-closed",
        Mark::HalfClosed { by: Side::Client } => "half-closed-client",
        Mark::Closed(closed) => ending(closed.how, closed.by),
        Mark::Unread { .. } => "unread",
        Mark::LoginStopped { .. } => "login-stopped",
        Mark::ServerProved { .. } => "server-proved",
        Mark::Told(told) => means(&told.means),
        Mark::Revealed => "revealed",
        Mark::Suspended(_) => "suspended",
    }
}

fn means(means: &Means) -> &'static str {
    match means {
        Means::Nothing => "told",
        Means::Opened { whole: true, .. } => "told-opened",
        Means::Opened { whole: false, .. } => "told-partial",
        Means::Secured { .. } => "told-tls",
        Means::Letter => "told-letter",
        Means::Closed { .. } => "told-closed",
    }
}

fn unreached(why: Unreached) -> &'static str {
    match why {
        Unreached::Refused => "refused",
        Unreached::TimedOut => "unanswered",
        Unreached::Unreachable => "unreachable",
        Unreached::Reset => "reset-opening",
        Unreached::Local => "local",
        Unreached::Source => "own-address",
    }
}

fn promised(kept: Kept) -> &'static str {
    match kept {
        Kept::Dane => "dane-kept",
        Kept::DaneBroken => "dane-broken",
        Kept::DaneUnusable => "dane-unusable",
        Kept::DaneNotSigned => "dane-not-signed",
        Kept::DaneNotJudged => "dane-not-judged",
        Kept::DaneWait => "dane-wait",
        Kept::Sts => "sts-kept",
        Kept::StsBroken => "sts-broken",
        Kept::StsTesting => "sts-testing",
        Kept::StsOff => "sts-off",
        Kept::StsUnread => "sts-unread",
    }
}

fn trouble(why: &TlsTrouble) -> &'static str {
    match why {
        TlsTrouble::InjectedPlaintext => "tls-injected",
        TlsTrouble::NotTls(_) => "tls-not-tls",
        TlsTrouble::PlainPort(_) => "tls-plain-port",
        TlsTrouble::Alert(_) => "tls-alert",
        TlsTrouble::Version => "tls-version",
        TlsTrouble::Closed | TlsTrouble::Reset => "tls-closed",
        TlsTrouble::TimedOut => "tls-timeout",
        TlsTrouble::Signature => "tls-signature",
        TlsTrouble::Other => "tls-failed",
    }
}

fn ending(how: Ending, by: Side) -> &'static str {
    match (how, by) {
        (Ending::Clean, Side::Server) => "closed-server",
        (Ending::Clean, Side::Client) => "closed-client",
        (Ending::NoCloseNotify, _) => "closed-no-notify",
        (Ending::Reset, _) => "closed-reset",
        (Ending::Lingered, _) => "closed-lingered",
        (Ending::Injected, _) => "closed-injected",
        (Ending::EarlyReply, _) => "closed-early-reply",
        (Ending::Limit, _) => "closed-limit",
        (Ending::Tls, _) => "closed-tls",
        (Ending::Failed, _) => "closed-failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_parses_and_names_are_unique() {
        for (index, entry) in table().mark.iter().enumerate() {
            assert_eq!(table().mark.iter().position(|other| other.id == entry.id), Some(index), "{}", entry.id);
        }
    }

    #[test]
    fn every_kind_of_mark_has_an_entry_and_every_entry_a_mark() {
        let source = include_str!("marks.rs");
        for entry in &table().mark {
            assert!(source.contains(&format!("\"{}\"", entry.id)), "no mark leads to {}", entry.id);
        }
        for side in [Side::Server, Side::Client] {
            for how in
                [Ending::Clean, Ending::Reset, Ending::Lingered, Ending::Injected, Ending::EarlyReply, Ending::Failed]
            {
                assert!(named(ending(how, side)).is_some());
            }
        }
    }
}
