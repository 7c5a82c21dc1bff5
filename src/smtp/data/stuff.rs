//! Writing a letter to the wire.

use memchr::{memchr, memchr2};

use super::super::flaw::FlawKind;
use super::super::limits;
use super::{END, Lookout};

/// What is done to the letter on its way to the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Wire {
    /// Every line end becomes CR LF, lone CR and lone LF too; dots are doubled.
    #[default]
    Normalise,
    /// Line ends stay as they are; dots are doubled behind CR LF.
    Verbatim,
    /// Nothing is changed.
    Raw,
}

/// What was done to a letter and what is odd about it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stuffed {
    /// Octets of the letter.
    pub taken: u64,
    /// Octets on the wire, the end included.
    pub written: u64,
    /// Lines of the letter.
    pub lines: u64,
    /// Dots that were doubled.
    pub dots: u64,
    /// Lone LF that became CR LF.
    pub lone_lf: u64,
    /// Lone CR that became CR LF.
    pub lone_cr: u64,
    /// True if the last line got an end.
    pub eol_added: bool,
    /// Octets above 127.
    pub eight_bit: u64,
    /// NUL octets.
    pub nul: u64,
    /// The longest line of the letter: octets without its end and without a doubled dot.
    pub longest_line: u64,
    /// Places on the wire that a faulty server could take for the end.
    pub look_alikes: u64,
}

impl Stuffed {
    /// What is worth saying about it, given whether the server offers 8BITMIME.
    pub fn flaws(&self, eight_bit_mime: bool) -> Vec<FlawKind> {
        let text = u64::try_from(limits::TEXT_LINE - 2).unwrap_or(u64::MAX);
        let rules = [
            (self.look_alikes > 0, FlawKind::Smuggling),
            (self.nul > 0, FlawKind::NulInLetter),
            (self.eight_bit > 0 && !eight_bit_mime, FlawKind::EightBitLetter),
            (self.longest_line > text, FlawKind::LongTextLine),
            (self.lone_lf + self.lone_cr > 0, FlawKind::EolFixed),
            (self.eol_added, FlawKind::FinalEolAdded),
        ];
        rules.into_iter().filter_map(|(is_so, kind)| is_so.then_some(kind)).collect()
    }
}

/// A filter from a letter to the wire.
#[derive(Debug, Clone)]
pub struct Stuffer {
    wire: Wire,
    done: Stuffed,
    /// True at the beginning of a line.
    fresh: bool,
    /// True if the last octet was a CR that may belong to a CR LF; when normalising it is not written yet.
    cr: bool,
    line: u64,
    lookout: Lookout,
}

impl Stuffer {
    /// A filter at the beginning of a letter.
    pub fn new(wire: Wire) -> Self {
        Self { wire, done: Stuffed::default(), fresh: true, cr: false, line: 0, lookout: Lookout::default() }
    }

    /// Takes a piece of the letter and appends what goes to the wire.
    pub fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        let before = out.len();
        // Doubled dots and mended line ends are few; one reservation is nearly always enough.
        out.reserve(piece.len() + piece.len() / 32 + 2);
        self.count(piece);
        match self.wire {
            Wire::Normalise => self.normalise(piece, out),
            Wire::Verbatim | Wire::Raw => {
                self.keep(piece, out);
                self.lookout.watch(out.get(before..).unwrap_or_default());
            }
        }
        self.done.written += (out.len() - before) as u64;
    }

    /// Ends the letter: the line end that its last line lacks, and the dot alone. Says what was done.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Stuffed {
        let before = out.len();
        if self.cr && self.wire == Wire::Normalise {
            self.done.lone_cr += 1;
            self.end_line(out);
        }
        if !self.fresh {
            out.extend_from_slice(b"\r\n");
            self.done.eol_added = true;
            self.measure();
        }
        out.extend_from_slice(END);
        self.done.written += (out.len() - before) as u64;
        self.done.look_alikes = self.lookout.count();
        self.done
    }

    /// What was done so far.
    pub const fn so_far(&self) -> &Stuffed {
        &self.done
    }

    fn count(&mut self, piece: &[u8]) {
        self.done.taken += piece.len() as u64;
        // Eight-bit octets and NUL are rare: first ask whether there are any.
        if piece.iter().fold(0, |seen, octet| seen | octet) & 0x80 != 0 {
            self.done.eight_bit += piece.iter().filter(|octet| **octet & 0x80 != 0).count() as u64;
        }
        if memchr(0, piece).is_some() {
            self.done.nul += memchr::memchr_iter(0, piece).count() as u64;
        }
    }

    fn normalise(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        let mut rest = piece;
        while let Some(first) = rest.first() {
            if self.cr {
                self.cr = false;
                let whole = *first == b'\n';
                self.done.lone_cr += u64::from(!whole);
                rest = rest.get(usize::from(whole)..).unwrap_or_default();
                self.end_line(out);
                continue;
            }
            self.double_dot(*first, out);
            let end = memchr2(b'\r', b'\n', rest);
            let (text, tail) = rest.split_at_checked(end.unwrap_or(rest.len())).unwrap_or((rest, b""));
            self.text(text, out);
            match tail {
                [b'\r', b'\n', tail @ ..] => {
                    self.end_line(out);
                    rest = tail;
                }
                [b'\r', tail @ ..] => {
                    self.cr = true;
                    rest = tail;
                }
                [_, tail @ ..] => {
                    self.done.lone_lf += 1;
                    self.end_line(out);
                    rest = tail;
                }
                [] => break,
            }
        }
    }

    /// Writes everything as it is, but for doubled dots.
    fn keep(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        let mut rest = piece;
        while let Some(first) = rest.first() {
            if self.wire == Wire::Verbatim {
                self.double_dot(*first, out);
            }
            let end = memchr(b'\n', rest).map_or(rest.len(), |lf| lf + 1);
            let (line, tail) = rest.split_at_checked(end).unwrap_or((rest, b""));
            rest = tail;
            self.text(line, out);
            let whole = line.ends_with(b"\r\n") || (line == b"\n" && self.cr);
            self.cr = line.ends_with(b"\r");
            if whole {
                self.line = self.line.saturating_sub(2);
                self.measure();
                self.fresh = true;
            }
        }
    }

    /// A dot at the beginning of a line is written twice (RFC 5321 §4.5.2).
    fn double_dot(&mut self, first: u8, out: &mut Vec<u8>) {
        if self.fresh && first == b'.' {
            out.push(b'.');
            self.done.dots += 1;
        }
    }

    fn text(&mut self, text: &[u8], out: &mut Vec<u8>) {
        if text.is_empty() {
            return;
        }
        out.extend_from_slice(text);
        self.line += text.len() as u64;
        self.fresh = false;
    }

    fn end_line(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\r\n");
        self.cr = false;
        self.measure();
        self.fresh = true;
    }

    fn measure(&mut self) {
        self.done.lines += 1;
        self.done.longest_line = self.done.longest_line.max(self.line);
        self.line = 0;
    }
}
