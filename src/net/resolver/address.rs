//! The addresses of a host, for the dialler, with the look-ups that led to them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use super::Resolver;
use crate::dns::typed::{self, BadName};
use crate::dns::{Kind, Name, Outcome, Question};
use crate::ports::dns::{Signal, Source};
use crate::tape::mark::LookUp;

/// What is known of a host's addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// The addresses in the order in which they came, IPv4 first, each once.
    pub addresses: Vec<IpAddr>,
    /// The look-ups, as marks for the tape; none for an address literal.
    pub look_ups: Vec<LookUp>,
    /// When there is no address: why, as `NXDOMAIN`, `timeout`, `no address`.
    pub outcome: String,
}

impl Resolver {
    /// The addresses of `host`: an address literal (with or without brackets), or a name whose A and AAAA records are
    /// asked for side by side. `localhost` is this machine without any question (RFC 6761 §6.3).
    pub async fn addresses(&self, host: &str, source: &Source) -> Result<Addresses, BadName> {
        if let Some(address) = literal(host) {
            return Ok(Addresses { addresses: vec![address], look_ups: Vec::new(), outcome: "literal".into() });
        }
        let name = typed::name(host)?.name;
        if name.is_within(&Name::ascii("localhost")) && *source != Source::Lab {
            return Ok(localhost(&name));
        }
        let (v4, v6) = tokio::join!(
            self.look_up(0, Question::new(name.clone(), Kind::A), source),
            self.look_up(0, Question::new(name, Kind::AAAA), source),
        );
        Ok(gathered(&v4, &v6))
    }
}

/// An address as it stands in SMTP (`[192.0.2.1]`, `[IPv6:2001:db8::1]`) or bare.
fn literal(host: &str) -> Option<IpAddr> {
    let bare = host.trim();
    let inner = bare.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(bare);
    let tagged = inner.split_once(':').filter(|(tag, _)| tag.eq_ignore_ascii_case("IPv6")).map(|(_, rest)| rest);
    tagged.unwrap_or(inner).parse().ok()
}

fn localhost(name: &Name) -> Addresses {
    let addresses = vec![IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)];
    let look_up = LookUp {
        name: name.to_string(),
        kind: "A".into(),
        answers: addresses.iter().map(ToString::to_string).collect(),
        outcome: Outcome::Found.word().into_owned(),
        source: "this machine (RFC 6761)".into(),
        ttl: None,
        took: Duration::ZERO,
    };
    Addresses { addresses, look_ups: vec![look_up], outcome: Outcome::Found.word().into_owned() }
}

fn gathered(v4: &Signal, v6: &Signal) -> Addresses {
    let mut addresses: Vec<IpAddr> = Vec::new();
    for signal in [v4, v6] {
        let found = signal.answer.of(signal.question.kind).filter_map(crate::dns::Record::address);
        for address in found {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
    }
    // A failure says more than "none of this type".
    let worse = if v4.answer.outcome.is_answer() { v6 } else { v4 };
    let outcome = match &worse.answer.outcome {
        Outcome::NoData => "no address".into(),
        other => other.word().into_owned(),
    };
    Addresses { addresses, look_ups: vec![v4.look_up(), v6.look_up()], outcome }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_of_smtp_and_bare_addresses_need_no_question() {
        assert_eq!(literal("[192.0.2.10]"), Some([192, 0, 2, 10].into()));
        assert_eq!(literal("[IPv6:2001:db8::10]"), "2001:db8::10".parse().ok());
        assert_eq!(literal("2001:db8::10"), "2001:db8::10".parse().ok());
        assert_eq!(literal("mx1.harbor.test"), None);
    }
}
