//! How replies are written: the engine's own words, the host's, and the last thing before the end.

use super::ask::{Decision, Transaction};
use super::config::Extension;
use super::reply::{self, Reply};
use super::saying::Saying;
use super::{Question, Server};

impl Server {
    /// Says no, and closes when it has been said too often.
    pub(super) fn refuse(&mut self, saying: Saying, it: &str) {
        self.errors += 1;
        if self.errors > self.config.limits.errors {
            self.close_with(Saying::TooManyErrors);
        } else {
            self.say(saying, it);
        }
    }

    /// Says the last thing. What the host was asked meanwhile has no answer any more.
    pub(super) fn close_with(&mut self, saying: Saying) {
        self.close_about(saying, "");
    }

    /// Says the last thing, about `it`.
    pub(super) fn close_about(&mut self, saying: Saying, it: &str) {
        if !self.state.closing {
            self.say(saying, it);
            self.state.closing = true;
            self.question = Question::None;
        }
    }

    /// The host's reply, or the engine's own words for a plain yes.
    pub(super) fn answer_with(&mut self, decision: &Decision, yes: Saying, it: &str) {
        match decision {
            Decision::Accept | Decision::Prove(_) | Decision::Each(_) | Decision::Drop => self.say(yes, it),
            Decision::Say(reply) => {
                if reply.code().is_failure() {
                    self.errors += 1;
                }
                self.send(reply);
                // After 421 the connection is closed, whoever says it (RFC 5321 §3.8).
                self.state.closing |= reply.code().get() == 421;
            }
        }
    }

    pub(super) fn say(&mut self, saying: Saying, it: &str) {
        let reply = self.reply(saying, it);
        self.send(&reply);
    }

    pub(super) fn send(&mut self, reply: &Reply) {
        let with_status = self.offers(Extension::EnhancedStatusCodes) && !self.state.greeting;
        let utf8 = self.state.utf8 || self.transaction.as_ref().is_some_and(Transaction::is_utf8);
        let wire = if utf8 { reply.encode(with_status) } else { reply.in_ascii().encode(with_status) };
        self.replies.push_back((self.stage, wire.len()));
        self.outgoing.extend(wire);
    }

    pub(super) fn reply(&self, saying: Saying, it: &str) -> Reply {
        let client = self.state.hello.as_ref().map(|(name, _)| name.as_slice()).unwrap_or_default();
        let client = if saying == Saying::Hello { it.to_owned() } else { reply::printable(client) };
        let text = self
            .config
            .words(saying)
            .replace("{host}", &self.config.host)
            .replace("{client}", &client)
            .replace("{it}", it);
        let mut lines = text.lines();
        let first = Reply::new(saying.code(), saying.status(), lines.next().unwrap_or_default());
        lines.fold(first, Reply::and)
    }
}
