//! The clipboard, by OSC 52: the terminal may take the text, and never says whether it did.

use std::io;

use crossterm::clipboard::CopyToClipboard;
use crossterm::queue;

use super::guard;

/// Gives a text to the terminal's clipboard.
pub fn copy(text: &str) -> io::Result<()> {
    let mut out = Vec::new();
    queue!(out, CopyToClipboard::to_clipboard_from(text))?;
    guard::write(&out)
}
