//! Properties that hold for all bytes (c242, c243, c245).

use proptest::prelude::*;

use super::*;

/// Bytes that look like SMTP often enough to reach every state.
fn dialogue_bytes() -> impl Strategy<Value = Vec<(Side, Vec<u8>)>> {
    let server = prop_oneof![
        Just(b"220 mx\r\n".to_vec()),
        Just(b"250 ok\r\n".to_vec()),
        Just(b"250-a\r\n".to_vec()),
        Just(b"354 go\r\n".to_vec()),
        Just(b"334 VXNlcg==\r\n".to_vec()),
        Just(b"550 5.1.1 no\r\n".to_vec()),
        Just(b"421 bye\r\n".to_vec()),
        Just(b"235 in\r\n".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..12),
    ];
    let client = prop_oneof![
        Just(b"EHLO a.test\r\n".to_vec()),
        Just(b"MAIL FROM:<a@b.test>\r\n".to_vec()),
        Just(b"RCPT TO:<c@d.test>\r\n".to_vec()),
        Just(b"DATA\r\n".to_vec()),
        Just(b".\r\n".to_vec()),
        Just(b"AUTH PLAIN AGEAYg==\r\n".to_vec()),
        Just(b"AUTH LOGIN\r\n".to_vec()),
        Just(b"BDAT 5 LAST\r\nhello".to_vec()),
        Just(b"BDAT 3\r\nabcBDAT 4 LAST\r\n\r\nxyRSET\r\n".to_vec()),
        Just(b"STARTTLS\r\n".to_vec()),
        Just(b"LHLO a\r\n".to_vec()),
        Just(b"*\r\n".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..12),
    ];
    let turn =
        prop_oneof![server.prop_map(|bytes| (Side::Server, bytes)), client.prop_map(|bytes| (Side::Client, bytes))];
    proptest::collection::vec(turn, 0..24)
}

fn fold(turns: &[(Side, Vec<u8>)], cut: impl Fn(usize) -> usize) -> Dialogue {
    let mut tape = opened();
    let mut dialogue = Dialogue::new();
    for (index, (side, bytes)) in turns.iter().enumerate() {
        for (piece, chunk) in bytes.chunks(cut(index).max(1)).enumerate() {
            tape.push(*side, Moment::from_millis(index as u64 + 1), chunk);
            if piece % 2 == 0 {
                dialogue.follow(&tape);
            }
        }
    }
    dialogue.follow(&tape);
    dialogue
}

proptest! {
    #[test]
    fn c242_any_segmentation_gives_the_same_dialogue(turns in dialogue_bytes(), cuts in proptest::collection::vec(1usize..9, 24)) {
        let whole = fold(&turns, |_| usize::MAX);
        let cut = fold(&turns, |index| cuts[index]);
        prop_assert_eq!(whole.rows(), cut.rows());
        prop_assert_eq!(whole.exchanges(), cut.exchanges());
        prop_assert_eq!(whole.flaws(), cut.flaws());
        prop_assert_eq!(whole.phase(), cut.phase());
        prop_assert_eq!(whole.secrets().spans(), cut.secrets().spans());
    }

    #[test]
    fn c243_rows_cover_every_octet_of_a_lane_once(turns in dialogue_bytes()) {
        let dialogue = fold(&turns, |_| 3);
        for side in [Side::Client, Side::Server] {
            let mut next = 0;
            for span in dialogue.rows().iter().filter_map(Row::span).filter(|span| span.side == side) {
                prop_assert_eq!(span.start, next);
                next = span.end;
            }
            let sent: usize = turns.iter().filter(|(who, _)| *who == side).map(|(_, bytes)| bytes.len()).sum();
            prop_assert_eq!(next, sent as u64);
        }
    }

    #[test]
    fn c245_arbitrary_bytes_stay_within_bounds(client in proptest::collection::vec(any::<u8>(), 0..400), server in proptest::collection::vec(any::<u8>(), 0..400)) {
        let dialogue = fold(&[(Side::Server, server.clone()), (Side::Client, client.clone())], |_| 7);
        let lines = client.len() + server.len();
        prop_assert!(dialogue.rows().len() <= lines + 1);
        prop_assert!(dialogue.exchanges().len() <= lines + 1);
    }
}
