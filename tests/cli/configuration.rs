//! The configuration through the real program: the file in its place, the environment, options over both.

use std::path::Path;
use std::process::Output;

use snapbox::cmd::Command;

/// Calls the program with a home of its own and these variables.
fn call(home: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new(snapbox::cmd::cargo_bin!("ehlo")).args(arguments).env_clear().env("HOME", home);
    for (name, value) in variables {
        command = command.env(name, value);
    }
    command.output().expect("the program runs")
}

/// What it prints, if it goes well.
fn told(home: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> String {
    let output = call(home, variables, arguments);
    let complaint = String::from_utf8(output.stderr).expect("text");
    assert_eq!((output.status.code(), complaint.as_str()), (Some(0), ""));
    String::from_utf8(output.stdout).expect("text")
}

/// What it complains about.
fn refused(home: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> String {
    let output = call(home, variables, arguments);
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr).expect("text")
}

/// A home with a file of settings in the XDG place.
fn home(text: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a folder");
    let place = home.path().join(".config/ehlo");
    std::fs::create_dir_all(&place).expect("a folder");
    std::fs::write(place.join("config.toml"), text).expect("a file");
    home
}

#[test]
fn the_option_wins_over_the_environment_the_environment_over_the_file_and_each_value_says_where_it_comes_from() {
    let home = home("theme = \"mono\"\nseed = 3\ntimeout = 9\n");
    let home = home.path();
    let place = home.join(".config/ehlo/config.toml").display().to_string();
    let text =
        told(home, &[("EHLO_SEED", "4"), ("EHLO_RFC_TIMEOUTS", "1")], &["docs", "config", "--theme", "projector"]);
    for line in ["theme = \"projector\"", "seed = 4", "rfc-timeouts = true", "#timeout = 20", "#ascii = false"] {
        assert!(text.lines().any(|known| known == line), "{line} in\n{text}");
    }
    for origin in ["set by --theme.", "set by EHLO_SEED.", "set by EHLO_RFC_TIMEOUTS.", "Its place is "] {
        assert!(text.contains(origin), "{origin} in\n{text}");
    }
    let text = told(home, &[], &["docs", "config"]);
    // A long path stands in a line of its own.
    assert!(text.replace("\n# ", " ").contains(&format!("set in {place}:2.")), "{text}");
}

#[test]
fn what_is_printed_can_be_saved_and_says_the_same_again() {
    let home = home("theme = \"own\"\n[keys]\nletter.form = \"F7\"\n[own-theme]\nclient = \"light cyan\"\n");
    let first = told(home.path(), &[], &["docs", "config"]);
    let saved = home.path().join("saved.toml");
    std::fs::write(&saved, &first).expect("a file");
    let saved = saved.to_str().expect("letters");
    let second = told(home.path(), &[("EHLO_CONFIG", saved)], &["docs", "config"]);
    let settings =
        |text: &str| text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(settings(&first), settings(&second));
    assert!(settings(&second).contains(&"letter.form = [\"F7\"]".to_owned()), "{second}");
    assert!(
        refused(home.path(), &[("EHLO_CONFIG", saved)], &[]).contains("[tty/none]"),
        "it goes as far as the terminal"
    );
}

#[test]
fn a_file_in_its_place_is_read_and_refused_like_one_that_was_named() {
    let home = home("tiemout = 5\n");
    let why = refused(home.path(), &[], &[]);
    assert!(
        why.contains("config.toml:1: unknown key 'tiemout'. Did you mean 'timeout'? [config/unknown-key]"),
        "{why}"
    );
    let xdg = tempfile::tempdir().expect("a folder");
    let elsewhere = xdg.path().to_str().expect("letters");
    let none = refused(home.path(), &[("XDG_CONFIG_HOME", elsewhere)], &[]);
    assert!(none.contains("[tty/none]"), "{none}");
    let missing = refused(home.path(), &[("EHLO_CONFIG", "/nonexistent.toml")], &[]);
    assert!(missing.contains("/nonexistent.toml") && missing.contains("[file/open]"), "{missing}");
}

#[test]
fn k263_a_variable_that_will_not_do_is_told() {
    let home = home("");
    let why = refused(home.path(), &[("EHLO_TIMEOUT", "abc")], &[]);
    assert!(why.contains("EHLO_TIMEOUT needs whole seconds from 1 to 3600. [config/bad-type]"), "{why}");
    assert!(why.contains("Correct EHLO_TIMEOUT, or unset it."), "{why}");
    // Neither of these two is heeded, and nothing of them is printed.
    let silent = told(home.path(), &[("RUST_LOG", "trace"), ("SSLKEYLOGFILE", "/tmp/x")], &["docs", "config"]);
    assert!(!silent.contains("trace") && !silent.contains("/tmp/x"));
    assert!(!Path::new("/tmp/x").exists());
}

#[cfg(unix)]
#[test]
fn f232_without_a_home_or_with_one_that_cannot_be_used_it_runs_without_settings() {
    use std::os::unix::fs::PermissionsExt as _;

    for nowhere in ["/nonexistent", "/dev/null", ""] {
        let text = told(Path::new(nowhere), &[], &["docs", "config"]);
        assert!(text.contains("#theme = \"sixteen\""), "{nowhere}");
    }
    let text = told(Path::new(""), &[], &["docs", "config"]);
    assert!(text.contains("There is no home directory"), "{text}");
    let home = tempfile::tempdir().expect("a folder");
    std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o500)).expect("a mode");
    assert!(told(home.path(), &[], &["docs", "config"]).contains("#theme"));
    std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o700)).expect("a mode");
}
