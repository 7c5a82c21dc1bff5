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

/// Cuts a letter into chunks, the last of which ends it.
///
/// `sizes` are octets: a single one is repeated, several are taken in turn and the rest is one chunk more. With `zero`
/// the letter ends with an empty chunk of its own.
pub fn cut(letter: &[u8], sizes: &[usize], zero: bool) -> Vec<(Chunk, Vec<u8>)> {
    let mut rest = letter;
    let mut turns = sizes.iter().copied();
    let mut parts: Vec<Vec<u8>> = Vec::new();
    while !rest.is_empty() {
        let size = match (turns.next(), sizes) {
            (Some(size), _) => size,
            (None, [size]) => *size,
            (None, _) => rest.len(),
        };
        let (part, after) = rest.split_at_checked(size.max(1)).unwrap_or((rest, &[]));
        parts.push(part.to_vec());
        rest = after;
    }
    if zero || parts.is_empty() {
        parts.push(Vec::new());
    }
    let last = parts.len() - 1;
    let chunk = |(index, part): (usize, Vec<u8>)| (Chunk { size: part.len() as u64, last: index == last }, part);
    parts.into_iter().enumerate().map(chunk).collect()
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
    fn a_letter_is_cut_as_it_is_asked_and_nothing_is_lost() {
        let cuts = |sizes: &[usize], zero| {
            let chunks = cut(b"0123456789", sizes, zero);
            let whole: Vec<u8> = chunks.iter().flat_map(|(_, part)| part.clone()).collect();
            assert_eq!(whole, b"0123456789", "{sizes:?}");
            assert!(chunks.iter().all(|(chunk, part)| chunk.size == part.len() as u64));
            chunks.iter().map(|(chunk, _)| chunk.encode()).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(cuts(&[4], false), "4, 4, 2 LAST");
        assert_eq!(cuts(&[5], true), "5, 5, 0 LAST");
        assert_eq!(cuts(&[1, 2], false), "1, 2, 7 LAST");
        assert_eq!(cuts(&[], false), "10 LAST");
        assert_eq!(cuts(&[99], false), "10 LAST");
        assert_eq!(cut(b"", &[3], false), [(Chunk { size: 0, last: true }, Vec::new())]);
    }

    #[test]
    fn a_printed_chunk_is_read_back() {
        for chunk in [Chunk { size: 0, last: true }, Chunk { size: u64::MAX, last: false }] {
            assert_eq!(Chunk::parse(chunk.encode().as_bytes()), Some(chunk));
        }
    }
}
