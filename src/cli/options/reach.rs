//! How a server is reached: addresses, ports, TLS, names, logins. These options are the same wherever a command connects.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::super::complaint::Complaint;
use super::port;
use crate::config;
use crate::config::settings::{HELLO, SOURCE};
use crate::net::is_server_name;
use crate::ports::dns::Source;
use crate::ports::net::Sni;
use crate::smtp::line::breaks;

/// How a server is reached.
#[derive(Debug, Clone, Default, Args)]
pub struct Reach {
    /// The port, instead of the target's own.
    #[arg(long, value_name = "PORT", value_parser = port, allow_negative_numbers = true)]
    pub port: Option<u16>,
    /// How TLS comes about: plain if it is not given, implicit on port 465 and for tls://.
    #[arg(long, value_name = "MODE")]
    pub tls: Option<Tls>,
    /// Use this address for the target's name and ask no DNS; may be given more than once.
    #[arg(long, value_name = "NAME:IP", value_parser = pin)]
    pub resolve: Vec<Pin>,
    /// Try IPv4 addresses only.
    #[arg(short = '4', long)]
    pub ipv4: bool,
    /// Try IPv6 addresses only.
    #[arg(short = '6', long)]
    pub ipv6: bool,
    /// Connect from this address of the own machine, and from this port if one is given.
    #[arg(long, value_name = "IP[:PORT]", value_parser = own_address)]
    pub source: Option<SocketAddr>,
    /// Tell the server in a PROXY line before all else that this client is who connects; it must expect that.
    #[arg(long, value_name = "IP:PORT", value_parser = client)]
    pub proxy_protocol: Option<SocketAddr>,
    /// Whom to ask: `system`, `lab`, or the address of a name server.
    #[arg(long, value_name = "WHO", value_parser = resolver)]
    pub resolver: Option<Source>,
    /// Trust the certificates in this PEM file as well.
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// The name in SNI, instead of the host's; none sends no name.
    #[arg(long, value_name = "NAME", value_parser = sni)]
    pub sni: Option<Sni>,
    /// The name or address that the certificate must carry, instead of the host's.
    #[arg(long, value_name = "NAME", value_parser = verify_name)]
    pub verify_name: Option<String>,
    /// What of the certificate must be in order; if it is not, the session stands still and asks.
    #[arg(long, value_name = "WHAT")]
    pub tls_verify: Option<Verify>,
    /// The lowest version of TLS that will do.
    #[arg(long, value_name = "VERSION")]
    pub tls_min: Option<TlsVersion>,
    /// The highest version of TLS that is offered.
    #[arg(long, value_name = "VERSION")]
    pub tls_max: Option<TlsVersion>,
    /// Show the certificate in this PEM file to a server that asks for one; needs --client-key.
    #[arg(long, value_name = "FILE")]
    pub client_cert: Option<PathBuf>,
    /// The private key of that certificate, in a PEM file without a password.
    #[arg(long, value_name = "FILE")]
    pub client_key: Option<PathBuf>,
    /// Write the TLS keys of this session to a new file: who has it can read a record of all that was said.
    #[arg(long, value_name = "FILE")]
    pub keylog: Option<PathBuf>,
    /// What the login form is filled in with.
    #[command(flatten)]
    pub login: Login,
    /// How to name oneself in EHLO.
    #[arg(long, value_name = "NAME", alias = "ehlo", value_parser = helo)]
    pub helo: Option<String>,
    /// Wait as long as RFC 5321 §4.5.3.2 says (5, 5, 5, 2, 3, 10 minutes) before asking.
    #[arg(long)]
    pub rfc_timeouts: bool,
}

/// What the login form is filled in with.
#[derive(Debug, Clone, Default, Args)]
pub struct Login {
    /// The user for the login form (Alt-a).
    #[arg(long, value_name = "NAME", value_parser = user)]
    pub auth_user: Option<String>,
    /// Fill the secret into the login form from this file; a line end behind it is left out.
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// Fill in what this command prints, as `pass show mail`.
    #[arg(long, value_name = "COMMAND")]
    pub password_command: Option<String>,
    /// Fill in what is piped into standard input; keys come from the terminal.
    #[arg(long)]
    pub password_stdin: bool,
}

/// How TLS comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Tls {
    /// By hand: plain text first, STARTTLS if you type it.
    Plain,
    /// EHLO, STARTTLS and EHLO again go by themselves; without TLS the session ends.
    Require,
    /// The same; without TLS it says why and goes on in plain text, and forms send no secret.
    Prefer,
    /// Plain text, and STARTTLS is not suggested.
    Never,
    /// TLS from the first byte.
    Implicit,
}

/// What of a certificate must be in order before a session goes on by itself. All of it is judged and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Verify {
    /// Chain, dates and name.
    All,
    /// Chain and dates, whatever the name.
    Chain,
    /// The name, whoever vouches for it.
    Name,
    /// Nothing; the title says that TLS is not verified, and forms send no secret.
    Off,
}

/// A version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TlsVersion {
    /// TLS 1.2.
    #[value(name = "1.2")]
    Tls12,
    /// TLS 1.3.
    #[value(name = "1.3")]
    Tls13,
}

/// An address that is used for a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The name.
    pub name: String,
    /// The address.
    pub address: IpAddr,
}

fn pin(text: &str) -> Result<Pin, Complaint> {
    let wrong = || Complaint::value("--resolve", text, "a name and its address, as mx1.example.org:192.0.2.10");
    let (name, address) = text.split_once(':').filter(|(name, _)| !name.is_empty()).ok_or_else(wrong)?;
    let address = address.trim_start_matches('[').trim_end_matches(']').parse().map_err(|_| wrong())?;
    if let Some(why) = nowhere(address) {
        let next = "Give the address of a machine; this one is 127.0.0.1.";
        return Err(Complaint::new("net/target", 2, format!("--resolve cannot lead to {address}: {why}."), next));
    }
    Ok(Pin { name: name.to_owned(), address })
}

fn own_address(text: &str) -> Result<SocketAddr, Complaint> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = bare
        .parse()
        .map(|address| SocketAddr::new(address, 0))
        .or_else(|_| text.parse())
        .ok()
        .filter(|address| nowhere(address.ip()).is_none());
    address.ok_or_else(|| {
        Complaint::value("--source", text, "an address of this machine, as 192.0.2.7 or [2001:db8::7]:2525")
    })
}

fn client(text: &str) -> Result<SocketAddr, Complaint> {
    let wrong = || Complaint::value("--proxy-protocol", text, "an address and a port, as 192.0.2.7:56324");
    text.parse().map_err(|_| wrong())
}

/// Why nobody can be reached at an address.
pub fn nowhere(address: IpAddr) -> Option<&'static str> {
    let broadcast = matches!(address, IpAddr::V4(v4) if v4.is_broadcast());
    match address.to_canonical() {
        // To a listener it means "any of mine", to a caller nothing.
        address if address.is_unspecified() => Some("it stands for any address of the own machine"),
        address if address.is_multicast() || broadcast => Some("it stands for many machines, and SMTP speaks to one"),
        _ => None,
    }
}

fn resolver(text: &str) -> Result<Source, Complaint> {
    Source::parse(text).ok_or_else(|| Complaint::value("--resolver", text, SOURCE))
}

fn sni(text: &str) -> Result<Sni, Complaint> {
    if text.is_empty() || text.eq_ignore_ascii_case("none") {
        return Ok(Sni::None);
    }
    let host = is_server_name(text) && text.trim_matches(['[', ']']).parse::<IpAddr>().is_err();
    let needs = "a host name, or none: addresses are not sent in SNI";
    if host { Ok(Sni::Name(text.to_owned())) } else { Err(Complaint::value("--sni", text, needs)) }
}

fn verify_name(text: &str) -> Result<String, Complaint> {
    let wrong = || Complaint::value("--verify-name", text, "a host name or an address, as a certificate carries it");
    is_server_name(text).then(|| text.to_owned()).ok_or_else(wrong)
}

fn helo(text: &str) -> Result<String, Complaint> {
    config::hello(text).ok_or_else(|| Complaint::value("--helo", text, HELLO))
}

fn user(text: &str) -> Result<String, Complaint> {
    let wrong = || Complaint::value("--auth-user", text, "a name to log in with, on one line");
    (!text.is_empty() && !breaks(text)).then(|| text.to_owned()).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_take_both_families() {
        assert_eq!(pin("mx.test:192.0.2.1").map(|pin| pin.address), Ok(IpAddr::from([192, 0, 2, 1])));
        assert!(pin("mx.test:[2001:db8::1]").is_ok());
        assert!(pin("mx.test:2001:db8::1").is_ok());
        assert!(pin("mx.test").is_err() && pin(":192.0.2.1").is_err() && pin("mx:x").is_err());
    }

    #[test]
    fn a_pin_leads_to_one_machine() {
        for bad in ["0.0.0.0", "::", "::ffff:0.0.0.0", "224.0.0.1", "ff02::1", "255.255.255.255"] {
            assert!(pin(&format!("mx.test:{bad}")).is_err_and(|why| why.id == "net/target"), "{bad}");
        }
        assert_eq!(nowhere(IpAddr::from([127, 0, 0, 1])), None);
    }
}
