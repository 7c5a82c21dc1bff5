//! The deeds of a step.

use std::sync::Arc;

use super::super::step::Step;
use super::super::text::{Text, Unfilled};
use super::deed::{Deed, Turns};
use super::perform::Result;
use super::{End, Player, login};
use crate::dialogue::phase::Phase;
use crate::ports::net::{Checks, Opening, Target};
use crate::script::policy::world;
use crate::session::outcome::Outcome;
use crate::session::place::World;
use crate::session::target;
use crate::session::{Model, Session};
use crate::smtp::bdat::cut;
use crate::smtp::command::Command;
use crate::smtp::data::{Wire, with_crlf};
use crate::smtp::flaw::FlawKind;
use crate::smtp::stage::Stage;

impl Player {
    /// Begins the next step; behind the last one, decides the outcome.
    pub(super) fn begin(&mut self, model: &Model) {
        let session = self.session(model);
        let Some(step) = self.steps.get(self.at).map(|placed| placed.step.clone()) else {
            return self.finish(session.is_some(), false);
        };
        if let Some(politely) = self.ends_before(&step, session) {
            return self.finish(session.is_some(), politely);
        }
        if let Some(session) = session {
            self.begun.push((session.dialogue().exchanges().len(), self.at));
        }
        self.at += 1;
        match self.deeds_of(step, session) {
            Ok(deeds) => self.deeds.extend(deeds),
            Err(outcome) => self.end(outcome),
        }
    }

    /// All that was wanted is done: a goodbye, and the outcome behind it.
    fn finish(&mut self, connected: bool, politely: bool) {
        let behind = self.steps.len() + 1;
        if self.serving.is_some() {
            return self.part(connected && self.at < behind, behind);
        }
        if connected && self.at < behind {
            self.at = behind;
            self.deeds.push_back(Deed::Settle);
            if politely {
                self.deeds.push_back(Deed::Quit(None));
            }
            return self.deeds.push_back(Deed::Drop);
        }
        self.outcome = Some(Outcome::fine(self.stage));
    }

    /// Whether the run stops before this step, and if so, whether with QUIT.
    fn ends_before(&self, step: &Step, session: Option<&Session>) -> Option<bool> {
        let (last, politely) = match self.wishes.end {
            End::Script => return None,
            End::Until(last) => (last, true),
            End::DropAfter(last) => (last, false),
        };
        (self.stage_of(step, session)? > last).then_some(politely)
    }

    /// The stage that a step leads to.
    fn stage_of(&self, step: &Step, session: Option<&Session>) -> Option<Stage> {
        if self.serving.is_some() {
            return self.stage_to(step);
        }
        let in_letter = session.is_some_and(|session| session.dialogue().phase() == Phase::Content);
        let of = |text: &Text| {
            let octets = text.fill(&self.wishes.variables).ok()?;
            let lines = octets.split_inclusive(|octet| *octet == b'\n');
            lines.filter_map(|line| Stage::of(Command::parse(line).verb)).next_back()
        };
        match step {
            Step::Connect { .. } => Some(Stage::Connect),
            Step::Line(_) | Step::Octets(_) | Step::Pipeline(_) if in_letter => Some(Stage::Final),
            Step::Line(text) | Step::Octets(text) => of(text),
            Step::Pipeline(lines) => lines.iter().filter_map(of).max(),
            Step::Tls(_) => Some(Stage::StartTls),
            Step::Auth { .. } => Some(Stage::Auth),
            Step::Data { .. } if self.stops_at_data() => Some(Stage::Data),
            Step::Data { .. } | Step::Bdat { .. } => Some(Stage::Final),
            _ => None,
        }
    }

    /// True if DATA is the last command that is to go.
    pub(super) fn stops_at_data(&self) -> bool {
        matches!(self.wishes.end, End::Until(Stage::Data) | End::DropAfter(Stage::Data))
    }

    fn deeds_of(&mut self, step: Step, session: Option<&Session>) -> Result<Vec<Deed>> {
        if session.is_none() && !is_free(&step) {
            return Err(self.stopped(2, "script/order", "there is no connection here; connect comes first"));
        }
        if self.serving.is_some() {
            return self.deeds_of_server(step);
        }
        Ok(match step {
            Step::Connect { target, opening } => self.connect(&target, opening, session.is_some())?,
            Step::Line(text) => {
                let line = self.filled(&text)?;
                vec![Deed::Settle, Deed::Send(ended(line).into(), Turns::Waits)]
            }
            Step::Octets(text) => vec![Deed::Send(self.filled(&text)?.into(), Turns::AtOnce)],
            Step::Pipeline(lines) => {
                let lines = lines.iter().map(|line| self.filled(line).map(ended)).collect::<Result<Vec<_>>>()?;
                vec![Deed::Settle, Deed::Send(lines.concat().into(), Turns::Waits)]
            }
            Step::Reply(expected) => vec![Deed::Reply(expected, None)],
            Step::Closes => vec![Deed::Closes(None)],
            Step::Silence(wait) => vec![Deed::Silence(wait, None)],
            Step::ReadUntil(pattern) => vec![Deed::ReadUntil(pattern, None)],
            Step::Tls(tls) => vec![Deed::Tls(tls)],
            Step::Auth { mechanism, user } => {
                let user = String::from_utf8(self.filled(&user)?).unwrap_or_default();
                vec![Deed::Settle, Deed::Login(Box::new(login::wanted(mechanism, user)))]
            }
            Step::Data { letter, wire } => vec![Deed::Settle, Deed::Data(self.filled(&letter)?.into(), wire)],
            Step::Bdat { letter, wire, chunk } => vec![Deed::Settle, self.chunks_of(&letter, wire, chunk)?],
            Step::Sleep(wait) => vec![Deed::Sleep(wait, None)],
            Step::Clock(turn) if session.is_some() => vec![Deed::Settle, Deed::Turn(turn)],
            Step::Clock(turn) => vec![Deed::Turn(turn)],
            Step::Assert(check) if session.is_some() => vec![Deed::Settle, Deed::Assert(check, None)],
            Step::Assert(check) => vec![Deed::Assert(check, None)],
            Step::Set { name, pattern, of } => vec![Deed::Settle, Deed::Set(name, pattern, of)],
            step => self.deeds_of_server(step)?,
        })
    }

    fn chunks_of(&self, letter: &Text, wire: Wire, chunk: Option<usize>) -> Result<Deed> {
        let letter = self.filled(letter)?;
        let letter = if wire == Wire::Raw { letter } else { with_crlf(&letter) };
        let chunks = cut(&letter, chunk.as_slice(), false).into_iter().map(|(chunk, octets)| {
            let head = format!("BDAT {}\r\n", chunk.encode());
            Arc::from([head.as_bytes(), &octets].concat())
        });
        Ok(Deed::Chunks(chunks.collect()))
    }

    fn connect(&mut self, text: &Text, opening: Option<Opening>, connected: bool) -> Result<Vec<Deed>> {
        let text = String::from_utf8(self.filled(text)?).unwrap_or_default();
        let wanted = target::parse(&text, &self.wishes.resolver)
            .map_err(|no| self.stopped(2, no.id, no.why.trim_end_matches('.')))?;
        self.opening = opening;
        self.stage = Stage::Dns;
        let mut deeds = if connected { vec![Deed::Settle, Deed::Drop] } else { Vec::new() };
        deeds.push(Deed::Find(Box::new(wanted)));
        Ok(deeds)
    }

    /// The target with all that was wished for it, by the user and by the `tls` step that follows.
    pub(super) fn shaped(&self, target: Target) -> Result<Target> {
        let pinned = self.wishes.pinned.iter().filter(|(name, _)| name.eq_ignore_ascii_case(&target.host));
        let pinned: Vec<_> = pinned.map(|(_, address)| *address).collect();
        let mut shaped = Target {
            opening: self.opening.unwrap_or(target.opening),
            hello: self.wishes.hello.clone(),
            handshake: self.wishes.handshake.clone(),
            route: if target.socket.is_none() { self.wishes.route } else { target.route },
            ..target
        };
        if !pinned.is_empty() {
            shaped.pinned = pinned;
        }
        let following = self.steps.iter().skip(self.at).map(|placed| &placed.step);
        let wish = following.take_while(|step| !matches!(step, Step::Connect { .. })).find_map(|step| match step {
            Step::Tls(tls) => Some(tls),
            _ => None,
        });
        let Some(tls) = wish else { return Ok(shaped) };
        let handshake = &mut shaped.handshake;
        let waived = tls.checks == Some(Checks::None) && handshake.checks != Checks::None;
        handshake.checks = tls.checks.unwrap_or(handshake.checks);
        handshake.sni = tls.sni.clone().unwrap_or_else(|| handshake.sni.clone());
        handshake.verify = tls.name.clone().or_else(|| handshake.verify.clone());
        if waived && world(&shaped) == World::Live {
            let why = "verify=off holds for lab and loopback; for a real server say --tls-verify off yourself";
            return Err(self.stopped(7, "policy/secret", why));
        }
        Ok(shaped)
    }

    pub(super) fn filled(&self, text: &Text) -> Result<Vec<u8>> {
        text.fill(&self.wishes.variables).map_err(|why| match why {
            Unfilled::NoValue(name) => {
                self.stopped(2, "script/variable", &format!("the variable {{{name}}} has no value yet"))
            }
            Unfilled::Breaks(name) => {
                let why = format!("{{{name}}} holds a line break; it would become a second command. Not sent");
                self.stopped(2, FlawKind::LineBreakInField.id(), &why)
            }
        })
    }
}

/// True for steps that need no connection.
fn is_free(step: &Step) -> bool {
    matches!(step, Step::Connect { .. } | Step::Listen(_) | Step::Sleep(_) | Step::Clock(_) | Step::Assert(_))
}

pub(super) fn ended(mut line: Vec<u8>) -> Vec<u8> {
    line.extend_from_slice(b"\r\n");
    line
}
