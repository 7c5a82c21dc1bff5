//! Faults: what goes wrong with the replies of a server on their way out.
//!
//! A fault is data: at which stage, at which reply of that stage, how often, and what happens. It acts on whole replies
//! behind the engine, so the server itself stays correct and knows nothing of it. What chance decides comes from a seed.

mod deed;
mod dice;
mod tls;

use std::collections::HashMap;
use std::time::Duration;

use serde::{Deserialize, Deserializer};

use crate::engine::server::Said;
use crate::engine::server::config::Extension;
use crate::smtp::stage::Stage;

pub use deed::Deed;
use dice::Dice;
pub use tls::Spoilt;
pub(super) use tls::speechless;

/// Something that goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Its name: how it is switched on and off.
    pub name: String,
    /// What happens, in a few words.
    pub about: String,
    /// The stage whose replies it meets.
    #[serde(deserialize_with = "stage")]
    pub stage: Stage,
    /// Which reply of that stage in a session, from 1; all of them if it is not named.
    pub nth: Option<u32>,
    /// In how many of a hundred cases it happens.
    #[serde(default = "always")]
    pub percent: u32,
    /// What happens.
    pub does: Deed,
    /// The seconds of a delay.
    #[serde(default)]
    pub seconds: u64,
    /// The code of a wrong reply.
    #[serde(default)]
    pub code: u16,
}

/// What is to be done with the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// These octets are written, in one write.
    Write(Vec<u8>),
    /// Nothing happens for so long.
    Wait(Duration),
    /// The connection is closed in an orderly way.
    Close,
    /// The connection is dropped as it is.
    Reset,
}

/// The faults of one session.
#[derive(Debug)]
pub struct Faults {
    list: Vec<Fault>,
    met: HashMap<Option<Stage>, u32>,
    dice: Dice,
    /// Replies that wait for the next one.
    held: Vec<u8>,
    /// Nothing more is said.
    silent: bool,
}

impl Faults {
    /// The faults of a session; the same seed gives the same chances.
    pub fn new(list: Vec<Fault>, seed: u64) -> Self {
        Self { list, met: HashMap::new(), dice: Dice::new(seed), held: Vec::new(), silent: false }
    }

    /// One more fault from now on; one that is there already stays as it is.
    pub fn add(&mut self, fault: &Fault) {
        if !self.list.contains(fault) {
            self.list.push(fault.clone());
        }
    }

    /// An extension that is not to be had.
    pub fn withdrawn(&self) -> Option<Extension> {
        self.list.iter().any(|fault| fault.does == Deed::StripStartTls).then_some(Extension::StartTls)
    }

    /// What is wrong with the TLS of this session.
    pub fn spoilt(&self) -> Option<Spoilt> {
        self.list.iter().find_map(|fault| fault.does.spoilt())
    }

    /// What becomes of replies that the engine wants written.
    pub fn pass(&mut self, mut said: Vec<Said>) -> Vec<Step> {
        self.count_verdicts(&mut said);
        let mut steps = Vec::new();
        for said in said {
            let met = self.met.entry(said.stage).or_default();
            *met += 1;
            let (met, stage) = (*met, said.stage);
            let mut meets = |fault: &&Fault| {
                Some(fault.stage) == stage
                    && fault.nth.is_none_or(|nth| nth == met)
                    && (fault.percent >= 100 || self.dice.percent() < fault.percent)
            };
            let fault = self.list.iter().filter(|fault| fault.does.is_for_replies()).find(|fault| meets(fault));
            if !self.silent {
                match fault {
                    Some(fault) => {
                        (self.held, self.silent) = deed::act(fault, std::mem::take(&mut self.held), &said, &mut steps);
                    }
                    None => steps.push(Step::Write([std::mem::take(&mut self.held), said.octets].concat())),
                }
            }
            if steps.iter().any(|step| matches!(step, Step::Close | Step::Reset)) {
                break;
            }
        }
        joined(steps)
    }

    /// LMTP owes a verdict to each recipient; these two faults miscount.
    fn count_verdicts(&self, said: &mut Vec<Said>) {
        let last = said.iter().rposition(|said| said.stage == Some(Stage::Final));
        let has = |deed| self.list.iter().any(|fault| fault.does == deed);
        if let Some(last) = last {
            if has(Deed::LmtpTooFew) {
                said.remove(last);
            } else if has(Deed::LmtpTooMany)
                && let Some(verdict) = said.get(last).cloned()
            {
                said.insert(last, verdict);
            }
        }
    }
}

/// Writes that follow each other are one: a group's replies go out together (RFC 2920 §3.2).
fn joined(steps: Vec<Step>) -> Vec<Step> {
    let mut joined: Vec<Step> = Vec::new();
    for step in steps {
        match (joined.last_mut(), step) {
            (Some(Step::Write(before)), Step::Write(octets)) => before.extend(octets),
            (_, step) => joined.push(step),
        }
    }
    joined
}

const fn always() -> u32 {
    100
}

fn stage<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Stage, D::Error> {
    let name = String::deserialize(deserializer)?;
    Stage::named(&name).ok_or_else(|| serde::de::Error::custom(format!("there is no stage {name:?}")))
}

#[cfg(test)]
mod tests;
