//! MAIL and RCPT: what the host is asked, and what the engine refuses by itself.

use crate::smtp::command::{Arguments, Command};
use crate::smtp::flaw::FlawKind;
use crate::smtp::params::{self, Param};
use crate::smtp::path::{ForwardPath, ReversePath};

use super::Server;
use super::ask::{Ask, Decision, Transaction};
use super::config::Extension;
use super::saying::Saying;

impl Server {
    pub(super) fn mail(&mut self, command: &Command<'_>) {
        if self.state.hello.is_none() {
            return self.refuse(Saying::NeedHello, "");
        }
        if self.transaction.is_some() {
            return self.refuse(Saying::Nested, "");
        }
        let Arguments::MailFrom { path, params } = command.parsed() else {
            return self.refuse(Saying::MailSyntax, "");
        };
        if let Some(saying) = path_fault(command, Saying::SenderSyntax)
            .or(matches!(path, ReversePath::Other(_)).then_some(Saying::SenderSyntax))
        {
            return self.refuse(saying, "");
        }
        if let Some((saying, it)) = self.params_fault(command, &params) {
            return self.refuse(saying, &it);
        }
        let declared = command.declared_size().unwrap_or_default();
        if declared > self.config.limits.message {
            let limit = self.config.limits.message.to_string();
            return self.refuse(Saying::DeclaredTooLarge, &limit);
        }
        self.ask(Ask::Mail { path, params });
    }

    pub(super) fn mail_decided(&mut self, path: ReversePath, params: Vec<Param>, decision: &Decision) {
        if decision.is_yes() {
            self.transaction = Some(Transaction { from: path, params, recipients: Vec::new() });
        }
        self.answer_with(decision, Saying::MailOk, "");
    }

    pub(super) fn rcpt(&mut self, command: &Command<'_>) {
        let Some(transaction) = &self.transaction else {
            return self.refuse(Saying::NeedMail, "RCPT");
        };
        if self.chunks.is_some() {
            return self.refuse(Saying::BetweenChunks, "RCPT");
        }
        let full = transaction.recipients.len() >= self.config.limits.recipients;
        let Arguments::RcptTo { path, params } = command.parsed() else {
            return self.refuse(Saying::RcptSyntax, "");
        };
        if let Some(saying) = path_fault(command, Saying::RecipientSyntax)
            .or(matches!(path, ForwardPath::Other(_)).then_some(Saying::RecipientSyntax))
        {
            return self.refuse(saying, "");
        }
        if let Some((saying, it)) = self.params_fault(command, &params) {
            return self.refuse(saying, &it);
        }
        if full {
            // Not an error of the client's: the rest goes in another transaction (RFC 5321 §4.5.3.1.10).
            return self.say(Saying::TooManyRecipients, "");
        }
        self.ask(Ask::Rcpt(path));
    }

    pub(super) fn rcpt_decided(&mut self, path: ForwardPath, decision: &Decision) {
        if let Some(transaction) = self.transaction.as_mut().filter(|_| decision.is_yes()) {
            transaction.recipients.push(path);
        }
        self.answer_with(decision, Saying::RcptOk, "");
    }

    /// The first parameter that is malformed, given twice, or not offered.
    fn params_fault(&self, command: &Command<'_>, params: &[Param]) -> Option<(Saying, String)> {
        let name = |param: &Param| String::from_utf8(param.keyword.clone()).unwrap_or_default();
        let unknown = params.iter().find(|param| !self.takes(command, param));
        if let Some(param) = unknown {
            return Some((Saying::ParameterUnknown, name(param)));
        }
        let twice = params.iter().enumerate().any(|(index, param)| {
            params.iter().take(index).any(|before| before.keyword.eq_ignore_ascii_case(&param.keyword))
        });
        let malformed =
            params.iter().any(|param| !param.known().is_some_and(|known| known.fits(param.value.as_deref())));
        (twice || malformed).then_some((Saying::ParameterInvalid, String::new()))
    }

    fn takes(&self, command: &Command<'_>, param: &Param) -> bool {
        let known = params::known(&param.keyword).filter(|known| known.verb == command.verb);
        let offered = known.and_then(|known| Extension::from_keyword(known.extension));
        offered.is_some_and(|extension| self.offers(extension))
    }
}

/// What the parser found wrong with the path, if the strict server refuses it.
fn path_fault(command: &Command<'_>, syntax: Saying) -> Option<Saying> {
    command.flaws().into_iter().find_map(|flaw| match flaw.kind {
        FlawKind::AddressControl => Some(Saying::PathControl),
        FlawKind::AddressTooLong => Some(Saying::PathTooLong),
        FlawKind::AddressUtf8 => Some(Saying::PathUtf8),
        FlawKind::AddressSyntax | FlawKind::AddressLiteral => Some(syntax),
        _ => None,
    })
}
