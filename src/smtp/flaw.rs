//! What can be odd about a session: one table of all diagnostic ids that an SMTP session can earn.
//!
//! A flaw never stops anything by itself: it is noted, with its place, its weight and the rule it bends. Parsers
//! raise those that bytes show by themselves; the others need the order of things and are raised by
//! [`dialogue`](crate::dialogue), by what is done before sending, or by the network. Ids are stable: they are part of
//! the program's face.

use std::fmt;
use std::ops::Range;

use super::reply::{Malformed, Service};

/// How grave a flaw is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Weight {
    /// Worth knowing; nothing is wrong.
    Note,
    /// Works here, but breaks a rule or may mislead.
    Warning,
    /// Does not work, or must not be trusted.
    Error,
}

/// Something odd in parsed bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// What is odd.
    pub kind: FlawKind,
    /// Where: octets from the beginning of the bytes that were parsed.
    pub span: Range<usize>,
}

impl Flaw {
    /// The flaw of this kind at this place.
    pub const fn new(kind: FlawKind, span: Range<usize>) -> Self {
        Self { kind, span }
    }

    /// The same flaw where the parsed bytes begin `octets` later.
    #[must_use]
    pub fn moved(self, octets: usize) -> Self {
        Self { span: self.span.start + octets..self.span.end + octets, ..self }
    }
}

/// Writes the enum and its look-ups from one row per flaw.
macro_rules! flaws {
    ($($kind:ident $(($payload:ty = $sample:expr))? $id:literal $weight:ident $cite:literal $title:literal;)+) => {
        /// What is odd. Where a rule has several reasons, the reason is part of the kind but not of the id.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum FlawKind {
            $(#[doc = concat!("`", $id, "`: ", $title, ".")] $kind $(($payload))?,)+
        }

        impl FlawKind {
            /// One flaw for every id.
            pub const ALL: &'static [Self] = &[$(Self::$kind $(($sample))?,)+];

            /// The diagnostic id, as `reply/mixed-codes`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$kind { .. } => $id,)+ }
            }

            /// How grave it is.
            pub const fn weight(self) -> Weight {
                match self { $(Self::$kind { .. } => Weight::$weight,)+ }
            }

            /// The rule it bends or the text that speaks of it, as `RFC 5321 §4.2.1`; empty for rules of our own.
            pub const fn cite(self) -> &'static str {
                match self { $(Self::$kind { .. } => $cite,)+ }
            }

            /// What is odd, in a few words without a full stop.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$kind { .. } => $title,)+ }
            }
        }
    };
}

flaws! {
    // The greeting
    MultilineGreeting "greet/multiline" Note "RFC 5321 §4.2" "The greeting has several lines";
    GreetingRefused "greet/refused" Note "RFC 5321 §3.1" "The server takes no mail from you";
    Greeting421 "greet/421" Warning "RFC 5321 §3.8" "The server is not available now and closes the connection";
    NotSmtp(Service = Service::Ssh) "greet/not-smtp" Error "RFC 5321 §3.1" "Another service answers on this port";
    TlsPort "greet/tls-port" Error "RFC 8314 §3.3" "The server speaks TLS from the first octet";
    GreetingTimeout "greet/timeout" Warning "RFC 5321 §4.5.3.2.1" "No greeting came in time";
    EarlyTalker "greet/early-talker" Note "RFC 5321 §4.3.1" "Talking before the greeting is complete";
    // Replies
    Malformed(Malformed = Malformed::Empty) "reply/malformed" Error "RFC 5321 §4.2" "This line is no reply";
    UnknownClass "reply/unknown-class" Warning "RFC 5321 §4.2.1" "The code is outside 2xx to 5xx and counts as a failure";
    OddCode "reply/odd-code" Note "RFC 5321 §4.2" "The second digit of the code is not 0 to 5";
    MixedCodes "reply/mixed-codes" Warning "RFC 5321 §4.2.1" "The lines of one reply carry different codes; the last one counts";
    GarbageLine "reply/garbage-line" Warning "RFC 5321 §4.2.1" "A line without a code inside a reply of several lines";
    UnfinishedReply "reply/unfinished" Warning "RFC 5321 §4.2.1" "More lines were promised and have not come";
    TruncatedReply "reply/truncated" Error "RFC 5321 §4.2.1" "The connection ended in the middle of a reply";
    ReplyTimeout "reply/timeout" Warning "RFC 5321 §4.5.3.2" "The reply did not come whole in time";
    NoText "reply/no-text" Note "RFC 5321 §4.2" "The reply has a code but no text";
    Control "reply/control" Warning "RFC 5321 §4.2" "The text holds control characters";
    NonUtf8 "reply/non-utf8" Warning "RFC 5321 §4.2" "The text holds octets that are not UTF-8";
    EightBit "reply/8bit" Note "RFC 6531 §3.7.4.2" "The text is not ASCII although SMTPUTF8 is not in use";
    BareLf "reply/bare-lf" Warning "RFC 5321 §2.3.8" "The line ended with LF instead of CR LF";
    BareCr "reply/bare-cr" Warning "RFC 5321 §2.3.8" "The line holds a CR that does not end it";
    LongLine "reply/long-line" Note "RFC 5321 §4.5.3.1.5" "The line is longer than 512 octets";
    // One reply for each command
    SurplusReply "sync/surplus-reply" Warning "RFC 5321 §4.2" "A reply that nobody asked for";
    LateReply "sync/late-reply" Warning "RFC 5321 §4.2" "The late answer to an earlier command";
    Unsolicited421 "sync/unsolicited-421" Note "RFC 5321 §3.8" "The server ended the session by itself";
    // Limits of our own
    LineLimit "limit/line" Error "RFC 5321 §4.5.3.1.5" "A line longer than 64 KiB without an end";
    ReplyLimit "limit/reply" Error "RFC 5321 §7.8" "A reply that does not end";
    UnsolicitedLimit "limit/unsolicited" Error "RFC 5321 §7.8" "More than 64 KiB that nobody asked for";
    // Text that would act on a terminal
    Escape "safe/escape" Warning "RFC 5321 §4.2" "The text holds terminal control sequences; shown, not executed";
    Bidi "safe/bidi" Warning "RFC 5321 §4.2" "Characters that change the direction of text are made visible";
    Invisible "safe/invisible" Note "RFC 5321 §4.2" "Invisible characters are made visible";
    Marks "safe/marks" Note "RFC 5321 §4.2" "Combining marks beyond four on one letter are folded";
    // Enhanced status codes
    StatusMismatch "esc/mismatch" Warning "RFC 2034 §4" "The enhanced code contradicts the reply code";
    StatusZeros "esc/zeros" Note "RFC 3463 §2" "The enhanced code has leading zeros";
    StatusDiffers "esc/differs" Note "RFC 2034 §4" "The lines of the reply carry different enhanced codes";
    StatusUnadvertised "esc/unadvertised" Note "RFC 2034 §2" "The reply carries an enhanced code though ENHANCEDSTATUSCODES is not offered";
    StatusMisplaced "esc/misplaced" Note "RFC 2034 §4" "No enhanced code belongs in this reply";
    // Capabilities
    NoExtensions "caps/none" Note "RFC 5321 §4.1.1.1" "The server offers no extensions";
    NoEhlo "caps/no-ehlo" Warning "RFC 5321 §3.2" "EHLO is refused; HELO gives no STARTTLS and no AUTH";
    CapabilityParameter "caps/bad-param" Warning "RFC 5321 §4.1.1.1" "The parameter of this keyword makes no sense and is ignored";
    SizeZero "caps/size-zero" Note "RFC 1870 §3" "SIZE 0 declares no limit";
    AuthLegacy "caps/auth-legacy" Note "RFC 4954 §3" "AUTH= is a spelling from before the standard";
    NearMiss "caps/near-miss" Warning "RFC 5321 §4.1.1.1" "Nearly a keyword, but another word";
    BadKeyword "caps/bad-keyword" Warning "RFC 5321 §4.1.1.1" "Not a valid keyword, and not used";
    CapabilityTwice "caps/duplicate" Note "RFC 5321 §4.1.1.1" "The keyword is listed more than once";
    CapabilityDependency "caps/dependency" Note "RFC 6531 §3.1, RFC 3030 §3" "The keyword needs another one that is missing";
    CapabilitiesChanged "caps/changed" Note "RFC 3207 §4.2" "The list changed after TLS; the old one is void";
    StartTlsInTls "caps/starttls-in-tls" Warning "RFC 3207 §4.2" "STARTTLS is offered although the session is encrypted";
    // TLS
    TlsNotOffered "tls/not-offered" Error "RFC 3207 §6" "TLS was wanted, but it is not offered";
    TlsRefused "tls/refused" Error "RFC 3207 §4" "STARTTLS was refused";
    InjectedPlaintext "tls/injected-plaintext" Error "RFC 3207 §4.2" "Plain text behind the 220 could pose as encrypted later";
    NotTls "tls/not-tls" Error "RFC 3207 §4" "Plain text came where TLS was expected";
    TlsClosed "tls/closed" Error "RFC 3207 §4" "The connection ended instead of starting TLS";
    TlsTimeout "tls/timeout" Error "RFC 3207 §4" "The TLS handshake did not finish in time";
    TlsVersion "tls/version" Error "RFC 8996 §5" "The server speaks only old versions of TLS";
    PlainPort "tls/plain-port" Error "RFC 8314 §3.3" "The port answers in plain SMTP";
    TlsHandshake "tls/handshake" Error "RFC 3207 §4" "The TLS handshake failed";
    TlsFlood "tls/flood" Error "" "The server keeps sending TLS records without content";
    NoCloseNotify "tls/no-close-notify" Warning "RFC 8446 §6.1" "Closed without a TLS goodbye: the last reply may be cut";
    TlsNoDowngrade "tls/no-downgrade" Error "RFC 3207 §6" "TLS stays required; no retry in plain text";
    SubmissionInClear "tls/submission-clear" Warning "RFC 8314 §3" "A letter is handed in without encryption";
    CertUnknownCa "cert/unknown-ca" Error "RFC 5280 §6.1" "No authority that is trusted here vouches for the certificate";
    CertInsecure "cert/insecure" Warning "RFC 3207 §4.1" "The session goes on although the certificate is not in order, as it was set";
    CertName "cert/name" Error "RFC 6125 §6.4" "The certificate names another host";
    CertExpired "cert/expired" Error "RFC 5280 §4.1.2.5" "The certificate has expired";
    CertUnparsable "cert/unparsable" Note "RFC 5280 §4.1" "A certificate cannot be shown field by field; its octets are";
    CertChanged "cert/changed" Note "RFC 5280 §4.1" "Not the certificate of the last session with this host";
    CertNotYet "cert/not-yet" Error "RFC 5280 §4.1.2.5" "The certificate is not valid yet";
    // Order of commands
    Order "fsm/order" Note "RFC 5321 §4.1.4" "This command is out of order";
    UnexpectedCode "fsm/unexpected-code" Error "RFC 5321 §4.3.2" "This code does not answer this command";
    PipelinedStartTls "fsm/pipelined-starttls" Error "RFC 3207 §4" "STARTTLS must be the last command of a batch";
    Batch "fsm/batch" Warning "RFC 2920 §3.1" "These commands do not go together in one write";
    BdatUse "fsm/bdat" Warning "RFC 3030 §2" "BDAT needs CHUNKING and does not mix with DATA";
    // AUTH
    AuthInPlainText "auth/plaintext" Error "RFC 4954 §4" "The password would cross the network readable by anyone";
    AuthNotOffered "auth/not-offered" Error "RFC 4954 §3" "AUTH is not offered";
    ChallengeWithoutSpace "auth/no-sp" Note "RFC 4954 §4" "334 without a space";
    AuthBadBase64 "auth/bad-base64" Error "RFC 4954 §4" "This is not Base64";
    PromptMismatch "auth/prompt-mismatch" Warning "" "The server asks for something else than the mechanism does at this step";
    AuthRounds "auth/rounds" Error "" "Challenges without end";
    UnexpectedSuccess "auth/unexpected-success" Warning "RFC 4954 §6" "Only 235 says that the login succeeded";
    XOauth2Error "auth/xoauth2-error" Warning "RFC 7628 §3.2.2" "The token was refused; the reason is in the challenge";
    ScramCost "auth/scram-cost" Error "RFC 5802 §5.1" "The server demands too many rounds of hashing";
    ServerNotProven "auth/server-not-proven" Error "RFC 5802 §5" "The server could not prove that it knows the password";
    ChannelBinding "auth/channel-binding" Note "RFC 5802 §6" "The login cannot be tied to the TLS connection";
    AuthParts "auth/parts" Error "RFC 4422 §3.4" "A part of the login is missing, or the mechanism has no place for it";
    SurplusChallenge "auth/surplus-challenge" Error "RFC 4422 §3" "A challenge that the mechanism does not have";
    ScramMessage "auth/scram-message" Error "RFC 5802 §7" "The SCRAM message is not written as the grammar asks";
    ScramRefused "auth/scram-refused" Error "RFC 5802 §5.1" "The server ended SCRAM with an error";
    AuthBadCharacter "auth/bad-char" Error "RFC 4616 §2" "A character that cannot be part of a user name or password";
    RedactedAuth "redact/auth" Note "" "Credentials are hidden";
    RedactedEcho "redact/echo" Warning "" "The server repeated the credentials; hidden";
    RedactedCram "redact/cram" Note "RFC 2195 §4" "The digest is hidden: it can be used to guess the password";
    // Commands and the envelope
    HelloName "cmd/hello-name" Warning "RFC 5321 §2.3.5" "The name is neither a full domain name nor an address in brackets";
    CommandSyntax "cmd/syntax" Warning "RFC 5321 §4.1.1" "The command is not written as the grammar asks";
    CommandLineEnd "cmd/line-end" Warning "RFC 5321 §2.3.8" "The line holds a CR or LF that is not part of CR LF";
    LongCommand "cmd/long-line" Warning "RFC 5321 §4.5.3.1.4" "The line is longer than a server need take";
    LineBreakInField "input/crlf" Error "RFC 5321 §2.3.8" "A line break inside a field would become a second command";
    AddressSyntax "addr/syntax" Note "RFC 5321 §4.1.2" "The address is not written as the grammar asks";
    AddressControl "addr/control" Warning "RFC 5321 §4.1.2" "The address holds control characters";
    AddressLiteral "addr/literal" Warning "RFC 5321 §4.1.3" "The address literal is not written as the grammar asks";
    SourceRoute "addr/source-route" Note "RFC 5321 §4.1.1.3" "A source route is accepted and ignored";
    AddressTooLong "addr/too-long" Warning "RFC 5321 §4.5.3.1" "Longer than a server need take";
    AddressUtf8 "addr/smtputf8" Error "RFC 6531 §3.3" "The address is not ASCII and needs SMTPUTF8";
    AddressConfusable "addr/confusable" Warning "RFC 5890 §4.4" "The name looks like another one";
    ParameterInvalid "param/invalid" Warning "RFC 5321 §4.1.2" "This parameter makes no sense here";
    Bulk "policy/bulk" Error "" "Too many recipients for a hand-driven session";
    PastedLines "paste/multiline" Note "" "Several lines were pasted; none is sent yet";
    PastedEscape "paste/escape" Warning "" "The pasted text holds terminal codes";
    // The letter
    FinalEolAdded "data/eol-added" Note "RFC 5321 §4.1.1.4" "A final line end was added so that the closing dot stands alone";
    EolFixed "data/eol-fixed" Note "RFC 5321 §2.3.8" "Line ends were changed to CR LF";
    Smuggling "data/smuggling" Error "RFC 5321 §4.1.1.4" "This can end the letter on faulty servers";
    EightBitLetter "data/8bit" Warning "RFC 6152 §3" "The letter has 8-bit octets and the server does not offer 8BITMIME";
    NulInLetter "data/nul" Warning "RFC 5321 §4.5.2" "The letter holds NUL octets";
    LongTextLine "data/long-line" Warning "RFC 5321 §4.5.3.1.6" "A line of the letter is longer than 998 octets and its end";
    EarlyReply "data/early-reply" Error "RFC 5321 §4.2.5" "The server answered while the letter was still being sent";
    DataAborted "data/aborted" Error "RFC 5321 §4.1.1.4" "The connection ended inside the letter; it was not accepted";
    UnknownOutcome "data/unknown-outcome" Warning "RFC 5321 §4.5.3.2.6" "No final answer: the letter may or may not be queued";
    DataSize "data/size" Warning "RFC 1870 §6" "The letter is larger than the server takes";
    // The connection
    Refused "net/refused" Error "" "The host refused the connection";
    ConnectTimeout "net/timeout" Error "" "No answer from this address";
    Reset "net/reset" Error "RFC 5321 §3.8" "The connection was reset";
    ConnectionClosed "net/closed" Error "RFC 5321 §3.8" "The connection closed before the answer";
    HalfClosed "net/half-closed" Note "" "The server has finished talking but still listens";
    Linger "net/linger" Note "RFC 5321 §4.1.1.10" "The server said goodbye and left the connection open";
    Unreachable "net/unreachable" Note "" "No route to this address";
    AllFailed "net/all-failed" Error "RFC 5321 §5.1" "None of the addresses answered";
    LocalNetwork "net/local" Error "" "This computer has no route to the network";
    OwnAddress "net/source" Error "" "The own address that was chosen cannot be used";
    Stale "net/stale" Note "RFC 5321 §4.5.3.2.7" "Idle for so long that the server has probably closed";
    Target "net/target" Error "" "This address is no destination";
    Port "cli/port" Error "" "A port is a number from 1 to 65535";
}

impl FlawKind {
    /// The flaw with this id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.id() == id)
    }
}

/// The diagnostic id.
impl fmt::Display for FlawKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_is_there_once() {
        for kind in FlawKind::ALL {
            assert_eq!(FlawKind::from_id(kind.id()), Some(*kind));
        }
    }

    #[test]
    fn ids_are_a_group_and_a_name() {
        for kind in FlawKind::ALL {
            let (group, name) = kind.id().split_once('/').unwrap();
            let plain = |word: &str| {
                !word.is_empty()
                    && word.bytes().all(|octet| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'-')
            };
            assert!(plain(group) && plain(name), "{kind}");
        }
    }

    #[test]
    fn titles_are_short_and_have_no_full_stop() {
        for kind in FlawKind::ALL {
            assert!(kind.title().chars().count() <= 76, "{kind}: {}", kind.title().chars().count());
            assert!(!kind.title().ends_with('.'), "{kind}");
        }
    }

    #[test]
    fn citations_name_an_rfc_and_a_section() {
        for kind in FlawKind::ALL.iter().filter(|kind| !kind.cite().is_empty()) {
            for cite in kind.cite().split(", ") {
                let (number, section) = cite.strip_prefix("RFC ").and_then(|rest| rest.split_once(" §")).unwrap();
                assert!(number.parse::<u16>().is_ok(), "{cite}");
                assert!(section.split('.').all(|part| part.parse::<u8>().is_ok()), "{cite}");
            }
        }
    }
}
