//! The address that a 251 or 551 names (RFC 5321 §3.4).

/// The forward path in the text of a 251 or 551 reply, brackets included, if there is one.
///
/// ```abnf
/// 251 User not local; will forward to <forward-path>     ; RFC 5321 §4.2.3
/// 551 User not local; please try <forward-path>
/// ```
///
/// The last pair of brackets with an `@` between them counts, for the text before it is free.
pub fn forward_path(text: &[u8]) -> Option<&[u8]> {
    let mut end = text.len();
    while let Some(close) = text.get(..end).and_then(|head| memchr::memrchr(b'>', head)) {
        let open = memchr::memrchr(b'<', text.get(..close)?)?;
        let path = text.get(open..=close)?;
        if path.contains(&b'@') {
            return Some(path);
        }
        end = open;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c045_the_forward_path_is_read_from_the_text() {
        let of =
            |text: &'static str| forward_path(text.as_bytes()).map(|path| String::from_utf8(path.to_vec()).unwrap());
        assert_eq!(of("User not local; will forward to <mina@pine.test>").unwrap(), "<mina@pine.test>");
        assert_eq!(of("5.1.6 please try <mina@pine.test>, thanks <postmaster>").unwrap(), "<mina@pine.test>");
        assert_eq!(of("User not local; please try mina@pine.test"), None);
        assert_eq!(of("odd > text < here"), None);
        assert_eq!(of(""), None);
    }
}
