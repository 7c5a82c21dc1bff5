//! What the terminal is given: sizes, colours, characters, and never a question.

use crate::Running;
use crate::terminal::Start;

#[test]
fn the_first_screen_has_the_modes_that_it_needs() {
    let ehlo = Running::lab();
    assert!(ehlo.terminal.look(vt100::Screen::alternate_screen));
    assert!(ehlo.terminal.look(vt100::Screen::bracketed_paste));
    assert!(!ehlo.terminal.look(vt100::Screen::hide_cursor), "the cursor stands where one types");
    assert_ne!(ehlo.terminal.look(vt100::Screen::mouse_protocol_mode), vt100::MouseProtocolMode::None);
    ehlo.leave();
}

#[test]
fn without_the_mouse_the_wheel_stays_a_wheel() {
    let ehlo = Running::with(&["--no-mouse"], |start| start);
    assert_eq!(ehlo.terminal.look(vt100::Screen::mouse_protocol_mode), vt100::MouseProtocolMode::None);
    assert_eq!(count(&ehlo.terminal.raw(), b"\x1b[?1007s\x1b[?1007l"), 1, "no arrow keys for the wheel");
    let mut ehlo = ehlo;
    ehlo.terminal.press("\x1bq");
    ehlo.terminal.wait_for_end(crate::SOON);
    ehlo.terminal.wait_until("the shell", |screen| !screen.alternate_screen());
    assert_eq!(count(&ehlo.terminal.raw(), b"\x1b[?1007r"), 1, "pagers get them back");
}

#[test]
fn y238_a_tiny_terminal_is_told_and_outgrown() {
    for (columns, lines) in [(1, 1), (2, 2), (20, 5), (59, 16)] {
        let home = tempfile::tempdir().expect("a home");
        let mut terminal = Start::ehlo(home.path(), &[]).size(columns, lines).start();
        terminal.wait_until("the alternate screen", vt100::Screen::alternate_screen);
        if columns >= 20 {
            terminal.wait_for("Too small:");
        }
        terminal.resize(80, 24);
        terminal.wait_for("LAB offline");
        terminal.resize(columns, lines);
        terminal.resize(80, 24);
        terminal.wait_for("LAB offline");
        Running { terminal, home }.leave();
    }
}

#[test]
fn y238_a_terminal_of_no_size_harms_nobody() {
    let home = tempfile::tempdir().expect("a home");
    let mut terminal = Start::ehlo(home.path(), &[]).size(80, 24).start();
    terminal.wait_for("LAB offline");
    terminal.shrink_to_nothing();
    terminal.press("x");
    terminal.resize(80, 24);
    terminal.wait_for("> x");
    Running { terminal, home }.leave();
}

#[test]
fn y240_a_key_that_comes_together_with_a_new_size_is_not_lost() {
    let mut ehlo = Running::lab();
    for (count, lines) in (24..44).enumerate() {
        ehlo.terminal.resize(80, lines);
        ehlo.terminal.press("x");
        ehlo.terminal.wait_for(&format!("> {}", "x".repeat(count + 1)));
    }
    ehlo.leave();
}

#[test]
fn y242_no_color_means_no_colour_and_keeps_bold_and_reverse() {
    let mut ehlo = Running::with(&[], |start| start.env("NO_COLOR", "1"));
    ehlo.terminal.press("\x1b2");
    ehlo.terminal.wait_until("the transcript has the keys", |screen| has_cell(screen, vt100::Cell::inverse));
    assert!(ehlo.terminal.look(|screen| has_cell(screen, vt100::Cell::bold)));
    let coloured =
        |cell: &vt100::Cell| (cell.fgcolor(), cell.bgcolor()) != (vt100::Color::Default, vt100::Color::Default);
    assert!(!ehlo.terminal.look(|screen| has_cell(screen, coloured)), "{}", ehlo.terminal.screen());
    // What has come so far may end inside a character.
    let raw = String::from_utf8_lossy(&ehlo.terminal.raw()).into_owned();
    let colours = sgr(&raw).into_iter().filter(|number| matches!(number, 30..=38 | 40..=48 | 90..=107)).count();
    assert_eq!(colours, 0, "no colour is even named");
    ehlo.leave();
}

#[test]
fn a_key_and_a_colour_of_the_persons_own_hold() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    let settings = "theme = \"own\"\n[keys]\nletter.form = \"F7\"\n[own-theme]\non = \"mono\"\nserver = \"214\"\n";
    std::fs::write(&file, settings).unwrap();
    let mut ehlo = Running::with(&[], |start| start.env("EHLO_CONFIG", file.to_str().expect("letters")));
    ehlo.terminal.wait_for("S 220");
    let orange = |cell: &vt100::Cell| cell.fgcolor() == vt100::Color::Idx(214);
    assert!(ehlo.terminal.look(|screen| has_cell(screen, orange)), "{}", ehlo.terminal.screen());
    let other = |cell: &vt100::Cell| !matches!(cell.fgcolor(), vt100::Color::Default | vt100::Color::Idx(214));
    assert!(!ehlo.terminal.look(|screen| has_cell(screen, other)), "all else is mono");
    ehlo.terminal.press("\x1b[18~");
    ehlo.terminal.wait_for("─ Write a letter");
    ehlo.close("─ Write a letter");
    ehlo.leave();
}

#[test]
fn f232_without_a_home_one_note_says_so() {
    let ehlo = Running::with(&[], |start| start.env("HOME", ""));
    ehlo.terminal.wait_for("No home directory: running without settings. [file/no-home]");
    ehlo.leave();
}

#[test]
fn k263_a_key_log_that_the_environment_asks_for_is_not_written_and_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.log");
    let ehlo = Running::with(&[], |start| start.env("SSLKEYLOGFILE", file.to_str().expect("letters")));
    ehlo.terminal.wait_for("SSLKEYLOGFILE is set but ignored. Use --keylog to allow it. [env/keylog]");
    ehlo.leave();
    assert!(!file.exists());
}

#[test]
fn colours_are_there_without_no_color() {
    let ehlo = Running::lab();
    assert!(ehlo.terminal.look(|screen| has_cell(screen, |cell| cell.fgcolor() != vt100::Color::Default)));
    ehlo.leave();
}

#[test]
fn y242_a_locale_without_utf_8_gets_ascii_only() {
    for (name, value) in [("LANG", "C"), ("LC_ALL", "de_DE.ISO-8859-1"), ("LANG", "")] {
        let mut ehlo = Running::with(&[], |start| start.env(name, value));
        ehlo.terminal.press("\x1bOP");
        ehlo.terminal.wait_for("- Help");
        ehlo.close("- Help");
        let raw = ehlo.terminal.raw();
        assert!(raw.is_ascii(), "{name}={value}: {}", ehlo.terminal.screen());
        ehlo.leave();
    }
}

#[test]
fn t01_the_terminal_is_never_asked_anything() {
    let mut ehlo = Running::under_a_shell();
    for columns in [60, 160, 100, 80] {
        ehlo.terminal.resize(columns, 24);
    }
    ehlo.terminal.wait_for("S 220");
    ehlo.terminal.press("\x1bOP");
    ehlo.terminal.wait_for("─ Help");
    ehlo.terminal.press("\x1a");
    crate::process::wait_until_stopped(ehlo.terminal.pid());
    assert!(ehlo.terminal.is_restored(), "{}", ehlo.terminal.screen());
    ehlo.terminal.signal(rustix::process::Signal::CONT);
    ehlo.terminal
        .wait_until("the screen again", |screen| screen.alternate_screen() && screen.contents().contains("─ Help"));
    ehlo.close("─ Help");
    let raw = ehlo.terminal.raw();
    for question in [&b"\x1b[6n"[..], b"\x1b[c", b"\x1b]11;?", b"\x1b[?u"] {
        assert_eq!(count(&raw, question), 0, "{question:?}");
    }
    ehlo.leave();
}

#[test]
fn t05_frames_are_shown_at_once() {
    let mut ehlo = Running::lab();
    ehlo.terminal.press("NOOP");
    ehlo.terminal.wait_for("> NOOP");
    let raw = ehlo.terminal.raw();
    let (begun, ended) = (count(&raw, b"\x1b[?2026h"), count(&raw, b"\x1b[?2026l"));
    assert!(begun >= 2 && begun == ended, "{begun} frames begun, {ended} ended");
    ehlo.leave();
}

#[test]
fn a_configuration_holds_and_options_win_over_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ehlo.toml");
    std::fs::write(&path, "ascii = true\nmouse = false\ntheme = \"mono\"\n").expect("a file");
    let path = path.to_str().expect("a path of letters");
    let ehlo = Running::with(&["--config", path], |start| start);
    assert!(ehlo.terminal.raw().is_ascii(), "{}", ehlo.terminal.screen());
    assert_eq!(ehlo.terminal.look(vt100::Screen::mouse_protocol_mode), vt100::MouseProtocolMode::None);
    let coloured = |cell: &vt100::Cell| cell.fgcolor() != vt100::Color::Default;
    assert!(!ehlo.terminal.look(|screen| has_cell(screen, coloured)), "mono");
    ehlo.leave();
    let ehlo = Running::with(&["--config", path, "--theme", "projector"], |start| start);
    assert!(ehlo.terminal.look(|screen| has_cell(screen, coloured)), "the option wins");
    ehlo.leave();
}

fn has_cell(screen: &vt100::Screen, is: impl Fn(&vt100::Cell) -> bool) -> bool {
    let (lines, columns) = screen.size();
    let mut cells = (0..lines.get()).flat_map(|line| (0..columns.get()).map(move |column| (line, column)));
    cells.any(|(line, column)| screen.cell(line, column).is_some_and(&is))
}

fn count(raw: &[u8], sought: &[u8]) -> usize {
    raw.windows(sought.len()).filter(|window| *window == sought).count()
}

/// Every number that stands in a command for styles.
fn sgr(raw: &str) -> Vec<u16> {
    let commands = raw.split("\x1b[").skip(1).filter_map(|rest| {
        let end = rest.find(|char: char| !(char.is_ascii_digit() || matches!(char, ';' | ':')))?;
        let (numbers, name) = rest.split_at(end);
        name.starts_with('m').then_some(numbers)
    });
    commands.flat_map(|numbers| numbers.split([';', ':'])).filter_map(|number| number.parse().ok()).collect()
}
