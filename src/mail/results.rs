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

/// Reads what stands behind the colon; octets that are no UTF-8 make it say nothing. Who checked is empty where it is not
/// told, as Microsoft writes the field; what a forwarder kept begins with its number, `i=1` (RFC 8617 §4.1.1).
pub fn read(value: &[u8]) -> Results {
    let text = std::str::from_utf8(value).unwrap_or_default();
    let mut pieces = pieces(text).into_iter().skip_while(|piece| piece.starts_with("i=")).peekable();
    let first = |piece: &str| piece.split(' ').next().unwrap_or_default().to_owned();
    let by = pieces.next_if(|piece| !first(piece).contains('=')).map(|piece| first(&piece)).unwrap_or_default();
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
    fn who_checked_may_be_missing_and_a_forwarder_counts_its_hop() {
        let microsoft = read(b" spf=pass (sender IP is 192.0.2.1)\r\n smtp.mailfrom=you.test; dkim=none (message not signed)\r\n header.d=none;dmarc=bestguesspass action=none header.from=you.test;compauth=pass reason=109\r\n");
        let methods: Vec<_> = microsoft.found.iter().map(|it| it.method.as_str()).collect();
        assert_eq!((microsoft.by.as_str(), methods.as_slice()), ("", &["spf", "dkim", "dmarc", "compauth"][..]));
        assert_eq!(microsoft.found[0].about, "(sender IP is 192.0.2.1) smtp.mailfrom=you.test");
        let kept = read(b" i=1; mx.bank.test; spf=pass smtp.mailfrom=you.test");
        assert_eq!((kept.by.as_str(), kept.found.len()), ("mx.bank.test", 1));
    }

    #[test]
    fn no_result_and_nonsense_give_nothing() {
        for text in [&b" mx.test; none"[..], b"", b";;;", b"\xff", b"a (", b"a \"; spf=pass"] {
            assert!(read(text).found.is_empty(), "{text:?}");
        }
    }
}
