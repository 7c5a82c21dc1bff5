//! The client's half of SCRAM (RFC 5802, RFC 7677).
//!
//! ```abnf
//! client-first-message = gs2-header "n=" saslname ",r=" c-nonce          ; RFC 5802 §7
//! server-first-message = [reserved-mext ","] "r=" c-nonce s-nonce ",s=" base64 ",i=" posit-number ["," extensions]
//! client-final-message = "c=" base64 ",r=" c-nonce s-nonce ",p=" base64
//! server-final-message = ("e=" server-error-value / "v=" base64) ["," extensions]
//! ```
//!
//! ```text
//! AuthMessage     = client-first-bare "," server-first "," client-final-without-proof     ; RFC 5802 §3
//! ClientProof     = ClientKey XOR HMAC(H(ClientKey), AuthMessage)
//! ServerSignature = HMAC(ServerKey, AuthMessage)
//! ```

use std::num::NonZeroU32;

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

use crate::safe;

use super::super::hash::{self, Hash, SaltedPassword};
use super::super::{decode, encode};
use super::trouble::{Malformed, Trouble};

/// A login by SCRAM under way.
#[derive(Debug)]
pub(super) struct Scram {
    hash: Hash,
    /// The GS2 header and what ties the login to TLS: what `c=` repeats.
    header: String,
    binding: Vec<u8>,
    /// The client's first message without the header.
    bare: String,
    nonce: String,
    password: SecretString,
    most: u32,
    state: State,
}

/// How far it is.
#[derive(Debug)]
enum State {
    /// The server's first message comes next.
    First,
    /// The salted password is being worked out; this much of the proof is settled.
    Salting { auth_message: String, without_proof: String },
    /// The server's last message comes next, and must carry this.
    Final { signature: Vec<u8> },
    /// The server has proven itself.
    Proven,
}

/// The slow part of SCRAM, for whoever can afford to wait: it blocks for as long as the rounds take.
#[derive(Debug)]
pub struct Derivation {
    hash: Hash,
    password: SecretString,
    salt: Vec<u8>,
    rounds: NonZeroU32,
}

impl Derivation {
    /// Rounds of hashing.
    pub const fn rounds(&self) -> u32 {
        self.rounds.get()
    }

    /// Does it. Dropping the derivation instead is how it is called off.
    pub fn run(self) -> SaltedPassword {
        SaltedPassword(self.hash.salted(self.password.expose_secret().as_bytes(), &self.salt, self.rounds))
    }
}

impl Scram {
    /// Name and password are prepared; `flag` is `n`, `y` or `p=tls-exporter`.
    pub(super) fn new(hash: Hash, flag: &str, names: (&str, &str), nonce: &str, password: SecretString) -> Self {
        let (act_as, user) = names;
        let act_as = if act_as.is_empty() { String::new() } else { format!("a={}", saslname(act_as)) };
        Self {
            hash,
            header: format!("{flag},{act_as},"),
            binding: Vec::new(),
            bare: format!("n={},r={nonce}", saslname(user)),
            nonce: nonce.to_owned(),
            password,
            most: 0,
            state: State::First,
        }
    }

    /// Ties it to the TLS connection by these octets.
    pub(super) fn bound(self, binding: &[u8]) -> Self {
        Self { binding: binding.to_vec(), ..self }
    }

    /// Does so many rounds of hashing and no more.
    pub(super) fn at_most(self, rounds: u32) -> Self {
        Self { most: rounds, ..self }
    }

    pub(super) fn first(&self) -> Vec<u8> {
        format!("{}{}", self.header, self.bare).into_bytes()
    }

    /// True once the server has proven that it knows the password.
    pub(super) const fn is_proven(&self) -> bool {
        matches!(self.state, State::Proven)
    }

    /// True while the server's first message is due.
    pub(super) const fn awaits_first(&self) -> bool {
        matches!(self.state, State::First)
    }

    /// Reads the server's first message.
    pub(super) fn server_first(&mut self, message: &[u8]) -> Result<Derivation, Trouble> {
        let mut parts = Parts::of(message)?;
        let whole = parts.message;
        let nonce = parts.value('r')?;
        let salt = parts.value('s')?;
        let rounds = parts.value('i')?;
        parts.extensions(&['r', 's', 'i'])?;
        if !nonce.bytes().all(is_printable) {
            return Err(Trouble::Message(Malformed::Nonce));
        }
        // RFC 5802 §5.1: the client MUST verify that the nonce begins with its own.
        if nonce.strip_prefix(self.nonce.as_str()).is_none_or(str::is_empty) {
            return Err(Trouble::Nonce);
        }
        let salt = decode(salt.as_bytes()).ok().filter(|salt| !salt.is_empty());
        let salt = salt.ok_or(Trouble::Message(Malformed::Salt))?;
        let rounds = self.rounds(rounds)?;
        let header = encode(&[self.header.as_bytes(), &self.binding].concat());
        let without_proof = format!("c={header},r={nonce}");
        let auth_message = format!("{},{whole},{without_proof}", self.bare);
        self.state = State::Salting { auth_message, without_proof };
        Ok(Derivation { hash: self.hash, password: self.password.clone(), salt, rounds })
    }

    fn rounds(&self, digits: &str) -> Result<NonZeroU32, Trouble> {
        let wrong = Trouble::Message(Malformed::Rounds);
        if digits.starts_with('0') || digits.is_empty() || !digits.bytes().all(|octet| octet.is_ascii_digit()) {
            return Err(wrong);
        }
        // A number that no integer holds is a number too, and too large.
        let rounds = digits.parse::<u64>().unwrap_or(u64::MAX);
        match u32::try_from(rounds).ok().filter(|rounds| *rounds <= self.most).and_then(NonZeroU32::new) {
            Some(rounds) => Ok(rounds),
            None => Err(Trouble::Cost { rounds, most: self.most }),
        }
    }

    /// The client's last message; `None` if nobody waits for it.
    pub(super) fn derived(&mut self, salted: &SaltedPassword) -> Option<Vec<u8>> {
        let State::Salting { auth_message, without_proof } = &self.state else { return None };
        let of = |key: &[u8], text: &[u8]| Zeroizing::new(self.hash.hmac(key, text));
        let client_key = of(salted.octets(), b"Client Key");
        let stored_key = Zeroizing::new(self.hash.digest(&client_key));
        let client_signature = of(&stored_key, auth_message.as_bytes());
        let proof: Vec<u8> = client_key.iter().zip(client_signature.iter()).map(|(one, other)| one ^ other).collect();
        let server_key = of(salted.octets(), b"Server Key");
        let signature = self.hash.hmac(&server_key, auth_message.as_bytes());
        let message = format!("{without_proof},p={}", encode(&proof)).into_bytes();
        self.state = State::Final { signature };
        Some(message)
    }

    /// Reads the server's last message: only a signature that fits lets the login go on.
    pub(super) fn server_final(&mut self, message: &[u8]) -> Result<(), Trouble> {
        let State::Final { signature } = &self.state else { return Err(Trouble::Unproven) };
        let mut parts = Parts::of(message)?;
        let presented = parts.value('v')?;
        parts.extensions(&['v'])?;
        let presented = decode(presented.as_bytes()).map_err(|_| Trouble::Message(Malformed::Signature))?;
        if !hash::same(&presented, signature) {
            return Err(Trouble::Signature);
        }
        self.state = State::Proven;
        Ok(())
    }
}

/// A message of the server, attribute by attribute in their fixed order.
struct Parts<'a> {
    message: &'a str,
    rest: std::str::Split<'a, char>,
}

impl<'a> Parts<'a> {
    /// A message may begin with an error, or with something mandatory; both end the login.
    fn of(message: &'a [u8]) -> Result<Self, Trouble> {
        let message = std::str::from_utf8(message).map_err(|_| Trouble::Message(Malformed::NoAttribute))?;
        if message.starts_with("m=") {
            return Err(Trouble::Message(Malformed::Mandatory));
        }
        if let Some(error) = message.strip_prefix("e=") {
            let error = error.split(',').next().unwrap_or_default();
            let shown: String = error.chars().take(60).collect();
            return Err(Trouble::ScramRefused(safe::screen(shown.as_bytes()).into_string()));
        }
        Ok(Self { message, rest: message.split(',') })
    }

    /// The value of the attribute that comes next.
    fn value(&mut self, letter: char) -> Result<&'a str, Trouble> {
        let part = self.rest.next().and_then(|part| part.strip_prefix(letter)?.strip_prefix('='));
        part.ok_or(Trouble::Message(Malformed::Missing(letter)))
    }

    /// What follows is optional and ignored (RFC 5802 §5.1), if it is made of attributes at all.
    fn extensions(self, read: &[char]) -> Result<(), Trouble> {
        for part in self.rest {
            let mut points = part.chars();
            match (points.next(), points.next(), points.next()) {
                (Some('m'), Some('='), _) => return Err(Trouble::Message(Malformed::Mandatory)),
                (Some(letter), Some('='), Some(_)) if read.contains(&letter) => {
                    return Err(Trouble::Message(Malformed::Twice(letter)));
                }
                (Some(letter), Some('='), Some(_)) if letter.is_ascii_alphabetic() => {}
                _ => return Err(Trouble::Message(Malformed::NoAttribute)),
            }
        }
        Ok(())
    }
}

/// `printable = %x21-2B / %x2D-7E` (RFC 5802 §7).
pub(super) const fn is_printable(octet: u8) -> bool {
    matches!(octet, 0x21..=0x2B | 0x2D..=0x7E)
}

/// A name with its commas and equals signs written `=2C` and `=3D` (RFC 5802 §5.1).
pub(super) fn saslname(name: &str) -> String {
    name.replace('=', "=3D").replace(',', "=2C")
}
