//! The `ehlo` binary: see the library for everything.

use std::process::ExitCode;

fn main() -> ExitCode {
    ehlo::cli::main()
}
