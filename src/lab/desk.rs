//! The desk of a host: what it decides about senders, recipients, logins and letters.

mod filter;
mod judge;
pub(super) mod memory;
mod policy;

use crate::engine::server::ask::{Ask, Decision, Letter, Login, Proof, Recipient, Transaction};
use crate::engine::server::reply::Reply;
use crate::engine::server::sender;
use crate::mail::field;
use crate::ports::lab::Step;
use crate::smtp::limits::LabLimits;
use crate::smtp::path::{ForwardPath, ReversePath};
use crate::smtp::stage::Stage;

use super::clock::Clock;
use super::fault::Fault;
use super::magic::{Deed, Magic};
use super::node::Node;
use super::post::{Post, Taken, address_at};
use super::relay::Names;
use super::world::{About, Client, Filtered, Host, Mailbox, Topic, User, When, World};

use filter::Score;
use memory::Memory;

/// How a client asks for one of the world's faults in its session: `EHLO fault-NAME.you.test`.
const FAULT: &str = "fault-";

/// The decisions of one session with one host.
pub(super) struct Desk<'a> {
    world: &'a World,
    clock: &'a Clock,
    host: &'a Host,
    client: &'a Client,
    post: &'a Post,
    memory: &'a Memory,
    user: Option<&'a User>,
    /// What TLS agreed on: suite and group.
    pub(super) tls: Option<(String, Option<String>)>,
    /// `Received` fields of a letter that seems to loop.
    hops: usize,
    /// The reverse path of the transaction.
    from: String,
    /// The recipients that this session has named.
    recipients: u32,
    /// What the magic recipients of the transaction ask for later.
    magic: Vec<(String, Magic)>,
    /// Faults that the client asked for.
    faults: Vec<&'a Fault>,
    /// Whom it asks in the DNS.
    names: Option<&'a Names>,
    /// What the keys that sign letters follow from.
    keys: u64,
}

impl<'a> Desk<'a> {
    pub(super) fn new(node: &'a Node) -> Self {
        Self {
            world: &node.world,
            clock: &node.clock,
            host: &node.host,
            client: &node.client,
            post: &node.post,
            memory: &node.memory,
            user: None,
            tls: None,
            hops: LabLimits::default().received,
            from: String::new(),
            recipients: 0,
            magic: Vec::new(),
            faults: Vec::new(),
            names: node.names.as_ref(),
            keys: node.keys,
        }
    }

    /// The decision on what the engine asks. What is not asked of the desk is accepted.
    pub(super) async fn decide(&mut self, ask: &Ask) -> Decision {
        match ask {
            Ask::Hello { name, .. } => self.hello(name).await,
            Ask::Mail { path, .. } => self.sender(path).await,
            Ask::Rcpt(recipient) => self.recipient(&recipient.path).await,
            Ask::Data => self.asked_for_at(Stage::Data).await.unwrap_or(Decision::Accept),
            Ask::Verify(text) => self.verify(text),
            Ask::Expand(_) => say("550 5.1.1 No such list here"),
            Ask::Login(login) => self.login(login),
            Ask::Letter(letter) => self.letter(letter).await,
            Ask::StartTls | Ask::Close => Decision::Accept,
        }
    }

    /// The faults that the client asked for since the last time.
    pub(super) fn take_faults(&mut self) -> Vec<&'a Fault> {
        std::mem::take(&mut self.faults)
    }

    async fn hello(&mut self, name: &[u8]) -> Decision {
        // The engine takes no name that is not ASCII.
        let name = std::str::from_utf8(name).unwrap_or_default();
        if let Some(refusal) = self.ruled(When::Hello, name) {
            return refusal;
        }
        let label = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
        if let Some(name) = label.strip_prefix(FAULT) {
            let Some(fault) = self.world.fault(name) else {
                let known: Vec<_> = self.world.fault.iter().map(|fault| fault.name.as_str()).collect();
                return say(&format!("550 5.5.4 There is no fault {name}, only {}", known.join(" ")));
            };
            self.faults.push(fault);
        }
        self.enchanted(&label, Stage::Hello, "5.5.4").await.unwrap_or(Decision::Accept)
    }

    async fn sender(&mut self, path: &ReversePath) -> Decision {
        self.magic.clear();
        self.from = sender(path);
        let Some((local, domain)) = self.from.rsplit_once('@') else {
            return self.ruled(When::Mail, "").unwrap_or(Decision::Accept);
        };
        let (local, domain) = (local.to_owned(), domain.to_owned());
        if let Some(refusal) = self.ruled(When::Mail, &domain).or_else(|| self.refused_sender(&domain)) {
            return refusal;
        }
        self.enchanted(&local, Stage::Mail, "5.1.7").await.unwrap_or(Decision::Accept)
    }

    async fn recipient(&mut self, path: &ForwardPath) -> Decision {
        let Some(address) = address_at(self.host, path) else {
            return say("550 5.1.2 Bad destination, mail goes to host names here");
        };
        self.be_patient().await;
        let (local, domain) = address.rsplit_once('@').unwrap_or_default();
        if let Some(refusal) = self.ruled(When::Rcpt, domain).or_else(|| self.not_for(domain, &address)) {
            return refusal;
        }
        if let Some(refusal) = self.blocked(domain).await {
            return refusal;
        }
        if let Some(refusal) = self.greylisted(&address).await {
            return refusal;
        }
        if !self.host.holds(domain) {
            // Whether somebody is there the servers of the domain will say.
            return Decision::Accept;
        }
        let mailbox = self.world.mailbox(&address);
        if mailbox.is_none()
            && let Some(magic) = Magic::parse(local, Stage::Rcpt)
        {
            return self.magic_recipient(&address, magic).await;
        }
        // A store learns of a mailbox's state (RFC 3463 §3.3) when it puts a letter there.
        if self.host.is_store() && mailbox.is_some_and(|mailbox| is_state(mailbox.reply.as_deref())) {
            return Decision::Accept;
        }
        match mailbox {
            Some(Mailbox { reply: Some(reply), .. }) => say(reply),
            Some(mailbox) => self.full(mailbox).unwrap_or(Decision::Accept),
            None => {
                let usual = self.host.policy.unknown.as_deref().unwrap_or("550 5.1.1 No such user here");
                self.styled(Topic::NoUser, &About { to: &address, domain, ..About::default() }, usual)
            }
        }
    }

    /// What a recipient gets whose mailbox has no room.
    fn full(&self, mailbox: &Mailbox) -> Option<Decision> {
        let quota = mailbox.quota.or(self.host.policy.quota)?;
        let holds = self.post.holds(&mailbox.address);
        let words = format!("452 4.2.2 Mailbox full: its letters have {holds} octets, and {quota} are its quota");
        (holds >= quota).then(|| say(&words))
    }

    /// What the host's style says on a topic, or what the lab usually says.
    fn styled(&self, topic: Topic, about: &About<'_>, usual: &str) -> Decision {
        let styled = self.world.style(self.host).and_then(|style| style.says(topic, about));
        styled.map_or_else(|| say(usual), Decision::Say)
    }

    /// What a recipient's domain gets where its mail is not taken.
    fn not_for(&self, domain: &str, address: &str) -> Option<Decision> {
        let sends_elsewhere = self.host.passes_on(domain) || (self.host.submission && self.user.is_some());
        if self.host.holds(domain) {
            None
        } else if !sends_elsewhere {
            Some(self.no_relay(domain, address))
        } else if self.host.policy.refuses_null_mx && self.world.takes_no_mail(domain) {
            Some(say(&format!("556 5.1.10 {domain} has a null MX: it takes no mail")))
        } else if !World::is_inside(domain) {
            Some(say("550 5.7.1 The lab never sends mail outside"))
        } else {
            None
        }
    }

    async fn magic_recipient(&mut self, address: &str, magic: Result<Magic, String>) -> Decision {
        let magic = match magic {
            Ok(magic) => magic,
            Err(nonsense) => return say(&format!("553 5.1.3 {nonsense}")),
        };
        let at_once = magic.stage == Stage::Rcpt && !matches!(magic.deed, Deed::Later(_));
        if at_once {
            return self.done(&magic.deed).await.unwrap_or(Decision::Accept);
        }
        self.magic.push((address.to_owned(), magic));
        Decision::Accept
    }

    /// What a magic word at this stage does; nothing if there is none.
    async fn enchanted(&self, word: &str, stage: Stage, status: &str) -> Option<Decision> {
        match Magic::parse(word, stage)? {
            Ok(magic) => self.done(&magic.deed).await,
            Err(nonsense) => Some(say(&format!("553 {status} {nonsense}"))),
        }
    }

    /// What the magic recipients asked for at a stage; the first that refuses decides.
    async fn asked_for_at(&self, stage: Stage) -> Option<Decision> {
        let mut decided = None;
        for (_, magic) in self.magic.iter().filter(|(_, magic)| magic.stage == stage) {
            decided = decided.or(self.done(&magic.deed).await);
        }
        decided
    }

    /// Does it, and gives what is said then, if anything is decided by it.
    async fn done(&self, deed: &Deed) -> Option<Decision> {
        match deed {
            Deed::Say(reply) => Some(Decision::Say(reply.clone())),
            Deed::Drop => Some(Decision::Drop),
            Deed::Delay(time) => {
                self.pause(*time).await;
                None
            }
            Deed::Later(_) => None,
        }
    }

    /// A server that took mail from anybody for anybody would be an open relay: spammers find one within hours.
    fn no_relay(&self, domain: &str, to: &str) -> Decision {
        let rule = if self.host.submission {
            format!("550 5.7.1 Relaying to {domain} denied, only users who log in may send elsewhere")
        } else {
            format!(
                "550 5.7.1 Relaying to {domain} denied, {} takes mail for {} only",
                self.host.name,
                self.host.domains.join(", ")
            )
        };
        self.styled(Topic::NoRelay, &About { to, domain, ..About::default() }, &rule)
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
            Some((User { reply: Some(reply), .. }, _)) => say(reply),
            Some((User { strong_only: true, .. }, _)) if matches!(login.proof, Proof::Password(_)) => {
                say("534 5.7.9 This mechanism is too weak for you, use SCRAM")
            }
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
        if let Some(decision) = self.asked_for_at(Stage::Final).await {
            return decision;
        }
        let recipients = &letter.envelope.recipients;
        let refusals: Vec<_> = recipients.iter().map(|recipient| self.refused_at_last(recipient)).collect();
        let taken = recipients.iter().zip(&refusals).filter(|(_, refusal)| refusal.is_none());
        let taken = taken.map(|(recipient, _)| recipient.clone()).collect();
        let letter = match self.judged(letter).await {
            Ok(letter) => letter,
            Err(refusal) => return say(&refusal),
        };
        let verdict = self.filtered(&letter, taken).await;
        if refusals.iter().all(Option::is_none) {
            return verdict;
        }
        Decision::Each(refusals.into_iter().map(|refusal| refusal.unwrap_or_else(|| verdict.clone())).collect())
    }

    fn mailbox(&self, recipient: &Recipient) -> Option<&Mailbox> {
        address_at(self.host, &recipient.path).and_then(|address| self.world.mailbox(&address))
    }

    /// What a store says to one recipient of a letter that it cannot put away.
    fn refused_at_last(&self, recipient: &Recipient) -> Option<Decision> {
        let reply = self.mailbox(recipient)?.reply.as_deref();
        reply.filter(|reply| self.host.is_store() && is_state(Some(reply))).map(say)
    }

    /// Takes a letter for some of its recipients, unless the content filter does something else with it.
    async fn filtered(&self, letter: &Letter, mut recipients: Vec<Recipient>) -> Decision {
        let Some(filter) = &self.host.policy.filter else {
            return self.take(letter, recipients).await;
        };
        let score = Score::of(filter, &letter.content);
        let letter = Letter { content: [score.field().as_bytes(), &letter.content].concat(), ..letter.clone() };
        if score.is_unwanted() {
            let does = |recipient: &Recipient| {
                self.mailbox(recipient).and_then(|mailbox| mailbox.filtered).unwrap_or(filter.does)
            };
            if recipients.iter().any(|recipient| does(recipient) == Filtered::Reject) {
                return say(&format!("550 5.7.1 Message refused by the content filter, {score}"));
            }
            for recipient in recipients.iter().filter(|recipient| does(recipient) == Filtered::Discard) {
                self.drop(recipient, &format!("the content filter discards it, {score}")).await;
            }
            recipients.retain(|recipient| does(recipient) != Filtered::Discard);
            recipients.iter_mut().for_each(put_aside);
        }
        self.take(&letter, recipients).await
    }

    /// Takes a letter for these recipients. What is only for magic ones is for nobody.
    async fn take(&self, letter: &Letter, mut recipients: Vec<Recipient>) -> Decision {
        let is_real = |recipient: &Recipient| {
            let address = address_at(self.host, &recipient.path).unwrap_or_default();
            let (local, domain) = address.rsplit_once('@').unwrap_or_default();
            let is_magic = self.mailbox(recipient).is_none() && self.host.holds(domain) && Magic::vanishes(local);
            !is_magic
        };
        for recipient in recipients.iter().filter(|recipient| !is_real(recipient)) {
            self.drop(recipient, "a magic recipient has no mailbox").await;
        }
        recipients.retain(is_real);
        if recipients.is_empty() {
            return say("250 2.0.0 Taken, and kept by nobody");
        }
        let envelope = Transaction { recipients, ..letter.envelope.clone() };
        let letter = Letter { envelope, ..letter.clone() };
        let taken = Taken { host: self.host, client: self.client, tls: self.tls.as_ref(), letter: &letter };
        let id = self.post.take(&taken).await;
        let about = About { id: &id, ..About::default() };
        self.styled(Topic::Queued, &about, &format!("250 2.0.0 Queued as {id}"))
    }

    /// Tells that a letter is not kept for a recipient.
    async fn drop(&self, recipient: &Recipient, why: &str) {
        let to = address_at(self.host, &recipient.path).unwrap_or_default();
        self.post.step(self.host, "", Step::Dropped { to, why: why.to_owned() }).await;
    }
}

/// A recipient whose letters go to the mailbox's Junk.
fn put_aside(recipient: &mut Recipient) {
    if let ForwardPath::Path(path) = &mut recipient.path {
        path.mailbox.local.extend_from_slice(b"/Junk");
    }
}

/// True for a reply that tells of a mailbox's state: full, busy (RFC 3463 §3.3).
fn is_state(reply: Option<&str>) -> bool {
    let status = reply.and_then(Reply::read).and_then(|reply| reply.status());
    status.is_some_and(|status| status.subject == 2)
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
