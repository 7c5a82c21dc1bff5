//! What the panel's domain promises about the TLS of its mail servers.

use super::Panel;
use crate::dns::policy::dane::{self, Case, Dane, Shown};
use crate::dns::policy::{Parsed, sts};
use crate::dns::{Answer, Kind, Name, Question};

impl Panel {
    /// What DANE says of a host that showed this chain; nothing until all answers are in, or if the host does not take the
    /// domain's mail.
    pub fn dane(&self, host: &Name, chain: Vec<Shown<'_>>) -> Option<Dane> {
        let takes_mail = self.hosts().iter().any(|exchanger| exchanger.host == *host);
        let mx = self.answer(&self.domain, Kind::MX).filter(|_| takes_mail)?;
        let addresses = self.address_answers(host)?;
        let mut tlsa = Vec::new();
        for base in dane::bases(host, &addresses) {
            let answer = self.answer(&dane::place(&base), Kind::TLSA)?;
            tlsa.push((base, answer));
        }
        Some(Case { mx: Some(mx), addresses: addresses.to_vec(), tlsa, next_hop: &self.domain, chain }.judge())
    }

    /// True once it is known whether an MTA-STS policy of the domain is announced.
    pub fn has_heard_of_sts(&self) -> bool {
        self.answer(&self.domain.under("_mta-sts"), Kind::TXT).is_some()
    }

    /// The record that announces an MTA-STS policy of the domain, if there is one that counts.
    pub fn sts(&self) -> Option<Parsed> {
        self.answer(&self.domain.under("_mta-sts"), Kind::TXT).and_then(sts::announced)
    }

    /// The answers about the addresses of a host, once both are in.
    pub(super) fn address_answers(&self, host: &Name) -> Option<[&Answer; 2]> {
        Some([self.answer(host, Kind::A)?, self.answer(host, Kind::AAAA)?])
    }

    fn answer(&self, name: &Name, kind: Kind) -> Option<&Answer> {
        self.heard(&Question::new(name.clone(), kind)).map(|heard| &heard.answer)
    }
}
