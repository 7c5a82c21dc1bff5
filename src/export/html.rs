//! One page of HTML: headings and lists, an anchor for each line, no script and nothing from elsewhere.
//!
//! A line opens: what it means, what to do, where that stands, and its octets. All open on paper, and where the browser
//! can do it by a box to tick.
//!
//! Everything that a stranger wrote is text of an element and escaped there (HTML, "13.1.2 Elements"); no attribute holds
//! any of it. The page forbids itself all resources, so that even what slipped through would load and run nothing.

use std::fmt::Write as _;

use super::page::{Line, Page};
use crate::dialogue::row::{Row, RowId};
use crate::knowledge::explanation::Explanation;
use crate::safe;
use crate::session::Session;
use crate::session::transcript::NO_CLOCK;

/// Octets of a line that are shown in hex.
const OCTETS: usize = 512;

const STYLE: &str = "\
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
ol{list-style:none;padding:0}li{padding:.3rem 0 .3rem .6rem;border-left:.25rem solid #8888}li.c{border-color:#2a7ae2}\
li.s{border-color:#2e9e5b}li.problem{border-color:#d33}code{font-family:ui-monospace,monospace;white-space:pre-wrap;\
overflow-wrap:anywhere}h1,h2{font-size:1.4em;text-wrap:balance}.note{display:block;margin-left:2rem}\
.more{margin:.3rem 0 .6rem 2rem;padding-left:.8rem;border-left:1px solid #8888}.more p{margin:.2rem 0}\
.number{display:inline-block;min-width:2em;text-align:right}.number,time{opacity:.75;font-size:.85em;margin-right:.5em}\
body:has(#all:checked) details::details-content{content-visibility:visible;block-size:auto}\
@supports not selector(::details-content){.all{display:none}}\
@media print{body{max-width:none;margin:0}a{color:inherit;text-decoration:none}li{break-inside:avoid}.all{display:none}\
details::details-content{content-visibility:visible;block-size:auto}}";

/// The recording as a page.
pub fn print(page: &Page) -> String {
    let title = page.model.sessions().first().map(|session| page.heading(session)).unwrap_or_default();
    let mut out = String::from("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    out.push_str(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n",
    );
    out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    let _ = writeln!(out, "<title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>", escaped(&title));
    out.push_str("<p class=\"all\"><label><input type=\"checkbox\" id=\"all\"> open all lines</label></p>\n");
    for (place, session) in page.model.sessions().iter().enumerate() {
        // Of one session the anchors are #l1, #l2 …; of a second one #s2-l1.
        let anchor = if place == 0 { String::new() } else { format!("s{}-", place + 1) };
        let level = if place == 0 { "h1" } else { "h2" };
        let _ = writeln!(out, "<{level}>{}</{level}>\n<ol>", escaped(&page.heading(session)));
        for line in page.lines(session) {
            put(&mut out, &anchor, session, &line);
        }
        out.push_str("</ol>\n");
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn put(out: &mut String, anchor: &str, session: &Session, line: &Line) {
    let class = match (line.problem, line.who) {
        (true, _) => "problem",
        (false, "C:") => "c",
        (false, "S:") => "s",
        (false, _) => "e",
    };
    let id = format!("{anchor}l{}", line.number);
    let _ = write!(
        out,
        "<li id=\"{id}\" class=\"{class}\"><details><summary><a class=\"number\" href=\"#{id}\">{}</a> {} \
         <code>{} {}</code>",
        line.number,
        time(&line.clock),
        line.who,
        escaped(&line.text)
    );
    let mark = if line.problem { "! " } else { "" };
    if !line.note.is_empty() {
        let _ = write!(out, "<span class=\"note\">{mark}{}</span>", escaped(&line.note));
    }
    for odd in &line.odd {
        let _ = write!(out, "<span class=\"note\">{}</span>", escaped(odd));
    }
    out.push_str("</summary>\n<div class=\"more\">\n");
    let id = RowId(line.number.saturating_sub(1));
    if let Some(meaning) = session.explain(id) {
        explain(out, &meaning);
    }
    octets(out, session, id);
    out.push_str("</div></details></li>\n");
}

/// A time of day; one that nobody knows is no time to a browser.
fn time(clock: &str) -> String {
    if clock == NO_CLOCK { format!("<span>{clock}</span>") } else { format!("<time>{clock}</time>") }
}

/// What a line means in full.
fn explain(out: &mut String, meaning: &Explanation) {
    let shown = |text: &str| escaped(safe::plain(text.as_bytes()).as_str());
    let _ = writeln!(out, "<p><strong>{}</strong>, {}</p>", shown(&meaning.title), shown(&meaning.subtitle));
    for paragraph in meaning.body.iter().chain(&meaning.more) {
        let label = if paragraph.label.is_empty() { String::new() } else { format!("{}: ", shown(&paragraph.label)) };
        let _ = writeln!(out, "<p>{label}{}</p>", shown(&paragraph.text));
    }
    for step in &meaning.next {
        let _ = write!(out, "<p>Do: {}", shown(&step.text));
        if let Some(command) = &step.command {
            let _ = write!(out, " <code>{}</code>", shown(command));
        }
        out.push_str("</p>\n");
    }
    if !meaning.cites.is_empty() {
        let cites: Vec<String> = meaning.cites.iter().map(|cite| shown(cite.as_str())).collect();
        let _ = writeln!(out, "<p>{}</p>", cites.join(", "));
    }
}

/// The octets of a line in hex; where some must not be shown, asterisks.
fn octets(out: &mut String, session: &Session, id: RowId) {
    let Some(span) = session.dialogue().row(id).and_then(Row::span) else { return };
    let (line, _) = session.without_secrets(span);
    let shown: Vec<String> = line.iter().take(OCTETS).map(|octet| format!("{octet:02x}")).collect();
    let rest = line.len().saturating_sub(OCTETS);
    let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    let _ = writeln!(out, "<p>{} octets: <code>{}</code>{rest}</p>", line.len(), shown.join(" "));
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
