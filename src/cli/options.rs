//! The options, read by clap. What they mean together is for [`cli`](super).

pub mod among;
pub mod reach;
pub mod run;
pub mod send;
pub mod talk;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use super::complaint::Complaint;
use super::docs::{self, Docs};
use crate::config::settings::{SEED, SOURCE, THEME, TIMEOUT, WIDTH};
use crate::config::{self, Colour};
use crate::dns::Kind;
use crate::export::Format;
use crate::lab::changes::scenes;
use crate::ports::dns::Source;
use crate::ui::theme::Theme;
use among::Among;
use reach::Reach;

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
  ehlo connect submit.you.test:587         a host of the lab
  ehlo --record first.ehlo                 the lab, recorded";

/// An interactive terminal explorer of SMTP: every byte shown, every reply explained, an internet in a box.
///
/// Without a command it opens the explorer on its own lab; no packet leaves the machine.
#[derive(Debug, Parser)]
#[command(name = "ehlo", version, after_help = EXAMPLES, max_term_width = 100)]
pub struct Call {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Record the sessions to a new file that only you can read, for `ehlo open`.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
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
    /// under .test are the lab's. It ends with 0 if the question was answered,
    /// with 3 if not, and with 6 if no answer came in time.
    #[command(after_help = DNS_EXAMPLES)]
    Dns(Dns),
    /// Show a recording in the explorer, at any moment of it: step through it, or play it at the speed it was recorded at.
    ///
    /// It is recognised by what it holds: also the log of another program (swaks, curl -v, openssl `s_client`, telnet), a
    /// transcript of Postfix or with S: and C: before its lines, and our own text. Nothing is sent from it, and nobody is
    /// asked anything.
    #[command(after_help = OPEN_EXAMPLES)]
    Open(Open),
    /// Make something else of a recording: text, a page, a picture, a cast, events, letters, a capture, calls of programs.
    ///
    /// It is printed, or written to a new file with -o. No secret of a live session is in any of them. What `ehlo open` takes is
    /// taken here too.
    #[command(after_help = EXPORT_EXAMPLES)]
    Export(Export),
    /// Lay two recordings side by side: how each was reached, its steps, extensions and TLS, and what differs first.
    ///
    /// Ids, dates and addresses are no differences. It ends with 0 if nothing differs, and with 1 if something does. Either may be
    /// what `ehlo open` takes, as a log of swaks.
    #[command(after_help = DIFF_EXAMPLES)]
    Diff(Diff),
    /// Explain a code, a reply, a line of a client or of a server, a problem's id, a bounce, the header of a letter.
    ///
    /// The text is what follows, or what is piped in; no network is used. A whole conversation is taken in every form that
    /// `ehlo open` takes: it is printed with what it means, then its problems and its last refusal are explained. It ends with 0 if it is explained, and with 1 if
    /// nothing is known of it.
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(Explain),
    /// Send one letter, and show how it went.
    ///
    /// Without --server it goes to the mail exchangers of the recipients' domain, one after the other (RFC 5321 §5.1); names
    /// under .test are the lab's. TLS is used where it is offered, and required on port 587 and for every login.
    #[command(after_help = send::EXAMPLES)]
    Send(Box<send::Send>),
    /// Play a script: a conversation as text, with what it sends and what it expects.
    ///
    /// Names under .test are the lab's. The conversation is printed with what it means; the exit code says which stage went
    /// otherwise than the script wants.
    #[command(
        after_help = run::EXAMPLES,
        mut_arg("port", hidden),
        mut_arg("tls", hidden),
        mut_arg("auth_user", hidden)
    )]
    Run(Box<run::Run>),
    /// Talk to a server line by line, without a screen: for a screen reader, a simple terminal, a pipe.
    ///
    /// Everything that the screen can do can be done here: a colon and the name of a command call it. It is chosen by itself
    /// where the terminal is a simple one (`TERM=dumb`) or standard output is none, for `EHLO_LINEAR=1`, `ACCESSIBLE=1` and --linear.
    /// What is piped in is sent line by line, each when the one before is answered; it ends with 3 without a connection, 4 for
    /// TLS, 5 if a reply refused something, 6 if none came in time, 7 if something was not sent because nobody could be asked.
    #[command(after_help = talk::EXAMPLES)]
    Talk(Box<talk::Talk>),
    /// Print what the program knows of itself: its keys, commands and settings, manual pages, completions.
    ///
    /// All of it comes from the tables that the program itself goes by.
    #[command(after_help = docs::EXAMPLES)]
    Docs(Docs),
}

const EXPORT_EXAMPLES: &str = "\
Examples:
  ehlo export first.ehlo                   as text of 80 columns
  ehlo export first.ehlo --format html -o first.html
                                           a page of its own; also md, svg and cast
  ehlo export first.ehlo --format json | jq -c .
                                           events, one a line
  ehlo export first.ehlo --format script | ehlo run -
                                           the same once more
  ehlo export first.ehlo --format eml -o letters/
                                           the letters, octet by octet
  ehlo export first.ehlo --format pcapng -o first.pcapng
                                           for Wireshark: what was said, in packets made for it
  ehlo export first.ehlo --format commands the same with swaks, curl, openssl and Python";

/// A recording, and what to make of it.
#[derive(Debug, Clone, Args)]
pub struct Export {
    /// The recording.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What to make of it: text, md, html, svg, cast, json, script, eml, pcapng or commands.
    #[arg(long, value_name = "FORMAT", default_value = "text", hide_possible_values = true, value_parser = Among::of(form, forms))]
    pub format: Form,
    /// Write it to this new file; of letters, to this folder.
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
}

/// What to make of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form(pub Format);

const DIFF_EXAMPLES: &str = "\
Examples:
  ehlo diff monday.ehlo tuesday.ehlo       what is no more as it was
  ehlo diff mx1.ehlo mx2.ehlo && echo same
  ehlo diff mx1.ehlo mx2.ehlo --screen     side by side in the explorer
  ehlo diff mine.ehlo theirs.log           a recording and what somebody sent of swaks, curl or telnet";

/// Two recordings.
#[derive(Debug, Clone, Args)]
pub struct Diff {
    /// The one on the left.
    #[arg(value_name = "LEFT")]
    pub left: PathBuf,
    /// The one on the right.
    #[arg(value_name = "RIGHT")]
    pub right: PathBuf,
    /// Open the explorer on both, the differences side by side; of more than two sessions Alt-= asks which.
    #[arg(long)]
    pub screen: bool,
}

const OPEN_EXAMPLES: &str = "\
Examples:
  ehlo --record first.ehlo                 record a run
  ehlo open first.ehlo                     look at it: Space plays, ] and [ step, { and } go to its ends
  ehlo open swaks.log                      what swaks printed; also curl -v, openssl s_client, a paste of telnet";

/// A recording to look at.
#[derive(Debug, Clone, Args)]
pub struct Open {
    /// The recording.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
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
  ehlo explain < bounce.txt                a bounce in words, of Postfix, Exim, Exchange, Gmail, qmail or Sendmail
  ehlo explain < swaks.log                 a conversation, as swaks, curl -v, openssl s_client or telnet show it
  ehlo explain < /var/log/mail.log         a log of Postfix, Exim, Sendmail or Exchange: each kind of reply once
  ehlo explain --json < letter.eml | jq -c .
                                           an object for each thing explained";

/// An option that a command has no use for, and says so.
fn hidden(option: clap::Arg) -> clap::Arg {
    option.hide(true)
}

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
    #[arg(long = "type", value_name = "TYPE", hide_possible_values = true, value_parser = Among::of(kind, kinds))]
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
    #[arg(long, value_name = "NAME", hide_possible_values = true, value_parser = Among::of(scene, scene_names))]
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
    /// Record every session with the lab to a new file that only you can read, for `ehlo open`.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Write the key of the lab's root zone to a new file, for `delv -a FILE`.
    #[arg(long, value_name = "FILE")]
    pub anchor_file: Option<PathBuf>,
}

/// Options of every command.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Debug, Args)]
pub struct Common {
    /// Draw with ASCII characters only.
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Print no notes on standard error; of a letter or a script, only what went wrong.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// The colours: sixteen, mono, high-contrast, projector or own.
    #[arg(long, global = true, value_name = "NAME", hide_possible_values = true, value_parser = Among::of(theme, themes))]
    pub theme: Option<Theme>,
    /// Whether to use colours; auto heeds `NO_COLOR`.
    #[arg(long = "color", global = true, value_name = "WHEN", value_parser = Colour::NAMES)]
    pub colour: Option<String>,
    /// Lines instead of a screen, as ehlo talk has them.
    #[arg(long, global = true)]
    pub linear: bool,
    /// The columns of a line without a screen; those of the terminal if it is not given.
    #[arg(long, global = true, value_name = "COLUMNS", value_parser = width, allow_negative_numbers = true)]
    pub width: Option<u16>,
    /// Leave the mouse to the terminal.
    #[arg(long, global = true)]
    pub no_mouse: bool,
    /// Everything in the lab follows from this number; if it is not given, 1, and a fresh one where the lab is served.
    #[arg(long, global = true, value_name = "NUMBER", value_parser = seed, allow_negative_numbers = true)]
    pub seed: Option<u64>,
    /// Wait this long for a connection, a handshake and each reply before asking.
    #[arg(long, global = true, value_name = "SECONDS", value_parser = wait, allow_negative_numbers = true)]
    pub timeout: Option<Duration>,
    /// Read settings from this TOML file instead of that of `ehlo docs config`; options win over it.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// The target of `ehlo connect`, and how to reach it.
#[derive(Debug, Clone, Default, Args)]
pub struct Connect {
    /// A host, `host:port`, `tls://host:465`, `mx:domain`, `submit:domain`, `lmtp://host`, `lmtp:///path` or `unix:/path`.
    #[arg(value_name = "TARGET")]
    pub target: String,
    /// How to reach it.
    #[command(flatten)]
    pub reach: Reach,
    /// Record the sessions to a new file that only you can read, for `ehlo open`; secrets are masked in it.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
}

fn form(text: &str) -> Result<Form, Complaint> {
    let wrong = || Complaint::value("--format", text, &format!("one of {}", forms().join(", ")));
    Format::named(text).map(Form).ok_or_else(wrong)
}

fn forms() -> Vec<String> {
    Format::ALL.iter().map(|format| format.name().to_owned()).collect()
}

fn kinds() -> Vec<String> {
    Kind::OFFERED.iter().map(Kind::to_string).collect()
}

fn themes() -> Vec<String> {
    Theme::ALL.iter().map(|theme| theme.name().to_owned()).collect()
}

fn scene_names() -> Vec<String> {
    scenes().unwrap_or_default().into_iter().map(|scene| scene.name.clone()).collect()
}

fn port(text: &str) -> Result<u16, Complaint> {
    let number = text.parse::<u16>().ok().filter(|port| *port != 0);
    number.ok_or_else(|| Complaint { id: "cli/port", ..Complaint::value("--port", text, "a number from 1 to 65535") })
}

fn server(text: &str) -> Result<Source, Complaint> {
    Source::parse(text).ok_or_else(|| Complaint::value("--server", text, SOURCE))
}

fn kind(text: &str) -> Result<Kind, Complaint> {
    let needs = "the name of a record type, as MX, TXT, TLSA or TYPE65";
    Kind::parse(text).ok_or_else(|| Complaint::value("--type", text, needs))
}

fn theme(text: &str) -> Result<Theme, Complaint> {
    Theme::named(text).ok_or_else(|| Complaint::value("--theme", text, THEME))
}

fn width(text: &str) -> Result<u16, Complaint> {
    let width = text.parse().ok().filter(|width| config::is_width(*width));
    width.ok_or_else(|| Complaint::value("--width", text, WIDTH))
}

fn wait(text: &str) -> Result<Duration, Complaint> {
    let wait = text.parse().ok().and_then(config::wait);
    wait.ok_or_else(|| Complaint::value("--timeout", text, TIMEOUT))
}

fn scene(text: &str) -> Result<String, Complaint> {
    let names = scene_names();
    if names.iter().any(|name| name == text) {
        return Ok(text.to_owned());
    }
    Err(Complaint::value("--scene", text, &format!("the name of a scene: {}", names.join(", "))))
}

fn seed(text: &str) -> Result<u64, Complaint> {
    text.parse().map_err(|_| Complaint::value("--seed", text, SEED))
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
}
