//! The letter's part of a session: envelope and content, with what the letter asked for carried along where the server
//! offers it. Where it offers PIPELINING the envelope goes in one write.

use super::{Ended, Session};
use crate::lab::queue::{Letter, Outcome, Recipient, Verdict};
use crate::mail::field;
use crate::mail::report::diagnostic;
use crate::smtp::data::{Stuffer, Wire as Filter};
use crate::smtp::extension::{Extensions, Size};
use crate::smtp::params::{self, Param};
use crate::smtp::path::ReversePath;
use crate::smtp::reply::Reply;
use crate::smtp::status::Status;

/// What a server said to an envelope.
struct Answers {
    mail: Reply,
    /// One for each recipient, unless MAIL was refused.
    rcpts: Vec<Reply>,
    /// What it said to DATA, if that went along.
    data: Option<Reply>,
}

impl Session<'_> {
    pub(super) async fn transaction(
        &mut self,
        letter: &Letter,
        recipients: &[Recipient],
    ) -> Result<Vec<Outcome>, Ended> {
        let all = |outcome: Outcome| Ok(vec![outcome; recipients.len()]);
        if let Some((status, why)) = self.unfit(letter, recipients) {
            return all(Outcome { remote: Some(self.server.to_owned()), ..Outcome::refused(status, &why) });
        }
        let with_dsn = self.offers("DSN");
        let none: &[Param] = &[];
        let mail = params::line(b"MAIL FROM:", &letter.from.encode(), &self.mail_params(letter));
        let rcpt =
            |to: &Recipient| params::line(b"RCPT TO:", &to.path.encode(), if with_dsn { &to.params } else { none });
        let rcpts: Vec<Vec<u8>> = recipients.iter().map(rcpt).collect();
        let answers = if self.offers("PIPELINING") {
            self.in_a_group(mail, &rcpts, !is_binary(letter)).await?
        } else {
            self.one_by_one(&mail, &rcpts).await?
        };
        if !answers.mail.code.is_success() {
            self.decided_by(&answers.mail);
            return all(outcome(&answers.mail, self.server, Verdict::Later));
        }
        let international = letter.is_international();
        let judge = |reply: &Reply| outcome_in(reply, self.server, Verdict::Handed { with_dsn }, international);
        let mut outcomes: Vec<Outcome> = answers.rcpts.iter().map(judge).collect();
        if outcomes.iter().any(is_handed) {
            let reply = self.content(letter, answers.data).await?;
            let verdict = outcome_in(&reply, self.server, Verdict::Handed { with_dsn }, international);
            outcomes.iter_mut().filter(|outcome| is_handed(outcome)).for_each(|outcome| *outcome = verdict.clone());
        } else if let Some(reply) = answers.rcpts.last() {
            self.decided_by(reply);
        }
        Ok(outcomes)
    }

    /// The envelope, each command when the one before is answered; after a refused MAIL no other is sent.
    async fn one_by_one(&mut self, mail: &[u8], rcpts: &[Vec<u8>]) -> Result<Answers, Ended> {
        let mail = self.say(mail).await?;
        let mut answers = Answers { mail, rcpts: Vec::new(), data: None };
        if answers.mail.code.is_success() {
            for rcpt in rcpts {
                answers.rcpts.push(self.say(rcpt).await?);
            }
        }
        Ok(answers)
    }

    /// The envelope in one write, and DATA with it, which must be the last of a group (RFC 2920 §3.1).
    async fn in_a_group(&mut self, mail: Vec<u8>, rcpts: &[Vec<u8>], with_data: bool) -> Result<Answers, Ended> {
        let data = with_data.then(|| b"DATA".to_vec());
        let lines = std::iter::once(&mail).chain(rcpts).chain(&data);
        let mail = self.write(lines.flat_map(|line| [line.as_slice(), b"\r\n"].concat()).collect()).await?;
        let mut replies: Vec<Reply> = Vec::new();
        while replies.len() < rcpts.len() + usize::from(with_data) {
            match self.reply().await {
                Ok(reply) => replies.push(reply),
                // A server that has refused all of it may close on the rest; its refusal stands.
                Err(_) if !mail.code.is_success() => break,
                Err(_) if replies.len() == rcpts.len() && replies.iter().all(|it| !it.code.is_success()) => break,
                Err(ended) => return Err(ended),
            }
        }
        let data = if replies.len() > rcpts.len() { replies.pop() } else { None };
        let nobody = !mail.code.is_success() || replies.iter().all(|reply| !reply.code.is_success());
        if nobody && data.as_ref().is_some_and(|reply| reply.code.get() == 354) {
            // Nobody gets it, but the server waits for it: an empty one is what it takes to go on (RFC 2920 §3.1).
            self.write(b".\r\n".to_vec()).await?;
        }
        Ok(Answers { mail, rcpts: replies, data })
    }

    /// This reply is what decided about the letter.
    fn decided_by(&mut self, reply: &Reply) {
        self.said = diagnostic(reply, true);
    }

    /// The letter, and what is said of it.
    async fn content(&mut self, letter: &Letter, begun: Option<Reply>) -> Result<Reply, Ended> {
        if is_binary(letter) {
            let chunk = [format!("BDAT {} LAST\r\n", letter.content.len()).as_bytes(), &letter.content].concat();
            return self.write(chunk).await;
        }
        let reply = match begun {
            Some(reply) => reply,
            None => self.say(b"DATA").await?,
        };
        if reply.code.get() != 354 {
            self.decided_by(&reply);
            return Ok(reply);
        }
        // What a relay passes on it does not change (RFC 5321 §2.3.8, §6.4).
        let (mut wire, mut stuffer) = (Vec::new(), Stuffer::new(Filter::Verbatim));
        stuffer.push(&letter.content, &mut wire);
        stuffer.finish(&mut wire);
        self.write(wire).await
    }

    /// Why this server cannot have the letter, before it is asked.
    fn unfit(&self, letter: &Letter, recipients: &[Recipient]) -> Option<(Status, String)> {
        let status = |subject, detail| Status { class: 5, subject, detail };
        let server = self.server;
        let octets = letter.content.len() as u64;
        if params::find(&letter.params, "REQUIRETLS").is_some() && !(self.verified && self.offers("REQUIRETLS")) {
            let why = format!("{server} does not offer REQUIRETLS over TLS with a certificate that is in order.");
            return Some((status(7, 30), why));
        }
        if letter.is_international() && !self.offers("SMTPUTF8") && needs_utf8(letter, recipients) {
            return Some((status(6, 7), format!("{server} does not offer SMTPUTF8, and the letter needs it.")));
        }
        if is_binary(letter) && !(self.offers("CHUNKING") && self.offers("BINARYMIME")) {
            return Some((status(6, 1), format!("{server} does not take binary letters.")));
        }
        if !letter.content.is_ascii() && !self.offers("8BITMIME") {
            return Some((status(6, 3), format!("{server} takes 7-bit letters only, and this one has 8-bit octets.")));
        }
        match self.offers.as_ref().map(Extensions::size) {
            Some(Size::Limit(limit)) if octets > limit => {
                Some((status(3, 4), format!("{server} takes {limit} octets, and the letter has {octets}.")))
            }
            _ => None,
        }
    }

    /// What goes along with MAIL: what the letter came with, as far as the server offers it.
    fn mail_params(&self, letter: &Letter) -> Vec<Param> {
        let mut params = Vec::new();
        if self.offers("SIZE") {
            params.push(Param::new("SIZE", Some(&letter.content.len().to_string())));
        }
        if is_binary(letter) {
            params.push(Param::new("BODY", Some("BINARYMIME")));
        } else if !letter.content.is_ascii() {
            params.push(Param::new("BODY", Some("8BITMIME")));
        }
        let carried = [("SMTPUTF8", "SMTPUTF8"), ("REQUIRETLS", "REQUIRETLS"), ("RET", "DSN"), ("ENVID", "DSN")];
        let offered = carried.into_iter().filter(|(_, extension)| self.offers(extension));
        params.extend(offered.filter_map(|(keyword, _)| params::find(&letter.params, keyword)).cloned());
        params
    }
}

const fn is_handed(outcome: &Outcome) -> bool {
    matches!(outcome.verdict, Verdict::Handed { .. })
}

fn is_binary(letter: &Letter) -> bool {
    params::find(&letter.params, "BODY").is_some_and(|body| body.extension() == Some("BINARYMIME"))
}

/// True if an address or the header goes beyond ASCII: a letter that only might have can go without SMTPUTF8.
fn needs_utf8(letter: &Letter, recipients: &[Recipient]) -> bool {
    let from = letter.from != ReversePath::Null && !letter.from.encode().is_ascii();
    let to = recipients.iter().any(|recipient| !recipient.path.encode().is_ascii());
    from || to || !field::halves(&letter.content).0.is_ascii()
}

/// What a reply means for a recipient: `yes` if it is one.
pub(super) fn outcome(reply: &Reply, server: &str, yes: Verdict) -> Outcome {
    outcome_in(reply, server, yes, false)
}

/// The same, in an international report or not.
fn outcome_in(reply: &Reply, server: &str, yes: Verdict, international: bool) -> Outcome {
    let class = match reply.code.get() / 100 {
        2 => 2,
        5 => 5,
        _ => 4,
    };
    let verdict = match class {
        2 => yes,
        5 => Verdict::Never,
        _ => Verdict::Later,
    };
    let status = reply.status.filter(|status| status.class == class).unwrap_or(Status { class, subject: 0, detail: 0 });
    let (remote, said) = (Some(server.to_owned()), Some(diagnostic(reply, international)));
    Outcome { verdict, status, remote, said, why: None }
}
