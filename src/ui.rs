//! Drawing: themes, geometry and the regions of a screen.

pub mod hex;
pub mod text;
pub mod transcript;
pub mod viewport;
