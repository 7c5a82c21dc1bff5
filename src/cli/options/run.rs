//! The options of `ehlo run`.

use std::path::PathBuf;

use clap::Args;

use super::super::complaint::Complaint;
use super::reach::Reach;
use crate::script::read::SECRETS;
use crate::script::text::is_name;
use crate::smtp::flaw::FlawKind;
use crate::smtp::line::breaks;
use crate::smtp::stage::Stage;

/// Examples for its help.
pub(super) const EXAMPLES: &str = "\
A script is text, one step a line:

  connect submit.you.test    # or host:port, tls://…, mx:domain, lmtp://…, unix:/path
  < 220                      # a whole reply: code, enhanced code, /pattern/
  > EHLO {helo}
  < 250 /STARTTLS/
  tls                        # STARTTLS and the handshake, verified
  > EHLO {helo}
  auth PLAIN mina            # the secret is asked for, or from --password-file
  > MAIL FROM:<mina@you.test>
  > RCPT TO:<{to}>
  data <<.
  Subject: {subject}

  Hello.
  .
  set id = /queued as (\\S+)/i
  > QUIT

Behind > all goes as it stands, once all before it is answered. A refusal that no < expects ends the run. A script that begins with listen is a server, to test a client with:

  listen 127.0.0.1:2525              # this machine alone; port 0, or nothing, is a free one
  > 220 mx.example.test ESMTP
  < EHLO                             # the client's line: how it begins, or /pattern/
  > 250 mx.example.test
  < QUIT
  > 221 bye

ehlo run --language says all that can be written.

Examples:
  ehlo run letter.smtp --var to=pat@harbor.test --var subject=Hello
                                           play it, and show the conversation with what it means
  ehlo run - < letter.smtp                 the script comes from standard input
  ehlo run letter.smtp --dry-run           show what would be sent; nothing is
  ehlo run letter.smtp --until rcpt        stop behind RCPT, with QUIT; --drop-after without it
  ehlo run letter.smtp --json | jq -c .    events; the last one tells stage and exit code
  ehlo run server.smtp --timeout 300       wait five minutes for a client, and for each of its lines
  ehlo run login.smtp --password-command 'pass show mail'
                                           what auth sends to a real server

Exit codes: 0 all as the script wants, 1 not as it expects, 2 the script or the command line, 3 DNS or connection,
4 TLS or certificate, 5 refused, 6 time-out, 7 policy.";

/// A script, and how it is played.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Debug, Clone, Default, Args)]
pub struct Run {
    /// The script; `-` reads standard input.
    #[arg(value_name = "SCRIPT", required_unless_present = "language")]
    pub script: Option<PathBuf>,
    /// Print events as JSON, one object a line.
    #[arg(long)]
    pub json: bool,
    /// Give a variable its value: {name} in the script stands for it; may be given more than once.
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable)]
    pub variables: Vec<(String, String)>,
    /// Show what would be sent, and connect nowhere.
    #[arg(long)]
    pub dry_run: bool,
    /// Stop behind this stage, with QUIT: connect, greeting, hello, starttls, auth, mail, rcpt, data, final.
    #[arg(long, value_name = "STAGE", value_parser = until)]
    pub until: Option<Stage>,
    /// Stop behind this stage and close the connection without a word.
    #[arg(long, value_name = "STAGE", value_parser = drop_after)]
    pub drop_after: Option<Stage>,
    /// You run the servers of this script, or may test them: the limits for those of others do not count.
    #[arg(long)]
    pub i_run_this_server: bool,
    /// Record the sessions to a new file that only you can read, for `ehlo open`; secrets are masked.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Write the authority of a script that listens, which its certificates need, to a new PEM file.
    #[arg(long, value_name = "FILE")]
    pub peer_ca: Option<PathBuf>,
    /// Ask nothing: where no option gives the secret of a login, the run ends.
    #[arg(long)]
    pub no_input: bool,
    /// Print all that can be written in a script.
    #[arg(long)]
    pub language: bool,
    /// How servers are reached.
    #[command(flatten)]
    pub reach: Reach,
}

fn until(text: &str) -> Result<Stage, Complaint> {
    stage("--until", text)
}

fn drop_after(text: &str) -> Result<Stage, Complaint> {
    stage("--drop-after", text)
}

fn stage(option: &str, text: &str) -> Result<Stage, Complaint> {
    let words: Vec<_> = Stage::ALL.iter().map(|stage| stage.word()).collect();
    Stage::named(text).ok_or_else(|| Complaint::value(option, text, &format!("a stage: {}", words.join(", "))))
}

fn variable(text: &str) -> Result<(String, String), Complaint> {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    // What stands behind such a name is not repeated.
    if SECRETS.contains(&name) {
        let what = format!("--var {name} would be a secret on the command line, where ps and shell history show it.");
        let next = "A secret may only be used in AUTH: write auth PLAIN USER, and give --password-file or its like.";
        return Err(Complaint::new("redact/script", 2, what, next));
    }
    if !text.contains('=') || !is_name(name) {
        return Err(Complaint::value("--var", text, "a name in small letters and a value, as to=pat@harbor.test"));
    }
    if breaks(value) {
        let what = format!("The value of {{{name}}} holds a line break; it would become a second command. Not sent.");
        let next = "Take the line break out of it, or write the lines in the script.";
        return Err(Complaint::new(FlawKind::LineBreakInField.id(), 2, what, next));
    }
    Ok((name.to_owned(), value.to_owned()))
}
