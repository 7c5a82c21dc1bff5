//! Where a list of entries of unequal height stands in a window: constant time at any length.
//!
//! The window is anchored at an entry and a line inside it, never at an offset in lines, so a list of a million entries
//! needs no prefix sums: drawing walks from the anchor, following the end walks backwards from the last entry. An entry
//! is made (wrapped, annotated) only when it is passed, at most `2·height + 2` times a frame.

use std::collections::VecDeque;

/// What a window holds: something with a height in lines. A height of zero counts as one.
pub trait Tall {
    /// Height in lines.
    fn lines(&self) -> u16;

    /// Height in lines, at least one.
    fn tall(&self) -> u16 {
        self.lines().max(1)
    }
}

impl Tall for u16 {
    fn lines(&self) -> u16 {
        *self
    }
}

/// The first line of a window: an entry and a line inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Anchor {
    /// Index of the entry.
    pub entry: u32,
    /// Line inside the entry, from 0.
    pub line: u16,
}

/// An entry as a window shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice<T> {
    /// Index of the entry.
    pub entry: u32,
    /// The entry itself.
    pub what: T,
    /// Lines of it above the window.
    pub skip: u16,
    /// Lines of it inside the window.
    pub take: u16,
    /// Its first visible line, counted from the top of the window.
    pub y: u16,
}

/// A position in a list: an anchor, or the promise to stay at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scroll {
    top: Anchor,
    follow: bool,
}

impl Default for Scroll {
    fn default() -> Self {
        Self { top: Anchor::default(), follow: true }
    }
}

impl Scroll {
    /// A window that begins at `entry` and stays there.
    pub const fn at(entry: u32) -> Self {
        Self { top: Anchor { entry, line: 0 }, follow: false }
    }

    /// True while the window stays at the end of a growing list.
    pub const fn follows(self) -> bool {
        self.follow
    }

    /// The anchor; without meaning while the window follows the end.
    pub const fn top(self) -> Anchor {
        self.top
    }

    /// Go to the end and stay there.
    pub fn to_end(&mut self) {
        self.follow = true;
    }

    /// Go to the first entry.
    pub fn to_start(&mut self) {
        *self = Self::at(0);
    }

    /// Move by `lines`, down if positive. Reaching the end turns following on, moving up turns it off.
    pub fn by<T: Tall>(&mut self, lines: i32, count: u32, height: u16, mut make: impl FnMut(u32) -> T) {
        if count == 0 || height == 0 || lines == 0 {
            return;
        }
        let end = end_anchor(count, height, &mut make);
        let from = if self.follow { end } else { self.top.min(end) };
        let to = if lines > 0 {
            walk_down(from, lines.unsigned_abs(), end, &mut make)
        } else {
            walk_up(from, lines.unsigned_abs(), &mut make)
        };
        self.follow = to >= end && (lines > 0 || self.follow && to == from);
        self.top = to;
    }

    /// Move just so far that all of `entry` is in the window, or its first line if it is taller.
    pub fn reveal<T: Tall>(&mut self, entry: u32, count: u32, height: u16, mut make: impl FnMut(u32) -> T) {
        if count == 0 || height == 0 {
            return;
        }
        let entry = entry.min(count - 1);
        let window = self.window(count, height, &mut make);
        let Some(first) = window.first() else { return };
        let seen = window.iter().find(|slice| slice.entry == entry);
        if seen.is_some_and(|slice| slice.skip == 0 && (slice.take == slice.what.tall() || slice.y == 0)) {
            return;
        }
        self.follow = false;
        self.top = if entry <= first.entry {
            Anchor { entry, line: 0 }
        } else {
            anchor_above(entry, height, &mut make).min(Anchor { entry, line: 0 })
        };
    }

    /// What `height` lines show of `count` entries. The window is full whenever there is enough to fill it.
    pub fn window<T: Tall>(self, count: u32, height: u16, mut make: impl FnMut(u32) -> T) -> Vec<Slice<T>> {
        if count == 0 || height == 0 {
            return Vec::new();
        }
        let mut found = VecDeque::new();
        let mut filled: u32 = 0;
        let room = u32::from(height);
        let mut skip = 0;
        let mut head = count;
        if !self.follow && self.top.entry < count {
            head = self.top.entry;
            let mut entry = head;
            while entry < count && filled < room {
                let what = make(entry);
                if entry == head {
                    skip = self.top.line.min(what.tall() - 1);
                    filled += u32::from(what.tall() - skip);
                } else {
                    filled += u32::from(what.tall());
                }
                found.push_back((entry, what));
                entry += 1;
            }
        }
        // Room left at the bottom: show more above instead of an empty tail.
        if filled < room {
            let missing = u16::try_from(room - filled).unwrap_or(height);
            let back = missing.min(skip);
            skip -= back;
            filled += u32::from(back);
        }
        while filled < room && head > 0 {
            head -= 1;
            let what = make(head);
            let tall = u32::from(what.tall());
            let over = (filled + tall).saturating_sub(room);
            skip = u16::try_from(over).unwrap_or(u16::MAX);
            filled += tall - over;
            found.push_front((head, what));
        }
        place(found, skip, height)
    }
}

/// Gives each entry its lines, from the top of the window on.
fn place<T: Tall>(found: VecDeque<(u32, T)>, first_skip: u16, height: u16) -> Vec<Slice<T>> {
    let mut y = 0;
    let mut slices = Vec::with_capacity(found.len());
    for (index, (entry, what)) in found.into_iter().enumerate() {
        let skip = if index == 0 { first_skip } else { 0 };
        let take = (what.tall() - skip.min(what.tall())).min(height - y);
        if take == 0 {
            continue;
        }
        slices.push(Slice { entry, what, skip, take, y });
        y += take;
    }
    slices
}

/// The anchor of a window that ends with the last line of the list.
fn end_anchor<T: Tall>(count: u32, height: u16, make: &mut impl FnMut(u32) -> T) -> Anchor {
    count.checked_sub(1).map_or_else(Anchor::default, |last| anchor_above(last, height, make))
}

/// The anchor of a window that ends with the last line of `entry`.
fn anchor_above<T: Tall>(entry: u32, height: u16, make: &mut impl FnMut(u32) -> T) -> Anchor {
    let mut entry = entry;
    let mut room = height;
    loop {
        let tall = make(entry).tall();
        if tall >= room {
            return Anchor { entry, line: tall - room };
        }
        room -= tall;
        if entry == 0 {
            return Anchor::default();
        }
        entry -= 1;
    }
}

fn walk_down<T: Tall>(from: Anchor, lines: u32, end: Anchor, make: &mut impl FnMut(u32) -> T) -> Anchor {
    let mut at = from;
    let mut left = lines;
    while left > 0 && at < end {
        let rest = u32::from(make(at.entry).tall().saturating_sub(at.line).max(1));
        if left < rest {
            at.line = at.line.saturating_add(u16::try_from(left).unwrap_or(u16::MAX));
            break;
        }
        left -= rest;
        at = Anchor { entry: at.entry + 1, line: 0 };
    }
    at.min(end)
}

fn walk_up<T: Tall>(from: Anchor, lines: u32, make: &mut impl FnMut(u32) -> T) -> Anchor {
    let mut at = from;
    let mut left = lines;
    loop {
        if left <= u32::from(at.line) {
            at.line -= u16::try_from(left).unwrap_or(at.line);
            return at;
        }
        left -= u32::from(at.line);
        if at.entry == 0 {
            return Anchor::default();
        }
        at = Anchor { entry: at.entry - 1, line: make(at.entry - 1).tall() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::cell::Cell;

    fn shown(window: &[Slice<u16>]) -> u16 {
        window.iter().map(|slice| slice.take).sum()
    }

    fn check(window: &[Slice<u16>], heights: &[u16], height: u16) {
        let total: u32 = heights.iter().map(|&tall| u32::from(tall.max(1))).sum();
        assert_eq!(u32::from(shown(window)), total.min(u32::from(height)), "the window is as full as it can be");
        let mut y = 0;
        for (index, slice) in window.iter().enumerate() {
            assert_eq!(slice.y, y, "rows are contiguous");
            assert!(slice.take >= 1);
            assert!(slice.skip + slice.take <= slice.what.tall());
            if index > 0 {
                assert_eq!(slice.skip, 0);
                assert_eq!(slice.entry, window[index - 1].entry + 1);
            }
            y += slice.take;
        }
    }

    fn world() -> impl Strategy<Value = (Vec<u16>, u16, u32, u16)> {
        (proptest::collection::vec(0u16..7, 0..60), 0u16..40, 0u32..70, 0u16..9)
    }

    proptest! {
        #[test]
        fn a_window_is_full_contiguous_and_made_in_constant_time((heights, height, top, line) in world(), follow: bool) {
            let count = u32::try_from(heights.len()).unwrap();
            let scroll = Scroll { top: Anchor { entry: top, line }, follow };
            let calls = Cell::new(0u32);
            let window = scroll.window(count, height, |entry| {
                calls.set(calls.get() + 1);
                heights[entry as usize]
            });
            check(&window, &heights, height);
            prop_assert!(calls.get() <= 2 * u32::from(height) + 2);
            if follow && count > 0 && height > 0 {
                let last = window.last().unwrap();
                prop_assert_eq!(last.entry, count - 1);
                prop_assert_eq!(last.skip + last.take, last.what.tall());
            }
        }

        #[test]
        fn a_page_down_and_a_page_up_return((heights, height, top, line) in world()) {
            let count = u32::try_from(heights.len()).unwrap();
            let make = |entry: u32| heights[entry as usize];
            let mut scroll = Scroll { top: Anchor { entry: top.min(count.saturating_sub(1)), line: 0 }, follow: false };
            let _ = line;
            let before = scroll.window(count, height, make);
            let page = i32::from(height);
            scroll.by(page, count, height, make);
            if !scroll.follows() {
                scroll.by(-page, count, height, make);
                prop_assert_eq!(scroll.window(count, height, make), before);
            }
        }

        #[test]
        fn a_resize_keeps_the_top_entry((heights, height, top, _) in world(), taller in 1u16..40) {
            let count = u32::try_from(heights.len()).unwrap();
            let make = |entry: u32| heights[entry as usize];
            let scroll = Scroll::at(top);
            let first = scroll.window(count, height, make).first().map(|slice| slice.entry);
            let other = scroll.window(count, taller, make).first().map(|slice| slice.entry);
            // Only a window that is short of text below may begin earlier.
            if let (Some(first), Some(other)) = (first, other) {
                prop_assert!(first <= top && other <= top);
                if taller <= height { prop_assert!(other >= first); }
            }
        }

        #[test]
        fn a_revealed_entry_is_in_the_window((heights, height, top, _) in world(), entry in 0u32..70, follow: bool) {
            let count = u32::try_from(heights.len()).unwrap();
            let make = |entry: u32| heights[entry as usize];
            let mut scroll = Scroll { top: Anchor { entry: top, line: 0 }, follow };
            scroll.reveal(entry, count, height, make);
            if count > 0 && height > 0 {
                let entry = entry.min(count - 1);
                let window = scroll.window(count, height, make);
                let seen = window.iter().find(|slice| slice.entry == entry).unwrap();
                prop_assert!(seen.take == seen.what.tall() || seen.what.tall() > height || seen.y == 0);
            }
        }

        #[test]
        fn up_and_down_never_panic((heights, height, top, line) in world(), moves in proptest::collection::vec(-50i32..50, 0..20)) {
            let count = u32::try_from(heights.len()).unwrap();
            let make = |entry: u32| heights[entry as usize];
            let mut scroll = Scroll { top: Anchor { entry: top, line }, follow: false };
            for lines in moves {
                scroll.by(lines, count, height, make);
                check(&scroll.window(count, height, make), &heights, height);
            }
        }
    }

    #[test]
    fn the_end_is_followed_until_one_looks_up() {
        let mut scroll = Scroll::default();
        let make = |_: u32| 1u16;
        assert_eq!(scroll.window(100, 10, make).first().map(|slice| slice.entry), Some(90));
        assert_eq!(scroll.window(101, 10, make).first().map(|slice| slice.entry), Some(91));
        scroll.by(-1, 101, 10, make);
        assert!(!scroll.follows());
        assert_eq!(scroll.window(102, 10, make).first().map(|slice| slice.entry), Some(90));
        scroll.by(5, 102, 10, make);
        assert!(scroll.follows());
    }

    #[test]
    fn a_million_entries_cost_what_a_hundred_cost() {
        let calls = Cell::new(0u32);
        for scroll in [Scroll::at(0), Scroll::at(500_000), Scroll::default()] {
            calls.set(0);
            let _ = scroll.window(1_000_000, 50, |_| {
                calls.set(calls.get() + 1);
                1u16
            });
            assert!(calls.get() <= 102);
        }
    }
}
