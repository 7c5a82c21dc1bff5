//! A run that is recorded, and its recording opened, as a person does both.

use std::fs;

use crate::Running;

#[test]
fn a_run_is_recorded_in_the_middle_and_opened_afterwards() {
    let mut ehlo = Running::lab();
    ehlo.terminal.wait_for("S 220 ");
    ehlo.terminal.press("EHLO laptop.you.test\r");
    ehlo.terminal.wait_for("S 250");
    ehlo.terminal.press("\x1bo");
    ehlo.terminal.wait_for("Record the sessions");
    ehlo.terminal.press("\r");
    ehlo.terminal.wait_for("REC");
    ehlo.terminal.press("NOOP\r");
    ehlo.terminal.wait_for("C NOOP");
    let path = ehlo.home.path().join("session.ehlo");
    let recorded = fs::read_to_string(&path).expect("a recording");
    assert!(
        recorded.is_ascii() && recorded.contains("EHLO laptop.you.test") && recorded.contains("NOOP"),
        "{recorded}"
    );
    let kept = tempfile::tempdir().expect("a folder");
    let copy = kept.path().join("copy");
    ehlo.leave();
    fs::write(&copy, recorded).expect("room");
    let mut replay = Running::opened(&copy);
    replay.terminal.wait_for("C NOOP");
    replay.terminal.press("{");
    replay.terminal.wait_until("the beginning", |screen| !screen.contents().contains("C NOOP"));
    replay.terminal.press("}");
    replay.terminal.wait_for("C NOOP");
    replay.leave();
}
