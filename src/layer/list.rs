//! A list from which one line is chosen: the selected line, and the part of the list that is seen.

use ratatui::layout::Rect;

use super::place_of;
use crate::input::{Act, Code, Key, Mouse};

/// Which line of a list is selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Choice {
    /// The selected line, from 0.
    pub selected: usize,
    /// The first line that is seen, as it was when a click selected: the list stands still under the mouse.
    held: Option<usize>,
}

impl Choice {
    /// With this line selected.
    pub fn at(selected: usize) -> Self {
        Self { selected, held: None }
    }

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
        self.held = None;
        true
    }

    /// The wheel moves by single lines, a click selects, and a click on the selected line is Enter. `list` is where the
    /// lines are drawn.
    pub fn mouse(&mut self, mouse: Mouse, list: Rect, len: usize) -> Option<Key> {
        match mouse.act {
            Act::Wheel(notches) => {
                let moved = self.selected.saturating_add_signed(isize::try_from(notches).unwrap_or(0));
                *self = Self { selected: moved.min(len.saturating_sub(1)), held: None };
                None
            }
            Act::Press if list.contains(place_of(mouse)) => {
                let first = self.first(len, list.height.into());
                let line = first + usize::from(mouse.line - list.y);
                if line >= len {
                    return None;
                }
                let again = line == self.selected;
                *self = Self { selected: line, held: Some(first) };
                again.then_some(Key::plain(Code::Enter))
            }
            Act::Press | Act::Drag | Act::Release => None,
        }
    }

    /// The first line to draw, so that the selected one is seen on a page of `page` lines.
    pub fn first(self, len: usize, page: usize) -> usize {
        let held = self.held.filter(|first| (*first..first + page).contains(&self.selected));
        held.unwrap_or(self.selected.saturating_sub(page / 2)).min(len.saturating_sub(page))
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
                    let first = Choice { selected, held: None }.first(len, page);
                    assert!((first..first + page).contains(&selected), "{selected} of {len}, {page} seen from {first}");
                }
            }
        }
    }

    #[test]
    fn a_click_selects_where_it_hits_and_the_list_stands_still_for_the_second_one() {
        let list = Rect::new(3, 4, 20, 5);
        let mut choice = Choice { selected: 10, held: None };
        assert_eq!(choice.first(30, 5), 8);
        let click = Mouse { act: Act::Press, column: 3, line: 8 };
        assert_eq!(choice.mouse(click, list, 30), None);
        assert_eq!((choice.selected, choice.first(30, 5)), (12, 8));
        assert_eq!(choice.mouse(click, list, 30), Some(Key::plain(Code::Enter)));
        choice.key(Key::plain(Code::Down), 30, 5);
        assert_eq!((choice.selected, choice.first(30, 5)), (13, 11), "keys let it move again");
    }

    #[test]
    fn a_click_beside_the_lines_selects_nothing() {
        let list = Rect::new(3, 4, 20, 5);
        let mut choice = Choice { selected: 1, held: None };
        for (column, line) in [(2, 4), (23, 4), (3, 3), (3, 9), (3, 7)] {
            assert_eq!(choice.mouse(Mouse { act: Act::Press, column, line }, list, 3), None, "{column} {line}");
            assert_eq!(choice.selected, 1, "{column} {line}");
        }
        let click = Mouse { act: Act::Press, column: 3, line: 4 };
        assert_eq!(choice.mouse(click, list, 0), None, "an empty list");
    }

    #[test]
    fn the_wheel_moves_and_stays_inside_the_list() {
        let turn = |notches| Mouse { act: Act::Wheel(notches), column: 0, line: 0 };
        let mut choice = Choice::default();
        choice.mouse(turn(2), Rect::ZERO, 4);
        assert_eq!(choice.selected, 2);
        choice.mouse(turn(i32::MAX), Rect::ZERO, 4);
        assert_eq!(choice.selected, 3);
        choice.mouse(turn(i32::MIN), Rect::ZERO, 4);
        assert_eq!(choice.selected, 0);
    }
}
