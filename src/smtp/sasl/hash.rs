//! The arithmetic of SCRAM and CRAM-MD5: digests of octets, and nothing that touches the world.
//!
//! ```text
//! Hi(str, salt, i) = PBKDF2 with HMAC, one block         ; RFC 5802 §2.2
//! ```

use std::num::NonZeroU32;

use ::hmac::{Hmac, KeyInit, Mac};
use aws_lc_rs::{constant_time, digest, hmac, pbkdf2};
use secrecy::{ExposeSecret, SecretSlice};

/// The digest of a SCRAM mechanism.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Hash {
    /// SHA-1, 20 octets. Old, but sound in this use.
    Sha1,
    /// SHA-256, 32 octets.
    Sha256,
}

impl Hash {
    /// `H(octets)`.
    pub(super) fn digest(self, octets: &[u8]) -> Vec<u8> {
        let algorithm = match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
        };
        digest::digest(algorithm, octets).as_ref().to_vec()
    }

    /// `HMAC(key, octets)`.
    pub(super) fn hmac(self, key: &[u8], octets: &[u8]) -> Vec<u8> {
        let algorithm = match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
        };
        hmac::sign(&hmac::Key::new(algorithm, key), octets).as_ref().to_vec()
    }

    /// `Hi(password, salt, rounds)`: slow on purpose; 600,000 rounds take about a tenth of a second.
    pub(super) fn salted(self, password: &[u8], salt: &[u8], rounds: NonZeroU32) -> SecretSlice<u8> {
        let (algorithm, octets) = match self {
            Self::Sha1 => (pbkdf2::PBKDF2_HMAC_SHA1, 20),
            Self::Sha256 => (pbkdf2::PBKDF2_HMAC_SHA256, 32),
        };
        let mut salted = vec![0; octets];
        pbkdf2::derive(algorithm, rounds, salt, password, &mut salted);
        salted.into()
    }
}

/// A password that went through `Hi`: as good as the password for this server and this salt.
#[derive(Debug)]
pub struct SaltedPassword(pub(super) SecretSlice<u8>);

impl SaltedPassword {
    pub(super) fn octets(&self) -> &[u8] {
        self.0.expose_secret()
    }
}

/// The answer to a CRAM-MD5 challenge: HMAC-MD5 in lower-case hex (RFC 2195 §2).
pub(super) fn cram(secret: &[u8], challenge: &[u8]) -> String {
    // A key of any length is taken, so the error cannot come; an empty digest would be refused by the server.
    let Ok(mac) = Hmac::<md5::Md5>::new_from_slice(secret) else { return String::new() };
    let digest = mac.chain_update(challenge).finalize().into_bytes();
    let hex = |nibble: u8| char::from_digit(u32::from(nibble), 16);
    digest.iter().flat_map(|octet| [hex(octet >> 4), hex(octet & 0x0F)]).flatten().collect()
}

/// True if both are the same; how long this takes does not tell where they differ.
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(one, other).is_ok()
}
