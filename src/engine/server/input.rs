//! The octets that have come and are not read yet, and the lines in them.

use memchr::memchr;

/// What lies at the beginning of the input.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// A line with its end.
    Line(Vec<u8>),
    /// The end of a line that was too long to keep.
    TooLong,
}

/// Unread octets. Each is looked at once for the end of its line.
#[derive(Debug, Default)]
pub(super) struct Input {
    octets: Vec<u8>,
    begin: usize,
    searched: usize,
    skipping: bool,
}

impl Input {
    /// Adds octets at the end.
    pub(super) fn push(&mut self, octets: &[u8]) {
        if self.begin == self.octets.len() {
            self.clear();
        }
        self.octets.extend_from_slice(octets);
    }

    /// Forgets everything that is unread.
    pub(super) fn clear(&mut self) {
        self.octets.clear();
        (self.begin, self.searched) = (0, 0);
    }

    /// Everything unread.
    pub(super) fn rest(&self) -> &[u8] {
        self.octets.get(self.begin..).unwrap_or_default()
    }

    /// Counts `octets` as read.
    pub(super) fn skip(&mut self, octets: usize) {
        self.begin = (self.begin + octets).min(self.octets.len());
        self.searched = self.searched.max(self.begin);
    }

    /// The next line, if its LF has come. A line of more than `limit` octets is dropped up to its real end.
    pub(super) fn line(&mut self, limit: usize) -> Option<Taken> {
        let unsearched = self.octets.get(self.searched..).unwrap_or_default();
        let Some(lf) = memchr(b'\n', unsearched) else {
            self.searched = self.octets.len();
            if self.rest().len() >= limit {
                self.skipping = true;
                self.clear();
            }
            return None;
        };
        let end = self.searched + lf + 1;
        let line = self.octets.get(self.begin..end).unwrap_or_default().to_vec();
        (self.begin, self.searched) = (end, end);
        let too_long = std::mem::take(&mut self.skipping) || line.len() > limit;
        Some(if too_long { Taken::TooLong } else { Taken::Line(line) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Option<Taken> {
        Some(Taken::Line(text.into()))
    }

    #[test]
    fn lines_come_out_whole_however_they_came_in() {
        let mut input = Input::default();
        for octet in b"NOOP\r\nQUIT\r\n" {
            input.push(&[*octet]);
        }
        assert_eq!((input.line(99), input.line(99), input.line(99)), (line("NOOP\r\n"), line("QUIT\r\n"), None));
    }

    #[test]
    fn a_line_beyond_the_limit_is_dropped_up_to_its_end() {
        let mut input = Input::default();
        for _ in 0..10 {
            input.push(b"0123456789");
            assert_eq!(input.line(16), None);
            assert!(input.rest().len() < 16);
        }
        input.push(b"\r\nNOOP\r\n");
        assert_eq!((input.line(16), input.line(16)), (Some(Taken::TooLong), line("NOOP\r\n")));
        input.push(b"0123456789012345\r\nQUIT\r\n");
        assert_eq!((input.line(16), input.line(16)), (Some(Taken::TooLong), line("QUIT\r\n")));
    }

    #[test]
    fn a_line_of_just_the_limit_is_kept() {
        let mut input = Input::default();
        input.push(b"01234567");
        assert_eq!(input.line(10), None);
        input.push(b"\r\n");
        assert_eq!(input.line(10), line("01234567\r\n"));
    }
}
