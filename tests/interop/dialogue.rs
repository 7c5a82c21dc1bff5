//! A conversation typed into the explorer, checked on its screen.

use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use regex::Regex;

use crate::terminal::{Start, Terminal};

/// The letter's body as it must lie in the mailbox: a line that begins with a dot, one that is a dot and more, a line
/// that old mailbox formats would change.
pub(crate) const BODY: &str =
    "Dear Ada,\n.this line begins with a dot\n..and this one with two\nFrom here on all is plain.\nPat\n";

/// The fields of a whole header, without its Message-ID and Subject.
const HEADER: &str = "Date: Thu, 1 Jan 2026 10:05:00 +0000\nFrom: Pat <pat@you.test>\nTo: Ada <ada@port.test>\n";

/// One session of the real program.
pub(crate) struct Conversation {
    terminal: Terminal,
    _home: tempfile::TempDir,
}

impl Conversation {
    /// Starts `ehlo connect 127.0.0.1:PORT` and waits for the greeting.
    pub(crate) fn open(port: u16) -> Self {
        Self::open_with(port, &[])
    }

    /// The same, trusting the authority in this file.
    pub(crate) fn open_trusting(port: u16, authority: &Path) -> Self {
        Self::open_with(port, &["--ca-file", &authority.display().to_string()])
    }

    fn open_with(port: u16, options: &[&str]) -> Self {
        Self::open_at(&format!("127.0.0.1:{port}"), options)
    }

    /// Starts `ehlo connect TARGET` and waits for the greeting.
    pub(crate) fn open_at(target: &str, options: &[&str]) -> Self {
        let talk = Self::start(target, options);
        talk.terminal
            .wait_until("the greeting", |screen| reply_after(&screen.contents(), None).as_deref() == Some("220"));
        talk
    }

    /// Starts `ehlo connect TARGET` and waits for nothing but its title.
    pub(crate) fn start(target: &str, options: &[&str]) -> Self {
        let home = tempfile::tempdir().expect("a home");
        let arguments = [&["connect", target], options].concat();
        let terminal = Start::ehlo(home.path(), &arguments).size(160, 48).start();
        terminal.wait_for("LIVE loopback");
        Self { terminal, _home: home }
    }

    /// Types a line, presses Enter, and waits until the reply is complete on the screen.
    #[track_caller]
    pub(crate) fn command(&mut self, line: &str, code: &str) {
        self.types(line);
        self.answered(line, code);
    }

    /// Types a line and presses Enter.
    #[track_caller]
    pub(crate) fn types(&mut self, line: &str) {
        self.enter(line, &format!("> {line}"));
    }

    /// Types lines into a batch and sends them in one write, then waits for the reply to the last one.
    #[track_caller]
    pub(crate) fn batch(&mut self, lines: &[&str], code: &str) {
        self.terminal.press("\x1bp");
        self.terminal.wait_for("Enter on an empty one sends all");
        for line in lines {
            self.enter(line, &format!("> {line}"));
        }
        self.terminal.wait_for("in one write");
        self.terminal.press("\r");
        self.answered(lines.last().expect("a line"), code);
    }

    /// Types a letter with this subject, then the final dot, and waits for the verdict.
    #[track_caller]
    pub(crate) fn letter(&mut self, subject: &str) {
        self.letter_judged(subject, "250");
    }

    /// The same with this verdict.
    #[track_caller]
    pub(crate) fn letter_judged(&mut self, subject: &str, code: &str) {
        for line in text(subject).lines() {
            self.enter(line, line);
        }
        self.enter(".", "");
        self.terminal.wait_for("Enter again ends the letter");
        self.terminal.press("\r");
        self.answered(".", code);
    }

    /// Puts a letter with this subject into the editor, sends it in chunks of these sizes, and waits for the verdict.
    #[track_caller]
    pub(crate) fn letter_in_chunks(&mut self, subject: &str, sizes: &str) {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text(subject)).expect("room on the disk");
        self.terminal.press("\x1bi");
        self.terminal.wait_for("Insert a file");
        let path = file.path().display().to_string();
        self.enter(&path, &path);
        self.terminal.wait_until("the end of the dialog", |screen| !screen.contents().contains("Insert a file"));
        self.terminal.press("\x1b:");
        self.terminal.wait_for("Commands");
        self.enter("letter in chunks", "letter in chunks");
        self.terminal.wait_for("The letter in chunks");
        self.enter(sizes, sizes);
        self.terminal.wait_for("in one write");
        self.terminal.press("\r");
        self.terminal.wait_until("a verdict on the last chunk", |screen| {
            reply_after(&screen.contents(), Some("BDAT")).as_deref() == Some("250")
                && screen.contents().contains("LAST")
        });
    }

    /// Chooses a file for the letter, sees what it holds, sends it, and waits for the verdict.
    #[track_caller]
    pub(crate) fn file(&mut self, path: &Path) {
        self.terminal.press("\x1bi");
        self.terminal.wait_for("Insert a file");
        let path = path.display().to_string();
        self.enter(&path, &path);
        self.terminal.wait_for("Send a file as the letter");
        self.terminal.wait_for("with the dot that ends it");
        self.terminal.press("\x04");
        self.answered(".", "250");
    }

    /// Types as a person does: Enter comes after the line is seen. Keys and Enter in one burst would be a paste, and
    /// that is never sent by itself.
    #[track_caller]
    fn enter(&mut self, line: &str, seen: &str) {
        self.terminal.press(line);
        self.terminal.wait_for(seen);
        self.terminal.press("\r");
    }

    #[track_caller]
    pub(crate) fn answered(&self, line: &str, code: &str) {
        self.terminal.wait_until(&format!("{code} after {line}"), |screen| {
            reply_after(&screen.contents(), Some(line)).as_deref() == Some(code)
        });
    }

    /// Fills the login form, key by key, and waits for the last reply.
    #[track_caller]
    pub(crate) fn log_in(&mut self, mechanism: &str, user: &str, password: &str, code: &str) {
        self.terminal.press("\x1ba");
        self.terminal.wait_for("─ Log in");
        self.terminal.press("\x1b[Z\x1b[Z");
        let chosen = |screen: &str| {
            let (_, listed) =
                screen.lines().filter_map(|line| line.rsplit_once("▸ ")).find(|it| it.1.contains("offered"))?;
            listed.split_whitespace().next().map(str::to_owned)
        };
        self.terminal.wait_until("the list", |screen| chosen(&screen.contents()).is_some());
        // As many as there are mechanisms.
        for _ in 0..11 {
            let now = chosen(&self.terminal.screen()).expect("one is chosen");
            if now == mechanism {
                break;
            }
            self.terminal.press("\x1b[B");
            self.terminal
                .wait_until("another mechanism", |screen| chosen(&screen.contents()).is_some_and(|it| it != now));
        }
        self.terminal.press("\t\t");
        if !user.is_empty() {
            self.terminal.press(user);
            self.terminal.wait_until("the name", |screen| cell(&screen.contents(), &["user name", "trace text"], user));
        }
        if !password.is_empty() {
            self.terminal.press("\t");
            self.terminal.press(password);
            let hidden = "*".repeat(password.len());
            self.terminal.wait_until("the secret", |screen| cell(&screen.contents(), &["password", "token"], &hidden));
        }
        self.terminal.press("\r");
        self.answered(&format!("AUTH {mechanism}"), code);
    }

    /// Waits until the screen shows this text.
    #[track_caller]
    pub(crate) fn shows(&self, text: &str) {
        self.terminal.wait_for(text);
    }

    /// A session in which nothing is wrong shows no problem: the heading of the transcript counts them.
    #[track_caller]
    pub(crate) fn is_clean(&self) {
        let screen = self.terminal.screen();
        let heading = screen.lines().find(|line| line.contains("Transcript")).expect("the transcript's heading");
        assert!(heading.contains("lines") && !heading.contains("problem"), "{screen}");
    }

    /// Selects the problem before the selected row, so that it is explained.
    pub(crate) fn previous_problem(&mut self) {
        self.terminal.press("\x1bN");
    }

    /// Looks at the certificate that is not in order, which says these words, and comes back to the question.
    #[track_caller]
    pub(crate) fn looks_closer(&mut self, words: &[&str]) {
        self.terminal.wait_for("stand still and look at the certificate");
        self.terminal.press("\r");
        self.terminal.wait_for("TLS and certificate");
        for words in words {
            self.terminal.wait_for(words);
        }
        self.terminal.press("\x1b");
        self.terminal.wait_until("the session", |screen| !screen.contents().contains("TLS and certificate"));
        self.terminal.press("\x1bt");
    }

    /// Goes on although the certificate is not in order: the second choice of the question.
    #[track_caller]
    pub(crate) fn goes_on(&mut self) {
        self.terminal.wait_for("go on although the certificate is not in order");
        self.terminal.press("\x1b[B");
        self.terminal.wait_for("▸ go on although");
        self.terminal.press("\r");
        self.terminal.wait_until("the question to be gone", |screen| !screen.contents().contains("waits for you"));
        self.terminal.wait_for("TLS not verified");
    }

    /// Quits the program.
    #[track_caller]
    pub(crate) fn leave(mut self) {
        self.terminal.press("\x1bq");
        assert!(self.terminal.wait_for_end(Duration::from_secs(20)).success(), "ehlo ended in order");
    }
}

/// A whole letter with this subject.
fn text(subject: &str) -> String {
    format!("{HEADER}Message-ID: <{}@you.test>\nSubject: {subject}\n\n{BODY}", subject.len())
}

/// True if a cell of the login form with one of these labels holds this.
fn cell(screen: &str, labels: &[&str], value: &str) -> bool {
    labels.iter().any(|label| screen.contains(&format!("{label:<12}{value} ")))
}

/// The code of the last whole reply in the transcript below the last row in which the client said `line`; of the last
/// reply at all if no line is given. A reply is whole when its last line shows a code and no `-` behind it.
fn reply_after(screen: &str, line: Option<&str>) -> Option<String> {
    let rows: Vec<(char, &str)> = screen.lines().filter_map(transcript_row).collect();
    // A long line goes on in the row below.
    let beginning = |line: &str| line.chars().take(30).collect::<String>();
    let said = |(who, text): &(char, &str)| *who == 'C' && line.is_none_or(|line| text.starts_with(&beginning(line)));
    let from = if line.is_some() { rows.iter().rposition(said)? + 1 } else { 0 };
    let (_, last) = rows.get(from..)?.iter().rev().find(|(who, _)| *who == 'S')?;
    let code = last.get(..3).filter(|code| code.bytes().all(|byte| byte.is_ascii_digit()))?;
    (!last.get(3..)?.starts_with('-')).then(|| code.to_owned())
}

/// Who spoke and what, in a row such as `│▸ 12  3.071 S#250 2.1.0 Ok    ✓ accepted │`.
fn transcript_row(row: &str) -> Option<(char, &str)> {
    static ROW: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"│[▸ ] *[0-9]+ +(?:[0-9.:]+ )? *([CS])[ #](.*)").expect("the pattern is sound"));
    let found = ROW.captures(row)?;
    Some((found.get(1)?.as_str().chars().next()?, found.get(2)?.as_str()))
}

#[test]
fn rows_of_a_transcript_are_read() {
    let screen = "│ · TLS ││   1  0.000 S 220 mail.port.test ESMTP         ✓ ready ││\n\
                  │       ││   2  1.424 C EHLO laptop.you.test             my name ││\n\
                  │       ││   3  1.424 S#250-mail.port.test             ┐ name    ││";
    assert_eq!(reply_after(screen, None), None, "more lines were promised");
    assert_eq!(reply_after(&format!("{screen}\n││▸ 14        S#250 HELP ┘ ││"), Some("EHLO")), Some("250".to_owned()));
    assert_eq!(reply_after(screen, Some("QUIT")), None);
}
