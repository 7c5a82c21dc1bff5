//! A recording as a script of the dialogue language, which `ehlo run` plays again: what the client did, and the replies.
//!
//! A login is led anew, for no secret stands in a script; a letter stands in it whole, without the dots that SMTP adds.
//! Lines that left before the replies to those before them stay together, in a `pipeline`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::eml::{is_masked, letter_of};
use super::page::Page;
use crate::dialogue::exchange::{Cause, Exchange, ExchangeId};
use crate::dialogue::row::{Row, What};
use crate::ports::net::{Checks, Opening, Sni};
use crate::safe;
use crate::session::Session;
use crate::session::target::spelled;
use crate::smtp::bdat::{Chunk, cut};
use crate::smtp::command::{Command, Verb};
use crate::smtp::sasl::client::Mechanism;
use crate::tape::Side;
use crate::tape::mark::{Closed, Mark};
use crate::tape::tls::TlsFacts;

/// The recording as a script. What hosts of the lab said to each other is not in it.
pub fn print(page: &Page) -> String {
    let mut out = String::new();
    for session in page.talks() {
        let _ = writeln!(out, "# {}", page.heading(session));
        let target = safe::plain(spelled(&session.target).as_bytes()).into_string();
        if session.target.host.is_empty() {
            out.push_str("# The log does not say which host this was: name it, as in the next line.\n# ");
        }
        let named = if session.target.host.is_empty() { "mx1.harbor.test:25" } else { target.as_str() };
        let _ = writeln!(out, "connect {named}");
        Steps { session, out: &mut out, told: 0, silent: BTreeSet::new(), chunked: 0, over: false }.put();
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
    /// Exchanges whose replies are written elsewhere, taken by a step, or not in the script.
    silent: BTreeSet<ExchangeId>,
    /// Chunks before this exchange are written.
    chunked: usize,
    /// A handshake failed: nothing follows it.
    over: bool,
}

impl Steps<'_> {
    fn put(&mut self) {
        let wishes = wishes(self.session);
        if self.session.target.opening == Opening::ImplicitTls && !wishes.is_empty() {
            let _ = writeln!(self.out, "tls{wishes}");
        }
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
                        if self.over {
                            return;
                        }
                    }
                }
                What::Reply { .. } => self.leave(&mut group),
                _ => {}
            }
        }
        self.leave(&mut group);
        let end = u32::try_from(self.session.dialogue().exchanges().len()).unwrap_or(u32::MAX);
        self.expect_before(ExchangeId(end), true);
        let unanswered = self.session.dialogue().exchanges().last().is_some_and(|last| last.answer.is_none());
        let closed = |mark: &Mark| matches!(mark, Mark::Closed(Closed { by: Side::Server, .. }));
        if unanswered && self.session.tape().marks().iter().any(|(_, mark)| closed(mark)) {
            self.out.push_str("<< close\n");
        }
    }

    /// A command that is a line of its own; nothing for one that a step of the language leads.
    fn line(&self, id: ExchangeId) -> Option<String> {
        let exchange = self.session.dialogue().exchange(id)?;
        let leads = match exchange.verb() {
            Some(Verb::Auth | Verb::Bdat) => true,
            Some(Verb::StartTls) => self.begins_tls(exchange),
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

    /// True for a STARTTLS that a handshake followed, however that ended.
    fn begins_tls(&self, exchange: &Exchange) -> bool {
        exchange.succeeded() && (self.session.dialogue().is_secured() || self.session.tls_failure().is_some())
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
        for (place, exchange) in (0..).zip(exchanges).take(id.index()).skip(self.told) {
            if !self.silent.contains(&ExchangeId(place)) && !self.is_led(exchange) {
                self.expect(exchange);
            }
        }
        self.told = self.told.max(id.index());
    }

    fn expect(&mut self, exchange: &Exchange) {
        if let Some(answer) = exchange.answer.filter(|answer| answer.complete) {
            let status = answer.status.map(|status| format!(" {status}")).unwrap_or_default();
            let _ = writeln!(self.out, "< {}{status}", answer.code.get());
        }
    }

    /// True for a reply that the step itself takes.
    fn is_led(&self, exchange: &Exchange) -> bool {
        match exchange.cause {
            Cause::Sasl | Cause::Command(Verb::Auth) => exchange.code().is_none_or(|code| code.get() < 400),
            Cause::Command(Verb::StartTls) => self.begins_tls(exchange),
            Cause::Command(Verb::Data) => exchange.code().is_some_and(|code| code.get() == 354),
            _ => false,
        }
    }

    /// TLS, a login or a letter.
    fn special(&mut self, id: ExchangeId, index: usize) {
        match self.session.dialogue().exchange(id).and_then(Exchange::verb) {
            Some(Verb::StartTls) => {
                let wishes = wishes(self.session);
                let _ = writeln!(self.out, "tls{wishes}");
                // The step says QUIT itself.
                self.over = wishes.ends_with(FAILS);
            }
            Some(Verb::Auth) => self.login(id, index),
            Some(Verb::Data) => self.letter(index),
            Some(Verb::Bdat) if id.index() >= self.chunked => self.chunks(index),
            _ => {}
        }
    }

    /// A login by its mechanism and user; one that the language cannot say is a remark.
    fn login(&mut self, id: ExchangeId, index: usize) {
        let (dialogue, tape) = (self.session.dialogue(), self.session.tape());
        let behind = dialogue.rows().get(index + 1..).unwrap_or_default();
        let rows = behind.iter().take_while(|row| !matches!(row.what, What::Command(_)));
        let end = index + 1 + rows.clone().count();
        let answers: Vec<_> = rows
            .filter_map(|row| match row.what {
                What::Sasl(exchange) => Some((exchange, row.span()?)),
                _ => None,
            })
            .collect();
        let line = dialogue.exchange(id).and_then(|it| it.command).map(|span| tape.bytes(span)).unwrap_or_default();
        let name = Command::parse(&line).mechanism().unwrap_or_default().to_vec();
        let user = super::commands::login(self.session, index..end).map(|(_, user)| user).unwrap_or_default();
        let given_up = answers.iter().any(|(_, span)| tape.bytes(*span).trim_ascii_end() == b"*");
        let sayable = |mechanism: &Mechanism| {
            let nobody = matches!(mechanism, Mechanism::External | Mechanism::Anonymous);
            !given_up && !user.contains(char::is_whitespace) && (nobody || !user.is_empty())
        };
        if let Some(mechanism) = Mechanism::from_name(&name).filter(sayable) {
            let _ = writeln!(self.out, "auth {} {}", mechanism.name(), user.replace('{', "{{"));
        } else {
            let _ = writeln!(self.out, "# A login with {} stood here.", safe::plain(&name).into_string());
            self.silent.extend(answers.into_iter().map(|(exchange, _)| exchange).chain([id]));
        }
    }

    /// A letter that DATA began.
    fn letter(&mut self, index: usize) {
        let rows = self.session.dialogue().rows().get(index..).unwrap_or_default();
        let Some(sent) = letter_of(self.session, rows) else {
            self.out.push_str("# The letter that went here was not kept whole.\ndata \"\"\n");
            return;
        };
        if sent.masked {
            self.out.push_str(MASKED);
        }
        if let Some(text) = plain(&sent.octets) {
            let _ = writeln!(self.out, "data <<END\n{text}END");
            return;
        }
        // In raw form it stands as it stood on the wire.
        let content = rows.iter().take_while(|row| !matches!(row.what, What::EndOfData(_)));
        let content = content.filter(|row| matches!(row.what, What::Content { .. })).filter_map(Row::span);
        let wire: Vec<u8> = content.flat_map(|span| self.session.tape().bytes(span).into_owned()).collect();
        let _ = writeln!(self.out, "data raw \"{}\"", escaped(&wire));
    }

    /// The chunks that begin here: a letter if they are of one size and were taken, else each as its octets.
    fn chunks(&mut self, index: usize) {
        let chunks = self.gather(index);
        let Some((last, before)) = chunks.split_last() else { return };
        self.chunked = last.id.index() + 1;
        self.silent.extend(before.iter().map(|chunk| chunk.id));
        if chunks.iter().any(|chunk| chunk.masked) {
            self.out.push_str(MASKED);
        }
        let letter: Vec<u8> = chunks.iter().flat_map(|chunk| chunk.octets.iter().copied()).collect();
        let size = chunks.first().map_or(0, |first| first.octets.len());
        let alike = cut(&letter, &[size], false).into_iter().map(|(head, _)| Some(head));
        if alike.eq(chunks.iter().map(|chunk| chunk.head)) && before.iter().all(|chunk| self.took(chunk.id)) {
            let option = if before.is_empty() { String::new() } else { format!(" chunk={size}") };
            let _ = match plain(&letter) {
                Some(text) => writeln!(self.out, "bdat <<END{option}\n{text}END"),
                None => writeln!(self.out, "bdat raw \"{}\"{option}", escaped(&letter)),
            };
            return;
        }
        for chunk in &chunks {
            let Some(exchange) = self.session.dialogue().exchange(chunk.id) else { continue };
            let head = exchange.command.map(|span| self.session.tape().bytes(span)).unwrap_or_default();
            let _ = writeln!(self.out, ">> \"{}{}\"", escaped(&head), escaped(&chunk.octets));
            if chunk.id != last.id {
                self.expect(exchange);
            }
        }
    }

    fn took(&self, id: ExchangeId) -> bool {
        self.session.dialogue().exchange(id).is_some_and(Exchange::succeeded)
    }

    /// The chunks from this row on, up to another command or the end of the letter.
    fn gather(&self, index: usize) -> Vec<Chunked> {
        let mut chunks: Vec<Chunked> = Vec::new();
        for row in self.session.dialogue().rows().get(index..).unwrap_or_default() {
            let octets = row.span().map(|span| self.session.tape().bytes(span)).unwrap_or_default();
            match row.what {
                What::Command(id) => {
                    let command = Command::parse(&octets);
                    if command.verb != Verb::Bdat || chunks.last().is_some_and(Chunked::is_last) {
                        break;
                    }
                    chunks.push(Chunked { id, head: command.chunk(), octets: Vec::new(), masked: false });
                }
                What::Chunk(_) => {
                    let Some((chunk, span)) = chunks.last_mut().zip(row.span()) else { continue };
                    chunk.octets.extend_from_slice(&octets);
                    chunk.masked |= is_masked(self.session, span, &octets);
                }
                _ => {}
            }
        }
        chunks
    }
}

/// A chunk as it went.
struct Chunked {
    id: ExchangeId,
    /// What its BDAT announced.
    head: Option<Chunk>,
    octets: Vec<u8>,
    masked: bool,
}

impl Chunked {
    fn is_last(&self) -> bool {
        self.head.is_some_and(|head| head.last)
    }
}

/// What `tls` says where a handshake is to fail.
const FAILS: &str = " expect-fail";

/// What stands in front of a letter with a hole in it.
const MASKED: &str = "# A secret in this letter is hidden: * stands for each octet.\n";

/// What a handshake asked for, as options of `tls`, and whether it failed. A session that went on with a certificate in
/// doubt goes on again.
fn wishes(session: &Session) -> String {
    let handshake = &session.target.handshake;
    let doubted = session.tls().is_some_and(TlsFacts::in_doubt);
    let went_on = session.dialogue().capabilities().iter().any(|answer| answer.tls);
    let mut out = String::from(match handshake.checks {
        Checks::None => " verify=off",
        _ if doubted && went_on => " verify=off",
        Checks::All => "",
        Checks::Chain => " verify=chain",
        Checks::Name => " verify=name",
    });
    match &handshake.sni {
        Sni::Host => {}
        Sni::None => out.push_str(" sni=none"),
        Sni::Name(name) => {
            let _ = write!(out, " sni={name}");
        }
    }
    if let Some(name) = &handshake.verify {
        let _ = write!(out, " name={name}");
    }
    let stopped = doubted && !went_on && handshake.checks != Checks::None;
    if stopped || session.tls_failure().is_some() {
        out.push_str(FAILS);
    }
    out
}

/// A letter of plain lines, as a here-document has it; nothing for any other.
fn plain(letter: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(letter).ok()?;
    let bare = text.replace("\r\n", "");
    let lines = text.is_empty() || text.ends_with("\r\n");
    let plain = lines && !bare.chars().any(|char| char.is_control() && char != '\t');
    (plain && text.lines().all(|line| line != "END")).then(|| text.replace("\r\n", "\n").replace('{', "{{"))
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
