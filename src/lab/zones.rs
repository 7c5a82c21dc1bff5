//! The lab's zones: readable RFC 1035 files, parsed and signed when the lab starts.
//!
//! A new zone is a file in `assets/lab/zones`, a line in `FILES`, and an NS record in the zone above it. Zones are
//! signed with an Ed25519 key derived from the seed (RFC 8080), denial is proved with NSEC and there are no wildcards.
//! What follows from keys is not in the files: DS records are added, and `{name}` in a text stands for a public key.
//!
//! Records can be added while the lab runs: their zone is built anew and takes the place of the one before.

mod added;
mod denial;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use hickory_net::runtime::TokioRuntimeProvider;
use hickory_proto::dnssec::crypto::Ed25519SigningKey;
use hickory_proto::dnssec::rdata::{DNSKEY, DNSSECRData, DS};
use hickory_proto::dnssec::{Algorithm, DigestType, DnsSecError, DnssecSigner, PublicKeyBuf, SigningKey};
use hickory_proto::rr::{Name, RData, Record};
use hickory_proto::serialize::txt::Parser;
use hickory_server::dnssec::NxProofKind;
use hickory_server::store::in_memory::InMemoryZoneHandler;
use hickory_server::zone_handler::{AxfrPolicy, ZoneHandler, ZoneType};

pub use added::{Added, NoRecord};
use denial::Denying;

type Handler = InMemoryZoneHandler<TokioRuntimeProvider>;

/// A zone file of the lab.
struct File {
    origin: &'static str,
    text: &'static str,
    chain: Chain,
}

/// How a zone hangs on the one above it (RFC 4035 §5.2).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chain {
    /// Signed, and the DS record above names its key.
    Secure,
    /// Not signed: there is no DS record above.
    Insecure,
    /// Signed, but the DS record above names a key that is not there: everything in it is bogus.
    Broken,
}

/// How long signatures are valid: as long as the lab's certificates.
const VALIDITY: Duration = Duration::from_hours(10 * 365 * 24);
/// Time to live of DS records in seconds.
const DS_TTL: u32 = 300;

macro_rules! zone {
    ($origin:literal, $chain:ident) => {
        zone!($origin, $origin, $chain)
    };
    ($origin:literal, $file:literal, $chain:ident) => {
        File {
            origin: $origin,
            text: include_str!(concat!("../../assets/lab/zones/", $file, "zone")),
            chain: Chain::$chain,
        }
    };
}

/// Every zone: its origin, and how it hangs on the zone above it.
const FILES: &[File] = &[
    zone!(".", "root.", Secure),
    zone!("test.", Secure),
    zone!("alumni.test.", Secure),
    zone!("bank.test.", Secure),
    zone!("broken.test.", Broken),
    zone!("dnsbl.test.", Secure),
    zone!("evil.test.", Secure),
    zone!("filter.test.", Secure),
    zone!("harbor.test.", Secure),
    zone!("list.test.", Secure),
    zone!("old.test.", Insecure),
    zone!("xn--bcher-kva.test.", Secure),
    zone!("you.test.", Secure),
    zone!("2.0.192.in-addr.arpa.", Secure),
    zone!("100.51.198.in-addr.arpa.", Secure),
    zone!("113.0.203.in-addr.arpa.", Secure),
    zone!("8.b.d.0.1.0.0.2.ip6.arpa.", Secure),
];

impl File {
    fn is_signed(&self) -> bool {
        self.chain != Chain::Insecure
    }

    /// True if this zone delegates to `child`: it is the nearest one above.
    fn is_above(&self, child: &File) -> bool {
        let above = |file: &&File| file.origin != child.origin && within(child.origin, file.origin);
        FILES.iter().filter(above).map(|file| file.origin.len()).max() == Some(self.origin.len())
            && within(child.origin, self.origin)
            && child.origin != self.origin
    }

    /// The key that the DS record above names.
    fn named_key(&self, seed: u64) -> Result<Ed25519SigningKey, DnsSecError> {
        // What the broken one names is the key of another lab.
        key(self.origin, if self.chain == Chain::Broken { seed.wrapping_add(1) } else { seed })
    }
}

/// True if `name` is `origin` or lies below it; both in small letters with their last dot.
fn within(name: &str, origin: &str) -> bool {
    origin == "." || name.strip_suffix(origin).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

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
    /// What is added to them while they are served.
    pub added: Added,
}

/// Parses and signs every zone. The same seed gives the same keys.
pub fn load(seed: u64, pins: &[Pin]) -> Result<Zones, BadZone> {
    let served = FILES.iter().map(|file| Ok((file, Arc::new(Denying::new(build(file, seed, pins, &[])?)))));
    let served = served.collect::<Result<Vec<_>, BadZone>>()?;
    let handlers = served.iter().map(|(_, zone)| Arc::clone(zone) as Arc<dyn ZoneHandler>).collect();
    let root_key = key(".", seed).and_then(|key| key.to_public_key()).map_err(|why| signing(".", &why))?;
    Ok(Zones { handlers, root_key, added: Added::new(seed, pins.to_vec(), served) })
}

/// A zone of its file and these records.
fn build(file: &File, seed: u64, pins: &[Pin], added: &[Record]) -> Result<Handler, BadZone> {
    let mut handler = parse(file, seed, pins)?;
    for record in added {
        if !handler.upsert_mut(record.clone(), 0) {
            let why = format!("{record} cannot stand beside the records that are there");
            return Err(BadZone::Text { zone: file.origin, why });
        }
    }
    for child in FILES.iter().filter(|child| child.is_signed() && file.is_above(child)) {
        delegate(&mut handler, child, seed)?;
    }
    if file.is_signed() {
        sign(&mut handler, file, seed)?;
    }
    Ok(handler)
}

fn parse(file: &File, seed: u64, pins: &[Pin]) -> Result<Handler, BadZone> {
    let bad = |why: String| BadZone::Text { zone: file.origin, why };
    let text = filled(file.text, |name| public(name, seed, pins));
    let (origin, records) = Parser::new(text, None, None).parse().map_err(|why| bad(why.to_string()))?;
    let proof = file.is_signed().then_some(NxProofKind::Nsec);
    Handler::new(origin, records, ZoneType::Primary, AxfrPolicy::Deny, proof).map_err(bad)
}

/// The text with every `{name}` replaced by what `known` has for it. Lines with a name that nobody knows are left out.
fn filled(text: &str, known: impl Fn(&str) -> Option<String>) -> String {
    let line = |line: &str| {
        let Some((before, rest)) = line.split_once('{').filter(|_| !line.starts_with(';')) else {
            return Some(line.to_owned());
        };
        let (name, after) = rest.split_once('}')?;
        Some(format!("{before}{}{after}", known(name)?))
    };
    text.lines().filter_map(line).fold(String::new(), |all, line| all + &line + "\n")
}

/// The public key under a name, as a record has it: of a DKIM key itself (RFC 8463 §4), of a host its digest.
fn public(name: &str, seed: u64, pins: &[Pin]) -> Option<String> {
    if name.contains("._domainkey.") {
        return Some(crate::smtp::sasl::encode(mail_key(name, seed)?.public_key().as_ref()));
    }
    pins.iter().find(|pin| pin.host == name).map(|pin| crate::dns::record::hex(&pin.sha256))
}

/// The name of every key that signs letters.
pub(super) const SELECTOR: &str = "lab";

/// The key that signs letters in the name of a domain.
pub(super) fn mail_key_of(domain: &str, seed: u64) -> Option<Ed25519KeyPair> {
    mail_key(&format!("{SELECTOR}._domainkey.{domain}"), seed)
}

/// The key that signs letters, by the place of its public half: `lab._domainkey.harbor.test`.
pub fn mail_key(place: &str, seed: u64) -> Option<Ed25519KeyPair> {
    pair(b"ehlo lab mail key\0", place, seed)
}

/// Adds the DS record of a signed child (RFC 4034 §5).
fn delegate(parent: &mut Handler, child: &File, seed: u64) -> Result<(), BadZone> {
    let failed = |why: &dyn std::fmt::Display| signing(child.origin, why);
    let name = Name::from_str(child.origin).map_err(|why| failed(&why))?;
    let public = child.named_key(seed).and_then(|key| key.to_public_key()).map_err(|why| failed(&why))?;
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

/// The key of a zone.
fn key(origin: &str, seed: u64) -> Result<Ed25519SigningKey, DnsSecError> {
    let pair = pair(b"ehlo lab zone key\0", origin, seed);
    pair.map(Ed25519SigningKey::from_ed25519).ok_or_else(|| "the seed makes no Ed25519 key".into())
}

/// The key for a purpose at a name: its Ed25519 seed is a digest of both and the lab's seed.
fn pair(purpose: &[u8], name: &str, seed: u64) -> Option<Ed25519KeyPair> {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(purpose);
    context.update(&seed.to_be_bytes());
    context.update(name.as_bytes());
    Ed25519KeyPair::from_seed_unchecked(context.finish().as_ref()).ok()
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::RecordType;

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
        let text = "a TLSA 3 1 1 {mx1.harbor.test}\nb TLSA 3 1 1 {mx.ghost.test}\n; {host} is a key\n";
        let text = filled(text, |name| public(name, 1, &pins()));
        assert_eq!(text, format!("a TLSA 3 1 1 {}\n; {{host}} is a key\n", "9f".repeat(32)));
    }

    #[test]
    fn every_delegation_has_its_zone_and_every_zone_its_delegation() {
        let mut delegated: Vec<(String, String)> = Vec::new();
        for file in FILES {
            let text = filled(file.text, |name| public(name, 1, &pins()));
            let (_, records) = Parser::new(text, None, None).parse().unwrap();
            let names = records.keys().filter(|key| key.record_type == RecordType::NS);
            let below = names.map(|key| key.name().to_ascii()).filter(|name| name != file.origin);
            delegated.extend(below.map(|child| (file.origin.to_owned(), child)));
        }
        let mut zones: Vec<(String, String)> = Vec::new();
        for child in FILES.iter().filter(|file| file.origin != ".") {
            let above = FILES.iter().filter(|file| file.is_above(child));
            zones.push((above.map(|file| file.origin).collect(), child.origin.to_owned()));
        }
        zones.sort();
        delegated.sort();
        assert_eq!(zones, delegated);
    }
}
