//! The gate's promises, by example and by property.

use proptest::prelude::*;

use super::*;

fn shown(bytes: &[u8]) -> String {
    screen(bytes).into_string()
}

#[test]
fn plain_ascii_is_shown_as_it_is() {
    assert_eq!(shown(b"250 mx1.harbor.test ~ok~"), "250 mx1.harbor.test ~ok~");
    assert!(screen(b"250 ok").is_plain());
    assert!(screen(b"").is_empty());
}

#[test]
fn terminal_control_sequences_are_shown_and_not_performed() {
    assert_eq!(shown(b"\x1b[2J\x1b[H\x1b[31mHACKED"), "^[[2J^[[H^[[31mHACKED");
    assert_eq!(shown(b"\x1b]52;c;ZXZpbA==\x07"), "^[]52;c;ZXZpbA==^G");
    assert_eq!(shown(b"\x9b31m\x9d0;t\x9c"), "<9B>31m<9D>0;t<9C>");
    assert_eq!(shown(b"\xc2\x9b31m"), "<U+009B>31m");
    assert_eq!(shown(b"o\0k\x7f"), "o^@k^?");
    assert_eq!(shown(b"550 denied\r250 accepted"), "550 denied^M250 accepted");
}

#[test]
fn octets_that_are_not_utf8_are_shown_one_by_one() {
    assert_eq!(shown(b"caf\xe9"), "caf<E9>");
    assert_eq!(shown(b"\xe2\x82"), "<E2><82>");
    assert_eq!(shown(b"\xed\xa0\x80"), "<ED><A0><80>");
}

#[test]
fn what_hides_or_reorders_is_named() {
    assert_eq!(shown("\u{202e}gnp.exe\u{202c}".as_bytes()), "<U+202E>gnp.exe<U+202C>");
    assert_eq!(shown("pay\u{200b}pal\u{2060}\u{feff}".as_bytes()), "pay<U+200B>pal<U+2060><U+FEFF>");
    for hidden in "\u{a0}\u{ad}\u{34f}\u{115f}\u{1160}\u{2028}\u{2800}\u{3000}\u{3164}\u{fe0f}\u{ffa0}\u{e000}\u{e0041}\u{fdd0}\u{378}".chars() {
        assert_eq!(shown(hidden.to_string().as_bytes()), format!("<U+{:04X}>", u32::from(hidden)));
    }
}

#[test]
fn text_of_any_script_is_shown() {
    for text in ["über", "漢字", "Привет", "مرحبا", "हिन्दी", "👍", "e\u{301}"] {
        assert_eq!(shown(text.as_bytes()), text);
    }
    assert_eq!(shown("👨\u{200d}👩".as_bytes()), "👨<U+200D>👩");
    assert_eq!(screen("漢字👍".as_bytes()).width(), 6);
}

#[test]
fn combining_marks_are_limited_to_four() {
    let text = format!("Z{}", "\u{301}".repeat(5000));
    assert_eq!(shown(text.as_bytes()), "Z\u{301}\u{301}\u{301}\u{301}<+4996 marks>");
    assert_eq!(shown("\u{301}x".as_bytes()), "<U+0301>x");
    assert_eq!(shown("\x01\u{301}x".as_bytes()), "^A<U+0301>x");
}

#[test]
fn long_runs_of_an_escape_are_folded() {
    assert_eq!(shown(&[0; 7]), "^@^@^@^@^@^@^@");
    assert_eq!(shown(&[0; 8]), "^@×8");
    assert_eq!(shown("a\u{200b}".repeat(3).as_bytes()), "a<U+200B>a<U+200B>a<U+200B>");
    assert_eq!(shown("--------".as_bytes()), "--------");
}

#[test]
fn pieces_know_what_they_stand_for() {
    let text = screen("ab\x1b[\u{202e}c".as_bytes());
    let pieces: Vec<_> =
        text.pieces().map(|piece| (piece.text.to_owned(), piece.kind, piece.source, piece.width)).collect();
    assert_eq!(
        pieces,
        [
            ("ab".into(), Kind::Plain, 0..2, 2),
            ("^[".into(), Kind::Escape, 2..3, 2),
            ("[".into(), Kind::Plain, 3..4, 1),
            ("<U+202E>".into(), Kind::Escape, 4..7, 8),
            ("c".into(), Kind::Plain, 7..8, 1),
        ]
    );
    let folded = screen(&[7; 20]);
    assert_eq!(folded.pieces().next().map(|piece| piece.source), Some(0..20));
}

#[test]
fn plain_text_escapes_as_c_does() {
    assert_eq!(plain(b"a\\b\t\r\n\x1b\x9b").as_str(), r"a\\b\t\r\n\x1b\x9b");
    assert_eq!(plain("\u{202e}é".as_bytes()).as_str(), "\\u{202e}é");
    assert_eq!(
        plain("Z\u{301}\u{301}\u{301}\u{301}\u{301}".as_bytes()).as_str(),
        "Z\u{301}\u{301}\u{301}\u{301}\\u{301}"
    );
}

#[test]
fn what_plain_text_did_not_write_is_refused() {
    for text in ["\\", "\\q", "\\x1", "\\xzz", "\\u{110000}", "\\u{41", "\\u41"] {
        assert!(decode(text).is_err(), "{text}");
    }
    assert_eq!(decode("ab\\q"), Err(NotPlain { at: 2 }));
}

#[test]
fn untrusted_bytes_cannot_be_printed_by_accident() {
    assert_eq!(format!("{:?}", Untrusted::new(b"\x1b[2J")), "Untrusted(4 octets)");
}

/// Bytes that are often odd in the ways that matter.
fn odd_bytes() -> impl Strategy<Value = Vec<u8>> {
    let unit = prop_oneof![
        any::<u8>().prop_map(|octet| vec![octet]),
        any::<char>().prop_map(|point| point.to_string().into_bytes()),
        Just("\u{301}".repeat(6).into_bytes()),
        Just(vec![0; 9]),
        Just("\u{202e}".repeat(9).into_bytes()),
        Just(b"\\x1b<9B>^[".to_vec()),
    ];
    proptest::collection::vec(unit, 0..24).prop_map(|units| units.concat())
}

/// True if a terminal prints every character of it and none acts.
fn is_harmless(text: &str) -> bool {
    text.chars().all(|point| !point.is_control() && !table::is_denied(point))
}

proptest! {
    #[test]
    fn the_screen_profile_is_total_and_idempotent(bytes in odd_bytes()) {
        let text = screen(&bytes);
        prop_assert!(is_harmless(text.as_str()));
        prop_assert_eq!(text.is_empty(), bytes.is_empty());
        let again = screen(text.as_str().as_bytes());
        prop_assert_eq!(again.as_str(), text.as_str());
    }

    #[test]
    fn the_plain_profile_is_injective(bytes in odd_bytes()) {
        let text = plain(&bytes);
        prop_assert!(is_harmless(text.as_str()));
        prop_assert_eq!(decode(text.as_str()).unwrap(), bytes);
    }

    #[test]
    fn pieces_cover_text_and_source(bytes in odd_bytes()) {
        for text in [screen(&bytes), plain(&bytes)] {
            let joined: String = text.pieces().map(|piece| piece.text.to_owned()).collect();
            prop_assert_eq!(joined, text.as_str());
            let mut at = 0;
            for piece in text.pieces() {
                prop_assert_eq!(piece.source.start, at);
                prop_assert!(piece.source.end > at);
                at = piece.source.end;
            }
            prop_assert_eq!(at, bytes.len());
        }
    }

    #[test]
    fn findings_lie_inside_and_plain_text_has_none(bytes in odd_bytes()) {
        for (_, span) in find(&bytes) {
            prop_assert!(span.start < span.end && span.end <= bytes.len());
        }
        prop_assert!(bytes.iter().any(|octet| !matches!(octet, b' '..=b'~')) || find(&bytes).is_empty());
    }
}
