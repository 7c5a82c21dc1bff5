//! The clipboard, by OSC 52: the terminal may take the text, and never says whether it did.

use crossterm::clipboard::CopyToClipboard;
use crossterm::queue;

/// The longest text, in octets: terminals drop longer ones without a word.
pub const LIMIT: usize = 100_000;

/// A text that no terminal would take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Too long for a clipboard: {0} octets, at most {LIMIT}.")]
pub struct TooLong(pub usize);

/// What gives a text to the terminal's clipboard.
pub fn osc52(text: &str) -> Result<Vec<u8>, TooLong> {
    if text.len() > LIMIT {
        return Err(TooLong(text.len()));
    }
    let mut out = Vec::new();
    // Writing to a vector cannot fail.
    let _ = queue!(out, CopyToClipboard::to_clipboard_from(text));
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_base64_for_the_clipboard() {
        assert_eq!(osc52("250 OK").as_deref(), Ok(&b"\x1b]52;c;MjUwIE9L\x1b\\"[..]));
    }

    #[test]
    fn what_no_terminal_takes_is_not_sent() {
        assert!(osc52(&"x".repeat(LIMIT)).is_ok());
        assert_eq!(osc52(&"x".repeat(LIMIT + 1)), Err(TooLong(LIMIT + 1)));
    }
}
