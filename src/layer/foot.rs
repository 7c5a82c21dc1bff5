//! The last line of a layer: its keys and what they do, drawn and found under the mouse.
//!
//! ```text
//! Enter connect   Tab next field   Esc leave it
//! ```

use ratatui::layout::Rect;

use super::place_of;
use crate::input::{Act, Key, Mouse};
use crate::ui::text::{Pen, Role, width};

/// Writes keys and their words into the last line of the pen.
pub fn draw(pen: &mut Pen<'_>, keys: &[(&str, &str)]) {
    let y = pen.height().saturating_sub(1);
    for (x, key, word) in placed(keys) {
        let x = pen.put(x, y, key, Role::Key);
        pen.put(x + 1, y, word, Role::Text);
    }
}

/// The key that a click presses, if it hits one or its word in the last line of `inner`.
pub fn key_at(mouse: Mouse, inner: Rect, keys: &[(&str, &str)]) -> Option<Key> {
    let last = Rect { y: inner.bottom().saturating_sub(1), height: 1.min(inner.height), ..inner };
    let at = place_of(mouse);
    if mouse.act != Act::Press || !last.contains(at) {
        return None;
    }
    let x = usize::from(at.x - last.x);
    let hit = |(begins, key, word): &(usize, &str, &str)| (*begins..begins + length(key, word)).contains(&x);
    placed(keys).find(hit).and_then(|(_, key, _)| key.parse().ok())
}

/// Keys and words with the columns where they begin.
fn placed<'a>(keys: &'a [(&'a str, &'a str)]) -> impl Iterator<Item = (usize, &'a str, &'a str)> {
    keys.iter().scan(1, |x, (key, word)| {
        let begins = *x;
        *x += length(key, word) + 3;
        Some((begins, *key, *word))
    })
}

/// Cells of a key and its word.
fn length(key: &str, word: &str) -> usize {
    width(key) + 1 + width(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Code;

    #[test]
    fn a_click_hits_a_key_or_its_word_and_nothing_between() {
        let inner = Rect::new(10, 5, 40, 4);
        let keys = [("↑↓", "choose"), ("Enter", "do it"), ("Esc", "leave it")];
        let found = |column, line| key_at(Mouse { act: Act::Press, column, line }, inner, &keys);
        assert_eq!(found(11, 8), None, "arrows are two keys");
        assert_eq!(found(22, 8), None, "a gap");
        assert_eq!(found(23, 8), Some(Key::plain(Code::Enter)));
        assert_eq!(found(33, 8), Some(Key::plain(Code::Enter)));
        assert_eq!(found(34, 8), None);
        assert_eq!(found(37, 8), Some(Key::plain(Code::Esc)));
        assert_eq!(found(23, 7), None, "another line");
        let release = Mouse { act: Act::Release, column: 23, line: 8 };
        assert_eq!(key_at(release, inner, &keys), None);
    }
}
