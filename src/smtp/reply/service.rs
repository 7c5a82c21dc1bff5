//! What answers instead of SMTP: other services by their first line, and TLS by its first octets.

use std::fmt;

/// A service that is not SMTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// `SSH-2.0-…`
    Ssh,
    /// `+OK …`
    Pop3,
    /// `* OK …`
    Imap,
    /// `HTTP/1.1 …`
    Http,
    /// A greeting of FTP; its codes look like those of SMTP.
    Ftp,
    /// `RFB 003.008`: a shared screen.
    Vnc,
    /// `"IMPLEMENTATION" …`: mail filters.
    ManageSieve,
    /// Options of a terminal session.
    Telnet,
}

impl Service {
    /// The name people know.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ssh => "SSH",
            Self::Pop3 => "POP3",
            Self::Imap => "IMAP",
            Self::Http => "HTTP",
            Self::Ftp => "FTP",
            Self::Vnc => "VNC",
            Self::ManageSieve => "ManageSieve",
            Self::Telnet => "Telnet",
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The service that a first line belongs to, if it is known and not SMTP.
pub fn other_service(line: &[u8]) -> Option<Service> {
    const BEGINNINGS: &[(&[u8], Service)] = &[
        (b"SSH-", Service::Ssh),
        (b"+OK", Service::Pop3),
        (b"-ERR", Service::Pop3),
        (b"* OK", Service::Imap),
        (b"* PREAUTH", Service::Imap),
        (b"* BYE", Service::Imap),
        (b"HTTP/", Service::Http),
        (b"<!DOCTYPE", Service::Http),
        (b"<html", Service::Http),
        (b"RFB 0", Service::Vnc),
        (b"\"IMPLEMENTATION\"", Service::ManageSieve),
        (&[0xff, 0xfd], Service::Telnet),
        (&[0xff, 0xfb], Service::Telnet),
    ];
    if let Some((_, service)) = BEGINNINGS.iter().find(|(beginning, _)| starts_with(line, beginning)) {
        return Some(*service);
    }
    let ftp = starts_with(line, b"220") && contains(line, b"FTP") && !contains(line, b"SMTP");
    ftp.then_some(Service::Ftp)
}

/// True if octets that should be a greeting are a TLS record instead: the port speaks TLS from the first octet.
///
/// ```text
/// ContentType (20 to 23)  ProtocolVersion (3, 0 to 4)      RFC 8446 §5.1
/// ```
pub fn looks_like_tls(bytes: &[u8]) -> bool {
    matches!(bytes, [20..=23, 3, 0..=4, ..])
}

fn starts_with(line: &[u8], beginning: &[u8]) -> bool {
    line.get(..beginning.len()).is_some_and(|head| head.eq_ignore_ascii_case(beginning))
}

fn contains(line: &[u8], word: &[u8]) -> bool {
    line.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word))
}

/// True if a greeting says that LMTP is spoken, as most such servers do.
pub fn says_lmtp(greeting: &[u8]) -> bool {
    greeting.split(|octet| !octet.is_ascii_alphanumeric()).any(|word| word == b"LMTP")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_known_by_their_first_line() {
        assert_eq!(other_service(b"SSH-2.0-OpenSSH_9.6\r\n"), Some(Service::Ssh));
        assert_eq!(other_service(b"+OK POP3 ready <1896.697@x>\r\n"), Some(Service::Pop3));
        assert_eq!(other_service(b"* OK [CAPABILITY IMAP4rev1] ready\r\n"), Some(Service::Imap));
        assert_eq!(other_service(b"HTTP/1.1 400 Bad Request\r\n"), Some(Service::Http));
        assert_eq!(other_service(b"220 (vsFTPd 3.0.5)\r\n"), Some(Service::Ftp));
    }

    #[test]
    fn a_greeting_is_no_other_service() {
        for line in ["220 mx.example.test ESMTP\r\n", "220 mx SMTP FTP gateway\r\n", "554 no\r\n", "hello\r\n", ""] {
            assert_eq!(other_service(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn a_tls_record_is_known_by_its_first_octets() {
        assert!(looks_like_tls(b"\x15\x03\x01\x00\x02\x02\x46"));
        assert!(looks_like_tls(b"\x16\x03\x03"));
        assert!(!looks_like_tls(b"220 mx"));
        assert!(!looks_like_tls(b"\x15\x03"));
    }
}
