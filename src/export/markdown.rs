//! Markdown (GitHub's): what was said in a code block, then a table of the lines and what they mean.
//!
//! What a stranger wrote stands in code only: there it is neither a link nor a name that somebody is told of.

use std::fmt::Write as _;

use super::page::Page;

/// The recording as Markdown.
pub fn print(page: &Page) -> String {
    let mut out = String::new();
    for session in page.model.sessions() {
        if !out.is_empty() {
            out.push('\n');
        }
        let lines: Vec<_> = page.lines(session).collect();
        let _ = writeln!(out, "## {}\n", escaped(&page.heading(session)));
        let fence = "`".repeat(lines.iter().map(|line| longest_ticks(&line.text)).max().unwrap_or(0).max(2) + 1);
        let _ = writeln!(out, "{fence}text");
        for line in &lines {
            let _ = writeln!(out, "{} {} {}", line.clock, line.who, line.text);
        }
        let _ = writeln!(out, "{fence}\n\n| Line | Meaning |\n| --- | --- |");
        for line in &lines {
            let mark = if line.problem { "**!** " } else { "" };
            let said = [std::slice::from_ref(&line.note), &line.odd].concat();
            let said: Vec<_> = said.iter().filter(|said| !said.is_empty()).map(|said| escaped(said)).collect();
            let _ = writeln!(out, "| {} | {mark}{} |", code(&format!("{} {}", line.who, line.text)), said.join("<br>"));
        }
    }
    out
}

/// A text as code in a cell of a table.
fn code(text: &str) -> String {
    let fence = "`".repeat(longest_ticks(text) + 1);
    format!("{fence} {} {fence}", text.replace('|', "\\|"))
}

fn longest_ticks(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}

/// A text whose signs mean themselves.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '#') {
            out.push('\\');
        }
        out.push(character);
        // No name is told of this.
        if character == '@' {
            out.push_str("<!-- -->");
        }
    }
    out
}
