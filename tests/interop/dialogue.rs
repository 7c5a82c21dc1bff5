//! A conversation typed into the explorer, checked on its screen.

use std::time::Duration;

use crate::server::Server;
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
    /// Starts `ehlo connect 127.0.0.1:PORT`, which trusts the server's authority, and waits for the greeting.
    pub(crate) fn open(server: &Server) -> Self {
        let home = tempfile::tempdir().expect("a home");
        let target = format!("127.0.0.1:{}", server.port());
        let authority = server.authority();
        let arguments = ["connect", &target, "--ca-file", &authority];
        let terminal = Start::ehlo(home.path(), &arguments).size(160, 48).start();
        terminal.wait_for("LIVE loopback");
        terminal.wait_until("the greeting", |screen| reply_after(&screen.contents(), None).as_deref() == Some("220"));
        Self { terminal, _home: home }
    }

    /// Types a line, presses Enter, and waits until the reply is complete on the screen.
    pub(crate) fn command(&mut self, line: &str, code: &str) {
        self.terminal.press(line);
        self.terminal.press("\r");
        self.answered(line, code);
    }

    fn answered(&self, line: &str, code: &str) {
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
        // Ctrl-D sends the letter and the final dot.
        self.terminal.press("\x04");
        self.answered(".", "250");
    }

    /// Sends STARTTLS and waits until the link is encrypted and the certificate is in order.
    pub(crate) fn start_tls(&mut self) {
        self.command("STARTTLS", "220");
        self.shows("certificate verified");
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
        Some(line) => {
            let said = |row: &&str| row.contains(&format!(" C {line} ")) || row.contains(&format!(" C#{line} "));
            rows.iter().rposition(said)? + 1
        }
        None => 0,
    };
    rows.get(from..)?.iter().rev().find_map(|row| {
        let (_, said) = row.split_once(" S ").or_else(|| row.split_once(" S#"))?;
        let code = said.get(..3).filter(|code| code.bytes().all(|byte| byte.is_ascii_digit()))?;
        (!said.get(3..)?.starts_with('-')).then(|| code.to_owned())
    })
}
