//! `ehlo lab`: the lab for programs from outside.

use std::io;
use std::path::Path;

use super::complaint::Complaint;
use super::options::Lab;
use super::record;
use super::usage;
use crate::files;
use crate::lab;
use crate::lab::serving::FIRST;
use crate::net::listen::Exposed;
use crate::ports::lab::Card;
use crate::run::serve::{Doors, Form, NotOpened, NotServed};

/// Opens the doors, or says why not.
pub(super) fn doors(options: &Lab) -> Result<Doors, Complaint> {
    // The only place where other machines are let in: somebody has typed it.
    let exposed = options.expose.then(Exposed::on_purpose);
    let first = options.port.unwrap_or(FIRST);
    Doors::open(first, exposed).map_err(|why| match why {
        NotOpened::Plan(why) => Complaint::new(
            "cli/port",
            2,
            format!("--port {first} leaves no room for the whole lab: {why}."),
            "Give a port from 1024 to 65000, as --port 12525.",
        ),
        NotOpened::Taken { port, whose, why, free } => {
            let busy = why.kind() == io::ErrorKind::AddrInUse;
            let why = if busy { "another program has it".to_owned() } else { why.to_string() };
            let next = match free {
                Some(free) => format!("Here everything has a place: ehlo lab --port {free}"),
                None => "End the program that has it, or give another port with --port.".to_owned(),
            };
            Complaint::new("lab/port", 3, format!("Port {port}, for {whose}, cannot be had: {why}."), next)
        }
    })
}

/// A seed: the one that was given, or one that nobody knows.
pub(super) fn seed(given: Option<u64>) -> Result<u64, Complaint> {
    given.map_or_else(lab::fresh_seed, Ok).map_err(|why| {
        Complaint::new("lab/keys", 2, format!("No keys can be made: {why}."), "Give a number with --seed.")
    })
}

/// What everybody must know who lets other machines in.
pub(super) fn banner() -> String {
    let red =
        |text: &str| if crate::term::forbids_colour() { text.to_owned() } else { format!("\x1b[1;31m{text}\x1b[0m") };
    red("Anyone on your network can reach this lab: --expose lets private addresses in, for 8 hours. [lab/exposed]")
}

/// Serves the lab without a screen.
pub(super) fn serve(options: &Lab, doors: Doors, seed: u64) -> Result<u8, Complaint> {
    let form = if options.json { Form::Json } else { Form::Text };
    let wanted = options.clone();
    let mut complaint = None;
    let ready = |card: &Card| {
        keep(&wanted, card).map_err(|why| {
            complaint = Some(why);
            io::Error::from(io::ErrorKind::Other)
        })
    };
    let recorder = options.record.as_deref().map(record::recorder).transpose()?;
    let ended = crate::run::serve::run(doors, seed, form, recorder, ready);
    ended.map_err(|why| complaint.unwrap_or_else(|| not_served(&why)))
}

fn not_served(why: &NotServed) -> Complaint {
    Complaint::new("lab/serve", 3, format!("The lab cannot be served: {why}."), "Try again, or give another --port.")
}

/// Writes the files that were asked for: new ones that everybody may read, for nothing in them is secret.
pub(super) fn keep(options: &Lab, card: &Card) -> Result<(), Complaint> {
    options.ca_file.as_deref().map_or(Ok(()), |path| write(path, &card.authority))?;
    let Some(path) = &options.anchor_file else { return Ok(()) };
    let none = || {
        let what = "There is no key to write: the lab's name server does not run.";
        Complaint::new("lab/dns", 3, what, "Leave --anchor-file out, or give another --port.")
    };
    write(path, card.anchor.as_deref().ok_or_else(none)?)
}

fn write(path: &Path, text: &str) -> Result<(), Complaint> {
    files::publish(path, text.as_bytes()).map_err(|error| {
        let what = format!("Cannot write {}: {error}.", usage::shown(path));
        Complaint::new("file/open", 2, what, "Name a file that does not exist yet: nothing is written over.")
    })
}
