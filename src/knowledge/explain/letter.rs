//! Explains a line of the letter.

use crate::knowledge::about::Part;
use crate::knowledge::explanation::Explanation;
use crate::knowledge::fields;
use crate::knowledge::line::{plain, without_end};
use crate::knowledge::note::octets;

/// Explains a line of the letter.
pub(super) fn explain(line: &[u8], part: Part) -> Explanation {
    let line = without_end(line);
    if line.starts_with(b".") {
        return dot(line);
    }
    match part {
        Part::Separator => separator(),
        Part::Header if line.is_empty() => separator(),
        Part::Header if line.starts_with(b" ") || line.starts_with(b"\t") => folded(),
        Part::Header | Part::Unknown => match fields::name_of(line) {
            Some(name) => header(name),
            None => text(),
        },
        Part::Body => text(),
    }
}

/// Explains a header field.
pub(super) fn header(name: &[u8]) -> Explanation {
    let Some(entry) = fields::header(name) else {
        let name = plain(name, 40).unwrap_or("a field");
        return Explanation::new(format!("{name} · a field of its own"), "header field")
            .say("Anyone may add header fields. Servers pass on what they do not know.")
            .cite("RFC 5322 3.6.8");
    };
    let name = entry.name.split(", ").find(|one| one.as_bytes().eq_ignore_ascii_case(name)).unwrap_or(&entry.name);
    Explanation::new(format!("{name} · header field"), "part of the letter, not of the envelope")
        .say(entry.meaning.as_str())
        .say("Servers deliver by the envelope (MAIL, RCPT); the header is for readers and programs.")
        .also("set by", entry.set_by.as_str())
        .also("how often", entry.count.as_str())
        .also("example", entry.example.as_str())
        .also("note", entry.note.as_str())
        .cite(&entry.cite)
}

/// Explains octets of a BDAT chunk.
pub(super) fn chunk() -> Explanation {
    Explanation::new("Octets of a chunk", "part of the letter, sent by BDAT")
        .say("BDAT said how many octets follow, so the server counts them and looks for no dot. Nothing is stuffed, and no line end is needed.")
        .cite("RFC 3030 2")
}

/// Explains octets that were counted and not kept.
pub(super) fn elided(count: u64) -> Explanation {
    Explanation::new(format!("{} not kept", octets(count)), "part of the letter")
        .say("A big letter is sent without being kept in memory. The octets were counted, and they went out unchanged.")
}

fn dot(line: &[u8]) -> Explanation {
    let (title, what) = if line.starts_with(b"..") {
        (
            "A stuffed dot",
            "The line had one dot at its start. The client put another before it, so that no line of the letter can be taken for the end; the server takes it away again.",
        )
    } else {
        (
            "A dot that will be lost",
            "The line begins with a single dot and more text. The server takes that dot away, because it thinks the client put it there. Send two dots if one shall arrive.",
        )
    };
    Explanation::new(title, "line of the letter").say(what).cite("RFC 5321 4.5.2")
}

fn separator() -> Explanation {
    Explanation::new("The empty line", "line of the letter")
        .say("The first empty line ends the header. What follows is the text. Without it a reader takes the text for header lines.")
        .cite("RFC 5322 2.1")
}

fn folded() -> Explanation {
    Explanation::new("A folded line", "line of the letter")
        .say("A line of the header that begins with a space or a tab goes on with the field above it.")
        .cite("RFC 5322 2.2.3")
}

fn text() -> Explanation {
    Explanation::new("Text of the letter", "line of the letter")
        .say("SMTP carries it and does not read it. A line may have 998 characters, and CRLF ends it.")
        .cite("RFC 5321 4.5.3.1.6, RFC 5322 2.1.1")
}
