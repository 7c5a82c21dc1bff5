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
            $(#[doc = concat!("`", $code, "`: ", $text)] $name,)+
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
    Hello "hello" 250 [] "{host} greets {client}";
    Goodbye "goodbye" 221 [2 0 0] "{host} closes the connection; goodbye";
    ShuttingDown "shutting-down" 421 [4 3 2] "{host} is shutting down; try again later";
    Idle "idle" 421 [4 4 2] "{host} has waited too long for a command";
    TooManyErrors "too-many-errors" 421 [4 7 0] "{host} has refused too many commands; goodbye";
    OnlyQuit "only-quit" 503 [5 5 1] "No service here: only QUIT is understood now";
    WebClient "web-client" 521 [5 5 1] "{host} speaks SMTP, not HTTP";
    // Lines and commands
    Unknown "unknown" 500 [5 5 1] "No such command";
    NotImplemented "not-implemented" 502 [5 5 1] "{it} is known but not offered here";
    LineTooLong "line-too-long" 500 [5 5 2] "The command line is too long";
    BareLf "bare-lf" 500 [5 5 2] "A line ends with CR LF, not with LF alone (RFC 5321, 2.3.8)";
    LineControl "line-control" 500 [5 5 2] "CR, LF and NUL have no place inside a command line";
    LineEightBit "line-8bit" 501 [5 5 2] "Commands are ASCII here; SMTPUTF8 is not offered";
    Indented "indented" 500 [5 5 2] "A command line begins with its verb";
    NoArgument "no-argument" 501 [5 5 4] "{it} takes no argument";
    WantsArgument "wants-argument" 501 [5 5 4] "{it} needs an argument";
    BadHello "bad-hello" 501 [5 5 4] "{it} needs a domain name or an address in brackets, and nothing else";
    // Order
    NeedHello "need-hello" 503 [5 5 1] "Say EHLO or HELO first";
    NeedMail "need-mail" 503 [5 5 1] "MAIL FROM comes first";
    NeedRecipient "need-recipient" 503 [5 5 1] "RCPT TO comes first: no recipient was accepted";
    NoRecipient "no-recipient" 554 [5 5 1] "No valid recipients";
    Nested "nested" 503 [5 5 1] "A transaction is open already; RSET drops it";
    // The envelope
    MailSyntax "mail-syntax" 501 [5 5 4] "The form is MAIL FROM:<address>";
    RcptSyntax "rcpt-syntax" 501 [5 5 4] "The form is RCPT TO:<address>";
    SenderSyntax "sender-syntax" 501 [5 1 7] "The reverse path is not well formed";
    RecipientSyntax "recipient-syntax" 501 [5 1 3] "The forward path is not well formed";
    PathTooLong "path-too-long" 501 [5 1 3] "A local part has at most 64 octets, a domain 255, a path 256";
    PathControl "path-control" 501 [5 1 3] "A path holds no control characters";
    PathUtf8 "path-utf8" 553 [5 6 7] "The address is not ASCII, and SMTPUTF8 is not offered here";
    ParameterInvalid "parameter-invalid" 501 [5 5 4] "A parameter is malformed or given twice";
    ParameterUnknown "parameter-unknown" 555 [5 5 4] "The parameter {it} is not supported here";
    MailOk "mail-ok" 250 [2 1 0] "Sender {it} ok";
    RcptOk "rcpt-ok" 250 [2 1 5] "Recipient {it} ok";
    TooManyRecipients "too-many-recipients" 452 [4 5 3] "Too many recipients; send the rest in another transaction";
    DeclaredTooLarge "declared-too-large" 552 [5 3 4] "The letter is larger than the {it} octets this host takes";
    // The letter
    GoAhead "go-ahead" 354 [] "Send the letter; end it with a line that holds only a dot";
    Accepted "accepted" 250 [2 0 0] "The letter is accepted";
    TooLarge "too-large" 552 [5 3 4] "The letter is larger than the {it} octets this host takes";
    SevenBit "seven-bit" 554 [5 6 3] "The letter has 8-bit octets; this host carries 7-bit text only";
    // The rest
    ResetOk "reset-ok" 250 [2 0 0] "Forgotten; a new transaction may begin";
    NoopOk "noop-ok" 250 [2 0 0] "Nothing done, as asked";
    CannotVerify "cannot-verify" 252 [2 5 0] "Cannot say; send a letter and it will be tried";
    Help "help" 214 [2 0 0] "Commands: {it}";
    // TLS
    TlsGo "tls-go" 220 [2 0 0] "Begin TLS now";
    TlsAlready "tls-already" 503 [5 5 1] "The session is inside TLS already";
    TlsFirst "tls-first" 530 [5 7 0] "STARTTLS comes first: nothing else is done in plain text";
    // AUTH
    AuthPrompt "auth-prompt" 334 [] "{it}";
    AuthOk "auth-ok" 235 [2 7 0] "Signed in as {it}";
    AuthFailed "auth-failed" 535 [5 7 8] "User name or password is wrong";
    AuthFirst "auth-first" 530 [5 7 0] "AUTH comes first: this host takes letters from its own users only";
    AuthNeedsTls "auth-needs-tls" 538 [5 7 11] "A password is not taken in plain text; STARTTLS comes first";
    AuthAlready "auth-already" 503 [5 5 1] "A user is signed in already";
    AuthInTransaction "auth-in-transaction" 503 [5 5 1] "AUTH has no place inside a transaction";
    AuthNeedsEhlo "auth-needs-ehlo" 503 [5 5 1] "AUTH needs EHLO first";
    AuthMechanism "auth-mechanism" 504 [5 5 4] "The mechanism {it} is not offered here";
    AuthCancelled "auth-cancelled" 501 [5 7 0] "AUTH is cancelled, as asked";
    AuthSyntax "auth-syntax" 501 [5 5 2] "That is not the base64 this mechanism wants";
    AuthTooLong "auth-too-long" 500 [5 5 6] "The AUTH line is longer than 12288 octets";
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
    fn a_status_is_of_the_class_of_its_code_and_never_in_a_3yz_reply() {
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
