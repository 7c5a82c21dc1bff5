//! What of the user's own goes into handshakes: a certificate to show, and a file that gets their keys.

use std::fmt;
use std::fs::File;
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::ResolvesClientCert;
use rustls::pki_types::pem::{Error as BadPem, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, SignatureScheme};

use crate::tape::tls::{ClientCertificate, KeyLogging};

/// What the program was started with. A target says which of it its handshakes use.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    /// The certificate to show.
    pub identity: Option<Identity>,
    /// Where keys are written.
    pub log: Option<KeyLog>,
}

/// A certificate and its key, to show to servers that ask. The key does not print.
#[derive(Clone)]
pub struct Identity(Arc<CertifiedKey>);

/// Why two files do not make an identity. Its display is one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadIdentity {
    /// There is no certificate in the file for it.
    NoCertificate,
    /// A certificate in it cannot be read.
    BadCertificate(String),
    /// There is no private key in the file for it.
    NoKey,
    /// The key is encrypted with a password.
    Encrypted,
    /// The key cannot be read, or is of a kind that is not spoken here.
    BadKey(String),
    /// The key is that of another certificate.
    Mismatch,
}

impl BadIdentity {
    /// True if the file with the certificate is at fault, false for that with the key.
    pub fn is_about_certificate(&self) -> bool {
        matches!(self, Self::NoCertificate | Self::BadCertificate(_))
    }
}

impl fmt::Display for BadIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCertificate => f.write_str(
                "It holds no certificate; it needs PEM with -----BEGIN CERTIFICATE-----, the own one first.",
            ),
            Self::BadCertificate(why) => write!(f, "A certificate in it cannot be read: {why}."),
            Self::NoKey => f.write_str("It holds no private key; it needs PEM with -----BEGIN PRIVATE KEY-----."),
            Self::Encrypted => {
                f.write_str("The key in it is encrypted, and no password is asked for; give a decrypted copy.")
            }
            Self::BadKey(why) => write!(f, "The key in it cannot be used: {why}."),
            Self::Mismatch => f.write_str("The key in it does not belong to the first certificate."),
        }
    }
}

impl std::error::Error for BadIdentity {}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity")
    }
}

impl Identity {
    /// Reads a chain, the own certificate first, and its private key, both PEM text.
    pub fn read(chain: &[u8], key: &[u8]) -> Result<Self, BadIdentity> {
        let chain: Result<Vec<_>, BadPem> = CertificateDer::pem_slice_iter(chain).collect();
        let chain = chain.map_err(|why| BadIdentity::BadCertificate(why.to_string()))?;
        if chain.is_empty() {
            return Err(BadIdentity::NoCertificate);
        }
        // PKCS #8 says it in its label, the older forms in a header.
        if ["BEGIN ENCRYPTED PRIVATE KEY", "4,ENCRYPTED"].into_iter().any(|sign| contains(key, sign)) {
            return Err(BadIdentity::Encrypted);
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|why| match why {
            BadPem::NoItemsFound => BadIdentity::NoKey,
            other => BadIdentity::BadKey(other.to_string()),
        })?;
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        match CertifiedKey::from_der(chain, key, &provider) {
            Ok(own) => Ok(Self(Arc::new(own))),
            Err(Error::InconsistentKeys(_)) => Err(BadIdentity::Mismatch),
            Err(Error::InvalidCertificate(why)) => Err(BadIdentity::BadCertificate(why.to_string())),
            Err(other) => Err(BadIdentity::BadKey(other.to_string())),
        }
    }
}

fn contains(text: &[u8], sign: &str) -> bool {
    memchr::memmem::find(text, sign.as_bytes()).is_some()
}

/// Shows an identity in one handshake, and remembers whether it was asked for.
#[derive(Debug)]
pub(super) struct Shower {
    identity: Option<Identity>,
    asked: AtomicBool,
    fits: AtomicBool,
}

impl Shower {
    pub(super) fn new(identity: Option<Identity>) -> Self {
        Self { identity, asked: AtomicBool::new(false), fits: AtomicBool::new(false) }
    }

    /// What the server saw.
    pub(super) fn told(&self) -> ClientCertificate {
        match (self.asked.load(Ordering::Relaxed), &self.identity, self.fits.load(Ordering::Relaxed)) {
            (false, ..) => ClientCertificate::NotAsked,
            (true, None, _) => ClientCertificate::None,
            (true, Some(_), false) => ClientCertificate::Unfit,
            (true, Some(_), true) => ClientCertificate::Shown,
        }
    }
}

impl ResolvesClientCert for Shower {
    fn resolve(&self, _: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        let own = self.identity.as_ref().filter(|own| own.0.key.choose_scheme(schemes).is_some())?;
        self.fits.store(true, Ordering::Relaxed);
        Some(Arc::clone(&own.0))
    }

    fn has_certs(&self) -> bool {
        self.identity.is_some()
    }
}

/// A file that gets the keys of handshakes, a line each, in the form that network analysers read
/// (`LABEL client-random secret`, in hex).
#[derive(Debug, Clone)]
pub struct KeyLog(Arc<Log>);

#[derive(Debug)]
struct Log {
    file: Mutex<File>,
    broken: AtomicBool,
}

impl KeyLog {
    /// A log that is written to this file.
    pub fn to(file: File) -> Self {
        Self(Arc::new(Log { file: Mutex::new(file), broken: AtomicBool::new(false) }))
    }

    /// What became of the keys so far.
    pub(super) fn told(&self) -> KeyLogging {
        if self.0.broken.load(Ordering::Relaxed) { KeyLogging::Failed } else { KeyLogging::On }
    }
}

impl rustls::KeyLog for KeyLog {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let line = format!("{label} {} {}\n", super::certificate::hex(client_random), super::certificate::hex(secret));
        let mut file = self.0.file.lock().unwrap_or_else(PoisonError::into_inner);
        if file.write_all(line.as_bytes()).is_err() {
            self.0.broken.store(true, Ordering::Relaxed);
        }
    }
}
