//! A file that is read in pieces says what one says that is read whole, whatever a stranger put into it.

use std::io::Cursor;

use proptest::prelude::*;

use super::header;
use crate::ports::net::{Place, SessionId, Target};
use crate::record::index::Index;
use crate::record::line::{Begun, Bytes, Line};
use crate::record::player::Clock;
use crate::record::reader::{Remark, read};
use crate::record::slice::{Of, Wanted, open, slice};
use crate::smtp::limits::recording::LINE;
use crate::tape::{Moment, Side};

/// The index of a file, read in pieces of so many octets.
fn index_of(file: &[u8], most: usize, apart: u64) -> (Index, Vec<Line>) {
    let opened = open(&mut Cursor::new(file), file.len() as u64, most).unwrap().unwrap();
    let (mut index, mut lines) = (Index::new(opened.at, apart), Vec::new());
    let mut read = opened.first;
    loop {
        for placed in read.lines {
            assert!(index.take(&placed));
            lines.extend(placed.line.ok());
        }
        if read.ended {
            index.ends();
            return (index, lines);
        }
        read = slice(&mut Cursor::new(file), &index.wanted(most).unwrap()).unwrap();
    }
}

/// The lines from a place of the file on.
fn lines_from(file: &[u8], from: u64, of: Of) -> Vec<Line> {
    let wanted = Wanted { ticket: 7, from, until: u64::MAX, most: usize::MAX, of };
    let read = slice(&mut Cursor::new(file), &wanted).unwrap();
    assert_eq!(read.ticket, 7);
    read.lines.into_iter().filter_map(|placed| placed.line.ok()).collect()
}

fn begun(s: u32, after: u64) -> Line {
    let target = Target::new(format!("mx{s}.harbor.test"), 25, Place::Lab);
    Line::Session(Box::new(Begun { s: SessionId(s), after, target, caller: None, imported: None }))
}

/// A line of a file, good or bad.
fn line() -> impl Strategy<Value = String> {
    let session = 1_u32..5;
    prop_oneof![
        2 => (session.clone(), 0_u64..9999).prop_map(|(s, after)| begun(s, after).json()),
        6 => (session.clone(), 0_u64..9999, "[a-z ]{0,20}").prop_map(|(s, t, text)| {
            Line::Bytes(Bytes::new(SessionId(s), Moment::from_micros(t), Side::Server, text.as_bytes(), vec![])).json()
        }),
        1 => session.clone().prop_map(|s| Line::End { s: SessionId(s) }.json()),
        // As another program may write it.
        1 => session.prop_map(|s| format!("{{ \"s\": {s}, \"t\":5, \"side\":\"client\",\"text\":\"NOOP\\r\\n\", \"kind\":\"bytes\"}}\n")),
        1 => Just("{\"kind\":\"smell\",\"s\":1}\n".to_owned()),
        1 => Just("{\"kind\":\"mark\",\"s\":1}\n".to_owned()),
        1 => Just("\n".to_owned()),
        1 => Just("{\"kind\":\"bytes\",\"s\":1,\"s\":2,\"t\":1,\"side\":\"server\",\"text\":\"\"}\n".to_owned()),
    ]
}

proptest! {
    #[test]
    fn an_index_knows_what_a_reader_finds(
        text in proptest::collection::vec(line(), 0..60), cut in 0_usize..40, most in 1_usize..900, apart in 1_u64..900
    ) {
        let mut file = (header().json() + &text.concat()).into_bytes();
        file.truncate(file.len().saturating_sub(cut).max(header().json().len()));
        let whole = read(&file).unwrap();
        let (index, lines) = index_of(&file, most, apart);
        prop_assert_eq!(&lines, &whole.lines);
        prop_assert_eq!(index.remarks(), &whole.remarks[..]);
        prop_assert_eq!(index.lines() as usize, lines.len());
        let mut clock = Clock::default();
        let times: Vec<Moment> = lines.iter().map(|line| clock.time(line)).collect();
        prop_assert_eq!(index.end(), times.last().copied().unwrap_or_default());
        for number in 0..=lines.len() {
            let block = index.block(u32::try_from(number).unwrap());
            let before = block.line as usize;
            prop_assert!(before <= number);
            prop_assert_eq!(&lines_from(&file, block.at, Of::All)[..], &lines[before..]);
            prop_assert_eq!(block.time, before.checked_sub(1).map_or(Moment::START, |last| times[last]));
        }
        for session in index.begun(u32::MAX) {
            let of_it = |line: &&Line| line.session() == Some(session.id);
            let first = lines.iter().position(|line| matches!(line, Line::Session(begun) if begun.s == session.id));
            prop_assert_eq!(first, Some(session.line as usize));
            let said: Vec<&Line> = lines.iter().skip(session.line as usize).filter(of_it).collect();
            let found = lines_from(&file, session.at, Of::Session(session.id));
            prop_assert_eq!(found.iter().collect::<Vec<_>>(), said);
            prop_assert_eq!(session.lines as usize, found.len());
        }
    }
}

#[test]
fn f226_a_line_of_a_hundred_megabytes_is_left_out_in_constant_memory() {
    let end = Line::End { s: SessionId(1) }.json();
    let mut file = (header().json() + &begun(1, 0).json() + "{\"kind\":\"bytes\",\"text\":\"").into_bytes();
    file.resize(file.len() + 100_000_000, b'x');
    file.extend_from_slice(b"\"}\n");
    file.extend_from_slice(end.as_bytes());
    let (index, lines) = index_of(&file, 1000, 1000);
    assert_eq!(lines, [begun(1, 0), Line::End { s: SessionId(1) }]);
    assert_eq!(index.remarks(), [Remark::Broken(1, 3, "it is longer than 1 MiB")]);
    assert_eq!(index.read(), file.len() as u64);
    // What is kept of it while it is looked through is no more than a line may have.
    let mut text = Cursor::new(&file);
    let wanted = Wanted { ticket: 0, from: 0, until: u64::MAX, most: LINE, of: Of::All };
    assert!(slice(&mut text, &wanted).unwrap().next > 100_000_000);
}
