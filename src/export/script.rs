//! A recording as a script of the dialogue language, which `ehlo run` plays again: what the client did, and the replies.
//!
//! A login is led anew, for no secret stands in a script; a letter stands in it whole, without the dots that SMTP adds.
//! Lines that left before the replies to those before them stay together, in a `pipeline`.

use std::fmt::Write as _;

use super::eml::letter_of;
use super::page::Page;
use crate::dialogue::exchange::{Cause, Exchange, ExchangeId};
use crate::dialogue::row::{Row, What};
use crate::record::line::Line;
use crate::record::reader::Recording;
use crate::safe;
use crate::session::Session;
use crate::session::target::spelled;
use crate::session::visits::Caller;
use crate::smtp::command::{Command, Verb};

/// The recording as a script. What hosts of the lab said to each other is not in it.
pub fn print(recording: &Recording, page: &Page) -> String {
    let relays: Vec<_> = recording
        .lines
        .iter()
        .filter_map(|line| match line {
            Line::Session(begun) if matches!(begun.caller, Some(Caller::Relay(_))) => Some(begun.s),
            _ => None,
        })
        .collect();
    let mut out = String::new();
    for session in page.model.sessions().iter().filter(|session| !relays.contains(&session.id)) {
        let _ = writeln!(out, "# {}", page.heading(session));
        let target = safe::plain(spelled(&session.target).as_bytes()).into_string();
        if session.target.host.is_empty() {
            out.push_str("# The log does not say which host this was: name it, as in the next line.\n# ");
        }
        let named = if session.target.host.is_empty() { "mx1.harbor.test:25" } else { target.as_str() };
        let _ = writeln!(out, "connect {named}");
        Steps { session, out: &mut out, told: 0 }.put();
        out.push('\n');
    }
    out
}

/// The steps of a session, one after the other.
struct Steps<'a> {
    session: &'a Session,
    out: &'a mut String,
    /// Exchanges whose replies are written, or taken by the steps themselves.
    told: usize,
}

impl Steps<'_> {
    fn put(&mut self) {
        let rows = self.session.dialogue().rows();
        let mut group: Vec<String> = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            match row.what {
                What::Command(id) => {
                    if let Some(line) = self.line(id) {
                        self.expect_before(id, group.is_empty());
                        group.push(line);
                    } else {
                        self.leave(&mut group);
                        self.expect_before(id, true);
                        self.special(id, index);
                    }
                }
                What::Reply { .. } => self.leave(&mut group),
                _ => {}
            }
        }
        self.leave(&mut group);
        let end = u32::try_from(self.session.dialogue().exchanges().len()).unwrap_or(u32::MAX);
        self.expect_before(ExchangeId(end), true);
    }

    /// A command that is a line of its own; nothing for one that a step of the language leads.
    fn line(&self, id: ExchangeId) -> Option<String> {
        let exchange = self.session.dialogue().exchange(id)?;
        let leads = match exchange.verb() {
            Some(Verb::Auth | Verb::Bdat) => true,
            Some(Verb::StartTls) => self.session.dialogue().is_secured(),
            Some(Verb::Data) => exchange.code().is_some_and(|code| code.get() == 354),
            _ => false,
        };
        let octets = self.session.tape().bytes(exchange.command.filter(|_| !leads)?);
        let text = octets.strip_suffix(b"\r\n").and_then(|text| std::str::from_utf8(text).ok());
        let plain = text.filter(|text| !text.chars().any(char::is_control));
        Some(match plain {
            Some(text) => format!("> {}", text.replace('{', "{{")),
            None => format!(">> \"{}\"", escaped(&octets)),
        })
    }

    /// What was gathered leaves, in one write if it was more than one line.
    fn leave(&mut self, group: &mut Vec<String>) {
        let together = group.len() > 1 && group.iter().all(|line| line.starts_with("> "));
        if together {
            self.out.push_str("pipeline\n");
        }
        for line in group.drain(..) {
            self.out.push_str(&line);
            self.out.push('\n');
        }
        if together {
            self.out.push_str("end\n");
        }
    }

    /// The replies to what was asked before this.
    fn expect_before(&mut self, id: ExchangeId, now: bool) {
        if !now {
            return;
        }
        let exchanges = self.session.dialogue().exchanges();
        for exchange in exchanges.get(self.told..id.index()).unwrap_or_default() {
            let expected = exchange.answer.filter(|answer| answer.complete).filter(|_| !is_led(exchange, self.session));
            if let Some(answer) = expected {
                let status = answer.status.map(|status| format!(" {status}")).unwrap_or_default();
                let _ = writeln!(self.out, "< {}{status}", answer.code.get());
            }
        }
        self.told = self.told.max(id.index());
    }

    /// TLS, a login or a letter.
    fn special(&mut self, id: ExchangeId, index: usize) {
        let dialogue = self.session.dialogue();
        let Some(exchange) = dialogue.exchange(id) else { return };
        let octets = exchange.command.map(|span| self.session.tape().bytes(span)).unwrap_or_default();
        let command = Command::parse(&octets);
        match exchange.verb() {
            Some(Verb::StartTls) => self.out.push_str("tls\n"),
            Some(Verb::Auth) => {
                let mechanism = safe::plain(command.mechanism().unwrap_or_default()).into_string().to_ascii_uppercase();
                let user = super::commands::login(self.session).map(|(_, user)| user).unwrap_or_default();
                let _ = writeln!(self.out, "auth {mechanism} {user}");
            }
            Some(Verb::Data) => self.letter("data", index),
            Some(Verb::Bdat) => {
                let first =
                    dialogue.exchanges().get(..id.index()).and_then(|before| before.last()).and_then(Exchange::verb);
                if first != Some(Verb::Bdat) {
                    self.letter("bdat", index);
                }
            }
            _ => {}
        }
    }

    fn letter(&mut self, verb: &str, index: usize) {
        let rows: &[Row] = self.session.dialogue().rows().get(index..).unwrap_or_default();
        let Some(letter) = letter_of(self.session, rows) else {
            let _ = writeln!(self.out, "# the letter that went here was not kept whole\n{verb} \"\"");
            return;
        };
        let text = std::str::from_utf8(&letter).ok().filter(|text| {
            let bare = text.replace("\r\n", "");
            (text.is_empty() || text.ends_with("\r\n")) && !bare.chars().any(|char| char.is_control() && char != '\t')
        });
        match text {
            Some(text) if text.lines().all(|line| line != "END") => {
                let body = text.replace("\r\n", "\n").replace('{', "{{");
                let _ = writeln!(self.out, "{verb} <<END\n{body}END");
            }
            _ => {
                let raw = if verb == "data" { "raw " } else { "" };
                let _ = writeln!(self.out, "{verb} {raw}\"{}\"", escaped(&letter));
            }
        }
    }
}

/// True for a reply that the step itself takes.
fn is_led(exchange: &Exchange, session: &Session) -> bool {
    match exchange.cause {
        Cause::Sasl | Cause::Command(Verb::Auth) => exchange.code().is_none_or(|code| code.get() < 400),
        Cause::Command(Verb::StartTls) => session.dialogue().is_secured(),
        Cause::Command(Verb::Data) => exchange.code().is_some_and(|code| code.get() == 354),
        // The step sends the letter in one chunk.
        Cause::Command(Verb::Bdat) => {
            let line = exchange.command.map(|span| session.tape().bytes(span)).unwrap_or_default();
            Command::parse(&line).chunk().is_some_and(|chunk| !chunk.last)
        }
        _ => false,
    }
}

/// Octets between double quotes, with the escapes of C; braces stand for themselves.
fn escaped(octets: &[u8]) -> String {
    let mut out = String::new();
    for octet in octets {
        match octet {
            b'\r' => out.push_str("\\r"),
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b'"' | b'\\' => {
                out.push('\\');
                out.push(char::from(*octet));
            }
            b'{' => out.push_str("{{"),
            0x20..=0x7e => out.push(char::from(*octet)),
            other => {
                let _ = write!(out, "\\x{other:02x}");
            }
        }
    }
    out
}
