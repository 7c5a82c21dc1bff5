//! The server's half of each mechanism, as simple as it can be: it keeps what servers keep and checks what they check.

use std::num::NonZeroU32;

use super::hash::Hash;
use super::*;

/// An account as a server keeps it.
pub(super) struct Account {
    pub(super) user: String,
    pub(super) password: String,
}

/// What a server says to a response.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Says {
    Challenge(Vec<u8>),
    Code(u16),
}

/// A server in the middle of a login.
pub(super) struct Server<'a> {
    account: &'a Account,
    mechanism: Mechanism,
    /// What the TLS connection exports on this side; `None` if the server cannot bind.
    exporter: Option<[u8; 32]>,
    heard: Vec<Vec<u8>>,
}

const SALT: &[u8] = b"0123456789abcdef";
const ROUNDS: u32 = 5;
const NONCE: &str = "3rfcNHYJY1ZVvWVs7j";

impl<'a> Server<'a> {
    pub(super) fn new(account: &'a Account, mechanism: Mechanism, exporter: Option<[u8; 32]>) -> Self {
        Self { account, mechanism, exporter, heard: Vec::new() }
    }

    /// What the server asks first if nothing came with AUTH.
    pub(super) fn asks(&self) -> Vec<u8> {
        match self.mechanism {
            Mechanism::Login => b"Username:".to_vec(),
            Mechanism::CramMd5 => b"<1@mx.test>".to_vec(),
            _ => Vec::new(),
        }
    }

    pub(super) fn hears(&mut self, response: &[u8]) -> Says {
        self.heard.push(response.to_vec());
        let Account { user, password } = self.account;
        let verdict = |right: bool| Says::Code(if right { 235 } else { 535 });
        let text = || String::from_utf8(response.to_vec()).unwrap();
        match (self.mechanism, self.heard.len()) {
            (Mechanism::Plain, _) => verdict(text() == format!("\0{user}\0{password}")),
            (Mechanism::Login, 1) => Says::Challenge(b"Password:".to_vec()),
            (Mechanism::Login, _) => verdict(self.heard == [user.as_bytes(), password.as_bytes()]),
            (Mechanism::CramMd5, _) => verdict(text() == format!("{user} {}", md5(password, "<1@mx.test>"))),
            (Mechanism::XOauth2, 1) if text() != format!("user={user}\x01auth=Bearer {password}\x01\x01") => {
                Says::Challenge(br#"{"status":"401"}"#.to_vec())
            }
            (Mechanism::OauthBearer, 1) if text() != format!("n,a={user},\x01auth=Bearer {password}\x01\x01") => {
                Says::Challenge(br#"{"status":"invalid_token"}"#.to_vec())
            }
            (Mechanism::XOauth2 | Mechanism::OauthBearer, times) => verdict(times == 1),
            (Mechanism::External | Mechanism::Anonymous, _) => verdict(true),
            (_, 1) => self.scram_first(),
            (_, 2) => self.scram_final(),
            (_, _) => verdict(response.is_empty()),
        }
    }

    fn client_first(&self) -> (String, String) {
        let first = String::from_utf8(self.heard[0].clone()).unwrap();
        let (flag, rest) = first.split_once(',').unwrap();
        let (act_as, bare) = rest.split_once(',').unwrap();
        (format!("{flag},{act_as},"), bare.to_owned())
    }

    fn server_first(&self) -> String {
        let (_, bare) = self.client_first();
        let nonce = bare.rsplit_once(",r=").unwrap().1;
        format!("r={nonce}{NONCE},s={},i={ROUNDS}", encode(SALT))
    }

    /// RFC 5802 §6: "y" to a server that can bind is a list that was shortened on the way.
    fn scram_first(&self) -> Says {
        let (header, bare) = self.client_first();
        let error = match (header.split(',').next().unwrap(), self.exporter) {
            ("y", Some(_)) => Some("server-does-support-channel-binding"),
            ("p=tls-exporter", None) => Some("channel-binding-not-supported"),
            _ => None,
        };
        let name = bare.strip_prefix("n=").unwrap().split(',').next().unwrap();
        let known = name.replace("=2C", ",").replace("=3D", "=") == self.account.user;
        match error.or((!known).then_some("unknown-user")) {
            Some(error) => Says::Challenge(format!("e={error}").into_bytes()),
            None => Says::Challenge(self.server_first().into_bytes()),
        }
    }

    /// From the proof the server gets the client's key, whose digest is what it keeps (RFC 5802 §3).
    fn scram_final(&self) -> Says {
        let hash = self.mechanism.hash().unwrap();
        let last = String::from_utf8(self.heard[1].clone()).unwrap();
        let (without_proof, proof) = last.rsplit_once(",p=").unwrap();
        let (header, bare) = self.client_first();
        let server_first = self.server_first();
        let exporter =
            self.exporter.filter(|_| header.starts_with("p=")).map_or_else(Vec::new, |octets| octets.to_vec());
        let binding = encode(&[header.as_bytes(), &exporter].concat());
        let nonce = server_first.split(',').next().unwrap();
        let auth_message = format!("{bare},{server_first},{without_proof}");
        let (stored_key, server_key) = keys(hash, &self.account.password);
        let signature = hash.hmac(&stored_key, auth_message.as_bytes());
        let proof = decode(proof.as_bytes()).unwrap();
        let client_key: Vec<u8> = proof.iter().zip(&signature).map(|(one, other)| one ^ other).collect();
        let error = if without_proof != format!("c={binding},{nonce}") {
            "channel-bindings-dont-match"
        } else if hash.digest(&client_key) != stored_key {
            "invalid-proof"
        } else {
            let verifier = encode(&hash.hmac(&server_key, auth_message.as_bytes()));
            return Says::Challenge(format!("v={verifier}").into_bytes());
        };
        Says::Challenge(format!("e={error}").into_bytes())
    }
}

/// `StoredKey` and `ServerKey`. Prepared passwords only.
fn keys(hash: Hash, password: &str) -> (Vec<u8>, Vec<u8>) {
    let salted = SaltedPassword(hash.salted(password.as_bytes(), SALT, NonZeroU32::new(ROUNDS).unwrap()));
    (hash.digest(&hash.hmac(salted.octets(), b"Client Key")), hash.hmac(salted.octets(), b"Server Key"))
}

/// HMAC-MD5 by its definition (RFC 2195 §2): `MD5(key XOR opad, MD5(key XOR ipad, text))`.
fn md5(key: &str, text: &str) -> String {
    use md5::Digest;
    let key = if key.len() > 64 { md5::Md5::digest(key).to_vec() } else { key.as_bytes().to_vec() };
    let pad = |with: u8| (0..64).map(|at| key.get(at).copied().unwrap_or(0) ^ with).collect::<Vec<u8>>();
    let inner = md5::Md5::digest([pad(0x36), text.as_bytes().to_vec()].concat());
    let outer = md5::Md5::digest([pad(0x5C), inner.to_vec()].concat());
    format!("{:032x}", u128::from_be_bytes(outer.into()))
}
