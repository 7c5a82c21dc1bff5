//! The lines of the file around the place where a recording stands.

use crate::record::index::{Block, Index};
use crate::record::line::Line;
use crate::record::slice::{Placed, Slice};
use crate::tape::Moment;

/// Lines that stand behind each other.
#[derive(Debug, Clone, Default)]
pub(super) struct Held {
    /// Where they begin.
    begins: Block,
    lines: Vec<Shown>,
    /// The octet behind the last one.
    next: u64,
}

/// A line.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    /// What it says.
    pub(super) line: Line,
    /// When it was, since the recording began.
    pub(super) time: Moment,
    /// The octets that it has.
    pub(super) octets: u64,
    /// The octet of the file behind it.
    pub(super) end: u64,
}

impl Held {
    /// Lines that were read from a place on.
    pub(super) fn new(begins: Block, slice: Slice, index: &Index) -> Self {
        let mut held = Self { begins, lines: Vec::new(), next: slice.next };
        for Placed { at, end, line } in slice.lines {
            let Ok(line) = line else { continue };
            let time = index.time(&line, held.last());
            held.lines.push(Shown { line, time, octets: end - at, end });
        }
        held
    }

    /// The number of the first one.
    pub(super) fn first(&self) -> u32 {
        self.begins.line
    }

    /// The number of the one behind the last.
    pub(super) fn end(&self) -> u32 {
        self.begins.line.saturating_add(u32::try_from(self.lines.len()).unwrap_or(u32::MAX))
    }

    /// The place behind the last one.
    pub(super) fn behind(&self) -> Block {
        Block { at: self.next, line: self.end(), time: self.last() }
    }

    /// True if this line is one of them.
    pub(super) fn holds(&self, line: u32) -> bool {
        (self.first()..self.end()).contains(&line)
    }

    /// The octet where a line begins, or where one stands that says nothing.
    pub(super) fn octet(&self, line: u32) -> Option<u64> {
        match line.checked_sub(self.first())? {
            0 => Some(self.begins.at),
            behind => self.lines.get(behind as usize - 1).map(|shown| shown.end),
        }
    }

    /// One of them.
    pub(super) fn line(&self, line: u32) -> Option<&Shown> {
        self.lines.get(line.checked_sub(self.first())? as usize)
    }

    /// The next line on which something happened on a connection, from this one on.
    pub(super) fn forward(&self, from: u32) -> Option<u32> {
        (from.max(self.first())..self.end()).find(|line| self.happened(*line))
    }

    /// The last line before this one on which something happened on a connection.
    pub(super) fn back(&self, before: u32) -> Option<u32> {
        (self.first()..before.min(self.end())).rev().find(|line| self.happened(*line))
    }

    fn happened(&self, line: u32) -> bool {
        self.line(line).is_some_and(|shown| shown.line.at().is_some())
    }

    /// When the last one was.
    fn last(&self) -> Moment {
        self.lines.last().map_or(self.begins.time, |shown| shown.time)
    }
}
