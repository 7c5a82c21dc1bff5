//! The lab as data: hosts, users, mailboxes and the scene's date, read from `assets/lab/world.toml`.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::Deserialize;

use crate::engine::server::ask::Dialect;
use crate::engine::server::config::{Config, Extension, Mechanism};
use crate::engine::server::saying::Saying;

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

/// A server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// Its name.
    pub name: String,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// Where it listens.
    pub ports: Vec<Port>,
    /// What stands behind its name in the greeting.
    pub banner: String,
    /// The first letter of its ids.
    pub queue: String,
    /// The domains whose mailboxes it holds.
    pub domains: Vec<String>,
    /// True if it takes mail for every lab domain from users who are logged in.
    #[serde(default)]
    pub submission: bool,
    /// True if it takes mail for every lab domain from anybody: a bad example.
    #[serde(default)]
    pub open_relay: bool,
    /// True if it speaks as in 1982: HELO only, 7 bit, no enhanced codes.
    #[serde(default)]
    pub helo_only: bool,
    /// The extensions it offers.
    #[serde(default)]
    offers: Vec<String>,
    /// The mechanisms it offers inside TLS.
    #[serde(default)]
    mechanisms: Vec<String>,
}

/// A port and how a connection to it begins.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Port {
    /// The number.
    pub port: u16,
    /// TLS from the first octet.
    #[serde(default)]
    pub tls: bool,
    /// Users only: nothing is taken from anybody before AUTH (RFC 6409 §4.3).
    #[serde(default)]
    pub users_only: bool,
}

/// Somebody who may log in. Lab passwords are public.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The name.
    pub name: String,
    /// The password.
    pub password: String,
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
    /// Where its letters go instead, envelope and all (RFC 5321 §3.9.1).
    #[serde(default)]
    pub forward: Vec<String>,
    /// The members, if it is a mailing list (RFC 5321 §3.9.2).
    pub list: Option<Vec<String>>,
}

impl World {
    /// The world that the program carries.
    pub fn load() -> Result<Self, toml::de::Error> {
        toml::from_str(include_str!("../../assets/lab/world.toml"))
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

    /// True if a domain lies inside the lab. Mail for any other goes nowhere.
    pub fn is_inside(domain: &str) -> bool {
        domain.rsplit('.').next().is_some_and(|top| top.eq_ignore_ascii_case("test"))
    }

    /// True if some lab host holds mailboxes of this domain.
    pub fn holds(&self, domain: &str) -> bool {
        self.host.iter().any(|host| host.holds(domain))
    }
}

impl Host {
    /// How it is seen where it connects.
    pub fn client(&self) -> Client {
        let address = self.addresses.first().copied().unwrap_or(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED));
        Client { name: Some(self.name.clone()), address }
    }

    /// True if it holds mailboxes of this domain.
    pub fn holds(&self, domain: &str) -> bool {
        self.domains.iter().any(|held| held.eq_ignore_ascii_case(domain))
    }

    /// The port with this number.
    pub fn port(&self, number: u16) -> Option<Port> {
        self.ports.iter().copied().find(|port| port.port == number)
    }

    /// The character of its engine on one of its ports.
    pub fn config(&self, port: Port) -> Config {
        let mut config = Config { auth_required: port.users_only, ..Config::strict(&self.name) };
        config.words.insert(Saying::Welcome, format!("{{host}} {}", self.banner));
        if self.helo_only {
            (config.dialect, config.seven_bit) = (Dialect::Smtp, true);
            (config.offers, config.offers_in_tls) = (Vec::new(), Vec::new());
            return config;
        }
        config.offers = self.offers.iter().filter_map(|keyword| Extension::from_keyword(keyword)).collect();
        config.offers_in_tls = config.offers.iter().copied().filter(|offer| *offer != Extension::StartTls).collect();
        config.mechanisms = self.mechanisms.iter().filter_map(|name| Mechanism::from_name(name.as_bytes())).collect();
        if !config.mechanisms.is_empty() {
            config.offers_in_tls.push(Extension::Auth);
        }
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_world_is_sound() {
        let world = World::load().expect("world.toml");
        for host in &world.host {
            let config = host.config(host.ports[0]);
            assert_eq!(config.offers.len(), host.offers.len(), "{}: every keyword is known", host.name);
            assert_eq!(config.mechanisms.len(), host.mechanisms.len(), "{}: every mechanism is known", host.name);
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
        let mut addresses: Vec<_> = world.host.iter().flat_map(|host| &host.addresses).collect();
        let all = addresses.len();
        addresses.sort();
        addresses.dedup();
        assert_eq!(addresses.len(), all);
    }
}
