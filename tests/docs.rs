//! `ehlo docs` through the real program: what it prints is what the program knows, shells load its completions, and the
//! checker of manual pages finds nothing wrong.
//!
//! What needs a shell or a checker that not everybody has is ignored; the gate installs them.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on must stop")]

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use ehlo::command::{self, Keymap, print};

const README: &str = include_str!("../README.md");

/// What `ehlo docs` prints.
fn docs(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_ehlo"))
        .arg("docs")
        .args(arguments)
        .env_clear()
        .env("HOME", "/nonexistent")
        .output()
        .expect("the program runs");
    let complaint = String::from_utf8(output.stderr).expect("text");
    assert_eq!((output.status.code(), complaint.as_str()), (Some(0), ""), "{arguments:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// Runs a program with a text on its standard input.
fn fed(program: &str, arguments: &[&str], text: &str) -> Output {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}; the gate installs it"));
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("it reads");
    child.wait_with_output().expect("it ends")
}

/// Commands of the program, from its own help.
fn commands() -> Vec<String> {
    let table = docs(&["commands"]);
    let calls = table.lines().filter_map(|line| line.strip_prefix("| `ehlo ")?.split(['`', ' ']).next());
    let calls: Vec<String> = calls.map(str::to_owned).collect();
    assert!(calls.contains(&"connect".to_owned()) && calls.contains(&"docs".to_owned()), "{calls:?}");
    calls
}

#[test]
fn the_readme_says_how_the_program_can_be_called() {
    let printed = docs(&["commands"]);
    let (calls, _) = printed.split_once("\n## ").expect("two parts");
    assert!(README.contains(calls.trim_end()), "put this under \"All calls\" in the README:\n\n{calls}");
}

#[test]
fn keys_and_commands_are_those_of_the_tables() {
    let keymap = Keymap::default();
    assert_eq!(docs(&["keys"]), print::keys(&keymap));
    let printed = docs(&["commands"]);
    assert!(printed.ends_with(&print::commands(&keymap)), "{printed}");
    assert_eq!(printed.matches("\n| `").count(), command::all().count() + commands().len() + 1 + options(&printed));
}

/// Rows about options.
fn options(printed: &str) -> usize {
    printed.lines().filter(|line| line.starts_with("| `-")).count()
}

#[test]
fn every_command_has_a_manual_page() {
    for command in commands() {
        let page = docs(&["man", &command]);
        assert!(page.contains(&format!(".TH ehlo-{command} 1 ")), "{page}");
        assert!(page.contains(&format!("ehlo {command}")) || page.contains(&format!("ehlo\\-{command}")), "{page}");
    }
    assert!(docs(&["man"]).contains(".TH ehlo 1"));
    let unknown = Command::new(env!("CARGO_BIN_EXE_ehlo")).args(["docs", "man", "conect"]).output().expect("it runs");
    let complaint = String::from_utf8(unknown.stderr).expect("text");
    assert_eq!(unknown.status.code(), Some(2));
    assert!(complaint.contains("Did you mean 'connect'? [cli/command]"), "{complaint}");
}

#[test]
fn completions_propose_what_an_option_takes_where_it_is_one_of_some_names() {
    let nushell = docs(&["completions", "nushell"]);
    for names in [
        r#"[ "sixteen" "mono" "high-contrast" "projector" "own" ]"#,
        r#"[ "text" "md" "html" "#,
        r#"[ "MX" "A" "AAAA" "#,
        r#"[ "stripped" "first-down" "#,
        r#"[ "connect" "lab" "dns" "#,
    ] {
        assert!(nushell.contains(names), "{names}");
    }
}

#[test]
fn there_are_completions_for_six_shells() {
    for (shell, mark) in [
        ("bash", "complete -F _ehlo"),
        ("zsh", "#compdef ehlo"),
        ("fish", "complete -c ehlo"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion:arg-completer[ehlo]"),
        ("nushell", "export extern \"ehlo connect\""),
    ] {
        let text = docs(&["completions", shell]);
        assert!(text.contains(mark) && text.contains("rfc-timeouts"), "{shell}");
    }
}

#[test]
fn bash_completes_a_command_and_an_option() {
    let script = format!(
        "{}\nCOMP_WORDS=(ehlo conn); COMP_CWORD=1; _ehlo ehlo conn ehlo; echo \"${{COMPREPLY[@]}}\"\n\
         COMP_WORDS=(ehlo connect --rfc); COMP_CWORD=2; _ehlo ehlo --rfc connect; echo \"${{COMPREPLY[@]}}\"\n",
        docs(&["completions", "bash"])
    );
    let output = fed("bash", &["--norc"], &script);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "connect\n--rfc-timeouts\n");
}

#[test]
#[ignore = "needs zsh, which the gate installs"]
fn zsh_loads_the_completions() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("_ehlo"), docs(&["completions", "zsh"])).expect("a file");
    let place = folder.path().display();
    let script = format!(
        "fpath=({place} $fpath)\nautoload -U compinit && compinit -u -D\nautoload +X -U _ehlo\necho $_comps[ehlo]\n"
    );
    let output = fed("zsh", &["-f"], &script);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "_ehlo\n");
}

#[test]
#[ignore = "needs fish, which the gate installs"]
fn fish_completes_a_command_and_an_option() {
    let script =
        format!("{}\ncomplete -C 'ehlo conn'\ncomplete -C 'ehlo connect --rfc'\n", docs(&["completions", "fish"]));
    let output = fed("fish", &["--no-config"], &script);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let told = String::from_utf8(output.stdout).expect("text");
    assert!(told.lines().any(|line| line.starts_with("connect\t")), "{told}");
    assert!(told.lines().any(|line| line.starts_with("--rfc-timeouts\t")), "{told}");
}

#[test]
#[ignore = "needs mandoc, which the gate installs"]
fn mandoc_finds_nothing_wrong_with_the_manual_pages() {
    let pages = commands().into_iter().map(|command| docs(&["man", &command])).chain([docs(&["man"])]);
    for page in pages {
        let output = fed("mandoc", &["-Tlint", "-Wwarning"], &page);
        let found = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!((output.status.code(), found.as_str()), (Some(0), ""), "{page}");
        let shown = fed("mandoc", &["-Thtml"], &page);
        assert!(String::from_utf8_lossy(&shown.stdout).contains("id=\"EXAMPLES\""), "{page}");
    }
}
