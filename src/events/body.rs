//! What is counted of a letter while its lines go by.

use memchr::{memchr, memchr_iter};

use super::Body;
use crate::dialogue::row::Part;
use crate::safe;
use crate::smtp::line::{Ending, Line};

/// So many fields of a header are told.
const FIELDS: usize = 64;
/// So many octets of a field.
const FIELD: usize = 998;

/// A letter so far.
#[derive(Debug, Default)]
pub(super) struct Counting {
    bytes: u64,
    lines: u64,
    dots: u64,
    barelf: u64,
    barecr: u64,
    maxline: u64,
    headers: Vec<(String, Vec<u8>)>,
    blankline: bool,
    eight_bit: bool,
    last: Option<Ending>,
}

impl Counting {
    /// A line of the letter.
    pub(super) fn line(&mut self, raw: &[u8], part: Part) {
        let line = Line::of(raw);
        self.bytes += raw.len() as u64;
        self.lines += 1;
        self.dots += u64::from(raw.first() == Some(&b'.'));
        self.barelf += u64::from(line.ending == Ending::Lf);
        self.barecr += memchr_iter(b'\r', line.text).count() as u64 + u64::from(line.ending == Ending::CrCrLf);
        self.maxline = self.maxline.max(line.text.len() as u64);
        self.eight_bit |= !raw.is_ascii();
        self.last = Some(line.ending);
        match part {
            Part::Header => self.header(line.text),
            Part::Separator => self.blankline = true,
            Part::Body => {}
        }
    }

    fn header(&mut self, text: &[u8]) {
        if text.first().is_some_and(|first| matches!(first, b' ' | b'\t')) {
            if let Some((_, value)) = self.headers.last_mut() {
                value.push(b' ');
                value.extend_from_slice(text.trim_ascii());
                value.truncate(FIELD);
            }
            return;
        }
        let Some((name, value)) = memchr(b':', text).and_then(|colon| text.split_at_checked(colon)) else { return };
        if self.headers.len() < FIELDS {
            let name = safe::plain(&name.to_ascii_lowercase()).into_string();
            let value = value.get(1..).unwrap_or_default().trim_ascii();
            self.headers.push((name, value.get(..FIELD).unwrap_or(value).to_vec()));
        }
    }

    /// The letter is whole. `dot` is the line that ended it; there is none behind a chunk.
    pub(super) fn finish(self, dot: Option<&[u8]>) -> Body {
        let name = |ending: Ending| match ending {
            Ending::CrLf => "CRLF",
            Ending::CrCrLf => "CRCRLF",
            Ending::Lf => "LF",
            Ending::Open => "",
        };
        let eod = dot.map(|dot| format!("{}.{}", name(self.last.unwrap_or(Ending::CrLf)), name(Line::of(dot).ending)));
        let mut headers = std::collections::BTreeMap::new();
        for (name, value) in self.headers {
            headers.entry(name).or_insert_with(|| safe::plain(&value).into_string());
        }
        Body {
            form: if dot.is_some() { "data" } else { "bdat" },
            bytes: self.bytes,
            lines: self.lines,
            dots: self.dots,
            barelf: self.barelf,
            barecr: self.barecr,
            maxline: self.maxline,
            eod: eod.unwrap_or_default(),
            headers,
            blankline: self.blankline,
            eight_bit: self.eight_bit,
        }
    }
}
