//! The lab's zones: readable RFC 1035 files, parsed and signed when the lab starts.
//!
//! Every zone but `old.test` is signed with an Ed25519 key derived from the seed (RFC 8080), denial is proved with NSEC
//! and there are no wildcards. The parent's DS records and the TLSA records are not in the files: they follow from keys.

mod denial;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use aws_lc_rs::signature::Ed25519KeyPair;
use hickory_net::runtime::TokioRuntimeProvider;
use hickory_proto::dnssec::crypto::Ed25519SigningKey;
use hickory_proto::dnssec::rdata::{DNSKEY, DNSSECRData, DS};
use hickory_proto::dnssec::{Algorithm, DigestType, DnssecSigner, PublicKeyBuf, SigningKey};
use hickory_proto::rr::{Name, RData, Record};
use hickory_proto::serialize::txt::Parser;
use hickory_server::dnssec::NxProofKind;
use hickory_server::store::in_memory::InMemoryZoneHandler;
use hickory_server::zone_handler::{AxfrPolicy, ZoneHandler, ZoneType};

use denial::Denying;

type Handler = InMemoryZoneHandler<TokioRuntimeProvider>;

/// A zone file of the lab.
struct File {
    origin: &'static str,
    text: &'static str,
    signed: bool,
    /// The zone that delegates to it; none for the root.
    parent: Option<&'static str>,
}

/// How long signatures are valid: as long as the lab's certificates.
const VALIDITY: Duration = Duration::from_hours(10 * 365 * 24);
/// Time to live of DS records in seconds.
const DS_TTL: u32 = 300;

macro_rules! zone {
    ($origin:literal, $file:literal, $signed:literal, $parent:expr) => {
        File {
            origin: $origin,
            text: include_str!(concat!("../../assets/lab/zones/", $file, ".zone")),
            signed: $signed,
            parent: $parent,
        }
    };
}

/// Every zone, parents before children.
const FILES: [File; 9] = [
    zone!(".", "root", true, None),
    zone!("test.", "test", true, Some(".")),
    zone!("harbor.test.", "harbor.test", true, Some("test.")),
    zone!("you.test.", "you.test", true, Some("test.")),
    zone!("old.test.", "old.test", false, Some("test.")),
    zone!("2.0.192.in-addr.arpa.", "2.0.192.in-addr.arpa", true, Some(".")),
    zone!("100.51.198.in-addr.arpa.", "100.51.198.in-addr.arpa", true, Some(".")),
    zone!("113.0.203.in-addr.arpa.", "113.0.203.in-addr.arpa", true, Some(".")),
    zone!("8.b.d.0.1.0.0.2.ip6.arpa.", "8.b.d.0.1.0.0.2.ip6.arpa", true, Some(".")),
];

/// The SHA-256 of a host's public key (`SubjectPublicKeyInfo`, DER), for its TLSA record `3 1 1` (RFC 7671 §5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The host, as `mx1.harbor.test`.
    pub host: String,
    /// The digest.
    pub sha256: [u8; 32],
}

/// Why a zone could not be built: always a mistake in the lab itself.
#[derive(Debug, thiserror::Error)]
pub enum BadZone {
    /// The text is no zone file.
    #[error("zone {zone}: {why}")]
    Text {
        /// The zone.
        zone: &'static str,
        /// The parser's reason.
        why: String,
    },
    /// The zone could not be signed.
    #[error("zone {zone} cannot be signed: {why}")]
    Signing {
        /// The zone.
        zone: &'static str,
        /// The reason.
        why: String,
    },
}

/// The zones, ready to serve.
pub struct Zones {
    /// One handler a zone.
    pub handlers: Vec<Arc<dyn ZoneHandler>>,
    /// The root's public key: the trust anchor of the lab.
    pub root_key: PublicKeyBuf,
}

/// Parses and signs every zone. The same seed gives the same keys.
pub fn load(seed: u64, pins: &[Pin]) -> Result<Zones, BadZone> {
    let mut handlers: Vec<Arc<dyn ZoneHandler>> = Vec::with_capacity(FILES.len());
    for file in &FILES {
        let mut handler = parse(file, pins)?;
        for child in FILES.iter().filter(|child| child.parent == Some(file.origin) && child.signed) {
            delegate(&mut handler, child, seed)?;
        }
        if file.signed {
            sign(&mut handler, file, seed)?;
        }
        handlers.push(Arc::new(Denying::new(handler)));
    }
    let root_key = key(".", seed).and_then(|key| key.to_public_key()).map_err(|why| signing(".", &why))?;
    Ok(Zones { handlers, root_key })
}

fn parse(file: &File, pins: &[Pin]) -> Result<Handler, BadZone> {
    let bad = |why: String| BadZone::Text { zone: file.origin, why };
    let (origin, records) =
        Parser::new(with_pins(file.text, pins), None, None).parse().map_err(|why| bad(why.to_string()))?;
    let proof = file.signed.then_some(NxProofKind::Nsec);
    Handler::new(origin, records, ZoneType::Primary, AxfrPolicy::Deny, proof).map_err(bad)
}

/// The text with every `{host}` replaced by the digest of that host's key; lines whose host has no pin are left out.
fn with_pins(text: &str, pins: &[Pin]) -> String {
    let mut filled = text.to_owned();
    for pin in pins {
        filled = filled.replace(&format!(" {{{}}}", pin.host), &format!(" {}", crate::dns::record::hex(&pin.sha256)));
    }
    filled
        .lines()
        .filter(|line| line.starts_with(';') || !line.contains('{'))
        .fold(String::new(), |all, line| all + line + "\n")
}

/// Adds the DS record of a signed child (RFC 4034 §5).
fn delegate(parent: &mut Handler, child: &File, seed: u64) -> Result<(), BadZone> {
    let failed = |why: &dyn std::fmt::Display| signing(child.origin, why);
    let name = Name::from_str(child.origin).map_err(|why| failed(&why))?;
    let public = key(child.origin, seed).and_then(|key| key.to_public_key()).map_err(|why| failed(&why))?;
    let dnskey = DNSKEY::from_key(&public);
    let digest = dnskey.to_digest(&name, DigestType::SHA256).map_err(|why| failed(&why))?;
    let tag = dnskey.calculate_key_tag().map_err(|why| failed(&why))?;
    let ds = DS::new(tag, Algorithm::ED25519, DigestType::SHA256, digest.as_ref().to_vec());
    let record = Record::from_rdata(name, DS_TTL, RData::DNSSEC(DNSSECRData::DS(ds)));
    if parent.upsert_mut(record, 0) { Ok(()) } else { Err(failed(&"its parent takes no DS record")) }
}

fn sign(handler: &mut Handler, file: &File, seed: u64) -> Result<(), BadZone> {
    let failed = |why: &dyn std::fmt::Display| signing(file.origin, why);
    let key = key(file.origin, seed).map_err(|why| failed(&why))?;
    let public = key.to_public_key().map_err(|why| failed(&why))?;
    let origin = Name::from_str(file.origin).map_err(|why| failed(&why))?;
    let signer = DnssecSigner::new(DNSKEY::from_key(&public), Box::new(key), origin, VALIDITY);
    handler.add_zone_signing_key_mut(signer).map_err(|why| failed(&why))?;
    handler.secure_zone_mut().map_err(|why| failed(&why))
}

fn signing(zone: &'static str, why: &dyn std::fmt::Display) -> BadZone {
    BadZone::Signing { zone, why: why.to_string() }
}

/// The key of a zone: its Ed25519 seed is a digest of the lab's seed and the zone's name.
fn key(origin: &str, seed: u64) -> Result<Ed25519SigningKey, hickory_proto::dnssec::DnsSecError> {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(b"ehlo lab zone key\0");
    context.update(&seed.to_be_bytes());
    context.update(origin.as_bytes());
    let pair = Ed25519KeyPair::from_seed_unchecked(context.finish().as_ref());
    pair.map(Ed25519SigningKey::from_ed25519).map_err(|_| "the seed makes no Ed25519 key".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pins() -> Vec<Pin> {
        ["mx1.harbor.test", "mx2.harbor.test"].map(|host| Pin { host: host.into(), sha256: [0x9f; 32] }).into()
    }

    #[test]
    fn every_zone_file_parses_and_signs() {
        assert_eq!(load(1, &pins()).unwrap().handlers.len(), FILES.len());
        assert_eq!(load(1, &[]).unwrap().handlers.len(), FILES.len(), "without certificates there is no TLSA record");
    }

    #[test]
    fn the_same_seed_gives_the_same_root_key() {
        let key = |seed| format!("{:?}", load(seed, &[]).unwrap().root_key);
        assert_eq!(key(7), key(7));
        assert_ne!(key(7), key(8));
    }

    #[test]
    fn a_pin_fills_its_line_and_a_missing_one_drops_it() {
        let text = with_pins(FILES[2].text, &pins()[..1]);
        assert!(text.contains("TLSA   3 1 1 9f9f9f"), "{text}");
        assert_eq!(text.matches("TLSA").count(), 1, "{text}");
    }
}
