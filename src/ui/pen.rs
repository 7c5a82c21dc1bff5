//! A pen draws into one region of a buffer and never outside it.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use unicode_segmentation::UnicodeSegmentation;

use super::text::{Palette, Role, Run, cells, width};

/// Draws into one region of a buffer and never outside it.
pub struct Pen<'a> {
    buffer: &'a mut Buffer,
    area: Rect,
    palette: &'a dyn Palette,
}

impl<'a> Pen<'a> {
    /// A pen for `area`, as far as the buffer has it.
    pub fn new(buffer: &'a mut Buffer, area: Rect, palette: &'a dyn Palette) -> Self {
        let area = area.intersection(buffer.area);
        Self { buffer, area, palette }
    }

    /// A pen for a part of this one's region, in coordinates of the buffer.
    pub fn within(&mut self, area: Rect) -> Pen<'_> {
        let area = area.intersection(self.area);
        Pen { buffer: self.buffer, area, palette: self.palette }
    }

    /// The palette.
    pub fn palette(&self) -> &'a dyn Palette {
        self.palette
    }

    /// True if only ASCII may be drawn.
    pub fn ascii(&self) -> bool {
        self.palette.ascii()
    }

    /// The region.
    pub fn area(&self) -> Rect {
        self.area
    }

    /// Width of the region in cells.
    pub fn width(&self) -> usize {
        usize::from(self.area.width)
    }

    /// Height of the region in lines.
    pub fn height(&self) -> u16 {
        self.area.height
    }

    /// Writes `text` from column `x` of line `y` of the region, as far as it fits; gives the column after it.
    pub fn put(&mut self, x: usize, y: u16, text: &str, role: Role) -> usize {
        if y >= self.area.height || x >= self.width() {
            return x + width(text);
        }
        if text.is_ascii() {
            return self.put_ascii(x, y, text, role);
        }
        let style = self.palette.style(role);
        let ascii = self.palette.ascii();
        let mut column = x;
        for grapheme in text.graphemes(true) {
            let wide = cells(grapheme);
            if wide == 0 || grapheme.chars().any(char::is_control) {
                continue;
            }
            if column + wide > self.width() {
                return column + wide;
            }
            let symbol = if ascii && !grapheme.is_ascii() { folded(grapheme) } else { grapheme };
            let mut places = self.cells_from(column, y).iter_mut();
            if let Some(cell) = places.next() {
                cell.set_symbol(symbol).set_style(style);
            }
            for cell in places.take(wide - 1) {
                cell.reset();
            }
            column += wide;
        }
        column
    }

    /// The same for ASCII: one cell for each character.
    fn put_ascii(&mut self, x: usize, y: u16, text: &str, role: Role) -> usize {
        let style = self.palette.style(role);
        let printable = text.bytes().filter(|octet| !octet.is_ascii_control());
        for (cell, octet) in self.cells_from(x, y).iter_mut().zip(printable) {
            cell.set_char(char::from(octet)).set_style(style);
        }
        x + text.len()
    }

    /// Writes a sign of one cell so many times.
    pub fn repeat(&mut self, x: usize, y: u16, sign: &str, count: usize, role: Role) {
        let style = self.palette.style(role);
        for cell in self.cells_from(x, y).iter_mut().take(count) {
            cell.set_symbol(sign).set_style(style);
        }
    }

    /// Writes runs one after the other.
    pub fn runs(&mut self, x: usize, y: u16, runs: &[Run]) -> usize {
        let mut column = x;
        for run in runs {
            column = self.put(column, y, &run.text, run.role);
        }
        column
    }

    /// Writes `text` so that it ends in the last column.
    pub fn right(&mut self, y: u16, text: &str, role: Role) -> usize {
        let x = self.width().saturating_sub(width(text));
        self.put(x, y, text, role);
        x
    }

    /// Marks a line of the region as selected.
    pub fn select(&mut self, y: u16) {
        let style = self.palette.selection();
        if y < self.area.height {
            let line = Rect { y: self.area.y + y, height: 1, ..self.area };
            self.buffer.set_style(line, style);
        }
    }

    /// Empties the region.
    pub fn clear(&mut self) {
        let style = self.palette.style(Role::Text);
        for y in 0..self.area.height {
            for cell in self.cells_from(0, y) {
                cell.reset();
                cell.set_style(style);
            }
        }
    }

    /// The cells of line `y` of the region from column `x` on.
    fn cells_from(&mut self, x: usize, y: u16) -> &mut [Cell] {
        if y >= self.area.height {
            return &mut [];
        }
        let whole = self.buffer.area;
        let line = usize::from(self.area.y - whole.y + y) * usize::from(whole.width);
        let start = line + usize::from(self.area.x - whole.x);
        let end = start + self.width();
        self.buffer.content.get_mut((start + x).min(end)..end).unwrap_or_default()
    }
}

/// An ASCII character in place of one that is not.
fn folded(grapheme: &str) -> &'static str {
    match grapheme {
        "·" | "–" | "—" | "─" => "-",
        "§" => "s",
        "→" | "▸" => ">",
        "←" => "<",
        "↑" => "^",
        "↓" => "v",
        "✓" => "+",
        "✗" | "×" => "x",
        "│" => "|",
        "…" => "~",
        _ => "?",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ratatui::style::Style;

    /// A palette that shows nothing but text.
    struct Plain;

    impl Palette for Plain {
        fn style(&self, _: Role) -> Style {
            Style::new()
        }

        fn ascii(&self) -> bool {
            false
        }

        fn selection(&self) -> Style {
            Style::new().reversed()
        }
    }

    proptest! {
        #[test]
        fn a_pen_stays_in_its_region(
            text in ".{0,80}", x in 0usize..50, y in 0u16..12, (left, top, wide, high) in (0u16..30, 0u16..12, 0u16..40, 0u16..12),
        ) {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 30, 10));
            let area = Rect::new(left, top, wide, high);
            let mut pen = Pen::new(&mut buffer, area, &Plain);
            pen.put(x, y, &text, Role::Text);
            pen.right(y, &text, Role::Text);
            pen.select(y);
            for (index, cell) in buffer.content.iter().enumerate() {
                let at = buffer.pos_of(index);
                let inside = area.contains(at.into());
                prop_assert!(inside || cell.symbol() == " ");
                prop_assert!(!cell.symbol().chars().any(char::is_control));
            }
        }
    }
}
