//! One page of HTML: headings and lists, an anchor for each line, no script and nothing from elsewhere.
//!
//! Everything that a stranger wrote is text of an element and escaped there (HTML, "13.1.2 Elements"); no attribute holds
//! any of it. The page forbids itself all resources, so that even what slipped through would load and run nothing.

use std::fmt::Write as _;

use super::page::{Line, Page};

const STYLE: &str = "\
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
ol{list-style:none;padding:0}li{padding:.3rem 0 .3rem .6rem;border-left:.25rem solid #8888}li.c{border-color:#2a7ae2}\
li.s{border-color:#2e9e5b}li.problem{border-color:#d33}code{font-family:ui-monospace,monospace;white-space:pre-wrap;\
overflow-wrap:anywhere}p{margin:0 0 0 2rem}.number,time{opacity:.75;font-size:.85em;margin-right:.5em}\
@media print{body{max-width:none;margin:0}a{color:inherit;text-decoration:none}li{break-inside:avoid}}";

/// The recording as a page.
pub fn print(page: &Page) -> String {
    let title = page.model.sessions().first().map(|session| page.heading(session)).unwrap_or_default();
    let mut out = String::from("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    out.push_str(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n",
    );
    out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    let _ = writeln!(out, "<title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>", escaped(&title));
    for (place, session) in page.model.sessions().iter().enumerate() {
        // Of one session the anchors are #l1, #l2 …; of a second one #s2-l1.
        let anchor = if place == 0 { String::new() } else { format!("s{}-", place + 1) };
        let level = if place == 0 { "h1" } else { "h2" };
        let _ = writeln!(out, "<{level}>{}</{level}>\n<ol>", escaped(&page.heading(session)));
        for line in page.lines(session) {
            put(&mut out, &anchor, &line);
        }
        out.push_str("</ol>\n");
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn put(out: &mut String, anchor: &str, line: &Line) {
    let class = match (line.problem, line.who) {
        (true, _) => "problem",
        (false, "C:") => "c",
        (false, "S:") => "s",
        (false, _) => "e",
    };
    let id = format!("{anchor}l{}", line.number);
    let _ = write!(
        out,
        "<li id=\"{id}\" class=\"{class}\"><a class=\"number\" href=\"#{id}\">{}</a> <time>{}</time> <code>{} {}</code>",
        line.number,
        line.clock,
        line.who,
        escaped(&line.text)
    );
    let mark = if line.problem { "! " } else { "" };
    if !line.note.is_empty() {
        let _ = write!(out, "<p>{mark}{}</p>", escaped(&line.note));
    }
    for odd in &line.odd {
        let _ = write!(out, "<p>{}</p>", escaped(odd));
    }
    out.push_str("</li>\n");
}

/// A text as that of an element, of HTML or XML.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
