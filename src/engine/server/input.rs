//! The octets that have come and are not read yet, and the lines in them.

use memchr::memchr;

/// What lies at the beginning of the input.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// A line with its end.
    Line(Vec<u8>),
    /// The end of a line that was too long to keep.
    TooLong,
    /// A line that is still without an end after so much that none is awaited.
    Endless,
}

/// Unread octets. Each is looked at once for the end of its line.
#[derive(Debug, Default)]
pub(super) struct Input {
    octets: Vec<u8>,
    begin: usize,
    searched: usize,
    /// Octets dropped of a line whose end has not come.
    dropped: usize,
}

impl Input {
    /// Adds octets at the end.
    pub(super) fn push(&mut self, octets: &[u8]) {
        // What is read goes once it is half of all: a client that never pauses at a line's end cannot make this grow.
        if self.begin * 2 >= self.octets.len() {
            self.octets.drain(..self.begin);
            self.searched -= self.begin;
            self.begin = 0;
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

    /// The next line, if its LF has come. A line of more than `limit` octets is dropped up to its real end; `endless`
    /// octets are not looked through for one.
    pub(super) fn line(&mut self, limit: usize, endless: usize) -> Option<Taken> {
        let unsearched = self.octets.get(self.searched..).unwrap_or_default();
        let Some(lf) = memchr(b'\n', unsearched) else {
            self.searched = self.octets.len();
            if self.rest().len() >= limit || self.dropped > 0 {
                self.dropped += self.rest().len();
                self.clear();
            }
            return (self.dropped > endless).then_some(Taken::Endless);
        };
        let end = self.searched + lf + 1;
        let line = self.octets.get(self.begin..end).unwrap_or_default().to_vec();
        (self.begin, self.searched) = (end, end);
        let too_long = std::mem::take(&mut self.dropped) > 0 || line.len() > limit;
        Some(if too_long { Taken::TooLong } else { Taken::Line(line) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Taken {
        Taken::Line(text.into())
    }

    fn next(input: &mut Input) -> Option<Taken> {
        input.line(16, 64)
    }

    #[test]
    fn lines_come_out_whole_however_they_came_in() {
        let mut input = Input::default();
        for octet in b"NOOP\r\nQUIT\r\n" {
            input.push(&[*octet]);
        }
        assert_eq!(
            (next(&mut input), next(&mut input), next(&mut input)),
            (Some(line("NOOP\r\n")), Some(line("QUIT\r\n")), None)
        );
    }

    #[test]
    fn a_line_beyond_the_limit_is_dropped_up_to_its_end() {
        let mut input = Input::default();
        for _ in 0..6 {
            input.push(b"0123456789");
            assert_eq!(next(&mut input), None);
            assert!(input.rest().len() < 16);
        }
        input.push(b"\r\nNOOP\r\n");
        assert_eq!((next(&mut input), next(&mut input)), (Some(Taken::TooLong), Some(line("NOOP\r\n"))));
        input.push(b"0123456789012345\r\nQUIT\r\n");
        assert_eq!((next(&mut input), next(&mut input)), (Some(Taken::TooLong), Some(line("QUIT\r\n"))));
    }

    #[test]
    fn a_line_of_just_the_limit_is_kept() {
        let mut input = Input::default();
        input.push(b"01234567890123");
        assert_eq!(next(&mut input), None);
        input.push(b"\r\n");
        assert_eq!(next(&mut input), Some(line("01234567890123\r\n")));
    }

    #[test]
    fn a_line_without_an_end_is_given_up() {
        let mut input = Input::default();
        input.push(&[b'x'; 64]);
        assert_eq!(next(&mut input), None);
        input.push(b"x");
        assert_eq!(next(&mut input), Some(Taken::Endless));
    }

    #[test]
    fn a_client_that_never_pauses_at_a_line_end_does_not_make_it_grow() {
        let mut input = Input::default();
        input.push(b"NO");
        for _ in 0..1000 {
            input.push(b"OP\r\nNO");
            assert_eq!(next(&mut input), Some(line("NOOP\r\n")));
        }
        assert!(input.octets.len() < 32, "{}", input.octets.len());
    }
}
