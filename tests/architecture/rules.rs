//! The rules, each a function from a source file to findings.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::reading::{Source, UseAs};
use crate::table::{CLOSED, CRATES, DIALING, LAB_MAY_USE_OF_NET, MAIN_USES, MODULES, NAME_SERVER, ROOMS};

/// No file is longer.
const LONGEST_FILE: usize = 500;

/// Something that the plan does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    file: PathBuf,
    line: usize,
    what: String,
}

impl Finding {
    /// What is wrong in a line of a file.
    pub(crate) fn new(file: &Path, line: usize, what: String) -> Self {
        Self { file: file.to_owned(), line, what }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {}:{}: {}", self.file.display(), self.line, self.what)
    }
}

/// One finding a line is enough, however often the line offends.
fn unique(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.dedup();
    findings
}

fn finding(source: &Source, line: usize, what: String) -> Finding {
    Finding { file: source.file.clone(), line, what }
}

/// Ring rule: `crate::` paths name only what the table allows.
pub(crate) fn edges(source: &Source) -> Vec<Finding> {
    let Some(from) = source.module.first() else { return Vec::new() };
    let own_ring = MODULES.iter().find(|row| row.name == from).map_or(4, |row| row.ring);
    let allowed = MODULES.iter().find(|row| row.name == from).map_or(MAIN_USES, |row| row.uses);
    let mut findings = Vec::new();
    for mention in &source.mentions {
        let [first, to, ..] = mention.path.as_slice() else { continue };
        if first != "crate" || to == from {
            continue;
        }
        if to == "*" {
            findings.push(finding(source, mention.line, "`use crate::*` hides what is used; name it".to_owned()));
            continue;
        }
        let Some(row) = MODULES.iter().find(|row| row.name == to) else { continue };
        // Tests may lean on anything that is not further out.
        let fine = allowed.contains(&row.name) || (mention.test && row.ring <= own_ring);
        if !fine {
            let what = format!(
                "`{from}` (ring {own_ring}) may not use `crate::{to}` (ring {}): it may use {}",
                row.ring,
                words(allowed)
            );
            findings.push(finding(source, mention.line, what));
        }
        if from == "lab" && to == "net" && !mention.test && !is_one_of(&mention.path[1..], LAB_MAY_USE_OF_NET) {
            let what = format!("the lab cannot dial out: of `net` it may use only {}", words(LAB_MAY_USE_OF_NET));
            findings.push(finding(source, mention.line, what));
        }
    }
    unique(findings)
}

/// Foreign crates are named only where the table says.
pub(crate) fn crates(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for mention in &source.mentions {
        let [name, _, ..] = mention.path.as_slice() else { continue };
        let Some((_, allowed)) = CRATES.iter().find(|(listed, _)| listed == name) else { continue };
        if allowed.contains(&"*") || in_one_of(source, allowed) {
            continue;
        }
        let what = format!("`{name}` may be named only in {}", words(allowed));
        findings.push(finding(source, mention.line, what));
    }
    unique(findings)
}

/// Clocks, sockets, printing, lossy text: each has its room.
pub(crate) fn rooms(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for mention in &source.mentions {
        for room in ROOMS {
            let named = contains(&mention.path, room.name);
            if named && !(room.tests && mention.test) && !in_one_of(source, room.allowed) {
                let what = format!("`{}` belongs to {}: {}", room.name, words(room.allowed), room.instead);
                findings.push(finding(source, mention.line, what));
            }
        }
    }
    unique(findings)
}

/// Whole subtrees that only some modules may enter.
pub(crate) fn closed(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for mention in source.mentions.iter().filter(|mention| !mention.test) {
        for (subtree, allowed, why) in CLOSED {
            if starts_with(&mention.path, subtree) && !in_one_of(source, allowed) {
                let what = format!("`{subtree}` belongs to {}: {why}", words(allowed));
                findings.push(finding(source, mention.line, what));
            }
        }
    }
    unique(findings)
}

/// The lab's name server answers; it never calls.
pub(crate) fn dialing(source: &Source) -> Vec<Finding> {
    if !in_one_of(source, &[NAME_SERVER]) {
        return Vec::new();
    }
    let calls = source.mentions.iter().filter(|mention| mention.use_as == UseAs::Method && !mention.test);
    let dials = calls.filter(|call| call.path.last().is_some_and(|name| DIALING.contains(&name.as_str())));
    dials.map(|call| finding(source, call.line, "the lab's name server answers and never calls".to_owned())).collect()
}

/// ratatui lets bidi and invisible characters through `Span`, `Line` and `Text`: outside `ui` these are made of text
/// that stands in the code, or of what the gate returned.
pub(crate) fn spans(source: &Source) -> Vec<Finding> {
    const MAKERS: &[&str] = &[
        "Span::raw",
        "Span::styled",
        "Span::from",
        "Line::raw",
        "Line::styled",
        "Text::raw",
        "Text::styled",
        "Text::from",
    ];
    if in_one_of(source, &["ui"]) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for mention in &source.mentions {
        let made = mention.use_as == UseAs::Call
            && starts_with(&mention.path, "ratatui")
            && MAKERS.iter().any(|maker| ends_with(&mention.path, maker));
        let cell = mention.use_as == UseAs::Method && mention.path == ["set_symbol"];
        if (made || cell) && !mention.test {
            let what = format!(
                "`{}` with computed text: outside `ui`, text for the screen is made by `ui` from SafeText",
                mention.path.join("::")
            );
            findings.push(finding(source, mention.line, what));
        }
    }
    unique(findings)
}

/// A test that is not run by default says why.
pub(crate) fn ignores(source: &Source) -> Vec<Finding> {
    source
        .ignores
        .iter()
        .filter(|ignore| !ignore.has_reason)
        .map(|ignore| finding(source, ignore.line, "write #[ignore = \"why\"]".to_owned()))
        .collect()
}

/// One concept a file, `foo.rs` beside `foo/`.
pub(crate) fn shape(file: &Path, lines: usize) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |line, what| findings.push(Finding { file: file.to_owned(), line, what });
    if lines > LONGEST_FILE {
        add(lines, format!("{lines} lines; split it at {LONGEST_FILE} at the latest, one concept a file"));
    }
    if file.file_name().is_some_and(|name| name == "mod.rs") {
        add(1, "no mod.rs: `foo.rs` stands beside `foo/`".to_owned());
    }
    findings
}

/// True if the file's module is one of these or lies under one of them.
fn in_one_of(source: &Source, modules: &[&str]) -> bool {
    is_one_of(&source.module, modules)
}

fn is_one_of(path: &[String], modules: &[&str]) -> bool {
    modules.iter().any(|module| starts_with(path, module))
}

fn starts_with(path: &[String], name: &str) -> bool {
    let name: Vec<&str> = name.split("::").collect();
    path.len() >= name.len() && path.iter().zip(&name).all(|(a, b)| a == b)
}

fn ends_with(path: &[String], name: &str) -> bool {
    let name: Vec<&str> = name.split("::").collect();
    path.len() >= name.len() && path.iter().rev().zip(name.iter().rev()).all(|(a, b)| a == b)
}

/// True if the name stands anywhere in the path: `TcpStream` in `tokio::net::TcpStream::connect`.
fn contains(path: &[String], name: &str) -> bool {
    let name: Vec<&str> = name.split("::").collect();
    path.windows(name.len()).any(|window| window.iter().zip(&name).all(|(a, b)| a == b))
}

fn words(names: &[&str]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::read;

    fn source(module: &str, text: &str) -> Source {
        let path: Vec<String> = module.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
        read(Path::new("snippet.rs"), path, text)
    }

    /// How many findings a rule has for a snippet that stands in `module`.
    fn count(rule: fn(&Source) -> Vec<Finding>, module: &str, text: &str) -> usize {
        rule(&source(module, text)).len()
    }

    #[test]
    fn an_inner_ring_may_not_use_an_outer_one() {
        for offence in [
            "use crate::net::dial;",
            "use crate::{tape, net};",
            "use super::super::net::dial;",
            "fn f() { crate::net::dial() }",
            "fn f() { let v = vec![crate::net::dial()]; }",
            "fn f() { tokio::select! { x = crate::net::dial() => x } }",
            "use crate as house; fn f() { house::net::dial() }",
            "impl From<crate::net::Dial> for u8 {}",
            "use crate::*;",
        ] {
            assert!(count(edges, "smtp::line", offence) > 0, "not found: {offence}");
        }
    }

    #[test]
    fn allowed_edges_words_in_comments_and_own_modules_pass() {
        for fine in [
            "use crate::tape::Span;",
            "//! See crate::net.\nuse super::flaw::FlawKind;",
            "/// Not like [`crate::net`].\nfn f() -> &'static str { \"crate::net::dial\" }",
            "use crate::dialogue::Phase;",
        ] {
            assert_eq!(count(edges, "dialogue::fold", fine), 0, "{fine}");
        }
    }

    #[test]
    fn siblings_need_a_row_but_tests_may_lean_inwards() {
        assert_eq!(count(edges, "tape", "use crate::smtp::line;"), 1);
        assert_eq!(count(edges, "tape", "#[cfg(test)] mod tests { use crate::smtp::line; }"), 0);
        assert_eq!(count(edges, "tape", "#[cfg(test)] mod tests { use crate::net::dial; }"), 1);
    }

    #[test]
    fn the_lab_sees_no_dialer() {
        assert_eq!(count(edges, "lab::world", "use crate::net::dial::Dialer;"), 1);
        assert_eq!(count(edges, "lab::world", "use crate::net::tls::Witness;"), 0);
        assert_eq!(count(rooms, "lab::node", "use tokio::net::TcpStream;"), 1);
        assert_eq!(count(rooms, "lab::node", "use tokio::net as n; fn f() { n::TcpStream::connect(1); }"), 1);
        assert_eq!(count(rooms, "lab::node", "use std::net::UdpSocket;"), 1);
        assert_eq!(count(rooms, "lab::nameserver", "use tokio::net::UdpSocket;"), 0);
        assert_eq!(count(dialing, "lab::nameserver::server", "fn f(s: S) { s.connect(1); }"), 1);
    }

    #[test]
    fn crates_are_found_under_any_name() {
        for offence in [
            "use tokio::time;",
            "use tokio as t; fn f() { t::spawn(1); }",
            "fn f() { tokio::spawn(1); }",
            "#[tokio::main] fn f() {}",
            "#[derive(clap::Parser)] struct S;",
            "fn f() { assert!(tokio::runtime::Handle::current()); }",
            "macro_rules! m { () => { tokio::spawn() } }",
        ] {
            assert!(count(crates, "app", offence) > 0, "not found: {offence}");
        }
        assert_eq!(count(crates, "net::pump", "use tokio::time;"), 0);
        assert_eq!(count(crates, "app", "use std::time; fn f() -> time::Duration { time::Duration::ZERO }"), 0);
        assert_eq!(count(crates, "app", "mod time; fn f() { time::draw() }"), 0);
    }

    #[test]
    fn only_term_names_crossterm_even_through_ratatui() {
        assert_eq!(count(crates, "input", "use crossterm::event::KeyCode;"), 1);
        assert_eq!(count(crates, "term::guard", "use crossterm::event::KeyCode;"), 0);
        assert_eq!(count(closed, "input", "use ratatui::crossterm::event::KeyCode;"), 1);
        assert_eq!(count(closed, "input", "use ratatui as r; fn f() { r::crossterm::terminal::size(); }"), 1);
    }

    #[test]
    fn clocks_are_found_under_any_name() {
        for offence in [
            "fn f() { std::time::Instant::now(); }",
            "use std::time::Instant as Clock; fn f() { Clock::now(); }",
            "use std::time::SystemTime; fn f() { g(SystemTime::now); }",
            "fn f() { println!(\"{:?}\", std::time::Instant::now()); }",
            "use tokio::time::{self, Instant}; fn f() { time::Instant::now(); }",
        ] {
            let found = rooms(&source("engine::client", offence));
            assert!(found.iter().any(|f| f.what.contains("::now")), "not found: {offence}");
        }
        assert_eq!(count(rooms, "net::pump", "fn f() { std::time::Instant::now(); }"), 0);
        assert_eq!(count(rooms, "app", "fn f(i: std::time::Instant) { i.elapsed(); }"), 0);
    }

    #[test]
    fn printing_and_lossy_text_stay_where_they_belong() {
        assert_eq!(count(rooms, "app", "fn f() { println!(\"x\"); }"), 1);
        assert_eq!(count(rooms, "app", "fn f() { std::eprintln!(\"x\"); }"), 1);
        assert_eq!(count(rooms, "app", "use std::io; fn f() { io::stdout().flush(); }"), 1);
        assert_eq!(count(rooms, "cli::help", "fn f() { println!(\"x\"); }"), 0);
        assert_eq!(count(rooms, "app", "#[test] fn t() { println!(\"x\"); }"), 0);
        assert_eq!(count(rooms, "ui", "fn f(b: &[u8]) { String::from_utf8_lossy(b); }"), 1);
        assert_eq!(count(rooms, "ui", "fn f(b: &[u8]) { format!(\"{}\", String::from_utf8_lossy(b)); }"), 1);
        assert_eq!(count(rooms, "safe", "fn f(b: &[u8]) { String::from_utf8_lossy(b); }"), 0);
        assert_eq!(count(closed, "app", "use std::fs; fn f() { fs::read(\"x\"); }"), 1);
    }

    #[test]
    fn computed_text_becomes_a_span_only_in_ui() {
        let head = "use ratatui::text::{Line, Span};";
        for offence in [
            "fn f(s: String) { Span::raw(s); }",
            "fn f(s: String) { vec![Span::styled(s, STYLE)]; }",
            "fn f(s: String) { Line::raw(format!(\"{s}\")); }",
            "fn f(c: &mut Cell, s: &str) { c.set_symbol(s); }",
        ] {
            assert_eq!(count(spans, "screen::session", &format!("{head}{offence}")), 1, "not found: {offence}");
            assert_eq!(count(spans, "ui::text", &format!("{head}{offence}")), 0, "{offence}");
        }
        assert_eq!(count(spans, "screen::session", &format!("{head} fn f() {{ Span::raw(\"reply\"); }}")), 0);
        let own_span = "use crate::tape::Span; fn f() { Span::from(x); }";
        assert_eq!(count(spans, "screen::session", own_span), 0);
    }

    #[test]
    fn a_bare_ignore_is_found() {
        assert_eq!(count(ignores, "app", "#[test] #[ignore] fn t() {}"), 1);
        assert_eq!(count(ignores, "app", "#[cfg(test)] mod tests { #[test] #[ignore] fn t() {} }"), 1);
        assert_eq!(count(ignores, "app", "#[test] #[ignore = \"needs root\"] fn t() {}"), 0);
    }

    #[test]
    fn long_files_and_mod_rs_are_found() {
        assert_eq!(shape(Path::new("src/app.rs"), LONGEST_FILE).len(), 0);
        assert_eq!(shape(Path::new("src/app.rs"), LONGEST_FILE + 1).len(), 1);
        assert_eq!(shape(Path::new("src/ui/mod.rs"), 10).len(), 1);
    }

    #[test]
    fn no_row_of_the_table_points_outwards() {
        for row in MODULES {
            for used in row.uses {
                let target = MODULES.iter().find(|other| other.name == *used).expect("a row names a module");
                assert!(target.ring <= row.ring, "`{}` points outwards to `{used}`", row.name);
            }
        }
    }
}
