//! Reading a `Received` field, ours or anybody's (RFC 5321 §4.4): the words behind its keywords, whatever their order.
//!
//! ```abnf
//! Stamp    = From-domain By-domain Opt-info [CFWS] ";" FWS date-time
//! Opt-info = [Via] [With] [ID] [For] [Additional-Registered-Clauses]
//! ```

/// What a host says of how it got a letter. What a field does not say is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Received {
    /// How the client named itself.
    pub from: String,
    /// What the host saw of the client: name and address.
    pub seen: String,
    /// The host that wrote the field.
    pub by: String,
    /// The protocol: `ESMTPS` (RFC 3848).
    pub with: String,
    /// Its id for the letter.
    pub id: String,
    /// The recipient.
    pub to: String,
    /// What it says of TLS: a clause (RFC 8314 §4.3), or a comment as of old.
    pub tls: String,
    /// When: a date and time of RFC 5322 §3.3.
    pub date: String,
}

/// A word or a comment.
enum Token<'a> {
    Word(&'a str),
    Comment(&'a str),
}

impl Received {
    /// Reads what stands behind the colon; octets that are no UTF-8 make it say nothing.
    pub fn read(value: &[u8]) -> Self {
        let text = std::str::from_utf8(value).unwrap_or_default();
        let (text, date) = text.rsplit_once(';').unwrap_or((text, ""));
        let mut found = Self { date: joined(date), ..Self::default() };
        let (mut clause, mut words) = ("", Vec::new());
        for token in tokens(text) {
            match token {
                Token::Word(word) if is_keyword(word) && (!words.is_empty() || clause.is_empty()) => {
                    found.set(clause, &words);
                    (clause, words) = (word, Vec::new());
                }
                Token::Word(word) => words.push(word),
                Token::Comment(comment) if clause.eq_ignore_ascii_case("from") && found.seen.is_empty() => {
                    found.seen = joined(comment);
                }
                Token::Comment(comment) if comment.to_ascii_lowercase().contains("tls") && found.tls.is_empty() => {
                    found.tls = joined(comment);
                }
                Token::Comment(_) => {}
            }
        }
        found.set(clause, &words);
        found
    }

    /// Whether the letter came inside TLS, and whether the client had logged in: as the protocol says (RFC 3848), or what is
    /// said of TLS beside it. Nothing where the protocol is not named or is none of mail, as `local` and `HTTP`.
    pub fn secured(&self) -> Option<(bool, bool)> {
        let with = self.with.to_ascii_uppercase();
        let kinds = ["UTF8SMTP", "UTF8LMTP", "ESMTP", "LMTP", "SMTP"];
        let ending = kinds.iter().find_map(|kind| with.strip_prefix(kind)).unwrap_or_default();
        let of_mail = kinds.iter().any(|kind| with.contains(kind));
        let tls = !self.tls.is_empty() || matches!(ending, "S" | "SA");
        (tls || of_mail).then_some((tls, matches!(ending, "A" | "SA")))
    }

    fn set(&mut self, clause: &str, words: &[&str]) {
        let text = words.join(" ");
        match clause.to_ascii_lowercase().as_str() {
            "from" => self.from = text,
            "by" => self.by = text,
            "with" => self.with = text,
            "id" => self.id = text,
            "for" => text.trim_matches(['<', '>']).clone_into(&mut self.to),
            "tls" => self.tls = text,
            _ => {}
        }
    }
}

fn is_keyword(word: &str) -> bool {
    ["from", "by", "via", "with", "id", "for", "tls"].iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// With single spaces, and none around it.
fn joined(text: &str) -> String {
    text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

/// Words, and comments without their outer brackets; a bracket that is never closed reaches to the end.
fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        if let Some(inside) = rest.strip_prefix('(') {
            let mut deep = 1_usize;
            let end = inside.find(|letter| {
                match letter {
                    '(' => deep += 1,
                    ')' => deep -= 1,
                    _ => {}
                }
                deep == 0
            });
            let (comment, after) = inside.split_at_checked(end.unwrap_or(inside.len()))?;
            rest = after.strip_prefix(')').unwrap_or(after);
            return Some(Token::Comment(comment));
        }
        let end = rest.find(|letter: char| letter.is_ascii_whitespace() || letter == '(').unwrap_or(rest.len());
        let (word, after) = rest.split_at_checked(end)?;
        rest = after;
        (!word.is_empty()).then_some(Token::Word(word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::trace::{self, Cipher};

    #[test]
    fn what_we_write_is_read_again() {
        let written = trace::Received {
            hello: "laptop.you.test",
            name: Some("laptop.you.test"),
            address: [198, 51, 100, 7].into(),
            by: "submit.you.test",
            with: "ESMTPSA",
            id: "S-0001",
            only_for: Some("pat@harbor.test"),
            tls: Some(Cipher { suite: "TLS_AES_256_GCM_SHA384", group: Some("X25519MLKEM768") }),
            date: "Thu, 01 Jan 2026 10:05:00 +0000",
        };
        let field = written.field();
        let read = Received::read(field.strip_prefix("Received:").expect("a field").as_bytes());
        let wanted = Received {
            from: "laptop.you.test".into(),
            seen: "laptop.you.test [198.51.100.7]".into(),
            by: "submit.you.test".into(),
            with: "ESMTPSA".into(),
            id: "S-0001".into(),
            to: "pat@harbor.test".into(),
            tls: "TLS_AES_256_GCM_SHA384 group X25519MLKEM768".into(),
            date: "Thu, 01 Jan 2026 10:05:00 +0000".into(),
        };
        assert_eq!(read, wanted);
        assert_eq!(read.secured(), Some((true, true)));
    }

    #[test]
    fn the_protocol_tells_of_tls_and_login() {
        for (with, secured) in [
            ("ESMTP", Some((false, false))),
            ("SMTP", Some((false, false))),
            ("ESMTPS", Some((true, false))),
            ("utf8smtpa", Some((false, true))),
            ("LMTPSA", Some((true, true))),
            ("", None),
        ] {
            assert_eq!(Received { with: with.into(), ..Received::default() }.secured(), secured, "{with}");
        }
        for with in ["local", "HTTP", "mapi"] {
            assert_eq!(Received { with: with.into(), ..Received::default() }.secured(), None, "{with}");
        }
        let exchange = b" from a.test (192.0.2.1) by b.test (192.0.2.2) with Microsoft SMTP Server (version=TLS1_2,\r\n cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.1; Thu, 1 Jan 2026 10:05:00 +0000";
        assert_eq!(Received::read(exchange).secured(), Some((true, false)));
        let sendmail = b" from a.test by b.test with ESMTP id 1 (version=TLSv1/SSLv3 cipher=AES256-SHA verify=NO); Thu, 1 Jan 2026 10:05:00 +0000";
        assert_eq!(Received::read(sendmail).secured(), Some((true, false)));
    }

    #[test]
    fn fields_of_other_servers_are_read_too() {
        let postfix = b" from mail.you.test (mail.you.test [192.0.2.1])\r\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\r\n\tby mx.test (Postfix) with ESMTPS id 4bXyz\r\n\tfor <pat@mx.test>; Thu,  1 Jan 2026 10:05:00 +0000 (UTC)\r\n";
        let read = Received::read(postfix);
        assert_eq!((read.by.as_str(), read.with.as_str(), read.to.as_str()), ("mx.test", "ESMTPS", "pat@mx.test"));
        assert_eq!(read.tls, "using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)");
        assert_eq!(read.date, "Thu, 1 Jan 2026 10:05:00 +0000 (UTC)");
        let local =
            Received::read(b" by mx.test (Postfix, from userid 0)\r\n\tid 7AB; Thu, 1 Jan 2026 10:05:00 +0000\r\n");
        assert_eq!((local.from.as_str(), local.by.as_str(), local.id.as_str()), ("", "mx.test", "7AB"));
    }

    #[test]
    fn nonsense_says_what_can_be_read_of_it() {
        for text in
            [&b""[..], b";", b"(", b"((", b")", b"from", b"by by by", b"\xff", b"from (from (by) ; x", b"with\n;"]
        {
            let read = Received::read(text);
            assert!(read.id.is_empty(), "{read:?}");
        }
    }
}
