//! P15 to P17, P22 and P23 as far as a letter shows them: its end, its size, its lines.

use crate::dialogue::exchange::{Cause, Exchange};
use crate::dialogue::row::{RowId, What};
use crate::smtp::command::Verb;
use crate::smtp::extension::Size;
use crate::tape::Side;
use crate::tape::mark::{Closed, Mark, Wait};

use super::Finding;
use super::happening::Happening;
use super::scene::Scene;
use super::topic::Topic;

/// Lines behind a lone dot that are looked at.
const REST: usize = 64;
/// The longest line of a letter, with CR LF (RFC 5321 §4.5.3.1.6).
const LINE: u64 = 1000;
/// More than one small segment: octets that a network may lose where short lines pass.
const SEGMENT: u64 = 1200;

/// P15: the server found a line that ends with LF or CR alone.
pub(super) fn bare(scene: &Scene<'_>) -> Option<Finding> {
    if !scene.refuses() || !scene.speaks_of(Topic::BareEnd) {
        return None;
    }
    let lone = scene.letter().find(|(_, row, _)| !scene.bytes(row).ends_with(b"\r\n")).map(|(id, ..)| id);
    let own = (!scene.line.is_empty() && !scene.line.ends_with(b"\r\n")).then_some(scene.exchange.row);
    Some(Finding::of("P15", "bare").shown_by(lone).shown_by(own))
}

/// P15: the server still waits for the end of the letter or of a command.
pub(super) fn hanging(it: &Happening<'_>) -> Option<Finding> {
    if !matches!(it.mark, Mark::TimedOut(_) | Mark::Closed(Closed { by: Side::Server, .. })) {
        return None;
    }
    if let Some(data) = it.open_letter() {
        let mut last = it.client_rows(data).rev();
        let (id, dot) = last.next()?;
        let line = it.bytes(dot);
        // A dot that did end the letter would have made it an exchange of its own.
        let is_dot = line.strip_suffix(b"\n").unwrap_or(&line).trim_ascii_end() == b".";
        return is_dot.then(|| Finding::of("P15", "dot").shown_by([id]).shown_by(last.next().map(|(id, _)| id)));
    }
    let due = it.due()?;
    let line = it.tape.bytes(due.command.filter(|_| matches!(due.cause, Cause::Command(_)))?);
    let bare = line.ends_with(b"\n") && !line.ends_with(b"\r\n");
    bare.then(|| Finding::of("P15", "command").shown_by([due.row]))
}

/// P16: behind a lone dot, lines that are no commands.
pub(super) fn cut(scene: &Scene<'_>) -> Option<Finding> {
    let is_text = |exchange: &Exchange| {
        exchange.verb() == Some(Verb::Other) && exchange.code().is_some_and(|code| matches!(code.get(), 500..=502))
    };
    let first = scene.previous().filter(|first| is_text(first) && is_text(scene.exchange))?;
    let behind = scene.before().iter().rev().take(REST).skip_while(|exchange| is_text(exchange));
    let dot = behind.take(1).find(|exchange| exchange.cause == Cause::EndOfData)?;
    let mail = scene.last(&[Verb::Mail]).map(|mail| scene.line_of(mail).trim_ascii_end().to_vec());
    let found = Finding::of("P16", "cut").with("mail", mail.unwrap_or_default());
    Some(found.shown_by([dot.row, first.row, scene.exchange.row]))
}

/// P17: the letter is larger than the server takes.
pub(super) fn too_large(scene: &Scene<'_>) -> Option<Finding> {
    let stage = scene.answers(&[Verb::Mail, Verb::Data, Verb::Bdat]) || scene.is_verdict();
    let full = scene.says(2, 2) || scene.speaks_of(Topic::Full);
    let size = scene.says(3, 4) || scene.speaks_of(Topic::TooLarge) || scene.code == 552;
    if !stage || scene.code < 500 || !size || full || scene.speaks_of(Topic::LongLine) {
        return None;
    }
    let found = match scene.extensions().map(crate::smtp::extension::Extensions::size) {
        Some(Size::Limit(limit)) => Finding::of("P17", "size").count("limit", limit),
        _ => Finding::of("P17", "size-unknown"),
    };
    Some(found.shown_by([scene.exchange.row]))
}

/// P17: the server gave up waiting for the rest of the letter.
pub(super) fn gave_up(scene: &Scene<'_>) -> Option<Finding> {
    let waited = scene.says(4, 2) || scene.speaks_of(Topic::TimedOut);
    let inside = match scene.exchange.cause {
        Cause::Unasked => scene.previous().is_some_and(is_open_letter),
        Cause::EndOfData => true,
        _ => false,
    };
    (scene.code == 421 && waited && inside).then(|| Finding::of("P17", "gave-up").shown_by([scene.exchange.row]))
}

fn is_open_letter(exchange: &Exchange) -> bool {
    exchange.verb() == Some(Verb::Data) && exchange.code().is_some_and(|code| code.get() == 354)
}

/// P17: much of the letter is out, and nothing comes back.
pub(super) fn stalled(it: &Happening<'_>) -> Option<Finding> {
    let stopped = match it.mark {
        Mark::TimedOut(wait) => matches!(wait, Wait::DataBlock | Wait::DataEnd),
        Mark::Closed(closed) => closed.by == Side::Server,
        _ => false,
    };
    let ended = it.due().filter(|due| due.cause == Cause::EndOfData);
    let data = it.open_letter().or_else(|| {
        let before = it.exchanges().iter().rev();
        ended.and_then(|_| before.into_iter().find(|exchange| exchange.verb() == Some(Verb::Data)))
    });
    let data = data.filter(|_| stopped)?;
    let octets: u64 = it.client_rows(data).filter_map(|(_, row)| row.span()).map(crate::tape::Span::len).sum();
    (octets > SEGMENT).then(|| Finding::of("P17", "stalled").count("octets", octets).shown_by([data.row]))
}

/// P16: a line of the letter began with one dot, and the receiver has taken it away (RFC 5321 §4.5.2).
pub(super) fn lost_dot(scene: &Scene<'_>) -> Option<Finding> {
    if !scene.is_verdict() || !scene.exchange.succeeded() {
        return None;
    }
    let (id, row, _) = scene.letter().find(|(_, row, _)| begins_with_one_dot(&scene.bytes(row)))?;
    let line = scene.bytes(row).trim_ascii_end().to_vec();
    let found = Finding::of("P16", "lost-dot").with("mail", scene.mail_line().unwrap_or_default());
    Some(found.with("line", line).shown_by([id]))
}

/// True for `.profile`, not for `..profile` or a lone dot.
fn begins_with_one_dot(line: &[u8]) -> bool {
    matches!(line.trim_ascii_end(), [b'.', second, ..] if *second != b'.')
}

/// P22: octets beyond ASCII that were not announced.
pub(super) fn eight_bit(scene: &Scene<'_>) -> Option<Finding> {
    let speaks = scene.speaks_of(Topic::EightBit) || scene.status.is_some_and(|status| status.subject == 6);
    if !scene.is_verdict() || scene.code < 500 || !speaks {
        return None;
    }
    let mail = scene.mail_line().unwrap_or_default();
    let announced = memchr::memmem::find(&mail.to_ascii_uppercase(), b"BODY=8BITMIME").is_some();
    let row = letter_row(scene, |bytes| !bytes.is_ascii())?;
    let found = Finding::of("P22", "letter").shown_by([row]);
    if announced {
        return None;
    }
    // Only what the server offers is proposed.
    Some(if scene.offers("8BITMIME") { found.with("mail", mail) } else { found })
}

fn letter_row(scene: &Scene<'_>, is: impl Fn(&[u8]) -> bool) -> Option<RowId> {
    scene.letter().find(|(_, row, _)| is(&scene.bytes(row))).map(|(id, ..)| id)
}

/// P23: a line of the letter longer than 998 octets and its end.
pub(super) fn long_line(scene: &Scene<'_>) -> Option<Finding> {
    let speaks = scene.speaks_of(Topic::LongLine) || scene.code == 500;
    if !scene.is_verdict() || scene.code < 500 || !speaks {
        return None;
    }
    let lines = scene.letter().filter(|(_, row, _)| !matches!(row.what, What::Elided));
    let lengths = lines.filter_map(|(id, row, _)| Some((id, row.span()?.len())));
    let (id, octets) = lengths.max_by_key(|(_, octets)| *octets).filter(|(_, octets)| *octets > LINE)?;
    Some(Finding::of("P23", "letter").count("octets", octets).shown_by([id]))
}
