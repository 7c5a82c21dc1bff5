//! What the engine asks of whoever runs it, and what may be answered.

use crate::smtp::params::{self, Param};
use crate::smtp::path::{ForwardPath, ReversePath};
use crate::smtp::sasl::server::{Scram, cram_fits};

use super::reply::Reply;

/// A question, or something to do. Nothing more is read from the client until it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// The client names itself.
    Hello {
        /// As it was written.
        name: Vec<u8>,
        /// In which dialect.
        dialect: Dialect,
    },
    /// May this reverse path begin a transaction?
    Mail {
        /// The path.
        path: ReversePath,
        /// Parameters, all of them sound and offered.
        params: Vec<Param>,
    },
    /// Is this recipient taken?
    Rcpt(Recipient),
    /// DATA: may the letter of this transaction come?
    Data,
    /// VRFY: is this a mailbox? Accepting gives 252; 250 and 251 must be earned (RFC 5321 §3.5.3).
    Verify(Vec<u8>),
    /// EXPN: who is on this list? Accepting gives 252.
    Expand(Vec<u8>),
    /// May this user sign in?
    Login(Login),
    /// Is this letter taken? After a yes the host is responsible for it (RFC 5321 §4.2.5).
    Letter(Letter),
    /// The 220 is written: take up TLS, then call [`tls_ready`](super::Server::tls_ready).
    StartTls,
    /// Everything is written: close the connection.
    Close,
}

/// An answer to an [`Ask`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Yes, in the engine's words.
    Accept,
    /// This reply; a 2yz code means yes.
    Say(Reply),
    /// An answer for each recipient of a letter in turn; only where LMTP is spoken does each go out (RFC 2033 §4.2).
    Each(Vec<Decision>),
    /// No word more: the connection is closed.
    Drop,
    /// Yes to a login by SCRAM, whose client wants to see first that the server knows the password too.
    Prove(String),
}

impl Decision {
    /// True if it says yes.
    pub fn is_yes(&self) -> bool {
        match self {
            Self::Accept | Self::Prove(_) => true,
            Self::Say(reply) => reply.code().is_success(),
            Self::Drop => false,
            Self::Each(all) => all.iter().any(Self::is_yes),
        }
    }
}

/// A user who wants to sign in.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The user name: the authentication identity.
    pub user: Vec<u8>,
    /// Who the user wants to act as; empty for the user himself (RFC 4616 §2).
    pub acts_as: Vec<u8>,
    /// What shows that it is the user: a secret.
    pub proof: Proof,
}

/// What shows that a user is the one who signs in.
#[derive(Clone, PartialEq, Eq)]
pub enum Proof {
    /// The password.
    Password(Vec<u8>),
    /// The digest of a challenge (CRAM-MD5).
    Digest {
        /// The challenge.
        challenge: Vec<u8>,
        /// The digest in hex.
        digest: Vec<u8>,
    },
    /// The last message of SCRAM.
    Scram {
        /// All that was said before.
        exchange: Scram,
        /// The message.
        message: Vec<u8>,
    },
}

impl Login {
    /// Yes, if the proof fits the user's password.
    pub fn check(&self, password: &[u8]) -> Option<Decision> {
        match &self.proof {
            Proof::Password(shown) => (shown == password).then_some(Decision::Accept),
            Proof::Digest { challenge, digest } => cram_fits(challenge, digest, password).then_some(Decision::Accept),
            Proof::Scram { exchange, message } => exchange.prove(message, password).map(Decision::Prove),
        }
    }
}

/// The password stays out of logs and test output.
impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login").field("user", &self.user).field("acts_as", &self.acts_as).finish_non_exhaustive()
    }
}

/// A transaction: the envelope of one letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// Where reports go.
    pub from: ReversePath,
    /// The parameters of MAIL.
    pub params: Vec<Param>,
    /// The recipients that were accepted, in order.
    pub recipients: Vec<Recipient>,
}

impl Transaction {
    /// True if addresses and header fields of it may have characters beyond ASCII (RFC 6531 §3.4).
    pub fn is_utf8(&self) -> bool {
        params::find(&self.params, "SMTPUTF8").is_some()
    }

    /// True if its letter may have any octets at all and comes by BDAT only (RFC 3030 §3).
    pub fn is_binary(&self) -> bool {
        params::find(&self.params, "BODY").is_some_and(|body| body.extension() == Some("BINARYMIME"))
    }
}

/// A recipient of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Where the letter is to go.
    pub path: ForwardPath,
    /// The parameters of RCPT, all of them sound and offered: what the sender wants to be told (RFC 3461 §4).
    pub params: Vec<Param>,
}

/// A letter that has come whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its envelope.
    pub envelope: Transaction,
    /// The content, dots unstuffed, without the final dot.
    pub content: Vec<u8>,
    /// How the client named itself.
    pub client: Vec<u8>,
    /// How the letter came: the `with` of its Received field.
    pub protocol: Protocol,
    /// The user who sent it, if one is signed in.
    pub user: Option<Vec<u8>>,
}

/// What is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// As in RFC 821: the client says HELO.
    Smtp,
    /// With extensions: the client says EHLO.
    Esmtp,
    /// To a mail store: the client says LHLO (RFC 2033).
    Lmtp,
}

/// How a letter came (RFC 5321 §4.4, RFC 3848, RFC 6531 §4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protocol {
    /// How the client greeted.
    pub dialect: Dialect,
    /// The letter is one of SMTPUTF8.
    pub utf8: bool,
    /// Inside TLS.
    pub secure: bool,
    /// A user is signed in.
    pub authenticated: bool,
}

impl Protocol {
    /// The registered keyword: `ESMTPSA`.
    pub const fn keyword(self) -> &'static str {
        let row = match (self.dialect, self.utf8) {
            (Dialect::Smtp, _) => return "SMTP",
            (Dialect::Esmtp, false) => ["ESMTP", "ESMTPA", "ESMTPS", "ESMTPSA"],
            (Dialect::Esmtp, true) => ["UTF8SMTP", "UTF8SMTPA", "UTF8SMTPS", "UTF8SMTPSA"],
            (Dialect::Lmtp, false) => ["LMTP", "LMTPA", "LMTPS", "LMTPSA"],
            (Dialect::Lmtp, true) => ["UTF8LMTP", "UTF8LMTPA", "UTF8LMTPS", "UTF8LMTPSA"],
        };
        let [plain, user, secure, both] = row;
        match (self.secure, self.authenticated) {
            (false, false) => plain,
            (false, true) => user,
            (true, false) => secure,
            (true, true) => both,
        }
    }
}
