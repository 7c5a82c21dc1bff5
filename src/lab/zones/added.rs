//! Records that are added to the zones while they are served, as lines of a zone file (RFC 1035 §5.1).

use std::str::FromStr as _;
use std::sync::{Arc, Mutex, PoisonError};

use hickory_proto::rr::{Name, Record, RecordType};
use hickory_proto::serialize::txt::Parser;

use super::denial::Denying;
use super::{BadZone, File, Pin, build, within};

/// Time to live in seconds, where the line has none.
const TTL: u32 = 300;
/// The types that may be added: what names, addresses, policies and keys are written in. The rest is the zones' own.
const TYPES: [RecordType; 8] = [
    RecordType::A,
    RecordType::AAAA,
    RecordType::CNAME,
    RecordType::MX,
    RecordType::PTR,
    RecordType::SRV,
    RecordType::TLSA,
    RecordType::TXT,
];
/// Octets of a line, and lines in all: more than any exercise needs.
const LONGEST: usize = 4096;
const MOST: usize = 100;

/// What was added, and the zones that it stands in.
pub struct Added {
    seed: u64,
    pins: Vec<Pin>,
    served: Vec<(&'static File, Arc<Denying>)>,
    records: Mutex<Vec<Record>>,
}

/// Why a line adds no record.
#[derive(Debug, thiserror::Error)]
pub enum NoRecord {
    /// It does not look like one.
    #[error("a record is one line that begins with a whole name, as: new.harbor.test. TXT \"hello\"")]
    Form,
    /// It cannot be read.
    #[error("the record cannot be read: {0}")]
    Text(String),
    /// Its type is not one of those that can be added.
    #[error("{0} records cannot be added, only A, AAAA, CNAME, MX, PTR, SRV, TLSA and TXT")]
    Type(RecordType),
    /// There are enough.
    #[error("{MOST} records were added; take some of them back first")]
    Many,
    /// Its zone does not take it.
    #[error(transparent)]
    Zone(#[from] BadZone),
}

impl Added {
    pub(super) fn new(seed: u64, pins: Vec<Pin>, served: Vec<(&'static File, Arc<Denying>)>) -> Self {
        Self { seed, pins, served, records: Mutex::default() }
    }

    /// Adds the record of a line.
    pub fn add(&self, line: &str) -> Result<(), NoRecord> {
        let record = read(line)?;
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if records.len() >= MOST {
            return Err(NoRecord::Many);
        }
        let mut new = records.clone();
        new.push(record.clone());
        self.serve(&record.name, &new)?;
        *records = new;
        Ok(())
    }

    /// Takes back the record of a line; nothing changes if it was not added.
    pub fn remove(&self, line: &str) -> Result<(), NoRecord> {
        let record = read(line)?;
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let mut new = records.clone();
        new.retain(|known| *known != record);
        self.serve(&record.name, &new)?;
        *records = new;
        Ok(())
    }

    /// Serves the zone of a name anew, with those of the records that lie in it.
    fn serve(&self, name: &Name, records: &[Record]) -> Result<(), BadZone> {
        let Some((file, zone)) = self.zone_of(name) else { return Ok(()) };
        let in_it = |record: &&Record| self.zone_of(&record.name).is_some_and(|(its, _)| its.origin == file.origin);
        let records: Vec<_> = records.iter().filter(in_it).cloned().collect();
        zone.replace(build(file, self.seed, &self.pins, &records)?);
        Ok(())
    }

    /// The zone that a name lies in: the nearest one above it.
    fn zone_of(&self, name: &Name) -> Option<&(&'static File, Arc<Denying>)> {
        let name = name.to_lowercase().to_ascii();
        let above = self.served.iter().filter(|(file, _)| within(&name, file.origin));
        above.max_by_key(|(file, _)| file.origin.len())
    }
}

/// The record of a line.
fn read(line: &str) -> Result<Record, NoRecord> {
    let line = line.trim_end();
    let begins = |c: char| c.is_alphanumeric() || matches!(c, '_' | '*');
    // A line break would begin another record, and a dollar a directive that reads files.
    if line.len() > LONGEST || !line.starts_with(begins) || line.contains(char::is_control) {
        return Err(NoRecord::Form);
    }
    let text = |why: &dyn std::fmt::Display| NoRecord::Text(why.to_string());
    let root = Name::root();
    let owner = line.split_whitespace().next().unwrap_or_default();
    if !owner.ends_with('.') || Name::from_str(owner).is_err() {
        return Err(NoRecord::Form);
    }
    let (_, sets) = Parser::new(format!("$TTL {TTL}\n{line}\n"), None, Some(root)).parse().map_err(|why| text(&why))?;
    let mut records = sets.values().flat_map(|set| set.records_without_rrsigs());
    let record = records.next().cloned().ok_or(NoRecord::Form)?;
    if !TYPES.contains(&record.record_type()) {
        return Err(NoRecord::Type(record.record_type()));
    }
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_record() {
        let record = read("new.harbor.test. 60 IN TXT \"v=spf1 -all\"").unwrap();
        assert_eq!(
            (record.name.to_ascii().as_str(), record.ttl, record.record_type()),
            ("new.harbor.test.", 60, RecordType::TXT)
        );
        let record = read(
            "_25._tcp.mx1.harbor.test. TLSA 3 1 1 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        )
        .unwrap();
        assert_eq!((record.ttl, record.record_type()), (300, RecordType::TLSA));
        assert_eq!(read("harbor.test. MX 5 mx3.harbor.test.").unwrap().record_type(), RecordType::MX);
    }

    #[test]
    fn what_is_no_record_of_the_lab_is_told() {
        for bad in [
            "",
            " a.test. A 192.0.2.1",
            "; a",
            "$INCLUDE /etc/passwd",
            "new A 192.0.2.1",
            "a.test. A 192.0.2.1\nb.test. A 192.0.2.2",
            "a.test",
        ] {
            assert!(matches!(read(bad), Err(NoRecord::Form)), "{bad:?}: {:?}", read(bad));
        }
        for bad in ["a.test. A 192.0.2.256", "a.test. A", "a.test. MX harbor", "a.test. WHAT 1"] {
            assert!(matches!(read(bad), Err(NoRecord::Text(_))), "{bad:?}: {:?}", read(bad));
        }
        assert!(matches!(read("a.test. NS ns.a.test."), Err(NoRecord::Type(RecordType::NS))));
    }

    #[test]
    fn a_name_lies_in_the_nearest_zone_above_it() {
        let zones = super::super::load(1, &[]).unwrap();
        let origin = |name: &str| zones.added.zone_of(&Name::from_str(name).unwrap()).unwrap().0.origin;
        assert_eq!(origin("NEW.harbor.test."), "harbor.test.");
        assert_eq!((origin("tiny.test."), origin("myharbor.test."), origin("example.org.")), ("test.", "test.", "."));
    }

    #[test]
    fn a_record_that_cannot_stand_there_changes_nothing() {
        let zones = super::super::load(1, &[]).unwrap();
        assert!(matches!(zones.added.add("mx1.harbor.test. CNAME mx2.harbor.test."), Err(NoRecord::Zone(_))));
        assert!(zones.added.records.lock().unwrap().is_empty());
        zones.added.add("new.harbor.test. A 192.0.2.77").unwrap();
        zones.added.remove("new.harbor.test. A 192.0.2.77").unwrap();
        assert!(zones.added.records.lock().unwrap().is_empty());
    }
}
