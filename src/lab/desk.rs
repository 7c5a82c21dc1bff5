//! The desk of a host: what it decides about senders, recipients, logins and letters.

use crate::engine::server::ask::{Ask, Decision, Letter, Login};
use crate::engine::server::reply::Reply;
use crate::mail::field;
use crate::ports::lab::Step;
use crate::smtp::limits::LabLimits;
use crate::smtp::path::ForwardPath;

use super::node::Node;
use super::post::{Post, Taken, address_at};
use super::world::{Client, Host, Mailbox, User, World};

/// The decisions of one session with one host.
pub(super) struct Desk<'a> {
    world: &'a World,
    host: &'a Host,
    client: &'a Client,
    post: &'a Post,
    user: Option<&'a User>,
    /// What TLS agreed on: suite and group.
    pub(super) tls: Option<(String, Option<String>)>,
    /// `Received` fields of a letter that seems to loop.
    hops: usize,
}

impl<'a> Desk<'a> {
    pub(super) fn new(node: &'a Node) -> Self {
        Self {
            world: &node.world,
            host: &node.host,
            client: &node.client,
            post: &node.post,
            user: None,
            tls: None,
            hops: LabLimits::default().received,
        }
    }

    /// The decision on what the engine asks. What is not asked of the desk is accepted.
    pub(super) async fn decide(&mut self, ask: &Ask) -> Decision {
        match ask {
            Ask::Rcpt(recipient) => self.recipient(&recipient.path),
            Ask::Verify(text) => self.verify(text),
            Ask::Expand(_) => say("550 5.1.1 No such list here"),
            Ask::Login(login) => self.login(login),
            Ask::Letter(letter) => self.letter(letter).await,
            Ask::Hello { .. } | Ask::Mail { .. } | Ask::StartTls | Ask::Close => Decision::Accept,
        }
    }

    fn recipient(&self, path: &ForwardPath) -> Decision {
        let Some(address) = address_at(self.host, path) else {
            return say("550 5.1.2 Bad destination, mail goes to host names here");
        };
        let (_, domain) = address.rsplit_once('@').unwrap_or_default();
        if self.host.holds(domain) {
            return open(self.world.mailbox(&address));
        }
        let sends_elsewhere = self.host.open_relay || (self.host.submission && self.user.is_some());
        match (sends_elsewhere, World::is_inside(domain)) {
            (false, _) => Decision::Say(self.no_relay(domain)),
            (true, false) => say("550 5.7.1 The lab never sends mail outside"),
            // Whether somebody is there the servers of the domain will say.
            (true, true) => Decision::Accept,
        }
    }

    /// A server that took mail from anybody for anybody would be an open relay: spammers find one within hours.
    fn no_relay(&self, domain: &str) -> Reply {
        let rule = if self.host.submission {
            format!("550 5.7.1 Relaying to {domain} denied, only users who log in may send elsewhere")
        } else {
            format!(
                "550 5.7.1 Relaying to {domain} denied, {} takes mail for {} only",
                self.host.name,
                self.host.domains.join(", ")
            )
        };
        reply(&rule)
    }

    /// VRFY takes a user name or an address; success is said only of what was looked up (RFC 5321 §3.5.3).
    fn verify(&self, text: &[u8]) -> Decision {
        let text = String::from_utf8(text.to_vec()).unwrap_or_default();
        let text = text.trim().trim_start_matches('<').trim_end_matches('>');
        let here = |mailbox: &&Mailbox| {
            let (local, domain) = mailbox.address.split_once('@').unwrap_or_default();
            self.host.holds(domain) && (mailbox.address.eq_ignore_ascii_case(text) || local.eq_ignore_ascii_case(text))
        };
        match self.world.mailbox.iter().find(here) {
            Some(Mailbox { reply: Some(reply), .. }) if reply.starts_with("551") => say(reply),
            Some(mailbox) => say(&format!("250 2.1.5 {} <{}>", mailbox.person, mailbox.address)),
            None => say("550 5.1.1 No such user here"),
        }
    }

    fn login(&mut self, login: &Login) -> Decision {
        let as_himself = login.acts_as.is_empty() || login.acts_as == login.user;
        let user = self.world.user.iter().find(|user| user.name.as_bytes() == login.user).filter(|_| as_himself);
        match user.and_then(|user| Some((user, login.check(user.password.as_bytes())?))) {
            Some((user, yes)) => {
                self.user = Some(user);
                yes
            }
            None => say("535 5.7.8 Authentication failed"),
        }
    }

    async fn letter(&self, letter: &Letter) -> Decision {
        let received = field::count(&letter.content, b"Received");
        if received >= self.hops {
            self.post.step(self.host, "", Step::Looped { received, limit: self.hops }).await;
            return say("554 5.4.6 Too many hops, the message seems to loop");
        }
        let taken = Taken { host: self.host, client: self.client, tls: self.tls.as_ref(), letter };
        let id = self.post.take(&taken).await;
        say(&format!("250 2.0.0 Queued as {id}"))
    }
}

/// What RCPT gets for a mailbox, or for none.
fn open(mailbox: Option<&Mailbox>) -> Decision {
    match mailbox {
        Some(Mailbox { reply: Some(reply), .. }) => say(reply),
        Some(_) => Decision::Accept,
        None => say("550 5.1.1 No such user here"),
    }
}

fn say(text: &str) -> Decision {
    Decision::Say(reply(text))
}

/// The reply that a text spells. Every text of this file spells one; the fallback is what RFC 5321 has for a server
/// that cannot go on.
fn reply(text: &str) -> Reply {
    let broken =
        || Reply::new(crate::engine::server::saying::Saying::ShuttingDown.code(), None, "The lab has a mistake");
    Reply::read(text).unwrap_or_else(broken)
}
