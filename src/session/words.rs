//! Marks in words: what the transcript says where no bytes stand.

use std::time::Duration;

use crate::safe;
use crate::smtp::limits::Limits;
use crate::tape::Side;
use crate::tape::mark::{Attempt, Closed, Ending, Failure, Hold, Limit, LookUp, Mark, Unreached, Wait};
use crate::tape::policy::Fetched;
use crate::tape::tls::{KeyLogging, NoTls, TlsDecision, TlsFailure, TlsTrouble};

/// A mark as one line of text. Names and texts in it come from the network: it goes through [`safe`]
/// before anybody sees it.
pub fn of(mark: &Mark) -> String {
    match mark {
        Mark::LookedUp(look_up) => looked_up(look_up),
        Mark::Refused(attempt) => attempted(attempt),
        Mark::GaveUp(failure) => gave_up(failure),
        Mark::Opened(opened) => {
            let lmtp = if opened.lmtp { ", to speak LMTP" } else { "" };
            format!("connected to {} ({}){lmtp}", opened.peer, opened.host)
        }
        Mark::Announced { client } => format!("the server is told that this connection is made for {client}"),
        Mark::TlsDecided(decision) => tls_decided(*decision),
        Mark::TlsStarted { sni: Some(sni) } => format!("TLS handshake begins, asking for {sni}"),
        Mark::TlsStarted { sni: None } => "TLS handshake begins".into(),
        Mark::TlsReady(facts) => {
            let verdict = match (facts.verified(), facts.accepted()) {
                _ if facts.is_own() => "certificate shown to the client",
                (true, _) => "certificate verified",
                (false, true) => "certificate NOT verified, and not to be",
                (false, false) => "certificate NOT verified",
            };
            let keys = match facts.terms.keys {
                KeyLogging::Off => "",
                KeyLogging::On => ", keys written to the key log",
                KeyLogging::Failed => ", keys could NOT be written to the key log",
            };
            format!("{} {}, {verdict}{keys}", facts.version, facts.suite)
        }
        Mark::CertificateChanged { before, now } => {
            format!("not the certificate of your last session with this host; SHA-256 then {before}, now {now}")
        }
        Mark::Fetched(fetched) => asked(fetched),
        Mark::Promised(promise) => format!("{}: {}", promise.kept.by(), promise.why),
        Mark::TlsFailed(failure) => tls_failed(failure),
        Mark::WentOn => "you went on although the certificate is not in order".into(),
        Mark::Held { octets, why } => format!("{octets} octets held back: {}", held(*why)),
        Mark::Dropped { lines } => format!("{lines} held lines dropped, not sent"),
        Mark::SentEarly => "sent before its time, on purpose".into(),
        Mark::TimedOut(wait) => format!("nothing came in time: {}", waited(*wait)),
        Mark::KeptWaiting => "you keep waiting".into(),
        Mark::StoppedWaiting => "you stopped waiting for the reply".into(),
        Mark::RecordFull { octets } => format!("the record is full: what comes behind {octets} octets is not kept"),
        Mark::Limit(limit) => limited(*limit),
        Mark::HalfClosed { by } => format!("{} has finished sending", who(*by)),
        Mark::Closed(closed) => ended(*closed),
        Mark::Unread { name, why } => format!("{name} could not be read: {why}"),
        Mark::LoginStopped { why, .. } => format!("login stopped: {why}"),
        Mark::ServerProved { mechanism } => format!("{mechanism}: the server's proof is right, it knows the password"),
        Mark::Told(told) => told.words.clone(),
        Mark::Revealed => "a secret was shown".into(),
        Mark::Suspended(gap) => format!("ehlo was stopped for {} s", gap.as_secs()),
    }
}

fn looked_up(look_up: &LookUp) -> String {
    let answers = if look_up.answers.is_empty() { look_up.outcome.clone() } else { look_up.answers.join(", ") };
    format!("{} {} → {answers} ({})", look_up.kind, look_up.name, look_up.source)
}

fn asked(fetched: &Fetched) -> String {
    let at = fetched.at.map_or_else(String::new, |ip| format!(" ({ip})"));
    let (url, ms) = (fetched.url(), fetched.took.as_millis());
    match &fetched.found {
        Ok(text) => format!("GET {url}{at} → a policy of {} octets ({ms} ms)", text.len()),
        Err(why) => format!("GET {url}{at} → no policy: {why} ({ms} ms)"),
    }
}

fn attempted(attempt: &Attempt) -> String {
    let why = match attempt.why {
        Unreached::Refused => "refused the connection",
        Unreached::TimedOut => "did not answer",
        Unreached::Unreachable => "cannot be reached",
        Unreached::Reset => "reset the connection",
        Unreached::Local => "could not be tried from this machine",
        Unreached::Source => "could not be tried from the own address that was chosen",
    };
    let peer = &attempt.peer;
    let named = if peer.ip().is_none_or(|ip| attempt.host == ip.to_string()) {
        String::new()
    } else {
        format!("{} ", attempt.host)
    };
    format!("{named}{peer} {why} ({} ms)", attempt.took.as_millis())
}

fn gave_up(failure: &Failure) -> String {
    match failure {
        Failure::NoAddress { outcome } => format!("no address: {outcome}"),
        Failure::AllFailed { known: 1, .. } => "no connection: the only address failed".into(),
        Failure::AllFailed { tried, known } if tried == known => format!("no connection: all {known} addresses failed"),
        Failure::AllFailed { tried, known } => {
            format!("no connection: {tried} of {known} addresses tried, none answered")
        }
        Failure::BadTarget { why } => format!("no connection: {why}"),
        Failure::NotTaken => "no connection: the network did not take the request".into(),
    }
}

fn tls_decided(decision: TlsDecision) -> String {
    let (why, goes_on) = match decision {
        TlsDecision::First => return "TLS comes before the first line, as the target or its port asks".to_owned(),
        TlsDecision::Upgrade { required: true } => {
            return "STARTTLS is listed and TLS is required: it is sent".to_owned();
        }
        TlsDecision::Upgrade { required: false } => {
            return "STARTTLS is listed and TLS is preferred: it is sent".to_owned();
        }
        TlsDecision::Declined => return "STARTTLS is listed, but TLS is never to be used here".to_owned(),
        TlsDecision::Without { why, goes_on } => (why, goes_on),
    };
    let why = match why {
        NoTls::Greeting(code) => format!("the greeting was {code}"),
        NoTls::Hello(code) => format!("EHLO was refused with {code}"),
        NoTls::NotOffered => "the server does not list STARTTLS".to_owned(),
        NoTls::Refused(code) => format!("STARTTLS was refused with {code}"),
        NoTls::Goodbye => "the server ended the session".to_owned(),
        NoTls::NotAwaited => "you no longer wait for the answer".to_owned(),
    };
    let then = if goes_on { "going on in plain text" } else { "TLS is required, so the session ends" };
    format!("no TLS: {why}; {then}")
}

fn tls_failed(failure: &TlsFailure) -> String {
    let why = match &failure.why {
        TlsTrouble::InjectedPlaintext => "plain text came between the 220 and the handshake".to_owned(),
        TlsTrouble::NotTls(head) => {
            format!("expected TLS, got plain text: '{}'", safe::plain(head.trim_ascii_end()).as_str())
        }
        TlsTrouble::PlainPort(_) => "the port answers in plain SMTP".to_owned(),
        TlsTrouble::Alert(alert) => format!("the peer sent the alert {alert}"),
        TlsTrouble::Version if ["1.2", "1.3"].contains(&failure.detail.as_str()) => {
            format!("the peer does not speak TLS {}, and no other version was offered", failure.detail)
        }
        TlsTrouble::Version => "the peer speaks no version of TLS that ehlo does (1.2, 1.3)".to_owned(),
        TlsTrouble::Closed => "the peer closed the connection instead".to_owned(),
        TlsTrouble::Reset => "the peer reset the connection instead".to_owned(),
        TlsTrouble::TimedOut => "the peer did not answer in time".to_owned(),
        TlsTrouble::Signature => "the peer could not prove that it holds the certificate's key".to_owned(),
        TlsTrouble::Other => failure.detail.clone(),
    };
    format!("TLS failed: {why}")
}

fn held(why: Hold) -> &'static str {
    match why {
        Hold::Greeting => "the greeting is not complete",
        Hold::Reply => "the reply before is not complete",
        Hold::Certificate => "the certificate waits for your word",
        Hold::Upgrade => "TLS comes first",
        Hold::Opening => "the connection is not open yet",
    }
}

fn waited(wait: Wait) -> &'static str {
    match wait {
        Wait::Greeting => "no greeting",
        Wait::Reply => "no whole reply",
        Wait::DataStart => "no 354",
        Wait::DataBlock => "the peer takes no more of the letter",
        Wait::DataEnd => "no verdict on the letter",
        Wait::Tls => "no TLS handshake",
    }
}

fn limited(limit: Limit) -> String {
    let limits = Limits::default();
    match limit {
        Limit::Line => format!("reading stopped: a line of more than {} octets", limits.line),
        Limit::Reply => format!("reading stopped: a reply of more than {} lines", limits.reply_lines),
        Limit::Unsolicited => format!("reading stopped: more than {} octets that nobody asked for", limits.unsolicited),
    }
}

fn who(side: Side) -> &'static str {
    match side {
        Side::Client => "the client",
        Side::Server => "the server",
    }
}

fn ended(closed: Closed) -> String {
    let by = who(closed.by);
    match closed.how {
        Ending::Clean => format!("connection closed by {by}"),
        Ending::NoCloseNotify => format!("connection closed by {by} without a TLS goodbye"),
        Ending::Reset => format!("connection reset by {by}"),
        Ending::Lingered => "connection closed by ehlo: the server said goodbye and lingered".into(),
        Ending::Injected => "connection closed by ehlo: plain text after the 220".into(),
        Ending::EarlyReply => "connection closed by ehlo: the server answered inside the letter".into(),
        Ending::Limit => "connection closed by ehlo: a limit was reached".into(),
        Ending::Tls => "connection ended by a TLS error".into(),
        Ending::Failed => "connection failed".into(),
    }
}

/// A duration as people say it: `0.3 ms`, `31 ms`, `2.5 s`, `5 min`.
pub fn milliseconds(time: Duration) -> String {
    let micros = time.as_micros();
    match micros {
        0..=9_999 => format!("{}.{} ms", micros / 1000, micros / 100 % 10),
        10_000..=999_999 => format!("{} ms", micros / 1000),
        1_000_000..=119_999_999 => format!("{}.{} s", micros / 1_000_000, micros / 100_000 % 10),
        _ => format!("{} min", micros / 60_000_000),
    }
}
