//! `ehlo run`: a script, from its file to its exit code.

use std::io::{self, Read as _, Write as _};
use std::path::Path;

use super::complaint::Complaint;
use super::options::Common;
use super::options::run::Run;
use super::{configuration, handshake, lab, password, reach, record, usage};
use crate::files;
use crate::lab::peers::Showing;
use crate::ports::dns::Source;
use crate::ports::net::{Place, Target};
use crate::record::reader::is_recording;
use crate::run::script::run;
use crate::run::teller::Form;
use crate::script::play::{End, Wishes};
use crate::script::read::{Ground, read};
use crate::script::rehearse::rehearse;
use crate::script::text::Variables;
use crate::script::{Script, Trouble};
use crate::smtp::limits::Limits;
use crate::smtp::limits::script::OCTETS;

/// All that can be written in a script.
const LANGUAGE: &str = include_str!("../../assets/script/language.md");
/// What stands for standard input.
const INPUT: &str = "-";

/// Plays the script and tells what happens; what comes back is the exit code.
pub(super) fn tell(options: &Run, common: &Common) -> Result<u8, Complaint> {
    if options.language {
        return Ok(print(LANGUAGE));
    }
    refuse_what_scripts_say(options)?;
    refuse_events_of_nothing(options.dry_run, options.json)?;
    let configuration = configuration::read(common, Some(&options.reach))?;
    let hello = configuration.settings().live_persona.hello;
    let variables = variables(options, &hello);
    let script = script(options, &variables)?;
    if options.dry_run {
        return Ok(print(&rehearse(&script, &variables)));
    }
    let resolver = configuration.config.resolver.clone().unwrap_or(Source::System);
    let mut setup = super::setup(&options.reach, &configuration)?;
    setup.lab = script.needs_lab();
    setup.showing = showing(options, &script, configuration.config.seed)?;
    let handed = password::handed(&options.reach, "", None)?;
    let (secret, said) = handed.map_or((None, None), |(handed, said)| (handed.secret, said));
    if let Some(said) = said {
        usage::warn(&said);
    }
    // A file is made only where nothing can be wrong any more.
    setup.keys.log = options.reach.keylog.as_deref().map(handshake::key_log).transpose()?;
    let wishes = Wishes {
        variables,
        hello,
        resolver,
        handshake: handshake::wishes(&options.reach)?,
        route: reach::route(&Target::new("", 25, Place::Live), &options.reach)?,
        pinned: options.reach.resolve.iter().map(|pin| (pin.name.clone(), pin.address)).collect(),
        secret,
        asks: !options.no_input,
        end: end(options)?,
        owned: options.i_run_this_server,
        patience: setup.timers.command,
    };
    setup.recorder = options.record.as_deref().map(record::recorder).transpose()?;
    let form = match (options.json, common.quiet) {
        (true, _) => Form::Json,
        (_, true) => Form::Quiet,
        _ => Form::Transcript,
    };
    run(script, wishes, setup, form)
        .map_err(|why| Complaint::new("script/failed", 2, format!("Nothing can be played: {why}."), "Try again."))
}

/// The certificates of a script that is a server; who is to trust them gets a file.
fn showing(options: &Run, script: &Script, seed: Option<u64>) -> Result<Option<Showing>, Complaint> {
    if !script.listens() {
        let what = "--peer-ca is about a script that listens, and this one does not.";
        let next = "Leave it out, or begin the script with: listen";
        return options.peer_ca.as_ref().map_or(Ok(None), |_| Err(Complaint::new("cli/option", 2, what, next)));
    }
    let showing = Showing::new(lab::seed(seed)?).map_err(|why| {
        Complaint::new(
            "lab/keys",
            2,
            format!("No certificates can be made: {why}."),
            "Look at the clock of this machine.",
        )
    })?;
    if let Some(path) = &options.peer_ca {
        files::publish(path, showing.authority().as_bytes()).map_err(|why| {
            let what = format!("Cannot write {}: {why}.", usage::shown(path));
            Complaint::new("file/open", 2, what, "Name a file that does not exist yet: nothing is written over.")
        })?;
    }
    Ok(Some(showing))
}

/// Options that a script has words for.
fn refuse_what_scripts_say(options: &Run) -> Result<(), Complaint> {
    let said = [
        ("--port", options.reach.port.is_some(), "connect HOST:PORT"),
        ("--tls", options.reach.tls.is_some(), "connect HOST tls=require, or a line: tls"),
        ("--auth-user", options.reach.login.auth_user.is_some(), "auth PLAIN USER"),
    ];
    match said.into_iter().find(|(_, given, _)| *given) {
        None => Ok(()),
        Some((option, _, form)) => {
            let what = format!("{option} is for the script to say, which may speak with more than one server.");
            Err(Complaint::new("cli/option", 2, what, format!("Write it there: {form}.")))
        }
    }
}

fn variables(options: &Run, hello: &str) -> Variables {
    let mut variables = Variables::default();
    variables.set("helo", hello);
    for (name, value) in &options.variables {
        variables.set(name, value);
    }
    variables
}

/// What a rehearsal prints is for people: nothing happens of which an event could tell.
pub(super) fn refuse_events_of_nothing(dry_run: bool, json: bool) -> Result<(), Complaint> {
    let what = "--dry-run prints text: nothing happens that an event could tell.";
    if dry_run && json { Err(Complaint::new("cli/option", 2, what, "Leave --json out.")) } else { Ok(()) }
}

fn end(options: &Run) -> Result<End, Complaint> {
    match (options.until, options.drop_after) {
        (None, None) => Ok(End::Script),
        (Some(stage), None) => Ok(End::Until(stage)),
        (None, Some(stage)) => Ok(End::DropAfter(stage)),
        (Some(_), Some(_)) => {
            let what = "--until and --drop-after say two things about the same end.";
            Err(Complaint::new("cli/option", 2, what, "Leave one of them out."))
        }
    }
}

/// Reads the script and all that it includes.
fn script(options: &Run, variables: &Variables) -> Result<Script, Complaint> {
    let path = options.script.as_deref().unwrap_or(Path::new(INPUT));
    let from_input = path == Path::new(INPUT);
    if from_input && options.reach.login.password_stdin {
        let what = "The script and the secret cannot both come from standard input.";
        let next = "Give the secret with --password-file or --password-command.";
        return Err(Complaint::new("cli/option", 2, what, next));
    }
    let text = if from_input { input() } else { files::read(path, OCTETS as u64) };
    let text = text.map_err(|why| {
        let what = format!("Cannot read the script {}: {why}.", usage::shown(path));
        Complaint::new("file/open", 2, what, "Give a text file, as letter.smtp; - reads standard input.")
    })?;
    if is_recording(&text) {
        let what = format!("{} is a recording, and no script.", usage::shown(path));
        let next = "ehlo open shows it; ehlo export --format script makes a script of it.";
        return Err(Complaint::new("script/syntax", 2, what, next));
    }
    let load = |path: &Path| files::read(path, Limits::default().letter).map_err(|why| why.to_string());
    let name = if from_input { "standard input".to_owned() } else { usage::shown(path) };
    read(&name, &text, &Ground { variables, load: &load }).map_err(|trouble| complaint(&trouble))
}

/// What is piped in, up to the limit of a script and one octet more.
fn input() -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    io::stdin().lock().take(OCTETS as u64 + 1).read_to_end(&mut text)?;
    Ok(text)
}

fn complaint(trouble: &Trouble) -> Complaint {
    let stop = if trouble.what.ends_with('?') { "" } else { "." };
    Complaint::new(trouble.id, 2, format!("{}: {}{stop}", trouble.place, trouble.what), trouble.next.clone())
}

fn print(text: &str) -> u8 {
    // A reader that has gone away needs no complaint.
    let _ = io::stdout().write_all(text.as_bytes());
    0
}
