//! The lab as data: hosts, users, mailboxes and the scene's date, read from `assets/lab/world.toml`.

mod character;
mod host;
mod policy;
mod setting;
mod style;

use std::net::IpAddr;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::Error as _;

pub use host::{GoesBy, Host, Port};
pub use policy::{BlockList, Filter, Filtered, Policy, Rule, When};
pub use setting::NotSet;
pub use style::{About, Style, Topic};

use crate::engine::server::reply::Reply;

use super::fault::Fault;
use super::site::Site;

/// Who lives in the lab.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// The scene's date, at which the lab's clock begins.
    pub clock: Timestamp,
    /// The learner's machine.
    pub client: Client,
    /// The servers.
    pub host: Vec<Host>,
    /// Who may log in at submission servers.
    pub user: Vec<User>,
    /// Every mailbox.
    pub mailbox: Vec<Mailbox>,
    /// Domains that take no mail, as their null MX says (RFC 7505).
    #[serde(default)]
    pub no_mail: Vec<String>,
    /// The web servers, which hold policies of MTA-STS.
    #[serde(default)]
    pub site: Vec<Site>,
    /// The shapes of replies that a host may be set to.
    #[serde(default)]
    pub style: Vec<Style>,
    /// What can go wrong on a server's side, once it is switched on.
    #[serde(default)]
    pub fault: Vec<Fault>,
}

/// A machine that connects, as the servers see it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// What the DNS calls its address, if it calls it anything.
    pub name: Option<String>,
    /// Its address.
    pub address: IpAddr,
}

/// Somebody who may log in. Lab passwords are public.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The name.
    pub name: String,
    /// The password.
    pub password: String,
    /// What the right password gets instead of a login: `432 4.7.12 …`.
    pub reply: Option<String>,
    /// True if a password that goes over the line itself is too weak a proof for this user.
    #[serde(default)]
    pub strong_only: bool,
}

/// A mailbox.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mailbox {
    /// Its address.
    pub address: String,
    /// Whose it is.
    pub person: String,
    /// What RCPT gets instead of a delivery: `452 4.2.2 Mailbox full`.
    pub reply: Option<String>,
    /// Octets of letters with which it is full.
    pub quota: Option<u64>,
    /// Where its letters go instead, envelope and all (RFC 5321 §3.9.1).
    #[serde(default)]
    pub forward: Vec<String>,
    /// The members, if it is a mailing list (RFC 5321 §3.9.2).
    pub list: Option<Vec<String>>,
    /// What the content filter does with doubtful letters to this mailbox, if not what its host does with all.
    pub filtered: Option<Filtered>,
}

impl World {
    /// The world that the program carries.
    pub fn load() -> Result<Self, toml::de::Error> {
        Self::read(include_str!("../../assets/lab/world.toml"))
    }

    /// A world as a text describes it; what cannot be served is an error.
    pub fn read(text: &str) -> Result<Self, toml::de::Error> {
        let world: Self = toml::from_str(text)?;
        match world.mistake() {
            Some(mistake) => Err(toml::de::Error::custom(mistake)),
            None => Ok(world),
        }
    }

    /// The style of a host's replies; none if they are the lab's own.
    pub fn style(&self, host: &Host) -> Option<&Style> {
        let name = host.style()?;
        self.style.iter().find(|style| style.name == name)
    }

    /// The first mistake in it that its form alone does not show.
    fn mistake(&self) -> Option<String> {
        let of_host = |host: &Host| host.mistake().map(|mistake| format!("{}: {mistake}", host.name));
        let named = self.host.iter().flat_map(|host| &host.faults);
        let no_fault = |name: &&String| self.fault(name).is_none();
        let replies = self.mailbox.iter().filter_map(|mailbox| mailbox.reply.as_deref());
        let replies = replies.chain(self.user.iter().filter_map(|user| user.reply.as_deref()));
        let of_reply = |reply: &str| Reply::read(reply).is_none().then(|| format!("{reply:?} is no reply"));
        let mistake = self.host.iter().find_map(of_host).or_else(|| replies.into_iter().find_map(of_reply));
        let mistake = mistake.or_else(|| self.style.iter().find_map(Style::mistake));
        mistake.or_else(|| named.into_iter().find(no_fault).map(|name| format!("there is no fault {name:?}")))
    }

    /// The fault with this name.
    pub fn fault(&self, name: &str) -> Option<&Fault> {
        self.fault.iter().find(|fault| fault.name == name)
    }

    /// True if a null MX says that this domain takes no mail.
    pub fn takes_no_mail(&self, domain: &str) -> bool {
        self.no_mail.iter().any(|known| known.eq_ignore_ascii_case(domain))
    }

    /// The mailbox with this address. The local part is matched in any case, as this lab's servers have it
    /// (RFC 5321 §2.4 leaves that to the host).
    pub fn mailbox(&self, address: &str) -> Option<&Mailbox> {
        self.mailbox.iter().find(|mailbox| mailbox.address.eq_ignore_ascii_case(address))
    }

    /// The host at an address.
    pub fn host_at(&self, address: IpAddr) -> Option<&Host> {
        self.host.iter().find(|host| host.addresses.contains(&address))
    }

    /// The web server at an address.
    pub fn site_at(&self, address: IpAddr) -> Option<&Site> {
        self.site.iter().find(|site| site.addresses.contains(&address))
    }

    /// The names of all that show a certificate.
    pub fn certified(&self) -> impl Iterator<Item = &str> {
        self.host.iter().map(|host| host.name.as_str()).chain(self.site.iter().map(|site| site.name.as_str()))
    }

    /// True if a domain lies inside the lab. Mail for any other goes nowhere.
    pub fn is_inside(domain: &str) -> bool {
        domain.rsplit('.').next().is_some_and(|top| top.eq_ignore_ascii_case("test"))
    }

    /// True if some lab host holds mailboxes of this domain.
    pub fn holds(&self, domain: &str) -> bool {
        self.host.iter().any(|host| host.holds(domain))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::server::config::Extension;

    #[test]
    fn the_world_is_sound() {
        let world = World::load().expect("world.toml");
        for host in &world.host {
            let config = host.config(host.ports[0], world.style(host));
            assert!(host.submission || config.mechanisms.is_empty(), "{} takes mail from anybody: no AUTH", host.name);
            assert!(!config.offers.contains(&Extension::Auth), "{}: no password in plain text", host.name);
            for domain in &host.domains {
                let postmaster = format!("postmaster@{domain}");
                assert!(world.mailbox(&postmaster).is_some(), "{postmaster} must exist (RFC 5321 §4.5.1)");
            }
        }
        for mailbox in &world.mailbox {
            let (_, domain) = mailbox.address.split_once('@').expect("an address");
            assert!(world.holds(domain), "nobody holds {}", mailbox.address);
            for target in mailbox.forward.iter().chain(mailbox.list.iter().flatten()) {
                assert!(world.mailbox(target).is_some(), "{target} is nobody");
            }
            if let Some(reply) = &mailbox.reply {
                assert!(reply.as_bytes()[0] == b'4' || reply.as_bytes()[0] == b'5', "{reply}");
            }
        }
    }

    #[test]
    fn no_two_hosts_share_an_address() {
        let world = World::load().expect("world.toml");
        let of_sites = world.site.iter().flat_map(|site| &site.addresses);
        let mut addresses: Vec<_> = world.host.iter().flat_map(|host| &host.addresses).chain(of_sites).collect();
        let all = addresses.len();
        addresses.sort();
        addresses.dedup();
        assert_eq!(addresses.len(), all);
    }
}
