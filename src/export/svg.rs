//! A picture whose text is text: it can be selected, searched and scaled. The page is the one of the text export.
//!
//! Each line has the length that its cells have, so it looks the same with every font. Light colours, for a projector.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::html::escaped;
use super::page::Page;
use super::text;

/// The size of a cell, and of the margin, in pixels.
const CELL: (usize, usize) = (9, 20);
const MARGIN: usize = 20;
/// Cells of a line.
const COLUMNS: usize = 80;

/// The recording as a picture.
pub fn print(page: &Page) -> String {
    let text = text::print(page);
    let lines: Vec<&str> = text.lines().collect();
    let (width, height) = (COLUMNS * CELL.0 + 2 * MARGIN, lines.len() * CELL.1 + 2 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"ui-monospace,monospace\" font-size=\"15\" fill=\"#111\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    for (place, line) in lines.iter().enumerate().filter(|(_, line)| !line.is_empty()) {
        let shown = line.trim_start();
        let indent = line.len() - shown.len();
        let colour = match line.get(18..20) {
            Some("C:") => " fill=\"#0b4ea2\"",
            Some("S:") => " fill=\"#11692f\"",
            _ => "",
        };
        let (x, y) = (MARGIN + indent * CELL.0, MARGIN + (place + 1) * CELL.1 - 5);
        let length = shown.width() * CELL.0;
        let _ = writeln!(
            out,
            "<text x=\"{x}\" y=\"{y}\" textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\"{colour}>{}</text>",
            escaped(shown)
        );
    }
    out.push_str("</svg>\n");
    out
}
