//! The mailboxes of an address field.
//!
//! ```abnf
//! mailbox      = name-addr / addr-spec                  ; RFC 5322 §3.4
//! name-addr    = [display-name] "<" addr-spec ">"
//! mailbox-list = mailbox *("," mailbox)
//! group        = display-name ":" [mailbox-list] ";"
//! ```

/// The domain of each mailbox in the value of an address field, in lower case. Comments and quoted texts are stepped
/// over; what has no `@` has no domain.
pub fn domains(value: &[u8]) -> Vec<Vec<u8>> {
    let mut domains = Vec::new();
    let mut spec = Vec::new();
    let mut angle: Option<Vec<u8>> = None;
    let mut octets = value.iter().copied();
    while let Some(octet) = octets.next() {
        match octet {
            b'(' => skip_comment(&mut octets),
            b'"' => skip_quoted(&mut octets),
            b'<' => angle = Some(Vec::new()),
            b',' | b';' => {
                domains.extend(domain(&angle.take().unwrap_or(std::mem::take(&mut spec))));
                spec.clear();
            }
            b':' if angle.is_none() => spec.clear(),
            b'>' | b' ' | b'\t' | b'\r' | b'\n' => {}
            other => angle.as_mut().unwrap_or(&mut spec).push(other),
        }
    }
    domains.extend(domain(&angle.unwrap_or(spec)));
    domains
}

fn domain(spec: &[u8]) -> Option<Vec<u8>> {
    let at = spec.iter().rposition(|octet| *octet == b'@')?;
    let domain = spec.get(at + 1..)?;
    (!domain.is_empty()).then(|| domain.to_ascii_lowercase())
}

/// Comments nest (RFC 5322 §3.2.2).
fn skip_comment(octets: &mut impl Iterator<Item = u8>) {
    let mut depth = 1;
    while let Some(octet) = octets.next() {
        match octet {
            b'\\' => drop(octets.next()),
            b'(' => depth += 1,
            b')' if depth == 1 => return,
            b')' => depth -= 1,
            _ => {}
        }
    }
}

fn skip_quoted(octets: &mut impl Iterator<Item = u8>) {
    while let Some(octet) = octets.next() {
        match octet {
            b'\\' => drop(octets.next()),
            b'"' => return,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &str) -> Vec<String> {
        domains(value.as_bytes()).into_iter().map(|domain| String::from_utf8(domain).expect("ASCII")).collect()
    }

    #[test]
    fn each_mailbox_has_its_domain() {
        assert_eq!(of(" pat@Harbor.TEST\r\n"), ["harbor.test"]);
        assert_eq!(
            of(r#"Pat <pat@harbor.test>, "a, b" <"x@y"@bank.test> (not@this.test)"#),
            ["harbor.test", "bank.test"]
        );
        assert_eq!(of(r#""ceo@bank.test" <x@evil.test>"#), ["evil.test"], "a name is no address");
        assert_eq!(of("ceo@bank.test <x@evil.test>"), ["evil.test"]);
        assert_eq!(of("friends: a@a.test, b@b.test;"), ["a.test", "b.test"]);
        assert_eq!(of("(a (nested\\) one) b) pat@harbor.test"), ["harbor.test"]);
        assert_eq!(of("nobody"), [""; 0]);
        assert_eq!(of("undisclosed-recipients:;"), [""; 0]);
    }
}
