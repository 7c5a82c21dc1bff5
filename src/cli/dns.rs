//! `ehlo dns`: the DNS panel without a screen.

use std::io;
use std::net::IpAddr;

use super::complaint::Complaint;
use super::options::Dns;
use crate::config::Config;
use crate::dns::Kind;
use crate::ports::dns::Source;
use crate::run::names::{Asked, NotAsked, run};
use crate::run::serve::Form;
use crate::session::target::{place_of, source_of};

/// Asks and tells; what comes back is the exit code.
pub(super) fn tell(options: &Dns, config: &Config, seed: u64) -> Result<u8, Complaint> {
    let usual = || source_of(place_of(&options.name), config.resolver.as_ref().unwrap_or(&Source::System));
    let source = options.server.clone().unwrap_or_else(usual);
    // An address has no mail of its own; what is asked about it is its name.
    let of_address = options.name.trim_matches(['[', ']']).parse::<IpAddr>().ok();
    let name = of_address.map_or_else(|| options.name.clone(), |address| address.to_string());
    let kind = options.kind.or_else(|| of_address.map(|_| Kind::PTR));
    let asked = Asked { name, kind, source, wait: config.timeout };
    let form = if options.json { Form::Json } else { Form::Text };
    match run(&asked, form, seed) {
        // Whoever read has gone away, and needs no complaint.
        Err(NotAsked::System(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(0),
        told => told.map_err(|why| complaint(&why)),
    }
}

fn complaint(why: &NotAsked) -> Complaint {
    match why {
        NotAsked::Name(bad) => Complaint::new("dns/bad-name", 2, bad.to_string(), bad.next()),
        why => Complaint::new("lab/dns", 3, format!("{why}."), "Try again, or ask another server with --server."),
    }
}
