//! What the application wants done in the world.

use crate::ports::{dns, lab, net};
use crate::record::slice::Wanted;

/// Something to be done outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Ask the network.
    Net(net::Request),
    /// Ask the DNS.
    Dns(dns::Request),
    /// Ask the lab.
    Lab(lab::Request),
    /// Put a text on the clipboard; the terminal may refuse and does not say so.
    Copy(String),
    /// Write a new file; never over an existing one.
    Save {
        /// Its path.
        path: String,
        /// What it will hold.
        text: String,
    },
    /// Write a new file of octets; never over an existing one.
    Export {
        /// Its path.
        path: String,
        /// What it will hold.
        octets: Vec<u8>,
    },
    /// Look at a file that was chosen for the letter.
    Read {
        /// Its path.
        path: String,
        /// Octets of a text that the editor can take.
        most: u64,
    },
    /// Read a file that goes with a letter.
    Attach {
        /// Its path.
        path: String,
        /// Octets that it may have.
        most: u64,
    },
    /// Read lines of the recording that is shown.
    ReadOfRecording(Wanted),
    /// Record the sessions, from their beginning, to a new file of this path.
    Record(String),
    /// Have a text edited in `$VISUAL` or `$EDITOR`.
    Edit(String),
    /// Take the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Go back to the shell until `fg`.
    Suspend,
    /// Leave the program.
    Quit,
    /// Let a task of the edge hit a bug, to see the rest go on; only in debug builds.
    #[cfg(debug_assertions)]
    Fail,
}
