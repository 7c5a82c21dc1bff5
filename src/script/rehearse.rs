//! What a script would send, without anybody to send it to.

use std::fmt::Write as _;

use super::step::Step;
use super::text::{Text, Variables};
use super::{Placed, Script};
use crate::ports::dns::Source;
use crate::ports::net::Place;
use crate::safe;
use crate::session::target::{Wanted, parse, place_of};
use crate::smtp::data::{Stuffer, Wire};

impl Script {
    /// True if it is a server.
    pub fn listens(&self) -> bool {
        matches!(self.steps.first(), Some(Placed { step: Step::Listen(_), .. }))
    }

    /// True if it may speak with hosts of the lab.
    pub fn needs_lab(&self) -> bool {
        self.steps.iter().any(|placed| match &placed.step {
            Step::Connect { target, .. } => is_in_lab(target),
            Step::Clock(_) => true,
            _ => false,
        })
    }
}

/// True unless the target is known to lie elsewhere.
fn is_in_lab(target: &Text) -> bool {
    let text = target.fill(&Variables::default()).ok().and_then(|text| String::from_utf8(text).ok());
    match text.map(|text| parse(&text, &Source::System)) {
        Some(Ok(Wanted::Host(host))) => host.place == Place::Lab,
        Some(Ok(Wanted::Exchangers(domain, _) | Wanted::Submission(domain, _))) => place_of(&domain) == Place::Lab,
        Some(Err(_)) => false,
        None => true,
    }
}

/// The steps with their lines, variables filled in as far as they are known, and letters as they would go.
pub fn rehearse(script: &Script, variables: &Variables) -> String {
    let mut text = String::from("# Nothing is sent.\n");
    let mut file = "";
    for Placed { place, step } in &script.steps {
        if file != &*place.file {
            file = &place.file;
            let _ = writeln!(text, "# {file}");
        }
        let step = step.filled(variables);
        let _ = match &step {
            Step::Data { letter, wire } => {
                writeln!(text, "{:>5}  data", place.line).and_then(|()| write!(text, "{}", wired(letter, *wire)))
            }
            step => step.to_string().lines().try_for_each(|line| writeln!(text, "{:>5}  {line}", place.line)),
        };
    }
    text
}

/// A letter as it would go, a line each.
fn wired(letter: &Text, wire: Wire) -> String {
    let mut octets = Vec::new();
    let mut stuffer = Stuffer::new(wire);
    stuffer.push(&letter.written(), &mut octets);
    stuffer.finish(&mut octets);
    let mut text = String::new();
    for line in octets.split_inclusive(|octet| *octet == b'\n') {
        let line = line.strip_suffix(b"\r\n").unwrap_or(line);
        let _ = writeln!(text, "     | {}", safe::plain(line).as_str());
    }
    text
}
