//! Lines, with every kind of line end that peers send.
//!
//! RFC 5321 §2.3.8: a line ends with CR LF, and nothing else; a lone CR or LF must not be sent. A reader that is to
//! show what happened accepts LF as the end of a line, remembers how the line ended, and leaves a lone CR where it is.

use memchr::memchr;

/// How a line ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ending {
    /// CR LF, as it should be.
    CrLf,
    /// CR CR LF: a program translated a line end twice.
    CrCrLf,
    /// LF alone.
    Lf,
    /// No LF has come.
    Open,
}

impl Ending {
    /// Octets of the line end itself.
    pub const fn len(self) -> usize {
        match self {
            Self::CrLf => 2,
            Self::CrCrLf => 3,
            Self::Lf => 1,
            Self::Open => 0,
        }
    }

    /// True if no LF has come.
    pub const fn is_empty(self) -> bool {
        matches!(self, Self::Open)
    }

    /// The octets of the line end.
    pub const fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::CrLf => b"\r\n",
            Self::CrCrLf => b"\r\r\n",
            Self::Lf => b"\n",
            Self::Open => b"",
        }
    }
}

/// A line: its text and how it ended. A CR that is not part of the line end is text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// The octets before the line end.
    pub text: &'a [u8],
    /// How it ended.
    pub ending: Ending,
}

impl<'a> Line<'a> {
    /// The line that `bytes` are: one line, with its end if it has one.
    pub fn of(bytes: &'a [u8]) -> Self {
        let ends = [Ending::CrCrLf, Ending::CrLf, Ending::Lf];
        let cut = |ending: Ending| Some(Self { text: bytes.strip_suffix(ending.as_bytes())?, ending });
        ends.into_iter().find_map(cut).unwrap_or(Self { text: bytes, ending: Ending::Open })
    }

    /// Octets of the line, its end included.
    pub const fn len(&self) -> usize {
        self.text.len() + self.ending.len()
    }

    /// True if there is no octet at all, not even a line end.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// True if a value holds what may end a line early somewhere: CR, LF or NUL (RFC 5321 §2.3.8, §4.5.2).
pub fn breaks(value: &str) -> bool {
    value.contains(['\r', '\n', '\0'])
}

/// The lines of `bytes`, split at each LF. What follows the last LF is an [open](Ending::Open) line.
pub fn lines(bytes: &[u8]) -> Lines<'_> {
    Lines { rest: bytes }
}

/// Iterator of [`lines`].
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let end = memchr(b'\n', self.rest).map_or(self.rest.len(), |lf| lf + 1);
        let (line, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        Some(Line::of(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_kind_of_line_end_is_told_apart() {
        let of = |bytes: &'static [u8]| (Line::of(bytes).text, Line::of(bytes).ending);
        assert_eq!(of(b"250 ok\r\n"), (&b"250 ok"[..], Ending::CrLf));
        assert_eq!(of(b"250 ok\n"), (&b"250 ok"[..], Ending::Lf));
        assert_eq!(of(b"250 ok\r\r\n"), (&b"250 ok"[..], Ending::CrCrLf));
        assert_eq!(of(b"250 ok\r"), (&b"250 ok\r"[..], Ending::Open));
        assert_eq!(of(b"\r\r\r\n"), (&b"\r"[..], Ending::CrCrLf));
        assert_eq!(of(b""), (&b""[..], Ending::Open));
    }

    #[test]
    fn c012_a_lone_cr_does_not_end_a_line() {
        let found: Vec<_> = lines(b"550 denied\r250 accepted\r\n250 ok\nrest").collect();
        assert_eq!(found.len(), 3);
        assert_eq!(found[0], Line { text: b"550 denied\r250 accepted", ending: Ending::CrLf });
        assert_eq!(found[1], Line { text: b"250 ok", ending: Ending::Lf });
        assert_eq!(found[2], Line { text: b"rest", ending: Ending::Open });
    }

    proptest! {
        #[test]
        fn lines_are_the_bytes_again(bytes in proptest::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'a')], 0..64)) {
            let again: Vec<u8> = lines(&bytes).flat_map(|line| [line.text, line.ending.as_bytes()].concat()).collect();
            prop_assert_eq!(again, bytes);
        }
    }
}
