//! MAIL and RCPT: what goes along with them, and what this server cannot take, before it is asked.

use std::sync::Arc;

use crate::dns::typed;
use crate::ports::net::Act;
use crate::safe;
use crate::session::Session;
use crate::session::outcome::Outcome;
use crate::session::place::World;
use crate::smtp::extension::Size;
use crate::smtp::params::{self, Param, encode_xtext};
use crate::smtp::stage::Stage;

use super::{Sending, Step, Turn, line, offers};

impl Sending {
    /// MAIL, and the whole envelope with it where that is wanted and offered (RFC 2920 §3.1).
    pub(super) fn mail(&self, session: &Session) -> Turn {
        if let Some(outcome) = self.unfit(session).or_else(|| self.bulk(session)) {
            return Turn::Stop(outcome);
        }
        let mail = self.mail_line(session);
        if !self.wish.pipelining || !offers(session, "PIPELINING") {
            return line(&mail, Step::Sender);
        }
        let with_data = !self.in_chunks(session) && self.wish.until > super::Stage::Data;
        let recipients = self.wish.recipients.iter().map(|recipient| self.rcpt_line(session, recipient));
        let lines = [mail].into_iter().chain(recipients).chain(with_data.then(|| b"DATA".to_vec()));
        let octets: Vec<u8> = lines.flat_map(|line| [line.as_slice(), b"\r\n"].concat()).collect();
        Turn::Do(Act::Send(Arc::from(octets)), Step::Envelope { with_data })
    }

    /// The next recipient; the one before is judged first.
    pub(super) fn recipient(&mut self, session: &Session, named: usize) -> Turn {
        if named > 0 {
            self.note_refusals(session);
        }
        match self.wish.recipients.get(named) {
            Some(recipient) => line(&self.rcpt_line(session, recipient), Step::Recipients(named + 1)),
            None => self.behind_recipients(session, Step::Data),
        }
    }

    /// The envelope went in one write, and all of it is answered.
    pub(super) fn envelope_answered(&mut self, session: &Session, with_data: bool) -> Turn {
        let answers = session.dialogue().exchanges().get(self.before.unwrap_or_default()..).unwrap_or_default();
        if let Some(mail) = answers.first().filter(|mail| !mail.succeeded()) {
            self.refused.clear();
            let refused = Outcome::stopped(5, Stage::Mail, "send/refused", session.said(mail));
            return self.unless_asked(session, refused);
        }
        self.note_refusals(session);
        if session.dialogue().envelope().accepted().next().is_none() {
            return self.unless_asked(session, self.nobody());
        }
        self.behind_recipients(session, if with_data { Step::Asked } else { Step::Data })
    }

    /// The letter is for nobody; a server that waits for it all the same gets a lone dot (RFC 2920 §3.1).
    fn unless_asked(&mut self, session: &Session, outcome: Outcome) -> Turn {
        if session.dialogue().phase() != super::Phase::Content {
            return Turn::Stop(outcome);
        }
        self.outcome = Some(outcome);
        Turn::Do(Act::Send(Arc::from(&b".\r\n"[..])), Step::Quit)
    }

    fn behind_recipients(&self, session: &Session, next: Step) -> Turn {
        if session.dialogue().envelope().accepted().next().is_none() {
            return Turn::Stop(self.nobody());
        }
        self.behind(Stage::Rcpt, next)
    }

    /// Keeps what those said who were refused, once each.
    fn note_refusals(&mut self, session: &Session) {
        let dialogue = session.dialogue();
        let refused = dialogue.envelope().recipients.iter().filter(|it| it.verdict.is_some() && !it.accepted());
        let said = refused.map(|it| {
            let said = dialogue.exchange(it.exchange).map_or_else(String::new, |exchange| session.said(exchange));
            format!("{}: {said}", safe::plain(&it.path))
        });
        self.refused = said.collect();
    }

    fn nobody(&self) -> Outcome {
        Outcome::stopped(5, Stage::Rcpt, "send/refused", self.refused.join("; "))
    }

    /// Why this server cannot have the letter, before it is asked.
    fn unfit(&self, session: &Session) -> Option<Outcome> {
        let wish = &self.wish;
        let lacks = |keyword: &str| !offers(session, keyword);
        let no = |say: String| Some(Outcome::stopped(5, Stage::Mail, "send/not-offered", say));
        let dsn = [wish.dsn.notify.is_some(), wish.dsn.ret.is_some(), wish.dsn.envid.is_some()].contains(&true);
        if dsn && lacks("DSN") {
            return no("The server does not offer DSN, so nothing can be asked of reports (RFC 3461 §4).".into());
        }
        if wish.require_tls && (lacks("REQUIRETLS") || !session.dialogue().is_secured()) {
            return no("REQUIRETLS needs a server that offers it, inside TLS (RFC 8689 §2).".into());
        }
        if self.is_international(session) && lacks("SMTPUTF8") {
            return no("An address or the header goes beyond ASCII, and the server does not offer SMTPUTF8 \
                       (RFC 6531 §3.1)."
                .into());
        }
        if wish.letter.survey.normalised.eight_bit > 0 && lacks("8BITMIME") && !self.is_international(session) {
            return no("The letter has octets above 127, and the server does not offer 8BITMIME (RFC 6152 §3). \
                       Encode it as quoted-printable or base64."
                .into());
        }
        if wish.letter.survey.normalised.nul > 0 && session.world() == World::Live {
            let say =
                "The letter holds NUL, which mail must not (RFC 5321 §4.5.2): to others it does not go by itself.";
            return Some(Outcome::stopped(7, Stage::Data, "policy/malformed", say));
        }
        if wish.chunk.is_some() && lacks("CHUNKING") {
            return no("The server does not offer CHUNKING, so BDAT cannot be used (RFC 3030 §2).".into());
        }
        match session.dialogue().extensions().map(crate::smtp::extension::Extensions::size) {
            Some(Size::Limit(most)) if wish.letter.size() > most => {
                let say = format!("The server takes {most} octets, and the letter has {}.", wish.letter.size());
                Some(Outcome::stopped(5, Stage::Mail, "send/too-large", say))
            }
            _ => None,
        }
    }

    fn mail_line(&self, session: &Session) -> Vec<u8> {
        let Self { wish, .. } = self;
        let has = |keyword: &str| offers(session, keyword);
        let mut params = Vec::new();
        if has("SIZE") {
            params.push(Param::new("SIZE", Some(&wish.letter.size().to_string())));
        }
        if wish.letter.survey.normalised.eight_bit > 0 && has("8BITMIME") {
            params.push(Param::new("BODY", Some("8BITMIME")));
        }
        if self.is_international(session) {
            params.push(Param::new("SMTPUTF8", None));
        }
        if wish.require_tls {
            params.push(Param::new("REQUIRETLS", None));
        }
        if let Some(ret) = &wish.dsn.ret {
            params.push(Param::new("RET", Some(ret)));
        }
        if let Some(envid) = &wish.dsn.envid {
            params.push(Param::new("ENVID", Some(&encode_xtext(envid.as_bytes()))));
        }
        params::line(b"MAIL FROM:", bracketed(&spelled(session, &wish.sender)).as_bytes(), &params)
    }

    fn rcpt_line(&self, session: &Session, recipient: &str) -> Vec<u8> {
        let path = spelled(session, recipient);
        let mut params = Vec::new();
        if let Some(notify) = &self.wish.dsn.notify {
            params.push(Param::new("NOTIFY", Some(notify)));
            let original = format!("rfc822;{}", encode_xtext(path.as_bytes()));
            params.push(Param::new("ORCPT", Some(&original)));
        }
        params::line(b"RCPT TO:", bracketed(&path).as_bytes(), &params)
    }

    /// True if SMTPUTF8 is needed: a local part or the header goes beyond ASCII, or a domain that has no other spelling.
    fn is_international(&self, session: &Session) -> bool {
        let paths = [&self.wish.sender].into_iter().chain(&self.wish.recipients);
        self.wish.letter.international || paths.into_iter().any(|path| !spelled(session, path).is_ascii())
    }
}

/// A path as this server takes it: a domain beyond ASCII as its A-label, unless the server takes it as it is.
fn spelled(session: &Session, path: &str) -> String {
    let beyond = path.rsplit_once('@').filter(|(local, domain)| local.is_ascii() && !domain.is_ascii());
    let Some((local, domain)) = beyond.filter(|_| !offers(session, "SMTPUTF8")) else {
        return path.to_owned();
    };
    typed::name(domain).map_or_else(|_| path.to_owned(), |name| format!("{local}@{}", name.name.relative()))
}

fn bracketed(path: &str) -> String {
    format!("<{path}>")
}
