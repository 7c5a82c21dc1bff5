//! What stands in a terminal where `openssl s_client` ran: what it prints of TLS, then a conversation as pasted.
//!
//! With `-starttls smtp` it says the greeting, EHLO and STARTTLS itself and shows nothing of them but the last line of the
//! answer to EHLO. A line that begins with R or Q it takes for an order, unless it was called with `-quiet`.

use super::paste::{self, Heard};
use super::text::Row;
use super::{Log, Said};
use crate::tape::Side;
use crate::tape::told::{Form, Means, Told};

/// What it prints of a session ticket, a certificate and its own state, by how the lines begin.
const NOISE: [&[u8]; 12] = [
    b"---",
    b"    ",
    b"read R BLOCK",
    b"Post-Handshake",
    b"SSL-Session:",
    b"SSL handshake has read",
    b"Certificate chain",
    b"Server certificate",
    b"-----",
    b" 0 s:",
    b"   i:",
    b"Can't use SSL_get_servername",
];

/// Reads what stands there.
pub(super) fn read(rows: &[Row]) -> Option<Log> {
    let begins = |word: &[u8]| rows.iter().any(|row| row.text.trim_ascii_start().starts_with(word));
    let judges = begins(b"depth=") && begins(b"verify ");
    if !begins(b"CONNECTED(") && !judges {
        return None;
    }
    let summed_up = begins(b"New, ");
    paste::read(rows, Form::OpenSsl, |text| listen(text, summed_up))
}

pub(super) fn listen(text: &[u8], summed_up: bool) -> Option<Heard> {
    let line = std::str::from_utf8(text).ok()?.trim_end();
    let told = |means| Some(Heard::Said(Said::Told(Told::new(format!("openssl says: {line}"), means))));
    if let Some(agreed) = line.strip_prefix("New, ") {
        let (version, suite) = agreed.split_once(", Cipher is ").unwrap_or((agreed, ""));
        let suite = Some(suite.to_owned()).filter(|suite| !suite.is_empty());
        return told(Means::Secured { version: Some(version.to_owned()), suite });
    }
    match line {
        "RENEGOTIATING" | "KEYUPDATE" => return Some(Heard::Unsent),
        "DONE" => return told(Means::Closed { by: Side::Client }),
        "closed" | "read:errno=0" => return told(Means::Closed { by: Side::Server }),
        _ => {}
    }
    if line.starts_with("depth=0 ") && !summed_up {
        return told(Means::Secured { version: None, suite: None });
    }
    if line.starts_with("subject=") || line.starts_with("issuer=") || line.starts_with("Verify return code:") {
        return told(Means::Nothing);
    }
    if line.starts_with("verify error:") && !summed_up {
        return told(Means::Nothing);
    }
    (NOISE.iter().any(|begins| text.starts_with(begins)) || is_error(text)).then_some(Heard::Noise)
}

/// What the library complains of: `4067CCC0E27F0000:error:0A00010A:SSL routines:…`.
fn is_error(text: &[u8]) -> bool {
    memchr::memmem::find(text, b":error:")
        .is_some_and(|at| text.get(..at).unwrap_or_default().iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::foreign::text;

    #[test]
    fn an_order_to_s_client_was_not_sent() {
        let file = b"CONNECTED(00000003)\n---\nNew, TLSv1.3, Cipher is X\n---\n250 HELP\nEHLO a\n250 ok\nRCPT TO:<a@b.test>\nRENEGOTIATING\n";
        let log = read(&text::rows(file).0).unwrap();
        let last = log.items.last().unwrap();
        assert!(
            matches!(&last.said, Said::Told(told) if told.words.contains("begins with R was not sent")),
            "{last:?}"
        );
    }
}
