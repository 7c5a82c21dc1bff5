//! Secrets that come from elsewhere than the form: what a command prints, what was piped in, what is typed unseen.

use std::io::{self, IsTerminal as _, Read};
use std::process::{Command, Stdio};

use secrecy::zeroize::Zeroizing;

/// What a command prints, at most `limit` octets and one more. It has the terminal, so that it may ask; its complaints go
/// there too.
pub fn printed(command: &str, limit: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut child = Command::new(shell).args([flag, command]).stdout(Stdio::piped()).spawn()?;
    // The pipe goes with the reader: who prints without end is ended by that.
    let octets = child.stdout.take().map_or_else(|| Ok(Zeroizing::default()), |out| read(out, limit))?;
    let status = child.wait()?;
    if status.success() || octets.len() > limit {
        Ok(octets)
    } else {
        Err(io::Error::other(format!("it ended with {status}")))
    }
}

/// What was piped into standard input, at most `limit` octets and one more; nothing if that is the terminal.
pub fn piped(limit: usize) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    if io::stdin().is_terminal() {
        return Ok(None);
    }
    read(io::stdin().lock(), limit).map(Some)
}

fn read(from: impl Read, limit: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    // Room for all of it at once, so that no copy of it stays behind.
    let mut octets = Zeroizing::new(Vec::with_capacity(limit + 1));
    from.take(limit as u64 + 1).read_to_end(&mut octets)?;
    Ok(octets)
}

/// A question for a secret on the terminal that the program was started from. What is typed is not seen while it stands;
/// when it goes, the terminal is as it was.
#[cfg(unix)]
#[derive(Debug)]
pub struct Question {
    terminal: std::fs::File,
    before: rustix::termios::Termios,
    words: String,
}

#[cfg(unix)]
impl Question {
    /// Asks, if somebody types: nothing where standard input is no terminal, or there is none to be asked on.
    pub fn ask(words: String) -> Option<Self> {
        if !io::stdin().is_terminal() {
            return None;
        }
        let terminal = std::fs::OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
        let before = rustix::termios::tcgetattr(&terminal).ok()?;
        let mut question = Self { terminal, before, words };
        question.again().ok()?;
        Some(question)
    }

    /// Asks once more, behind a stop.
    pub fn again(&mut self) -> io::Result<()> {
        use rustix::termios::{LocalModes, OptionalActions, tcsetattr};

        let mut modes = self.before.clone();
        // Lines and their keys stay, Ctrl-C with them.
        modes.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL);
        tcsetattr(&self.terminal, OptionalActions::Now, &modes)?;
        self.write(&self.words)
    }

    /// Gives the terminal back.
    pub fn rest(&self) {
        use rustix::termios::{OptionalActions, tcsetattr};

        // The end of the line was not seen either.
        let _ = self.write("\n");
        let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
    }

    /// What reads one line of at most `limit` octets and one more; its end is the end of what is typed.
    pub fn answer(&self, limit: usize) -> io::Result<impl FnOnce() -> io::Result<Zeroizing<Vec<u8>>> + Send + 'static> {
        let terminal = self.terminal.try_clone()?;
        Ok(move || line(terminal, limit))
    }

    fn write(&self, text: &str) -> io::Result<()> {
        io::Write::write_all(&mut &self.terminal, text.as_bytes())
    }
}

#[cfg(unix)]
impl Drop for Question {
    fn drop(&mut self) {
        self.rest();
    }
}

/// A terminal that hands out lines gives one with each read; a longer one comes in pieces.
#[cfg(unix)]
fn line(mut from: impl Read, limit: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut octets = Zeroizing::new(Vec::with_capacity(limit + 1));
    let mut piece = Zeroizing::new([0; 1024]);
    while octets.len() <= limit && !octets.ends_with(b"\n") {
        let read = from.read(piece.as_mut_slice())?;
        if read == 0 {
            break;
        }
        let room = limit + 1 - octets.len();
        octets.extend(piece.iter().take(read).take(room));
    }
    Ok(octets)
}

/// Where nothing can be hidden, nothing is asked.
#[cfg(not(unix))]
#[derive(Debug)]
pub struct Question(());

#[cfg(not(unix))]
impl Question {
    /// Nobody is asked here.
    pub fn ask(_: String) -> Option<Self> {
        None
    }

    /// Nothing is asked.
    pub fn again(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Nothing was taken.
    pub fn rest(&self) {}

    /// There is nothing to be read.
    pub fn answer(&self, _: usize) -> io::Result<impl FnOnce() -> io::Result<Zeroizing<Vec<u8>>> + Send + 'static> {
        Ok(|| Ok(Zeroizing::default()))
    }
}

/// Puts the terminal that shows the screen into the place of standard input, for this program and for an editor.
#[cfg(unix)]
pub fn take_keys() -> io::Result<()> {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let name = rustix::termios::ttyname(rustix::stdio::stdout(), Vec::new())?;
    let path = OsStr::from_bytes(name.as_bytes());
    let terminal = std::fs::OpenOptions::new().read(true).write(true).open(path)?;
    Ok(rustix::stdio::dup2_stdin(&terminal)?)
}

/// Keys come through standard input, and nothing else can stand there.
#[cfg(not(unix))]
pub fn take_keys() -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "keys come through standard input here"))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_read_to_a_limit_and_its_failure_told() {
        assert_eq!(printed("printf 'sunrise\\n'", 100).expect("it prints").as_slice(), b"sunrise\n");
        assert_eq!(printed("cat /dev/zero", 100).expect("it is cut").len(), 101);
        let why = printed("printf half; exit 3", 100).expect_err("it fails").to_string();
        assert_eq!(why, "it ended with exit status: 3");
    }

    #[test]
    fn a_line_is_read_to_its_end_or_to_a_limit() {
        let read = |text: &[u8], limit| line(text, limit).expect("it reads").to_vec();
        assert_eq!(read(b"sunrise\n", 100), b"sunrise\n");
        assert_eq!(read(&[b'x'; 5000], 2000).len(), 2001);
        assert_eq!(read(b"", 100), b"");
    }
}
