//! `ehlo docs`: what the program knows of itself, printed from its own tables.

use std::io::{self, Write as _};

use clap::{Args, Subcommand};

use super::complaint::Complaint;
use super::options::Common;
use super::{configuration, usage};
use crate::config;

pub(super) const EXAMPLES: &str = "\
Examples:
  ehlo docs config                         every setting: its default, its value, and where that comes from
  ehlo docs config > my.toml               a file of settings to begin with";

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
    /// Every setting with its default, its value and where that comes from, as a file of settings.
    Config,
}

/// Prints it; what comes back is the exit code.
pub(super) fn tell(docs: &Docs, common: &Common) -> Result<u8, Complaint> {
    let text = match docs.topic {
        Topic::Config => {
            let configuration = configuration::read(common, None)?;
            let file = configuration.file.as_deref().map(usage::shown);
            config::print::text(&configuration.config, file.as_deref())
        }
    };
    print(text.as_bytes())
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
