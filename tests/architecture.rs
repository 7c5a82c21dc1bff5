//! Keeps the house as its plan says: who may use whom, who may name which crate, and who may touch what.
//!
//! Every source file is read as a syntax tree, so that a word in a comment or a string is never taken for a use. The
//! tables in `architecture/table.rs` are the plan; a finding names file, line, rule and the way out. The unit tests
//! of `architecture/rules.rs` feed each rule a snippet that offends it.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot read its input must stop"
)]

#[path = "architecture/platforms.rs"]
mod platforms;
#[path = "architecture/reading.rs"]
mod reading;
#[path = "architecture/rules.rs"]
mod rules;
#[path = "architecture/table.rs"]
mod table;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use reading::{Source, read_tree};
use rules::Finding;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All files with this ending under a folder of the package, in the order of their names.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(dir) = open.pop() {
        let Ok(entries) = fs::read_dir(&dir) else { continue };
        for entry in entries {
            let path = entry.expect("a folder of the package can be read").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The library and the binary as syntax trees.
fn house() -> Vec<Source> {
    read_tree(&root().join("src"), &files("src", "rs"))
}

fn report(findings: &[Finding]) {
    let text: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{} finding(s):\n{}", findings.len(), text.join("\n"));
}

#[test]
fn modules_use_only_what_their_ring_allows() {
    report(&house().iter().flat_map(rules::edges).collect::<Vec<_>>());
}

#[test]
fn foreign_crates_are_named_only_where_they_belong() {
    report(&house().iter().flat_map(rules::crates).collect::<Vec<_>>());
}

#[test]
fn clocks_sockets_printing_and_text_gates_stay_in_their_rooms() {
    let house = house();
    let rooms = house.iter().flat_map(rules::rooms);
    let closed = house.iter().flat_map(rules::closed);
    let dialing = house.iter().flat_map(rules::dialing);
    report(&rooms.chain(closed).chain(dialing).collect::<Vec<_>>());
}

#[test]
fn remote_text_becomes_spans_only_behind_the_gate() {
    report(&house().iter().flat_map(rules::spans).collect::<Vec<_>>());
}

#[test]
fn ignored_tests_say_why() {
    let mut findings: Vec<Finding> = house().iter().flat_map(rules::ignores).collect();
    for folder in ["tests", "benches"] {
        let sources = read_tree(&root().join(folder), &files(folder, "rs"));
        findings.extend(sources.iter().flat_map(rules::ignores));
    }
    report(&findings);
}

#[test]
fn files_are_short_and_named_after_their_module() {
    let mut findings = Vec::new();
    for path in ["src", "tests", "benches", "examples"].iter().flat_map(|folder| files(folder, "rs")) {
        let lines = fs::read_to_string(&path).expect("a source file is text").lines().count();
        findings.extend(rules::shape(&relative(&path), lines));
    }
    report(&findings);
}

#[test]
fn every_module_has_a_row_in_the_table() {
    let library = fs::read_to_string(root().join("src/lib.rs")).expect("src/lib.rs can be read");
    let tree = syn::parse_file(&library).expect("src/lib.rs parses");
    let declared: BTreeSet<String> = tree
        .items
        .iter()
        .filter_map(|item| if let syn::Item::Mod(module) = item { Some(module.ident.to_string()) } else { None })
        .collect();
    let listed: BTreeSet<String> = table::MODULES.iter().map(|row| row.name.to_owned()).collect();
    assert_eq!(declared, listed, "src/lib.rs and tests/architecture/table.rs must list the same modules");
}

#[test]
fn every_dependency_has_a_row_in_the_table() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml can be read");
    let manifest: toml::Table = manifest.parse().expect("Cargo.toml parses");
    let mut named = BTreeSet::new();
    collect_dependencies(&manifest, &mut named);
    let listed: BTreeSet<String> = table::CRATES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(named, listed, "Cargo.toml and tests/architecture/table.rs must list the same crates");
}

#[test]
fn what_only_unix_has_is_named_under_its_condition_and_has_a_counterpart() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml can be read");
    let manifest: toml::Table = manifest.parse().expect("Cargo.toml parses");
    let mut crates = BTreeSet::new();
    collect_dependencies(manifest["target"]["cfg(unix)"].as_table().expect("a table"), &mut crates);
    let crates: Vec<String> = crates.into_iter().collect();
    let mut findings = Vec::new();
    for path in files("src", "rs") {
        let text = fs::read_to_string(&path).expect("a source file is text");
        findings.extend(platforms::findings(&relative(&path), &text, &crates));
    }
    report(&findings);
}

/// Names of all `[dependencies]` tables, those of single targets too, as they are written in Rust.
fn collect_dependencies(manifest: &toml::Table, into: &mut BTreeSet<String>) {
    if let Some(toml::Value::Table(dependencies)) = manifest.get("dependencies") {
        into.extend(dependencies.keys().map(|name| name.replace('-', "_")));
    }
    if let Some(toml::Value::Table(targets)) = manifest.get("target") {
        for target in targets.values().filter_map(toml::Value::as_table) {
            collect_dependencies(target, into);
        }
    }
}

fn relative(path: &Path) -> PathBuf {
    path.strip_prefix(root()).unwrap_or(path).to_owned()
}
