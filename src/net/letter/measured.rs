//! A file that must still have the octets that it had when it was looked at.
//!
//! Shorter, it would arrive as a whole letter that is none; longer, somebody is still writing it.

use std::io::{self, Read};

/// A reader that fails where its letter turns out to be shorter or longer than it was.
pub(super) struct Measured {
    body: Box<dyn Read>,
    octets: u64,
    read: u64,
}

impl Measured {
    /// The body as it is if nobody knows its length, or one that must have so many octets.
    pub(super) fn body(body: Box<dyn Read>, octets: Option<u64>) -> Box<dyn Read> {
        match octets {
            Some(octets) => Box::new(Self { body, octets, read: 0 }),
            None => body,
        }
    }
}

impl Read for Measured {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.body.read(buffer)?;
        self.read += read as u64;
        let octets = self.octets;
        if self.read > octets {
            return Err(io::Error::other(format!("it grew: it had {octets} octets, and now there are more")));
        }
        if read == 0 && !buffer.is_empty() && self.read < octets {
            let read = self.read;
            return Err(io::Error::other(format!("it shrank: it had {octets} octets, and it ended after {read}")));
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &'static [u8], octets: u64) -> Result<Vec<u8>, String> {
        let mut found = Vec::new();
        let read = Measured::body(Box::new(body), Some(octets)).read_to_end(&mut found);
        read.map(|_| found).map_err(|error| error.to_string())
    }

    #[test]
    fn a_letter_has_the_octets_that_it_had_or_none_at_all() {
        assert_eq!(read(b"four", 4).as_deref(), Ok(&b"four"[..]));
        assert_eq!(read(b"", 0).as_deref(), Ok(&b""[..]));
        assert_eq!(read(b"for", 4), Err("it shrank: it had 4 octets, and it ended after 3".into()));
        assert_eq!(read(b"four!", 4), Err("it grew: it had 4 octets, and now there are more".into()));
    }
}
