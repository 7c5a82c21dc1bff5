//! How octets of names and records are written down in a recording: a character each, U+0000 to U+00FF.
//!
//! What can be read is readable so, and what cannot is not lost. These are modules of `#[serde(with = …)]`.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Name;
use crate::smtp::limits::dns::{LABEL, NAME};

fn write(octets: &[u8]) -> String {
    octets.iter().map(|octet| char::from(*octet)).collect()
}

fn read(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|character| u8::try_from(u32::from(character)).ok()).collect()
}

/// A text.
pub mod octets {
    use super::{Deserialize, Deserializer, Serializer, read, write};
    use serde::de::Error as _;

    /// Writes it.
    pub fn serialize<S: Serializer>(octets: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&write(octets))
    }

    /// Reads it.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        read(&String::deserialize(from)?).ok_or_else(|| D::Error::custom("no octets"))
    }
}

/// Several texts.
pub mod texts {
    use super::{Deserialize, Deserializer, Serializer, read, write};
    use serde::de::Error as _;

    /// Writes them.
    pub fn serialize<S: Serializer>(texts: &[Vec<u8>], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(texts.iter().map(|text| write(text)))
    }

    /// Reads them.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Vec<u8>>, D::Error> {
        let texts = Vec::<String>::deserialize(from)?;
        let octets: Option<_> = texts.iter().map(|text| read(text)).collect();
        octets.ok_or_else(|| D::Error::custom("no octets"))
    }
}

/// A name is written as its labels, the most specific first: it is never made of what was printed.
impl Serialize for Name {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.labels().map(write))
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = Self::from_labels(texts::deserialize(from)?);
        let fits = name.wire_len() <= NAME && name.labels().all(|label| label.len() <= LABEL);
        if fits { Ok(name) } else { Err(D::Error::custom("no name of the DNS is as long")) }
    }
}
