//! The server's half of the mechanisms that keep the password off the line: CRAM-MD5 (RFC 2195) and SCRAM (RFC 5802).
//!
//! Nothing random is drawn here and nobody's password is known: whoever runs the server brings both.

use std::num::NonZeroU32;

use super::client::Mechanism;
use super::hash::{self, Hash};
use super::{decode, encode};

/// Rounds of hashing that are demanded: the fewest that are allowed (RFC 7677 §4).
const ROUNDS: NonZeroU32 = NonZeroU32::new(4096).unwrap();
/// Octets of salt.
const SALT: usize = 16;

/// A login by SCRAM between its two messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scram {
    hash: Hash,
    /// What `c=` must repeat: the GS2 header and the data of the TLS connection.
    bound: Vec<u8>,
    act_as: String,
    user: String,
    /// The client's first message without the header.
    bare: String,
    nonce: String,
    salt: Vec<u8>,
}

impl Scram {
    /// Reads the client's first message. `exported` ties the login to TLS (RFC 9266); `plus` is true if the server
    /// lists a mechanism that does: a client that could and saw no such list was lied to (RFC 5802 §6). The salt follows
    /// from `nonce` and the user.
    pub fn begin(
        mechanism: Mechanism,
        message: &[u8],
        exported: Option<&[u8; 32]>,
        plus: bool,
        nonce: &str,
    ) -> Option<Self> {
        let hash = mechanism.hash()?;
        let message = std::str::from_utf8(message).ok()?;
        let (flag, rest) = message.split_once(',')?;
        let (act_as, bare) = rest.split_once(',')?;
        let binding: &[u8] = match (flag, exported) {
            ("p=tls-exporter", Some(exported)) if mechanism.binds() => exported,
            ("n", _) if !mechanism.binds() => &[],
            ("y", _) if !mechanism.binds() && !plus => &[],
            _ => return None,
        };
        let (user, rest) = bare.strip_prefix("n=")?.split_once(',')?;
        let theirs = rest.strip_prefix("r=")?.split(',').next().filter(|theirs| !theirs.is_empty())?;
        let user = name(user)?;
        let act_as = if act_as.is_empty() { String::new() } else { name(act_as.strip_prefix("a=")?)? };
        let header = message.get(..message.len() - bare.len())?;
        let salt = Hash::Sha256.digest(format!("{nonce} {user}").as_bytes());
        Some(Self {
            hash,
            bound: [header.as_bytes(), binding].concat(),
            act_as,
            user,
            bare: bare.to_owned(),
            nonce: format!("{theirs}{nonce}"),
            salt: salt.get(..SALT)?.to_vec(),
        })
    }

    /// Who logs in.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Whom to act for; empty for oneself.
    pub fn act_as(&self) -> &str {
        &self.act_as
    }

    /// The server's first message.
    pub fn challenge(&self) -> String {
        format!("r={},s={},i={ROUNDS}", self.nonce, encode(&self.salt))
    }

    /// Reads the client's last message: the server's, if the proof in it fits this password.
    pub fn prove(&self, message: &[u8], password: &[u8]) -> Option<String> {
        let message = std::str::from_utf8(message).ok()?;
        let (without_proof, proof) = message.rsplit_once(",p=")?;
        if without_proof != format!("c={},r={}", encode(&self.bound), self.nonce) {
            return None;
        }
        let auth_message = format!("{},{},{without_proof}", self.bare, self.challenge());
        let salted = hash::SaltedPassword(self.hash.salted(password, &self.salt, ROUNDS));
        let client_key = self.hash.hmac(salted.octets(), b"Client Key");
        let signature = self.hash.hmac(&self.hash.digest(&client_key), auth_message.as_bytes());
        let expected: Vec<u8> = client_key.iter().zip(&signature).map(|(one, other)| one ^ other).collect();
        let server_key = self.hash.hmac(salted.octets(), b"Server Key");
        let ours = encode(&self.hash.hmac(&server_key, auth_message.as_bytes()));
        hash::same(&decode(proof.as_bytes()).ok()?, &expected).then(|| format!("v={ours}"))
    }
}

/// The name in a `saslname`: `=2C` is a comma, `=3D` an equals sign, and nothing else follows `=` (RFC 5802 §5.1).
fn name(saslname: &str) -> Option<String> {
    let name = saslname.replace("=2C", ",").replace("=3D", "=");
    let escapes = saslname.matches("=2C").count() + saslname.matches("=3D").count();
    (!name.is_empty() && saslname.matches('=').count() == escapes).then_some(name)
}

/// Who answers a challenge of CRAM-MD5, and with what digest: `user SP digest` (RFC 2195 §2).
pub fn cram_parts(response: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = memchr::memrchr(b' ', response)?;
    Some((response.get(..space)?, response.get(space + 1..)?))
}

/// True if a digest is that of the challenge and this password.
pub fn cram_fits(challenge: &[u8], digest: &[u8], password: &[u8]) -> bool {
    hash::same(hash::cram(password, challenge).as_bytes(), digest)
}

#[cfg(test)]
mod tests {
    use super::super::client::{Binding, Exchange, Login, Outcome, Reaction, Setup};
    use super::*;

    /// A login of our own client against this server; what came of it, or the step that failed.
    fn login(mechanism: Mechanism, binding: Binding, plus: bool, password: &str) -> Result<Outcome, &'static str> {
        let login = Login { act_as: "boss".into(), user: "a,b=c".into(), secret: "pencil".into() };
        let nonce = "rOprNGfwEbeRWgbNEkqO".to_owned();
        let mut client = Exchange::begin(&Setup { binding, nonce, ..Setup::new(mechanism, login) }).unwrap();
        client.command(false, 512);
        let Reaction::Answer(first) = client.challenge(b"").reaction else { return Err("first") };
        let exported = if let Binding::TlsExporter(octets) = binding { Some(octets) } else { None };
        let server =
            Scram::begin(mechanism, first.meaning().reveal(), exported.as_ref(), plus, "%hvYDpWUa2RaTCAfuxFIlj)hNlF")
                .ok_or("begin")?;
        assert_eq!((server.user(), server.act_as()), ("a,b=c", "boss"));
        let challenge = encode(server.challenge().as_bytes());
        let Reaction::Derive(work) = client.challenge(challenge.as_bytes()).reaction else { return Err("challenge") };
        let Some(Reaction::Answer(last)) = client.derived(&work.run()) else { return Err("derived") };
        let ours = server.prove(last.meaning().reveal(), password.as_bytes()).ok_or("proof")?;
        let Reaction::Answer(empty) = client.challenge(encode(ours.as_bytes()).as_bytes()).reaction else {
            return Err("signature");
        };
        assert!(empty.meaning().parts().is_empty());
        client.concluded(235).map_err(|_| "concluded")
    }

    #[test]
    fn our_client_and_our_server_believe_each_other() {
        let tied = Binding::TlsExporter([7; 32]);
        for (mechanism, binding, plus) in [
            (Mechanism::ScramSha1, Binding::Unable, false),
            (Mechanism::ScramSha256, Binding::Unable, true),
            (Mechanism::ScramSha256, Binding::NotOffered, false),
            (Mechanism::ScramSha256, tied, true),
            (Mechanism::ScramSha1Plus, tied, true),
            (Mechanism::ScramSha256Plus, tied, true),
        ] {
            assert_eq!(login(mechanism, binding, plus, "pencil"), Ok(Outcome::In), "{mechanism}");
            assert_eq!(login(mechanism, binding, plus, "eraser"), Err("proof"), "{mechanism}");
        }
    }

    #[test]
    fn a_list_that_was_shortened_on_the_way_is_noticed() {
        assert_eq!(login(Mechanism::ScramSha256, Binding::NotOffered, true, "pencil"), Err("begin"));
    }

    #[test]
    fn a_login_tied_to_another_connection_is_refused() {
        let first = b"p=tls-exporter,,n=mina,r=abc";
        let server = Scram::begin(Mechanism::ScramSha256Plus, first, Some(&[7; 32]), true, "def").unwrap();
        let elsewhere = encode(&[&b"p=tls-exporter,,"[..], &[8; 32]].concat());
        assert_eq!(server.prove(format!("c={elsewhere},r=abcdef,p=AAAA").as_bytes(), b"pencil"), None);
        assert!(Scram::begin(Mechanism::ScramSha256Plus, first, None, true, "def").is_none(), "there is no TLS");
    }

    #[test]
    fn messages_that_make_no_sense_are_refused() {
        let begin = |message: &[u8]| Scram::begin(Mechanism::ScramSha256, message, None, false, "def");
        assert!(begin(b"n,,n=mina,r=abc").is_some());
        for message in [
            &b""[..],
            b"n",
            b"n,,",
            b"n,,n=mina",
            b"n,,n=,r=abc",
            b"n,,n=mina,r=",
            b"x,,n=mina,r=abc",
            b"n,b=c,n=mina,r=abc",
            b"n,,m=x,n=mina,r=abc",
            b"n,,n=mi=na,r=abc",
            b"p=tls-unique,,n=mina,r=abc",
            b"n,,n=\xFF,r=abc",
        ] {
            assert!(begin(message).is_none(), "{}", String::from_utf8_lossy(message));
        }
        let server = begin(b"n,,n=mina,r=abc").unwrap();
        for message in [&b""[..], b"p=AAAA", b"c=biws,r=abc,p=AAAA", b"c=biws,r=abcdef,p=!", b"c=eSws,r=abcdef,p=AAAA"]
        {
            assert!(server.prove(message, b"pencil").is_none(), "{}", String::from_utf8_lossy(message));
        }
    }

    #[test]
    fn the_digest_of_rfc_2195_fits_its_secret_alone() {
        let challenge = b"<1896.697170952@postoffice.reston.mci.net>";
        let (user, digest) = cram_parts(b"tim b913a602c7eda7a495b4e6e7334d3890").unwrap();
        assert_eq!(user, b"tim");
        assert!(cram_fits(challenge, digest, b"tanstaaftanstaaf"));
        assert!(!cram_fits(challenge, digest, b"tanstaaf"));
        assert_eq!(cram_parts(b"tim"), None);
    }
}
