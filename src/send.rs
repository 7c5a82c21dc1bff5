//! One letter by one call: what to do next on a session so that the letter is sent, and how it came out.
//!
//! ```text
//! greeting ──▶ EHLO ──▶ AUTH ──▶ MAIL ──▶ RCPT … ──▶ DATA or BDAT ──▶ verdict ──▶ QUIT ──▶ outcome
//!     └───────────┴────────┴─────── refused ───┴────────────┴──────────┴──▶ QUIT ──▶ outcome
//! ```
//!
//! It reads what the session knows and hands out acts, one at a time or in one write where PIPELINING is wanted
//! (RFC 2920 §3.1). Every line is legal; what would not be is not sent, and the outcome names the rule.

mod broken;
mod envelope;
mod login;
mod plan;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use secrecy::SecretString;

use crate::dialogue::exchange::Exchange;
use crate::dialogue::phase::Phase;
use crate::ports::net::{self, Act};
use crate::safe;
use crate::session::Session;
use crate::session::outcome::Outcome;
use crate::session::place::World;
use crate::smtp::bdat::cut;
use crate::smtp::data::{Survey, Wire};
use crate::smtp::limits::BULK;
use crate::smtp::limits::script::DOMAINS;
use crate::smtp::sasl::client::Mechanism;
use crate::smtp::stage::Stage;
use crate::tape::tls::Opening;

/// What is to be sent, and how.
#[derive(Debug, Clone)]
pub struct Wish {
    /// How to name oneself.
    pub hello: String,
    /// The reverse-path without brackets; empty is the null sender.
    pub sender: String,
    /// The forward-paths without brackets.
    pub recipients: Vec<String>,
    /// What is asked of delivery reports.
    pub dsn: Dsn,
    /// TLS all the way, or a report of failure (RFC 8689).
    pub require_tls: bool,
    /// Who logs in.
    pub login: Option<Login>,
    /// The letter.
    pub letter: Letter,
    /// The envelope goes in one write, if the server offers that.
    pub pipelining: bool,
    /// The letter goes in chunks of so many octets, if the server offers that.
    pub chunk: Option<usize>,
    /// The last stage; behind it comes QUIT.
    pub until: Stage,
    /// The user says that the server is theirs: limits for those of others do not count.
    pub own_server: bool,
}

/// What is asked of delivery reports (RFC 3461).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dsn {
    /// When: `NEVER`, or some of `SUCCESS`, `FAILURE`, `DELAY`, with commas between.
    pub notify: Option<String>,
    /// How much of the letter comes back: `FULL` or `HDRS`.
    pub ret: Option<String>,
    /// What the sender calls the letter.
    pub envid: Option<String>,
}

/// Who logs in.
#[derive(Debug, Clone)]
pub struct Login {
    /// How; the best that the server lists if it is left open.
    pub mechanism: Option<Mechanism>,
    /// Who; empty if a mechanism needs nobody.
    pub user: String,
    /// The secret; in the lab, the public one of its user if it is not given.
    pub secret: Option<SecretString>,
}

/// A letter, and what is known of it.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Where it comes from.
    pub body: net::Body,
    /// What was counted in it.
    pub survey: Survey,
    /// Its header goes beyond ASCII (RFC 6532).
    pub international: bool,
}

impl Letter {
    /// The size as SIZE counts it, in octets.
    pub fn size(&self) -> u64 {
        self.survey.size(Wire::Normalise)
    }
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Nothing yet.
    Wait,
    /// This.
    Do(Act),
    /// It is over.
    Done(Outcome),
}

/// How far it has come: what is to be judged, or to be said, next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The greeting.
    Greeting,
    /// The answer to EHLO; or to HELO, once EHLO was refused.
    Hello {
        helo: bool,
    },
    Login,
    LoggedIn,
    Mail,
    /// The answer to MAIL.
    Sender,
    /// So many recipients were named.
    Recipients(usize),
    /// The answers to the whole envelope.
    Envelope {
        with_data: bool,
    },
    Data,
    /// The answer to DATA.
    Asked,
    /// So many chunks went.
    Chunks(usize),
    Verdict,
    /// The goodbye, with what is to be told behind it.
    Quit,
    Bye,
    /// We close.
    Left,
}

/// A letter on its way.
#[derive(Debug)]
pub struct Sending {
    wish: Wish,
    step: Step,
    /// Exchanges of the session when the last act was handed out: it is on its way until there are more.
    before: Option<usize>,
    /// What those said who were refused, by recipient.
    refused: Vec<String>,
    outcome: Option<Outcome>,
}

impl Sending {
    /// Nothing is sent yet.
    pub fn new(wish: Wish) -> Self {
        Self { wish, step: Step::Greeting, before: None, refused: Vec::new(), outcome: None }
    }

    /// What to do now. An act that is handed out counts as done.
    pub fn next(&mut self, session: &Session) -> Next {
        if let Some(next) = self.broken(session) {
            return next;
        }
        let dialogue = session.dialogue();
        let under_way = self.before.is_some_and(|before| dialogue.exchanges().len() <= before);
        let unsettled = matches!(dialogue.phase(), Phase::Opening | Phase::Upgrading | Phase::Verdict | Phase::Sasl);
        if !session.is_open() || under_way || unsettled || dialogue.outstanding().len() > 0 {
            return Next::Wait;
        }
        loop {
            match self.turn(session) {
                Turn::On(step) => self.step = step,
                Turn::Wait => return Next::Wait,
                Turn::Do(act, step) => {
                    self.step = step;
                    self.before = Some(dialogue.exchanges().len());
                    return Next::Do(act);
                }
                Turn::Stop(outcome) => {
                    self.outcome = Some(outcome);
                    self.step = Step::Quit;
                }
            }
        }
    }

    /// One step: what was asked for is answered, whatever it was.
    fn turn(&mut self, session: &Session) -> Turn {
        match self.step {
            // The network itself may have gone on to EHLO, so the last answer may be one to that.
            Step::Greeting => match session.dialogue().exchanges().first() {
                Some(greeting) if greeting.succeeded() => self.behind(Stage::Greeting, Step::Hello { helo: false }),
                _ => refusal(session, Stage::Greeting),
            },
            Step::Hello { helo } => self.hello(session, helo),
            Step::Login => self.log_in(session),
            Step::LoggedIn => match answered(session, Stage::Auth) {
                Ok(_) => self.behind(Stage::Auth, Step::Mail),
                Err(refused) => refused,
            },
            Step::Mail => self.mail(session),
            Step::Sender => match answered(session, Stage::Mail) {
                Ok(_) => self.behind(Stage::Mail, Step::Recipients(0)),
                Err(refused) => refused,
            },
            Step::Recipients(named) => self.recipient(session, named),
            Step::Envelope { with_data } => self.envelope_answered(session, with_data),
            Step::Data => self.data(session),
            Step::Asked => self.post(session),
            Step::Chunks(sent) => self.chunk(session, sent),
            Step::Verdict => self.verdict(session),
            Step::Quit if session.dialogue().phase() == Phase::Content => {
                // A dot would end it as a letter; only the connection's end says that there is none.
                Turn::Do(Act::Close, Step::Left)
            }
            Step::Quit => line(b"QUIT", Step::Bye),
            // Behind 221 the network sees to the end; a server that says anything else to QUIT may wait for ours for ever.
            Step::Bye if session.dialogue().phase() != Phase::Closing => Turn::Do(Act::Close, Step::Left),
            Step::Bye | Step::Left => Turn::Wait,
        }
    }

    /// The next step, or the goodbye if this was the last stage that is wanted.
    fn behind(&self, stage: Stage, next: Step) -> Turn {
        if stage >= self.wish.until { Turn::Stop(self.fine(stage, String::new())) } else { Turn::On(next) }
    }

    /// EHLO, unless the way to TLS has said it already; HELO where the server does not know it (RFC 5321 §3.2).
    fn hello(&mut self, session: &Session, helo: bool) -> Turn {
        let dialogue = session.dialogue();
        if dialogue.hello().is_some() {
            return self.behind(Stage::Hello, Step::Login);
        }
        let lmtp = dialogue.wants_lmtp();
        let said = last(session).is_some_and(|last| last.verb().and_then(Stage::of) == Some(Stage::Hello));
        let verb: &[u8] = match (said, helo) {
            // The network itself says EHLO and STARTTLS.
            (false, _) if leads_to_tls(session) => return Turn::Wait,
            (false, _) if lmtp => b"LHLO ",
            (false, _) => b"EHLO ",
            (true, false)
                if !lmtp
                    && !dialogue.is_secured()
                    && last_code(session).is_some_and(|code| (500..=504).contains(&code)) =>
            {
                b"HELO "
            }
            (true, _) => {
                return match answered(session, Stage::Hello) {
                    Err(refused) => refused,
                    Ok(_) => Turn::Wait,
                };
            }
        };
        let helo = verb == b"HELO ";
        line(&[verb, self.wish.hello.as_bytes()].concat(), Step::Hello { helo })
    }

    fn data(&self, session: &Session) -> Turn {
        if self.in_chunks(session) {
            return Turn::On(Step::Chunks(0));
        }
        line(b"DATA", Step::Asked)
    }

    /// DATA is answered: the letter goes, if it is asked for.
    fn post(&mut self, session: &Session) -> Turn {
        if session.dialogue().phase() != Phase::Content {
            return refusal(session, Stage::Data);
        }
        if self.wish.until <= Stage::Data {
            return Turn::Stop(self.fine(Stage::Data, String::new()));
        }
        let Letter { body, survey, .. } = &self.wish.letter;
        let octets = Some(survey.normalised.taken);
        let letter = net::Letter { body: body.clone(), wire: Wire::Normalise, octets };
        Turn::Do(Act::Post(letter), Step::Verdict)
    }

    /// The next chunk, unless the one before was refused (RFC 3030 §2).
    fn chunk(&mut self, session: &Session, sent: usize) -> Turn {
        if sent > 0
            && let Err(refused) = answered(session, Stage::Data)
        {
            return refused;
        }
        let net::Body::Octets(letter) = &self.wish.letter.body else {
            let say = "Chunks go from memory, and this letter is too large for it: leave --bdat out.";
            return Turn::Stop(Outcome::stopped(2, Stage::Data, "send/too-large-for-chunks", say));
        };
        let size = self.wish.chunk.unwrap_or(letter.len());
        match cut(letter, &[size], false).into_iter().nth(sent) {
            None => Turn::On(Step::Verdict),
            Some((chunk, octets)) => {
                let octets = [b"BDAT ", chunk.encode().as_bytes(), b"\r\n", &octets].concat();
                let next = if chunk.last { Step::Verdict } else { Step::Chunks(sent + 1) };
                Turn::Do(Act::Send(Arc::from(octets)), next)
            }
        }
    }

    /// The letter has gone whole: what the server says decides (RFC 5321 §4.2.5); in LMTP it says so for each recipient.
    fn verdict(&mut self, session: &Session) -> Turn {
        let last = session.dialogue().exchanges().iter().skip(self.before.unwrap_or_default());
        let verdicts: Vec<&Exchange> = last.filter(|exchange| exchange.answer.is_some()).collect();
        let envelope = session.dialogue().letters().last().map(|letter| &letter.envelope);
        let named = |exchange: &Exchange| {
            let recipient = envelope.zip(exchange.recipient).and_then(|(it, at)| it.recipients.get(at as usize));
            recipient.map(|recipient| format!("{}: ", safe::plain(&recipient.path)))
        };
        let refused: Vec<String> = verdicts
            .iter()
            .filter(|exchange| !exchange.succeeded())
            .map(|exchange| format!("{}{}", named(exchange).unwrap_or_default(), session.said(exchange)))
            .collect();
        let Some(taken) = verdicts.iter().find(|exchange| exchange.succeeded()) else {
            return refusal(session, Stage::Final);
        };
        self.refused.extend(refused);
        let said = session.said(taken);
        Turn::Stop(self.fine(Stage::Final, said))
    }

    /// All went well so far; or not for all recipients.
    fn fine(&self, stage: Stage, say: String) -> Outcome {
        if self.refused.is_empty() {
            return Outcome { say, ..Outcome::fine(stage) };
        }
        let (refused, all) = (self.refused.len(), self.wish.recipients.len());
        let went = if stage >= Stage::Final { "; the letter went to the others" } else { "" };
        let say = format!("{refused} of {all} recipients refused{went}: {}", self.refused.join("; "));
        Outcome::stopped(5, Stage::Rcpt, "send/recipient-refused", say)
    }

    fn in_chunks(&self, session: &Session) -> bool {
        self.wish.chunk.is_some() && offers(session, "CHUNKING")
    }

    /// Why so many recipients do not leave by themselves (SAFETY, abuse rules).
    fn bulk(&self, session: &Session) -> Option<Outcome> {
        if session.world() != World::Live || self.wish.own_server {
            return None;
        }
        let domain = |recipient: &String| recipient.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase());
        let domains: BTreeSet<_> = self.wish.recipients.iter().filter_map(domain).collect();
        let most = match () {
            () if self.wish.recipients.len() > BULK => format!("{BULK} recipients"),
            () if domains.len() > DOMAINS => format!("{DOMAINS} domain"),
            () => return None,
        };
        let say = format!(
            "A letter to a server of others goes to at most {most} by itself. If you run it, say --i-run-this-server"
        );
        Some(Outcome::stopped(7, Stage::Rcpt, "policy/bulk", say))
    }
}

/// What came of one step.
enum Turn {
    /// The next step can be taken at once.
    On(Step),
    /// Something is still to come.
    Wait,
    /// Do this; then the next step is due.
    Do(Act, Step),
    /// It ends here, with a goodbye.
    Stop(Outcome),
}

/// The last thing that was asked, if it was answered with yes.
fn answered(session: &Session, stage: Stage) -> Result<&Exchange, Turn> {
    let last = last(session).filter(|last| last.succeeded());
    last.ok_or_else(|| refusal(session, stage))
}

/// The server said no, or something that is neither.
fn refusal(session: &Session, stage: Stage) -> Turn {
    let said = last(session).map_or_else(String::new, |last| session.said(last));
    Turn::Stop(Outcome::stopped(5, stage, "send/refused", said))
}

/// True where the network leads to TLS, unless that came to nothing.
fn leads_to_tls(session: &Session) -> bool {
    matches!(session.target.opening, Opening::Require | Opening::Prefer) && !session.missed_tls()
}

/// The last thing that was answered, or began to be.
fn last(session: &Session) -> Option<&Exchange> {
    session.dialogue().exchanges().iter().rev().find(|exchange| exchange.answer.is_some())
}

fn last_code(session: &Session) -> Option<u16> {
    last(session)?.code().map(crate::smtp::code::Code::get)
}

fn offers(session: &Session, keyword: &str) -> bool {
    session.dialogue().extensions().is_some_and(|offered| offered.has(keyword))
}

/// A line of its own.
fn line(text: &[u8], next: Step) -> Turn {
    Turn::Do(Act::Send(Arc::from([text, b"\r\n"].concat())), next)
}
