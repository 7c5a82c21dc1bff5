//! The command line: what `ehlo`, `ehlo connect` and their options mean, and the only place that prints.

pub mod complaint;
pub mod options;

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser as _;

use crate::app::{App, Settings};
use crate::dialogue::suggest::Persona;
use crate::ports::dns::Source;
use crate::ports::net::{Opening, Place};
use crate::run::services::Setup;
use crate::screen::session::Room;
use crate::screen::session::target::{self, Wanted};
use crate::session::Model;
use crate::session::look_ups::LookUps;
use crate::smtp::limits::Timers;
use crate::term;
use crate::ui::theme::Theme;
use complaint::Complaint;
use options::{Call, Command, Common, Connect, Resolver, Tls};

/// What the lab opens with.
const FIRST_HOST: &str = "mx1.harbor.test:25";
/// The domain whose mail it takes.
const FIRST_DOMAIN: &str = "harbor.test";

/// Reads the command line and runs the program.
pub fn main() -> ExitCode {
    let call = match Call::try_parse() {
        Ok(call) => call,
        Err(error) => return usage(&error),
    };
    match run(call) {
        Ok(code) => ExitCode::from(code),
        Err(complaint) => {
            print_error(&complaint);
            ExitCode::from(complaint.exit)
        }
    }
}

fn run(call: Call) -> Result<u8, Complaint> {
    let (connect, domain) = match call.command {
        Some(Command::Connect(connect)) => (connect, None),
        None => (Connect { target: FIRST_HOST.into(), ..Connect::default() }, Some(FIRST_DOMAIN)),
    };
    let common = call.common;
    let wanted = wanted(&connect)?;
    let setup = setup(&connect, &common)?;
    let settings = settings(&connect, &common)?;
    term::check().map_err(|why| Complaint::new(why.id(), 2, why.to_string(), why.next()))?;
    let source = source(&connect, &wanted);
    let model = Model::new(LookUps::new(source, common.seed));
    let mut app = App::new(model, Room::default(), settings);
    Room::begin(&mut app, wanted);
    if let Some(domain) = domain {
        // The DNS that leads to the first host stands beside its conversation.
        app.model
            .look_ups
            .open(domain)
            .map_err(|bad| Complaint::new("dns/bad-name", 2, bad.to_string(), bad.next()))?;
    }
    let first = app.take_effects();
    crate::run::run(app, first, setup).map_err(|error| {
        Complaint::new(
            "tty/failed",
            1,
            format!("The terminal could not be used: {error}."),
            "Try another terminal, or set TERM.",
        )
    })
}

/// Where to connect: the target with the options that change it.
fn wanted(connect: &Connect) -> Result<Wanted, Complaint> {
    let mut wanted = target::parse(&connect.target).map_err(|no| Complaint::new(no.id, 2, no.why, no.next))?;
    if let Wanted::Host(target) = &mut wanted {
        if let Some(port) = connect.port {
            target.port = port;
        }
        match connect.tls {
            Some(Tls::Implicit) => target.opening = Opening::ImplicitTls,
            Some(Tls::Plain) => target.opening = Opening::Plain,
            None => {}
        }
        let pins = connect.resolve.iter().filter(|pin| pin.name.eq_ignore_ascii_case(&target.host));
        target.pinned = pins.map(|pin| pin.address).collect();
        refuse_unspecified(&target.host)?;
    }
    Ok(wanted)
}

/// `0.0.0.0` and `::` mean "any of mine" to a listener and nothing to a caller.
fn refuse_unspecified(host: &str) -> Result<(), Complaint> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<std::net::IpAddr>() {
        Ok(address) if address.is_unspecified() => {
            let next = "Name a host or its address; this machine is 127.0.0.1.";
            Err(Complaint::new("net/target", 2, format!("{address} is not a destination."), next))
        }
        _ => Ok(()),
    }
}

fn source(connect: &Connect, wanted: &Wanted) -> Source {
    let place = match wanted {
        Wanted::Host(target) => target.place,
        Wanted::Exchangers(domain) => target::place_of(domain),
    };
    match (connect.resolver, place) {
        (Some(Resolver::Server(address)), _) => Source::Server(address),
        (Some(Resolver::Lab), _) | (None, Place::Lab) => Source::Lab,
        (Some(Resolver::System), _) | (None, Place::Live) => Source::System,
    }
}

fn setup(connect: &Connect, common: &Common) -> Result<Setup, Complaint> {
    let ca = connect.ca_file.as_ref().map(|path| {
        let limit = 1 << 20;
        term::editor::read(path, limit).map_err(|error| {
            let what = format!("Cannot read the CA file {}: {error}.", path.display());
            Complaint::new("file/open", 2, what, "Give a PEM file with the certificates to trust.")
        })
    });
    let source = match connect.resolver {
        Some(Resolver::Server(address)) => Source::Server(address),
        Some(Resolver::Lab) => Source::Lab,
        Some(Resolver::System) | None => Source::System,
    };
    let timers = if connect.rfc_timeouts { Timers::RFC } else { Timers::INTERACTIVE };
    Ok(Setup { seed: common.seed, ca: ca.transpose()?, source, timers })
}

fn settings(connect: &Connect, common: &Common) -> Result<Settings, Complaint> {
    let mut settings = Settings { ascii: common.ascii || !term::speaks_utf8(), ..Settings::default() };
    settings.mono_only = common.colour.forbids(term::forbids_colour());
    if let Some(name) = &common.theme {
        let names = Theme::ALL.map(Theme::name).join(", ");
        settings.theme = Theme::named(name).ok_or_else(|| {
            Complaint::new(
                "config/bad-type",
                2,
                format!("There is no theme '{name}'."),
                format!("The themes are {names}."),
            )
        })?;
    }
    let helo = connect.helo.clone().unwrap_or_else(own_name);
    settings.live_persona = Persona { hello: helo, ..settings.live_persona };
    settings.mouse = !common.no_mouse;
    Ok(settings)
}

/// How this machine names itself to real servers: its full name, or an address literal.
fn own_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if crate::smtp::path::is_hello_name(name.as_bytes()) { name.to_owned() } else { "[127.0.0.1]".into() }
}

/// An address of a name server, as `192.0.2.53` or `192.0.2.53:5353`.
pub(crate) fn server_address(text: &str) -> Option<SocketAddr> {
    text.parse().ok().or_else(|| Some(SocketAddr::new(text.parse().ok()?, 53)))
}

#[expect(clippy::print_stderr, reason = "complaints go to standard error, and this is the place")]
fn print_error(complaint: &Complaint) {
    eprintln!("{complaint}");
}

/// Help and versions go to standard output, complaints about the command line to standard error.
fn usage(error: &clap::Error) -> ExitCode {
    // A reader that has gone away needs no complaint.
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}
