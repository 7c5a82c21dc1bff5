//! Everything the server engine says by itself: one table of codes, status codes and words.
//!
//! A host may put its own words in the place of these; codes and status codes are the engine's. In a text `{host}` is
//! the server's name, `{client}` how the client named itself, `{it}` what the reply is about.

use crate::smtp::code::Code;
use crate::smtp::status::Status;

/// A code that is checked when the program is compiled.
macro_rules! code {
    ($number:literal) => {
        const {
            match Code::new($number) {
                Some(code) => code,
                None => unreachable!(),
            }
        }
    };
}

macro_rules! status {
    () => {
        None
    };
    ($class:literal $subject:literal $detail:literal) => {
        Some(Status { class: $class, subject: $subject, detail: $detail })
    };
}

/// Writes the enum and its look-ups from one row per saying.
macro_rules! sayings {
    ($($name:ident $id:literal $code:literal [$($status:literal)*] $text:literal;)+) => {
        /// Something the engine says.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Saying {
            $(#[doc = concat!("`", $code, " ", $text, "`.")] $name,)+
        }

        impl Saying {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The name under which a host's data gives it other words.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)+ }
            }

            /// The reply code.
            pub const fn code(self) -> Code {
                match self { $(Self::$name => code!($code),)+ }
            }

            /// The enhanced status code (RFC 3463); none where RFC 2034 §4 wants none.
            pub const fn status(self) -> Option<Status> {
                match self { $(Self::$name => status!($($status)*),)+ }
            }

            /// The usual words.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

sayings! {
    // Opening and closing
    Welcome "welcome" 220 [] "{host} ESMTP ready";
    NoService "no-service" 554 [] "{host} takes no mail from here";
    NoMail "no-mail" 521 [] "{host} does not accept mail";
    NeverMail "never-mail" 521 [5 3 2] "{host} does not accept mail, send QUIT";
    Hello "hello" 250 [] "{host} hello {client}";
    Goodbye "goodbye" 221 [2 0 0] "{host} closing connection";
    ShuttingDown "shutting-down" 421 [4 3 2] "{host} shutting down, try again later";
    Idle "idle" 421 [4 4 2] "{host} timeout, closing connection";
    TooManyErrors "too-many-errors" 421 [4 7 0] "{host} too many errors, closing connection";
    EndlessLine "endless-line" 421 [4 7 0] "{host} line without an end, closing connection";
    Busy "busy" 421 [4 3 2] "{host} too many connections, try again later";
    OnlyQuit "only-quit" 503 [5 5 1] "No service here, send QUIT";
    WebClient "web-client" 521 [5 5 1] "{host} speaks SMTP, not HTTP; closing connection";
    // Lines and commands
    Unknown "unknown" 500 [5 5 1] "Command not recognized";
    NotImplemented "not-implemented" 502 [5 5 1] "{it} not implemented";
    LineTooLong "line-too-long" 500 [5 5 2] "Line too long";
    BareLf "bare-lf" 500 [5 5 2] "A line must end with CR LF, not with LF alone";
    LineControl "line-control" 500 [5 5 2] "CR and NUL have no place inside a command line";
    LineEightBit "line-8bit" 501 [5 5 2] "8-bit characters need SMTPUTF8, not offered here";
    Indented "indented" 500 [5 5 2] "A command must begin with its verb";
    NoArgument "no-argument" 501 [5 5 4] "{it} takes no argument";
    WantsArgument "wants-argument" 501 [5 5 4] "{it} needs an argument";
    BadHello "bad-hello" 501 [5 5 4] "{it} needs one domain name or address literal";
    // Order
    NeedHello "need-hello" 503 [5 5 1] "Send EHLO or HELO first";
    NeedMail "need-mail" 503 [5 5 1] "Need MAIL before {it}";
    NeedRecipient "need-recipient" 503 [5 5 1] "Need RCPT, no recipient was accepted";
    NoRecipient "no-recipient" 554 [5 5 1] "No valid recipients";
    TooEarly "too-early" 503 [5 5 1] "Wait for each reply, PIPELINING was not offered";
    EarlyTalk "early-talk" 554 [5 5 1] "{host} you spoke before it was your turn, closing connection";
    EarlyDrop "early-drop" 521 [5 5 1] "{host} takes no mail from clients that do not wait, closing connection";
    Nested "nested" 503 [5 5 1] "Nested MAIL, send RSET first";
    // The envelope
    MailSyntax "mail-syntax" 501 [5 5 4] "Syntax: MAIL FROM:<address>";
    RcptSyntax "rcpt-syntax" 501 [5 5 4] "Syntax: RCPT TO:<address>";
    SenderSyntax "sender-syntax" 501 [5 1 7] "Bad sender address syntax";
    RecipientSyntax "recipient-syntax" 501 [5 1 3] "Bad recipient address syntax";
    PathTooLong "path-too-long" 501 [5 1 3] "Path too long: local part 64, domain 255, path 256 octets";
    PathControl "path-control" 501 [5 1 3] "Control character in path";
    SenderUtf8 "sender-utf8" 550 [5 6 7] "Address is not ASCII, and MAIL has no SMTPUTF8";
    RecipientUtf8 "recipient-utf8" 553 [5 6 7] "Address is not ASCII, and MAIL has no SMTPUTF8";
    ParameterInvalid "parameter-invalid" 501 [5 5 4] "Bad or repeated parameter";
    ParameterUnknown "parameter-unknown" 555 [5 5 4] "Parameter {it} not supported";
    MailOk "mail-ok" 250 [2 1 0] "Sender OK";
    RcptOk "rcpt-ok" 250 [2 1 5] "Recipient OK";
    TooManyRecipients "too-many-recipients" 452 [4 5 3] "Too many recipients, send the rest in another transaction";
    TooManyMails "too-many-mails" 421 [4 7 0] "{host} {it} transactions in a connection are the limit, closing it";
    TooManyDomains "too-many-domains" 452 [4 5 3] "Recipients in {it} domains are the limit of a connection";
    NoRoom "no-room" 452 [4 3 1] "Room for {it} octets only, try again later";
    DeclaredTooLarge "declared-too-large" 552 [5 3 4] "Message size exceeds the limit of {it} octets";
    // The letter
    GoAhead "go-ahead" 354 [] "End data with <CR><LF>.<CR><LF>";
    Accepted "accepted" 250 [2 0 0] "Message accepted";
    TooLarge "too-large" 552 [5 3 4] "Message size exceeds the limit of {it} octets";
    ChunkOk "chunk-ok" 250 [2 0 0] "{it} octets received";
    ChunkSyntax "chunk-syntax" 501 [5 5 4] "Syntax: BDAT size [LAST]";
    ChunkFailed "chunk-failed" 503 [5 5 1] "A chunk has failed, send RSET first";
    BetweenChunks "between-chunks" 503 [5 5 1] "{it} has no place behind BDAT, send RSET first";
    BinaryData "binary-data" 503 [5 5 1] "A letter of BODY=BINARYMIME comes by BDAT";
    LoneEnds "lone-ends" 550 [5 6 11] "CR or LF alone in the message, lines end with CR LF";
    SevenBit "seven-bit" 554 [5 6 3] "Message has 8-bit octets, only 7-bit text is taken here";
    // The rest
    ResetOk "reset-ok" 250 [2 0 0] "Reset OK";
    NoopOk "noop-ok" 250 [2 0 0] "OK";
    Utf8Answer "utf8-answer" 252 [2 6 8] "The answer is not ASCII, ask with SMTPUTF8 behind the name";
    CannotVerify "cannot-verify" 252 [2 5 0] "Cannot verify, but send a message and it will be tried";
    Help "help" 214 [2 0 0] "Commands: {it}";
    // TLS
    TlsGo "tls-go" 220 [2 0 0] "Ready to start TLS";
    TlsAlready "tls-already" 503 [5 5 1] "TLS is already active";
    TlsUnavailable "tls-unavailable" 454 [4 7 0] "TLS not available at the moment";
    TlsWeak "tls-weak" 554 [5 7 0] "This TLS is too weak for {host}, send QUIT";
    TlsFirst "tls-first" 530 [5 7 0] "Send STARTTLS first";
    // AUTH
    AuthPrompt "auth-prompt" 334 [] "{it}";
    AuthOk "auth-ok" 235 [2 7 0] "Authentication successful";
    AuthFailed "auth-failed" 535 [5 7 8] "Authentication failed";
    AuthFirst "auth-first" 530 [5 7 0] "Authentication required";
    AuthNeedsTls "auth-needs-tls" 538 [5 7 11] "Encryption required, send STARTTLS first";
    AuthAlready "auth-already" 503 [5 5 1] "Already authenticated";
    AuthInTransaction "auth-in-transaction" 503 [5 5 1] "AUTH not allowed during a mail transaction";
    AuthNeedsEhlo "auth-needs-ehlo" 503 [5 5 1] "Send EHLO first";
    AuthMechanism "auth-mechanism" 504 [5 5 4] "Mechanism {it} not offered";
    AuthCancelled "auth-cancelled" 501 [5 7 0] "Authentication cancelled";
    AuthSyntax "auth-syntax" 501 [5 5 2] "Invalid base64 or response";
    AuthTooLong "auth-too-long" 500 [5 5 6] "Authentication line too long";
}

impl Saying {
    /// The saying with this name.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|saying| saying.id() == id)
    }
}

#[cfg(test)]
mod tests {
    use super::super::reply::Reply;
    use super::*;

    #[test]
    fn c015_no_saying_has_a_code_outside_200_to_599() {
        for saying in Saying::ALL {
            assert!((200..=599).contains(&saying.code().get()), "{saying:?}");
        }
    }

    #[test]
    fn c017_every_saying_has_a_space_and_text_behind_its_code() {
        for saying in Saying::ALL {
            let wire = Reply::new(saying.code(), saying.status(), saying.text()).encode(false);
            assert_eq!(wire[3], b' ', "{saying:?}");
            assert!(wire.len() > 6 && wire.len() <= 512, "{saying:?}");
        }
    }

    #[test]
    fn c169_c170_a_status_is_of_the_class_of_its_code_and_never_in_a_3yz_reply() {
        for saying in Saying::ALL {
            assert!(saying.status().is_none_or(|status| status.agrees(saying.code())), "{saying:?}");
            assert!(saying.status().is_none() || !saying.code().is_intermediate(), "{saying:?}");
        }
    }

    #[test]
    fn every_id_names_one_saying() {
        for saying in Saying::ALL {
            assert_eq!(Saying::from_id(saying.id()), Some(*saying));
        }
    }
}
