//! From the start of the process to the first whole frame in a pseudo-terminal: what a person waits for after Enter.
//! Goal: at most 30 ms.
//!
//! The program measured is the one cargo built beside this bench, so `cargo bench --bench start` measures a release.

#![expect(clippy::expect_used, reason = "a bench that cannot be set up must stop")]

#[path = "terminal/shown.rs"]
mod shown;

use divan::Bencher;
use shown::{END_OF_FRAME, until};

fn main() {
    divan::main();
}

/// Until the screen is there.
#[divan::bench(sample_count = 50, args = [(80, 24), (160, 50)])]
fn start_to_first_frame(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    bencher.bench_local(|| until(size, &[], END_OF_FRAME));
}

/// Until the lab's greeting is on it.
#[divan::bench(sample_count = 50, args = [(80, 24)])]
fn start_to_greeting(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    // A frame may draw the code and the blank behind it apart, so the words of the greeting are looked for.
    bencher.bench_local(|| until(size, &[], b"Harbor Post"));
}
