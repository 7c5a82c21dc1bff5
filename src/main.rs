//! The `ehlo` binary: see the library for everything.
fn main() {}
