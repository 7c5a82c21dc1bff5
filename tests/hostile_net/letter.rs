//! Letters larger than the tape wants to keep, and files that cannot be read.

use std::io::Write;

use ehlo::dialogue::phase::Phase;
use ehlo::dialogue::row::What as Row;
use ehlo::ports::net::{Act, Body, Letter};
use ehlo::smtp::data::{Unstuffer, Wire};
use ehlo::tape::Side;
use ehlo::tape::mark::Mark;
use tokio::io::{AsyncReadExt, DuplexStream};

use crate::stage::{Play, hear, tell};

const ENVELOPE: [&str; 3] = ["HELO laptop.you.test", "MAIL FROM:<mina@pine.test>", "RCPT TO:<theo@harbor.test>"];

/// Takes one letter and says how many octets it had.
async fn taker(mut peer: DuplexStream) {
    tell(&mut peer, "220 mx1.harbor.test\r\n").await;
    for _ in ENVELOPE {
        hear(&mut peer).await;
        tell(&mut peer, "250 ok\r\n").await;
    }
    assert_eq!(hear(&mut peer).await, "DATA\r\n");
    tell(&mut peer, "354 go on\r\n").await;
    let mut letter = Unstuffer::new();
    let (mut buffer, mut octets) = (vec![0; 65536], Vec::new());
    loop {
        let read = peer.read(&mut buffer).await.unwrap();
        if read == 0 {
            return;
        }
        if letter.push(&buffer[..read], &mut octets).done {
            break;
        }
    }
    tell(&mut peer, &format!("250 {} octets\r\n", octets.len())).await;
    hear(&mut peer).await;
}

fn envelope() -> u64 {
    ENVELOPE.iter().map(|line| line.len() as u64 + 2).sum()
}

async fn posted(body: Body) -> Play {
    let mut play = Play::with(taker).await;
    play.until_heard("220 mx1.harbor.test\r\n").await;
    for (sent, line) in ENVELOPE.into_iter().enumerate() {
        play.say(line).await;
        play.until_heard(&"250 ok\r\n".repeat(sent + 1)).await;
    }
    play.say("DATA").await;
    play.act(Act::Letter(Letter { body, wire: Wire::Normalise, octets: None })).await;
    play.say(".").await;
    play.until_heard("354 go on\r\n").await;
    play
}

#[tokio::test]
async fn a_large_letter_arrives_whole_and_the_tape_keeps_beginning_and_end() {
    let line = ".a line that begins with a dot\r\n";
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let body = line.repeat(9 * 1024 * 1024 / line.len());
    file.write_all(body.as_bytes()).unwrap();
    let mut play = posted(Body::File(file.path().to_owned())).await;
    play.until_heard("octets\r\n").await;
    assert!(play.server().ends_with(&format!("250 {} octets\r\n", body.len())));
    assert!(play.client().len() < 5 * 1024 * 1024, "{} octets are kept", play.client().len());
    assert!(play.client().contains("\r\nDATA\r\n..a line") && play.client().ends_with("with a dot\r\n.\r\n"));
    let dots = (body.len() / line.len()) as u64;
    assert_eq!(play.tape.lane(Side::Client).len(), envelope() + body.len() as u64 + dots + 9);
    assert_eq!(play.phase(), Phase::Ready);
    assert!(play.ids().is_empty(), "{:?}", play.ids());
    let dialogue = ehlo::dialogue::Dialogue::of(&play.tape);
    assert!(dialogue.rows().iter().any(|row| matches!(row.what, Row::Elided)));
}

#[tokio::test]
async fn a_file_that_is_not_there_ends_no_letter() {
    let mut play = posted(Body::File("/nonexistent/letter.eml".into())).await;
    play.until_marked(|mark| matches!(mark, Mark::Unread { .. })).await;
    play.until_marked(|mark| matches!(mark, Mark::Dropped { lines: 1 })).await;
    assert!(play.client().ends_with("\r\nDATA\r\n"));
    assert_eq!(play.phase(), Phase::Content);
}
