//! Plain text of 80 columns: for tickets, and mail to a colleague. Times are UTC, and no codes for a terminal are in it.
//!
//! ```text
//! # ehlo 0.1.0, LAB offline, mx1.harbor.test:25, 2026-03-01 09:12:00 UTC
//!
//!    2 09:12:00.006 S: 220 mx1.harbor.test ESMTP Harbor Post
//!                        ready: the server speaks first and gives its name
//! ```

use std::fmt::Write as _;

use super::page::{Line, Page, wrap};

/// Columns of the page.
const COLUMNS: usize = 80;
/// Columns before the text: number, time, who.
const BEFORE: usize = 21;
/// Columns before what is said of it: its own, so that nobody takes that for the rest of a long text.
const SAID: usize = BEFORE + 2;

/// The recording as text.
pub fn print(page: &Page) -> String {
    let mut out = String::new();
    for session in page.model.sessions() {
        if !out.is_empty() {
            out.push('\n');
        }
        for line in wrap(&page.heading(session), COLUMNS - 2) {
            let _ = writeln!(out, "# {line}");
        }
        out.push('\n');
        for line in page.lines(session) {
            put(&mut out, &line);
        }
    }
    out
}

fn put(out: &mut String, line: &Line) {
    let mut before = format!("{:>4} {} {} ", line.number, line.clock, line.who);
    for text in wrap(&line.text, COLUMNS - BEFORE) {
        let _ = writeln!(out, "{}", format!("{before}{text}").trim_end());
        before = " ".repeat(BEFORE);
    }
    let mark = if line.problem { "! " } else { "" };
    let note = (!line.note.is_empty()).then(|| format!("{mark}{}", line.note));
    for said in note.iter().chain(&line.odd) {
        for text in wrap(said, COLUMNS - SAID) {
            let _ = writeln!(out, "{:SAID$}{text}", "");
        }
    }
}
