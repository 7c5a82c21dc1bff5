//! Citations as people read them: `RFC 5321 4.2.2, 4.2.3` in a table is `RFC 5321 §4.2.2, §4.2.3` on the screen.

use std::fmt;

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cite(String);

impl Cite {
    /// The citation that a table writes with bare section numbers.
    pub fn new(table: &str) -> Self {
        let mut shown = String::with_capacity(table.len() + 8);
        let mut rfc = Rfc::No;
        for word in table.split(' ') {
            if !shown.is_empty() {
                shown.push(' ');
            }
            if rfc == Rfc::Sections && is_section(word.trim_end_matches([',', ';'])) {
                shown.push('§');
            }
            shown.push_str(word);
            rfc = match (rfc, word) {
                (_, "RFC") => Rfc::Number,
                (Rfc::Number | Rfc::Sections, _) => Rfc::Sections,
                (Rfc::No, _) => Rfc::No,
            };
        }
        Self(shown)
    }

    /// As the screen shows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Cite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How far into a citation of an RFC we are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rfc {
    No,
    Number,
    Sections,
}

/// `4.2.1`, `7`, `A.1`, `F.6`: what stands behind the number of an RFC.
fn is_section(word: &str) -> bool {
    let mut parts = word.split('.');
    let head = parts.next().unwrap_or_default();
    let number = |part: &str| !part.is_empty() && part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit());
    let letter = head.len() == 1 && head.bytes().all(|byte| byte.is_ascii_uppercase());
    let rest: Vec<&str> = parts.collect();
    (number(head) || (letter && !rest.is_empty())) && rest.iter().all(|part| number(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_get_their_sign() {
        for (table, shown) in [
            ("RFC 5321 4.2.1", "RFC 5321 §4.2.1"),
            ("RFC 5321 4.2.2, 4.2.3", "RFC 5321 §4.2.2, §4.2.3"),
            ("RFC 3207 4, 4.2", "RFC 3207 §4, §4.2"),
            ("RFC 4954 4, RFC 2033 4.2", "RFC 4954 §4, RFC 2033 §4.2"),
            ("RFC 2821 F.6", "RFC 2821 §F.6"),
            ("RFC 6376 3.6.1; RFC 8463", "RFC 6376 §3.6.1; RFC 8463"),
            ("RFC 4422 appendix A", "RFC 4422 appendix A"),
            ("Exim src/smtp_in.c", "Exim src/smtp_in.c"),
            ("sendmail 8.17 binary strings", "sendmail 8.17 binary strings"),
        ] {
            assert_eq!(Cite::new(table).as_str(), shown);
        }
    }
}
