//! A zone whose proofs of absence are whole.
//!
//! To deny a name, a signed zone must show that neither the name exists nor a wildcard at its closest encloser, its
//! longest ancestor that does exist (RFC 4035 §3.1.3.2). hickory-server 0.26 looks for the wildcard at the parent of
//! the name instead, so that `www.example.com.` under a lab root without `com.` is denied by half a proof, and every
//! validator must call it bogus. Asking it for the name just below the closest encloser gives the right pair: the NSEC
//! that covers that name covers all names below it.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use hickory_net::runtime::TokioRuntimeProvider;
use hickory_proto::rr::{LowerName, RecordType, TSigResponseContext};
use hickory_server::dnssec::NxProofKind;
use hickory_server::server::{Request, RequestInfo};
use hickory_server::store::in_memory::InMemoryZoneHandler;
use hickory_server::zone_handler::{
    AuthLookup, AxfrPolicy, LookupControlFlow, LookupOptions, Nsec3QueryInfo, ZoneHandler, ZoneType,
};

/// A zone in memory that denies with whole proofs, and that another can take the place of.
pub(super) struct Denying {
    origin: LowerName,
    proof: Option<NxProofKind>,
    zone: RwLock<Arc<Zone>>,
}

/// What is served at a time.
struct Zone {
    inner: InMemoryZoneHandler<TokioRuntimeProvider>,
    /// Every name that exists: owners of records, and what lies between them and the apex.
    existing: BTreeSet<LowerName>,
}

impl Denying {
    pub(super) fn new(inner: InMemoryZoneHandler<TokioRuntimeProvider>) -> Self {
        let (origin, proof) = (inner.origin().clone(), inner.nx_proof_kind().cloned());
        Self { origin, proof, zone: RwLock::new(Arc::new(Zone::new(inner))) }
    }

    /// From the next question on this zone is served, which has the same origin.
    pub(super) fn replace(&self, inner: InMemoryZoneHandler<TokioRuntimeProvider>) {
        *self.zone.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Zone::new(inner));
    }

    fn zone(&self) -> Arc<Zone> {
        Arc::clone(&self.zone.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Zone {
    fn new(mut inner: InMemoryZoneHandler<TokioRuntimeProvider>) -> Self {
        let origin = inner.origin().clone();
        let mut existing = BTreeSet::from([origin.clone()]);
        for key in inner.records_get_mut().keys() {
            let mut name = key.name().clone();
            while name.num_labels() > origin.num_labels() {
                let above = name.base_name();
                existing.insert(std::mem::replace(&mut name, above));
            }
        }
        Self { inner, existing }
    }

    /// The ancestor of `name`, or the name itself, that lies just below the closest encloser.
    fn next_closer(&self, name: &LowerName) -> LowerName {
        let mut candidate = name.clone();
        while candidate.num_labels() > self.inner.origin().num_labels() + 1 {
            let above = candidate.base_name();
            if self.existing.contains(&above) {
                break;
            }
            candidate = above;
        }
        candidate
    }
}

#[async_trait]
impl ZoneHandler for Denying {
    fn zone_type(&self) -> ZoneType {
        self.zone().inner.zone_type()
    }

    fn axfr_policy(&self) -> AxfrPolicy {
        self.zone().inner.axfr_policy()
    }

    fn origin(&self) -> &LowerName {
        &self.origin
    }

    async fn lookup(
        &self,
        name: &LowerName,
        kind: RecordType,
        request: Option<&RequestInfo<'_>>,
        options: LookupOptions,
    ) -> LookupControlFlow<AuthLookup> {
        self.zone().inner.lookup(name, kind, request, options).await
    }

    async fn search(
        &self,
        request: &Request,
        options: LookupOptions,
    ) -> (LookupControlFlow<AuthLookup>, Option<TSigResponseContext>) {
        self.zone().inner.search(request, options).await
    }

    async fn nsec_records(&self, name: &LowerName, options: LookupOptions) -> LookupControlFlow<AuthLookup> {
        let zone = self.zone();
        let denied = if zone.existing.contains(name) { name.clone() } else { zone.next_closer(name) };
        zone.inner.nsec_records(&denied, options).await
    }

    async fn nsec3_records(&self, info: Nsec3QueryInfo<'_>, options: LookupOptions) -> LookupControlFlow<AuthLookup> {
        self.zone().inner.nsec3_records(info, options).await
    }

    fn nx_proof_kind(&self) -> Option<&NxProofKind> {
        self.proof.as_ref()
    }
}
