//! Too much at once: sizes, replies, a terminal that takes nothing.

use std::thread;
use std::time::Duration;

use crate::Running;
use crate::peer::Peer;
use crate::server::Server;

/// A frame of 160x50 cells with all its styles, in octets, generously.
const FRAME: usize = 64 << 10;

#[test]
fn y240_a_storm_of_sizes_during_a_flood_ends_in_the_right_frame() {
    let lines = (0..1500).map(|number| format!("220-line {number} of a long greeting")).chain(["220 done".into()]);
    let server = Server::start(lines.collect(), Duration::from_millis(2));
    let target = format!("127.0.0.1:{}", server.port);
    let mut ehlo = Running::with(&["connect", &target], |start| start.size(160, 48));
    for turn in 0..1500_u16 {
        ehlo.terminal.resize(20 + turn * 7 % 160, 5 + turn * 3 % 50);
        thread::sleep(Duration::from_millis(2));
    }
    ehlo.terminal.resize(160, 48);
    ehlo.terminal.wait_for("220 done");
    ehlo.terminal
        .wait_until("160 columns", |screen| screen.rows(0, 160).any(|row| row.trim_end().chars().count() > 155));
    ehlo.leave();
}

#[test]
fn y252_a_terminal_that_takes_nothing_does_not_stop_the_network() {
    let mut peer = Peer::play("hears-on");
    let mut ehlo = Running::with(&["connect", &peer.address()], |start| start.size(160, 48));
    ehlo.terminal.wait_for("S 220");
    ehlo.terminal.hold(true);
    // More frames than any buffer between the program and the terminal holds.
    for turn in 0..400_u16 {
        ehlo.terminal.resize(100 + turn % 60, 40);
        thread::sleep(Duration::from_millis(2));
    }
    ehlo.terminal.resize(160, 48);
    for line in ["NOOP one", "NOOP two"] {
        ehlo.terminal.press(line);
        thread::sleep(Duration::from_millis(300));
        ehlo.terminal.press("\r");
        assert_eq!(peer.hears(), line, "keys and network go on");
    }
    let before = ehlo.terminal.raw().len();
    ehlo.terminal.hold(false);
    ehlo.terminal.wait_for(" C NOOP two");
    let written = ehlo.terminal.raw().len() - before;
    assert!(written < 4 * FRAME, "frames are dropped, not queued: {written} octets");
    // The flow-control key of the other hand must not leave the program.
    ehlo.terminal.press("\x11");
    ehlo.terminal.press("NOOP three");
    ehlo.terminal.wait_for("> NOOP three");
    ehlo.leave();
}
