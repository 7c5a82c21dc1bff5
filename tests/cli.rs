//! The command line: help, versions, and complaints that say what was tried, why it failed and what to do.
//!
//! None of these calls gets as far as a terminal.

#![expect(clippy::expect_used, reason = "a test that cannot go on must stop")]
#![allow(clippy::needless_raw_string_hashes, reason = "snapbox writes them so")]

#[path = "cli/configuration.rs"]
mod configuration;
#[path = "cli/readme.rs"]
mod readme;
#[path = "cli/refusals.rs"]
mod refusals;

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use snapbox::cmd::Command;
use snapbox::str;

fn ehlo(arguments: &[&str]) -> Command {
    let home = std::env::temp_dir();
    Command::new(snapbox::cmd::cargo_bin!("ehlo"))
        .args(arguments)
        .env_clear()
        .env("HOME", home)
        .env("TERM", "xterm-256color")
        .env("LANG", "C.UTF-8")
}

#[test]
fn the_version_is_one_line_on_standard_output() {
    let version = format!("ehlo {}\n", env!("CARGO_PKG_VERSION"));
    ehlo(&["--version"]).assert().success().stdout_eq(version).stderr_eq("");
}

#[test]
fn help_has_examples() {
    let shown = str![[r"
...
Examples:
  ehlo                                     the lab: press → and Enter to say EHLO
  ehlo connect mail.example.org            a real server on port 25; asks once before it connects
...
"]];
    ehlo(&["--help"]).assert().success().stdout_eq(shown.clone()).stderr_eq("");
    ehlo(&["connect", "--help"]).assert().success().stdout_eq(shown).stderr_eq("");
}

#[test]
fn n179_a_port_is_a_number_from_1_to_65535_wherever_it_is_given() {
    for arguments in [&["connect", "mail.example.org", "--port", "70000"][..], &["connect", "mail.example.org:70000"]] {
        ehlo(arguments).assert().code(2).stdout_eq("").stderr_eq(str![[r"
...
[..]70000[..]1 to 65535[..][cli/port][..]
...
"]]);
    }
}

#[test]
fn an_unspecified_address_is_no_destination() {
    ehlo(&["connect", "0.0.0.0"]).assert().code(2).stdout_eq("").stderr_eq(str![[r"
ehlo: 0.0.0.0 is not a destination: it stands for any address of the own machine. [net/target]
      Name a host or its address; this machine is 127.0.0.1.

"]]);
    ehlo(&["connect", "[::]:25"]).assert().code(2).stderr_eq(str![[r"
ehlo: :: is not a destination: [..]. [net/target]
...
"]]);
}

#[test]
fn a_mail_address_is_no_host_and_the_way_to_its_servers_is_told() {
    ehlo(&["connect", "pat@harbor.test"]).assert().code(2).stdout_eq("").stderr_eq(str![[r"
ehlo: pat@harbor.test is a mail address; for the servers of its domain type mx: and the domain. [cli/host]
      Examples: [..]

"]]);
}

#[test]
fn the_path_of_a_socket_is_whole_and_plain() {
    for (target, why) in [
        ("unix:run/lmtp", "The path of a Unix socket begins with /, as unix:/run/dovecot/lmtp."),
        ("unix:/run/\u{1b}[31m", "The path holds the control character U+001B."),
    ] {
        let assert = ehlo(&["connect", target]).assert().code(2).stdout_eq("");
        let told = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(told.starts_with(&format!("ehlo: {why} [cli/host]\n")), "{told}");
    }
    let long = format!("unix:/{}", "a".repeat(107));
    ehlo(&["connect", &long]).assert().code(2).stderr_eq(str![[r"
ehlo: The path of a Unix socket has at most 107 octets, and this one 108. [cli/host]
...
"]]);
}

#[test]
fn a_socket_has_no_address_and_options_about_one_are_refused() {
    for option in [
        &["--port", "24"][..],
        &["-4"],
        &["--source", "127.0.0.2"],
        &["--resolve", "a.example:192.0.2.1"],
        &["--proxy-protocol", "192.0.2.7:56324"],
    ] {
        let arguments = [&["connect", "unix:/run/lmtp"], option].concat();
        let assert = ehlo(&arguments).assert().code(2).stdout_eq("");
        let told = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        let why =
            format!("ehlo: {} is about addresses and ports, and a Unix socket has none. [cli/option]\n", option[0]);
        assert!(told.starts_with(&why), "{told}");
    }
}

#[test]
fn a_client_for_the_proxy_line_has_an_address_and_a_port() {
    for client in ["192.0.2.7", "mail.example.org:25", "192.0.2.7:smtp"] {
        let assert = ehlo(&["connect", "127.0.0.1", "--proxy-protocol", client]).assert().code(2).stdout_eq("");
        let told = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        let why = format!("--proxy-protocol cannot be '{client}': it needs an address and a port, as 192.0.2.7:56324.");
        assert!(told.contains(&why), "{told}");
    }
}

#[test]
fn control_characters_of_an_argument_are_shown_and_not_performed() {
    let assert = ehlo(&["connect", "\u{1b}]0;title\u{7}"]).assert().code(2);
    let output = assert.get_output();
    assert!(output.stdout.is_empty());
    assert!(!output.stderr.contains(&0x1b) && !output.stderr.contains(&7), "{:?}", output.stderr.escape_ascii());
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_the_reason() {
    ehlo(&["connect", "mx1.harbor.test", "--ca-file", "/nonexistent.pem"]).assert().code(2).stdout_eq("").stderr_eq(
        str![[r"
ehlo: Cannot read the CA file /nonexistent.pem: [..]. [file/open]
      Give a PEM file with the certificates to trust.

"]],
    );
}

#[test]
fn a_theme_that_does_not_exist_is_told_with_those_that_do() {
    ehlo(&["--theme", "neon"]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
ehlo: --theme cannot be 'neon': it needs one of the themes "sixteen", "mono", "high-contrast", "projector", "own". [cli/value]
      Correct the value, or leave the option out.

"#]]);
}

#[test]
fn y241_without_a_terminal_the_screen_is_refused_with_a_hint() {
    ehlo(&[]).assert().code(2).stdout_eq("").stderr_eq(str![[r"
ehlo: The interactive screen needs a terminal, and standard input is none. [tty/none]
      Run ehlo directly in a terminal window; ehlo talk needs none.

"]]);
}

/// A file with this text, and a folder that holds it.
fn file(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ehlo.toml");
    std::fs::write(&path, text).expect("a file");
    let path = path.to_str().expect("a path of letters").to_owned();
    (folder, path)
}

#[test]
fn a_configuration_with_an_unknown_key_is_refused_with_its_place_and_the_nearest_key() {
    let (_folder, path) = file("# mine\nehlo = \"x\"\n");
    ehlo(&["--config", &path]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
ehlo: [..]ehlo.toml:2: unknown key 'ehlo'. Did you mean 'helo'? [config/unknown-key]
      The keys are theme, color, ascii, mouse, linear, width, helo, resolver, timeout, rfc-timeouts, seed; and the tables [keys], [own-theme].

"#]]);
}

#[test]
fn a_configuration_with_a_wrong_value_is_refused_with_what_it_should_be() {
    let (_folder, path) = file("theme = \"mono\"\nseed = \"one\"\n");
    ehlo(&["connect", "mx1.harbor.test", "--config", &path]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
ehlo: [..]ehlo.toml:2: seed needs a whole number from 0 on. [config/bad-type]
      Correct the value, or take the line out.

"#]]);
}

#[test]
fn a_time_to_wait_is_refused_with_what_it_should_be_and_is_given_once() {
    ehlo(&["--timeout", "0"]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
ehlo: --timeout cannot be '0': it needs whole seconds from 1 to 3600. [cli/value]
      Correct the value, or leave the option out.

"#]]);
    ehlo(&["connect", "127.0.0.1", "--timeout", "5", "--rfc-timeouts"]).assert().code(2).stderr_eq(str![[r#"
ehlo: --timeout and --rfc-timeouts say two things about the same waits. [cli/option]
      Leave one of them out.

"#]]);
}

#[test]
fn a_configuration_that_cannot_be_read_is_named_with_the_reason() {
    ehlo(&["--config", "/nonexistent.toml"]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
ehlo: Cannot read the configuration /nonexistent.toml: [..]. [file/open]
...
"#]]);
    let (folder, _) = file("");
    let folder = folder.path().to_str().expect("a path of letters");
    ehlo(&["--config", folder]).assert().code(2).stderr_eq(str![[r#"
ehlo: Cannot read the configuration [..]: not a regular file. [file/open]
...
"#]]);
}

#[test]
fn a_good_configuration_goes_as_far_as_the_terminal() {
    let text = "theme = \"projector\"\nascii = true\nmouse = false\nhelo = \"a.example\"\nresolver = \"lab\"\nrfc-timeouts = true\nseed = 2\n";
    let (_folder, path) = file(text);
    ehlo(&["--config", &path]).assert().code(2).stderr_eq(str![[r#"
...
[..][tty/none]
...
"#]]);
}

#[test]
fn what_is_quoted_from_the_command_line_is_made_safe() {
    for arguments in [&["connect", "a.test", "--port", "\u{1b}]0;title\u{7}"][..], &["\u{9b}2J\u{1b}c"], &["--\u{1b}c"]]
    {
        let output = ehlo(arguments).assert().code(2).get_output().clone();
        let text = String::from_utf8(output.stderr).expect("text");
        assert!(!text.chars().any(|char| char.is_control() && char != '\n'), "{text:?}");
    }
}

#[test]
fn y243_a_reader_that_leaves_after_the_first_line_is_no_bug() {
    let folder = tempfile::tempdir().expect("a folder");
    // Far more than a pipe holds.
    let (lines, script) = ("NOOP\n".repeat(700), folder.path().join("noop.smtp"));
    std::fs::write(&script, format!("connect mx1.harbor.test\n{}", "> NOOP\n".repeat(700))).expect("room");
    let script = script.to_str().expect("text");
    let recording = folder.path().join("noop.ehlo");
    let recording = recording.to_str().expect("text");
    ehlo(&["run", script, "-q", "--record", recording]).assert().success();
    let calls: [(&[&str], &str); 5] = [
        (&["run", script], ""),
        (&["run", script, "--json"], ""),
        (&["talk"], &lines),
        (&["export", recording], ""),
        (&["export", recording, "--format", "html"], ""),
    ];
    for (call, input) in calls {
        let mut child = std::process::Command::new(snapbox::cmd::cargo_bin!("ehlo"))
            .args(call)
            .env_clear()
            .env("HOME", folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        // Whoever does not read to the end is not written to for ever.
        let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        let mut first = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut first).expect("a line");
        let ended = child.wait_with_output().expect("it ends");
        let complaint = String::from_utf8(ended.stderr).expect("text");
        assert!(!first.is_empty() && complaint.is_empty(), "{call:?}: {first}{complaint}");
        assert!(matches!(ended.status.code(), Some(0 | 141)), "{call:?}: {:?}", ended.status);
    }
}
