//! The ways to the lab's addresses, and what is wrong with them on purpose, switched while the lab runs.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

pub use crate::ports::lab::change::Loss;

/// How long a slow connection takes to come about.
const SLOW: Duration = Duration::from_secs(2);

/// The ways that are lost.
#[derive(Debug, Default)]
pub struct Links {
    lost: RwLock<HashMap<IpAddr, Loss>>,
}

impl Links {
    /// Loses the way to an address, or finds it again.
    pub fn lose(&self, address: IpAddr, loss: Option<Loss>) {
        let mut ways = self.lost.write().unwrap_or_else(PoisonError::into_inner);
        match loss {
            Some(loss) => ways.insert(address, loss),
            None => ways.remove(&address),
        };
    }

    /// How long a connection to this address takes to come about.
    pub(super) fn delay(&self, address: IpAddr) -> Duration {
        let ways = self.lost.read().unwrap_or_else(PoisonError::into_inner);
        if ways.get(&address) == Some(&Loss::Slow) { SLOW } else { Duration::ZERO }
    }

    /// What an operating system would say to who connects there: [`TimedOut`](io::ErrorKind::TimedOut) for silence, which
    /// whoever has real time to lose waits for.
    pub(super) fn check(&self, address: IpAddr) -> io::Result<()> {
        let lost = self.lost.read().unwrap_or_else(PoisonError::into_inner).get(&address).copied();
        Err(io::Error::from(match lost {
            None | Some(Loss::Slow) => return Ok(()),
            Some(Loss::Silent) => io::ErrorKind::TimedOut,
            Some(Loss::Refused) => io::ErrorKind::ConnectionRefused,
            Some(Loss::Unreachable) => io::ErrorKind::HostUnreachable,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_lost_in_three_ways_and_found_again() {
        let (links, mx1) = (Links::default(), IpAddr::from([192, 0, 2, 10]));
        let said = |links: &Links| links.check(mx1).map_err(|error| error.kind());
        for (loss, kind) in [
            (Loss::Silent, io::ErrorKind::TimedOut),
            (Loss::Refused, io::ErrorKind::ConnectionRefused),
            (Loss::Unreachable, io::ErrorKind::HostUnreachable),
        ] {
            links.lose(mx1, Some(loss));
            assert_eq!(said(&links), Err(kind));
            assert!(links.check([192, 0, 2, 20].into()).is_ok(), "no other address is meant");
        }
        links.lose(mx1, None);
        assert_eq!(said(&links), Ok(()));
    }
}
