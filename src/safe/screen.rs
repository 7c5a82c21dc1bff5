//! The screen profile: short escapes, folded runs, at most four combining marks on a letter.

use super::table::{is_denied, is_mark};
use super::text::SafeText;
use super::{MARKS, RUN};

/// What one step through the bytes shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// A code point as it is.
    Plain(char),
    /// A combining mark.
    Mark(char),
    /// A control of ASCII.
    Control(u8),
    /// A code point that is not shown as it is.
    Hidden(char),
    /// An octet that is not UTF-8.
    Octet(u8),
}

impl Unit {
    fn of(point: char) -> Self {
        match point {
            ' '..='~' => Self::Plain(point),
            '\0'..='\x1f' | '\x7f' => Self::Control(point as u8),
            _ if is_denied(point) => Self::Hidden(point),
            _ if is_mark(point) => Self::Mark(point),
            _ => Self::Plain(point),
        }
    }

    fn len(self) -> usize {
        match self {
            Self::Plain(point) | Self::Mark(point) | Self::Hidden(point) => point.len_utf8(),
            Self::Control(_) | Self::Octet(_) => 1,
        }
    }
}

/// The units of `bytes`, in order.
fn units(bytes: &[u8]) -> impl Iterator<Item = Unit> {
    bytes.utf8_chunks().flat_map(|chunk| {
        chunk.valid().chars().map(Unit::of).chain(chunk.invalid().iter().map(|octet| Unit::Octet(*octet)))
    })
}

/// Shows bytes on a screen.
pub(super) fn render(bytes: &[u8]) -> SafeText {
    if let Some(text) = SafeText::as_it_is(bytes, None) {
        return text;
    }
    let text = SafeText::with_room_for(bytes);
    let mut painter = Painter { text, at: 0, marks: None, waiting: None, folded: 0 };
    units(bytes).for_each(|unit| painter.take(unit));
    painter.finish()
}

/// Writes units one by one and holds back what may still be folded.
struct Painter {
    text: SafeText,
    /// Octets of the source that have been taken.
    at: usize,
    /// Marks on the letter before; `None` where there is no letter to carry one.
    marks: Option<usize>,
    /// An escape and how often it came in a row.
    waiting: Option<(Unit, usize)>,
    /// Marks that are not shown one by one.
    folded: usize,
}

impl Painter {
    fn take(&mut self, unit: Unit) {
        match unit {
            Unit::Mark(_) if self.folded > 0 || self.marks.is_some_and(|marks| marks >= MARKS) => self.folded += 1,
            Unit::Mark(mark) if self.marks.is_some() => {
                self.plain(mark, unit.len());
                self.marks = self.marks.map(|marks| marks + 1);
                return;
            }
            Unit::Plain(point) => {
                self.release();
                self.plain(point, unit.len());
                self.marks = Some(0);
                return;
            }
            _ => self.hold(unit),
        }
        self.at += unit.len();
    }

    fn plain(&mut self, point: char, octets: usize) {
        self.at += octets;
        self.text.push_plain(point.encode_utf8(&mut [0; 4]), self.at);
    }

    /// Keeps an escape until it is known how often it comes.
    fn hold(&mut self, unit: Unit) {
        match &mut self.waiting {
            Some((same, count)) if *same == unit && self.folded == 0 => *count += 1,
            _ => {
                self.release();
                self.waiting = Some((unit, 1));
            }
        }
        self.marks = None;
    }

    /// Writes what was held back.
    fn release(&mut self) {
        if self.folded > 0 {
            self.text.push_escape(format_args!("<+{} marks>", self.folded), self.at);
            self.folded = 0;
        }
        let Some((unit, count)) = self.waiting.take() else { return };
        let begin = self.at - unit.len() * count;
        let shown = if count >= RUN { 1 } else { count };
        for number in 1..=shown {
            let end = begin + unit.len() * if count >= RUN { count } else { number };
            match (unit, count >= RUN) {
                (_, true) => self.text.push_escape(format_args!("{}×{count}", Shown(unit)), end),
                (_, false) => self.text.push_escape(format_args!("{}", Shown(unit)), end),
            }
        }
    }

    fn finish(mut self) -> SafeText {
        self.release();
        self.text
    }
}

/// How a unit is written when it is not shown as it is.
struct Shown(Unit);

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            // Caret notation: ESC is ^[, DEL is ^?.
            Unit::Control(octet) => write!(f, "^{}", char::from(octet ^ 0x40)),
            Unit::Octet(octet) => write!(f, "<{octet:02X}>"),
            Unit::Plain(point) | Unit::Mark(point) | Unit::Hidden(point) => write!(f, "<U+{:04X}>", u32::from(point)),
        }
    }
}
