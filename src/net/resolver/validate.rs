//! DNSSEC judged here (RFC 4035 §5), beside what the resolver claims with its AD bit.
//!
//! One validator is no referee: hickory 0.26 calls every wildcard in an NSEC zone bogus (hickory-dns#2882). So "bogus
//! here, fine for the resolver" is a disagreement, worded as such. A resolver that strips signatures would make
//! everything bogus: it is asked once for the root's key with its signature before any judgement.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use hickory_net::dnssec::DnssecDnsHandle;
use hickory_net::xfer::DnsHandle;
use hickory_net::{DnsError, NetError};
use hickory_proto::dnssec::{Proof, TrustAnchors};
use hickory_proto::op::{DnsRequest, DnsRequestOptions, DnsResponse, Query};
use hickory_proto::rr::{Name, RecordType};
use tokio::time::{Instant, timeout};

use super::convert;
use super::exchange::Exchange;
use crate::dns::{Answer, Validation};

/// How long a server may take to show that signatures come through.
const PROBE: Duration = Duration::from_secs(2);
/// After how long a resolver that gave no signatures is tried again.
const AGAIN: Duration = Duration::from_mins(1);

/// The validators, one a server, and what is known of the servers.
#[derive(Default)]
pub(super) struct Validators {
    by_server: Mutex<HashMap<SocketAddr, Known>>,
}

#[derive(Clone)]
struct Known {
    handle: DnssecDnsHandle<Exchange>,
    /// Whether signatures come through, and when that was found out.
    aware: Option<(bool, Instant)>,
}

/// What the validator found about one question.
pub(super) struct Verdict {
    whole: Validation,
    sets: Vec<(Name, RecordType, Validation)>,
}

impl Validators {
    /// Judges one question that `server` has answered. `anchors` is the lab's key; without it the root's own keys count
    /// and the server must first show that signatures come through.
    pub(super) async fn judge(&self, server: SocketAddr, anchors: Option<&Arc<TrustAnchors>>, query: Query) -> Verdict {
        let handle = self.handle(server, anchors);
        if anchors.is_none() && !self.is_aware(server).await {
            return Verdict { whole: Validation::NotChecked, sets: Vec::new() };
        }
        let mut answers = handle.lookup(query, with_signatures());
        match answers.next().await {
            Some(Ok(response)) => Verdict::of(&response),
            Some(Err(NetError::Dns(DnsError::Nsec { proof, response, .. }))) => Verdict::denied(proof, &response),
            Some(Err(_)) | None => Verdict { whole: Validation::Indeterminate, sets: Vec::new() },
        }
    }

    fn handle(&self, server: SocketAddr, anchors: Option<&Arc<TrustAnchors>>) -> DnssecDnsHandle<Exchange> {
        let mut known = self.by_server.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = known.entry(server).or_insert_with(|| {
            let exchange = Exchange { server };
            let handle = match anchors {
                Some(anchors) => DnssecDnsHandle::with_trust_anchor(exchange, anchors.clone()),
                None => DnssecDnsHandle::new(exchange),
            };
            Known { handle, aware: None }
        });
        entry.handle.clone()
    }

    /// Whether the server hands signatures through: the root's key comes with one.
    async fn is_aware(&self, server: SocketAddr) -> bool {
        let known = self.by_server.lock().unwrap_or_else(PoisonError::into_inner).get(&server).and_then(|it| it.aware);
        match known {
            Some((aware, when)) if aware || when.elapsed() < AGAIN => return aware,
            _ => {}
        }
        let request = DnsRequest::from_query(Query::query(Name::root(), RecordType::DNSKEY), with_signatures());
        let received = timeout(PROBE, Exchange { server }.ask(request)).await;
        let aware = matches!(received, Ok(Ok(received)) if received.response.answers.iter().any(|record| record.record_type().is_rrsig()));
        let mut known = self.by_server.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = known.get_mut(&server) {
            entry.aware = Some((aware, Instant::now()));
        }
        aware
    }
}

fn with_signatures() -> DnsRequestOptions {
    let mut options = DnsRequestOptions::default();
    options.edns_set_dnssec_ok = true;
    options
}

impl Verdict {
    fn of(response: &DnsResponse) -> Self {
        let judged = if response.answers.is_empty() { &response.authorities } else { &response.answers };
        let sets: Vec<_> = judged
            .iter()
            .filter(|record| !record.record_type().is_rrsig())
            .map(|record| (record.name.clone(), record.record_type(), convert::validation_from(record.proof)))
            .collect();
        let worst = sets.iter().map(|(_, _, validation)| *validation).max();
        Self { whole: worst.unwrap_or(Validation::Indeterminate), sets }
    }

    /// The validator did not accept the proof of absence, or that of a wildcard.
    fn denied(proof: Proof, response: &DnsResponse) -> Self {
        Self { whole: convert::validation_from(proof), ..Self::of(response) }
    }

    /// Writes the verdict into an answer: record by record, and as a whole the worst.
    pub(super) fn apply(&self, answer: &mut Answer) {
        let referee = |found: Validation, claimed: bool| match found {
            Validation::Bogus if claimed => Validation::Disputed,
            other => other,
        };
        for record in &mut answer.records {
            let set = self.sets.iter().find(|(owner, kind, _)| {
                u16::from(*kind) == record.kind().0 && convert::name_from(owner) == record.owner
            });
            if let Some((_, _, found)) = set {
                record.proof = referee(*found, answer.claimed);
            }
        }
        answer.validation = answer.validation.max(referee(self.whole, answer.claimed));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{Data, Outcome, Record};

    fn judged(found: Validation, claimed: bool) -> Answer {
        let mut answer = Answer::empty(Outcome::Found);
        answer.claimed = claimed;
        let owner = crate::dns::Name::ascii("harbor.test");
        let data = Data::A([192, 0, 2, 1].into());
        answer.records.push(Record { owner, ttl: 60, data, proof: Validation::NotChecked });
        let name = Name::from_ascii("harbor.test.").expect("a name");
        Verdict { whole: found, sets: vec![(name, RecordType::A, found)] }.apply(&mut answer);
        answer
    }

    #[test]
    fn bogus_here_but_fine_for_the_resolver_is_a_dispute() {
        let disputed = judged(Validation::Bogus, true);
        assert_eq!((disputed.validation, disputed.records[0].proof), (Validation::Disputed, Validation::Disputed));
        assert_eq!(crate::dns::judge::validation(&disputed).expect("a note").id, "dns/disputed");
        let bogus = judged(Validation::Bogus, false);
        assert_eq!(bogus.validation, Validation::Bogus);
        assert_eq!(crate::dns::judge::validation(&bogus).expect("a warning").id, "dns/bogus");
        assert_eq!(judged(Validation::Secure, false).records[0].proof, Validation::Secure);
    }

    #[test]
    fn the_weakest_step_of_an_alias_chain_decides() {
        let mut answer = judged(Validation::Secure, false);
        Verdict { whole: Validation::Insecure, sets: Vec::new() }.apply(&mut answer);
        assert_eq!(answer.validation, Validation::Insecure);
    }
}
