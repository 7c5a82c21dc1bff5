//! Files that are too large for the editor, sent as a person does it: choose, look, send, read the reply.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::Running;
use crate::keys::begin_a_letter;
use crate::peer::Peer;

const LINE: &[u8] = b".a line of a large letter, with a dot that must arrive\r\n";
const MIB: usize = 1024 * 1024;

/// A file of about so many octets.
fn file(octets: usize) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("large.eml");
    let letter = [b"Subject: large\r\n\r\n", &*LINE.repeat(octets / LINE.len())].concat();
    fs::write(&path, letter).expect("room on the disk");
    (folder, path)
}

/// Chooses a file for the letter, and sees what it holds.
#[track_caller]
fn choose(ehlo: &mut Running, path: &Path) {
    ehlo.terminal.press("\x1bi");
    ehlo.terminal.wait_for("Insert a file");
    ehlo.terminal.press(&path.display().to_string());
    ehlo.terminal.wait_for("/large.eml");
    ehlo.terminal.press("\r");
    ehlo.terminal.wait_for("Send a file as the letter");
    ehlo.terminal.wait_for("another is put before each");
}

/// Sends the file that was chosen.
fn send(ehlo: &mut Running) {
    ehlo.terminal.press("\x04");
}

#[test]
fn a_large_file_goes_to_a_mailbox_and_the_draft_stays() {
    let (_folder, path) = file(5 * MIB);
    let mut ehlo = Running::with(&[], |start| start.size(160, 48));
    begin_a_letter(&mut ehlo.terminal);
    ehlo.terminal.press("Subject: a draft");
    ehlo.terminal.wait_for("Subject: a draft");
    choose(&mut ehlo, &path);
    ehlo.close("Send a file as the letter");
    ehlo.terminal.wait_for("Subject: a draft");
    choose(&mut ehlo, &path);
    send(&mut ehlo);
    ehlo.terminal.wait_for("S 250 2.");
    ehlo.terminal.press("\x1bm");
    ehlo.terminal.wait_for("Mailboxes of the lab, 1 letter");
    ehlo.terminal.press("\r");
    ehlo.terminal.wait_for("Subject: large");
    ehlo.close("Subject: large");
    ehlo.close("Mailboxes");
    for line in ["MAIL FROM:<you@you.test>", "RCPT TO:<pat@harbor.test>", "DATA"] {
        ehlo.terminal.wait_until("a rest", |screen| !screen.contents().contains("waiting"));
        ehlo.terminal.press(line);
        ehlo.terminal.wait_for(&format!("> {line}"));
        ehlo.terminal.press("\r");
        ehlo.terminal.wait_until("the end of the line", |screen| !screen.contents().contains(&format!("> {line}")));
    }
    ehlo.terminal.wait_for("~. end of the letter");
    ehlo.terminal.wait_for("Subject: a draft");
    ehlo.leave();
}

#[test]
fn a_file_that_is_too_large_for_the_server_is_refused_in_its_words() {
    let (_folder, path) = file(20 * MIB);
    let mut ehlo = Running::with(&[], |start| start.size(160, 48));
    begin_a_letter(&mut ehlo.terminal);
    choose(&mut ehlo, &path);
    ehlo.terminal.wait_for("The server takes 10 MiB at most (SIZE): expect 552.");
    send(&mut ehlo);
    ehlo.terminal.wait_for("S 552 ");
    ehlo.leave();
}

#[test]
fn a_file_on_its_way_to_a_server_that_takes_no_more_can_be_stopped() {
    let (_folder, path) = file(20 * MIB);
    let peer = Peer::play("takes-no-letter");
    let mut ehlo = Running::with(&["connect", &peer.address()], |start| start.size(160, 48));
    ehlo.terminal.wait_for("S 220");
    begin_a_letter(&mut ehlo.terminal);
    choose(&mut ehlo, &path);
    send(&mut ehlo);
    ehlo.terminal.wait_for("Alt-X stops it");
    ehlo.terminal.wait_for(" MiB sent");
    ehlo.terminal.press("not a line\r");
    ehlo.terminal.press("\x1bX");
    ehlo.terminal.wait_for("Closed. Alt-R connects again");
    assert!(!ehlo.terminal.screen().contains("not a line"), "{}", ehlo.terminal.screen());
    ehlo.terminal.press("\x1bq");
    assert_eq!(ehlo.terminal.wait_for_end(Duration::from_secs(5)).exit_code(), 0);
}

#[test]
fn a_form_makes_a_letter_with_a_file_that_arrives() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tide.csv");
    fs::write(&path, "six,high\n").expect("room on the disk");
    let mut ehlo = Running::with(&[], |start| start.size(160, 48));
    begin_a_letter(&mut ehlo.terminal);
    ehlo.terminal.press("\x1bl");
    ehlo.terminal.wait_for("Write a letter");
    // One step after the other: many keys at once are taken for a paste.
    ehlo.terminal.press("\t");
    ehlo.terminal.wait_for("new line");
    ehlo.terminal.press("High at six.");
    ehlo.terminal.wait_for("High at six.");
    ehlo.terminal.press("\t");
    ehlo.terminal.wait_for("read on");
    ehlo.terminal.press("\t");
    ehlo.terminal.wait_for("the path of a file");
    ehlo.terminal.press(folder.path().join("none").to_str().expect("a path of letters"));
    ehlo.terminal.wait_for("/none");
    ehlo.terminal.press("\r");
    ehlo.terminal.wait_for("[file/open]");
    ehlo.terminal.press("\x15");
    ehlo.terminal.wait_for("the path of a file");
    ehlo.terminal.press(path.to_str().expect("a path of letters"));
    ehlo.terminal.wait_for("/tide.csv");
    ehlo.terminal.press("\r");
    ehlo.terminal.wait_for("tide.csv (9 bytes)");
    ehlo.terminal.press("\x04");
    ehlo.terminal.wait_for("The letter stands below");
    ehlo.terminal.press("\x04");
    ehlo.terminal.wait_for("S 250 2.");
    ehlo.terminal.press("\x1bm");
    ehlo.terminal.wait_for("A letter by hand");
    ehlo.terminal.press("\r");
    ehlo.terminal.wait_for("Letter in");
    ehlo.terminal.press("\t");
    ehlo.terminal.wait_for("c2l4LGhpZ2gK");
    ehlo.close("Letter in");
    ehlo.close("Mailboxes");
    ehlo.leave();
}
