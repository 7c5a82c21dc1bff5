//! How large a log of another program may be that is read as a recording.

/// Octets of a file.
pub const OCTETS: u64 = 16 << 20;
/// Lines of a file.
pub const LINES: usize = 200_000;
/// Octets of a line; what stands behind them is left out.
pub const LINE: usize = 64 << 10;
/// Sessions in one file.
pub const SESSIONS: usize = 200;
/// How often one mail may quote another.
pub const QUOTES: usize = 8;
