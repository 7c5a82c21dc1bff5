//! Where something is saved: the name that is proposed, and the path that is typed.

/// A file's name made of a host's.
pub fn file_name(host: &str) -> String {
    host.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')).collect()
}

/// The path of a new file, as typed.
pub fn new_file(path: &str) -> Result<String, String> {
    let path = path.trim();
    if path.is_empty() { Err("A path is missing.".into()) } else { Ok(path.to_owned()) }
}
