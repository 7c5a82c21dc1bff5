//! The user's own editor for a letter.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{self, Command};

/// A new file with this text that only the user may read. Never an existing one, never through a link.
pub fn save(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text)?;
    file.sync_all()
}

/// The content of a regular file of at most `limit` octets.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let len = file.metadata()?.len();
    if len > limit {
        let text = format!("{len} octets; at most {limit} are taken");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
    }
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Opens a regular file to read it. What is none is refused and never waited for.
pub fn open(path: &Path) -> io::Result<File> {
    // A pipe or a device would be waited for; only what the path names after opening counts.
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0),
    );
    let file = options.open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    Ok(file)
}

/// Has a text edited by `$VISUAL`, `$EDITOR` or `vi`, and gives back what it became. The terminal must be free.
pub fn edit(text: &str, limit: u64) -> io::Result<Vec<u8>> {
    let path = draft();
    save(&path, text.as_bytes())?;
    let edited = run(&path).and_then(|()| read(&path, limit));
    fs::remove_file(&path)?;
    edited
}

fn run(path: &Path) -> io::Result<()> {
    let set = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let editor = set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| "vi".into());
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let status = Command::new(program).args(words).arg(path).status();
    let status = status.map_err(|error| io::Error::new(error.kind(), format!("{program}: {error}")))?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("{program} ended with {status}"))) }
}

/// A name that nobody has yet; `save` makes sure of it.
fn draft() -> PathBuf {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    std::env::temp_dir().join(format!("ehlo-letter-{}-{}.eml", process::id(), now.as_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_never_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("transcript.txt");
        save(&path, b"first").expect("a new file");
        assert_eq!(save(&path, b"second").expect_err("it is there").kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(read(&path, 100).expect("it can be read"), b"first");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).expect("meta").permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn only_regular_files_of_a_bounded_size_are_read() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(read(folder.path(), 100).is_err());
        let path = folder.path().join("large.eml");
        save(&path, &[b'x'; 101]).expect("a file");
        assert_eq!(read(&path, 100).expect_err("too large").kind(), io::ErrorKind::FileTooLarge);
        #[cfg(unix)]
        assert!(read(Path::new("/dev/zero"), 100).is_err());
    }
}
