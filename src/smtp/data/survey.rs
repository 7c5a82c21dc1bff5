//! What is known of a letter before it is sent: each way to the wire is tried, and nothing is written.

use super::{END, Stuffed, Stuffer, Wire};

/// What would be done to a letter, each way it could be sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Survey {
    /// With its line ends as they are.
    pub verbatim: Stuffed,
    /// With every line end made CR LF.
    pub normalised: Stuffed,
}

/// Takes a letter piece by piece; memory does not grow with it.
#[derive(Debug, Clone)]
pub struct Surveyor {
    verbatim: Stuffer,
    normalised: Stuffer,
    out: Vec<u8>,
}

impl Survey {
    /// What would be done on one way to the wire; a raw letter is not touched and counts as a verbatim one.
    pub fn on(&self, wire: Wire) -> &Stuffed {
        match wire {
            Wire::Normalise => &self.normalised,
            Wire::Verbatim | Wire::Raw => &self.verbatim,
        }
    }

    /// True if every line end of the letter is CR LF: then both ways are the same.
    pub fn is_crlf(&self) -> bool {
        self.normalised.lone_lf + self.normalised.lone_cr == 0
    }

    /// The size as SIZE counts it: line ends as they are on the wire, without the dots that stuffing adds and without
    /// the one that ends the letter (RFC 1870 §3).
    pub fn size(&self, wire: Wire) -> u64 {
        let done = self.on(wire);
        done.written.saturating_sub(done.dots + END.len() as u64)
    }
}

impl Default for Surveyor {
    fn default() -> Self {
        Self { verbatim: Stuffer::new(Wire::Verbatim), normalised: Stuffer::new(Wire::Normalise), out: Vec::new() }
    }
}

impl Surveyor {
    /// Looks at the next piece of the letter.
    pub fn push(&mut self, piece: &[u8]) {
        for stuffer in [&mut self.verbatim, &mut self.normalised] {
            stuffer.push(piece, &mut self.out);
            self.out.clear();
        }
    }

    /// The letter ends here.
    pub fn finish(mut self) -> Survey {
        Survey { verbatim: self.verbatim.finish(&mut self.out), normalised: self.normalised.finish(&mut self.out) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn survey(letter: &[u8], piece: usize) -> Survey {
        let mut surveyor = Surveyor::default();
        letter.chunks(piece).for_each(|piece| surveyor.push(piece));
        surveyor.finish()
    }

    #[test]
    fn dots_are_doubled_where_a_line_begins_on_the_wire() {
        let letter = b".one\n.two\r\n.three\r\n";
        let found = survey(letter, 100);
        assert_eq!((found.on(Wire::Verbatim).dots, found.on(Wire::Normalise).dots), (2, 3));
        assert_eq!(found.normalised.lone_lf, 1);
        assert!(!found.is_crlf());
        assert_eq!(survey(letter, 1), found, "pieces do not matter");
    }

    #[test]
    fn look_alikes_of_the_end_are_seen_where_line_ends_stay() {
        let found = survey(b"a\n.\nb\r\n", 3);
        assert_eq!((found.verbatim.look_alikes, found.normalised.look_alikes), (1, 0));
    }

    #[test]
    fn the_size_counts_line_ends_and_no_added_dots() {
        for letter in [&b""[..], b"a\r\n", b".a\r\n..\r\n.\r\n"] {
            let found = survey(letter, 2);
            assert_eq!(
                (found.size(Wire::Normalise), found.size(Wire::Verbatim)),
                (letter.len() as u64, letter.len() as u64)
            );
            assert!(found.is_crlf());
        }
        let unix = survey(b".a\nb", 2);
        assert_eq!(unix.size(Wire::Normalise), 7, "CR LF twice, once where no line end was");
        assert_eq!(unix.normalised.written, 11, "and a doubled dot, and the dot that ends it");
    }
}
