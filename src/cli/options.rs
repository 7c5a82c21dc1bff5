//! The options, read by clap. What they mean together is for [`cli`](super).

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config;
use crate::ports::dns::Source;

const EXAMPLES: &str = "\
Examples:
  ehlo                                     the lab: press → and Enter to say EHLO
  ehlo connect mail.example.org            a real server on port 25; asks once before it connects
  ehlo connect mail.example.org:587        submission; type STARTTLS after EHLO
  ehlo connect tls://mail.example.org:465  TLS from the first byte
  ehlo connect mx:example.org              look up the domain's mail exchangers and choose one
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
    Connect(Connect),
}

/// Options of every command.
#[derive(Debug, Args)]
pub struct Common {
    /// Draw with ASCII characters only.
    #[arg(long, global = true)]
    pub ascii: bool,
    /// The colours: sixteen, mono, high-contrast or projector.
    #[arg(long, global = true, value_name = "NAME")]
    pub theme: Option<String>,
    /// Whether to use colours; auto heeds `NO_COLOR`.
    #[arg(long = "color", global = true, value_name = "WHEN", default_value = "auto")]
    pub colour: Colour,
    /// Leave the mouse to the terminal.
    #[arg(long, global = true)]
    pub no_mouse: bool,
    /// Everything in the lab follows from this number; 1 if it is not given.
    #[arg(long, global = true, value_name = "NUMBER")]
    pub seed: Option<u64>,
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
    /// A host, `host:port`, `tls://host:465` or `mx:domain`.
    #[arg(value_name = "TARGET", value_parser = target)]
    pub target: String,
    /// The port, instead of the target's own.
    #[arg(long, value_name = "PORT", value_parser = port)]
    pub port: Option<u16>,
    /// Plain text first (STARTTLS may follow), or TLS from the first byte.
    #[arg(long, value_name = "MODE")]
    pub tls: Option<Tls>,
    /// Use this address for a name and ask no DNS; may be given more than once.
    #[arg(long, value_name = "NAME:IP", value_parser = pin)]
    pub resolve: Vec<Pin>,
    /// Whom to ask: `system`, `lab`, or the address of a name server.
    #[arg(long, value_name = "WHO", value_parser = resolver)]
    pub resolver: Option<Source>,
    /// Trust the certificates in this PEM file as well.
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// How to name oneself in EHLO.
    #[arg(long, value_name = "NAME", alias = "ehlo")]
    pub helo: Option<String>,
    /// Wait as long as RFC 5321 §4.5.3.2 says (5, 5, 5, 2, 3, 10 minutes) before asking.
    #[arg(long)]
    pub rfc_timeouts: bool,
}

/// How a connection begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Tls {
    /// Plain text; STARTTLS may follow.
    Plain,
    /// TLS from the first byte.
    Implicit,
}

/// An address that is used for a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The name.
    pub name: String,
    /// The address.
    pub address: IpAddr,
}

fn port(text: &str) -> Result<u16, String> {
    let number = text.parse::<u16>().ok().filter(|port| *port != 0);
    number.ok_or_else(|| "a port is a number from 1 to 65535 [cli/port]".into())
}

/// Kept as it is; a word that looks like an option is probably one that does not exist.
fn target(text: &str) -> Result<String, String> {
    if text.starts_with('-') || text.trim().is_empty() {
        return Err("this is not a host name; put -- before it if you mean it [cli/host]".into());
    }
    Ok(text.to_owned())
}

fn pin(text: &str) -> Result<Pin, String> {
    let wrong = || "write it as NAME:IP, as mx1.example.org:192.0.2.10".to_owned();
    let (name, address) = text.split_once(':').ok_or_else(wrong)?;
    let address = address.trim_start_matches('[').trim_end_matches(']').parse().map_err(|_| wrong())?;
    if name.is_empty() { Err(wrong()) } else { Ok(Pin { name: name.to_owned(), address }) }
}

fn resolver(text: &str) -> Result<Source, String> {
    config::source(text)
        .ok_or_else(|| "write system, lab, or the address of a name server, as 192.0.2.53 or 192.0.2.53:5353".into())
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
            assert!(port(bad).is_err_and(|why| why.contains("cli/port")), "{bad}");
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
}
