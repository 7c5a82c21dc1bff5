//! What a mark of the tape says in the transcript: facts only, the meaning is the note's.
//!
//! Names and texts in marks come from the network; the caller makes the finished text fit to be shown.

use crate::tape::Side;
use crate::tape::mark::{Attempt, Closed, Ending, Failure, Hold, Limit, LookUp, Mark, Opened, Unreached, Wait};
use crate::tape::tls::{TlsFacts, TlsFailure, TlsTrouble};

use super::capabilities::milliseconds;

/// The text of a mark, not yet fit to be shown.
pub fn text(mark: &Mark) -> String {
    match mark {
        Mark::LookedUp(look_up) => looked_up(look_up),
        Mark::Refused(attempt) => refused(attempt),
        Mark::GaveUp(failure) => gave_up(failure),
        Mark::Opened(opened) => connected(opened),
        Mark::TlsStarted { sni: Some(sni) } => format!("TLS handshake for {sni}"),
        Mark::TlsStarted { sni: None } => "TLS handshake without a name".into(),
        Mark::TlsReady(facts) => tls_ready(facts),
        Mark::TlsFailed(failure) => tls_failed(failure),
        Mark::WentOn => "you went on although TLS is not verified".into(),
        Mark::Held { octets, why } => format!("held {octets} bytes: {}", hold(*why)),
        Mark::Dropped { lines } => format!("dropped {lines} held line{}", if *lines == 1 { "" } else { "s" }),
        Mark::SentEarly => "you sent before the server was ready".into(),
        Mark::TimedOut(wait) => format!("no answer in time: {}", waited(*wait)),
        Mark::KeptWaiting => "you keep waiting".into(),
        Mark::Limit(limit) => format!("stopped reading: {}", limit_words(*limit)),
        Mark::HalfClosed { by } => format!("{} will send no more", who(*by)),
        Mark::Closed(closed) => self::closed(*closed),
        Mark::Revealed => "you looked at a secret".into(),
        Mark::Suspended(gap) => format!("stopped for {} and continued", milliseconds(*gap)),
    }
}

fn looked_up(look_up: &LookUp) -> String {
    let name = look_up.name.trim_end_matches('.');
    let answers: Vec<&str> = look_up.answers.iter().map(|answer| answer.trim_end_matches('.')).collect();
    if answers.is_empty() {
        format!("{} {name} → {}", look_up.kind, look_up.outcome)
    } else {
        format!("{} {name} → {}", look_up.kind, answers.join(", "))
    }
}

fn refused(attempt: &Attempt) -> String {
    let why = match attempt.why {
        Unreached::Refused => "refused",
        Unreached::TimedOut => "no answer",
        Unreached::Unreachable => "unreachable",
        Unreached::Reset => "reset",
        Unreached::Local => "not tried by the system",
    };
    format!("{} {why} after {}", attempt.peer, milliseconds(attempt.took))
}

fn gave_up(failure: &Failure) -> String {
    match failure {
        Failure::NoAddress { outcome } => format!("no connection: the name gave no address ({outcome})"),
        Failure::AllFailed { tried, known } => {
            format!("no connection: {tried} of {known} addresses tried, none answered")
        }
        Failure::BadTarget { why } => format!("no connection: {why}"),
    }
}

fn connected(opened: &Opened) -> String {
    format!("connected {} in {}", opened.peer, milliseconds(opened.took))
}

fn tls_ready(facts: &TlsFacts) -> String {
    let subject = facts.chain.first().map_or("no certificate", |leaf| leaf.subject.as_str());
    let verdict = if facts.verified() { "verified" } else { "NOT verified" };
    format!("{} {}, {subject}, {verdict}", facts.version, facts.suite)
}

fn tls_failed(failure: &TlsFailure) -> String {
    let why = match &failure.why {
        TlsTrouble::InjectedPlaintext => "plain text came behind the 220".into(),
        TlsTrouble::NotTls(octets) => format!("the peer sent no TLS: {}", super::hex::spelled(octets)),
        TlsTrouble::PlainPort(octets) => format!("the port speaks plain SMTP: {}", super::hex::spelled(octets)),
        TlsTrouble::Alert(name) => format!("the peer sent the alert {name}"),
        TlsTrouble::Version => "no TLS version in common".into(),
        TlsTrouble::Closed => "the peer closed the connection".into(),
        TlsTrouble::Reset => "the peer reset the connection".into(),
        TlsTrouble::TimedOut => "nothing came in time".into(),
        TlsTrouble::Signature => "the signature does not fit the certificate".into(),
        TlsTrouble::Other => failure.detail.clone(),
    };
    format!("TLS failed: {why}")
}

fn hold(why: Hold) -> &'static str {
    match why {
        Hold::Greeting => "the greeting is not complete",
        Hold::Reply => "the reply before it is not complete",
        Hold::Certificate => "the certificate waits for your decision",
        Hold::Opening => "the connection is not open yet",
    }
}

fn waited(wait: Wait) -> &'static str {
    match wait {
        Wait::Greeting => "the greeting",
        Wait::Reply => "the reply",
        Wait::DataStart => "the 354 after DATA",
        Wait::DataBlock => "the peer takes no more of the letter",
        Wait::DataEnd => "the verdict on the letter",
        Wait::Tls => "the TLS handshake",
    }
}

fn limit_words(limit: Limit) -> &'static str {
    match limit {
        Limit::Line => "a line without an end",
        Limit::Reply => "a reply without an end",
        Limit::Unsolicited => "too much that nobody asked for",
    }
}

fn closed(closed: Closed) -> String {
    let who = who(closed.by);
    match closed.how {
        Ending::Clean => format!("closed by {who}"),
        Ending::NoCloseNotify => format!("closed by {who}, without a TLS goodbye"),
        Ending::Reset => format!("reset by {who}"),
        Ending::Lingered => "closed by us: the server lingered after its goodbye".into(),
        Ending::Injected => "closed by us: plain text behind the 220 of STARTTLS".into(),
        Ending::Limit => "closed by us: a limit was reached".into(),
        Ending::Tls => format!("closed by {who} with a TLS error"),
        Ending::Failed => "the connection broke".into(),
    }
}

fn who(side: Side) -> &'static str {
    match side {
        Side::Client => "us",
        Side::Server => "the server",
    }
}
