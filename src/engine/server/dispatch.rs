//! What a command line means: what is wrong with it, what must come before it, and which question to the host it is.

use crate::smtp::command::{Arguments, Command, Verb};
use crate::smtp::limits::longest_line;
use crate::smtp::line::Ending;
use crate::smtp::path::is_hello_name;
use crate::smtp::stage::Stage;

use super::Server;
use super::ask::{Ask, Decision, Dialect};
use super::config::{BareLf, Extension, Upgrade};
use super::saying::Saying;

impl Server {
    pub(super) fn command_line(&mut self, line: &[u8]) {
        let command = Command::parse(line);
        self.stage = Stage::of(command.verb);
        self.state.greeting = matches!(command.verb, Verb::Ehlo | Verb::Helo | Verb::Lhlo);
        if let Some(saying) = self.line_fault(&command) {
            return self.refuse(saying, "");
        }
        if command.line.len() > longest_line(command.verb, |keyword| self.offers_keyword(keyword)) {
            return self.refuse(Saying::LineTooLong, "");
        }
        if let Some(saying) = self.state.barred.filter(|_| command.verb != Verb::Quit) {
            return self.refuse(saying, "");
        }
        if let Some(saying) = self.config.early_talk.filter(|_| self.speaks_early(command.verb)) {
            return self.too_early(saying);
        }
        match self.gate(command.verb) {
            // Its octets are there all the same.
            Some(saying) if command.verb == Verb::Bdat && self.offers(Extension::Chunking) => {
                self.bdat(&command, Some(saying));
            }
            Some(saying) => self.refuse(saying, command.verb.name()),
            None => self.obey(&command),
        }
    }

    /// True if more has come behind this command although the client should have waited for its reply.
    fn speaks_early(&self, verb: Verb) -> bool {
        // Those after which RFC 2920 §3.1 has even a client with PIPELINING wait; octets follow BDAT in any case.
        let waits = matches!(verb, Verb::Ehlo | Verb::Helo | Verb::Lhlo | Verb::StartTls | Verb::Auth | Verb::Data);
        let may = self.state.hello.as_ref().is_some_and(|(_, dialect)| *dialect != Dialect::Smtp)
            && self.offers(Extension::Pipelining);
        !self.input.rest().is_empty() && verb != Verb::Bdat && (waits || !may)
    }

    /// What a client gets that did not wait: 503, or the end.
    pub(super) fn too_early(&mut self, saying: Saying) {
        self.state.early = false;
        if saying == Saying::TooEarly {
            self.input.clear();
            self.refuse(saying, "");
        } else {
            self.close_with(saying);
        }
    }

    /// What is wrong with the line itself.
    fn line_fault(&self, command: &Command<'_>) -> Option<Saying> {
        let text = command.line.text;
        if command.line.ending == Ending::Lf && self.config.bare_lf == BareLf::Refuse {
            Some(Saying::BareLf)
        } else if text.iter().any(|octet| matches!(octet, b'\r' | 0)) || command.line.ending == Ending::CrCrLf {
            Some(Saying::LineControl)
        } else if command.verb_span.start > 0 {
            Some(Saying::Indented)
        } else if !text.is_ascii() && !self.may_be_utf8(command) {
            Some(Saying::LineEightBit)
        } else {
            None
        }
    }

    /// True if this line may have characters beyond ASCII: that of an address, which is judged by itself, or what is
    /// asked for with SMTPUTF8 (RFC 6531 §3.7.4.2).
    fn may_be_utf8(&self, command: &Command<'_>) -> bool {
        let asks = matches!(command.verb, Verb::Vrfy | Verb::Expn) && self.asked_in_utf8(command).is_some();
        let address = matches!(command.verb, Verb::Mail | Verb::Rcpt) && self.config.dialect != Dialect::Smtp;
        (asks || address) && std::str::from_utf8(command.line.text).is_ok()
    }

    /// What VRFY or EXPN asks for, if it ends in SMTPUTF8.
    fn asked_in_utf8<'a>(&self, command: &Command<'a>) -> Option<&'a [u8]> {
        let (asked, last) = command.argument.split_at_checked(command.argument.len().checked_sub(9)?)?;
        let shown = last.eq_ignore_ascii_case(b" SMTPUTF8") && self.offers(Extension::SmtpUtf8);
        shown.then(|| asked.trim_ascii_end())
    }

    /// What must come before this verb is done.
    fn gate(&self, verb: Verb) -> Option<Saying> {
        let free = matches!(verb, Verb::Ehlo | Verb::Helo | Verb::Lhlo | Verb::Noop | Verb::Quit | Verb::StartTls);
        if self.config.tls_required && !self.state.secure && !free {
            return Some(Saying::TlsFirst);
        }
        // RFC 4954 §6: 530 may answer all but these.
        let open = free || matches!(verb, Verb::Auth | Verb::Rset);
        (self.config.auth_required && self.state.user.is_none() && !open).then_some(Saying::AuthFirst)
    }

    fn obey(&mut self, command: &Command<'_>) {
        match command.verb {
            Verb::Ehlo if self.config.dialect == Dialect::Esmtp => self.hello(command, Dialect::Esmtp),
            Verb::Helo if self.config.dialect != Dialect::Lmtp => self.hello(command, Dialect::Smtp),
            Verb::Lhlo if self.config.dialect == Dialect::Lmtp => self.hello(command, Dialect::Lmtp),
            // RFC 2033 §4.1: a client must learn at once that it has come to a mail store.
            Verb::Ehlo | Verb::Helo => self.refuse(Saying::Unknown, ""),
            Verb::Mail => self.mail(command),
            Verb::Rcpt => self.rcpt(command),
            Verb::Data => self.data(command),
            Verb::Bdat if self.offers(Extension::Chunking) => self.bdat(command, None),
            Verb::Rset => self.bare(command, |server| {
                server.forget();
                server.say(Saying::ResetOk, "");
            }),
            Verb::Quit => self.bare(command, |server| server.close_with(Saying::Goodbye)),
            Verb::Noop => self.say(Saying::NoopOk, ""),
            Verb::Vrfy => self.ask_about(command, Ask::Verify),
            Verb::Expn if self.offers(Extension::Expn) => self.ask_about(command, Ask::Expand),
            Verb::Help => self.say(Saying::Help, &self.commands()),
            Verb::StartTls if self.config.ever_offers(Extension::StartTls) => self.start_tls(command),
            Verb::Auth if self.config.ever_offers(Extension::Auth) => self.begin_login(command),
            Verb::Other => self.unknown(command),
            verb if self.config.dialect != Dialect::Smtp || is_of_1982(verb) => {
                self.refuse(Saying::NotImplemented, verb.name());
            }
            _ => self.refuse(Saying::Unknown, ""),
        }
    }

    /// A web browser that was sent here must not find a server that obeys the lines of its form.
    fn unknown(&mut self, command: &Command<'_>) {
        const HTTP: [&[u8]; 5] = [b"GET", b"POST", b"PUT", b"CONNECT", b"HEAD"];
        if HTTP.contains(&command.word()) && command.argument.windows(5).any(|word| word == b"HTTP/") {
            self.close_with(Saying::WebClient);
        } else {
            self.refuse(Saying::Unknown, "");
        }
    }

    fn commands(&self) -> String {
        let optional = [
            (Verb::Lhlo, self.config.dialect == Dialect::Lmtp),
            (Verb::Ehlo, self.config.dialect == Dialect::Esmtp),
            (Verb::StartTls, self.offers(Extension::StartTls)),
            (Verb::Auth, self.offers(Extension::Auth)),
            (Verb::Expn, self.offers(Extension::Expn)),
            (Verb::Bdat, self.offers(Extension::Chunking)),
            (Verb::Helo, self.config.dialect != Dialect::Lmtp),
        ];
        let always = [Verb::Mail, Verb::Rcpt, Verb::Data, Verb::Rset, Verb::Noop, Verb::Vrfy, Verb::Help, Verb::Quit];
        let offered = optional.into_iter().filter(|(_, offered)| *offered).map(|(verb, _)| verb);
        offered.chain(always).map(Verb::name).collect::<Vec<_>>().join(" ")
    }

    fn hello(&mut self, command: &Command<'_>, dialect: Dialect) {
        let Arguments::Hello(_) = command.parsed() else {
            return self.refuse(Saying::BadHello, command.verb.name());
        };
        if !command.hello_name().is_some_and(is_name) {
            return self.refuse(Saying::BadHello, command.verb.name());
        }
        self.ask(Ask::Hello { name: command.argument.to_vec(), dialect });
    }

    /// A command that takes no argument.
    fn bare(&mut self, command: &Command<'_>, act: fn(&mut Self)) {
        if command.argument.is_empty() {
            act(self);
        } else {
            self.refuse(Saying::NoArgument, command.verb.name());
        }
    }

    fn ask_about(&mut self, command: &Command<'_>, ask: fn(Vec<u8>) -> Ask) {
        let utf8 = self.asked_in_utf8(command);
        self.state.utf8 = utf8.is_some();
        let asked = utf8.unwrap_or(command.argument);
        if asked.is_empty() {
            self.refuse(Saying::WantsArgument, command.verb.name());
        } else {
            self.ask(ask(asked.to_vec()));
        }
    }

    fn start_tls(&mut self, command: &Command<'_>) {
        if !command.argument.is_empty() {
            self.refuse(Saying::NoArgument, "STARTTLS");
        } else if self.state.secure {
            self.refuse(Saying::TlsAlready, "");
        } else if self.state.hello.is_none() {
            self.refuse(Saying::NeedHello, "");
        } else if self.config.upgrade == Upgrade::Unavailable {
            self.refuse(Saying::TlsUnavailable, "");
        } else {
            // What a client sent behind STARTTLS in plain text could pose as encrypted later (RFC 3207 §4.2).
            if self.config.upgrade != Upgrade::Vulnerable {
                self.input.clear();
            }
            self.forget();
            self.say(Saying::TlsGo, "");
            self.ask(Ask::StartTls);
        }
    }

    pub(super) fn decided(&mut self, ask: Ask, decision: &Decision) {
        match ask {
            Ask::Hello { name, dialect } => self.greeted(name, dialect, decision),
            Ask::Mail { path, params } => self.mail_decided(path, params, decision),
            Ask::Rcpt(recipient) => self.rcpt_decided(recipient, decision),
            Ask::Data => self.data_decided(decision),
            Ask::Login(login) => self.login_decided(&login, decision),
            Ask::Letter(letter) => self.letter_decided(&letter, decision),
            Ask::Verify(_) | Ask::Expand(_) => self.verified(decision),
            Ask::StartTls | Ask::Close => {}
        }
    }

    /// An answer that needs characters beyond ASCII is not for a client that did not ask for them (RFC 6531 §3.7.4.2).
    fn verified(&mut self, decision: &Decision) {
        match decision {
            Decision::Say(reply) if !reply.is_ascii() && !self.state.utf8 => self.say(Saying::Utf8Answer, ""),
            decision => self.answer_with(decision, Saying::CannotVerify, ""),
        }
        self.state.utf8 = false;
    }

    /// The hello is taken: the transaction is dropped as by RSET (RFC 5321 §4.1.4).
    fn greeted(&mut self, name: Vec<u8>, dialect: Dialect, decision: &Decision) {
        if !decision.is_yes() {
            return self.answer_with(decision, Saying::BadHello, "");
        }
        let client = String::from_utf8(name.clone()).unwrap_or_default();
        self.state.hello = Some((name, dialect));
        self.forget();
        let mut reply = match decision {
            Decision::Accept | Decision::Prove(_) | Decision::Each(_) | Decision::Drop => {
                self.reply(Saying::Hello, &client)
            }
            Decision::Say(reply) => reply.clone(),
        };
        if dialect != Dialect::Smtp {
            for extension in self.config.offers(self.state.secure) {
                reply = reply.and(&self.config.offer(extension));
            }
        }
        self.send(&reply);
    }
}

/// The verbs of RFC 821 §4.1 that a host need not have.
const fn is_of_1982(verb: Verb) -> bool {
    matches!(verb, Verb::Expn | Verb::Help | Verb::Send | Verb::Soml | Verb::Saml | Verb::Turn)
}

/// A domain or an address literal, and nothing behind it.
fn is_name(name: &[u8]) -> bool {
    !name.contains(&b' ') && (is_hello_name(name) || name.iter().all(|octet| is_domain_octet(*octet)))
}

/// Servers must not refuse a client for a name without a dot (RFC 5321 §4.1.4); what is no name at all is a syntax error.
fn is_domain_octet(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_')
}
