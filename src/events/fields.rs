//! The fields of each event, made from what the session knows. What must not be shown is masked before it goes in.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Diff, What};
use crate::dialogue::Capabilities;
use crate::dialogue::exchange::{Cause, Exchange, ExchangeId};
use crate::knowledge::Problem;
use crate::ports::lab::{Visit, VisitId};
use crate::ports::net::Opening;
use crate::safe;
use crate::session::{Session, transcript, words};
use crate::smtp::command::{Command, Verb};
use crate::smtp::extension::{Extensions, Keyword};
use crate::smtp::line::{Ending, Line as Split};
use crate::smtp::reply::Reply;
use crate::smtp::sasl::encode;
use crate::tape::Span;
use crate::tape::mark::{self, Mark};
use crate::tape::told::Means;

fn plain(octets: &[u8]) -> String {
    safe::plain(octets).into_string()
}

/// Milliseconds, with three decimals at most.
#[expect(clippy::cast_precision_loss, reason = "microseconds of a conversation are far below 2^53")]
pub(super) fn millis(took: Duration) -> f64 {
    took.as_micros() as f64 / 1e3
}

/// The same of a conversation; nothing of one whose log tells no times.
pub(super) fn passed(session: &Session, took: Duration) -> Option<f64> {
    session.tells_times().then(|| millis(took))
}

/// A line of the client.
pub(super) struct Line<'a> {
    pub(super) session: &'a Session,
    pub(super) span: Span,
    pub(super) raw: &'a [u8],
    pub(super) stage: &'static str,
    pub(super) tls: bool,
}

impl Line<'_> {
    /// A command.
    pub(super) fn command(&self, command: &Command<'_>, gap: Option<f64>, early: bool) -> What {
        let verb = match command.verb {
            Verb::Other => plain(&command.word().to_ascii_uppercase()),
            verb => verb.name().to_owned(),
        };
        let hidden = self.session.hidden(self.span, self.raw);
        let at = command.argument_span.start;
        let behind: Vec<_> = hidden
            .iter()
            .filter(|range| range.end > at)
            .map(|range| range.start.saturating_sub(at)..range.end.saturating_sub(at).min(command.argument.len()))
            .collect();
        let arg = transcript::hide(command.argument, &behind, plain);
        let with_params = matches!(command.verb, Verb::Mail | Verb::Rcpt) && hidden.is_empty();
        let params = if with_params { params(command) } else { BTreeMap::new() };
        What::Cmd {
            stage: self.stage,
            verb,
            arg,
            params,
            raw: self.base64(),
            bytes: self.raw.len() as u64,
            ending: ending(self.raw),
            gap,
            early,
            tls: self.tls,
        }
    }

    /// The lone dot.
    pub(super) fn dot(&self, gap: Option<f64>) -> What {
        What::Cmd {
            stage: self.stage,
            verb: "END".to_owned(),
            arg: String::new(),
            params: BTreeMap::new(),
            raw: self.base64(),
            bytes: self.raw.len() as u64,
            ending: ending(self.raw),
            gap,
            early: false,
            tls: self.tls,
        }
    }

    /// The exact bytes; where some must not be shown, asterisks.
    fn base64(&self) -> String {
        let mut octets = self.raw.to_vec();
        for range in self.session.hidden(self.span, self.raw) {
            octets.get_mut(range).unwrap_or_default().fill(b'*');
        }
        encode(&octets)
    }
}

fn params(command: &Command<'_>) -> BTreeMap<String, String> {
    let arguments = command.parsed();
    let pair = |param: &crate::smtp::params::Param| {
        let value = param.value.as_deref().map(plain).unwrap_or_default();
        (plain(&param.keyword.to_ascii_uppercase()), value)
    };
    arguments.params().iter().map(pair).collect()
}

fn ending(raw: &[u8]) -> &'static str {
    match Split::of(raw).ending {
        Ending::CrLf => "CRLF",
        Ending::CrCrLf => "CRCRLF",
        Ending::Lf => "LF",
        Ending::Open => "",
    }
}

/// An answer to a challenge.
pub(super) fn sasl(session: &Session, id: ExchangeId, span: Span, raw: &[u8]) -> Option<What> {
    let place = session.dialogue().place_in_login(session.tape(), id)?;
    let text = Split::of(raw).text;
    let fields = transcript::hide(text, &session.hidden(span, raw), plain);
    Some(What::Sasl { mech: plain(&place.mechanism.to_ascii_uppercase()), step: place.step, fields })
}

/// A whole reply.
pub(super) fn reply(session: &Session, exchange: &Exchange, stage: &'static str) -> What {
    let Some(answer) = exchange.answer else {
        return What::TlsFail { alert: String::new() };
    };
    let bytes = session.tape().bytes(answer.span);
    let parsed = Reply::parse(&bytes);
    let said = |reply: &Reply| {
        let lines: Vec<_> = reply.lines.iter().map(|line| session.masked(reply.words(line), plain)).collect();
        lines.join("\n")
    };
    let text = parsed.as_ref().map(said).unwrap_or_default();
    let ms = passed(session, answer.first.since(exchange.asked));
    let code = answer.code.get();
    if exchange.cause == Cause::Greeting {
        let esmtp = text.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|word| word == "ESMTP");
        let host = text.split(' ').next().unwrap_or_default().to_owned();
        return What::Greet { code, host, lines: answer.lines, esmtp, ms, text };
    }
    let to = match exchange.cause {
        Cause::Command(Verb::Other) => {
            exchange.command.map(|span| plain(Command::parse(&session.tape().bytes(span)).word())).unwrap_or_default()
        }
        Cause::Command(verb) => verb.name().to_owned(),
        Cause::EndOfData => "END".to_owned(),
        Cause::Sasl => "AUTH".to_owned(),
        Cause::Greeting | Cause::Unasked => String::new(),
    };
    What::Reply {
        stage,
        to,
        code,
        class: code / 100,
        enh: answer.status.map(|status| format!("{}.{}.{}", status.class, status.subject, status.detail)),
        lines: answer.lines,
        text,
        ms,
        multi: answer.lines > 1,
        tls: exchange.tls,
    }
}

/// The last of the offers, with what changed since the one before.
pub(super) fn offer(offers: &[Capabilities]) -> Option<What> {
    let (last, before) = offers.split_last()?;
    let behind = |keyword: &Keyword| {
        let params: Vec<_> = keyword.params.iter().map(|param| plain(param.as_ref())).collect();
        (plain(keyword.name.to_ascii_uppercase().as_bytes()), params.join(" "))
    };
    let listed = last.extensions.keywords().iter().map(behind).collect();
    let diff = before.last().map(|before| diff(&before.extensions, &last.extensions));
    Some(What::Caps { list: listed, tls: last.tls, diff })
}

fn diff(before: &Extensions, now: &Extensions) -> Diff {
    let names = |keywords: &[&Keyword]| keywords.iter().map(|keyword| plain(keyword.name.as_bytes())).collect();
    let diff = before.diff(now);
    Diff { new: names(&diff.new), gone: names(&diff.gone) }
}

/// What a reply decided beyond itself: a login, or a letter.
pub(super) fn verdict(session: &Session, id: ExchangeId, exchange: &Exchange) -> Option<What> {
    let code = exchange.code()?.get();
    match exchange.cause {
        Cause::Command(Verb::Auth) | Cause::Sasl if code != 334 => {
            let place = session.dialogue().place_in_login(session.tape(), id).map(|place| place.mechanism);
            let typed = || {
                let line = session.tape().bytes(exchange.command?);
                Command::parse(&line).mechanism().map(<[u8]>::to_vec)
            };
            let mech = place.or_else(typed).unwrap_or_default();
            Some(What::Auth { mech: plain(&mech.to_ascii_uppercase()), ok: code == 235 })
        }
        Cause::EndOfData | Cause::Command(Verb::Bdat) if exchange.succeeded() => accepted(session, id, exchange),
        _ => None,
    }
}

fn accepted(session: &Session, id: ExchangeId, exchange: &Exchange) -> Option<What> {
    let letters = session.dialogue().letters();
    let letter = letters.iter().rev().find(|letter| letter.exchange == id || exchange.recipient.is_some())?;
    let rcpts = match exchange.recipient.and_then(|index| letter.envelope.recipients.get(index as usize)) {
        Some(recipient) => vec![plain(&recipient.path)],
        None => letter.envelope.accepted().map(|recipient| plain(&recipient.path)).collect(),
    };
    let from = plain(letter.envelope.reverse_path.as_deref().unwrap_or_default());
    let bytes = exchange.answer.map(|answer| session.tape().bytes(answer.span).into_owned()).unwrap_or_default();
    Some(What::Accept { server: session.peer().to_owned(), id: queue_id(&plain(&bytes)), from, rcpts })
}

/// The id that a server gives a letter, where its words are the usual ones: `queued as H-0001`, `id=1a2b-3c`.
fn queue_id(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let at = ["queued as ", "id="].iter().find_map(|words| lower.find(words).map(|at| at + words.len()))?;
    let id: String = text
        .get(at..)?
        .chars()
        .take_while(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(*letter))
        .collect();
    Some(id).filter(|id| !id.is_empty())
}

/// What happened that is not bytes.
pub(super) fn mark(mark: &Mark, session: &Session) -> Option<What> {
    Some(match mark {
        Mark::Opened(opened) => What::Open {
            host: plain(opened.host.as_bytes()),
            ip: opened.peer.ip().map_or_else(|| plain(opened.peer.to_string().as_bytes()), |ip| ip.to_string()),
            port: opened.peer.port(),
            mode: mode(session),
            client: opened.local.map(|local| local.to_string()).unwrap_or_default(),
        },
        Mark::Told(told) => return heard(&told.means, session),
        Mark::Refused(attempt) => What::OpenFail {
            host: plain(attempt.host.as_bytes()),
            ip: plain(attempt.peer.to_string().as_bytes()),
            why: unreached(attempt.why),
            say: plain(words::of(mark).as_bytes()),
        },
        Mark::GaveUp(failure) => What::OpenFail {
            host: plain(session.target.host.as_bytes()),
            ip: String::new(),
            why: if matches!(failure, mark::Failure::NoAddress { .. }) { "dns" } else { last_reason(session) },
            say: plain(words::of(mark).as_bytes()),
        },
        Mark::TlsReady(facts) => What::Tls {
            version: plain(facts.version.as_bytes()),
            suite: plain(facts.suite.as_bytes()),
            group: facts.group.clone(),
            sni: facts.sni.as_ref().map(|sni| plain(sni.as_bytes())),
            verify: if facts.verified() {
                "ok"
            } else if facts.is_own() {
                "none"
            } else {
                "untrusted"
            },
        },
        Mark::TlsFailed(_) => {
            let why = words::of(mark);
            What::TlsFail { alert: plain(why.strip_prefix("TLS failed: ").unwrap_or(&why).as_bytes()) }
        }
        Mark::Closed(closed) => What::Close { clean: closed.how == mark::Ending::Clean, how: words::of(mark) },
        _ => return None,
    })
}

/// What a log tells that is not bytes; what it does not tell is empty, or `unknown`.
fn heard(means: &Means, session: &Session) -> Option<What> {
    let named = |text: &Option<String>| plain(text.as_deref().unwrap_or_default().as_bytes());
    Some(match means {
        Means::Opened { ip, port, .. } => What::Open {
            host: plain(session.target.host.as_bytes()),
            ip: ip.map(|ip| ip.to_string()).unwrap_or_default(),
            port: *port,
            mode: mode(session),
            client: String::new(),
        },
        Means::Secured { version, suite } => {
            What::Tls { version: named(version), suite: named(suite), group: None, sni: None, verify: "unknown" }
        }
        Means::Closed { .. } => What::Close { clean: true, how: "the log says so".into() },
        Means::Nothing | Means::Letter => return None,
    })
}

fn mode(session: &Session) -> &'static str {
    if session.target.opening == Opening::ImplicitTls { "tls" } else { "plain" }
}

/// Why the last address that was tried gave no connection.
fn last_reason(session: &Session) -> &'static str {
    let tried = session.tape().marks().iter().rev().find_map(|(_, mark)| match mark {
        Mark::Refused(attempt) => Some(attempt.why),
        _ => None,
    });
    tried.map_or("other", unreached)
}

fn unreached(why: mark::Unreached) -> &'static str {
    match why {
        mark::Unreached::Refused => "refused",
        mark::Unreached::TimedOut => "timeout",
        mark::Unreached::Unreachable => "unreach",
        mark::Unreached::Reset => "reset",
        mark::Unreached::Local | mark::Unreached::Source => "other",
    }
}

/// A problem.
pub(super) fn problem(problem: &Problem) -> What {
    What::Problem {
        id: problem.entry.id.clone(),
        confidence: problem.confidence().word(),
        say: plain(problem.say().as_bytes()),
    }
}

/// The visit that a session is the record of.
pub(super) fn visit(session: &Session) -> Visit {
    let opened = session.opened();
    let nowhere = || ([0, 0, 0, 0], session.target.port).into();
    Visit {
        id: VisitId(session.id.0),
        host: session.target.host.clone(),
        to: opened.and_then(|opened| opened.peer.inet()).unwrap_or_else(nowhere),
        tls: session.target.opening == Opening::ImplicitTls,
        from: opened.and_then(|opened| opened.local).unwrap_or_else(nowhere),
    }
}
