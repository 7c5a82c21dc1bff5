//! What holds for whatever a client sends.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// A line that opens no letter and no login and does not end the session, CR LF included.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let usual = prop::sample::select(vec![
        "EHLO laptop.you.test",
        "HELO x",
        "EHLO",
        "MAIL FROM:<you@you.test>",
        "MAIL FROM:<>",
        "RCPT TO:<nobody@harbor.test>",
        "RCPT TO:<",
        "DATA",
        "RSET",
        "NOOP",
        "VRFY pat",
        "EXPN staff",
        "HELP",
        "STARTTLS",
        "AUTH PLAIN",
        "BDAT 5 LAST",
        "TURN",
        "",
    ]);
    let usual = usual.prop_map(|line| line.as_bytes().to_vec());
    let noise = vec(any::<u8>().prop_filter("no end of line", |octet| *octet != b'\n'), 0..40)
        .prop_filter("no goodbye", |line| !line.to_ascii_uppercase().windows(4).any(|word| word == b"QUIT"));
    let long = (500usize..6000).prop_map(|length| vec![b'x'; length]);
    prop_oneof![6 => usual, 2 => noise, 1 => long].prop_map(|line| [&line, &b"\r\n"[..]].concat())
}

/// Cuts octets into segments.
fn segments<'a>(wire: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut at: Vec<usize> = cuts.iter().map(|cut| cut % (wire.len() + 1)).collect();
    at.extend([0, wire.len()]);
    at.sort_unstable();
    at.windows(2).map(|pair| &wire[pair[0]..pair[1]]).collect()
}

fn patient() -> Config {
    Config { limits: LabLimits { errors: u32::MAX, ..LabLimits::default() }, ..strict() }
}

proptest! {
    #[test]
    fn c014_every_command_gets_exactly_one_reply(lines in vec(line(), 0..30), cuts in vec(any::<usize>(), 0..20)) {
        let mut session = Talk::with(patient());
        let wire = lines.concat();
        let said: String = segments(&wire, &cuts).into_iter().map(|segment| session.send(segment)).collect();
        let replies = said.lines().filter(|line| line.as_bytes()[3] == b' ').count();
        prop_assert_eq!(replies, lines.len(), "{}", said);
        for line in said.lines() {
            prop_assert!((b'2'..=b'5').contains(&line.as_bytes()[0]), "{}", line);
            prop_assert!(line.len() > 4 && line.len() <= 510 && line.bytes().all(|octet| matches!(octet, b' '..=b'~')));
        }
    }

    #[test]
    fn what_is_said_does_not_depend_on_the_segments(lines in vec(line(), 0..20), cuts in vec(any::<usize>(), 0..20)) {
        let wire = lines.concat();
        let whole = Talk::with(patient()).send(&wire);
        let mut session = Talk::with(patient());
        let pieces: String = segments(&wire, &cuts).into_iter().map(|segment| session.send(segment)).collect();
        prop_assert_eq!(whole, pieces);
    }

    #[test]
    fn c073_a_leading_dot_goes_once_at_any_segmentation(
        lines in vec("[.x]{0,4}", 0..12),
        cuts in vec(any::<usize>(), 0..20),
    ) {
        let wire_of = |line: &String| [if line.starts_with('.') { "." } else { "" }, line, "\r\n"].concat();
        let letter = lines.iter().flat_map(|line| [line, "\r\n"]).collect::<String>();
        let wire = [lines.iter().map(wire_of).collect(), ".\r\nNOOP\r\n".to_owned()].concat();
        let mut session = Talk::in_transaction(strict());
        session.line("DATA");
        let said: String = segments(wire.as_bytes(), &cuts).into_iter().map(|segment| session.send(segment)).collect();
        prop_assert_eq!(said, "250 2.0.0 Message accepted\r\n250 2.0.0 OK\r\n");
        prop_assert_eq!(session.letters()[0].content.as_slice(), letter.as_bytes());
    }

    #[test]
    fn c072_no_other_octets_end_a_letter(octets in vec(prop::sample::select(b"\r\n.x".to_vec()), 0..40)) {
        let text = [b"\r\n", octets.as_slice()].concat();
        let end = text.windows(5).any(|octets| octets == b"\r\n.\r\n");
        let mut session = Talk::in_transaction(strict());
        session.line("DATA");
        prop_assert_eq!(session.send(&octets).is_empty(), !end);
    }
}
