//! Secrets that come from elsewhere than the form: what a command prints, what was piped in.

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
}
