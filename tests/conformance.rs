//! Keeps three promises: every rule of the conformance list and every hostile case has a test that carries its id or a
//! line in a visible list of what is still missing; and every RFC section cited in the code and its texts exists.
//!
//! The lists are `conformance/items.toml`, `hostile/cases.toml` and `conformance/sections.txt`; what is missing stands
//! in `conformance/not_yet.toml` and `hostile/not_yet.toml`, each with its reason.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot read its input must stop")]

#[path = "conformance/citations.rs"]
mod citations;
#[path = "conformance/ledger.rs"]
mod ledger;
#[path = "conformance/names.rs"]
mod names;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ledger::{Ledger, Rule};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files under a folder of the package, in the order of their names.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(dir) = open.pop() {
        let Ok(entries) = fs::read_dir(&dir) else { continue };
        for entry in entries {
            let path = entry.expect("a folder of the package can be read").path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

/// True for the scripted peers: there a `c068` is the hostile case of that number, elsewhere the conformance item.
fn is_hostile(path: &Path) -> bool {
    path.strip_prefix(root().join("tests"))
        .is_ok_and(|rest| rest.starts_with("hostile") || rest == Path::new("hostile.rs"))
}

/// The ids in the names of all tests for which `wanted` holds.
fn ids_of_tests(wanted: impl Fn(&Path) -> bool) -> BTreeSet<String> {
    let rust = files("src").into_iter().chain(files("tests")).filter(|path| is_rust(path) && wanted(path));
    rust.flat_map(|path| names::ids(&fs::read_to_string(&path).expect("a source file is text"))).collect()
}

fn report(complaints: &[String]) {
    assert!(complaints.is_empty(), "{} complaint(s):\n  {}", complaints.len(), complaints.join("\n  "));
}

#[test]
fn every_conformance_item_has_a_test_or_a_line_that_says_why_not() {
    let ledger = Ledger::read(&read("tests/conformance/items.toml"), "item", &read("tests/conformance/not_yet.toml"));
    let tested = ids_of_tests(|path| !is_hostile(path));
    report(&ledger.complaints(&tested));
}

#[test]
fn every_hostile_case_has_a_test_or_a_line_that_says_why_not() {
    let ledger = Ledger::read(&read("tests/hostile/cases.toml"), "case", &read("tests/hostile/not_yet.toml"));
    let mut tested = ids_of_tests(|path| !is_hostile(path));
    tested.retain(|id| !id.starts_with('c'));
    tested.extend(ids_of_tests(is_hostile));
    report(&ledger.complaints(&tested));
}

#[test]
fn every_cited_section_exists() {
    let table = citations::Table::parse(&read("tests/conformance/sections.txt"));
    let mut complaints = Vec::new();
    for path in files("src").into_iter().chain(files("assets")) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let name = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
        complaints.extend(table.complaints(&text).into_iter().map(|(line, what)| format!("{name}:{line}: {what}")));
    }
    report(&complaints);
}

#[test]
fn the_lists_are_whole() {
    let items = Ledger::read(&read("tests/conformance/items.toml"), "item", "");
    assert_eq!(items.rules().len(), 251);
    let cases = Ledger::read(&read("tests/hostile/cases.toml"), "case", "");
    assert_eq!(cases.rules().len(), 168);
    let unique = |rules: &[Rule]| rules.iter().map(|rule| rule.id.clone()).collect::<BTreeSet<_>>().len();
    assert_eq!((unique(items.rules()), unique(cases.rules())), (251, 168));
}
