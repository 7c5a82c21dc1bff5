//! L8 and L9: how large a recording may be, written and read.

/// L8, L9: octets of a file.
pub const OCTETS: u64 = 1 << 30;
/// L9: octets of a line.
pub const LINE: usize = 1 << 20;
/// L9: lines of a file.
pub const LINES: usize = 5_000_000;
/// L9: how deep objects and lists may stand in each other.
pub const DEPTH: usize = 32;
/// Octets of a conversation in one line: in Base64 and with all that stands around them far below [`LINE`].
pub const CHUNK: u64 = 48 * 1024;
