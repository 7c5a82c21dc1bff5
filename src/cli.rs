//! The command line: what `ehlo`, `ehlo connect` and their options mean, and the only place that prints.

pub mod complaint;
mod dns;
mod explain;
mod handshake;
mod lab;
pub mod options;
mod password;
mod reach;
mod run;
mod send;
pub mod usage;

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser as _;

use crate::app::{App, Settings};
use crate::config::{self, Config};
use crate::dialogue::suggest::Persona;
use crate::files;
use crate::net::Keys;
use crate::ports::dns::Source;
use crate::run::services::Setup;
use crate::screen::session::Room;
use crate::session::Model;
use crate::session::look_ups::LookUps;
use crate::session::target::Wanted;
use crate::smtp::limits::Timers;
use crate::term;
use complaint::Complaint;
use options::reach::Reach;
use options::{Call, Command, Common, Connect};
use reach::wanted;

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
    let call = match call.command {
        Some(Command::Send(letter)) => return send::tell(*letter, &common, &config),
        Some(Command::Run(script)) => return run::tell(&script, &common, &config),
        command => command,
    };
    let inside = || (Connect { target: FIRST_HOST.into(), ..Connect::default() }, Some(FIRST_DOMAIN));
    let ((connect, domain), served) = match call {
        Some(Command::Connect(connect)) => ((*connect, None), None),
        Some(Command::Lab(served)) => (inside(), Some(served)),
        Some(Command::Dns(_) | Command::Explain(_) | Command::Run(_) | Command::Send(_)) | None => (inside(), None),
    };
    let settings = settings(&connect.reach, &common, &config);
    let wanted = wanted(&connect.target, &connect.reach, &settings.resolver)?;
    let mut setup = setup(&connect.reach, &common, &config)?;
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
        Wanted::Host(target) => password::handed(&connect.reach, &target.host, Some(&check))?,
        Wanted::Exchangers(..) | Wanted::Submission(..) => None,
    };
    // Behind what was piped in stands the terminal now.
    check()?;
    // A file is made only where nothing can be wrong any more.
    setup.keys.log = connect.reach.keylog.as_deref().map(handshake::key_log).transpose()?;
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

fn setup(reach: &Reach, common: &Common, config: &Config) -> Result<Setup, Complaint> {
    Ok(Setup {
        seed: common.seed.or(config.seed).unwrap_or(1),
        explains: true,
        lab: true,
        ca: reach.ca_file.as_deref().map(handshake::authorities).transpose()?,
        timers: timers(reach, common, config)?,
        keys: Keys { identity: handshake::identity(reach)?, log: None },
        doors: None,
    })
}

/// How long to wait. The command line wins over the configuration as a whole.
fn timers(reach: &Reach, common: &Common, config: &Config) -> Result<Timers, Complaint> {
    match (reach.rfc_timeouts, common.timeout) {
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

fn settings(reach: &Reach, common: &Common, config: &Config) -> Settings {
    let ascii = common.ascii || config.ascii.unwrap_or_default() || !term::speaks_utf8();
    let mut settings = Settings { ascii, ..Settings::default() };
    settings.mono_only = common.colour.forbids(term::forbids_colour());
    settings.theme = common.theme.or(config.theme).unwrap_or_default();
    let helo = reach.helo.clone().or_else(|| config.helo.clone()).unwrap_or_else(own_name);
    settings.live_persona = Persona { hello: helo, ..settings.live_persona };
    let resolver = reach.resolver.clone().or_else(|| config.resolver.clone());
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
