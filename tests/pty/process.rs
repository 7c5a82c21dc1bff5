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

/// The most memory that a process has had so far, in MiB.
pub(crate) fn most_memory(pid: i32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the process");
    field(&status.replace(" kB", ""), "VmHWM:") / 1024
}

/// Waits until a process is stopped.
#[track_caller]
pub(crate) fn wait_until_stopped(pid: i32) {
    wait_until(pid, 'T', PATIENCE);
}

/// Waits until a process is in this state: R running, S sleeping, T stopped, Z ended and not yet asked about.
#[track_caller]
pub(crate) fn wait_until(pid: i32, state: char, limit: Duration) {
    let end = Instant::now() + limit;
    while self::state(pid) != state {
        assert!(Instant::now() < end, "the process is {:?} and not {state:?} after {limit:?}", self::state(pid));
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn state(pid: i32) -> char {
    stat(pid).first().and_then(|state| state.chars().next()).expect("a state")
}

/// The time that a process has had on the processor, also after its end.
pub(crate) fn time_used(pid: i32) -> Duration {
    // utime and stime, in hundredths of a second.
    let ticks = stat(pid).into_iter().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>();
    Duration::from_millis(ticks * 10)
}

/// The fields of proc(5) from the state on; the name before them may hold blanks.
fn stat(pid: i32) -> Vec<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("the process");
    stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().map(str::to_owned).collect()).unwrap_or_default()
}

fn field(status: &str, name: &str) -> u64 {
    let value = status.lines().find_map(|line| line.strip_prefix(name));
    value.and_then(|value| value.trim().parse().ok()).expect("a number")
}
