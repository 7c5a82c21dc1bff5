//! PEM, as certificates and keys lie in files.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Octets as PEM (RFC 7468 §2).
pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
