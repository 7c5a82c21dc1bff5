//! Explanations without a screen: what the arguments are, or what comes on standard input. Nothing is looked up anywhere.

use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::time::Instant;

use super::serve::Form;
use crate::events::Fold;
use crate::knowledge::given::{self, Given, Unknown};
use crate::tape::Moment;
use crate::ui::explain::report::report;
use crate::ui::mailbox::told::told;

/// Octets that are taken at most: a letter that came back with another one in it.
pub const MOST: usize = 50 << 20;

/// Why nothing was explained.
#[derive(Debug, thiserror::Error)]
pub enum NotExplained {
    /// Nobody pipes anything in.
    #[error("Nothing was given, and standard input is the terminal")]
    Terminal,
    /// There is nothing but white space.
    #[error("Nothing was given: the text is empty")]
    Empty,
    /// There is too much.
    #[error("At most {MOST} octets are taken, and there are more")]
    TooMuch,
    /// Nothing is known of it.
    #[error("{}", .0.why.trim_end_matches('.'))]
    Unknown(Unknown),
    /// The system refused.
    #[error("Standard input or output failed: {0}")]
    System(#[from] io::Error),
}

/// Explains a text, or without one what is piped in, on standard output.
pub fn run(text: Option<Vec<u8>>, form: Form) -> Result<(), NotExplained> {
    let begun = Instant::now();
    let text = text.map_or_else(piped, Ok)?;
    if text.len() > MOST {
        return Err(NotExplained::TooMuch);
    }
    if text.trim_ascii().is_empty() {
        return Err(NotExplained::Empty);
    }
    let mut found = told(&text);
    if found.is_empty() {
        found = given::read(&text).map_err(NotExplained::Unknown)?;
    }
    let mut stdout = io::stdout().lock();
    let mut fold = Fold::default();
    for (index, given) in found.iter().enumerate() {
        let text = match form {
            Form::Text => paragraph(index, given),
            Form::Json => fold.explained(given, Moment::START.after(begun.elapsed())).json(),
        };
        stdout.write_all(text.as_bytes())?;
    }
    stdout.flush()?;
    Ok(())
}

/// One explanation after the other, with a line between them.
fn paragraph(index: usize, given: &Given) -> String {
    let line = if index > 0 { format!("\n{}\n\n", "-".repeat(20)) } else { String::new() };
    line + &report(given)
}

fn piped() -> Result<Vec<u8>, NotExplained> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return Err(NotExplained::Terminal);
    }
    let mut text = Vec::new();
    stdin.lock().take(MOST as u64 + 1).read_to_end(&mut text)?;
    Ok(text)
}
