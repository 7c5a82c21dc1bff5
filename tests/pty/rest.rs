//! At rest nothing happens: no byte, no waking. A wait that was set goes by.

use std::thread;
use std::time::Duration;

use crate::Running;
use crate::peer::Peer;
use crate::process::voluntary_switches;

#[test]
fn a3_an_idle_program_writes_nothing_and_sleeps() {
    let ehlo = Running::lab();
    ehlo.terminal.wait_for("EHLO");
    settle(&ehlo);
    let (written, switches) = (ehlo.terminal.raw().len(), voluntary_switches(ehlo.terminal.pid()));
    thread::sleep(Duration::from_secs(5));
    assert_eq!(ehlo.terminal.raw().len(), written, "nothing is written at rest: {}", ehlo.terminal.screen());
    let woken = voluntary_switches(ehlo.terminal.pid()) - switches;
    assert!(woken <= 20, "{woken} times awake in five seconds of rest");
    ehlo.leave();
}

/// Waits until nothing was written for a second and a half: longer than any message stands that comes with the start.
fn settle(ehlo: &Running) {
    let mut before = 0;
    loop {
        let now = ehlo.terminal.raw().len();
        if now == before {
            return;
        }
        before = now;
        thread::sleep(Duration::from_millis(1500));
    }
}

#[test]
fn the_time_to_wait_is_the_one_that_was_given() {
    let peer = Peer::play("says-nothing");
    let ehlo = Running::with(&["connect", &peer.address(), "--timeout", "1"], |start| start.size(100, 30));
    ehlo.terminal.wait_for("Nothing came in time");
    ehlo.leave();
}
