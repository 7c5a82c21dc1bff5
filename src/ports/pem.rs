//! Certificates as text (RFC 7468 §5).

use crate::smtp::sasl::encode;

/// Letters of a line (RFC 7468 §2).
const LINE: usize = 64;

/// A certificate in PEM.
pub fn certificate(der: &[u8]) -> String {
    let mut text = "-----BEGIN CERTIFICATE-----\n".to_owned();
    for line in encode(der).as_bytes().chunks(LINE) {
        text.push_str(std::str::from_utf8(line).unwrap_or_default());
        text.push('\n');
    }
    text + "-----END CERTIFICATE-----\n"
}
