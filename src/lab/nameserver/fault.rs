//! What goes wrong with the lab's DNS, on purpose: by name or by zone, switched while it runs, the same on every run.
//!
//! ```text
//! servfail    the server cannot answer                       RCODE 2
//! silence     no answer comes
//! truncation  over UDP only the beginning comes (TC): the question must go over TCP (RFC 7766 §5)
//! lame        the server was named, but knows nothing of the zone: RCODE 5, extended error 20 (RFC 8914 §4.21)
//! slow        the answer takes its time
//! tampered    the records are right, their signatures are not: bogus for whoever validates
//! spoofed     MX records name another host; who validates sees that they are bogus
//! ```

use std::collections::BTreeMap;
use std::str::FromStr as _;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use hickory_proto::rr::{LowerName, Name};

pub use crate::ports::lab::change::{NameFault as Fault, Spot};

/// How long a slow answer takes: less than a resolver waits ([`QUERY`](crate::smtp::limits::dns::QUERY)).
pub const SLOW: Duration = Duration::from_secs(3);

/// No name of the DNS.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no name of the DNS")]
pub struct NoName(pub String);

/// The faults that are switched on. Cheap to clone; all clones switch the same name server.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    on: Arc<RwLock<BTreeMap<LowerName, (bool, Fault)>>>,
}

impl Faults {
    /// Switches a fault on; it takes the place of another at the same name.
    pub fn switch_on(&self, spot: &Spot) -> Result<(), NoName> {
        let name = name(&spot.at)?;
        self.on.write().unwrap_or_else(PoisonError::into_inner).insert(name, (spot.below, spot.fault));
        Ok(())
    }

    /// Switches off what goes wrong at a name.
    pub fn switch_off(&self, at: &str) -> Result<(), NoName> {
        let name = name(at)?;
        self.on.write().unwrap_or_else(PoisonError::into_inner).remove(&name);
        Ok(())
    }

    /// Switches everything off.
    pub fn clear(&self) {
        self.on.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// What goes wrong for a name: what is set at it, else what is set for all below the nearest name above it.
    pub(super) fn of(&self, name: &LowerName) -> Option<Fault> {
        let on = self.on.read().unwrap_or_else(PoisonError::into_inner);
        let mut at = name.clone();
        loop {
            match on.get(&at) {
                Some((below, fault)) if *below || at == *name => return Some(*fault),
                _ if at.is_root() => return None,
                _ => at = at.base_name(),
            }
        }
    }
}

fn name(text: &str) -> Result<LowerName, NoName> {
    let mut name = Name::from_str(text).map_err(|_| NoName(text.to_owned()))?;
    name.set_fqdn(true);
    Ok(name.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(at: &str, below: bool, fault: Fault) -> Spot {
        Spot { at: at.into(), below, fault }
    }

    #[test]
    fn the_nearest_place_decides_and_a_name_alone_is_that_name_alone() {
        let faults = Faults::default();
        faults.switch_on(&spot("harbor.test", true, Fault::Servfail)).unwrap();
        faults.switch_on(&spot("MX1.harbor.test.", false, Fault::Silence)).unwrap();
        let of = |text| faults.of(&name(text).unwrap());
        assert_eq!(of("harbor.test"), Some(Fault::Servfail));
        assert_eq!(of("mx2.harbor.test"), Some(Fault::Servfail));
        assert_eq!(of("mx1.harbor.test"), Some(Fault::Silence));
        assert_eq!(of("_25._tcp.mx1.harbor.test"), Some(Fault::Servfail));
        assert_eq!((of("test"), of("bank.test"), of("myharbor.test")), (None, None, None));
        faults.switch_off("harbor.test").unwrap();
        assert_eq!((of("harbor.test"), of("mx1.harbor.test")), (None, Some(Fault::Silence)));
        faults.clear();
        assert_eq!(of("mx1.harbor.test"), None);
        assert_eq!(faults.switch_off(&"x".repeat(64)), Err(NoName("x".repeat(64))));
    }

    #[test]
    fn a_fault_is_a_line_of_data() {
        let read: Spot = toml::from_str("at = 'harbor.test'\nbelow = true\nfault = 'truncation'").unwrap();
        assert_eq!(read, spot("harbor.test", true, Fault::Truncation));
        assert!(toml::from_str::<Spot>("at = 'harbor.test'\nfault = 'sometimes'").is_err());
    }
}
