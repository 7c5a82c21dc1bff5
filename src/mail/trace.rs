//! What a server puts on top of a letter: where it came from, and at final delivery where reports go.
//!
//! ```abnf
//! Return-path-line = "Return-Path:" FWS Reverse-path <CRLF>                     ; RFC 5321 §4.4
//! Time-stamp-line  = "Received:" FWS Stamp <CRLF>
//! Stamp            = From-domain By-domain Opt-info [CFWS] ";" FWS date-time
//! From-domain      = "FROM" FWS Extended-Domain
//! Extended-Domain  = Domain / ( ( Domain / address-literal ) FWS "(" TCP-info ")" )
//! TCP-info         = address-literal / ( Domain FWS address-literal )
//! tls-cipher-clause = CFWS "tls" FWS tls-cipher [ CFWS "group" FWS dh-group ]   ; RFC 8314 §4.3
//! ```

use std::fmt::Write as _;
use std::net::IpAddr;

/// The field of final delivery: the reverse path, without brackets; empty for the null one.
pub fn return_path(reverse_path: &str) -> String {
    format!("Return-Path: <{reverse_path}>\r\n")
}

/// One hop: a `Received` field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received<'a> {
    /// How the client named itself in EHLO or HELO.
    pub hello: &'a str,
    /// What the DNS calls the client's address, if it calls it anything.
    pub name: Option<&'a str>,
    /// The client's address.
    pub address: IpAddr,
    /// The server.
    pub by: &'a str,
    /// How the letter came: `ESMTPS` (RFC 3848).
    pub with: &'a str,
    /// The server's id for the letter.
    pub id: &'a str,
    /// The recipient, if there is just one: others would learn of each other (RFC 5321 §7.6).
    pub only_for: Option<&'a str>,
    /// The cipher suite, where the letter came inside TLS.
    pub tls: Option<Cipher<'a>>,
    /// When, as `Thu, 01 Jan 2026 10:05:00 +0000` (RFC 5322 §3.3).
    pub date: &'a str,
}

/// What TLS agreed on, in the names of the registries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cipher<'a> {
    /// The cipher suite: `TLS_AES_256_GCM_SHA384`.
    pub suite: &'a str,
    /// The key exchange group: `X25519MLKEM768`.
    pub group: Option<&'a str>,
}

impl Received<'_> {
    /// The field, folded, CR LF included.
    pub fn field(&self) -> String {
        let name = self.name.map_or_else(String::new, |name| format!("{name} "));
        let literal = match self.address {
            IpAddr::V4(address) => format!("[{address}]"),
            IpAddr::V6(address) => format!("[IPv6:{address}]"),
        };
        let mut field = format!("Received: from {} ({name}{literal})\r\n", self.hello);
        // Writing to a string cannot fail.
        let _ = write!(field, "\tby {} with {} id {}", self.by, self.with, self.id);
        if let Some(only) = self.only_for {
            let _ = write!(field, "\r\n\tfor <{only}>");
        }
        if let Some(tls) = self.tls {
            let group = tls.group.map_or_else(String::new, |group| format!(" group {group}"));
            let _ = write!(field, "\r\n\ttls {}{group}", tls.suite);
        }
        field + "; " + self.date + "\r\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOP: Received<'_> = Received {
        hello: "laptop",
        name: Some("laptop.you.test"),
        address: IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 7)),
        by: "mx1.harbor.test",
        with: "ESMTPS",
        id: "H-0001",
        only_for: Some("pat@harbor.test"),
        tls: None,
        date: "Thu, 01 Jan 2026 10:05:00 +0000",
    };

    #[test]
    fn c195_a_hop_says_from_by_with_id_for_and_when() {
        let wanted = "Received: from laptop (laptop.you.test [198.51.100.7])\r\n\
                      \tby mx1.harbor.test with ESMTPS id H-0001\r\n\
                      \tfor <pat@harbor.test>; Thu, 01 Jan 2026 10:05:00 +0000\r\n";
        assert_eq!(HOP.field(), wanted);
    }

    #[test]
    fn c114_what_tls_agreed_on_stands_behind_the_recipient() {
        let tls = Cipher { suite: "TLS_AES_256_GCM_SHA384", group: Some("X25519MLKEM768") };
        let field = Received { tls: Some(tls), ..HOP }.field();
        assert!(field.ends_with(
            "\tfor <pat@harbor.test>\r\n\ttls TLS_AES_256_GCM_SHA384 group X25519MLKEM768; Thu, 01 Jan 2026 10:05:00 +0000\r\n"
        ));
        let field = Received { tls: Some(Cipher { group: None, ..tls }), only_for: None, ..HOP }.field();
        assert!(field.contains(" id H-0001\r\n\ttls TLS_AES_256_GCM_SHA384; Thu"), "{field}");
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let address = IpAddr::V6(std::net::Ipv6Addr::LOCALHOST);
        let wanted = "Received: from laptop ([IPv6:::1])\r\n\
                      \tby mx1.harbor.test with ESMTPS id H-0001; Thu, 01 Jan 2026 10:05:00 +0000\r\n";
        assert_eq!(Received { name: None, address, only_for: None, ..HOP }.field(), wanted);
    }

    #[test]
    fn the_null_reverse_path_is_written_as_such() {
        assert_eq!(return_path(""), "Return-Path: <>\r\n");
        assert_eq!(return_path("you@you.test"), "Return-Path: <you@you.test>\r\n");
    }
}
