//! Reading `Authentication-Results`, whoever wrote it (RFC 8601 §2.2).
//!
//! ```abnf
//! authres-header = "Authentication-Results:" [CFWS] authserv-id [ CFWS version ] ( no-result / 1*resinfo )
//! resinfo        = [CFWS] ";" methodspec [ CFWS reasonspec ] [ CFWS 1*propspec ]
//! ```

/// What a host says it found out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Results {
    /// Who checked.
    pub by: String,
    /// What came of each check, in order.
    pub found: Vec<Found>,
}

/// What came of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What was checked, in lower case: `spf`.
    pub method: String,
    /// The word for what came of it, in lower case: `pass`.
    pub result: String,
    /// About what, and why, as it stands there.
    pub about: String,
}

/// Reads what stands behind the colon; octets that are no UTF-8 make it say nothing.
pub fn read(value: &[u8]) -> Results {
    let text = std::str::from_utf8(value).unwrap_or_default();
    let mut pieces = pieces(text).into_iter();
    let by = pieces.next().unwrap_or_default().split(' ').next().unwrap_or_default().to_owned();
    let found = pieces.filter_map(|piece| {
        let (method, rest) = piece.split_once('=')?;
        let (result, about) = rest.trim_start().split_once(' ').unwrap_or((rest.trim_start(), ""));
        let method = method.trim().split('/').next().unwrap_or_default().trim().to_ascii_lowercase();
        Some(Found { method, result: result.to_ascii_lowercase(), about: about.trim().to_owned() })
    });
    Results { by, found: found.collect() }
}

/// The text between semicolons that stand in no quotes and no comment, with single spaces.
fn pieces(text: &str) -> Vec<String> {
    let (mut pieces, mut quoted, mut deep) = (vec![String::new()], false, 0_usize);
    for letter in text.chars() {
        match letter {
            '"' if deep == 0 => quoted = !quoted,
            '(' if !quoted => deep += 1,
            ')' if !quoted => deep = deep.saturating_sub(1),
            ';' if !quoted && deep == 0 => {
                pieces.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(letter);
        }
    }
    pieces.iter().map(|piece| piece.split_ascii_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_check_has_its_result_and_what_it_is_about() {
        let results = read(
            b" mx.bank.test;\r\n\tspf=pass smtp.mailfrom=you.test;\r\n\tdkim=fail reason=\"body; changed\" header.d=you.test;\r\n\tDMARC = Fail (p=reject; dis=none) header.from=you.test\r\n",
        );
        assert_eq!(results.by, "mx.bank.test");
        let found: Vec<_> =
            results.found.iter().map(|it| (it.method.as_str(), it.result.as_str(), it.about.as_str())).collect();
        let wanted = [
            ("spf", "pass", "smtp.mailfrom=you.test"),
            ("dkim", "fail", "reason=\"body; changed\" header.d=you.test"),
            ("dmarc", "fail", "(p=reject; dis=none) header.from=you.test"),
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn no_result_and_nonsense_give_nothing() {
        for text in [&b" mx.test; none"[..], b"", b";;;", b"\xff", b"a (", b"a \"; spf=pass"] {
            assert!(read(text).found.is_empty(), "{text:?}");
        }
    }
}
