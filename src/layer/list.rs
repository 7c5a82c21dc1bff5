//! A list from which one line is chosen: the selected line, and the part of the list that is seen.

use crate::input::{Code, Key};

/// Which line of a list is selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Choice {
    /// The selected line, from 0.
    pub selected: usize,
}

impl Choice {
    /// Moves with the keys that all lists know; false for any other key. `len` lines there are, `page` are seen.
    pub fn key(&mut self, key: Key, len: usize, page: usize) -> bool {
        let last = len.saturating_sub(1);
        let half = (page / 2).max(1);
        self.selected = match key {
            Key { code: Code::Up, ctrl: false, alt: false } => self.selected.saturating_sub(1),
            Key { code: Code::Down, ctrl: false, alt: false } => self.selected + 1,
            Key { code: Code::PageUp, .. } => self.selected.saturating_sub(page.max(1)),
            Key { code: Code::PageDown, .. } => self.selected + page.max(1),
            Key { code: Code::Home, .. } => 0,
            Key { code: Code::End, .. } => last,
            Key { code: Code::Char('u'), ctrl: true, .. } => self.selected.saturating_sub(half),
            Key { code: Code::Char('d'), ctrl: true, .. } => self.selected + half,
            _ => return false,
        }
        .min(last);
        true
    }

    /// The first line to draw, so that the selected one is seen on a page of `page` lines.
    pub fn first(self, len: usize, page: usize) -> usize {
        self.selected.saturating_sub(page / 2).min(len.saturating_sub(page))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selection_stays_inside_the_list() {
        let mut choice = Choice::default();
        choice.key(Key::plain(Code::Up), 3, 10);
        assert_eq!(choice.selected, 0);
        for _ in 0..9 {
            choice.key(Key::plain(Code::Down), 3, 10);
        }
        assert_eq!(choice.selected, 2);
        choice.key(Key::plain(Code::Down), 0, 10);
        assert_eq!(choice.selected, 0);
    }

    #[test]
    fn the_selected_line_is_always_seen() {
        for len in 0..30 {
            for page in 1..12 {
                for selected in 0..len {
                    let first = Choice { selected }.first(len, page);
                    assert!((first..first + page).contains(&selected), "{selected} of {len}, {page} seen from {first}");
                }
            }
        }
    }
}
