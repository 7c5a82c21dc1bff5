//! `ehlo docs`: what the program knows of itself, printed from its own tables.

mod calls;
mod man;
mod nushell;

use std::io::{self, Write as _};

use clap::{Args, CommandFactory as _, Subcommand, ValueEnum};
use clap_complete::aot;

use super::complaint::Complaint;
use super::options::among::Among;
use super::options::{Call, Common};
use super::{configuration, usage};
use crate::command::print;
use crate::config;

pub(super) const EXAMPLES: &str = "\
Examples:
  ehlo docs config                         every setting: its default, its value, and where that comes from
  ehlo docs config > my.toml               a file of settings to begin with
  ehlo docs keys                           every key, as Markdown
  ehlo docs man connect > ehlo-connect.1   a manual page; without a command that of ehlo
  ehlo docs completions bash > ~/.local/share/bash-completion/completions/ehlo
  ehlo docs completions zsh > ~/.zfunc/_ehlo
  ehlo docs completions fish > ~/.config/fish/completions/ehlo.fish";

/// What is to be printed.
#[derive(Debug, Clone, Args)]
pub struct Docs {
    /// About what.
    #[command(subcommand)]
    pub topic: Topic,
}

/// About what.
#[derive(Debug, Clone, Subcommand)]
pub enum Topic {
    /// Every key, place by place, with what it does.
    Keys,
    /// What ehlo can be called with, and every command of the screen: its name, its keys, what it does.
    Commands,
    /// Every setting with its default, its value and where that comes from, as a file of settings.
    Config,
    /// A manual page in roff, of ehlo or of one of its commands.
    Man {
        /// The command, as connect.
        #[arg(value_name = "COMMAND", hide_possible_values = true, value_parser = Among::of(any, commands))]
        command: Option<String>,
    },
    /// What a shell needs to complete calls of ehlo.
    Completions {
        /// The shell.
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
}

/// A shell that completes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// bash.
    Bash,
    /// zsh.
    Zsh,
    /// fish.
    Fish,
    /// PowerShell.
    Powershell,
    /// elvish.
    Elvish,
    /// Nushell.
    Nushell,
}

/// Any word; what is no command is told with the nearest one.
#[expect(clippy::unnecessary_wraps, reason = "a parser gives a result")]
fn any(word: &str) -> Result<String, std::convert::Infallible> {
    Ok(word.to_owned())
}

fn commands() -> Vec<String> {
    Call::command().get_subcommands().map(|command| command.get_name().to_owned()).collect()
}

/// Prints it; what comes back is the exit code.
pub(super) fn tell(docs: &Docs, common: &Common) -> Result<u8, Complaint> {
    let configuration = configuration::read(common, None)?;
    let keymap = &configuration.config.keymap;
    let text = match &docs.topic {
        Topic::Keys => print::keys(keymap).into_bytes(),
        Topic::Commands => format!("{}\n{}\n{}", calls::text(), calls::ON_SCREEN, print::commands(keymap)).into_bytes(),
        Topic::Config => {
            let file = configuration.file.as_deref().map(usage::shown);
            config::print::text(&configuration.config, file.as_deref()).into_bytes()
        }
        Topic::Man { command } => man::page(command.as_deref())?,
        Topic::Completions { shell } => completions(*shell),
    };
    print(&text)
}

fn completions(shell: Shell) -> Vec<u8> {
    let mut out = Vec::new();
    let kind = match shell {
        Shell::Bash => aot::Shell::Bash,
        Shell::Zsh => aot::Shell::Zsh,
        Shell::Fish => aot::Shell::Fish,
        Shell::Powershell => aot::Shell::PowerShell,
        Shell::Elvish => aot::Shell::Elvish,
        Shell::Nushell => return nushell::text(&built()).into_bytes(),
    };
    aot::generate(kind, &mut Call::command(), "ehlo", &mut out);
    out
}

/// Every command with the options that it takes from the whole.
fn built() -> clap::Command {
    let mut call = Call::command();
    call.build();
    call
}

/// Puts it on standard output. A reader that has gone away needs no complaint.
fn print(text: &[u8]) -> Result<u8, Complaint> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let what = format!("Standard output failed: {error}.");
            Err(Complaint::new("file/write", 2, what, "Choose another place for it."))
        }
        _ => Ok(0),
    }
}
