//! The options about TLS handshakes: what they mean together, and the files they name.

use std::path::Path;

use super::complaint::Complaint;
use super::options::reach::{Reach, TlsVersion, Verify};
use super::{FILE_LIMIT, usage};
use crate::files;
use crate::net::{Identity, KeyLog, Roots};
use crate::ports::net::{Checks, Handshake, Version, Versions};

/// What the options ask of a handshake.
pub(super) fn wishes(reach: &Reach) -> Result<Handshake, Complaint> {
    let versions = Versions::default();
    let versions = Versions {
        lowest: reach.tls_min.map_or(versions.lowest, Version::from),
        highest: reach.tls_max.map_or(versions.highest, Version::from),
    };
    if versions.lowest > versions.highest {
        let what = "--tls-min 1.3 is above --tls-max 1.2: no version of TLS is left between them.";
        return Err(Complaint::new("cli/option", 2, what, "Exchange the two, or leave one out."));
    }
    let checks = match reach.tls_verify {
        None | Some(Verify::All) => Checks::All,
        Some(Verify::Chain) => Checks::Chain,
        Some(Verify::Name) => Checks::Name,
        Some(Verify::Off) => Checks::None,
    };
    Ok(Handshake {
        sni: reach.sni.clone().unwrap_or_default(),
        verify: reach.verify_name.clone(),
        checks,
        versions,
        identity: reach.client_cert.is_some(),
        keys_logged: reach.keylog.is_some(),
    })
}

impl From<TlsVersion> for Version {
    fn from(version: TlsVersion) -> Self {
        match version {
            TlsVersion::Tls12 => Self::Tls12,
            TlsVersion::Tls13 => Self::Tls13,
        }
    }
}

/// Reads a file with certificates to trust.
pub(super) fn authorities(path: &Path) -> Result<Vec<u8>, Complaint> {
    let next = "Give a PEM file with the certificates to trust.";
    let pem = read(path, "CA file", next)?;
    Roots::check(&pem).map_err(|bad| {
        Complaint::new("cli/value", 2, format!("Cannot use the CA file {}. {bad}", usage::shown(path)), next)
    })?;
    Ok(pem)
}

/// Reads the files with the client's certificate and its key.
pub(super) fn identity(reach: &Reach) -> Result<Option<Identity>, Complaint> {
    let (certificate, key) = match (&reach.client_cert, &reach.client_key) {
        (None, None) => return Ok(None),
        (Some(certificate), Some(key)) => (certificate, key),
        (Some(_), None) => return Err(alone("--client-cert", "--client-key", "private key")),
        (None, Some(_)) => return Err(alone("--client-key", "--client-cert", "certificate")),
    };
    let next = "Give PEM files: the certificate with its chain, and the private key of it.";
    let chain = read(certificate, "client certificate", next)?;
    let secret = read(key, "client key", next)?;
    let identity = Identity::read(&chain, &secret).map_err(|bad| {
        let (what, path) =
            if bad.is_about_certificate() { ("client certificate", certificate) } else { ("client key", key) };
        Complaint::new("cli/value", 2, format!("Cannot use the {what} {}. {bad}", usage::shown(path)), next)
    })?;
    Ok(Some(identity))
}

/// Makes the file for the keys.
pub(super) fn key_log(path: &Path) -> Result<KeyLog, Complaint> {
    let name = usage::shown(path);
    files::create(path).map(KeyLog::to).map_err(|error| {
        let what = format!("Cannot make the key log {name}: {error}.");
        Complaint::new("file/open", 2, what, "Name a file that does not exist yet: keys are never written over one.")
    })
}

fn alone(given: &str, missing: &str, what: &str) -> Complaint {
    let why = format!("{given} alone is of no use: the {what} that belongs to it is missing.");
    Complaint::new("cli/option", 2, why, format!("Give {missing} FILE as well."))
}

fn read(path: &Path, what: &str, next: &str) -> Result<Vec<u8>, Complaint> {
    files::read(path, FILE_LIMIT).map_err(|error| {
        Complaint::new("file/open", 2, format!("Cannot read the {what} {}: {error}.", usage::shown(path)), next)
    })
}
