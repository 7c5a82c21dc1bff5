//! Command verbs.

use std::fmt;

/// Writes the enum and its look-ups from one row per verb.
macro_rules! verbs {
    ($($verb:ident $name:literal $about:literal;)+) => {
        /// A command verb (RFC 5321 §4.1.1 and the extensions). Case does not matter (§2.4).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Verb {
            $(#[doc = $about] $verb,)+
            /// Anything else.
            Other,
        }

        impl Verb {
            /// All verbs that have a name.
            pub const ALL: &'static [Self] = &[$(Self::$verb,)+];

            /// The verb in capitals; empty for [`Verb::Other`].
            pub const fn name(self) -> &'static str {
                match self { $(Self::$verb => $name,)+ Self::Other => "" }
            }

            /// The verb that `word` spells, in any case. Allocates nothing.
            pub fn parse(word: &[u8]) -> Self {
                match upper(word) { $(Some(word) if word == packed($name) => Self::$verb,)+ _ => Self::Other }
            }
        }
    };
}

verbs! {
    Helo "HELO" "The client names itself; no extensions (RFC 5321 §4.1.1.1).";
    Ehlo "EHLO" "The client names itself and asks for the extensions (RFC 5321 §4.1.1.1).";
    Lhlo "LHLO" "The EHLO of LMTP (RFC 2033 §4.1).";
    Mail "MAIL" "Begins a transaction and names the reverse path (RFC 5321 §4.1.1.2).";
    Rcpt "RCPT" "Names a forward path (RFC 5321 §4.1.1.3).";
    Data "DATA" "Asks to send the letter (RFC 5321 §4.1.1.4).";
    Bdat "BDAT" "Sends a chunk of the letter (RFC 3030 §2).";
    Rset "RSET" "Drops the transaction (RFC 5321 §4.1.1.5).";
    Noop "NOOP" "Does nothing (RFC 5321 §4.1.1.9).";
    Quit "QUIT" "Ends the session (RFC 5321 §4.1.1.10).";
    Vrfy "VRFY" "Asks whether a mailbox exists (RFC 5321 §4.1.1.6).";
    Expn "EXPN" "Asks who is on a list (RFC 5321 §4.1.1.7).";
    Help "HELP" "Asks for help (RFC 5321 §4.1.1.8).";
    Auth "AUTH" "Begins a login (RFC 4954 §4).";
    StartTls "STARTTLS" "Asks to go on encrypted (RFC 3207 §4).";
    Etrn "ETRN" "Asks to send waiting mail (RFC 1985 §5).";
    Turn "TURN" "Asks to change roles; obsolete (RFC 5321 §F.1).";
    Atrn "ATRN" "Asks to change roles after a login (RFC 2645 §5.2.1).";
    Burl "BURL" "Fetches the letter from an IMAP server (RFC 4468 §3).";
    Send "SEND" "Begins a transaction to a terminal; obsolete (RFC 5321 §F.6).";
    Soml "SOML" "SEND or MAIL; obsolete (RFC 5321 §F.6).";
    Saml "SAML" "SEND and MAIL; obsolete (RFC 5321 §F.6).";
    Xclient "XCLIENT" "Postfix: tells about the real client.";
    Xforward "XFORWARD" "Postfix: tells about the real client, for the log.";
}

/// Words of four to eight octets, upper case, as one number: comparing them is one instruction. NUL would be lost.
fn upper(word: &[u8]) -> Option<u64> {
    let fits = (4..=8).contains(&word.len()) && !word.contains(&0);
    fits.then(|| word.iter().fold(0, |packed, octet| packed << 8 | u64::from(octet.to_ascii_uppercase())))
}

const fn packed(name: &str) -> u64 {
    let mut rest = name.as_bytes();
    let mut packed = 0;
    while let [octet, tail @ ..] = rest {
        packed = packed << 8 | *octet as u64;
        rest = tail;
    }
    packed
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c018_verbs_are_read_in_any_case() {
        assert_eq!(Verb::parse(b"eHlO"), Verb::Ehlo);
        for verb in Verb::ALL {
            assert_eq!(Verb::parse(verb.name().to_ascii_lowercase().as_bytes()), *verb);
        }
    }

    #[test]
    fn a_verb_is_never_read_by_its_beginning() {
        for word in ["EHL", "EHLOX", "STARTTLSX", "MAILFROM:", "", "\0EHLO", "RCP T"] {
            assert_eq!(Verb::parse(word.as_bytes()), Verb::Other, "{word:?}");
        }
    }
}
