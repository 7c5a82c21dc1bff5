//! The README against the program: its keys, its calls, its numbers. Its picture is compared in `tests/screens.rs`.

use ehlo::command::{Context, Keymap};
use ehlo::input::Key;

const README: &str = include_str!("../../README.md");

/// The text under a heading.
fn section(heading: &str) -> &'static str {
    let (_, rest) = README.split_once(&format!("\n## {heading}\n")).expect(heading);
    rest.split_once("\n## ").map_or(rest, |(section, _)| section)
}

/// The keys of a cell: `` `F1` or `?` `` are two, `` `Esc` `e` `` is one, which most terminals send like Alt and the letter.
fn keys(cell: &str) -> Vec<Key> {
    let one = |text: &str| text.replace("`Esc` `", "Alt-").replace('`', "").parse().expect(text);
    cell.split(" or ").map(one).collect()
}

#[test]
fn each_key_does_what_the_readme_says_in_the_programs_own_words() {
    let place = [Context::AboveLayers, Context::SendEmpty, Context::Send, Context::Anywhere];
    let rows: Vec<&str> = section("Keys").lines().filter(|line| line.starts_with("| `")).collect();
    assert!(rows.len() > 10, "{rows:?}");
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        for key in keys(cells[1]) {
            let command = Keymap::default().resolve(&place, key);
            assert_eq!(command.map(|command| command.about), Some(cells[2]), "{key}");
        }
    }
}

#[test]
fn each_call_in_the_readme_goes_as_far_as_the_terminal() {
    let calls = section("Two commands").lines().filter_map(|line| line.strip_prefix("$ cargo run --release"));
    let calls: Vec<&str> = calls.map(|call| call.split('#').next().unwrap_or_default().trim()).collect();
    assert_eq!(calls.len(), 2);
    for call in calls {
        let call = call.replace("HOST[:PORT]", "mail.example.org:587");
        let words: Vec<&str> = call.split_whitespace().skip_while(|word| *word == "--").collect();
        crate::refusals::taken(&words);
    }
}

#[test]
fn the_readme_names_the_compiler_and_files_that_exist() {
    let compiler = format!("Rust {} ", env!("CARGO_PKG_RUST_VERSION"));
    assert!(section("Building and testing").contains(&compiler), "{compiler}");
    for path in ["SECURITY.md", ".ci/run", "fuzz/seeds/session", "fuzz/fuzz_targets/session.rs"] {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(root.join(path).exists(), "{path}");
    }
    assert!(README.contains("[SECURITY.md](SECURITY.md)") && README.contains("bash .ci/run"));
}
