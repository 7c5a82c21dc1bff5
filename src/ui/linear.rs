//! Words instead of signs: what is told line by line where there is no screen, for ears, for fingers and for files.
//!
//! ```text
//! you: MAIL FROM:<you@you.test>
//! meaning: envelope: who sends
//! server: 250 2.1.0 Sender OK
//! meaning: sender accepted: a new envelope is open
//! ```
//!
//! Each line begins with a word that says what it is. There are no frames, no arrows, and no blanks to align columns.

use crate::dialogue::Dialogue;
use crate::dialogue::row::{RowId, What};
use crate::safe::{self, Kind};
use crate::smtp::reply::Reply;

use super::reader::{Reader, Standing};
use super::text::{Role, Run, wrap_words};
use super::transcript::{Remark, Speaker};

/// Numbers that are said as words.
const NUMBERS: [&str; 13] =
    ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
/// Signs of our own texts, and the words for them.
const SIGNS: [(&str, &str); 9] = [
    (" → ", " to "),
    (" -> ", " to "),
    ("→", "to "),
    (" · ", ", "),
    (" … ", ", and so on, "),
    ("…", " and so on"),
    ("✓ ", "done: "),
    ("✗ ", "refused: "),
    ("▸ ", "now: "),
];

/// What stands before the rest of a line that could be taken for another one.
const MORE: &str = "more: ";

/// What a row says, line by line: who spoke and what, what it means, what is odd about it.
pub fn row(reader: &Reader<'_>, id: RowId) -> Vec<String> {
    let Some(view) = reader.view(id, Standing::default()) else { return Vec::new() };
    let text = spelled(reader, id).unwrap_or_else(|| plain(&view.text));
    let first = match view.speaker {
        Speaker::Client => format!("you: {text}"),
        Speaker::Server => format!("server: {text}"),
        Speaker::Nobody => format!("event: {}", in_words(&text)),
    };
    let announced = announced(reader, id);
    let note = view.note.iter().map(meaning);
    let odd = view.odd.iter().map(|remark| format!("problem: {}", in_words(&remark.text)));
    announced.into_iter().chain([first]).chain(note).chain(odd).collect()
}

/// What was said, where some of it is not shown as it is: without colours only C escapes tell that from the same letters.
fn spelled(reader: &Reader<'_>, id: RowId) -> Option<String> {
    let (session, row) = (reader.session, reader.session.dialogue().row(id)?);
    let bytes = session.tape().bytes(row.span()?);
    let text = bytes.strip_suffix(b"\r\n").unwrap_or(&bytes);
    let performed = safe::screen(text).pieces().any(|piece| piece.kind == Kind::Escape);
    performed.then(|| session.matter(row))
}

/// A reply of several lines is announced before its first one.
fn announced(reader: &Reader<'_>, id: RowId) -> Option<String> {
    let dialogue = reader.session.dialogue();
    let What::Reply { exchange, last: false } = dialogue.row(id)?.what else { return None };
    let before = id.0.checked_sub(1).and_then(|before| dialogue.row(RowId(before)));
    if before.is_some_and(|before| matches!(before.what, What::Reply { exchange: of, .. } if of == exchange)) {
        return None;
    }
    let lines = reply_rows(dialogue, id)?;
    let bytes = reader.session.tape().bytes(dialogue.row(id)?.span()?);
    let code = Reply::parse(&bytes).map(|reply| format!(" {}", reply.code)).unwrap_or_default();
    Some(format!("server: reply{code}, {} lines", number(lines)))
}

/// How many rows the reply has that begins with this one; `None` while its last line has not come.
pub fn reply_rows(dialogue: &Dialogue, first: RowId) -> Option<usize> {
    let rows = dialogue.rows().get(first.index()..)?;
    rows.iter().position(|row| matches!(row.what, What::Reply { last: true, .. })).map(|last| last + 1)
}

fn meaning(remark: &Remark) -> String {
    let text = in_words(&remark.text);
    match remark.role {
        Role::Problem => format!("problem: {text}"),
        Role::Bad => format!("meaning: refused: {text}"),
        _ => format!("meaning: {text}"),
    }
}

/// A small number as a word.
pub fn number(count: usize) -> String {
    NUMBERS.get(count).map_or_else(|| count.to_string(), |word| (*word).to_owned())
}

/// A text of our own, with words for its signs.
pub fn in_words(text: &str) -> String {
    SIGNS.iter().fold(text.to_owned(), |text, (sign, word)| text.replace(sign, word))
}

/// Runs without their roles.
pub fn plain(runs: &[Run]) -> String {
    runs.iter().map(|run| run.text.as_str()).collect()
}

/// Breaks a line at blanks. Where what goes on would begin like a line of its own, as a server can have it, it says that
/// it is none.
pub fn wrapped(line: &str, room: usize) -> Vec<String> {
    let broken = |room: usize| -> Vec<String> {
        let lines = wrap_words(&[Run::new(line, Role::Text)], room.max(1));
        lines.iter().map(|runs| plain(runs).trim_end().to_owned()).collect()
    };
    let posed = |line: &str| line.split(' ').next().is_some_and(|word| word.ends_with(':'));
    let lines = broken(room);
    if !lines.iter().skip(1).any(|line| posed(line)) {
        return lines;
    }
    let mark = |(at, line): (usize, String)| if at > 0 && posed(&line) { format!("{MORE}{line}") } else { line };
    broken(room.saturating_sub(MORE.len())).into_iter().enumerate().map(mark).collect()
}

/// What was drawn for a screen, as lines to be said: without frames and columns. Nothing is said twice in a row.
pub fn undrawn(lines: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for line in lines {
        let line = line.trim_matches([' ', '|', '+', '-']).replace(" | ", "   ").replace('|', "   ");
        let parts: Vec<&str> =
            line.split("  ").map(|part| part.trim_matches([' ', '+'])).filter(|it| !it.is_empty()).collect();
        let line = in_words(&parts.join(", "));
        let line = line.strip_prefix(". ").unwrap_or(&line).to_owned();
        let line = match (line.strip_prefix("> "), line.strip_prefix("! ")) {
            (Some(rest), _) => format!("now: {rest}"),
            (None, Some(rest)) => format!("problem: {rest}"),
            (None, None) => line,
        };
        if line.chars().any(char::is_alphanumeric) && told.last() != Some(&line) {
            told.push(line);
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_server_can_have_a_line_of_its_own_said() {
        let said = "server: 250 a server with very much to say: problem: none you: QUIT";
        for room in [12, 20, 40, 44, 47] {
            let lines = wrapped(said, room);
            assert!(lines.iter().all(|line| line.len() <= room), "{lines:?}");
            let begins = |line: &String| line.starts_with("problem:") || line.starts_with("you:");
            assert!(!lines.iter().any(begins), "{lines:?}");
        }
        assert_eq!(wrapped(said, 48), ["server: 250 a server with very much to", "more: say: problem: none you: QUIT"]);
        assert_eq!(wrapped("note: a b", 7), ["note: a", "b"]);
    }

    #[test]
    fn signs_become_words_and_frames_go() {
        assert_eq!(in_words("connected to 192.0.2.10 · 2 ms"), "connected to 192.0.2.10, 2 ms");
        assert_eq!(in_words("laptop.you.test → mx1.harbor.test"), "laptop.you.test to mx1.harbor.test");
        let drawn =
            ["+- Connect ----------+", "|> host    mx1 | TLS |", "|                    |", "+--------------------+"];
        assert_eq!(undrawn(drawn.map(str::to_owned)), ["Connect", "now: host, mx1, TLS"]);
    }

    #[test]
    fn lines_are_broken_at_blanks() {
        assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
        assert_eq!((number(5), number(13)), ("five".to_owned(), "13".to_owned()));
    }
}
