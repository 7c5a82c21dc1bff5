//! Whom to trust: the system's authorities, or Mozilla's where the system has none, and those the user names.

use std::fmt;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// Authorities that certificates may lead to. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Roots(Arc<RootCertStore>);

/// Why a file of authorities is of no use. Its display is one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadCa {
    /// There is no certificate in it.
    Empty,
    /// It is no PEM, or a certificate in it cannot be read.
    Unreadable(String),
}

impl fmt::Display for BadCa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("The file holds no certificate; it needs PEM with -----BEGIN CERTIFICATE-----."),
            Self::Unreadable(why) => write!(f, "A certificate in the file cannot be read: {why}."),
        }
    }
}

impl std::error::Error for BadCa {}

impl Roots {
    /// The authorities of the system, and those in `extra`, PEM text.
    pub fn system(extra: Option<&[u8]>) -> Result<Self, BadCa> {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if store.is_empty() {
            store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        if let Some(pem) = extra {
            add(&mut store, pem)?;
        }
        Ok(Self(Arc::new(store)))
    }

    /// These authorities and no others, each in DER.
    pub fn only<'a>(authorities: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, BadCa> {
        let mut store = RootCertStore::empty();
        for der in authorities {
            store.add(CertificateDer::from(der.to_vec())).map_err(|error| BadCa::Unreadable(error.to_string()))?;
        }
        Ok(Self(Arc::new(store)))
    }

    /// Whether a file, PEM text, would do for more authorities.
    pub fn check(pem: &[u8]) -> Result<(), BadCa> {
        add(&mut RootCertStore::empty(), pem)
    }

    pub(super) fn store(&self) -> &RootCertStore {
        &self.0
    }
}

fn add(store: &mut RootCertStore, pem: &[u8]) -> Result<(), BadCa> {
    let before = store.len();
    for der in CertificateDer::pem_slice_iter(pem) {
        let der = der.map_err(|error| BadCa::Unreadable(error.to_string()))?;
        store.add(der).map_err(|error| BadCa::Unreadable(error.to_string()))?;
    }
    if store.len() == before { Err(BadCa::Empty) } else { Ok(()) }
}
