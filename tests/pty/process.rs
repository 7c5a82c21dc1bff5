//! What the kernel says about a process, from `/proc`.

#![expect(clippy::expect_used, reason = "a test that cannot look must stop")]

use std::fs;
use std::time::{Duration, Instant};

/// How long a test waits for a state of a process.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often the threads of a process have gone to sleep by themselves, all together.
pub(crate) fn voluntary_switches(pid: i32) -> u64 {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).expect("the threads of the process");
    let statuses = tasks.flatten().filter_map(|task| fs::read_to_string(task.path().join("status")).ok());
    statuses.map(|status| field(&status, "voluntary_ctxt_switches:")).sum()
}

/// Waits until a process is stopped.
#[track_caller]
pub(crate) fn wait_until_stopped(pid: i32) {
    let end = Instant::now() + PATIENCE;
    while state(pid) != 'T' {
        assert!(Instant::now() < end, "the process did not stop; it is {:?}", state(pid));
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The state of a process: R running, S sleeping, T stopped.
fn state(pid: i32) -> char {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the process");
    status.lines().find_map(|line| line.strip_prefix("State:")?.trim().chars().next()).expect("a state")
}

fn field(status: &str, name: &str) -> u64 {
    let value = status.lines().find_map(|line| line.strip_prefix(name));
    value.and_then(|value| value.trim().parse().ok()).expect("a number")
}
