//! A server: where it is, whose mail it holds, and what it is like.

use std::net::IpAddr;

use serde::Deserialize;

use crate::engine::server::ask::Dialect;
use crate::engine::server::config::{Config, Extension, Mechanism};
use crate::engine::server::saying::Saying;

use super::Client;
use super::character::{Character, Speaks};
use super::policy::Policy;
use super::style::Style;

/// The port that LMTP must never be served on (RFC 2033 §5).
const SMTP: u16 = 25;

/// A server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// Its name.
    pub name: String,
    /// What it is like, in a few words.
    pub about: String,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// Where it listens.
    pub ports: Vec<Port>,
    /// What stands behind its name in the greeting.
    pub banner: String,
    /// The first letter of its ids.
    pub queue: String,
    /// The domains whose mailboxes it holds.
    #[serde(default)]
    pub domains: Vec<String>,
    /// True if it takes mail for every lab domain from users who are logged in.
    #[serde(default)]
    pub submission: bool,
    /// True if it takes mail for every lab domain from anybody: an open relay, as nobody may run one.
    #[serde(default)]
    pub open_relay: bool,
    /// Domains whose mail it takes from anybody and passes on.
    #[serde(default)]
    pub relays: Vec<String>,
    /// The extensions it offers.
    #[serde(default)]
    offers: Vec<String>,
    /// The mechanisms it offers inside TLS.
    #[serde(default)]
    mechanisms: Vec<String>,
    /// How it speaks.
    #[serde(default)]
    pub(super) character: Character,
    /// What it decides.
    #[serde(default)]
    pub policy: Policy,
    /// The promises about TLS that it goes by when it sends; without any it takes what it gets (RFC 7435).
    #[serde(default)]
    pub goes_by: Vec<GoesBy>,
    /// The names of the faults that it has from the beginning.
    #[serde(default)]
    pub faults: Vec<String>,
}

/// A way in which domains promise that their servers speak TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GoesBy {
    /// Signed TLSA records (RFC 7672).
    Dane,
    /// A policy on a web server (RFC 8461).
    MtaSts,
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

    /// True if it passes on mail for this domain, whoever brings it.
    pub fn passes_on(&self, domain: &str) -> bool {
        self.open_relay || self.relays.iter().any(|known| known.eq_ignore_ascii_case(domain))
    }

    /// The port with this number.
    pub fn port(&self, number: u16) -> Option<Port> {
        self.ports.iter().copied().find(|port| port.port == number)
    }

    /// True if it is a mail store, which speaks LMTP.
    pub fn is_store(&self) -> bool {
        self.character.speaks == Speaks::Lmtp
    }

    /// True if TLS before version 1.3 is too weak for it.
    pub fn wants_tls13(&self) -> bool {
        self.character.tls13
    }

    /// Seconds before its greeting comes.
    pub fn greets_after(&self) -> u64 {
        self.character.greets_after
    }

    /// The name of the style of its replies.
    pub(super) fn style(&self) -> Option<&str> {
        self.character.style.as_deref()
    }

    /// The character of its engine on one of its ports, with the words of a style if its own are not enough.
    pub fn config(&self, port: Port, style: Option<&Style>) -> Config {
        let mut config = Config { auth_required: port.users_only, ..Config::strict(&self.name) };
        config.words.insert(Saying::Welcome, format!("{{host}} {}", self.banner));
        config.offers = self.offers.iter().filter_map(|keyword| Extension::from_keyword(keyword)).collect();
        config.offers_in_tls = config.offers.iter().copied().filter(|offer| *offer != Extension::StartTls).collect();
        config.mechanisms = self.mechanisms.iter().filter_map(|name| Mechanism::from_name(name.as_bytes())).collect();
        if !config.mechanisms.is_empty() {
            config.offers_in_tls.push(Extension::Auth);
        }
        self.character.shape(&mut config);
        if let Some(style) = style {
            style.shape(&mut config);
        }
        config
    }

    /// What is wrong with its description.
    pub(super) fn mistake(&self) -> Option<String> {
        let unknown = |what: &str, word: &str| Some(format!("there is no {what} {word:?}"));
        if let Some(word) = self.offers.iter().find(|keyword| Extension::from_keyword(keyword).is_none()) {
            return unknown("extension", word);
        }
        if let Some(word) = self.mechanisms.iter().find(|name| Mechanism::from_name(name.as_bytes()).is_none()) {
            return unknown("mechanism", word);
        }
        if self.is_store() && self.port(SMTP).is_some() {
            return Some("LMTP is never served on port 25 (RFC 2033 §5)".into());
        }
        self.character.mistake().or_else(|| self.policy.mistake())
    }
}

impl From<Speaks> for Dialect {
    fn from(speaks: Speaks) -> Self {
        match speaks {
            Speaks::Helo => Self::Smtp,
            Speaks::Ehlo => Self::Esmtp,
            Speaks::Lmtp => Self::Lmtp,
        }
    }
}
