//! The watch: a terminal that vanishes ends the program, even when SIGHUP is ignored.
//!
//! A reader of a vanished terminal hears its end again and again without rest, and crossterm never says so: the thread
//! that reads for it spins. A thread that waits for the hang-up alone costs nothing while the terminal is there, and ends
//! the program should the loop not get to it.

use std::io;
use std::thread;
#[cfg(unix)]
use std::time::Duration;

use tokio::sync::oneshot;

/// The exit code of a program whose terminal is gone: that of SIGHUP.
pub const GONE: u8 = 129;

/// How long the loop may take to end after the terminal is gone.
#[cfg(unix)]
const GRACE: Duration = Duration::from_millis(50);

/// Watches the terminal; what comes back is told once it is gone. The program ends soon after that.
#[cfg(unix)]
pub fn start() -> io::Result<oneshot::Receiver<()>> {
    use rustix::event::{PollFd, PollFlags, poll};

    let (gone, told) = oneshot::channel();
    thread::Builder::new().name("watch".into()).spawn(move || {
        let stdin = io::stdin();
        loop {
            // Nothing is asked for: only hang-up and error come, and those always.
            let mut terminal = [PollFd::new(&stdin, PollFlags::empty())];
            let polled = poll(&mut terminal, None);
            let over =
                terminal.iter().any(|fd| fd.revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL));
            match polled {
                Ok(_) if over => break,
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(_) => break,
            }
        }
        // The loop may have ended by itself meanwhile.
        let _ = gone.send(());
        thread::sleep(GRACE);
        // Nobody sees the terminal any more, so there is nothing to give back.
        std::process::exit(i32::from(GONE));
    })?;
    Ok(told)
}

/// There is nothing to watch here.
#[cfg(not(unix))]
pub fn start() -> io::Result<oneshot::Receiver<()>> {
    let (gone, told) = oneshot::channel();
    thread::Builder::new().name("watch".into()).spawn(move || {
        // As long as it is kept nothing is told; a parked thread may wake up for no reason.
        let _kept = gone;
        loop {
            thread::park();
        }
    })?;
    Ok(told)
}
