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
/// Octets of a file that are read at a time, while the screen works.
pub const SLICE: usize = 512 * 1024;
/// The same, where most of what is read is another session's.
pub const SCAN: u64 = 8 << 20;
/// Octets between two places of a file that are known without reading it.
pub const BLOCK: u64 = 128 * 1024;
/// Sessions of a file that are listed.
pub const SESSIONS: usize = 250_000;
/// Letters and what happened to them of which the place in a file is known.
pub const SHARED: usize = 1_000_000;
/// Octets of a line that tells news of a letter, to be held while a recording is shown.
pub const NEWS: u64 = 64 * 1024;
/// Octets of letters that are held while a recording is shown.
pub const LETTERS: u64 = 8 << 20;
/// Octets that a session of a recording costs in memory before the oldest of it is left out, about; twice that where it
/// cannot be.
pub const SESSION: u64 = 12 << 20;
/// Octets of the beginning of such a session, and of a transaction in it, that always stay.
pub const HEAD: u64 = 64 * 1024;
/// Octets that all sessions of a recording cost in memory before those that are not looked at go, about.
pub const SESSIONS_HELD: u64 = 24 << 20;
