//! A script that is a server: it waits for clients, says what it likes, and takes what they say.
//!
//! Lines of the client are read from its lane as they are, whatever the protocol makes of them. Nothing is read that the
//! script does not wait for.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::super::pattern::{Pattern, Spoken};
use super::super::step::{Listen, Parting, Secures, Step};
use super::super::text::Variables;
use super::address::address;
use super::begin::ended;
use super::broken::told;
use super::deed::{Deed, Flow};
use super::perform::{FAREWELL, Result};
use super::reply::shortened;
use super::{Next, Player};
use crate::dialogue::phase::Phase;
use crate::ports::net::{Act, Opening, Serve, Shown, Target};
use crate::safe;
use crate::session::outcome::Outcome;
use crate::session::{Session, State, transcript};
use crate::smtp::command::Command;
use crate::smtp::limits::Limits;
use crate::smtp::limits::script::HEARD;
use crate::smtp::stage::Stage;
use crate::tape::mark::{Closed, Mark};
use crate::tape::{Moment, Side, Span};

/// What a line of a letter costs besides its octets, in octets, about.
const LINE: u64 = 64;
/// What a line costs that is skipped, or is no letter to anybody else, so that they come to an end.
const SKIPPED: u64 = 32 << 10;
/// Octets that are read ahead of what is taken.
const AHEAD: u64 = 4 << 10;
/// The end of a letter (RFC 5321 §4.1.1.4).
const DOT: &[u8] = b".\r\n";

/// What there is besides where the script is the server.
#[derive(Debug)]
pub(super) struct Serving {
    target: Target,
    shown: Option<Shown>,
    /// Clients still to come.
    left: u32,
    /// The values that variables have when a client comes.
    values: Variables,
    /// How far the network was told to read.
    upto: u64,
    /// Up to here there is no end of the letter.
    scanned: u64,
    /// What was taken of this client, in octets with lines counted as more.
    cost: u64,
    /// The last line without its end, or the last letter without its dots, lines joined by LF; and how it is shown.
    last: (Vec<u8>, String),
    letters: BTreeMap<String, Vec<u8>>,
}

impl Serving {
    /// The next client.
    pub(super) fn begin(&mut self) {
        (self.upto, self.scanned, self.cost) = (0, 0, 0);
        self.last = (Vec::new(), "nothing yet".into());
        self.letters.clear();
    }

    /// The last line or letter, or the letter of this name; and how it is shown.
    pub(super) fn last(&self, of: Option<&str>) -> (&[u8], &str) {
        let kept = of.and_then(|of| self.letters.get(of)).map(|letter| (letter.as_slice(), "the letter"));
        kept.unwrap_or((&self.last.0, &self.last.1))
    }
}

impl Player {
    /// The deeds of a step of a server.
    pub(super) fn deeds_of_server(&mut self, step: Step) -> Result<Vec<Deed>> {
        Ok(match step {
            Step::Listen(listen) => self.listen(listen)?,
            Step::Line(text) => vec![Deed::Say(ended(self.filled(&text)?).into())],
            Step::Octets(text) => vec![Deed::Say(self.filled(&text)?.into())],
            Step::Pipeline(lines) => {
                let lines = lines.iter().map(|line| self.filled(line).map(ended)).collect::<Result<Vec<_>>>()?;
                vec![Deed::Say(lines.concat().into())]
            }
            Step::Hears(spoken) => vec![Deed::Hears(spoken, None)],
            Step::ReadUntil(pattern) => vec![Deed::HearsUntil(pattern, None)],
            Step::Takes(octets) => vec![Deed::Takes(octets, None)],
            Step::Letter { into, texts } => vec![Deed::Letter(into, texts, None)],
            Step::Closes => vec![Deed::Leaves(None)],
            Step::Silence(wait) => vec![Deed::Quiet(wait, None)],
            Step::Secures(secures) => vec![Deed::Secure(secures)],
            Step::Parts(parting) => vec![Deed::Parts(parting)],
            Step::Sleep(wait) => vec![Deed::Sleep(wait, None)],
            Step::Assert(check) => vec![Deed::Assert(check, None)],
            Step::Set { name, pattern, of } => vec![Deed::Set(name, pattern, of)],
            _ => return Err(self.stopped(2, "script/order", "a server has no such step")),
        })
    }

    /// The stage that a step of a server leads to.
    pub(super) fn stage_to(&self, step: &Step) -> Option<Stage> {
        match step {
            Step::Hears(Spoken { begins: Some(begins), .. }) => {
                Stage::of(Command::parse(&begins.fill(&self.wishes.variables).ok()?).verb)
            }
            Step::Secures(_) => Some(Stage::StartTls),
            Step::Letter { .. } => Some(Stage::Final),
            _ => None,
        }
    }

    fn listen(&mut self, listen: Listen) -> Result<Vec<Deed>> {
        let text = String::from_utf8(self.filled(&listen.at)?).unwrap_or_default();
        let mut target = address(&text).map_err(|(exit, id, why)| self.stopped(exit, id, &why))?;
        if listen.shown.is_some() {
            target.opening = Opening::ImplicitTls;
        }
        let (left, values) = (listen.times, self.wishes.variables.clone());
        let serving = Serving {
            target,
            shown: listen.shown,
            left,
            values,
            upto: 0,
            scanned: 0,
            cost: 0,
            last: Default::default(),
            letters: BTreeMap::new(),
        };
        self.serving = Some(Box::new(serving));
        self.stage = Stage::Connect;
        Ok(self.awaits())
    }

    /// The next client is waited for.
    fn awaits(&mut self) -> Vec<Deed> {
        let Some(serving) = &mut self.serving else { return Vec::new() };
        serving.left = serving.left.saturating_sub(1);
        let secure = serving.shown.clone().map(|shown| Deed::Secure(Secures { shown, fails: false, why: None }));
        [Deed::Answer, Deed::Came(None)].into_iter().chain(secure).collect()
    }

    /// Behind the last step: the connection ends, and the next client is waited for, or all is done.
    pub(super) fn part(&mut self, connected: bool, behind: usize) {
        if connected {
            self.at = behind;
            return self.deeds.push_back(Deed::Drop);
        }
        let Some(serving) = self.serving.as_ref().filter(|serving| serving.left > 0) else {
            self.outcome = Some(Outcome::fine(self.stage));
            return;
        };
        self.wishes.variables = serving.values.clone();
        self.events.clear();
        // Behind `listen`.
        self.at = 1;
        self.deeds = VecDeque::from(self.awaits());
    }

    pub(super) fn answer(&self) -> Flow {
        self.serving.as_ref().map_or(Flow::On, |serving| Flow::Ask(Next::Answer(Box::new(serving.target.clone()))))
    }

    /// Waits for a client.
    pub(super) fn came(&mut self, session: &Session, until: Option<Moment>, now: Moment) -> Result {
        if *session.state() != State::Connecting {
            return self.unbroken(session).map(|()| Flow::On);
        }
        let until = until.unwrap_or_else(|| now.after(self.wishes.patience));
        if now < until {
            return Ok(Flow::Wait(Deed::Came(Some(until)), Some(until)));
        }
        Err(self.late("a client", "nobody came"))
    }

    pub(super) fn say(&self, session: &Session, octets: Arc<[u8]>) -> Result {
        if octets.is_empty() {
            return Ok(Flow::On);
        }
        self.unbroken(session)?;
        let upto = session.octets(Side::Server) + octets.len() as u64;
        Ok(Flow::Then(vec![Deed::Act(Act::SendNow(octets)), Deed::Said(upto, None)]))
    }

    pub(super) fn has_said(&self, session: &Session, upto: u64, until: Option<Moment>, now: Moment) -> Result {
        if session.octets(Side::Server) >= upto {
            return Ok(Flow::On);
        }
        self.unbroken(session)?;
        let until = until.unwrap_or_else(|| now.after(self.wishes.patience));
        if now < until {
            return Ok(Flow::Wait(Deed::Said(upto, Some(until)), Some(until)));
        }
        Err(self.late("the client to take what is said", "it took no more"))
    }

    /// Takes the next line of the client, which has to be this.
    pub(super) fn hears(&mut self, session: &Session, spoken: Spoken, until: Option<Moment>, now: Moment) -> Result {
        let Some(line) = self.line(session)? else {
            let wanted = spoken.to_string();
            return self.read_on(session, until, now, &wanted, |until| Deed::Hears(spoken, Some(until)));
        };
        let begins = spoken.begins(&line, &self.wishes.variables);
        let begins = begins.map_err(|_| self.stopped(2, "script/variable", "a variable in it has no value here"))?;
        if begins && self.all_match(&spoken.texts, &line)? {
            return Ok(self.no_further());
        }
        Err(self.unexpected(&spoken.to_string()))
    }

    pub(super) fn hears_until(
        &mut self,
        session: &Session,
        pattern: Pattern,
        until: Option<Moment>,
        now: Moment,
    ) -> Result {
        let regex = self.compiled(&pattern)?;
        while let Some(line) = self.line(session)? {
            if regex.is_match(&line) {
                return Ok(self.no_further());
            }
            self.cost(SKIPPED)?;
        }
        let wanted = format!("a line that matches {pattern}");
        self.read_on(session, until, now, &wanted, |until| Deed::HearsUntil(pattern, Some(until)))
    }

    pub(super) fn takes(&mut self, session: &Session, octets: u64, until: Option<Moment>, now: Moment) -> Result {
        let end = self.heard + octets;
        if session.octets(Side::Client) < end {
            let wanted = format!("{octets} octets");
            return self.read_up_to(session, end, until, now, &wanted, |until| Deed::Takes(octets, Some(until)));
        }
        let span = Span::new(Side::Client, self.heard, end);
        self.heard = span.end;
        self.cost(octets + LINE)?;
        self.keep(session, span);
        Ok(self.no_further())
    }

    /// Takes lines of the client up to the lone dot.
    pub(super) fn letter(
        &mut self,
        session: &Session,
        into: Option<String>,
        texts: Vec<Pattern>,
        until: Option<Moment>,
        now: Moment,
    ) -> Result {
        let begin = self.heard;
        let Some(end) = self.end_of_letter(session)? else {
            let wanted = "the lone dot that ends the letter";
            return self.read_on(session, until, now, wanted, |until| Deed::Letter(into, texts, Some(until)));
        };
        self.heard = end;
        let raw = session.tape().bytes(Span::new(Side::Client, begin, end));
        let lines = raw.split_inclusive(|octet| *octet == b'\n').map(|line| line.strip_suffix(b"\r\n").unwrap_or(line));
        let mut lines: Vec<_> = lines.map(|line| line.strip_prefix(b".").unwrap_or(line)).collect();
        // The dot that ends it is no part of it.
        lines.pop();
        let letter = lines.join(&b'\n');
        self.stage = Stage::Final;
        let matches = self.all_match(&texts, &letter)?;
        if let Some(serving) = &mut self.serving {
            serving.last = (letter.clone(), "the letter".into());
            into.map(|name| serving.letters.insert(name, letter));
        }
        if matches {
            return Ok(self.no_further());
        }
        let wanted: Vec<_> = texts.iter().map(Pattern::to_string).collect();
        let say = format!("expected a letter that matches {}; this one does not", wanted.join(" "));
        Err(self.stopped(1, "script/expected", &say))
    }

    /// Where the letter ends, its dot included.
    fn end_of_letter(&mut self, session: &Session) -> Result<Option<u64>> {
        let lane = session.octets(Side::Client);
        let scanned = self.serving.as_ref().map_or(0, |serving| serving.scanned).max(self.heard);
        let new = session.tape().bytes(Span::new(Side::Client, scanned, lane));
        let mut at = scanned;
        let each = if session.dialogue().phase() == Phase::Content { LINE } else { SKIPPED };
        // What stands before the first line ends with CR LF too, or is none of the letter.
        let mut whole =
            at == self.heard || session.tape().bytes(Span::new(Side::Client, at - 2, at)).as_ref() == b"\r\n";
        for line in new.split_inclusive(|octet| *octet == b'\n').filter(|line| line.ends_with(b"\n")) {
            at += line.len() as u64;
            self.cost(line.len() as u64 + each)?;
            if whole && line == DOT {
                return Ok(Some(at));
            }
            whole = line.ends_with(b"\r\n");
        }
        if lane - at >= Limits::default().line as u64 {
            return Err(self.endless());
        }
        if let Some(serving) = &mut self.serving {
            serving.scanned = at;
        }
        Ok(None)
    }

    /// Waits for the client to finish. What it says before that was not expected.
    pub(super) fn leaves(&mut self, session: &Session, until: Option<Moment>, now: Moment) -> Result {
        if session.octets(Side::Client) > self.heard {
            return Err(self.spoke(session, "the client to close"));
        }
        match gone(session) {
            Some(Mark::Closed(Closed { by: Side::Server, .. })) => {
                Err(self.stopped(1, "script/expected", "expected the client to close; this side had already"))
            }
            Some(_) => Ok(Flow::On),
            None => {
                let upto = self.heard + 1;
                self.read_up_to(session, upto, until, now, "the client to close", |until| Deed::Leaves(Some(until)))
            }
        }
    }

    /// Hears nothing for so long.
    pub(super) fn quiet(&mut self, session: &Session, wait: Duration, until: Option<Moment>, now: Moment) -> Result {
        if session.octets(Side::Client) > self.heard {
            return Err(self.spoke(session, "silence"));
        }
        if let Some(mark) = gone(session) {
            return Err(self.stopped(1, "script/expected", &format!("expected silence; {}", told(mark))));
        }
        let until = until.unwrap_or_else(|| now.after(wait));
        let quiet = Deed::Quiet(wait, Some(until));
        let upto = self.heard + 1;
        if let Some(act) = self.reads(upto) {
            return Ok(Flow::Then(vec![act, quiet]));
        }
        Ok(if now < until { Flow::Wait(quiet, Some(until)) } else { self.no_further() })
    }

    /// The next line, if it is whole: taken, without its end.
    fn line(&mut self, session: &Session) -> Result<Option<Vec<u8>>> {
        let came = session.octets(Side::Client);
        let most = Limits::default().line as u64;
        let ahead = session.tape().bytes(Span::new(Side::Client, self.heard, came.min(self.heard + most)));
        let Some(end) = memchr::memchr(b'\n', &ahead) else {
            return if ahead.len() as u64 >= most { Err(self.endless()) } else { Ok(None) };
        };
        let span = Span::new(Side::Client, self.heard, self.heard + end as u64 + 1);
        self.heard = span.end;
        self.cost(span.len() + LINE)?;
        let line = self.keep(session, span);
        self.stage = Stage::of(Command::parse(&line).verb).unwrap_or(self.stage);
        Ok(Some(line))
    }

    /// Keeps what was taken, for `set` and for complaints; without the end of its line it comes back.
    fn keep(&mut self, session: &Session, span: Span) -> Vec<u8> {
        let octets = session.tape().bytes(span).into_owned();
        let text = octets.strip_suffix(b"\n").map_or(&*octets, |line| line.strip_suffix(b"\r").unwrap_or(line));
        if let Some(serving) = &mut self.serving {
            serving.last = (text.to_vec(), quoted(session, span));
        }
        text.to_vec()
    }

    fn cost(&mut self, octets: u64) -> Result<()> {
        let Some(serving) = &mut self.serving else { return Ok(()) };
        serving.cost += octets;
        if serving.cost <= HEARD {
            return Ok(());
        }
        Err(self.stopped(5, "script/flood", "the client says more than a script takes"))
    }

    fn endless(&self) -> Outcome {
        let most = Limits::default().line;
        self.stopped(5, "script/flood", &format!("the client sent {most} octets without the end of a line"))
    }

    fn all_match(&self, patterns: &[Pattern], text: &[u8]) -> Result<bool> {
        for pattern in patterns {
            if !self.compiled(pattern)?.is_match(text) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads on, a good deal at a time.
    fn read_on(
        &mut self,
        session: &Session,
        until: Option<Moment>,
        now: Moment,
        wanted: &str,
        deed: impl FnOnce(Moment) -> Deed,
    ) -> Result {
        let (lane, upto) = (session.octets(Side::Client), self.serving.as_ref().map_or(0, |serving| serving.upto));
        let upto = if upto < lane + AHEAD / 2 { lane + AHEAD } else { upto };
        self.read_up_to(session, upto, until, now, wanted, deed)
    }

    /// Waits for so many octets of the client.
    fn read_up_to(
        &mut self,
        session: &Session,
        upto: u64,
        until: Option<Moment>,
        now: Moment,
        wanted: &str,
        deed: impl FnOnce(Moment) -> Deed,
    ) -> Result {
        if let Some(mark) = gone(session) {
            return Err(self.stopped(1, "script/expected", &format!("expected {wanted}; {}", told(mark))));
        }
        self.unbroken(session)?;
        let until = until.unwrap_or_else(|| now.after(self.wishes.patience));
        if let Some(act) = self.reads(upto) {
            return Ok(Flow::Then(vec![act, deed(until)]));
        }
        if now < until {
            return Ok(Flow::Wait(deed(until), Some(until)));
        }
        Err(self.late(wanted, "nothing more came"))
    }

    /// Tells the network how far to read, if it was told otherwise.
    pub(super) fn reads(&mut self, upto: u64) -> Option<Deed> {
        let serving = self.serving.as_mut().filter(|serving| serving.upto != upto)?;
        serving.upto = upto;
        Some(Deed::Act(Act::Serve(Serve::Hear(upto))))
    }

    /// Nothing more is read for now.
    fn no_further(&mut self) -> Flow {
        self.reads(0).map_or(Flow::On, |act| Flow::Then(vec![act]))
    }

    fn unexpected(&self, wanted: &str) -> Outcome {
        let got = self.serving.as_ref().map(|serving| serving.last.1.as_str()).unwrap_or_default();
        self.stopped(1, "script/expected", &format!("expected {wanted}; got {got}"))
    }

    fn spoke(&self, session: &Session, wanted: &str) -> Outcome {
        let got = quoted(session, Span::new(Side::Client, self.heard, session.octets(Side::Client)));
        self.stopped(1, "script/expected", &format!("expected {wanted}; got {got}"))
    }

    pub(super) fn late(&self, wanted: &str, came: &str) -> Outcome {
        let seconds = self.wishes.patience.as_secs();
        self.stopped(6, "script/time-out", &format!("expected {wanted}; {came} within {seconds} s"))
    }
}

/// Ends a connection as a server does.
pub(super) fn parts(session: &Session, parting: Parting, now: Moment) -> Flow {
    let act = match parting {
        Parting::Close => Act::Close,
        Parting::HalfClose => Act::Serve(Serve::HalfClose),
        Parting::Reset => Act::Serve(Serve::Reset),
    };
    match parting {
        _ if !session.is_open() => Flow::On,
        Parting::HalfClose => Flow::Then(vec![Deed::Act(act)]),
        Parting::Close | Parting::Reset => Flow::Then(vec![Deed::Act(act), Deed::Gone(now.after(FAREWELL))]),
    }
}

/// How the client finished, if it has.
fn gone(session: &Session) -> Option<&Mark> {
    let over = |mark: &&Mark| matches!(mark, Mark::HalfClosed { by: Side::Client } | Mark::Closed(_));
    session.tape().marks().iter().rev().map(|(_, mark)| mark).find(over)
}

/// Octets of the client as they are quoted: secrets hidden, not too long.
fn quoted(session: &Session, span: Span) -> String {
    let octets = session.tape().bytes(span);
    let text = octets.strip_suffix(b"\r\n").unwrap_or(&octets);
    shortened(transcript::hide(text, &session.hidden(span, &octets), |octets| safe::plain(octets).into_string()))
}
