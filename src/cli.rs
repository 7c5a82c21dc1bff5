//! The command line: what `ehlo`, `ehlo connect` and their options mean, and the only place that prints.

pub mod complaint;
mod dns;
mod explain;
mod handshake;
mod lab;
pub mod options;
mod password;
pub mod usage;

use std::io::Write as _;
use std::net::IpAddr;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser as _;

use crate::app::{App, Settings};
use crate::config::{self, Config};
use crate::dialogue::suggest::Persona;
use crate::dns::typed;
use crate::files;
use crate::net::Keys;
use crate::ports::dns::Source;
use crate::ports::net::{Family, Opening, Place, Route, Target};
use crate::run::services::Setup;
use crate::screen::session::Room;
use crate::session::Model;
use crate::session::look_ups::LookUps;
use crate::session::target::{self, Wanted};
use crate::smtp::limits::Timers;
use crate::term;
use complaint::Complaint;
use options::{Call, Command, Common, Connect, Tls};

/// The most that is read of a file with certificates or settings, in octets.
const FILE_LIMIT: u64 = 1 << 20;
/// What the lab opens with.
const FIRST_HOST: &str = "mx1.harbor.test:25";
/// The domain whose mail it takes.
const FIRST_DOMAIN: &str = "harbor.test";

/// Reads the command line and runs the program.
pub fn main() -> ExitCode {
    let call = match Call::try_parse() {
        Ok(call) => call,
        // Help and versions go to standard output. A reader that has gone away needs no complaint.
        Err(asked) if !asked.use_stderr() => {
            let _ = asked.print();
            return ExitCode::SUCCESS;
        }
        Err(error) => return refuse(&usage::complaint(&error)),
    };
    match run(call) {
        Ok(code) => ExitCode::from(code),
        Err(complaint) => refuse(&complaint),
    }
}

fn run(call: Call) -> Result<u8, Complaint> {
    if let Some(Command::Explain(asked)) = &call.command {
        return explain::tell(asked);
    }
    let common = call.common;
    let config = common.config.as_deref().map(config).transpose()?.unwrap_or_default();
    if let Some(Command::Dns(asked)) = &call.command {
        return dns::tell(asked, &config, common.seed.or(config.seed).unwrap_or(1));
    }
    let inside = || (Connect { target: FIRST_HOST.into(), ..Connect::default() }, Some(FIRST_DOMAIN));
    let ((connect, domain), served) = match call.command {
        Some(Command::Connect(connect)) => ((*connect, None), None),
        Some(Command::Lab(served)) => (inside(), Some(served)),
        Some(Command::Dns(_) | Command::Explain(_)) | None => (inside(), None),
    };
    let settings = settings(&connect, &common, &config);
    let wanted = wanted(&connect, &settings.resolver)?;
    let mut setup = setup(&connect, &common, &config)?;
    if let Some(served) = served {
        setup.seed = lab::seed(common.seed.or(config.seed))?;
        let doors = lab::doors(&served)?.for_scene(served.scene.clone());
        if served.expose {
            // A terminal that is gone hears nothing, and that is no bug.
            let _ = writeln!(std::io::stderr(), "{}", lab::banner());
        }
        if served.json || term::check().is_err() {
            return lab::serve(&served, doors, setup.seed);
        }
        setup.doors = Some(doors.with(move |card| lab::keep(&served, card).map_err(|complaint| complaint.what)));
    }
    let check = || term::check().map_err(|why| Complaint::new(why.id(), 2, why.to_string(), why.next()));
    let handed = match &wanted {
        Wanted::Host(target) => password::handed(&connect, &target.host, check)?,
        Wanted::Exchangers(..) | Wanted::Submission(..) => None,
    };
    // Behind what was piped in stands the terminal now.
    check()?;
    // A file is made only where nothing can be wrong any more.
    setup.keys.log = connect.keylog.as_deref().map(handshake::key_log).transpose()?;
    let model = Model::new(LookUps::new(setup.seed));
    let (handed, said) = handed.unzip();
    let mut app = App::new(model, Room::default(), settings);
    app.room.handed = handed;
    Room::begin(&mut app, wanted);
    if let Some(said) = said.flatten() {
        app.say(said);
    }
    if let Some(domain) = domain {
        // The DNS that leads to the first host stands beside its conversation.
        app.model
            .look_ups
            .open(domain, Source::Lab)
            .map_err(|bad| Complaint::new("dns/bad-name", 2, bad.to_string(), bad.next()))?;
    }
    let first = app.take_effects();
    crate::run::run(app, first, setup).map_err(|error| {
        Complaint::new(
            "tty/failed",
            2,
            format!("The terminal could not be used: {error}."),
            "Try another terminal, or set TERM.",
        )
    })
}

/// Where to connect: the target with the options that change it. An option that would change nothing is refused.
fn wanted(connect: &Connect, resolver: &Source) -> Result<Wanted, Complaint> {
    let mut wanted =
        target::parse(&connect.target, resolver).map_err(|no| Complaint::new(no.id, 2, no.why, no.next))?;
    match &mut wanted {
        Wanted::Host(target) => change(target, connect)?,
        Wanted::Exchangers(..) | Wanted::Submission(..) => {
            if let Some(option) = about_one_host(connect) {
                let what =
                    format!("{option} is about one host, and {} leaves the choice of it until later.", connect.target);
                return Err(Complaint::new("cli/option", 2, what, "Name the host itself, or leave the option out."));
            }
        }
    }
    Ok(wanted)
}

fn change(target: &mut Target, connect: &Connect) -> Result<(), Complaint> {
    if let (Some(_), Some(option)) = (&target.socket, about_addresses(connect)) {
        let what = format!("{option} is about addresses and ports, and a Unix socket has none.");
        return Err(Complaint::new("cli/option", 2, what, "Leave it out, or name a host."));
    }
    if let Some(why) = target.host.parse().ok().and_then(options::nowhere) {
        let what = format!("{} is not a destination: {why}.", target.host);
        return Err(Complaint::new("net/target", 2, what, "Name a host or its address; this machine is 127.0.0.1."));
    }
    target.handshake = handshake::wishes(connect)?;
    target.route = route(target, connect)?;
    target.port = connect.port.unwrap_or(target.port);
    match (connect.tls, connect.port) {
        // Port 465 speaks TLS from the first byte (RFC 8314 §3.3), wherever it is given.
        // It is more than what is asked for with require and prefer.
        (Some(Tls::Implicit), _) | (None | Some(Tls::Require | Tls::Prefer), Some(465)) => {
            target.opening = Opening::ImplicitTls;
        }
        (Some(Tls::Plain), _) => target.opening = Opening::Plain,
        (Some(Tls::Never), _) => target.opening = Opening::Never,
        (Some(Tls::Require | Tls::Prefer), _) if target.opening == Opening::ImplicitTls => {}
        (Some(Tls::Require), _) => target.opening = Opening::Require,
        (Some(Tls::Prefer), _) => target.opening = Opening::Prefer,
        (None, _) => {}
    }
    for pin in &connect.resolve {
        if !is_same_name(&pin.name, &target.host) {
            let what = format!("--resolve gives an address for {}, and the target is {}.", pin.name, target.host);
            let next = format!("Write it as --resolve {}:{}, or leave it out.", target.host, pin.address);
            return Err(Complaint::new("cli/value", 2, what, next));
        }
        target.pinned.push(pin.address);
    }
    Ok(())
}

/// Which addresses to try, and from where. What could reach nothing is refused.
fn route(target: &Target, connect: &Connect) -> Result<Route, Complaint> {
    let refused = |what: String| Err(Complaint::new("cli/option", 2, what, "Leave one of them out."));
    let only = match (connect.ipv4, connect.ipv6) {
        (true, true) => return refused("-4 and -6 together leave no address.".into()),
        (true, false) => Some(Family::V4),
        (false, true) => Some(Family::V6),
        (false, false) => None,
    };
    let route = Route { only, from: connect.source, client: connect.proxy_protocol };
    if let Some(from) = connect.source {
        if target.place == Place::Lab {
            let what = "--source is an address of this machine, and no connection to the lab leaves from one.";
            return Err(Complaint::new("cli/option", 2, what, "Leave it out, or name a real host."));
        }
        if only.is_some_and(|only| only != Family::of(from.ip())) {
            return refused(format!(
                "--source {} is {}, and only the other family was asked for.",
                from.ip(),
                Family::of(from.ip())
            ));
        }
    }
    let wrong = |address: &IpAddr| !route.takes(*address);
    match (target.host.parse().ok().filter(wrong), connect.resolve.iter().map(|pin| pin.address).find(wrong)) {
        (Some(address), _) | (None, Some(address)) => {
            refused(format!("{address} is {}, and only the other family was asked for.", Family::of(address)))
        }
        (None, None) => Ok(route),
    }
}

/// The option that has no meaning before a host is chosen.
fn about_one_host(connect: &Connect) -> Option<&'static str> {
    let of_handshake = [
        ("--tls", connect.tls.is_some()),
        ("--sni", connect.sni.is_some()),
        ("--verify-name", connect.verify_name.is_some()),
        ("--tls-verify", connect.tls_verify.is_some()),
        ("--tls-min", connect.tls_min.is_some()),
        ("--tls-max", connect.tls_max.is_some()),
        ("--client-cert", connect.client_cert.is_some()),
        ("--client-key", connect.client_key.is_some()),
        ("--keylog", connect.keylog.is_some()),
        ("--auth-user", connect.login.auth_user.is_some()),
        ("--password-file", connect.login.password_file.is_some()),
        ("--password-command", connect.login.password_command.is_some()),
        ("--password-stdin", connect.login.password_stdin),
    ];
    let given = of_handshake.into_iter().find(|(_, given)| *given).map(|(option, _)| option);
    about_addresses(connect).or(given)
}

/// The option that has no meaning where there are no addresses and ports.
fn about_addresses(connect: &Connect) -> Option<&'static str> {
    let given = [
        ("--port", connect.port.is_some()),
        ("--resolve", !connect.resolve.is_empty()),
        ("-4", connect.ipv4),
        ("-6", connect.ipv6),
        ("--source", connect.source.is_some()),
        ("--proxy-protocol", connect.proxy_protocol.is_some()),
    ];
    given.into_iter().find(|(_, given)| *given).map(|(option, _)| option)
}

/// Names are compared as the DNS does: case, the last dot and the spelling of international letters make no difference.
fn is_same_name(one: &str, other: &str) -> bool {
    matches!((typed::name(one), typed::name(other)), (Ok(one), Ok(other)) if one.name == other.name)
}

fn setup(connect: &Connect, common: &Common, config: &Config) -> Result<Setup, Complaint> {
    Ok(Setup {
        seed: common.seed.or(config.seed).unwrap_or(1),
        lab: true,
        ca: connect.ca_file.as_deref().map(handshake::authorities).transpose()?,
        timers: timers(connect, common, config)?,
        keys: Keys { identity: handshake::identity(connect)?, log: None },
        doors: None,
    })
}

/// How long to wait. The command line wins over the configuration as a whole.
fn timers(connect: &Connect, common: &Common, config: &Config) -> Result<Timers, Complaint> {
    match (connect.rfc_timeouts, common.timeout) {
        (true, Some(_)) => {
            let what = "--timeout and --rfc-timeouts say two things about the same waits.";
            Err(Complaint::new("cli/option", 2, what, "Leave one of them out."))
        }
        (true, None) => Ok(Timers::RFC),
        (false, Some(wait)) => Ok(Timers::each(wait)),
        (false, None) => Ok(match config.timeout {
            Some(wait) => Timers::each(wait),
            None if config.rfc_timeouts == Some(true) => Timers::RFC,
            None => Timers::INTERACTIVE,
        }),
    }
}

fn settings(connect: &Connect, common: &Common, config: &Config) -> Settings {
    let ascii = common.ascii || config.ascii.unwrap_or_default() || !term::speaks_utf8();
    let mut settings = Settings { ascii, ..Settings::default() };
    settings.mono_only = common.colour.forbids(term::forbids_colour());
    settings.theme = common.theme.or(config.theme).unwrap_or_default();
    let helo = connect.helo.clone().or_else(|| config.helo.clone()).unwrap_or_else(own_name);
    settings.live_persona = Persona { hello: helo, ..settings.live_persona };
    let resolver = connect.resolver.clone().or_else(|| config.resolver.clone());
    settings.resolver = resolver.unwrap_or(settings.resolver);
    settings.mouse = !common.no_mouse && config.mouse.unwrap_or(true);
    settings
}

/// Reads a configuration file.
fn config(path: &Path) -> Result<Config, Complaint> {
    let name = usage::shown(path);
    let bytes = files::read(path, FILE_LIMIT).map_err(|error| {
        let what = format!("Cannot read the configuration {name}: {error}.");
        Complaint::new("file/open", 2, what, "Give a TOML file, as: theme = \"mono\"")
    })?;
    config::read(&bytes).map_err(|no| Complaint::new(no.id, 2, format!("{name}:{}: {}", no.line, no.why), no.next))
}

/// How this machine names itself to real servers: its full name, or an address literal.
fn own_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if crate::smtp::path::is_hello_name(name.as_bytes()) { name.to_owned() } else { "[127.0.0.1]".into() }
}

fn refuse(complaint: &Complaint) -> ExitCode {
    // A terminal that is gone hears nothing, and that is no bug.
    let _ = writeln!(std::io::stderr(), "{complaint}");
    ExitCode::from(complaint.exit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str, port: Option<u16>, tls: Option<Tls>) -> Target {
        let connect = Connect { target: text.into(), port, tls, ..Connect::default() };
        match wanted(&connect, &Source::System) {
            Ok(Wanted::Host(target)) => *target,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn options_win_over_the_target_and_port_465_speaks_tls_wherever_it_is_given() {
        for (text, port, tls, opening) in [
            ("mail.example.org", Some(465), None, Opening::ImplicitTls),
            ("mail.example.org:465", None, None, Opening::ImplicitTls),
            ("mail.example.org", Some(465), Some(Tls::Plain), Opening::Plain),
            ("tls://mail.example.org", Some(25), None, Opening::ImplicitTls),
            ("tls://mail.example.org", None, Some(Tls::Plain), Opening::Plain),
            ("mail.example.org", Some(587), None, Opening::Plain),
            ("mail.example.org", Some(587), Some(Tls::Require), Opening::Require),
            ("mail.example.org", None, Some(Tls::Prefer), Opening::Prefer),
            ("mail.example.org:465", None, Some(Tls::Require), Opening::ImplicitTls),
            ("mail.example.org", Some(465), Some(Tls::Prefer), Opening::ImplicitTls),
            ("mail.example.org:465", None, Some(Tls::Never), Opening::Never),
        ] {
            let found = target(text, port, tls);
            assert_eq!(found.opening, opening, "{text} {port:?} {tls:?}");
            assert_eq!(port.unwrap_or(found.port), found.port);
        }
    }

    #[test]
    fn names_are_the_same_as_the_dns_sees_them() {
        for (one, other, same) in [
            ("mail.example.org", "MAIL.example.org.", true),
            ("bücher.example", "xn--bcher-kva.example", true),
            ("127.0.0.1", "127.0.0.1", true),
            ("mail.example.org", "mx.example.org", false),
        ] {
            assert_eq!(is_same_name(one, other), same, "{one} {other}");
        }
    }
}
