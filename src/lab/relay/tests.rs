//! Sessions of a relay with servers that say what a script says.

use std::sync::Mutex;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream};
use tokio::sync::mpsc;

use super::*;
use crate::lab::queue::{Letter, Recipient};
use crate::smtp::params::Param;
use crate::smtp::path;

/// A server that offers these extensions and gives these replies to lines that begin so; 250 to all others.
async fn serve(stream: DuplexStream, script: &[(&str, &str)], heard: &Mutex<Vec<String>>) {
    let mut stream = BufReader::new(stream);
    let said = |line: &str| script.iter().find(|(begin, _)| line.starts_with(begin)).map(|(_, reply)| *reply);
    let mut reply = said("greeting").unwrap_or("220 mx.test ESMTP");
    loop {
        if stream.write_all(format!("{reply}\r\n").as_bytes()).await.is_err() || reply.starts_with("421") {
            return;
        }
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        let line = line.trim_end().to_owned();
        reply = said(&line).unwrap_or(if line == "DATA" { "354 go" } else { "250 2.0.0 OK" });
        if line == "DATA" && reply.starts_with("354") {
            stream.write_all(b"354 go\r\n").await.expect("a stream in memory");
            // What precedes the first line counts as a line end: a letter may be empty.
            let mut text = String::from("\r\n");
            while !text.ends_with("\r\n.\r\n") {
                stream.read_line(&mut text).await.expect("a stream in memory");
            }
            heard
                .lock()
                .expect("one at a time")
                .push(format!("DATA {}", text.strip_prefix("\r\n").unwrap_or_default().replace("\r\n", "|")));
            reply = said(".").unwrap_or("250 2.0.0 Queued as Z-1");
        } else {
            heard.lock().expect("one at a time").push(line);
        }
    }
}

/// What comes of a letter at such a server, and what the server heard.
async fn lead(
    letter: &Letter,
    recipients: &[Recipient],
    script: &[(&str, &str)],
) -> (Result<Vec<Outcome>, Outcome>, Vec<String>) {
    let (client, server) = tokio::io::duplex(4096);
    let heard = Mutex::new(Vec::new());
    let demand = Demand::default();
    let ended = {
        let mut session = Session::new(
            client,
            "192.0.2.10:25".parse().expect("one"),
            "submit.you.test",
            "mx.test",
            None,
            Log::new(VisitId(1), mpsc::channel(1).0, []),
            &demand,
        );
        let leading = async {
            let ended = session.lead(letter, recipients).await.map_err(|ended| ended.outcome("mx.test"));
            drop(session);
            ended
        };
        tokio::join!(leading, serve(server, script, &heard)).0
    };
    (ended, heard.into_inner().expect("nobody else"))
}

fn letter(from: &str, params: &[(&str, Option<&str>)]) -> Letter {
    Letter {
        id: "S-0001".into(),
        from: path::reverse(from.as_bytes()).path,
        params: params.iter().map(|(name, value)| Param::new(name, *value)).collect(),
        content: Arc::from(&b"Subject: hi\r\n\r\n.dot\r\n"[..]),
        added: 0,
        arrived: "2026-01-01T10:05:00Z".parse().expect("a time"),
    }
}

fn to(address: &str, params: &[(&str, &str)]) -> Recipient {
    let path = path::forward(format!("<{address}>").as_bytes()).path;
    let params = params.iter().map(|(name, value)| Param::new(name, Some(value))).collect();
    Recipient { path, params, to: Destination::Domain("harbor.test".into()) }
}

fn verdicts(ended: Result<Vec<Outcome>, Outcome>) -> Vec<(Verdict, String)> {
    let outcomes = ended.unwrap_or_else(|outcome| vec![outcome]);
    outcomes.into_iter().map(|outcome| (outcome.verdict, outcome.status.to_string())).collect()
}

const PLAIN: (&str, &str) = ("EHLO", "250-mx.test\r\n250 SIZE 1000");
const DSN: (&str, &str) = ("EHLO", "250-mx.test\r\n250-DSN\r\n250 ENHANCEDSTATUSCODES");

#[tokio::test]
async fn a_letter_is_handed_over_line_by_line_with_its_dots_doubled() {
    let (ended, heard) = lead(&letter("<mina@you.test>", &[]), &[to("pat@harbor.test", &[])], &[PLAIN]).await;
    assert_eq!(verdicts(ended), [(Verdict::Handed { with_dsn: false }, "2.0.0".into())]);
    let wanted = [
        "EHLO submit.you.test",
        "MAIL FROM:<mina@you.test> SIZE=21",
        "RCPT TO:<pat@harbor.test>",
        "DATA Subject: hi||..dot|.|",
        "QUIT",
    ];
    assert_eq!(heard, wanted);
}

#[tokio::test]
async fn c184_what_the_sender_asked_for_goes_along_unchanged_where_dsn_is_offered_and_only_there() {
    let letter = letter("<mina@you.test>", &[("RET", Some("HDRS")), ("ENVID", Some("QQ+2B3")), ("SIZE", Some("9"))]);
    let recipient = to("pat@harbor.test", &[("NOTIFY", "SUCCESS,failure"), ("ORCPT", "rfc822;Pat@Harbor.test")]);
    let (ended, heard) = lead(&letter, std::slice::from_ref(&recipient), &[DSN]).await;
    assert_eq!(verdicts(ended), [(Verdict::Handed { with_dsn: true }, "2.0.0".into())]);
    assert_eq!(
        heard[1..3],
        [
            "MAIL FROM:<mina@you.test> RET=HDRS ENVID=QQ+2B3",
            "RCPT TO:<pat@harbor.test> NOTIFY=SUCCESS,failure ORCPT=rfc822;Pat@Harbor.test",
        ]
    );
    let (ended, heard) = lead(&letter, &[recipient], &[PLAIN]).await;
    assert_eq!(verdicts(ended), [(Verdict::Handed { with_dsn: false }, "2.0.0".into())]);
    assert_eq!(heard[1..3], ["MAIL FROM:<mina@you.test> SIZE=21", "RCPT TO:<pat@harbor.test>"]);
}

#[tokio::test]
async fn every_recipient_has_an_outcome_of_its_own() {
    let recipients = ["pat", "nobody", "busy"].map(|name| to(&format!("{name}@harbor.test"), &[]));
    let script = [DSN, ("RCPT TO:<nobody", "550-5.1.1 No\r\n550 5.1.1 such user"), ("RCPT TO:<busy", "450 4.2.1 Busy")];
    let (ended, _) = lead(&letter("<mina@you.test>", &[]), &recipients, &script).await;
    let outcomes = ended.expect("outcomes");
    assert_eq!(outcomes[1].said.as_deref(), Some("550-5.1.1 No 550 5.1.1 such user"));
    let wanted = [
        (Verdict::Handed { with_dsn: true }, "2.0.0".to_owned()),
        (Verdict::Never, "5.1.1".into()),
        (Verdict::Later, "4.2.1".into()),
    ];
    assert_eq!(verdicts(Ok(outcomes)), wanted);
    let refused = [DSN, (".", "554 5.6.0 No")];
    let (ended, _) = lead(&letter("<mina@you.test>", &[]), &recipients, &refused).await;
    assert_eq!(verdicts(ended), vec![(Verdict::Never, "5.6.0".to_owned()); 3], "the verdict on the letter is for all");
    let nobody = [DSN, ("RCPT", "550 5.1.1 No")];
    let (_, heard) = lead(&letter("<mina@you.test>", &[]), &recipients, &nobody).await;
    assert!(!heard.iter().any(|line| line.starts_with("DATA")), "{heard:?}");
}

#[tokio::test]
async fn where_pipelining_is_offered_the_envelope_goes_as_a_group_and_each_reply_finds_its_command() {
    const GROUP: (&str, &str) = ("EHLO", "250-mx.test\r\n250 PIPELINING");
    let letter = letter("<mina@you.test>", &[]);
    let recipients = ["pat", "nobody", "busy"].map(|name| to(&format!("{name}@harbor.test"), &[]));
    let script = [GROUP, ("RCPT TO:<nobody", "550 5.1.1 No"), ("RCPT TO:<busy", "450 4.2.1 Busy")];
    let (ended, heard) = lead(&letter, &recipients, &script).await;
    let wanted = [
        (Verdict::Handed { with_dsn: false }, "2.0.0".to_owned()),
        (Verdict::Never, "5.1.1".into()),
        (Verdict::Later, "4.2.1".into()),
    ];
    assert_eq!(verdicts(ended), wanted);
    assert_eq!(heard.last().map(String::as_str), Some("QUIT"), "{heard:?}");
    // 354 although nobody gets the letter: an empty one ends it, and its verdict is nobody's.
    let (ended, heard) = lead(&letter, &recipients[..1], &[GROUP, ("RCPT", "550 5.1.1 No")]).await;
    assert_eq!(verdicts(ended), [(Verdict::Never, "5.1.1".into())]);
    assert_eq!(heard[3..], ["DATA .|", "QUIT"]);
    let (ended, heard) = lead(&letter, &recipients[..1], &[GROUP, ("MAIL", "550 5.7.1 Not you")]).await;
    assert_eq!(verdicts(ended), [(Verdict::Never, "5.7.1".into())]);
    assert_eq!(heard[3..], ["DATA .|", "QUIT"]);
    // A server that says 421 to MAIL and closes has said why.
    let (ended, _) = lead(&letter, &recipients[..1], &[GROUP, ("MAIL", "421 4.3.2 Closing")]).await;
    assert_eq!(verdicts(ended), [(Verdict::Later, "4.3.2".into())]);
    let (ended, _) = lead(&letter, &recipients[..1], &[GROUP, ("RCPT", "421 4.3.2 Closing")]).await;
    assert_eq!(verdicts(ended), [(Verdict::Later, "4.3.2".into())]);
}

#[tokio::test]
async fn a_server_that_does_not_talk_leaves_the_letter_for_another_time_or_server() {
    let one = [to("pat@harbor.test", &[])];
    for (script, verdict, status) in [
        (("greeting", "421 4.3.2 Too many"), Verdict::Later, "4.3.2"),
        (("greeting", "554 No SMTP service here"), Verdict::Never, "5.0.0"),
        (("EHLO", "421 4.3.2 Down"), Verdict::Later, "4.3.2"),
        (("MAIL", "421 4.3.2 Down"), Verdict::Later, "4.3.2"),
        (("MAIL", "550 5.7.1 Not you"), Verdict::Never, "5.7.1"),
        (("DATA", "451 4.3.0 Not now"), Verdict::Later, "4.3.0"),
    ] {
        let (ended, _) = lead(&letter("<mina@you.test>", &[]), &one, &[script]).await;
        assert_eq!(verdicts(ended), [(verdict, status.to_owned())], "{script:?}");
    }
    let helo = [("EHLO", "500 What?"), ("HELO", "250 mx.test")];
    let (ended, heard) = lead(&letter("<mina@you.test>", &[]), &one, &helo).await;
    assert_eq!(verdicts(ended).len(), 1);
    assert_eq!(heard[..3], ["EHLO submit.you.test", "HELO submit.you.test", "MAIL FROM:<mina@you.test>"]);
}

#[tokio::test]
async fn c166_what_a_server_cannot_have_is_not_offered_to_it() {
    let big = Letter { content: vec![b'x'; 1001].into(), ..letter("<mina@you.test>", &[]) };
    let eight = Letter { content: Arc::from("Subject: x\r\n\r\nnaïve\r\n".as_bytes()), ..letter("<>", &[]) };
    let utf8 = letter("<zoë@you.test>", &[("SMTPUTF8", None)]);
    let strict = letter("<mina@you.test>", &[("REQUIRETLS", None)]);
    let binary = letter("<mina@you.test>", &[("BODY", Some("BINARYMIME"))]);
    let cases = [(big, "5.3.4"), (eight, "5.6.3"), (utf8, "5.6.7"), (strict, "5.7.30"), (binary, "5.6.1")];
    for (letter, status) in cases {
        let (ended, heard) = lead(&letter, &[to("pat@harbor.test", &[])], &[PLAIN]).await;
        assert_eq!(verdicts(ended), [(Verdict::Never, status.to_owned())]);
        assert_eq!(heard, ["EHLO submit.you.test", "QUIT"], "{status}");
    }
    let ascii = letter("<mina@you.test>", &[("SMTPUTF8", None)]);
    let (ended, heard) = lead(&ascii, &[to("pat@harbor.test", &[])], &[PLAIN]).await;
    assert_eq!(verdicts(ended).len(), 1);
    assert_eq!(heard[1], "MAIL FROM:<mina@you.test> SIZE=21", "nothing in it goes beyond ASCII");
}

#[tokio::test(start_paused = true)]
async fn what_was_waited_for_in_vain_is_in_the_record() {
    let (client, server) = tokio::io::duplex(4096);
    let (peer, demand) = ("192.0.2.10:25".parse().expect("one"), Demand::default());
    let (listener, mut told) = mpsc::channel(8);
    let log = Log::new(VisitId(1), listener, []);
    let mut session = Session::new(client, peer, "submit.you.test", "mx.test", None, log, &demand);
    let ended = timeout(PATIENCE, session.lead(&letter("<>", &[]), &[])).await;
    assert!(ended.is_err(), "nobody greets");
    session.fell_silent();
    session.end().await;
    let mut marks = Vec::new();
    while let Some(Signal::Heard { at, what, .. }) = told.recv().await {
        if let What::Mark(mark) = what {
            marks.push((at.micros(), mark));
        }
    }
    let [(0, Mark::Opened(_)), timed_out, closed] = marks.as_slice() else { panic!("{marks:?}") };
    assert_eq!(*timed_out, (30_000_000, Mark::TimedOut(mark::Wait::Greeting)));
    assert!(matches!(closed.1, Mark::Closed(_)));
    drop(server);
}
