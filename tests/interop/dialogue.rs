//! A conversation typed into the explorer, checked on its screen.

use std::time::Duration;

use crate::terminal::{Start, Terminal};

/// The letter's body as it must lie in the mailbox: a line that begins with a dot, one that is a dot and more, a line
/// that old mailbox formats would change.
pub(crate) const BODY: &str =
    "Dear Ada,\n.this line begins with a dot\n..and this one with two\nFrom here on all is plain.\nPat\n";

/// One session of the real program.
pub(crate) struct Conversation {
    terminal: Terminal,
    _home: tempfile::TempDir,
}

impl Conversation {
    /// Starts `ehlo connect 127.0.0.1:PORT` and waits for the greeting.
    pub(crate) fn open(port: u16) -> Self {
        let home = tempfile::tempdir().expect("a home");
        let target = format!("127.0.0.1:{port}");
        let terminal = Start::ehlo(home.path(), &["connect", &target]).size(160, 48).start();
        terminal.wait_for("LIVE loopback");
        terminal.wait_until("the greeting", |screen| reply_after(&screen.contents(), None).as_deref() == Some("220"));
        Self { terminal, _home: home }
    }

    /// Types a line, presses Enter, and waits until the reply is complete on the screen.
    pub(crate) fn command(&mut self, line: &str, code: &str) {
        self.terminal.press(line);
        self.terminal.press("\r");
        self.terminal.wait_until(&format!("{code} after {line}"), |screen| {
            reply_after(&screen.contents(), Some(line)).as_deref() == Some(code)
        });
    }

    /// Types a letter with this subject and the final dot, and waits for the verdict.
    pub(crate) fn letter(&mut self, subject: &str) {
        let text = format!("From: Pat <pat@you.test>\nTo: Ada <ada@port.test>\nSubject: {subject}\n\n{BODY}");
        for line in text.lines() {
            self.terminal.press(line);
            self.terminal.press("\r");
        }
        self.command(".", "250");
    }

    /// Sends STARTTLS and goes on although the certificate's authority is not known here.
    pub(crate) fn start_tls(&mut self) {
        self.command("STARTTLS", "220");
        self.shows("TLS 1.3");
    }

    /// Waits until the screen shows this text.
    pub(crate) fn shows(&self, text: &str) {
        self.terminal.wait_for(text);
    }

    /// Quits the program.
    pub(crate) fn leave(mut self) {
        self.terminal.press("\x1bq");
        assert!(self.terminal.wait_for_end(Duration::from_secs(20)).success(), "ehlo ended in order");
    }
}

/// The code of the last complete reply below the last row in which the client said `line`; of the last reply at all if
/// no line is given. A reply is complete when its last line shows a code followed by a space or by nothing.
fn reply_after(screen: &str, line: Option<&str>) -> Option<String> {
    let rows: Vec<&str> = screen.lines().collect();
    let from = match line {
        Some(line) => rows.iter().rposition(|row| row.contains(&format!(" C {line}")))? + 1,
        None => 0,
    };
    rows.get(from..)?.iter().rev().find_map(|row| {
        let (_, said) = row.split_once(" S ")?;
        let code = said.get(..3).filter(|code| code.bytes().all(|byte| byte.is_ascii_digit()))?;
        (!said.get(3..)?.starts_with('-')).then(|| code.to_owned())
    })
}
