//! Explanations without a screen: what the arguments are, or what comes on standard input. Nothing is looked up anywhere.
//!
//! A log is read line by line in constant memory, whatever its size; anything else is read whole.

mod conversation;
mod legible;

use std::io::{self, BufRead, BufReader, IsTerminal as _, Read, Write as _};
use std::time::Instant;

use super::serve::Form;
use crate::events::Fold;
use crate::events::Seen;
use crate::knowledge::bounces;
use crate::knowledge::given::{self, Given, Unknown};
use crate::knowledge::log::{self, Digest};
use crate::record::foreign;
use crate::tape::Moment;
use crate::ui::explain::report::report;
use crate::ui::mailbox::told::told;

/// Octets that are taken at most: a letter that came back with another one in it.
pub const MOST: usize = 50 << 20;

/// Octets of a log that are read at a time, and by which it is recognised.
const BLOCK: usize = 256 << 10;
/// Octets of a line of a log; what is longer is no line, and its rest is not read as one.
const LINE: usize = 64 << 10;

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

/// Explains a text, or without one what is piped in, on standard output; `quiet` leaves out the notes on standard error.
pub fn run(text: Option<Vec<u8>>, form: Form, quiet: bool) -> Result<(), NotExplained> {
    let begun = Instant::now();
    let Some(text) = text.map_or_else(|| piped(form), |text| Ok(Some(text)))? else { return Ok(()) };
    if text.len() > MOST {
        return Err(NotExplained::TooMuch);
    }
    let text = legible::legible(text);
    let lines = text.trim_ascii().split(|octet| *octet == b'\n').count();
    if lines > 1 && log::begins(&text) {
        return tell_log(&digest(&mut text.as_slice())?, form, begun);
    }
    if let Some(entry) = log::entry(&text).filter(|_| log::is_line(&text)) {
        return tell(&entry.explained(), form, begun);
    }
    if text.trim_ascii().is_empty() {
        return Err(NotExplained::Empty);
    }
    let mut found = told(&text);
    let is_said = |given: &Given| matches!(given.what, "reply" | "text" | "status");
    if !found.iter().any(|given| given.what == "report") {
        found.splice(0..0, bounces::read(&text));
    } else if !found.iter().any(is_said)
        && let Some(last) = found.iter().rposition(|given| given.what == "recipient")
    {
        // A report whose fields do not say why; its words may.
        let rest = found.split_off(last + 1);
        found.extend(bounces::read(&text).into_iter().filter(is_said).chain(rest));
    }
    // A letter that tells of its way is one, whatever is quoted in it.
    let is_letter = found.iter().any(|given| given.what != "header");
    if !is_letter && let Ok(recording) = foreign::read(&text) {
        return conversation::tell(&recording, form, quiet, begun);
    }
    if found.is_empty() {
        found = given::read(&text).map_err(NotExplained::Unknown)?;
    }
    tell(&found, form, begun)
}

fn tell(found: &[Given], form: Form, begun: Instant) -> Result<(), NotExplained> {
    let mut stdout = io::stdout().lock();
    let mut fold = Fold::default();
    for (index, given) in found.iter().enumerate() {
        let text = match form {
            Form::Text => paragraph(index, given),
            Form::Json => fold.explained(given, None, Moment::START.after(begun.elapsed())).json(),
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

/// What is piped in; nothing if it was a log, which is told then.
fn piped(form: Form) -> Result<Option<Vec<u8>>, NotExplained> {
    let begun = Instant::now();
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return Err(NotExplained::Terminal);
    }
    let mut input = BufReader::with_capacity(BLOCK, stdin.lock());
    let head = input.fill_buf()?;
    let head = legible::uncoloured(head);
    if head.contains(&b'\n') && log::begins(legible::without_mark(&head)) {
        return tell_log(&digest(&mut input)?, form, begun).map(|()| None);
    }
    let mut text = Vec::new();
    input.take(MOST as u64 + 1).read_to_end(&mut text)?;
    Ok(Some(text))
}

/// Reads a log to its end.
fn digest(input: &mut impl BufRead) -> io::Result<Digest> {
    let mut digest = Digest::default();
    // The beginning of a line whose end is not there yet.
    let mut begun: Vec<u8> = Vec::new();
    loop {
        let block = match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            block => block?,
        };
        if block.is_empty() {
            break;
        }
        let mut rest = block;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let (line, behind) = rest.split_at(end);
            if begun.is_empty() {
                digest.push(&legible::uncoloured(line));
            } else {
                begun.extend_from_slice(line);
                digest.push(&legible::uncoloured(&begun));
                begun.clear();
            }
            rest = behind.get(1..).unwrap_or_default();
        }
        let room = LINE.saturating_sub(begun.len());
        begun.extend_from_slice(rest.get(..room).unwrap_or(rest));
        let read = block.len();
        input.consume(read);
    }
    if !begun.is_empty() {
        digest.push(&legible::uncoloured(&begun));
    }
    Ok(digest)
}

/// Tells what a log tells of: how it went in numbers, then each kind of reply with its meaning.
fn tell_log(digest: &Digest, form: Form, begun: Instant) -> Result<(), NotExplained> {
    let kinds = digest.kinds();
    let mut stdout = io::stdout().lock();
    let mut fold = Fold::default();
    if form == Form::Text {
        writeln!(stdout, "{}", digest.words())?;
    }
    for kind in kinds {
        let seen = Seen { count: kind.count, line: kind.line };
        for (index, given) in kind.explained().iter().enumerate() {
            let text = match form {
                Form::Text if index == 0 => format!("\n{}\n\n{}", kind.place(), report(given)),
                Form::Text => report(given),
                Form::Json => fold.explained(given, Some(seen), Moment::START.after(begun.elapsed())).json(),
            };
            stdout.write_all(text.as_bytes())?;
        }
    }
    stdout.flush()?;
    Ok(())
}
