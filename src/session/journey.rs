//! The ways of letters through the lab, from what happened to them: every host that had one, what was said where, and what
//! it led to.
//!
//! A host gives a letter an id of its own. Whoever hands it over is told the new id in the reply, so one way is read from
//! many ids; what a host writes because of a letter, a report or a copy for a list, belongs to its way.

use std::collections::{HashMap, HashSet};

use super::lab_mail::LabMail;
use super::{Model, Session};
use crate::dialogue;
use crate::dialogue::envelope::Letter;
use crate::dialogue::exchange::{Exchange, ExchangeId};
use crate::dialogue::row::{RowId, What};
use crate::ports::lab::{Delivered, News, Step, Waits};
use crate::ports::net::SessionId;
use crate::smtp::code::Code;
use crate::smtp::command::Verb;

/// The way of one letter, and of what was written because of it.
#[derive(Debug, Clone)]
pub struct Journey<'a> {
    /// The id that the first host gave it.
    pub id: &'a str,
    /// The reverse path, without brackets; nothing if its beginning is no longer known.
    pub from: Option<&'a str>,
    /// The recipients, as far as they are known.
    pub to: Vec<&'a str>,
    /// What happened, oldest first.
    pub rows: Vec<Row<'a>>,
    /// The header as each host keeps it, by the host's id for the letter.
    headers: HashMap<&'a str, &'a [u8]>,
}

/// Something that happened to it.
#[derive(Debug, Clone)]
pub struct Row<'a> {
    /// What.
    pub news: &'a News,
    /// The row by which the letter came to the host of this one.
    pub came_by: Option<usize>,
    /// The id that the next host gave it, where it was handed over.
    pub next: Option<&'a str>,
    /// What the other host judged meanwhile.
    pub judged: Vec<&'a News>,
    /// The queue's entry, where this is why the letter still waits.
    pub waits: Option<&'a Waits>,
}

/// What a row leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opens {
    /// The conversation.
    Session(SessionId),
    /// The letter in its mailbox, by its place in [`Model::letters`].
    Letter(usize),
}

/// The ways of all letters of which something is known, the oldest first.
pub fn journeys(mail: &LabMail) -> Vec<Journey<'_>> {
    let parents = parents(mail);
    let root = |id: &'_ str| -> String {
        let (mut id, mut seen) = (id, HashSet::new());
        while let Some(parent) = parents.get(id).filter(|_| seen.insert(id.to_owned())) {
            id = parent;
        }
        id.to_owned()
    };
    let mut found: Vec<Journey<'_>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut judged: HashMap<&str, Vec<&News>> = HashMap::new();
    for news in mail.news() {
        if news.id.is_empty() {
            judged.entry(&news.host).or_default().push(news);
            continue;
        }
        let at = *places.entry(root(&news.id)).or_insert_with(|| {
            found.push(Journey::new(&news.id));
            found.len() - 1
        });
        let Some(journey) = found.get_mut(at) else { continue };
        journey.take(news, &parents, &mut judged);
    }
    for journey in &mut found {
        journey.settle(mail);
    }
    found
}

/// The id behind each id that another host gave, or that was given to what was written.
fn parents(mail: &LabMail) -> HashMap<&str, &str> {
    let mut entered: HashMap<&str, &str> = HashMap::new();
    let mut parents = HashMap::new();
    for news in mail.news() {
        match &news.step {
            Step::Accepted { .. } => drop(entered.insert(&news.id, &news.host)),
            Step::Wrote { id, .. } => drop(parents.insert(id.as_str(), news.id.as_str())),
            Step::Hop { server, said, to, .. } if !to.is_empty() => {
                let is_given = |word: &&str| entered.get(word).is_some_and(|host| *host == server.as_str());
                if let Some(id) = words(said).find(is_given) {
                    parents.insert(id, news.id.as_str());
                }
            }
            _ => {}
        }
    }
    parents
}

/// The words of a reply among which an id may be.
fn words(reply: &str) -> impl Iterator<Item = &str> {
    reply.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').filter(|word| !word.is_empty())
}

impl<'a> Journey<'a> {
    fn new(id: &'a str) -> Self {
        Self { id, from: None, to: Vec::new(), rows: Vec::new(), headers: HashMap::new() }
    }

    /// The header as a host keeps it that gave the letter this id, with what it added on top.
    pub fn header(&self, id: &str) -> Option<&'a [u8]> {
        self.headers.get(id).copied()
    }

    fn take(&mut self, news: &'a News, parents: &HashMap<&'a str, &'a str>, judged: &mut HashMap<&str, Vec<&'a News>>) {
        let mut row = Row { news, came_by: None, next: None, judged: Vec::new(), waits: None };
        if let Step::Accepted { header, .. } = &news.step {
            self.headers.insert(&news.id, header);
        }
        match &news.step {
            // The hop that brought it says the same.
            Step::Accepted { .. } if parents.contains_key(news.id.as_str()) => return,
            Step::Accepted { from, to, .. } => {
                self.from = Some(from);
                self.to = to.iter().map(String::as_str).collect();
            }
            Step::Hop { said, .. } => row.next = words(said).find(|word| parents.get(word) == Some(&news.id.as_str())),
            _ => {}
        }
        row.judged = row.leads_to().and_then(|host| judged.remove(host)).unwrap_or_default();
        self.rows.push(row);
    }

    /// What is known only with the whole: which row brought the letter, and what waits.
    fn settle(&mut self, mail: &'a LabMail) {
        self.order();
        let brings: Vec<Option<&str>> = self.rows.iter().map(Row::brings).collect();
        for row in self.rows.iter_mut().filter(|row| !row.enters()) {
            row.came_by = brings.iter().position(|brought| *brought == Some(row.news.id.as_str()));
        }
        let mut told = HashSet::new();
        for row in self.rows.iter_mut().rev().filter(|row| matches!(row.news.step, Step::Deferred { .. })) {
            if let Step::Deferred { to, .. } = &row.news.step
                && told.insert((row.news.id.as_str(), to.as_str()))
            {
                row.waits = mail.waits_for(&row.news.id, to);
            }
        }
    }

    /// What the next host did with the letter is told before the hop that brought it there ends, and stands behind it.
    fn order(&mut self) {
        let all: HashSet<&str> = self.rows.iter().filter_map(Row::brings).collect();
        let mut brought: HashSet<&str> = HashSet::new();
        let mut early: Vec<Row<'a>> = Vec::new();
        let mut ordered = Vec::with_capacity(self.rows.len());
        for row in std::mem::take(&mut self.rows) {
            let id = row.news.id.as_str();
            if !row.enters() && all.contains(id) && !brought.contains(id) {
                early.push(row);
                continue;
            }
            brought.extend(row.brings());
            ordered.push(row);
            while let Some(at) = early.iter().position(|row| brought.contains(row.news.id.as_str())) {
                let row = early.remove(at);
                brought.extend(row.brings());
                ordered.push(row);
            }
        }
        ordered.append(&mut early);
        self.rows = ordered;
    }

    /// The rows of the way that leads over a row: from the beginning to it, and on as far as the letter went from there.
    pub fn path(&self, at: usize) -> Vec<usize> {
        let mut path = Vec::new();
        let mut next = Some(at);
        while let Some(row) = next.filter(|row| !path.contains(row)) {
            path.push(row);
            next = self.rows.get(row).and_then(|row| row.came_by);
        }
        path.reverse();
        // Behind a pause or an end stands the try that led to it.
        if let Some(tried) = self.tried_before(at) {
            path.push(tried);
            return path;
        }
        let mut last = at;
        while let Some(on) = self.on(last).filter(|row| !path.contains(row)) {
            path.push(on);
            last = on;
        }
        path
    }

    /// The last try before a pause or an end, of the same letter.
    pub fn tried_before(&self, at: usize) -> Option<usize> {
        let row = self.rows.get(at)?;
        let ends = matches!(row.news.step, Step::Deferred { .. } | Step::Bounced { .. } | Step::Dropped { .. });
        let is_try = |it: &Row<'_>| it.news.id == row.news.id && !it.enters() && it.leads_to().is_some();
        self.rows.get(..at).filter(|_| ends)?.iter().rposition(is_try)
    }

    /// The last try of the host that a row leads to.
    fn on(&self, at: usize) -> Option<usize> {
        let from_here = |row: &Row<'_>| row.came_by == Some(at) && row.leads_to().is_some();
        let tries = || self.rows.iter().enumerate().filter(|(_, row)| from_here(row));
        let handed = tries().find(|(_, row)| row.next.is_some());
        handed.or_else(|| tries().next_back()).map(|(at, _)| at)
    }
}

impl<'a> Row<'a> {
    /// The id under which the letter goes on from this row.
    fn brings(&self) -> Option<&'a str> {
        match &self.news.step {
            Step::Accepted { .. } => Some(&self.news.id),
            Step::Wrote { id, .. } => Some(id),
            _ => self.next,
        }
    }

    /// True for the first row of a letter.
    pub fn enters(&self) -> bool {
        matches!(self.news.step, Step::Accepted { .. })
    }

    /// The host at the other end, where there is one.
    pub fn leads_to(&self) -> Option<&'a str> {
        match &self.news.step {
            Step::Accepted { .. } => Some(&self.news.host),
            Step::Calls { server, .. } | Step::Hop { server, .. } | Step::Tried { server, .. } => Some(server),
            _ => None,
        }
    }
}

impl Model {
    /// What a row leads to, as far as it is still kept.
    pub fn opens(&self, row: &Row<'_>) -> Option<Opens> {
        let News { host, id, step, .. } = row.news;
        match step {
            Step::Accepted { .. } => self.brought(id).map(|(session, _)| Opens::Session(session.id)),
            Step::Calls { call, .. } | Step::Hop { call, .. } | Step::Tried { call, .. } => {
                self.visits().get(*call).map(|session| Opens::Session(session.id))
            }
            Step::Delivered { to } => {
                let is_it = |letter: &Delivered| letter.host == *host && letter.id == *id && letter.mailbox == *to;
                self.letters().iter().position(is_it).map(Opens::Letter)
            }
            _ => None,
        }
    }

    /// The conversation in which a host took a letter and gave it this id.
    pub fn brought(&self, id: &str) -> Option<(&Session, &Letter)> {
        let mut all = self.sessions().iter().rev().chain(self.visits().guests().rev());
        all.find_map(|session| Some((session, session.letter_named(id)?)))
    }
}

impl Session {
    /// The letter to which the server gave this id.
    fn letter_named(&self, id: &str) -> Option<&Letter> {
        let is_named = |letter: &&Letter| {
            let answer = self.dialogue().exchange(letter.exchange).and_then(|exchange| exchange.answer);
            let reply = answer.map(|answer| self.tape().bytes(answer.span)).unwrap_or_default();
            let taken = letter.verdict.is_some_and(Code::is_success);
            taken && std::str::from_utf8(&reply).is_ok_and(|reply| words(reply).any(|word| word == id))
        };
        self.dialogue().letters().iter().rev().find(is_named)
    }

    /// The header of the letter that ends here, or of the last one, as it went over the wire.
    pub fn header_of(&self, end: Option<ExchangeId>) -> Vec<u8> {
        let (mut header, mut begins, mut body) = (Vec::new(), true, false);
        for row in self.dialogue().rows() {
            let line = || row.span().map(|span| self.tape().bytes(span)).unwrap_or_default();
            match row.what {
                What::Command(id) if self.dialogue().exchange(id).and_then(Exchange::verb) != Some(Verb::Bdat) => {
                    (begins, body) = (true, false);
                }
                What::Content { .. } | What::Chunk(_) if !body => {
                    let line = line();
                    body = matches!(&*line, b"\r\n" | b"\n");
                    if std::mem::take(&mut begins) {
                        header.clear();
                    }
                    if !body {
                        header.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
                    }
                }
                What::EndOfData(at) if Some(at) == end => break,
                _ => {}
            }
        }
        header
    }

    /// The last line of the reply that decided what becomes of the letter: where nobody was accepted, the refusal that led
    /// to the others; else the last one before QUIT.
    pub fn verdict_row(&self) -> Option<RowId> {
        let exchanges = self.dialogue().exchanges();
        let decides = |exchange: &Exchange| exchange.answer.is_some() && exchange.verb() != Some(Verb::Quit);
        let id = refusal(exchanges).or_else(|| exchanges.iter().rposition(decides))?;
        let is_last = |row: &dialogue::row::Row| matches!(row.what, What::Reply { exchange, last: true } if exchange.index() == id);
        let at = self.dialogue().rows().iter().rposition(is_last)?;
        u32::try_from(at).ok().map(RowId)
    }
}

/// In the last transaction, if nobody was accepted in it: what MAIL or the last RCPT was refused with. Whatever follows in
/// a batch is refused for that (RFC 2920 §3.1).
fn refusal(exchanges: &[Exchange]) -> Option<usize> {
    let begins = exchanges.iter().rposition(|exchange| exchange.verb() == Some(Verb::Mail))?;
    let of = |at: &usize, verb| exchanges.get(*at).is_some_and(|exchange| exchange.verb() == Some(verb));
    let succeeded = |at: &usize| exchanges.get(*at).is_some_and(Exchange::succeeded);
    let mut recipients = (begins..exchanges.len()).filter(|at| of(at, Verb::Rcpt));
    if !succeeded(&begins) {
        return Some(begins).filter(|at| exchanges.get(*at).is_some_and(|exchange| exchange.answer.is_some()));
    }
    let accepted = recipients.clone().any(|at| succeeded(&at));
    recipients.rfind(|at| exchanges.get(*at).is_some_and(|exchange| exchange.answer.is_some())).filter(|_| !accepted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::lab::{VisitId, Written};

    fn news(at: u64, host: &str, id: &str, step: Step) -> News {
        News { at, host: host.into(), id: id.into(), step }
    }

    fn accepted(to: &str) -> Step {
        Step::Accepted { from: "mina@you.test".into(), to: vec![to.into()], header: [].into() }
    }

    fn hop(server: &str, said: &str, to: &[&str]) -> Step {
        let to = to.iter().map(|to| (*to).to_owned()).collect();
        let address = [192, 0, 2, 10].into();
        Step::Hop { server: server.into(), address, port: 25, tls: true, said: said.into(), to, call: VisitId(1) }
    }

    /// What a letter to a forwarder does: the target greylists it, then takes it.
    fn mail() -> LabMail {
        let deferred = |next| Step::Deferred { to: "pat@grey.test".into(), why: "451".into(), next };
        let grey =
            Step::Judged { check: "grey".into(), about: "x".into(), result: "later".into(), why: "300 s".into() };
        let mut mail = LabMail::default();
        for news in [
            news(0, "submit.you.test", "S-0001", accepted("pat@alumni.test")),
            news(1, "mx.alumni.test", "A-0002", accepted("pat@alumni.test")),
            news(
                1,
                "submit.you.test",
                "S-0001",
                hop("mx.alumni.test", "250 2.0.0 Queued as A-0002", &["pat@alumni.test"]),
            ),
            news(2, "mx.grey.test", "", grey),
            news(2, "mx.alumni.test", "A-0002", hop("mx.grey.test", "451 4.7.1 Greylisted", &[])),
            news(2, "mx.alumni.test", "A-0002", deferred(1802)),
            news(9, "mx1.harbor.test", "H-0009", accepted("sam@harbor.test")),
            news(1802, "mx.grey.test", "G-0003", accepted("pat@grey.test")),
            news(1802, "mx.grey.test", "G-0003", Step::Delivered { to: "pat@grey.test".into() }),
            news(
                1802,
                "mx.alumni.test",
                "A-0002",
                hop("mx.grey.test", "250 2.0.0 Queued as G-0003", &["pat@grey.test"]),
            ),
        ] {
            mail.heard(news);
        }
        mail
    }

    #[test]
    fn a_way_is_read_from_the_ids_that_each_host_gives() {
        let mail = mail();
        let found = journeys(&mail);
        let [first, second] = found.as_slice() else { panic!("{found:#?}") };
        assert_eq!((first.id, first.from, second.id), ("S-0001", Some("mina@you.test"), "H-0009"));
        let rows: Vec<_> = first.rows.iter().map(|row| (row.news.id.as_str(), row.leads_to(), row.came_by)).collect();
        let wanted = [
            ("S-0001", Some("submit.you.test"), None),
            ("S-0001", Some("mx.alumni.test"), Some(0)),
            ("A-0002", Some("mx.grey.test"), Some(1)),
            ("A-0002", None, Some(1)),
            ("A-0002", Some("mx.grey.test"), Some(1)),
            ("G-0003", None, Some(4)),
        ];
        assert_eq!(rows, wanted, "what happened behind a hop stands behind it");
        assert_eq!(first.rows[2].judged.len(), 1, "the greylist spoke of this try");
    }

    #[test]
    fn a_path_leads_from_the_beginning_over_a_row_to_where_the_letter_went() {
        let mail = mail();
        let found = journeys(&mail);
        assert_eq!(found[0].path(4), [0, 1, 4]);
        assert_eq!(found[0].path(0), [0, 1, 4]);
        assert_eq!(found[0].path(2), [0, 1, 2], "this try led nowhere");
        assert_eq!(found[0].path(3), [0, 1, 3, 2], "the pause has its try behind it");
    }

    #[test]
    fn a_report_belongs_to_the_letter_that_it_is_about() {
        let mut mail = LabMail::default();
        let written = Step::Wrote {
            id: "S-0002".into(),
            kind: Written::Report,
            from: String::new(),
            to: vec!["mina@you.test".into()],
        };
        for news in [
            news(0, "submit.you.test", "S-0001", accepted("no@harbor.test")),
            news(1, "submit.you.test", "S-0001", hop("mx1.harbor.test", "550 5.1.1 No such user here", &[])),
            news(1, "submit.you.test", "S-0001", written),
            news(1, "submit.you.test", "S-0002", Step::Delivered { to: "mina@you.test".into() }),
        ] {
            mail.heard(news);
        }
        let found = journeys(&mail);
        assert_eq!((found.len(), found[0].rows.len()), (1, 4));
        assert_eq!(found[0].rows[3].came_by, Some(2));
    }

    #[test]
    fn a_letter_whose_beginning_is_forgotten_is_still_there_and_a_lie_makes_no_circle() {
        let mut mail = LabMail::default();
        mail.heard(news(1, "a.test", "A-1", hop("b.test", "250 Queued as B-2", &["x"])));
        mail.heard(news(1, "b.test", "B-2", accepted("x")));
        mail.heard(news(1, "a.test", "A-1", accepted("x")));
        mail.heard(news(1, "a.test", "A-1", hop("b.test", "250 Queued as B-2", &["x"])));
        mail.heard(news(1, "b.test", "B-2", hop("a.test", "250 Queued as A-1", &["x"])));
        let rows: usize = journeys(&mail).iter().map(|found| found.rows.len()).sum();
        assert_eq!(rows, 3, "both accepted each other's");
        let mut mail = LabMail::default();
        mail.heard(news(1, "a.test", "A-1", hop("b.test", "421 Busy", &[])));
        assert_eq!(journeys(&mail)[0].from, None);
    }
}
