//! Base64 as RFC 4954 §4 wants it: nothing outside the alphabet, `=` at the end only.

use std::fmt;

use ::base64::Engine;
use ::base64::engine::general_purpose::{STANDARD, URL_SAFE};

/// Why a text is no Base64, as precisely as helps to mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotBase64 {
    /// This octet is not in the alphabet.
    Octet(u8),
    /// `-` or `_`: the alphabet of addresses (RFC 4648 §5) instead of the common one.
    UrlSafe,
    /// The `=` at the end are too few, too many, or in the middle.
    Padding,
    /// The last letters stand for bits that do not make an octet.
    Tail,
}

/// Decodes a text.
pub fn decode(text: &[u8]) -> Result<Vec<u8>, NotBase64> {
    STANDARD.decode(text).map_err(|error| reason(text, &error))
}

/// Encodes octets.
pub fn encode(octets: &[u8]) -> String {
    STANDARD.encode(octets)
}

fn reason(text: &[u8], error: &::base64::DecodeError) -> NotBase64 {
    use ::base64::DecodeError as Error;
    if text.iter().any(|octet| matches!(octet, b'-' | b'_')) && URL_SAFE.decode(text).is_ok() {
        return NotBase64::UrlSafe;
    }
    match error {
        Error::InvalidByte(_, b'=') | Error::InvalidPadding | Error::InvalidLength(_) => NotBase64::Padding,
        Error::InvalidByte(_, octet) => NotBase64::Octet(*octet),
        Error::InvalidLastSymbol(..) => NotBase64::Tail,
    }
}

/// The reason in one sentence, without the text.
impl fmt::Display for NotBase64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Octet(octet) if octet.is_ascii_graphic() => {
                write!(f, "'{}' is no letter of Base64.", char::from(*octet))
            }
            Self::Octet(octet) => write!(f, "Octet {octet:02X} is no letter of Base64."),
            Self::UrlSafe => f.write_str("This is Base64 for addresses, with '-' and '_'; SMTP uses '+' and '/'."),
            Self::Padding => f.write_str("The '=' that fill up the end are too few, too many or in the middle."),
            Self::Tail => f.write_str("The last letters do not make up an octet: something is missing."),
        }
    }
}

impl std::error::Error for NotBase64 {}
