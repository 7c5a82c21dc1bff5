//! What a row means: who spoke, how safe the link was, and why the letter is where it is.

use crate::dialogue::Login;
use crate::knowledge::Explanation;
use crate::mail::received::Received;
use crate::ports::lab::{News, Step, Written};
use crate::session::Session;
use crate::session::journey::{Journey, Opens, Row};
use crate::smtp::command::Verb;
use crate::tape::promise::Kept;
use crate::ui::explain::{self, Subject};
use crate::ui::lab_mail::spelled;
use crate::ui::remote;
use crate::ui::text::{Role, Run, wrap_words};

use super::{Map, letter, short};

/// How safe a link was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Secured {
    /// Nothing is known of it.
    Unknown,
    /// Nobody spoke.
    None,
    /// Everybody on the way could read it.
    Plain,
    /// Encrypted; whose certificate it was is no longer known, or does not matter on this side.
    Tls,
    /// Encrypted, with a certificate in order.
    Verified,
    /// Encrypted, and the host keeps what the signed DNS promises of it.
    Dane,
    /// Encrypted, and the host keeps the policy of its domain.
    Sts,
    /// Encrypted, with a certificate that proves nothing.
    Doubtful,
    /// Encrypted, and the client has logged in.
    Login,
}

impl Secured {
    /// In words, at length and in five cells, and how they are drawn.
    pub(super) const fn words(self) -> (&'static str, &'static str, Role) {
        match self {
            Self::Unknown => ("", "", Role::Quiet),
            Self::None => ("no words", "", Role::Quiet),
            Self::Plain => ("plain text", "plain", Role::Wait),
            Self::Tls => ("TLS", "TLS", Role::Good),
            Self::Verified => ("TLS verified", "TLS", Role::Good),
            Self::Dane => ("TLS, DANE", "DANE", Role::Good),
            Self::Sts => ("TLS, MTA-STS", "STS", Role::Good),
            Self::Doubtful => ("TLS, bad cert", "TLS?", Role::Wait),
            Self::Login => ("TLS, login", "TLS", Role::Good),
        }
    }
}

/// The conversation behind a row, if it is still kept.
fn session<'a>(map: &Map<'a>, row: &Row<'_>) -> Option<&'a Session> {
    match map.model.opens(row)? {
        Opens::Session(id) => map.model.session(id),
        Opens::Letter(_) => None,
    }
}

/// How safe the link of a row was.
pub(super) fn secured(map: &Map<'_>, journey: &Journey<'_>, row: &Row<'_>) -> Secured {
    let session = session(map, row);
    let tls = match (&row.news.step, session) {
        (Step::Hop { tls, .. }, _) => *tls,
        (Step::Accepted { .. } | Step::Calls { .. }, Some(session)) => session.dialogue().is_secured(),
        (Step::Accepted { .. }, None) => {
            return letter::first_hop(journey).as_ref().map_or(Secured::Unknown, traced);
        }
        _ => return Secured::None,
    };
    match session.map(|session| (session, session.tls())) {
        _ if !tls => Secured::Plain,
        Some((session, _)) if session.dialogue().login() == Login::In => Secured::Login,
        Some((session, _)) if session.promises().any(|promise| promise.kept == Kept::Dane) => Secured::Dane,
        Some((session, _)) if session.promises().any(|promise| promise.kept == Kept::Sts) => Secured::Sts,
        Some((_, Some(facts))) if facts.verified() => Secured::Verified,
        Some((_, Some(facts))) if !facts.is_own() => Secured::Doubtful,
        _ => Secured::Tls,
    }
}

/// What the protocol of a trace line says of the link (RFC 3848).
fn traced(hop: &Received) -> Secured {
    match hop.secured() {
        None => Secured::Unknown,
        Some((true, true)) => Secured::Login,
        Some((true, false)) => Secured::Tls,
        Some((false, _)) => Secured::Plain,
    }
}

/// Who brought the letter into the lab: its name and address, as its session or the first trace line tells them.
pub(super) fn client(map: &Map<'_>, journey: &Journey<'_>, row: &Row<'_>) -> (String, String) {
    let hop = letter::first_hop(journey).unwrap_or_default();
    let traced = hop.seen.rsplit_once('[').map(|(_, address)| address.trim_end_matches(']').to_owned());
    let Some(session) = session(map, row) else {
        let name = if hop.from.is_empty() { "a client".to_owned() } else { remote::shown(&hop.from) };
        return (name, remote::shown(&traced.unwrap_or_default()));
    };
    let hello =
        session.dialogue().exchanges().iter().rev().find(|exchange| {
            matches!(exchange.verb(), Some(Verb::Ehlo | Verb::Helo | Verb::Lhlo)) && exchange.succeeded()
        });
    let line = hello.and_then(|exchange| exchange.command).map(|span| session.tape().bytes(span)).unwrap_or_default();
    let name = line.trim_ascii().splitn(2, |octet| *octet == b' ').nth(1).map(remote::text);
    let address = session.opened().and_then(|opened| opened.local).map(|local| local.ip().to_string());
    let address = address.or(traced).unwrap_or_default();
    (name.unwrap_or_else(|| "a client".into()), remote::shown(&address))
}

/// The code of the reply that decided, with its enhanced one and a sign; in full it stands in the explanation.
pub(super) fn said(row: &Row<'_>, ascii: bool) -> (String, Role) {
    let (good, wait, bad) = if ascii { ("ok", ">", "no") } else { ("✓", "▸", "✗") };
    let reply = match &row.news.step {
        Step::Hop { said, .. } => said.as_str(),
        Step::Accepted { .. } => "250",
        Step::Calls { .. } => return (format!("{wait} speaks"), Role::Wait),
        Step::Tried { .. } => return (format!("{bad} in vain"), Role::Bad),
        _ => return (String::new(), Role::Text),
    };
    let mut words = reply.split([' ', '-']);
    let code = words.next().unwrap_or_default();
    let status = words.next().filter(|word| word.split('.').count() == 3).unwrap_or_default();
    let (sign, role) = match code.as_bytes().first() {
        Some(b'2') => (good, Role::Good),
        Some(b'5') => (bad, Role::Bad),
        _ => (wait, Role::Wait),
    };
    (format!("{sign} {code} {status}").trim_end().to_owned(), role)
}

/// How long the conversation took.
pub(super) fn took(map: &Map<'_>, row: &Row<'_>) -> String {
    let took = session(map, row).map(|session| session.tape().end());
    took.map(|took| format!("{took} s")).unwrap_or_default()
}

/// What came of the letter at the host that a row leads to, in a few words.
pub(super) fn came_to(journey: &Journey<'_>, at: usize) -> String {
    let is_there = |row: &&Row<'_>| row.came_by == Some(at);
    let mut behind = journey.rows.iter().filter(is_there);
    let found = behind.find_map(|row| match &row.news.step {
        Step::Delivered { to } => Some(format!("mailbox {}", remote::shown(to))),
        Step::Deferred { next, .. } if row.waits.is_some() => {
            Some(format!("waits until {}", spelled(*next, "%H:%M:%S")))
        }
        _ => None,
    });
    found.unwrap_or_default()
}

/// What the explanation is about.
pub(super) fn heading(map: &Map<'_>, journey: &Journey<'_>, ascii: bool) -> String {
    let Some(row) = journey.rows.get(map.row) else { return String::new() };
    let arrow = if ascii { "->" } else { "→" };
    match row.leads_to() {
        Some(to) if row.enters() => format!("{} {arrow} {}", short(&client(map, journey, row).0), short(to)),
        Some(to) => format!("{} {arrow} {}", short(&row.news.host), short(to)),
        None => row.news.host.clone(),
    }
}

/// The explanation of the selected row, as lines of `room` cells.
pub(super) fn lines(map: &Map<'_>, journey: &Journey<'_>, room: usize) -> Vec<Vec<Run>> {
    let Some(row) = journey.rows.get(map.row) else { return Vec::new() };
    let mut lines = Vec::new();
    let mut say = |text: &str, role: Role| lines.extend(wrap_words(&[Run::new(text, role)], room));
    match &row.news.step {
        Step::Hop { said, to, .. } => {
            let (verdict, role) =
                if to.is_empty() { ("It was not taken: ", Role::Wait) } else { ("It was taken: ", Role::Good) };
            say(&format!("{verdict}{}", remote::shown(said)), role);
        }
        Step::Calls { server, .. } => {
            say(
                &format!("They are speaking now: {} has not said what becomes of the letter.", short(server)),
                Role::Wait,
            );
        }
        Step::Tried { why, .. } => {
            say(&format!("Nothing was said about the letter: {}", remote::shown(why)), Role::Wait);
        }
        Step::Accepted { .. } => {
            say(&format!("{} took it and gave it the id {}.", row.news.host, row.news.id), Role::Good);
        }
        Step::Deferred { why, .. } => {
            say(&format!("Why does it wait? {}", remote::shown(why)), Role::Wait);
            let host = &row.news.host;
            say(
                &format!("{host} is responsible for the letter: it keeps it and tries again (RFC 5321 §4.5.4.1)."),
                Role::Text,
            );
        }
        Step::Delivered { to } => {
            say(&format!("It lies in the mailbox {}. Enter reads it.", remote::shown(to)), Role::Good);
        }
        Step::Bounced { why, told, .. } => {
            say(&format!("Given up: {}", remote::shown(why)), Role::Bad);
            say(&format!("A report goes back to the reverse path, {}.", remote::shown(told)), Role::Text);
        }
        Step::Dropped { why, .. } => say(&format!("Given up: {}", remote::shown(why)), Role::Bad),
        Step::Wrote { kind: Written::Report, .. } => say(
            "A report on the letter. Its reverse path is empty, so nothing is ever reported about it (RFC 5321 §4.5.5).",
            Role::Text,
        ),
        Step::Wrote { kind: Written::ListCopy, from, .. } => {
            let words = "A list sends a letter of its own to its members; reports go to whoever keeps the list";
            say(&format!("{words}: {} (RFC 5321 §3.9.2).", remote::shown(from)), Role::Text);
        }
        Step::Looped { .. } | Step::Judged { .. } => {}
    }
    for promise in session(map, row).into_iter().flat_map(Session::promises) {
        let role = if promise.kept.is_good() == Some(false) { Role::Problem } else { Role::Text };
        say(&format!("{}: {}", promise.kept.by(), remote::shown(&promise.why)), role);
    }
    for news in &row.judged {
        if let News { host, step: Step::Judged { check, about, result, why }, .. } = news {
            let why = if why.is_empty() { String::new() } else { format!(": {}", remote::shown(why)) };
            let text = format!("{} checked {check}: {result} for {}{why}", short(host), remote::shown(about));
            say(&text, if result == "pass" { Role::Good } else { Role::Problem });
        }
    }
    // The same explanation as in a session by hand: of the reply that decided, also of what waits because of it.
    let cause = match row.news.step {
        Step::Deferred { .. } | Step::Bounced { .. } | Step::Dropped { .. } => {
            journey.tried_before(map.row).and_then(|at| journey.rows.get(at))
        }
        _ => Some(row),
    };
    if let Some(it) = cause.and_then(|row| explained(session(map, row)?)) {
        lines.push(Vec::new());
        lines.extend(explain::sheet(&Subject::default(), &it, room, false).lines);
    }
    lines.push(Vec::new());
    let received = letter::received(map, journey);
    let mut say = |text: &str, role: Role| lines.extend(wrap_words(&[Run::new(text, role)], room));
    if received > 0 {
        say(&format!("Received lines so far: {received}. l shows the letter here."), Role::Text);
    }
    match map.model.opens(row) {
        Some(Opens::Session(_)) => say("Enter opens the conversation.", Role::Quiet),
        Some(Opens::Letter(_)) => say("Enter opens the letter.", Role::Quiet),
        None if row.leads_to().is_some() => say("The conversation is no longer kept.", Role::Quiet),
        None => {}
    }
    lines
}

/// What the reply that decided means. What to type next and what stands behind "more" is for another place.
fn explained(session: &Session) -> Option<Explanation> {
    let it = session.explain(session.verdict_row()?)?;
    let cites = it.cites.iter().take(1).cloned().collect();
    Some(Explanation { next: Vec::new(), more: Vec::new(), cites, ..it })
}
