//! The options of `ehlo send`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::super::complaint::Complaint;
use super::reach::Reach;
use crate::smtp::sasl::client::Mechanism;
use crate::smtp::stage::Stage;

/// Examples for its help.
pub(super) const EXAMPLES: &str = "\
Examples:
  ehlo send --to pat@harbor.test           a letter into the lab, by the route that its DNS gives
  ehlo send --server mail.example.org --from mina@example.org --to pat@example.org \\
            --subject Hello --body 'A first letter.'
                                           one letter, with the transcript of how it went
  ehlo send --server mail.example.org:587 --auth-user mina --password-command 'pass show mail' \\
            --from mina@example.org --to pat@example.net --file letter.eml
                                           submission: TLS is required as soon as somebody logs in
  ehlo send --server mx:example.org --to postmaster@example.org --until rcpt
                                           would they take it? no letter is sent
  ehlo send -q ... || echo failed          nothing is printed unless something went wrong
  ehlo send --json ... | jq -c .           events; the last one tells stage and exit code

Exit codes: 0 sent, 2 the command line, 3 DNS or connection, 4 TLS or certificate, 5 refused, 6 time-out, 7 policy.";

/// One letter.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "The letter")]
pub struct Send {
    /// Where it goes, as `ehlo connect` takes it; without it the mail exchangers of the recipients' domain.
    #[arg(short, long, value_name = "TARGET", alias = "host")]
    pub server: Option<String>,
    /// Who writes; in the lab you@you.test if it is not given.
    #[arg(short, long, value_name = "ADDRESS")]
    pub from: Option<String>,
    /// To whom; several with commas, or given more than once.
    #[arg(short, long, value_name = "ADDRESS")]
    pub to: Vec<String>,
    /// Who gets a copy.
    #[arg(long, value_name = "ADDRESS")]
    pub cc: Vec<String>,
    /// Who gets a copy without being named.
    #[arg(long, value_name = "ADDRESS")]
    pub bcc: Vec<String>,
    /// What it is about.
    #[arg(long, value_name = "TEXT")]
    pub subject: Option<String>,
    /// One more header field, or another text for one; may be given more than once.
    #[arg(short = 'H', long, value_name = "NAME: TEXT", value_parser = field)]
    pub header: Vec<(String, String)>,
    /// The text; `-` reads standard input.
    #[arg(short, long, value_name = "TEXT")]
    pub body: Option<String>,
    /// The text goes as HTML besides.
    #[arg(long)]
    pub html: bool,
    /// A file that goes with it; may be given more than once.
    #[arg(long, value_name = "FILE")]
    pub attach: Vec<PathBuf>,
    /// The whole letter, header and all, from this file; `-` reads standard input.
    #[arg(long, value_name = "FILE", visible_alias = "upload-file")]
    pub file: Option<PathBuf>,
    /// The sender of the envelope, instead of --from; <> is the null sender.
    #[arg(long, value_name = "ADDRESS", visible_alias = "mail-from", help_heading = "The envelope")]
    pub sender: Option<String>,
    /// A recipient of the envelope, instead of --to, --cc and --bcc; may be given more than once.
    #[arg(long, value_name = "ADDRESS", visible_alias = "mail-rcpt", help_heading = "The envelope")]
    pub rcpt: Vec<String>,
    /// When reports are wanted: never, or some of success, failure, delay with commas between.
    #[arg(long, value_name = "WHEN", value_parser = notify, help_heading = "The envelope")]
    pub notify: Option<String>,
    /// How much of the letter comes back with a report.
    #[arg(long, value_name = "WHAT", help_heading = "The envelope")]
    pub ret: Option<Ret>,
    /// What reports call the letter.
    #[arg(long, value_name = "ID", value_parser = envid, help_heading = "The envelope")]
    pub envid: Option<String>,
    /// Ask every host on the way for TLS (REQUIRETLS).
    #[arg(long, help_heading = "The envelope")]
    pub requiretls: bool,
    /// The mechanism of the login; the best that the server lists if it is not given.
    #[arg(long, value_name = "MECHANISM", value_parser = mechanism, help_heading = "The session")]
    pub auth: Option<Mechanism>,
    /// Send the envelope in one write, if the server offers PIPELINING.
    #[arg(long, help_heading = "The session")]
    pub pipelining: bool,
    /// Send the letter by BDAT, in chunks of so many octets; the whole in one if no number is given.
    #[arg(long, value_name = "OCTETS", num_args = 0..=1, require_equals = true, default_missing_value = "0", help_heading = "The session")]
    pub bdat: Option<usize>,
    /// Stop behind this stage, with QUIT: connect, greeting, hello, starttls, auth, mail, rcpt or data.
    #[arg(long, value_name = "STAGE", value_parser = stage, help_heading = "The session")]
    pub until: Option<Stage>,
    /// Print what would be said, and connect nowhere.
    #[arg(long, help_heading = "The session")]
    pub dry_run: bool,
    /// The server is yours: a letter may go to more than five recipients, and to more than one domain.
    #[arg(long, help_heading = "The session")]
    pub i_run_this_server: bool,
    /// Record the sessions to a new file that only you can read, for `ehlo open`; secrets are masked.
    #[arg(long, value_name = "FILE", help_heading = "The session")]
    pub record: Option<PathBuf>,
    /// Ask nothing: where no option gives the secret of a login, the call ends.
    #[arg(long, help_heading = "The session")]
    pub no_input: bool,
    /// Print events as JSON, one object a line.
    #[arg(long, help_heading = "What is printed")]
    pub json: bool,
    /// How the server is reached.
    #[command(flatten, next_help_heading = "The connection")]
    pub reach: Reach,
}

/// How much of a letter comes back with a report (RFC 3461 §4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Ret {
    /// All of it.
    Full,
    /// Its header.
    Hdrs,
}

/// A field: its name, and its text (RFC 5322 §2.2).
fn field(text: &str) -> Result<(String, String), Complaint> {
    let wrong = || Complaint::value("--header", text, "a name, a colon and a text, as 'Reply-To: pat@example.org'");
    let (name, value) = text.split_once(':').ok_or_else(wrong)?;
    let is_name = !name.is_empty() && name.bytes().all(|octet| octet.is_ascii_graphic());
    let clean = is_name && !text.contains(['\r', '\n', '\0']);
    if clean { Ok((name.to_owned(), value.trim().to_owned())) } else { Err(wrong()) }
}

/// RFC 3461 §4.1.
fn notify(text: &str) -> Result<String, Complaint> {
    let upper = text.to_ascii_uppercase();
    let known = |word: &str| matches!(word, "SUCCESS" | "FAILURE" | "DELAY");
    let good = upper == "NEVER" || (!upper.is_empty() && upper.split(',').all(known));
    good.then_some(upper).ok_or_else(|| {
        Complaint::value("--notify", text, "never, or some of success, failure, delay with commas between")
    })
}

/// RFC 3461 §4.4: at most 100 characters.
fn envid(text: &str) -> Result<String, Complaint> {
    let good = !text.is_empty() && text.len() <= 100 && text.bytes().all(|octet| octet.is_ascii_graphic());
    good.then(|| text.to_owned())
        .ok_or_else(|| Complaint::value("--envid", text, "at most 100 printable ASCII characters without spaces"))
}

fn mechanism(text: &str) -> Result<Mechanism, Complaint> {
    let upper = text.to_ascii_uppercase();
    Mechanism::from_name(upper.as_bytes()).ok_or_else(|| {
        let all: Vec<_> = Mechanism::ALL.iter().map(|mechanism| mechanism.name()).collect();
        Complaint::value("--auth", text, &format!("one of {}", all.join(", ")))
    })
}

fn stage(text: &str) -> Result<Stage, Complaint> {
    let lower = text.to_ascii_lowercase();
    let stage = Stage::named(&lower).filter(|stage| (Stage::Connect..=Stage::Data).contains(stage));
    stage.ok_or_else(|| {
        let needs = "a stage: connect, greeting, hello, starttls, auth, mail, rcpt or data";
        Complaint::value("--until", text, needs)
    })
}
