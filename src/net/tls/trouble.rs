//! Why a handshake failed, sorted into the kinds that a user must be able to tell apart.

use std::io;

use rustls::pki_types::CertificateDer;
use rustls::{AlertDescription, CertificateError, Error, PeerIncompatible};

use super::certificate::{self, RSA_BITS};
use crate::tape::tls::TlsTrouble;

/// What failed, and the details in the library's words. `head` is what the peer sent first; `first` is true if TLS was
/// to begin with the first octet; `chain` is what was seen of its certificates.
pub(super) fn of(error: &io::Error, head: &[u8], first: bool, chain: &[CertificateDer<'_>]) -> (TlsTrouble, String) {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    let why = match tls {
        Some(Error::InvalidMessage(_)) if !is_tls(head) => not_tls(head, first),
        Some(tls) => of_tls(tls),
        None => of_stream(error, head, first),
    };
    let detail = match (&why, chain.first().and_then(|leaf| certificate::rsa_bits(leaf))) {
        (TlsTrouble::Signature, Some(bits)) if bits < RSA_BITS => {
            format!("The key is RSA with {bits} bits; less than {RSA_BITS} is too weak to be verified.")
        }
        _ => tls.map_or_else(|| error.to_string(), ToString::to_string),
    };
    (why, detail)
}

fn of_tls(error: &Error) -> TlsTrouble {
    match error {
        Error::AlertReceived(AlertDescription::ProtocolVersion)
        | Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13 | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => TlsTrouble::Version,
        Error::AlertReceived(alert) => TlsTrouble::Alert(registered(*alert)),
        Error::InvalidCertificate(
            CertificateError::BadSignature
            | CertificateError::UnsupportedSignatureAlgorithmContext { .. }
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. },
        ) => TlsTrouble::Signature,
        _ => TlsTrouble::Other,
    }
}

fn of_stream(error: &io::Error, head: &[u8], first: bool) -> TlsTrouble {
    match error.kind() {
        // A peer that speaks plain text and closes before a whole record came.
        io::ErrorKind::UnexpectedEof if !head.is_empty() && !is_tls(head) => not_tls(head, first),
        io::ErrorKind::UnexpectedEof => TlsTrouble::Closed,
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
            TlsTrouble::Reset
        }
        io::ErrorKind::TimedOut => TlsTrouble::TimedOut,
        _ => TlsTrouble::Other,
    }
}

fn not_tls(head: &[u8], first: bool) -> TlsTrouble {
    let greets = first && head.starts_with(b"220");
    if greets { TlsTrouble::PlainPort(head.to_vec()) } else { TlsTrouble::NotTls(head.to_vec()) }
}

/// True if these octets begin a TLS record: a content type, then version 3.x (RFC 8446 §5.1).
fn is_tls(head: &[u8]) -> bool {
    matches!(head, [0x14..=0x18, 0x03, ..] | [0x14..=0x18] | [])
}

/// The name of an alert in the registry: `handshake_failure`, `unknown_ca`, `unknown_psk_identity`.
fn registered(alert: AlertDescription) -> String {
    let letters: Vec<char> = format!("{alert:?}").chars().collect();
    let mut name = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| letters.get(before));
        let begins = before.is_some_and(|before| {
            before.is_ascii_lowercase() || {
                // The last capital of several begins the next word.
                letters.get(at + 1).is_some_and(char::is_ascii_lowercase)
            }
        });
        if letter.is_ascii_uppercase() && begins {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_are_called_as_in_the_registry() {
        for (alert, name) in [
            (AlertDescription::HandshakeFailure, "handshake_failure"),
            (AlertDescription::UnknownCA, "unknown_ca"),
            (AlertDescription::UnknownPSKIdentity, "unknown_psk_identity"),
            (AlertDescription::CloseNotify, "close_notify"),
        ] {
            assert_eq!(registered(alert), name);
        }
    }
}
