//! Two sessions side by side: how each was reached, what each step was answered, what each server offers, what TLS
//! showed; and what differs first.
//!
//! A step is what asks for a reply. The steps of both sessions are laid side by side so that as many as can be are the
//! same on both sides (a longest common subsequence); what only one session said stands on its side alone.

use super::words::milliseconds;
use super::{Session, State};
use crate::dialogue::exchange::{Cause, Exchange};
use crate::ports::net::Family;
use crate::safe;
use crate::smtp::extension::{Extensions, Keyword};
use crate::tape::tls::{Judgement, TlsFacts};

/// So many steps of each session are laid side by side.
const STEPS: usize = 300;

/// Two sessions side by side. All text in it is safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// What each is called.
    pub names: [String; 2],
    /// The first difference that says something about the servers, in words.
    pub first: String,
    /// What is compared, part by part.
    pub parts: Vec<Part>,
}

/// A part of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its heading.
    pub title: &'static str,
    /// Its lines, in order.
    pub lines: Vec<Line>,
}

/// One thing on both sides; a side without it is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub label: String,
    /// What either side has.
    pub sides: [String; 2],
    /// How they relate.
    pub relation: Relation,
}

/// How both sides of a line relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// Alike in what matters.
    Same,
    /// Of each connection its own, as an address: no difference of the servers.
    Own,
    /// Only the left side has it.
    Left,
    /// Only the right side has it.
    Right,
    /// Both have it, and it is not the same.
    Differs,
}

impl Relation {
    /// The mark in front of a line; differences are `<`, `>` and `<>`.
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Same | Self::Own => "",
            Self::Left => "<",
            Self::Right => ">",
            Self::Differs => "<>",
        }
    }

    fn is_difference(self) -> bool {
        !self.mark().is_empty()
    }
}

impl Comparison {
    /// True if something differs that says something about the servers.
    pub fn differs(&self) -> bool {
        self.parts.iter().flat_map(|part| &part.lines).any(|line| line.relation.is_difference())
    }
}

impl Line {
    fn new(label: impl Into<String>, left: Option<String>, right: Option<String>) -> Self {
        let relation = match (&left, &right) {
            (Some(_), None) => Relation::Left,
            (None, Some(_)) => Relation::Right,
            (left, right) if left == right => Relation::Same,
            _ => Relation::Differs,
        };
        Self { label: label.into(), sides: [left.unwrap_or_default(), right.unwrap_or_default()], relation }
    }

    /// What belongs to each connection alone.
    fn own(self) -> Self {
        Self { relation: Relation::Own, ..self }
    }
}

/// Lays two sessions side by side. A log tells less of a connection and of TLS than a recording: what it is silent about is
/// no difference.
pub fn compare(left: &Session, right: &Session) -> Comparison {
    let both = [left, right];
    let mut parts = vec![connection(both), steps(both), extensions(both), tls(both)];
    let told = both.map(|session| session.imported().is_none());
    let secured = both.iter().all(|session| session.dialogue().is_secured());
    for part in parts.iter_mut().filter(|part| part.title == "connection" || (part.title == "TLS" && secured)) {
        for line in &mut part.lines {
            let silent = match line.relation {
                Relation::Left => !told[1],
                Relation::Right => !told[0],
                _ => false,
            };
            line.relation = if silent { Relation::Own } else { line.relation };
        }
    }
    let names = both.map(|session| format!("session {}, {}", session.id.0, plain(session.place().as_bytes())));
    Comparison { names, first: first(&parts), parts }
}

/// The first difference in words. TLS and extensions come about between the steps, and say more than a code does.
fn first(parts: &[Part]) -> String {
    let order = ["connection", "TLS", "extensions", "steps"];
    let in_order = order.iter().filter_map(|title| parts.iter().find(|part| part.title == *title));
    let found = in_order.flat_map(|part| part.lines.iter().map(move |line| (part.title, line)));
    let Some((title, line)) = found.into_iter().find(|(_, line)| line.relation.is_difference()) else {
        return "No difference in how they were reached, in TLS, extensions and reply codes.".into();
    };
    let (label, [left, right]) = (&line.label, &line.sides);
    match line.relation {
        Relation::Left => format!("First difference: {title}, {label}: only the left one has it ({left})."),
        Relation::Right => format!("First difference: {title}, {label}: only the right one has it ({right})."),
        _ => format!("First difference: {title}, {label}: {left} on the left, {right} on the right."),
    }
}

fn connection(both: [&Session; 2]) -> Part {
    let opened = both.map(Session::opened);
    let [state_left, state_right] = both.map(|session| Some(reached(session).to_owned()));
    let [left, right] = opened.map(|opened| opened.map(|opened| plain(opened.peer.to_string().as_bytes())));
    let [family_left, family_right] = opened.map(|opened| {
        let ip = opened.and_then(|opened| opened.peer.ip());
        ip.map(|ip| Family::of(ip).to_string())
    });
    let [took_left, took_right] = opened.map(|opened| opened.map(|opened| milliseconds(opened.took)));
    let lines = vec![
        Line::new("reached", state_left, state_right),
        Line::new("address", left, right).own(),
        Line::new("family", family_left, family_right),
        Line::new("took", took_left, took_right).own(),
    ];
    Part { title: "connection", lines: lines.into_iter().filter(|line| line.sides != ["", ""]).collect() }
}

fn reached(session: &Session) -> &'static str {
    match session.state() {
        State::Connecting => "not yet",
        State::Failed(_) => "no",
        State::Open | State::Over => "yes",
    }
}

/// Every step with the reply on either side; replies are the same if their codes are.
fn steps(both: [&Session; 2]) -> Part {
    let asked = both.map(|session| session.dialogue().exchanges().iter().take(STEPS).collect::<Vec<_>>());
    let labels =
        [0, 1].map(|side: usize| asked.get(side).into_iter().flatten().map(|it| label(it.cause)).collect::<Vec<_>>());
    let [left, right] = &asked;
    let lines = aligned(&labels).into_iter().map(|(at_left, at_right)| {
        let one = at_left.and_then(|at| left.get(at)).copied();
        let other = at_right.and_then(|at| right.get(at)).copied();
        let label = one.or(other).map_or("", |exchange| label(exchange.cause));
        let said = |session: &Session, exchange: Option<&Exchange>| exchange.map(|exchange| reply(session, exchange));
        let [first, second] = both;
        let mut line = Line::new(label, said(first, one), said(second, other));
        let code = |exchange: Option<&Exchange>| exchange.and_then(|it| it.answer).map(|it| (it.code, it.status));
        if line.relation == Relation::Differs && code(one) == code(other) {
            line.relation = Relation::Same;
        }
        line
    });
    Part { title: "steps", lines: lines.collect() }
}

/// What a step is called.
fn label(cause: Cause) -> &'static str {
    match cause {
        Cause::Greeting => "greeting",
        Cause::Command(verb) if verb.name().is_empty() => "other",
        Cause::Command(verb) => verb.name(),
        Cause::EndOfData => "the dot",
        Cause::Sasl => "login",
        Cause::Unasked => "unasked",
    }
}

/// The last line of a reply, as the transcript shows it.
fn reply(session: &Session, exchange: &Exchange) -> String {
    let Some(answer) = exchange.answer else { return "no reply".into() };
    let octets = session.tape().bytes(answer.span);
    let last = octets.trim_ascii_end().rsplit(|octet| *octet == b'\n').next().unwrap_or_default();
    let text = session.masked(last, plain);
    if answer.lines > 1 { format!("{text} ({} lines)", answer.lines) } else { text }
}

/// Places on both sides, in order: equal labels side by side where that can be.
fn aligned(labels: &[Vec<&'static str>; 2]) -> Vec<(Option<usize>, Option<usize>)> {
    let [left, right] = labels;
    // How many labels the rests from here on have in common.
    let mut common = vec![vec![0_u32; right.len() + 1]; left.len() + 1];
    let at = |table: &[Vec<u32>], row: usize, column: usize| {
        table.get(row).and_then(|row| row.get(column)).copied().unwrap_or_default()
    };
    for row in (0..left.len()).rev() {
        for column in (0..right.len()).rev() {
            let best = if left.get(row) == right.get(column) {
                at(&common, row + 1, column + 1) + 1
            } else {
                at(&common, row + 1, column).max(at(&common, row, column + 1))
            };
            if let Some(cell) = common.get_mut(row).and_then(|row| row.get_mut(column)) {
                *cell = best;
            }
        }
    }
    let (mut row, mut column) = (0, 0);
    let mut pairs = Vec::new();
    while row < left.len() || column < right.len() {
        let pair = row < left.len() && left.get(row) == right.get(column);
        let from_left =
            column >= right.len() || (row < left.len() && at(&common, row + 1, column) >= at(&common, row, column + 1));
        pairs.push(((pair || from_left).then_some(row), (pair || !from_left).then_some(column)));
        row += usize::from(pair || from_left);
        column += usize::from(pair || !from_left);
    }
    pairs
}

/// What the last answer to EHLO of either side lists.
fn extensions(both: [&Session; 2]) -> Part {
    let last = both.map(|session| session.dialogue().capabilities().last().map(|last| &last.extensions));
    let keywords = |list: Option<&Extensions>| list.map(|list| list.keywords().to_vec()).unwrap_or_default();
    let [left, right] = last.map(keywords);
    let missing = right.iter().filter(|keyword| !left.iter().any(|known| known.name == keyword.name));
    let lines = left.iter().chain(missing).map(|keyword| {
        let find = |list: &[Keyword]| list.iter().find(|it| it.name == keyword.name).map(offered);
        Line::new(keyword.name.clone(), find(&left), find(&right))
    });
    Part { title: "extensions", lines: lines.collect() }
}

/// What stands behind a keyword.
fn offered(keyword: &Keyword) -> String {
    let params = keyword.params.join(&b' ');
    if params.is_empty() { "offered".into() } else { plain(&params) }
}

fn tls(both: [&Session; 2]) -> Part {
    let facts = both.map(Session::tls);
    let line = |label: &str, read: fn(&TlsFacts) -> Option<String>| {
        let [left, right] = facts.map(|facts| facts.and_then(read).map(|text| plain(text.as_bytes())));
        Line::new(label, left, right)
    };
    let lines = vec![
        line("version", |facts| Some(facts.version.clone())),
        line("suite", |facts| Some(facts.suite.clone())),
        line("group", |facts| facts.group.clone()),
        line("chain", |facts| Some(judged(&facts.trust))),
        line("name", |facts| Some(judged(&facts.name))),
        line("dates", |facts| Some(judged(&facts.dates))),
        line("subject", |facts| facts.chain.first().map(|leaf| leaf.subject.clone())).own(),
        line("issuer", |facts| facts.chain.first().map(|leaf| leaf.issuer.clone())),
        line("key", |facts| facts.chain.first().map(|leaf| leaf.key.clone())),
        line("SHA-256", |facts| facts.chain.first().map(|leaf| leaf.sha256.clone())).own(),
    ];
    Part { title: "TLS", lines: lines.into_iter().filter(|line| line.sides != ["", ""]).collect() }
}

fn judged(judgement: &Judgement) -> String {
    match judgement {
        Judgement::Good => "in order".into(),
        Judgement::Bad { id, .. } => id.clone().into_owned(),
        Judgement::Theirs => "judged by the client".into(),
    }
}

fn plain(bytes: &[u8]) -> String {
    safe::plain(bytes).into_string()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::ports::net::{Place, SessionId, Target, What};
    use crate::tape::mark::{Mark, Opened};
    use crate::tape::{Moment, Side};

    /// A session in the words of both sides, `C: ` and `S: ` in front.
    fn session(id: u32, host: &str, peer: &str, said: &str) -> Session {
        let mut session = Session::new(SessionId(id), Target::new(host, 25, Place::Lab));
        let peer: std::net::SocketAddr = peer.parse().unwrap();
        let took = Duration::from_millis(3);
        let opened = Opened { host: host.into(), peer: peer.into(), local: None, lmtp: false, took };
        session.apply(Moment::START, &What::Mark(Mark::Opened(opened)));
        for line in said.lines() {
            let (side, text) = line.split_once(": ").unwrap();
            let side = if side == "C" { Side::Client } else { Side::Server };
            session.apply(Moment::START, &What::Bytes(side, Arc::from(format!("{text}\r\n").as_bytes())));
        }
        session
    }

    const HELLO: &str = "S: 220 hi\nC: EHLO a.test\nS: 250-mx\nS: 250-SIZE 100\nS: 250 PIPELINING\n";

    fn lines(comparison: &Comparison, title: &str) -> Vec<(String, [String; 2], Relation)> {
        let part = comparison.parts.iter().find(|part| part.title == title).unwrap();
        part.lines.iter().map(|line| (line.label.clone(), line.sides.clone(), line.relation)).collect()
    }

    #[test]
    fn two_alike_differ_in_nothing_that_matters() {
        let one = session(1, "mx1.harbor.test", "192.0.2.10:25", HELLO);
        let other = session(2, "mx1.harbor.test", "192.0.2.10:25", &HELLO.replace("220 hi", "220 hello again"));
        let found = compare(&one, &other);
        assert_eq!(found.first, "No difference in how they were reached, in TLS, extensions and reply codes.");
        assert!(found.parts.iter().flat_map(|part| &part.lines).all(|line| !line.relation.is_difference()));
    }

    #[test]
    fn what_one_server_offers_and_the_other_does_not_is_marked() {
        let one = session(1, "mx1.harbor.test", "192.0.2.10:25", HELLO);
        let said = "S: 220 hi\nC: EHLO a.test\nS: 250-mx\nS: 250-SIZE 200\nS: 250 CHUNKING\n";
        let found = compare(&one, &session(2, "mx2.harbor.test", "[2001:db8::20]:25", said));
        let marks: Vec<_> = lines(&found, "extensions").into_iter().map(|(label, _, mark)| (label, mark)).collect();
        let wanted = [("SIZE", Relation::Differs), ("PIPELINING", Relation::Left), ("CHUNKING", Relation::Right)];
        assert_eq!(marks, wanted.map(|(label, mark)| (label.to_owned(), mark)));
        assert_eq!(found.first, "First difference: connection, family: IPv4 on the left, IPv6 on the right.");
    }

    #[test]
    fn steps_of_one_side_alone_stand_there_and_the_others_pair_up() {
        let left = format!("{HELLO}C: MAIL FROM:<>\nS: 250 2.1.0 ok\nC: RCPT TO:<pat@x.test>\nS: 250 2.1.5 ok\n");
        let right = format!(
            "{HELLO}C: NOOP\nS: 250 ok\nC: MAIL FROM:<>\nS: 250 2.1.0 fine\nC: RCPT TO:<pat@x.test>\nS: 451 4.7.1 later\n"
        );
        let found = compare(
            &session(1, "mx1.harbor.test", "192.0.2.10:25", &left),
            &session(2, "mx1.harbor.test", "192.0.2.10:25", &right),
        );
        let steps: Vec<_> = lines(&found, "steps").into_iter().map(|(label, _, relation)| (label, relation)).collect();
        let wanted = [
            ("greeting", Relation::Same),
            ("EHLO", Relation::Same),
            ("NOOP", Relation::Right),
            ("MAIL", Relation::Same),
            ("RCPT", Relation::Differs),
        ];
        assert_eq!(steps, wanted.map(|(label, relation)| (label.to_owned(), relation)));
        assert_eq!(found.first, "First difference: steps, NOOP: only the right one has it (250 ok).");
    }

    #[test]
    fn what_a_log_does_not_tell_is_no_difference() {
        let here = session(1, "mx1.harbor.test", "192.0.2.10:25", "S: 220 hi\n");
        let imported = crate::tape::told::Imported { form: crate::tape::told::Form::Swaks, timed: false };
        let mut log = Session::recorded(SessionId(2), Target::new("mx1.harbor.test", 25, Place::Live), Some(imported));
        log.apply(Moment::START, &What::Bytes(Side::Server, Arc::from(&b"220 hi\r\n"[..])));
        for (left, right) in [(&here, &log), (&log, &here)] {
            let found = compare(left, right);
            let family = lines(&found, "connection").into_iter().find(|(label, ..)| label == "family");
            assert_eq!(family.map(|(.., relation)| relation), Some(Relation::Own), "{found:?}");
        }
    }

    #[test]
    fn text_of_a_server_cannot_act_on_a_terminal() {
        let odd = session(1, "mx1.harbor.test", "192.0.2.10:25", "S: 220 \u{1b}[31m hi\n");
        let found = compare(&odd, &odd);
        assert!(lines(&found, "steps").iter().all(|(_, sides, _)| !sides.concat().contains('\u{1b}')));
    }
}
