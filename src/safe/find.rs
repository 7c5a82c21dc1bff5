//! What is odd in a text, without changing it.

use std::ops::Range;

use super::MARKS;
use super::table::{is_denied, is_mark};

/// Something in a text that a reader should be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Finding {
    /// A terminal control sequence: ESC, or a control of the C1 set that begins or ends one.
    Escape,
    /// Another control character, tab excepted.
    Control,
    /// A CR.
    LoneCr,
    /// Octets that are not UTF-8.
    NotUtf8,
    /// UTF-8 beyond ASCII.
    NotAscii,
    /// Characters that change the direction of text.
    Bidi,
    /// Characters that show nothing or cannot be told from a space.
    Invisible,
    /// More combining marks on a letter than are shown.
    Marks,
}

impl Finding {
    const ALL: [Self; 8] = [
        Self::Escape,
        Self::Control,
        Self::LoneCr,
        Self::NotUtf8,
        Self::NotAscii,
        Self::Bidi,
        Self::Invisible,
        Self::Marks,
    ];
}

/// Every kind of oddity in a text once, with the octets of the first run that shows it, in the order of the text.
pub fn find(text: &[u8]) -> Vec<(Finding, Range<usize>)> {
    let mut search = Search::default();
    for chunk in text.utf8_chunks() {
        chunk.valid().chars().for_each(|point| search.point(point));
        chunk.invalid().iter().for_each(|octet| search.octet(*octet));
    }
    search.findings()
}

/// The first run of each finding.
#[derive(Default)]
struct Search {
    runs: [Option<Range<usize>>; Finding::ALL.len()],
    at: usize,
    marks: usize,
}

impl Search {
    fn point(&mut self, point: char) {
        let span = self.at..self.at + point.len_utf8();
        self.at = span.end;
        match point {
            ' '..='~' | '\t' => self.marks = 0,
            '\r' => self.add(Finding::LoneCr, span),
            '\x1b' => self.add(Finding::Escape, span),
            // BEL ends an operating system command; then it is part of what Escape says already.
            '\x07' if self.has(Finding::Escape) => {}
            '\0'..='\x1f' | '\x7f' => self.add(Finding::Control, span),
            _ => self.beyond_ascii(point, span),
        }
    }

    fn beyond_ascii(&mut self, point: char, span: Range<usize>) {
        if is_mark(point) {
            self.marks += 1;
            if self.marks > MARKS {
                self.add(Finding::Marks, span.clone());
            }
        } else {
            self.marks = 0;
        }
        self.add(Finding::NotAscii, span.clone());
        match point {
            '\u{80}'..='\u{9f}' => self.add(Finding::Escape, span),
            _ if is_bidi(point) => self.add(Finding::Bidi, span),
            _ if is_denied(point) => self.add(Finding::Invisible, span),
            _ => {}
        }
    }

    fn octet(&mut self, octet: u8) {
        let span = self.at..self.at + 1;
        self.at = span.end;
        self.marks = 0;
        if is_c1_introducer(octet) {
            self.add(Finding::Escape, span.clone());
        }
        self.add(Finding::NotUtf8, span);
    }

    /// Notes a finding; a run that goes on where it ended is one.
    fn add(&mut self, finding: Finding, span: Range<usize>) {
        let Some(run) = self.runs.get_mut(finding as usize) else { return };
        match run {
            None => *run = Some(span),
            Some(run) if run.end == span.start => run.end = span.end,
            Some(_) => {}
        }
    }

    fn has(&self, finding: Finding) -> bool {
        self.runs.get(finding as usize).is_some_and(Option::is_some)
    }

    fn findings(self) -> Vec<(Finding, Range<usize>)> {
        let mut found: Vec<_> =
            Finding::ALL.into_iter().zip(self.runs).filter_map(|(finding, run)| Some((finding, run?))).collect();
        found.sort_by_key(|(_, run)| run.start);
        found
    }
}

/// DCS, SOS, CSI, ST, OSC, PM and APC as single octets of the C1 set (ECMA-48 §8.3).
fn is_c1_introducer(octet: u8) -> bool {
    matches!(octet, 0x90 | 0x98 | 0x9b..=0x9f)
}

/// Marks, embeddings, overrides and isolates of the bidirectional algorithm.
fn is_bidi(point: char) -> bool {
    matches!(point, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
