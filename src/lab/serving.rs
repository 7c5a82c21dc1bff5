//! Where a served lab is reached on this machine: one table of ports, which can be moved as a whole.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use serde::Deserialize;

use super::site::HTTPS;
use super::world::World;
use crate::ports::lab::Service;

/// The port that stands for all others: mx1's.
pub const FIRST: u16 = 2525;

/// The address of the lab that it serves.
const FIRST_OF: ([u8; 4], u16) = ([192, 0, 2, 10], 25);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    dns: u16,
    service: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    lab: SocketAddr,
    port: u16,
}

/// Where everything is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The services, mx1's first, then by port.
    pub services: Vec<Service>,
    /// The port of the name server, UDP and TCP.
    pub dns: u16,
}

/// Why there is no plan: always a mistake in the lab itself, but for the last.
#[derive(Debug, thiserror::Error)]
pub enum NoPlan {
    /// The data is wrong.
    #[error("the lab's data is wrong: {0}")]
    Data(#[from] toml::de::Error),
    /// The ports do not fit behind this one.
    #[error("not every service of the lab has a port then")]
    Range,
}

/// Where everything is served, with mx1 on `first` and the rest moved by the same amount.
pub fn plan(first: u16) -> Result<Plan, NoPlan> {
    let table: Table = toml::from_str(include_str!("../../assets/lab/serving.toml"))?;
    let world = World::load()?;
    let moved = |port: u16| {
        let port = i32::from(port) + i32::from(first) - i32::from(FIRST);
        u16::try_from(port).ok().filter(|port| *port > 0).ok_or(NoPlan::Range)
    };
    let mut taken: BTreeSet<u16> = table.service.iter().map(|row| row.port).chain([table.dns]).collect();
    let mut services = Vec::new();
    for service in all(&world) {
        let row = table.service.iter().find(|row| row.lab == service.lab).map(|row| row.port);
        let own = row.unwrap_or_else(|| taken.last().map_or(FIRST, |last| last.saturating_add(1)));
        taken.insert(own);
        services.push(Service { port: moved(own)?, ..service });
    }
    services.sort_by_key(|service| (service.lab != FIRST_OF.into(), service.port));
    Ok(Plan { services, dns: moved(table.dns)? })
}

/// Every service of a world, without its port here. One with several addresses is served once.
fn all(world: &World) -> Vec<Service> {
    let mut services = Vec::new();
    for host in &world.host {
        let Some(address) = host.addresses.first() else { continue };
        services.extend(host.ports.iter().map(|port| Service {
            host: host.name.clone(),
            domains: host.domains.clone(),
            lab: (*address, port.port).into(),
            port: 0,
            tls: port.tls,
            users_only: port.users_only,
            lmtp: port.port == LMTP,
            web: false,
        }));
    }
    for site in &world.site {
        let Some(address) = site.addresses.first() else { continue };
        services.push(Service {
            host: site.name.clone(),
            domains: site.name.strip_prefix("mta-sts.").map(str::to_owned).into_iter().collect(),
            lab: (*address, HTTPS).into(),
            port: 0,
            tls: true,
            users_only: false,
            lmtp: false,
            web: true,
        });
    }
    services
}

/// The port of LMTP in the lab.
pub(super) const LMTP: u16 = 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_of_the_lab_has_a_port_of_its_own_and_mx1_comes_first() {
        let plan = plan(FIRST).expect("a plan");
        assert_eq!((plan.services[0].host.as_str(), plan.services[0].port), ("mx1.harbor.test", FIRST));
        let ports: BTreeSet<u16> = plan.services.iter().map(|service| service.port).chain([plan.dns]).collect();
        assert_eq!(ports.len(), plan.services.len() + 1);
        let port = |lab: &str| plan.services.iter().find(|it| it.lab.to_string() == lab).map(|it| it.port);
        assert_eq!((port("198.51.100.25:587"), port("198.51.100.25:465"), plan.dns), (Some(2587), Some(2465), 2553));
        assert_eq!(port("203.0.113.10:443"), Some(2643), "the policy of bank.test");
    }

    #[test]
    fn all_move_by_the_same_amount_and_none_falls_off_the_end() {
        let (plain, moved) = (plan(FIRST).expect("a plan"), plan(FIRST + 1000).expect("a plan"));
        assert!(plain.services.iter().zip(&moved.services).all(|(one, other)| one.port + 1000 == other.port));
        assert!(plan(40).is_err() && plan(65535).is_err());
    }

    #[test]
    fn no_two_rows_of_the_table_are_the_same() {
        let table: Table = toml::from_str(include_str!("../../assets/lab/serving.toml")).expect("a table");
        let unique = |of: fn(&Row) -> String| table.service.iter().map(of).collect::<BTreeSet<_>>().len();
        assert_eq!(unique(|row| row.lab.to_string()), table.service.len());
        assert_eq!(unique(|row| row.port.to_string()), table.service.len());
    }
}
