//! Chunks: the header of a BDAT command.
//!
//! ```abnf
//! bdat-cmd   = "BDAT" SP chunk-size [ SP end-marker ] CRLF    ; RFC 3030 §2
//! chunk-size = 1*DIGIT
//! end-marker = "LAST"
//! ```

/// What a BDAT command announces: so many octets follow its line end, whatever they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk {
    /// Octets of the chunk.
    pub size: u64,
    /// True if the letter ends with it.
    pub last: bool,
}

impl Chunk {
    /// Reads the argument of BDAT. `None` if it has no size that fits, for then nobody can tell where the chunk ends.
    pub fn parse(argument: &[u8]) -> Option<Self> {
        let mut words = argument.split(|octet| *octet == b' ').filter(|word| !word.is_empty());
        let size = std::str::from_utf8(words.next()?).ok()?;
        let size = size.bytes().all(|octet| octet.is_ascii_digit()).then(|| size.parse().ok()).flatten()?;
        let last = match words.next() {
            None => false,
            Some(word) if word.eq_ignore_ascii_case(b"LAST") => true,
            Some(_) => return None,
        };
        words.next().is_none().then_some(Self { size, last })
    }

    /// The argument as it stands on the wire.
    pub fn encode(self) -> String {
        if self.last { format!("{} LAST", self.size) } else { self.size.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_has_a_size_and_may_be_the_last() {
        assert_eq!(Chunk::parse(b"1000"), Some(Chunk { size: 1000, last: false }));
        assert_eq!(Chunk::parse(b"0 last"), Some(Chunk { size: 0, last: true }));
        for bad in ["", "LAST", "-1", "+1", "1x", "18446744073709551616", "1 FIRST", "1 LAST 2"] {
            assert_eq!(Chunk::parse(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn a_printed_chunk_is_read_back() {
        for chunk in [Chunk { size: 0, last: true }, Chunk { size: u64::MAX, last: false }] {
            assert_eq!(Chunk::parse(chunk.encode().as_bytes()), Some(chunk));
        }
    }
}
