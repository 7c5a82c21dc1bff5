//! MAIL and RCPT: what the host is asked, and what the engine refuses by itself.

use crate::smtp::command::{Arguments, Command};
use crate::smtp::flaw::FlawKind;
use crate::smtp::params::{self, Param};
use crate::smtp::path::{ForwardPath, ReversePath};

use super::Server;
use super::ask::{Ask, Decision, Recipient, Transaction};
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
        self.counts.mails = self.counts.mails.saturating_add(1);
        if let Some(most) = self.config.named.mails.filter(|most| self.counts.mails > *most) {
            return self.close_about(Saying::TooManyMails, &most.to_string());
        }
        if let Some(saying) = path_fault(command, Saying::SenderSyntax)
            .or(matches!(path, ReversePath::Other(_)).then_some(Saying::SenderSyntax))
        {
            return self.refuse(saying, "");
        }
        if let Some((saying, it)) = self.params_fault(command, &params) {
            return self.refuse(saying, &it);
        }
        let declared = command.declared_size().unwrap_or_default();
        if let Some((saying, limit)) = self.config.too_much(declared, Saying::DeclaredTooLarge) {
            return self.refuse(saying, &limit.to_string());
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
        let utf8 = transaction.is_utf8();
        let full = transaction.recipients.len() >= self.most_recipients();
        let Arguments::RcptTo { path, params } = command.parsed() else {
            return self.refuse(Saying::RcptSyntax, "");
        };
        if let Some(saying) = path_fault(command, Saying::RecipientSyntax)
            .or(matches!(path, ForwardPath::Other(_)).then_some(Saying::RecipientSyntax))
        {
            return self.refuse(saying, "");
        }
        if !utf8 && !path.encode().is_ascii() {
            return self.refuse(Saying::RecipientUtf8, "");
        }
        if let Some((saying, it)) = self.params_fault(command, &params) {
            return self.refuse(saying, &it);
        }
        if full {
            // Not an error of the client's: the rest goes in another transaction (RFC 5321 §4.5.3.1.10).
            return self.say(Saying::TooManyRecipients, "");
        }
        if let Some(most) = self.config.named.domains.filter(|most| self.is_one_too_many(&path, *most)) {
            return self.say(Saying::TooManyDomains, &most.to_string());
        }
        self.ask(Ask::Rcpt(Recipient { path, params }));
    }

    pub(super) fn rcpt_decided(&mut self, recipient: Recipient, decision: &Decision) {
        if let Some(transaction) = self.transaction.as_mut().filter(|_| decision.is_yes()) {
            self.counts.domains.extend(domain(&recipient.path));
            transaction.recipients.push(recipient);
        }
        self.answer_with(decision, Saying::RcptOk, "");
    }

    /// Recipients that a transaction may have, by its own limit or the one that it names.
    fn most_recipients(&self) -> usize {
        let named = self.config.named.recipients.and_then(|most| usize::try_from(most).ok());
        named.unwrap_or(usize::MAX).min(self.config.limits.recipients)
    }

    /// True if the domain of a recipient is a new one in this connection, and `most` have been named.
    fn is_one_too_many(&self, path: &ForwardPath, most: u32) -> bool {
        let domains = &self.counts.domains;
        domain(path).is_some_and(|new| !domains.contains(&new))
            && u32::try_from(domains.len()).is_ok_and(|it| it >= most)
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
        // Values beyond ASCII stand in SMTPUTF8 transactions only (RFC 6531 §3.3).
        let utf8 = self.transaction.as_ref().is_some_and(Transaction::is_utf8);
        let malformed = params.iter().any(|param| {
            let value = param.value.as_deref();
            !param.known().is_some_and(|known| known.fits(value)) || !(utf8 || value.unwrap_or_default().is_ascii())
        });
        (twice || malformed).then_some((Saying::ParameterInvalid, String::new()))
    }

    fn takes(&self, command: &Command<'_>, param: &Param) -> bool {
        let known = params::known(&param.keyword).filter(|known| known.verb == command.verb);
        known.and_then(|_| param.extension()).is_some_and(|extension| self.offers_keyword(extension))
    }
}

/// The domain of a recipient, in lower case; the bare postmaster has none.
fn domain(path: &ForwardPath) -> Option<Vec<u8>> {
    path.mailbox().map(|mailbox| mailbox.domain.encode().to_ascii_lowercase())
}

/// What the parser found wrong with the path, if the strict server refuses it.
fn path_fault(command: &Command<'_>, syntax: Saying) -> Option<Saying> {
    command.flaws().into_iter().find_map(|flaw| match flaw.kind {
        FlawKind::AddressControl => Some(Saying::PathControl),
        FlawKind::AddressTooLong => Some(Saying::PathTooLong),
        FlawKind::AddressUtf8 => Some(Saying::SenderUtf8),
        FlawKind::AddressSyntax | FlawKind::AddressLiteral => Some(syntax),
        _ => None,
    })
}
