//! The user's own editor for a letter.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{self, Command};

use crate::files::{read, save};

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
