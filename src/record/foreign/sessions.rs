//! From what a log says to the lines of a recording: one session after the other, each with what is known of it.

use super::export::Heading;
use super::reach::{Reach, is_name};
use super::turn::{Asked, Turn};
use super::{Item, Log, NO_DAY, Said, Spoken, paste, reply};
use crate::ports::net::{Opening, Place, SessionId, Target};
use crate::record::line::{Begun, Bytes, Line};
use crate::record::player;
use crate::record::reader::{Recording, Remark};
use crate::record::writer::Writer;
use crate::record::{Class, Header};
use crate::session::Model;
use crate::session::look_ups::LookUps;
use crate::smtp::command::{Command, Verb};
use crate::smtp::limits::foreign::SESSIONS;
use crate::tape::told::{Form, Imported, Means, Told};
use crate::tape::{Moment, Side};

/// So many lines on the verdict on a login is looked for.
const NEAR: usize = 64;

/// One session of a log.
#[derive(Debug, Default)]
struct Part {
    reach: Reach,
    heading: Option<Heading>,
    items: Vec<Item>,
}

/// The recording that a log is.
pub(super) fn recording(log: Log) -> Recording {
    let Log { form, items, left } = log;
    let mut remarks = vec![Remark::Imported(form)];
    if left.many > 0 {
        remarks.push(Remark::LeftOut(left.many, left.first));
    }
    let mut parts = parts(items);
    if parts.len() > SESSIONS {
        parts.truncate(SESSIONS);
        remarks.push(Remark::TooManySessions);
    }
    let began = began(&parts);
    let lab = parts.first().and_then(|part| part.heading.as_ref()).is_some_and(|it| it.place == Place::Lab);
    let header = Header::new(began.at, if lab { Class::Lab } else { Class::Live });
    let mut lines = Vec::new();
    for (number, part) in (1..).zip(parts) {
        let is_whole = part.is_whole();
        if !is_whole {
            remarks.push(Remark::Partial(number));
        }
        part.put(SessionId(number), form, &began, &mut lines);
    }
    Recording { header, lines: masked(lines), remarks }
}

/// The lines as they may be kept: what is secret in them is masked as when a live session is recorded, whatever is made of
/// them then.
fn masked(lines: Vec<Line>) -> Vec<Line> {
    let mut model = Model::without_words(LookUps::new(1));
    for line in &lines {
        player::play(line, &mut model);
    }
    let mut kept = Vec::with_capacity(lines.len());
    for line in lines {
        let Line::Session(begun) = line else { continue };
        let said = model.session(begun.s).map(|session| Writer::default().finish(session, begun.after));
        kept.push(Line::Session(begun));
        kept.extend(said.into_iter().flatten().filter(|line| !matches!(line, Line::Session(_))));
    }
    kept
}

/// When a log begins.
struct Began {
    /// The time of its header.
    at: jiff::Timestamp,
    /// Since when the times of lines without a date are counted.
    first: Moment,
}

fn began(parts: &[Part]) -> Began {
    let dated = parts.iter().find_map(|part| part.heading.as_ref()?.began);
    let first = parts.iter().flat_map(|part| &part.items).find_map(|item| item.at).unwrap_or_default();
    let of_day = jiff::SignedDuration::from_micros(i64::try_from(first.micros()).unwrap_or_default());
    let at = dated.unwrap_or_else(|| NO_DAY.checked_add(of_day).unwrap_or(NO_DAY));
    Began { at, first }
}

/// The sessions of a log: one begins where a connection is opened, or a server greets while nothing is due.
fn parts(items: Vec<Item>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut part = Part::default();
    let mut turn = Turn::default();
    for item in items {
        let anew = match &item.said {
            Said::Reach(_) | Said::Begins(_) => turn.spoke,
            Said::Server(spoken) => turn.spoke && turn.rests() && greets(spoken),
            _ => false,
        };
        if anew {
            parts.push(std::mem::take(&mut part));
            turn = Turn::default();
        }
        match item.said {
            Said::Reach(reach) => {
                part.reach = reach.or(std::mem::take(&mut part.reach));
                continue;
            }
            Said::Begins(heading) => {
                part.heading = Some(*heading);
                continue;
            }
            Said::Client(ref spoken) => turn.client(spoken.text()),
            Said::Server(ref spoken) => drop(turn.server(&spoken.octets)),
            Said::Told(Told { means: Means::Letter, .. }) => turn.letter_ended(),
            Said::Told(Told { means: Means::Secured { .. }, .. }) => {
                turn.restart();
            }
            Said::Told(_) => {}
        }
        part.items.push(item);
    }
    parts.push(part);
    parts.retain(|part| part.items.iter().any(|item| matches!(item.said, Said::Client(_) | Said::Server(_))));
    parts
}

fn greets(spoken: &Spoken) -> bool {
    reply(&spoken.octets).is_some_and(|part| part.code.get() == 220)
}

impl Spoken {
    /// The line without its end.
    fn text(&self) -> &[u8] {
        crate::smtp::line::Line::of(&self.octets).text
    }
}

impl Part {
    /// True if it begins with a greeting and has both sides.
    fn is_whole(&self) -> bool {
        let client = self.items.iter().any(|item| matches!(item.said, Said::Client(_)));
        let mut said = self.items.iter().filter(|item| matches!(item.said, Said::Client(_) | Said::Server(_)));
        let greeting = said.next().and_then(Item::reply).map(|part| part.code.get());
        // Without a line of the client there can be one reply, the greeting.
        let replies = self.items.iter().filter_map(Item::reply).filter(|part| !part.more).count();
        matches!(greeting, Some(220 | 421 | 521 | 554)) && (client || replies <= 1)
    }

    /// Puts its lines behind the others.
    fn put(self, s: SessionId, form: Form, began: &Began, lines: &mut Vec<Line>) {
        let timed = self.items.iter().any(|item| item.at.is_some());
        let first = self.items.iter().find_map(|item| item.at).unwrap_or_default();
        let (since, after) = match self.heading.as_ref().and_then(|it| it.began.map(|at| (it.since, at))) {
            Some((since, at)) => (since, at.duration_since(began.at).as_micros()),
            None => (first, i128::from(first.micros()) - i128::from(began.first.micros())),
        };
        let after = u64::try_from(after).unwrap_or_default();
        let form = self.heading.as_ref().map_or(form, |heading| heading.form);
        let imported = Some(Imported { form, timed });
        let target = self.target();
        lines.push(Line::Session(Box::new(Begun { s, after, target: target.clone(), caller: None, imported })));
        let opens = |item: &Item| matches!(&item.said, Said::Told(Told { means: Means::Opened { .. }, .. }));
        if !self.items.iter().any(opens) {
            let mark = self.opening(form, &target);
            lines.push(Line::Mark { s, t: moment(self.items.first().and_then(|it| it.at), since), mark });
        }
        let partial = !self.is_whole();
        let reach = self.reach();
        let turn = Turn::default();
        let mut teller = Teller { s, partial, reach, turn, upgrading: false, asked: false, lines };
        for (at, item) in self.items.iter().enumerate() {
            let t = moment(item.at, since);
            teller.tell(t, &item.said, self.items.get(at + 1..).unwrap_or_default());
        }
        lines.push(Line::End { s });
    }

    /// Where the session led to, as far as it is told: by the log, or by the greeting.
    fn target(&self) -> Target {
        let place = self.heading.as_ref().map_or(Place::Live, |heading| heading.place);
        let reach = self.reach();
        let greeted = self.items.iter().find_map(Item::reply).filter(|part| part.code.get() == 220);
        let name = greeted.and_then(|part| std::str::from_utf8(part.text).ok()?.split([' ', '\t']).next());
        let named = reach.host.or_else(|| reach.ip.map(|ip| ip.to_string()));
        let named = named.or_else(|| name.filter(|name| name.contains('.') && is_name(name)).map(str::to_owned));
        let mut target = Target::new(named.unwrap_or_default(), reach.port.unwrap_or_default(), place);
        let first = self
            .items
            .iter()
            .find(|item| matches!(item.said, Said::Server(_) | Said::Told(Told { means: Means::Secured { .. }, .. })));
        if first.is_some_and(|item| matches!(item.said, Said::Told(_))) && self.is_whole() {
            target.opening = Opening::ImplicitTls;
        }
        target.socket = self.heading.as_ref().and_then(|heading| heading.socket.clone());
        target
    }

    fn reach(&self) -> Reach {
        let told = self.heading.as_ref().map(|heading| heading.reach.clone()).unwrap_or_default();
        told.or(self.reach.clone())
    }

    /// The mark that stands first: which log this is, and what it says of the connection.
    fn opening(&self, form: Form, target: &Target) -> crate::tape::mark::Mark {
        let Reach { ip, port, .. } = self.reach();
        let whole = self.is_whole();
        let port = port.filter(|port| *port != 0);
        let address = ip.map(|ip| ip.to_string()).filter(|ip| *ip != target.host);
        let place = match (target.host.as_str(), port) {
            _ if self.reach() == Reach::default() => String::new(),
            ("", _) => String::new(),
            (host, Some(port)) if host.contains(':') => format!(", connected to [{host}]:{port}"),
            (host, Some(port)) => format!(", connected to {host}:{port}"),
            (host, None) => format!(", connected to {host}"),
        };
        let address = address.map_or_else(String::new, |address| format!(" ({address})"));
        let words = format!("read from {}{place}{address}", form.words());
        let means = Means::Opened { ip, port, whole, lmtp: false };
        crate::tape::mark::Mark::Told(Box::new(Told::new(words, means)))
    }
}

/// Tells what was said, line by line.
struct Teller<'a> {
    s: SessionId,
    partial: bool,
    reach: Reach,
    turn: Turn,
    /// The server is ready for TLS, and nobody has said that it came.
    upgrading: bool,
    /// True behind a line of a login that is not answered: what follows may be one too.
    asked: bool,
    lines: &'a mut Vec<Line>,
}

impl Teller<'_> {
    fn tell(&mut self, t: Moment, said: &Said, rest: &[Item]) {
        match said {
            Said::Client(spoken) => {
                if std::mem::take(&mut self.upgrading) && is_answered(rest) {
                    let words = "TLS from here on, because the log goes on behind the 220 to STARTTLS";
                    self.mark(t, Told::new(words, Means::Secured { version: None, suite: None }));
                }
                let holes =
                    if self.is_secret(spoken, rest) { vec![(0, spoken.text().len() as u64)] } else { Vec::new() };
                let holes = if holes.is_empty() { spoken.holes.clone() } else { holes };
                if self.asked || self.turn.is_login() || Command::parse(&spoken.octets).verb == Verb::Auth {
                    self.asked = self.turn.letter().is_none();
                }
                let octets = self.client(spoken);
                self.lines.push(Line::Bytes(Bytes::new(self.s, t, Side::Client, &octets, holes)));
            }
            Said::Server(spoken) => {
                // No line of the letter, and an answer to it: whoever wrote the log left it out.
                if self.turn.letter() == Some(0) {
                    self.mark(t, Told::new(paste::unseen(), Means::Letter));
                }
                self.asked = false;
                if let Some(answered) = self.turn.server(spoken.text()) {
                    self.upgrading = answered.code == 220 && answered.to == Some(Asked::Command(Verb::StartTls));
                }
                let octets = ended(&spoken.octets);
                self.lines.push(Line::Bytes(Bytes::new(self.s, t, Side::Server, &octets, spoken.holes.clone())));
            }
            Said::Told(told) => self.mark(t, told.clone()),
            Said::Reach(_) | Said::Begins(_) => {}
        }
    }

    fn mark(&mut self, t: Moment, mut told: Told) {
        match &mut told.means {
            // What our own text says of a connection is as good as what follows it.
            Means::Opened { ip, port, whole, .. } => {
                *whole = !self.partial;
                (*ip, *port) = (ip.or(self.reach.ip), port.or(self.reach.port));
            }
            Means::Secured { .. } => {
                self.upgrading = false;
                self.turn.restart();
            }
            Means::Letter => self.turn.letter_ended(),
            _ => {}
        }
        let mark = crate::tape::mark::Mark::Told(Box::new(told));
        self.lines.push(Line::Mark { s: self.s, t, mark });
    }

    /// The octets of a line of the client. A chunk ends where it was said to, be it inside a line (RFC 3030 §2).
    fn client(&mut self, spoken: &Spoken) -> Vec<u8> {
        let left = self.turn.chunk();
        self.turn.client(spoken.text());
        let octets = spoken.octets.len() as u64;
        if left > 0 && octets >= left { spoken.octets.clone() } else { ended(&spoken.octets) }
    }

    /// True for a line that may be a secret where the fold cannot know: behind a challenge, or before a verdict on a login,
    /// in a log that lacks what would tell.
    fn is_secret(&self, spoken: &Spoken, rest: &[Item]) -> bool {
        if !self.partial || self.turn.letter().is_some() || Command::parse(&spoken.octets).verb != Verb::Other {
            return false;
        }
        let verdict = |item: &Item| item.reply().map(|part| part.code.get());
        // Where replies are missing, there is no end to look for one.
        let next = rest.iter().take(NEAR).find_map(verdict);
        self.turn.is_login() || matches!(next, Some(235 | 334 | 454 | 501 | 535 | 538))
    }
}

/// The moment of a line, since its session began.
fn moment(at: Option<Moment>, since: Moment) -> Moment {
    /// A day: times go on behind midnight.
    const DAY: u64 = 86_400_000_000;
    let Some(at) = at else { return Moment::START };
    let (at, since) = (at.micros(), since.micros());
    Moment::from_micros(if at >= since { at - since } else { (at + DAY).saturating_sub(since) })
}

/// True if the next thing that the server says is a reply.
fn is_answered(rest: &[Item]) -> bool {
    rest.iter().find(|item| matches!(item.said, Said::Server(_))).is_some_and(|item| item.reply().is_some())
}

/// A line with an end: its own, or the one that is taken for it.
fn ended(octets: &[u8]) -> Vec<u8> {
    let mut octets = octets.to_vec();
    if !octets.ends_with(b"\n") {
        octets.extend_from_slice(b"\r\n");
    }
    octets
}
