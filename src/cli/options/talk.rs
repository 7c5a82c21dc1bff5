//! The options of `ehlo talk`.

use std::path::PathBuf;

use clap::Args;

use super::reach::Reach;

pub(crate) const EXAMPLES: &str = "\
Examples:
  ehlo talk                                the lab, line by line; :help lists what a colon calls
  ehlo talk mail.example.org:587           a real server
  ehlo talk --width 40 mx2.harbor.test     lines of 40 columns at most, as for a braille display
  printf 'EHLO x.test\\r\\nQUIT\\r\\n' | ehlo talk 127.0.0.1:2525
                                           each line waits until the one before is answered
  printf 'EHLO x.test\\nQUIT\\n' | ehlo talk --json | jq -c .
                                           events, as ehlo run --json prints them";

/// With whom to talk.
#[derive(Debug, Clone, Args)]
pub struct Talk {
    /// As for ehlo connect; without it mx1.harbor.test of the lab.
    #[arg(value_name = "TARGET")]
    pub target: Option<String>,
    /// Print events as JSON, one object a line; notes, problems and prompts go to standard error.
    #[arg(long)]
    pub json: bool,
    /// Record the sessions to a new file that only you can read, for `ehlo open`; secrets are masked.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// How it is reached.
    #[command(flatten)]
    pub reach: Reach,
}
