//! The report of a bug: written only if the person says so, to a new file that only they can read.
//!
//! The terminal was given back before; the question stands under the farewell. Nothing is asked where nobody can answer.

use std::fmt::Display;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::files;
use crate::term::signals::{self, Asked, Signals};

/// Asks whether to write the report, and does what is answered. A signal that ends programs means no.
pub(super) async fn offer(report: &impl Display) {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return;
    }
    let Ok(mut signals) = Signals::new() else { return };
    forget_what_was_typed();
    let path = PathBuf::from(name());
    tell(&format!("Write a report, without a word of the session, to {}? y or Enter: ", path.display()));
    let mut answer = tokio::task::spawn_blocking(line);
    let agreed = loop {
        tokio::select! {
            biased;
            asked = signals.next() => match asked {
                Asked::End(_) => break false,
                Asked::Stop => signals::stop(),
                Asked::GoOn => {}
            },
            line = &mut answer => break line.is_ok_and(|line| is_yes(&line)),
        }
    };
    if agreed {
        tell(&write(path, &report.to_string()));
    }
}

/// Writes the report; what comes back says what became of it.
fn write(path: PathBuf, report: &str) -> String {
    match files::save(&path, report.as_bytes()) {
        Ok(()) => format!("Report: {}\n", std::path::absolute(&path).unwrap_or(path).display()),
        Err(error) => {
            format!("Cannot write {}: {error}. The line above is report enough. [file/open]\n", path.display())
        }
    }
}

/// What was typed before the question does not answer it.
fn forget_what_was_typed() {
    #[cfg(unix)]
    {
        let _ = rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush);
    }
}

/// A name that nobody has yet; `save` makes sure of it.
fn name() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("ehlo-bug-{}.txt", now.as_secs())
}

fn line() -> String {
    let mut line = String::new();
    // Whoever cannot answer has not agreed.
    let _ = io::stdin().lock().read_line(&mut line);
    line
}

fn is_yes(line: &str) -> bool {
    matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

fn tell(text: &str) {
    let mut out = io::stderr().lock();
    // There is no other place left to complain to.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_that_cannot_be_written_is_told_and_nothing_is_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ehlo-bug-1.txt");
        assert!(write(path.clone(), "one").starts_with("Report: /"));
        assert!(write(path.clone(), "two").contains("[file/open]"));
        assert_eq!(std::fs::read_to_string(path).expect("text"), "one");
    }

    #[test]
    fn only_a_plain_yes_is_one() {
        for yes in ["y\n", "Y\r\n", " yes \n"] {
            assert!(is_yes(yes), "{yes:?}");
        }
        for no in ["", "\n", "n\n", "yesterday\n", "MAIL FROM:<y@you.test>\n"] {
            assert!(!is_yes(no), "{no:?}");
        }
    }
}
