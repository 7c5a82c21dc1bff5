//! Groups of commands in one write (RFC 2920 §3.1): what may stand anywhere in one, and what must end it.

use super::{Command, Verb};

impl Command<'_> {
    /// True if nothing may stand behind this command in one write, because its reply changes what may follow.
    ///
    /// RSET, MAIL, SEND, SOML, SAML and RCPT may stand anywhere; every other command ends the group unless the RFC that
    /// defines it says otherwise: BDAT and BURL (RFC 3030 §2, RFC 4468 §3), and an AUTH that is complete in one step
    /// (RFC 4954 §4).
    pub fn ends_group(&self) -> bool {
        match self.verb {
            Verb::Rset | Verb::Mail | Verb::Send | Verb::Soml | Verb::Saml | Verb::Rcpt | Verb::Bdat | Verb::Burl => {
                false
            }
            Verb::Auth => !self.logs_in_with_one_line(),
            _ => true,
        }
    }

    /// An initial response for a mechanism that asks nothing more.
    fn logs_in_with_one_line(&self) -> bool {
        let one_step = |name: &[u8]| [&b"PLAIN"[..], b"EXTERNAL"].iter().any(|known| known.eq_ignore_ascii_case(name));
        self.initial_response().is_some() && self.mechanism().is_some_and(one_step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(line: &str) -> bool {
        Command::parse(line.as_bytes()).ends_group()
    }

    #[test]
    fn c083_commands_that_change_the_state_end_a_group() {
        for line in ["EHLO a.test", "HELO a.test", "DATA", "VRFY a", "EXPN a", "TURN", "QUIT", "NOOP", "HELP"] {
            assert!(ends(line), "{line}");
        }
        for line in ["RSET", "MAIL FROM:<>", "SEND FROM:<>", "SOML FROM:<>", "SAML FROM:<>", "RCPT TO:<a@b.test>"] {
            assert!(!ends(line), "{line}");
        }
    }

    #[test]
    fn c084_commands_of_extensions_end_a_group_unless_their_rfc_says_otherwise() {
        for line in ["STARTTLS", "ETRN a.test", "ATRN", "XCLIENT ADDR=192.0.2.1", "XFORWARD X=1", "LHLO a.test", "XYZ"]
        {
            assert!(ends(line), "{line}");
        }
        for line in ["BDAT 5", "BDAT 0 LAST", "BURL imap://a.test LAST", "AUTH PLAIN AGEAYg==", "auth external ="] {
            assert!(!ends(line), "{line}");
        }
        for line in ["AUTH PLAIN", "AUTH LOGIN YQ==", "AUTH SCRAM-SHA-256 biws", "AUTH"] {
            assert!(ends(line), "{line}");
        }
    }
}
