//! The command line: what `ehlo`, `ehlo connect` and their options mean, and the only place that prints.

pub mod complaint;
mod configuration;
mod dns;
pub mod docs;
mod explain;
mod export;
mod handshake;
mod lab;
mod open;
pub mod options;
mod password;
mod reach;
mod record;
mod run;
mod send;
mod talk;
pub mod usage;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::app::{App, Effect};
use crate::net::Keys;
use crate::ports::dns::Source;
use crate::run::services::Setup;
use crate::screen::session::Room;
use crate::session::Model;
use crate::session::look_ups::LookUps;
use crate::session::target::Wanted;
use crate::term;
use complaint::Complaint;
use configuration::Configuration;
use options::reach::Reach;
use options::{Call, Command, Connect};
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
        return explain::tell(asked, call.common.quiet);
    }
    let common = call.common;
    if let Some(Command::Docs(asked)) = &call.command {
        return docs::tell(asked, &common);
    }
    if let Some(Command::Dns(asked)) = &call.command {
        let configuration = configuration::read(&common, None)?;
        return dns::tell(asked, &configuration.config, configuration.seed());
    }
    let command = match call.command {
        Some(Command::Export(wanted)) => return export::tell(&wanted, common.quiet),
        Some(Command::Diff(wanted)) if wanted.screen => return open::beside(&wanted.left, &wanted.right, &common),
        Some(Command::Diff(wanted)) => return export::differ(&wanted, common.quiet),
        Some(Command::Open(wanted)) => return open::show(&wanted.file, &common),
        Some(Command::Send(letter)) => return send::tell(*letter, &common),
        Some(Command::Run(script)) => return run::tell(&script, &common),
        command => command,
    };
    let talks = matches!(command, Some(Command::Talk(_)));
    let json = matches!(&command, Some(Command::Talk(talk)) if talk.json);
    let inside = |record| (Connect { target: FIRST_HOST.into(), record, ..Connect::default() }, Some(FIRST_DOMAIN));
    let ((connect, domain), served) = match command {
        Some(Command::Connect(connect)) => ((*connect, None), None),
        Some(Command::Lab(served)) => (inside(served.record.clone()), Some(served)),
        Some(Command::Talk(talk)) => {
            let domain = talk.target.is_none().then_some(FIRST_DOMAIN);
            let target = talk.target.unwrap_or_else(|| FIRST_HOST.into());
            ((Connect { target, reach: talk.reach, record: talk.record.or(call.record) }, domain), None)
        }
        // The others were answered above.
        _ => (inside(call.record), None),
    };
    let configuration = configuration::read(&common, Some(&connect.reach))?;
    let talks = talks || talk::is_wanted(&configuration);
    let settings = configuration.settings();
    let wanted = wanted(&connect.target, &connect.reach, &settings.resolver)?;
    let mut setup = setup(&connect.reach, &configuration)?;
    if let Some(served) = served {
        setup.seed = lab::seed(configuration.config.seed)?;
        let doors = lab::doors(&served)?.for_scene(served.scene.clone());
        if served.expose {
            // A terminal that is gone hears nothing, and that is no bug.
            let _ = writeln!(std::io::stderr(), "{}", lab::banner());
        }
        if served.json || talks || term::check().is_err() {
            return lab::serve(&served, doors, setup.seed);
        }
        setup.doors = Some(doors.with(move |card| lab::keep(&served, card).map_err(|complaint| complaint.what)));
    }
    let check = || term::check().map_err(|why| Complaint::new(why.id(), 2, why.to_string(), why.next()));
    let screen: password::Screen<'_> = if talks { None } else { Some(&check) };
    if talks && connect.reach.login.password_stdin {
        let what = "--password-stdin reads the secret where ehlo talk reads its lines.";
        return Err(Complaint::new("cli/option", 2, what, "Use --password-file or --password-command."));
    }
    let handed = match &wanted {
        Wanted::Host(target) => password::handed(&connect.reach, &target.host, screen)?,
        Wanted::Exchangers(..) | Wanted::Submission(..) => None,
    };
    // Behind what was piped in stands the terminal now.
    screen.map_or(Ok(()), |check| check())?;
    // A file is made only where nothing can be wrong any more.
    setup.recorder = connect.record.as_deref().map(record::recorder).transpose()?;
    setup.keys.log = connect.reach.keylog.as_deref().map(handshake::key_log).transpose()?;
    let model = Model::new(LookUps::new(setup.seed));
    let (handed, said) = handed.unzip();
    let mut app = App::new(model, Room::default(), settings);
    app.room.handed = handed;
    app.room.recording = connect.record.as_deref().map(usage::shown);
    if talks {
        talk::prepare(&mut app, &wanted)?;
    }
    Room::begin(&mut app, wanted);
    if let Some(said) = said.flatten().or_else(|| configuration.notes()) {
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
    if talks {
        return talk::tell(app, first, setup, &configuration, json);
    }
    explore(app, first, setup)
}

/// Runs the explorer.
fn explore(app: App, first: Vec<Effect>, setup: Setup) -> Result<u8, Complaint> {
    crate::run::run(app, first, setup).map_err(|error| {
        Complaint::new(
            "tty/failed",
            2,
            format!("The terminal could not be used: {error}."),
            "Try another terminal, or set TERM.",
        )
    })
}

fn setup(reach: &Reach, configuration: &Configuration) -> Result<Setup, Complaint> {
    Ok(Setup {
        seed: configuration.seed(),
        explains: true,
        lab: true,
        ca: reach.ca_file.as_deref().map(handshake::authorities).transpose()?,
        timers: configuration.timers(),
        keys: Keys { identity: handshake::identity(reach)?, log: None },
        doors: None,
        recorder: None,
        recording: None,
        showing: None,
    })
}

fn refuse(complaint: &Complaint) -> ExitCode {
    // A terminal that is gone hears nothing, and that is no bug.
    let _ = writeln!(std::io::stderr(), "{complaint}");
    ExitCode::from(complaint.exit)
}
