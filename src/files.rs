//! Files of the user's: read only if they are regular ones, written only as new ones.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

/// A new file with this text that only the user may read. Never an existing one, never through a link, and never a part
/// of the text: if there is no room for it, there is no file.
pub fn save(path: &Path, text: &[u8]) -> io::Result<()> {
    whole(path, create(path)?, text)
}

/// A new file with this text that everybody may read. Never an existing one, never through a link.
pub fn publish(path: &Path, text: &[u8]) -> io::Result<()> {
    whole(path, new(path, 0o644)?, text)
}

/// Writes the text into the file that was just made, or takes it away again.
fn whole(path: &Path, mut file: File, text: &[u8]) -> io::Result<()> {
    file.write_all(text).and_then(|()| file.sync_all()).inspect_err(|_| {
        // Nothing but the part of a text is lost if this fails too.
        let _ = std::fs::remove_file(path);
    })
}

/// A new file that only the user may read, to write to. Never an existing one, never through a link.
pub fn create(path: &Path) -> io::Result<File> {
    new(path, 0o600)
}

/// A new file with this mode, where files have one.
#[cfg_attr(not(unix), expect(unused_variables, reason = "there is no mode"))]
fn new(path: &Path, mode: u32) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    options.open(path)
}

/// The content of a regular file of at most `limit` octets.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = regular(path)?;
    let len = file.metadata()?.len();
    if len > limit {
        let text = format!("{len} octets; at most {limit} are taken");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
    }
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Opens a regular file to read it. What is none is refused.
pub fn regular(path: &Path) -> io::Result<File> {
    open(path)?.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"))
}

/// Opens a regular file to read it; nothing comes of what is none. A pipe or a device is never waited for: only what the
/// path names after opening counts.
pub fn open(path: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0),
    );
    let file = options.open(path)?;
    Ok(file.metadata()?.is_file().then_some(file))
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
            assert_eq!(std::fs::metadata(&path).expect("meta").permissions().mode() & 0o777, 0o600);
            let (link, beyond) = (folder.path().join("link"), folder.path().join("beyond"));
            std::os::unix::fs::symlink(&beyond, &link).expect("a link to nothing");
            assert_eq!(create(&link).expect_err("a link").kind(), io::ErrorKind::AlreadyExists);
            assert!(!beyond.exists());
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_cannot_be_written_whole_is_not_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("page.html");
        let full = OpenOptions::new().write(true).open("/dev/full").expect("a device without room");
        create(&path).expect("a new file");
        assert_eq!(whole(&path, full, b"text").expect_err("no room").kind(), io::ErrorKind::StorageFull);
        assert!(!path.exists());
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
