//! The options, read by clap. What they mean together is for [`cli`](super).

use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::complaint::Complaint;
use crate::config;
use crate::dns::Kind;
use crate::lab::changes::scenes;
use crate::net::is_server_name;
use crate::ports::dns::Source;
use crate::ports::net::Sni;
use crate::smtp::line::breaks;
use crate::ui::theme::Theme;

const EXAMPLES: &str = "\
Examples:
  ehlo                                     the lab: press → and Enter to say EHLO
  ehlo connect mail.example.org            a real server on port 25; asks once before it connects
  ehlo connect mail.example.org:587        submission; type STARTTLS after EHLO
  ehlo connect mail.example.org:587 --tls require
                                           the same up to TLS by itself, and no step without it
  ehlo connect tls://mail.example.org:465  TLS from the first byte
  ehlo connect mx:example.org              look up the domain's mail exchangers and choose one
  ehlo connect lmtp://127.0.0.1:24         a mail store: LHLO, and a verdict for each recipient
  ehlo connect unix:/run/dovecot/lmtp      a Unix socket of this machine; lmtp:///run/... where LMTP is spoken
  ehlo connect submit:example.org          where its users hand in letters: 465 first, then 587 with STARTTLS
  ehlo connect tls://mail.example.org --auth-user pat --password-command \"pass show mail\"
                                           the login form (Alt-a) is filled in; Enter sends it
  ehlo connect submit.you.test:587         a host of the lab";

/// An interactive terminal explorer of SMTP: every byte shown, every reply explained, an internet in a box.
///
/// Without a command it opens the explorer on its own lab; no packet leaves the machine.
#[derive(Debug, Parser)]
#[command(name = "ehlo", version, after_help = EXAMPLES, max_term_width = 100)]
pub struct Call {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Options of every command.
    #[command(flatten)]
    pub common: Common,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open the explorer on a target.
    #[command(after_help = EXAMPLES)]
    Connect(Box<Connect>),
    /// Serve the lab to other programs of this machine: telnet, swaks, your own client.
    ///
    /// On a terminal the explorer opens and shows each of their sessions live; without one, or with --json, events are
    /// printed, one a line. Nothing that the lab takes ever leaves it. Ctrl-C ends it.
    #[command(after_help = LAB_EXAMPLES)]
    Lab(Lab),
    /// Ask the DNS all that belongs to a domain's mail, or one record, and print it.
    ///
    /// Route, records, time to live, how long each answer took, who gave it, and what DNSSEC says of it, judged here. Names
    /// under .test are the lab's. It ends with 0 if the question was answered, and with 3 if not.
    #[command(after_help = DNS_EXAMPLES)]
    Dns(Dns),
    /// Explain a code, a reply, a line of a client or of a server, a problem's id, a bounce, the header of a letter.
    ///
    /// The text is what follows, or what is piped in; no network is used. It ends with 0 if it is explained, and with 1 if
    /// nothing is known of it.
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(Explain),
}

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  ehlo explain 5.7.26                      an enhanced code; 550 is a reply code, P08 a problem
  ehlo explain 550 5.1.1 No such user      a reply, also of several lines
  ehlo explain Helo command rejected: need fully-qualified hostname
                                           words of a server without their code
  ehlo explain 'MAIL FROM:<pat@a.test> SIZE=9'
                                           a command; quotes keep the shell from reading <, > and |
  ehlo explain SIZE 10485760               a line of the answer to EHLO; also AUTH mechanisms and terms
  ehlo explain < letter.eml                a delivery report (RFC 3464), Received and Authentication-Results
  ehlo explain --json < letter.eml | jq -c .
                                           an object for each thing explained";

/// What is to be explained.
#[derive(Debug, Clone, Args)]
pub struct Explain {
    /// The text; without it standard input is read.
    #[arg(value_name = "TEXT")]
    pub text: Vec<OsString>,
    /// Print events as JSON, one object a line.
    #[arg(long)]
    pub json: bool,
}

const DNS_EXAMPLES: &str = "\
Examples:
  ehlo dns harbor.test                     where its mail goes, and its policies and keys
  ehlo dns example.org                     the same, from the system's resolver
  ehlo dns example.org --server 192.0.2.53 or from this one
  ehlo dns _dmarc.bank.test --type TXT     one record
  ehlo dns bank.test --json | jq -c .      an event for each answer, and the route at the end";

/// What is asked of the DNS.
#[derive(Debug, Clone, Args)]
pub struct Dns {
    /// The domain, or the name of the record; an address asks for its reverse name.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Ask for one record type alone, as MX, TXT, TLSA or TYPE65.
    #[arg(long = "type", value_name = "TYPE", value_parser = kind)]
    pub kind: Option<Kind>,
    /// Whom to ask: `system`, `lab`, or the address of a name server.
    #[arg(long, value_name = "WHO", value_parser = server)]
    pub server: Option<Source>,
    /// Print events as JSON, one object a line.
    #[arg(long)]
    pub json: bool,
}

const LAB_EXAMPLES: &str = "\
Examples:
  ehlo lab                                 serve it, and watch
  swaks --server 127.0.0.1:2525 --to pat@harbor.test
                                           a first letter, from another terminal
  ehlo lab --json | jq -c .                events for a script
  ehlo lab --ca-file lab.pem               and write the authority that its certificates need
  curl --ssl-reqd --cacert lab.pem smtp://localhost:2525 --mail-from mina@you.test \\
       --mail-rcpt pat@harbor.test -T letter.eml
  ehlo lab --scene first-down              mx1.harbor.test is down: mail goes to mx2
  ehlo lab --port 12525                    all ports moved by 10000";

/// How the lab is served.
#[derive(Debug, Clone, Default, Args)]
pub struct Lab {
    /// The port of mx1.harbor.test, 2525 if it is not given; all others move by the same amount.
    #[arg(long, value_name = "PORT", value_parser = port, allow_negative_numbers = true)]
    pub port: Option<u16>,
    /// Set the lab up for one thing to be seen: a wrong name lists the scenes.
    #[arg(long, value_name = "NAME", value_parser = scene)]
    pub scene: Option<String>,
    /// Let machines of the private network in too, for a class; it ends after 8 hours.
    #[arg(long)]
    pub expose: bool,
    /// Print events as JSON, one object a line, and open no screen.
    #[arg(long)]
    pub json: bool,
    /// Write the certificate of the lab's authority to a new PEM file.
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Write the key of the lab's root zone to a new file, for `delv -a FILE`.
    #[arg(long, value_name = "FILE")]
    pub anchor_file: Option<PathBuf>,
}

/// Options of every command.
#[derive(Debug, Args)]
pub struct Common {
    /// Draw with ASCII characters only.
    #[arg(long, global = true)]
    pub ascii: bool,
    /// The colours: sixteen, mono, high-contrast or projector.
    #[arg(long, global = true, value_name = "NAME", value_parser = theme)]
    pub theme: Option<Theme>,
    /// Whether to use colours; auto heeds `NO_COLOR`.
    #[arg(long = "color", global = true, value_name = "WHEN", default_value = "auto")]
    pub colour: Colour,
    /// Leave the mouse to the terminal.
    #[arg(long, global = true)]
    pub no_mouse: bool,
    /// Everything in the lab follows from this number; 1 if it is not given.
    #[arg(long, global = true, value_name = "NUMBER", value_parser = seed, allow_negative_numbers = true)]
    pub seed: Option<u64>,
    /// Wait this long for a connection, a handshake and each reply before asking.
    #[arg(long, global = true, value_name = "SECONDS", value_parser = wait, allow_negative_numbers = true)]
    pub timeout: Option<Duration>,
    /// Read settings from this TOML file; options win over it. No file is read unless it is named.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// Unless the environment forbids them.
    Auto,
    /// Whatever the environment says.
    Always,
    /// No colours.
    Never,
}

impl Colour {
    /// True if there must be no colours.
    pub fn forbids(self, environment: bool) -> bool {
        match self {
            Self::Auto => environment,
            Self::Always => false,
            Self::Never => true,
        }
    }
}

/// The target of `ehlo connect`, and how to reach it.
#[derive(Debug, Clone, Default, Args)]
pub struct Connect {
    /// A host, `host:port`, `tls://host:465`, `mx:domain`, `submit:domain`, `lmtp://host`, `lmtp:///path` or `unix:/path`.
    #[arg(value_name = "TARGET")]
    pub target: String,
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

fn port(text: &str) -> Result<u16, Complaint> {
    let number = text.parse::<u16>().ok().filter(|port| *port != 0);
    number.ok_or_else(|| Complaint { id: "cli/port", ..Complaint::value("--port", text, "a number from 1 to 65535") })
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
    Source::parse(text).ok_or_else(|| Complaint::value("--resolver", text, config::SOURCE))
}

fn server(text: &str) -> Result<Source, Complaint> {
    Source::parse(text).ok_or_else(|| Complaint::value("--server", text, config::SOURCE))
}

fn kind(text: &str) -> Result<Kind, Complaint> {
    let needs = "the name of a record type, as MX, TXT, TLSA or TYPE65";
    Kind::parse(text).ok_or_else(|| Complaint::value("--type", text, needs))
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
    config::hello(text).ok_or_else(|| Complaint::value("--helo", text, config::HELLO))
}

fn user(text: &str) -> Result<String, Complaint> {
    let wrong = || Complaint::value("--auth-user", text, "a name to log in with, on one line");
    (!text.is_empty() && !breaks(text)).then(|| text.to_owned()).ok_or_else(wrong)
}

fn theme(text: &str) -> Result<Theme, Complaint> {
    Theme::named(text).ok_or_else(|| Complaint::value("--theme", text, config::THEME))
}

fn wait(text: &str) -> Result<Duration, Complaint> {
    let wait = text.parse().ok().and_then(config::wait);
    wait.ok_or_else(|| Complaint::value("--timeout", text, config::TIMEOUT))
}

fn scene(text: &str) -> Result<String, Complaint> {
    let scenes = scenes().unwrap_or_default();
    if scenes.iter().any(|scene| scene.name == text) {
        return Ok(text.to_owned());
    }
    let names: Vec<_> = scenes.iter().map(|scene| scene.name.as_str()).collect();
    Err(Complaint::value("--scene", text, &format!("the name of a scene: {}", names.join(", "))))
}

fn seed(text: &str) -> Result<u64, Complaint> {
    text.parse().map_err(|_| Complaint::value("--seed", text, config::SEED))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_options_do_not_contradict_each_other() {
        Call::command().debug_assert();
    }

    #[test]
    fn n179_a_port_is_a_number_from_1_to_65535() {
        for bad in ["0", "65536", "smtp", "25x", "-1", ""] {
            assert!(port(bad).is_err_and(|why| why.id == "cli/port"), "{bad}");
        }
        assert_eq!(port("65535"), Ok(65535));
    }

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
