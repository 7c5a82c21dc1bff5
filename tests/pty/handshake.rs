//! What is set for handshakes on the command line, with the lab's own servers.

use std::fs;
use std::time::Duration;

use crate::Running;
use crate::terminal::Start;

#[test]
fn tls_that_is_required_comes_about_without_a_key_and_its_keys_go_to_a_new_private_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("session.keys");
    let arguments = ["connect", "submit.you.test:587", "--tls", "require", "--keylog", path.to_str().expect("letters")];
    let ehlo = Running::with(&arguments, |start| start);
    ehlo.terminal.wait_for("KEYLOG TLS 1.3");
    ehlo.terminal.wait_for("250 AUTH");
    let logged = fs::read_to_string(&path).expect("a key log");
    assert!(logged.contains("CLIENT_TRAFFIC_SECRET_0 "), "{logged}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&path).expect("meta").permissions().mode() & 0o777, 0o600);
    }
    ehlo.leave();
}

#[test]
fn c112_who_hands_in_a_letter_is_led_to_tls_from_the_first_byte_and_else_to_starttls() {
    for (keys, title) in [("\r", "tls://submit.you.test:465"), ("j\r", "submit.you.test:587")] {
        let mut ehlo = Running::with(&["connect", "submit:you.test"], |start| start);
        ehlo.terminal.wait_for("submit.you.test:465 comes");
        ehlo.terminal.wait_for("Enter connects to port");
        ehlo.terminal.press(keys);
        ehlo.terminal.wait_for(title);
        ehlo.terminal.wait_for("TLS 1.3 ✓");
        ehlo.leave();
    }
}

#[test]
fn a_key_log_is_never_written_over_a_file_or_through_a_link() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mine.txt");
    fs::write(&path, "mine").expect("a file");
    let link = folder.path().join("link.keys");
    std::os::unix::fs::symlink(folder.path().join("nowhere"), &link).expect("a link");
    for path in [&path, &link] {
        let arguments = ["connect", "mx1.harbor.test", "--keylog", path.to_str().expect("letters")];
        let mut terminal = Start::ehlo(folder.path(), &arguments).start();
        assert_eq!(terminal.wait_for_end(Duration::from_secs(5)).exit_code(), 2);
        // The program is gone; its last words may still be on their way through the terminal.
        terminal.wait_for("Cannot make the key log");
    }
    assert_eq!(fs::read_to_string(&path).expect("it is there"), "mine");
    assert!(!folder.path().join("nowhere").exists());
}
