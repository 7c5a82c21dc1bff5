//! A conversation by itself, as it is copied from a terminal: who speaks follows from the grammar.
//!
//! A line that begins with a code is a reply where one is due. A command is known by its form, or because a reply follows
//! it. Everything else is text around the conversation, and left out.

use super::reach::{Reach, called};
use super::text::Row;
use super::turn::{Turn, is_command};
use super::{Log, Said, reply, words};
use crate::tape::Side;
use crate::tape::told::{Form, Means, Told};

/// What a line is that neither side said.
pub(super) enum Heard {
    /// Something that is told.
    Said(Said),
    /// Something that tells nothing, and is no command.
    Noise,
    /// The program took the line before for an order of its own, and did not send it.
    Unsent,
}

/// Reads what stands in a terminal where telnet or nc ran.
pub(super) fn pasted(rows: &[Row]) -> Option<Log> {
    read(rows, Form::Paste, |_| None)
}

/// Reads a conversation; `listen` knows the words of the program that was used.
pub(super) fn read(rows: &[Row], form: Form, listen: impl Fn(&[u8]) -> Option<Heard>) -> Option<Log> {
    let indent = rows.iter().find(|row| reply(row.text.trim_ascii_start()).is_some()).map(|row| indent(&row.text))?;
    let rows: Vec<Row> = rows.iter().map(|row| Row { text: outdented(&row.text, indent), ..*row }).collect();
    let echoes = rows.iter().any(|row| is_command(&row.text));
    let mut reader = Reader { log: Log::new(form), turn: Turn::default(), echoes, fenced: false };
    let ahead = ahead(&rows);
    for (row, ahead) in rows.iter().zip(&ahead) {
        reader.take(row, *ahead, listen(&row.text).or_else(|| terminal(&row.text)));
    }
    Some(reader.log)
}

/// What stands behind a line.
#[derive(Debug, Clone, Copy, Default)]
struct Ahead {
    /// A lone dot, before another server greets.
    dot: bool,
    /// The next line that is not empty is a reply, and greets nobody.
    reply: bool,
}

/// What stands behind each line, in one pass from the end.
fn ahead(rows: &[Row]) -> Vec<Ahead> {
    let mut ahead = vec![Ahead::default(); rows.len()];
    let mut now = Ahead::default();
    for (row, place) in rows.iter().zip(&mut ahead).rev() {
        *place = now;
        let greets = greets(&row.text);
        now.dot = row.text == b"." || (now.dot && !greets);
        if !row.text.trim_ascii().is_empty() {
            now.reply = reply(&row.text).is_some() && !greets;
        }
    }
    ahead
}

fn indent(text: &[u8]) -> usize {
    text.len() - text.trim_ascii_start().len()
}

/// A line without the white space that the whole text is set in by.
fn outdented(text: &[u8], indent: usize) -> Vec<u8> {
    let blank = text.iter().take(indent).take_while(|octet| matches!(octet, b' ' | b'\t')).count();
    text.get(blank..).unwrap_or_default().to_vec()
}

struct Reader {
    log: Log,
    turn: Turn,
    /// True if what the client typed stands in the text.
    echoes: bool,
    /// True inside a block of Markdown.
    fenced: bool,
}

impl Reader {
    fn take(&mut self, row: &Row, ahead: Ahead, heard: Option<Heard>) {
        if self.turn.letter().is_some() && self.is_letter(row, ahead) {
            return self.client(row);
        }
        if row.text.starts_with(b"```") {
            self.fenced = !self.fenced;
            return self.log.left.add(row);
        }
        match heard {
            Some(Heard::Said(said)) if !self.turn.is_login() => return self.told(row, said),
            Some(Heard::Noise) if !self.turn.is_login() => return,
            Some(Heard::Unsent) => return self.unsent(row),
            _ => {}
        }
        let blank = row.text.trim_ascii().is_empty();
        if self.turn.chunk() > 0 || (self.turn.is_login() && !blank && reply(&row.text).is_none()) {
            return self.client(row);
        }
        if reply(&row.text).is_some() && self.takes_reply(&row.text) {
            return self.server(row);
        }
        if self.is_client(&row.text, ahead) {
            return self.client(row);
        }
        if !blank {
            self.log.left.add(row);
        }
    }

    /// Whether a line behind a 354 is letter: all is, up to the dot. If there is none, the letter was left out, and the
    /// next reply is one.
    fn is_letter(&mut self, row: &Row, ahead: Ahead) -> bool {
        if row.text == b"." || ahead.dot || reply(&row.text).is_none() {
            return true;
        }
        self.log.push(row, Said::Told(Told::new(unseen(), Means::Letter)));
        self.turn.letter_ended();
        false
    }

    fn client(&mut self, row: &Row) {
        self.turn.client(&row.text);
        self.log.client(row, &row.text);
    }

    fn server(&mut self, row: &Row) {
        if self.turn.rests() && self.turn.spoke && greets(&row.text) {
            self.turn = Turn::default();
            self.log.push(row, Said::Reach(Reach::default()));
        }
        self.turn.server(&row.text);
        self.log.server(row, &row.text);
    }

    /// True for a reply that can be one here. Without the lines of the client all are.
    fn takes_reply(&self, text: &[u8]) -> bool {
        let first = !self.turn.spoke;
        let of_own_accord = reply(text).is_some_and(|part| part.code.get() == 421);
        let any = !self.echoes && !self.turn.over;
        any || self.turn.awaits_reply() || self.turn.is_login() || first || greets(text) || of_own_accord
    }

    /// True for a line of the client: it has the form of a command, or it was answered as one.
    fn is_client(&self, text: &[u8], ahead: Ahead) -> bool {
        is_command(text) || (self.echoes && ahead.reply && self.turn.spoke && self.turn.rests() && !self.turn.over)
    }

    fn told(&mut self, row: &Row, said: Said) {
        if matches!(said, Said::Reach(_)) && self.turn.spoke {
            self.turn = Turn::default();
        }
        if let Said::Told(Told { means: Means::Secured { .. }, .. }) = &said {
            self.turn.restart();
        }
        self.log.push(row, said);
    }

    fn unsent(&mut self, row: &Row) {
        let last = self.log.items.iter().rposition(|item| matches!(item.said, Said::Client(_)));
        let near = last.filter(|at| at + 1 == self.log.items.len());
        let Some(item) = near.and_then(|at| self.log.items.get_mut(at)) else { return };
        let first = match &item.said {
            Said::Client(spoken) => words(spoken.octets.get(..1).unwrap_or_default()),
            _ => String::new(),
        };
        let form = self.log.form;
        let text = format!(
            "a line that begins with {first} was not sent: {} takes it for an order ({})",
            form.program(),
            words(&row.text)
        );
        item.said = Said::Told(Told::new(text, Means::Nothing));
        self.turn.restart();
    }
}

/// True for a line that greets: the code, and the protocol or a name with a dot.
pub(super) fn greets(text: &[u8]) -> bool {
    let Some(part) = reply(text).filter(|part| part.code.get() == 220) else { return false };
    let first = part.text.split(|octet| *octet == b' ').next().unwrap_or_default();
    let name = std::str::from_utf8(first).is_ok_and(|name| name.contains('.') && super::reach::is_name(name));
    let status = first.split(|octet| *octet == b'.').all(|number| number.iter().all(u8::is_ascii_digit));
    memchr::memmem::find(part.text, b"SMTP").is_some() || (name && !status)
}

/// What is said where a log leaves the letter out.
pub(super) fn unseen() -> String {
    "the letter, or the rest of it, is not in the log".to_owned()
}

/// What telnet, nc and a shell say.
pub(super) fn terminal(text: &[u8]) -> Option<Heard> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let reach = |reach: Reach| Some(Heard::Said(Said::Reach(reach)));
    if let Some(rest) = text.strip_prefix("Trying ") {
        return reach(Reach::with_port(rest.trim_end_matches("...")));
    }
    if let Some(rest) = text.strip_prefix("Connected to ").or_else(|| text.strip_prefix("Ncat: Connected to ")) {
        return reach(if rest.contains(':') { Reach::with_port(rest) } else { Reach::host(rest) });
    }
    if let Some(rest) = text.strip_prefix("Connection to ").filter(|rest| rest.ends_with("succeeded!")) {
        let mut words = rest.split(' ');
        let host = Reach::host(words.next().unwrap_or_default());
        return reach(Reach { port: words.next().and_then(|port| port.parse().ok()), ..host });
    }
    let closed =
        |by| Some(Heard::Said(Said::Told(Told::new(format!("the terminal says: {text}"), Means::Closed { by }))));
    match text {
        "Connection closed by foreign host." => return closed(Side::Server),
        "telnet> quit" => return Some(Heard::Noise),
        "Connection closed." => return closed(Side::Client),
        _ if text.starts_with("Escape character is") => return Some(Heard::Noise),
        _ => {}
    }
    let prompt = ["$ ", "# ", "% ", "> "]
        .iter()
        .filter_map(|sign| text.split_once(sign))
        .any(|(before, call)| !before.contains(' ') || before.contains('@') && !call.is_empty());
    if matches!(text, "$" | "#" | "%") {
        return Some(Heard::Noise);
    }
    let call = called(text).filter(|_| prompt || text.starts_with(|it: char| it.is_ascii_lowercase()))?;
    reach(call)
}

#[cfg(test)]
mod tests {
    use super::super::Item;
    use super::*;
    use crate::record::foreign::text;

    /// Who says what: `C`, `S`, and `-` for what neither said.
    fn told(file: &str) -> Vec<String> {
        let log = pasted(&text::rows(file.as_bytes()).0).unwrap();
        let line = |item: &Item| match &item.said {
            Said::Client(it) => Some(format!("C {}", words(&it.octets))),
            Said::Server(it) => Some(format!("S {}", words(&it.octets))),
            Said::Told(it) => Some(format!("- {}", it.words)),
            Said::Reach(_) | Said::Begins(_) => None,
        };
        log.items.iter().filter_map(line).collect()
    }

    #[test]
    fn text_around_a_conversation_is_left_out_and_what_was_answered_is_not() {
        let said = told(
            "Hi, our mail does not arrive.\nMail says:\n\n220 mx.a.test ESMTP\nFOO\n500 what?\nQUIT\n221 bye\n\nAny idea?\n550 people wait.",
        );
        assert_eq!(said, ["S 220 mx.a.test ESMTP", "C FOO", "S 500 what?", "C QUIT", "S 221 bye"]);
    }

    #[test]
    fn a_letter_is_letter_and_one_that_is_left_out_is_told() {
        let said = told("220 a.test SMTP\nDATA\n354 go\n250 no reply\n.\n250 ok\n");
        assert_eq!(&said[3..], ["C 250 no reply", "C .", "S 250 ok"]);
        let said = told("220 a.test SMTP\nDATA\n354 go\n[...]\n250 ok\nQUIT\n");
        assert_eq!(&said[3..], ["C [...]", &format!("- {}", unseen()), "S 250 ok", "C QUIT"]);
    }

    #[test]
    fn behind_a_334_the_next_line_is_the_clients() {
        let said = told("220 a.test SMTP\nAUTH LOGIN\n334 VXNlcg==\nQUIT\n334 x\n\n235 in\nAUTH PLAIN\n334 \n535 no\n");
        assert_eq!(said[3], "C QUIT");
        assert_eq!(&said[4..], ["S 334 x", "S 235 in", "C AUTH PLAIN", "S 334 ", "S 535 no"]);
    }
}
