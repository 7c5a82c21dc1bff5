//! Letters that begin with dots, end without a line end, or try to end early.

use proptest::prelude::*;

use super::super::flaw::FlawKind;
use super::*;

fn stuff(wire: Wire, pieces: &[&[u8]]) -> (Vec<u8>, Stuffed) {
    let mut out = Vec::new();
    let mut stuffer = Stuffer::new(wire);
    for piece in pieces {
        stuffer.push(piece, &mut out);
    }
    let done = stuffer.finish(&mut out);
    (out, done)
}

/// What the letter is on the wire, as text.
fn wire(letter: &str) -> String {
    String::from_utf8(stuff(Wire::Normalise, &[letter.as_bytes()]).0).unwrap()
}

fn unstuff(pieces: &[&[u8]]) -> (Vec<u8>, Vec<u8>, Unstuffer) {
    let (mut letter, mut rest) = (Vec::new(), Vec::new());
    let mut unstuffer = Unstuffer::new();
    for piece in pieces {
        let step = unstuffer.push(piece, &mut letter);
        rest.extend_from_slice(&piece[step.used..]);
    }
    (letter, rest, unstuffer)
}

/// The letter with every line end a CR LF and one at its end: what normalising promises, told simply.
fn normalised(letter: &[u8]) -> Vec<u8> {
    let text: Vec<char> = letter.iter().map(|octet| char::from(*octet)).collect();
    let text: String = text.into_iter().collect();
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let ended = text.is_empty() || text.ends_with('\n');
    let text = if ended { text } else { text + "\n" };
    text.replace('\n', "\r\n").chars().map(|octet| u8::try_from(u32::from(octet)).unwrap()).collect()
}

#[test]
fn c034_a_line_that_begins_with_a_dot_gets_one_more() {
    assert_eq!(wire(".\r\n..\r\n.x\r\nx.\r\n"), "..\r\n...\r\n..x\r\nx.\r\n.\r\n");
    assert_eq!(wire("a\r\n."), "a\r\n..\r\n.\r\n");
    let (split, done) = stuff(Wire::Normalise, &[b"a\r", b"\n", b".", b"b\r\n"]);
    assert_eq!((&split[..], done.dots), (&b"a\r\n..b\r\n.\r\n"[..], 1));
}

#[test]
fn c035_the_end_stands_on_a_line_of_its_own() {
    assert_eq!(wire("hello"), "hello\r\n.\r\n");
    assert_eq!(wire("hello\r\n"), "hello\r\n.\r\n");
    assert_eq!(wire("hello\r\n\r\n"), "hello\r\n\r\n.\r\n");
    assert_eq!(wire(""), ".\r\n");
    assert_eq!(stuff(Wire::Normalise, &[b"hello"]).1.flaws(true), [FlawKind::FinalEolAdded]);
}

#[test]
fn c036_normalising_leaves_no_lone_cr_or_lf() {
    assert_eq!(wire("a\nb\rc\r\r\nd"), "a\r\nb\r\nc\r\n\r\nd\r\n.\r\n");
    assert_eq!(wire("a\r"), "a\r\n.\r\n");
    let done = stuff(Wire::Normalise, &[b"a\nb\rc\r", b"\r\nd\n"]).1;
    assert_eq!((done.lone_lf, done.lone_cr, done.lines, done.eol_added), (2, 2, 5, false));
    assert_eq!(done.flaws(true), [FlawKind::EolFixed]);
}

/// The nine sequences of SMTP smuggling.
const SMUGGLING: [&str; 9] =
    ["\n.\n", "\n.\r", "\r.\n", "\r.\r", "\n.\r\n", "\r.\r\n", "\r\n.\r\r\n", "\r\r\n.\r\r\n", "\r\n\0.\r\n"];

#[test]
fn what_could_end_a_letter_elsewhere_never_leaves_a_normalised_one() {
    for sequence in SMUGGLING {
        let out = wire(&format!("a{sequence}MAIL FROM:<x@y.test>\r\n"));
        let mut lookout = Lookout::default();
        lookout.watch(out.strip_suffix(".\r\n").unwrap().as_bytes());
        // A NUL is not a line end to be mended, and a form refuses it; the dot behind it is still alone.
        assert_eq!(lookout.count(), u64::from(sequence.contains('\0')), "{sequence:?}");
    }
}

#[test]
fn what_could_end_a_letter_elsewhere_is_found() {
    for sequence in SMUGGLING {
        let letter = format!("a{sequence}b\r\n");
        let (out, done) = stuff(Wire::Raw, &[letter.as_bytes()]);
        assert_eq!(&out[..letter.len()], letter.as_bytes());
        assert_eq!((done.look_alikes, done.flaws(true)[0]), (1, FlawKind::Smuggling), "{sequence:?}");
        let bytes = [letter.as_bytes(), b".\r\n"].concat();
        let (_, rest, unstuffer) = unstuff(&[&bytes]);
        assert_eq!((rest.len(), unstuffer.look_alikes().count()), (0, 1), "{sequence:?}");
    }
    for harmless in ["a.\r\nb", "a\r\n..\r\nb", "a.b", "\r\n", "..\n", " .\r\n"] {
        assert_eq!(stuff(Wire::Raw, &[harmless.as_bytes()]).1.look_alikes, 0, "{harmless:?}");
    }
}

#[test]
fn look_alikes_know_their_places() {
    let mut lookout = Lookout::default();
    lookout.watch(b"ab\n.\nc\r.\r");
    lookout.watch(b"x");
    assert_eq!((lookout.count(), lookout.places()), (2, &[3, 7][..]));
}

#[test]
fn verbatim_doubles_dots_behind_cr_lf_only() {
    let (out, done) = stuff(Wire::Verbatim, &[b".a\n.b\r\n.c\r", b"\n.d\r.e"]);
    assert_eq!(out, b"..a\n.b\r\n..c\r\n..d\r.e\r\n.\r\n");
    assert_eq!((done.dots, done.lone_lf, done.eol_added, done.lines), (3, 0, true, 3));
}

#[test]
fn raw_changes_nothing_but_ends_the_letter() {
    assert_eq!(stuff(Wire::Raw, &[b".a\n.b"]).0, b".a\n.b\r\n.\r\n");
    assert_eq!(stuff(Wire::Raw, &[b".\r\n"]).0, b".\r\n.\r\n");
}

#[test]
fn what_is_odd_in_a_letter_is_counted() {
    let long = "x".repeat(999);
    let letter = format!("caf\u{e9}\0\r\n{long}\r\n");
    let done = stuff(Wire::Normalise, &[letter.as_bytes()]).1;
    assert_eq!((done.eight_bit, done.nul, done.longest_line), (2, 1, 999));
    assert_eq!(done.flaws(false), [FlawKind::NulInLetter, FlawKind::EightBitLetter, FlawKind::LongTextLine]);
    assert_eq!((done.taken, done.written), (letter.len() as u64, letter.len() as u64 + 3));
}

#[test]
fn only_cr_lf_dot_cr_lf_ends_a_letter() {
    for sequence in SMUGGLING {
        let (letter, rest, unstuffer) = unstuff(&[b"a", sequence.as_bytes(), b"b\r\n.\r\nQUIT\r\n"]);
        assert!(letter.ends_with(b"b\r\n"), "{sequence:?}");
        assert_eq!(rest, b"QUIT\r\n");
        assert_eq!(unstuffer.look_alikes().count(), 1);
    }
    assert_eq!(unstuff(&[b".\r\nRSET\r\n"]).1, b"RSET\r\n");
    assert_eq!(unstuff(&[b".", b"\r", b"\n", b"RSET"]).1, b"RSET");
}

#[test]
fn the_receiver_takes_doubled_dots_away() {
    let (letter, _, unstuffer) = unstuff(&[b"..\r\n.x\r\n...\r\na\nb\rc\r\n.\r\n"]);
    assert_eq!(letter, b".\r\nx\r\n..\r\na\nb\rc\r\n");
    assert_eq!(unstuffer.seen(), &Received { octets: 17, dots: 3, lone_lf: 1, lone_cr: 1 });
}

/// Letters of the octets that matter.
fn letters() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(proptest::sample::select(&b"\r\n..a\0\xe9"[..]), 0..64)
}

/// The pieces that cuts make of something.
fn pieces<'a>(whole: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<_> = cuts.iter().map(|cut| cut % (whole.len() + 1)).chain([0, whole.len()]).collect();
    cuts.sort_unstable();
    cuts.windows(2).map(|pair| &whole[pair[0]..pair[1]]).collect()
}

proptest! {
    #[test]
    fn c248_what_is_stuffed_is_unstuffed_again(letter in letters(), cuts in proptest::collection::vec(0usize..200, 0..6)) {
        let (out, done) = stuff(Wire::Normalise, &pieces(&letter, &cuts));
        let expected = normalised(&letter);
        let (again, rest, _) = unstuff(&pieces(&out, &cuts));
        prop_assert_eq!(&again, &expected);
        prop_assert!(rest.is_empty());
        prop_assert_eq!((done.taken, done.written), (letter.len() as u64, out.len() as u64));
    }

    #[test]
    fn a_verbatim_letter_comes_through_unchanged(letter in letters(), cuts in proptest::collection::vec(0usize..200, 0..6)) {
        let (out, done) = stuff(Wire::Verbatim, &pieces(&letter, &cuts));
        let (again, rest, unstuffer) = unstuff(&pieces(&out, &cuts));
        let ended = if done.eol_added { [&letter[..], b"\r\n"].concat() } else { letter };
        prop_assert_eq!(again, ended);
        prop_assert!(rest.is_empty());
        prop_assert_eq!(unstuffer.seen().dots, done.dots);
    }

    #[test]
    fn cuts_change_nothing(letter in letters(), cuts in proptest::collection::vec(0usize..200, 0..6)) {
        for wire in [Wire::Normalise, Wire::Verbatim, Wire::Raw] {
            prop_assert_eq!(stuff(wire, &pieces(&letter, &cuts)), stuff(wire, &[&letter]));
        }
        let (whole, cut) = (unstuff(&[&letter]), unstuff(&pieces(&letter, &cuts)));
        prop_assert_eq!((&whole.0, &whole.1, whole.2.seen()), (&cut.0, &cut.1, cut.2.seen()));
        prop_assert_eq!(whole.2.look_alikes().count(), cut.2.look_alikes().count());
    }
}
