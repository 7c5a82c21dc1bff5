//! Keys, pastes, copies and the user's editor.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::Running;
use crate::terminal::Terminal;

#[test]
fn what_is_typed_stands_in_the_line() {
    let mut ehlo = Running::lab();
    ehlo.terminal.press("NOOP q j k");
    ehlo.terminal.wait_for("> NOOP q j k");
    ehlo.leave();
}

#[test]
fn escape_and_a_letter_are_alt_and_the_letter() {
    let mut ehlo = Running::lab();
    ehlo.terminal.press("\x1b");
    ehlo.terminal.wait_for("─ Menu");
    ehlo.terminal.press("c");
    ehlo.terminal.wait_until("the connect dialog", |screen| {
        let text = screen.contents();
        text.contains("─ Connect") && !text.contains("─ Menu")
    });
    ehlo.close("─ Connect");
    ehlo.leave();
}

#[test]
fn a_pasted_block_is_shown_and_never_sent_by_itself() {
    let mut ehlo = Running::lab();
    ehlo.terminal.paste("NOOP first\rNOOP second\r");
    ehlo.terminal.wait_for("NOOP second");
    assert!(!ehlo.terminal.screen().contains(" C NOOP"), "{}", ehlo.terminal.screen());
    ehlo.close("─ Pasted");
    ehlo.leave();
}

#[test]
fn e144_a_paste_cannot_end_itself() {
    let mut ehlo = Running::lab();
    ehlo.terminal.paste("NOOP \x1b[201~QUIT\r");
    ehlo.terminal.wait_for("[paste/escape]");
    ehlo.terminal.wait_for("> NOOP QUIT");
    assert!(!ehlo.terminal.screen().contains(" C "), "{}", ehlo.terminal.screen());
    ehlo.leave();
}

#[test]
fn a9_the_mouse_reaches_what_lies_on_the_screen() {
    let mut ehlo = Running::lab();
    ehlo.terminal.press("\x1b");
    ehlo.terminal.wait_for("─ Menu");
    click(&mut ehlo.terminal, "c connect");
    ehlo.terminal.wait_for("─ Connect");
    click(&mut ehlo.terminal, "Esc leave it");
    ehlo.terminal.wait_until("the end of the dialog", |screen| !screen.contents().contains("─ Connect"));
    ehlo.terminal.press("\x1bOP");
    ehlo.terminal.wait_for("─ Help");
    ehlo.terminal.press(&"\x1b[<65;40;12M".repeat(40));
    ehlo.terminal.wait_for("▸ selected or here");
    click(&mut ehlo.terminal, "Esc closes");
    ehlo.terminal.wait_until("the end of help", |screen| !screen.contents().contains("─ Help"));
    ehlo.leave();
}

/// Clicks on a text that the screen shows, as a terminal says it: column and line from 1, button down, button up.
#[track_caller]
fn click(terminal: &mut Terminal, text: &str) {
    // A frame may come in parts, and what was waited for in the first of them.
    terminal.wait_for(text);
    let screen = terminal.screen();
    let place = screen.lines().zip(1..).find_map(|(line, y)| Some((line.split_once(text)?.0.chars().count() + 1, y)));
    assert!(place.is_some(), "{text} is not on the screen:\n{screen}");
    let (x, y): (usize, usize) = place.expect("a place");
    terminal.press(&format!("\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m"));
}

#[test]
fn two_question_marks_begin_a_line_with_one() {
    let mut ehlo = Running::lab();
    ehlo.terminal.press("?");
    ehlo.terminal.wait_for("─ Help");
    ehlo.terminal.press("?NOOP");
    ehlo.terminal.wait_for("> ?NOOP");
    assert!(!ehlo.terminal.screen().contains("─ Help"), "{}", ehlo.terminal.screen());
    ehlo.leave();
}

#[test]
fn y238_an_open_dialog_does_not_lie_over_too_small() {
    let mut ehlo = Running::lab();
    ehlo.terminal.press("\x1bc");
    ehlo.terminal.wait_for("─ Connect");
    ehlo.terminal.resize(59, 15);
    ehlo.terminal.wait_for("Too small: 59×15.");
    assert!(!ehlo.terminal.screen().contains("Connect"), "{}", ehlo.terminal.screen());
    ehlo.terminal.resize(80, 24);
    ehlo.terminal.wait_for("─ Connect");
    ehlo.close("─ Connect");
    ehlo.leave();
}

#[test]
fn a_copy_is_one_osc_52() {
    let mut ehlo = Running::lab();
    ehlo.terminal.wait_for("S 220");
    ehlo.terminal.press("\x1bY");
    ehlo.terminal.wait_for("to the terminal's clipboard");
    assert_eq!(ehlo.terminal.heard().clipboard.len(), 1);
    ehlo.leave();
}

#[test]
fn the_editor_has_the_terminal_and_its_text_comes_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let editor = folder.path().join("editor");
    // It shows itself, waits for a line, and writes the letter.
    script(&editor, "#!/bin/sh\necho 'the editor is here'\nread line\nprintf 'Subject: %s\\n\\n' \"$line\" > \"$1\"\n");
    let mut ehlo = Running::with(&[], |start| start.size(160, 48).env("EDITOR", editor.to_str().expect("a path")));
    begin_a_letter(&mut ehlo.terminal);
    ehlo.terminal.press("\x1bOS");
    ehlo.terminal.wait_for("the editor is here");
    assert!(ehlo.terminal.is_restored(), "the editor has a plain terminal");
    ehlo.terminal.press("from the editor\n");
    ehlo.terminal.wait_for("Subject: from the editor");
    assert!(ehlo.terminal.look(vt100::Screen::alternate_screen), "the screen is back");
}

#[test]
fn y244_a_signal_is_heeded_while_the_editor_has_the_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let editor = folder.path().join("editor");
    script(&editor, "#!/bin/sh\necho 'the editor is here'\nread line\n");
    let mut ehlo = Running::with(&[], |start| start.size(160, 48).env("EDITOR", editor.to_str().expect("a path")));
    begin_a_letter(&mut ehlo.terminal);
    ehlo.terminal.press("\x1bOS");
    ehlo.terminal.wait_for("the editor is here");
    ehlo.terminal.signal(rustix::process::Signal::TERM);
    assert_eq!(ehlo.terminal.wait_for_end(crate::SOON).exit_code(), 143);
}

/// Writes a program.
pub(crate) fn script(path: &Path, text: &str) {
    fs::write(path, text).expect("the script");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("that may be run");
}

/// Leads the lab's session to the letter.
pub(crate) fn begin_a_letter(terminal: &mut Terminal) {
    for line in ["EHLO laptop.you.test", "MAIL FROM:<you@you.test>", "RCPT TO:<pat@harbor.test>", "DATA"] {
        terminal.wait_until("a rest", |screen| !screen.contents().contains("waiting"));
        terminal.press(line);
        terminal.wait_for(&format!("> {line}"));
        terminal.press("\r");
        terminal.wait_for(&format!(" C {line}"));
    }
    terminal.wait_for("S 354");
}
