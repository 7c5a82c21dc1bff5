//! A login to the lab's submission server, from the form, by keys.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::Running;
use crate::terminal::Start;

/// The explorer on the submission server, after EHLO.
fn submission() -> Running {
    let mut ehlo = Running::with(&["connect", "tls://submit.you.test:465"], |start| start);
    ehlo.terminal.wait_for("220 submit.you.test");
    ehlo.terminal.press("EHLO laptop.you.test\r");
    ehlo.terminal.wait_for("250 AUTH");
    ehlo
}

#[test]
fn the_labs_user_logs_in_with_two_keys() {
    let mut ehlo = submission();
    ehlo.terminal.press("\x1ba");
    ehlo.terminal.wait_for("password    sunflower");
    ehlo.terminal.press("\r");
    ehlo.terminal.wait_for("235 2.7.0");
    ehlo.leave();
}

#[test]
fn a_wrong_password_gets_535_and_the_form_comes_back_with_the_name() {
    let mut ehlo = submission();
    ehlo.terminal.press("\x1ba");
    ehlo.terminal.wait_for("user name");
    ehlo.terminal.press("sam\tsunflower\r");
    ehlo.terminal.wait_for("535 5.7.8");
    ehlo.terminal.press("\x1ba");
    ehlo.terminal.wait_for("user name   sam");
    ehlo.close("user name   sam");
    ehlo.leave();
}

/// The form is filled in for sam, whose password nobody typed: one key opens it, one sends it.
fn logs_in_with_two_keys(mut ehlo: Running) {
    ehlo.terminal.wait_for("220 submit.you.test");
    ehlo.terminal.press("EHLO laptop.you.test\r");
    ehlo.terminal.wait_for("250 AUTH");
    ehlo.terminal.press("\x1ba");
    ehlo.terminal.wait_for("user name   sam");
    ehlo.terminal.press("\r");
    ehlo.terminal.wait_for("235 2.7.0");
    ehlo.leave();
}

const SAM: [&str; 4] = ["connect", "tls://submit.you.test:465", "--auth-user", "sam"];

#[test]
fn the_password_comes_from_a_file_and_one_that_others_can_read_is_told() {
    for (mode, told) in [(0o600, false), (0o644, true)] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        fs::write(&path, "lighthouse\n").expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
        let ehlo = Running::with(&[&SAM[..], &["--password-file", path.to_str().expect("letters")]].concat(), |it| it);
        if told {
            ehlo.terminal.wait_for("[auth/secret-mode]");
        } else {
            assert!(!ehlo.terminal.screen().contains("secret-mode"), "{}", ehlo.terminal.screen());
        }
        logs_in_with_two_keys(ehlo);
    }
}

#[test]
fn the_password_comes_from_a_command() {
    logs_in_with_two_keys(Running::with(&[&SAM[..], &["--password-command", "printf lighthouse"]].concat(), |it| it));
}

#[test]
fn the_password_is_piped_in_and_the_keys_come_from_the_terminal_all_the_same() {
    let home = tempfile::tempdir().expect("a home");
    let script = format!("echo lighthouse | \"$0\" {} --password-stdin", SAM.join(" "));
    let terminal = Start::new(home.path(), "sh", ["-c", &script, env!("CARGO_BIN_EXE_ehlo")]).start();
    terminal.wait_for("ehlo [L");
    logs_in_with_two_keys(Running { terminal, home });
}
