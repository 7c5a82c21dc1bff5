//! `Authentication-Results`: what a receiver found out, for those who read the letter later (RFC 8601).
//!
//! ```abnf
//! authres-header = "Authentication-Results:" [CFWS] authserv-id *resinfo
//! resinfo        = ";" methodspec [ reasonspec ] *( propspec )
//! ```

use std::fmt::Write as _;
use std::net::IpAddr;

use super::Judged;
use super::arc::Chain;
use crate::dns::policy::spf::check::Sender;
use crate::mail::field;

/// The field, folded, its end included. `host` is who judged.
pub fn field(host: &str, sender: &Sender, judged: &Judged) -> String {
    let mut field = format!("Authentication-Results: {host}");
    // Writing to a string cannot fail.
    let _ = write!(field, ";\r\n\tiprev={} policy.iprev={}", judged.reverse.word(), value(sender.address));
    let _ = write!(field, ";\r\n\tspf={} smtp.mailfrom={}", judged.spf.verdict, sender.domain.relative());
    if judged.dkim.is_empty() {
        field.push_str(";\r\n\tdkim=none");
    }
    for signed in &judged.dkim {
        let _ = write!(field, ";\r\n\tdkim={}", signed.verdict.word());
        if let Some(why) = &signed.why {
            let _ = write!(field, " reason=\"{}\"", why.replace(['"', '\\'], "'"));
        }
        let _ = write!(field, " header.d={} header.s={}", signed.domain.relative(), token(&signed.selector));
        if !signed.mark.is_empty() {
            let _ = write!(field, " header.b={}", signed.mark);
        }
    }
    let dmarc = &judged.dmarc;
    let _ = write!(field, ";\r\n\tdmarc={}", dmarc.verdict.word());
    if dmarc.record.is_some() {
        let _ = write!(field, " policy.dmarc={}", dmarc.asked.word());
    }
    if !dmarc.from.is_root() {
        let _ = write!(field, " header.from={}", dmarc.from.relative());
    }
    if judged.arc.chain != Chain::None {
        let _ = write!(field, ";\r\n\tarc={}", judged.arc.chain.word());
    }
    field + "\r\n"
}

/// A letter without the results that pretend to be this host's: others could have written them (RFC 8601 §5).
pub fn without_forged(host: &str, letter: &[u8]) -> Vec<u8> {
    let (fields, _) = field::split(letter);
    let header: usize = fields.iter().map(|line| line.len()).sum();
    let kept = fields.into_iter().filter(|line| {
        let by = field::value(line, b"Authentication-Results").map(<[u8]>::trim_ascii_start);
        !by.and_then(|by| by.get(..host.len())).is_some_and(|by| by.eq_ignore_ascii_case(host.as_bytes()))
    });
    let mut letter_left: Vec<u8> = kept.flatten().copied().collect();
    letter_left.extend_from_slice(letter.get(header..).unwrap_or_default());
    letter_left
}

/// An address as a value: one with colons is quoted (RFC 8601 §2.2).
fn value(address: IpAddr) -> String {
    if address.is_ipv4() { address.to_string() } else { format!("\"{address}\"") }
}

/// Text of others inside the field: what is no token is left out.
fn token(text: &str) -> String {
    text.chars().filter(|character| character.is_ascii_alphanumeric() || "-._".contains(*character)).collect()
}
