//! What a person does: keys, text that is pasted, the mouse. Our own types, so that nothing but
//! [`term`](crate::term) knows the terminal library.

pub mod key;
pub mod paste;

pub use key::{Code, Key};
pub use paste::Paste;

/// Something that a person did, or that the terminal told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A key went down.
    Key(Key),
    /// A block of text came at once.
    Paste(Paste),
    /// The mouse.
    Mouse(Mouse),
    /// The terminal has this many columns and lines now.
    Resize(u16, u16),
}

/// What the mouse did, at a column and a line from the upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mouse {
    /// What.
    pub act: Act,
    /// The column.
    pub column: u16,
    /// The line.
    pub line: u16,
}

/// Lines of a text that one notch of the wheel moves.
pub const NOTCH: i32 = 3;

/// What the mouse can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// The left button went down.
    Press,
    /// The left button is down and the mouse moves.
    Drag,
    /// The left button went up.
    Release,
    /// The wheel turned so many notches, down being positive; what came at once is added up.
    Wheel(i32),
}
