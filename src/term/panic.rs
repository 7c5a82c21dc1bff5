//! Panics: the terminal is given back before anything is printed.

use std::panic;
use std::thread;

use super::guard;

/// Restores the terminal before a panic of this thread is told. Panics of other threads end a service, not the screen;
/// they come back to the loop as the end of a task, and printing them would tear the screen.
pub fn install() {
    let screen = thread::current().id();
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() == screen {
            guard::leave();
            before(info);
        }
    }));
}
