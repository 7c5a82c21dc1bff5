//! Between hickory's types and ours. Names cross as labels, never as text.

use hickory_proto::dnssec::Proof;
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::rdata::opt::{EdnsCode, EdnsOption};
use hickory_proto::rr::{self, DNSClass, RData, RecordType};
use hickory_proto::serialize::binary::{BinEncodable, BinEncoder, NameEncoding};

use crate::dns::{Data, Kind, Name, Outcome, Record, Validation};

/// The code of an extended DNS error (RFC 8914 §2).
const EXTENDED_ERROR: u16 = 15;

/// A name for hickory; nothing if it is longer than the wire allows.
pub(super) fn name_to(name: &Name) -> Option<rr::Name> {
    let mut converted = rr::Name::from_labels(name.labels()).ok()?;
    converted.set_fqdn(true);
    Some(converted)
}

/// A name from hickory.
pub(super) fn name_from(name: &rr::Name) -> Name {
    Name::from_labels(name.iter())
}

/// A record type for hickory.
pub(super) fn kind_to(kind: Kind) -> RecordType {
    RecordType::from(kind.0)
}

/// A record from hickory; nothing for another class than IN.
pub(super) fn record_from(record: &rr::Record) -> Option<Record> {
    (record.dns_class == DNSClass::IN).then(|| Record {
        owner: name_from(&record.name),
        ttl: record.ttl,
        data: data_from(&record.data, record.record_type()),
        proof: Validation::NotChecked,
    })
}

fn data_from(data: &RData, kind: RecordType) -> Data {
    match data {
        RData::A(address) => Data::A(address.0),
        RData::AAAA(address) => Data::Aaaa(address.0),
        RData::MX(mx) => Data::Mx { preference: mx.preference, exchange: name_from(&mx.exchange) },
        RData::PTR(name) => Data::Ptr(name_from(&name.0)),
        RData::CNAME(name) => Data::Cname(name_from(&name.0)),
        RData::NS(name) => Data::Ns(name_from(&name.0)),
        RData::TXT(txt) => Data::Txt(txt.txt_data.iter().map(|string| string.to_vec()).collect()),
        RData::TLSA(tlsa) => Data::Tlsa {
            usage: tlsa.cert_usage.into(),
            selector: tlsa.selector.into(),
            matching: tlsa.matching.into(),
            association: tlsa.cert_data.clone(),
        },
        RData::SOA(soa) => Data::Soa {
            primary: name_from(&soa.mname),
            mailbox: name_from(&soa.rname),
            serial: soa.serial,
            minimum: soa.minimum,
        },
        RData::SRV(srv) => {
            Data::Srv { priority: srv.priority, weight: srv.weight, port: srv.port, target: name_from(&srv.target) }
        }
        RData::CAA(caa) => {
            Data::Caa { flags: caa.flags(), tag: caa.tag.clone().into_bytes(), value: caa.value.clone() }
        }
        other => Data::Other { kind: Kind(kind.into()), octets: octets(other) },
    }
}

/// RDATA on the wire, names in it uncompressed; empty if hickory cannot write what it read.
fn octets(data: &RData) -> Vec<u8> {
    let mut buffer = Vec::new();
    let mut encoder = BinEncoder::new(&mut buffer);
    encoder.set_name_encoding(NameEncoding::Uncompressed);
    match data.emit(&mut encoder) {
        Ok(()) => buffer,
        Err(_) => Vec::new(),
    }
}

/// The outcome of a response code; `found` says whether a record of the type was there.
pub(super) fn outcome_from(code: ResponseCode, found: bool) -> Outcome {
    match code {
        ResponseCode::NoError if found => Outcome::Found,
        ResponseCode::NoError => Outcome::NoData,
        ResponseCode::NXDomain => Outcome::NxDomain,
        ResponseCode::ServFail => Outcome::ServFail,
        ResponseCode::Refused => Outcome::Refused,
        other => Outcome::Code(other.into()),
    }
}

/// What a proof says.
pub(super) fn validation_from(proof: Proof) -> Validation {
    match proof {
        Proof::Secure => Validation::Secure,
        Proof::Insecure => Validation::Insecure,
        Proof::Bogus => Validation::Bogus,
        Proof::Indeterminate => Validation::Indeterminate,
    }
}

/// The extended error in a message: its code and its text.
pub(super) fn extended_error(message: &hickory_proto::op::Message) -> Option<(u16, Vec<u8>)> {
    let option = message.edns.as_ref()?.option(EdnsCode::from(EXTENDED_ERROR))?;
    let EdnsOption::Unknown(_, payload) = option else { return None };
    let (code, text) = payload.split_first_chunk::<2>()?;
    Some((u16::from_be_bytes(*code), text.to_vec()))
}
