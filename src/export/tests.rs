//! Exports of one story with a stranger's tricks in it, read back by the rules of each format.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use super::{Format, NotExported, export};
use crate::ports::net::{Checks, Opening, Place, SessionId, Sni, Target, What};
use crate::record::line::{Bytes, Line};
use crate::record::reader::{Recording, read};
use crate::record::writer::Writer;
use crate::record::{Class, Header};
use crate::session::Session;
use crate::tape::mark::{Closed, Ending, Mark, Opened};
use crate::tape::{Moment, Side};

const TRICKS: &str = "<script>alert(1)</script> \" onmouseover= ]]> `a` | **b** @pat\x1b[2J\u{202e}";

/// A letter to pat by a server that says `tricks`.
fn story(tricks: &str) -> Recording {
    recording(&[
        (Side::Server, "220 mx1.harbor.test ESMTP\r\n"),
        (Side::Client, "EHLO laptop.you.test\r\n"),
        (Side::Server, &format!("250-mx1.harbor.test {tricks}\r\n250 AUTH PLAIN\r\n")),
        (Side::Client, "AUTH PLAIN AG1pbmEAc3VuZmxvd2Vy\r\n"),
        (Side::Server, "235 2.7.0 in\r\n"),
        (Side::Client, "MAIL FROM:<you@you.test>\r\n"),
        (Side::Server, "250 2.1.0 ok\r\n"),
        (Side::Client, "RCPT TO:<pat@harbor.test>\r\n"),
        (Side::Server, "250 2.1.5 ok\r\n"),
        (Side::Client, "DATA\r\n"),
        (Side::Server, "354 go\r\n"),
        (Side::Client, "Message-ID: <../../.bashrc>\r\nSubject: CON\r\n\r\n..dot\r\nwords\r\n.\r\n"),
        (Side::Server, "250 2.0.0 ok: queued as 1\r\n"),
        (Side::Client, "QUIT\r\n"),
        (Side::Server, "221 2.0.0 bye\r\n"),
    ])
}

fn recording(said: &[(Side, &str)]) -> Recording {
    let mut session = Session::new(SessionId(1), Target::new("mx1.harbor.test", 2525, Place::Live));
    let peer: std::net::SocketAddr = ([192, 0, 2, 10], 2525).into();
    let local = Some(([192, 0, 2, 1], 40_000).into());
    let took = Duration::from_millis(2);
    let opened = Opened { host: "mx1.harbor.test".into(), peer: peer.into(), local, lmtp: false, took };
    session.apply(Moment::START, &What::Mark(Mark::Opened(opened)));
    for ((side, text), at) in said.iter().zip(1..) {
        session.apply(Moment::from_millis(at * 900), &What::Bytes(*side, Arc::from(text.as_bytes())));
    }
    let closed = Closed { by: Side::Server, how: Ending::Clean };
    session.apply(Moment::from_millis(60_000), &What::Mark(Mark::Closed(closed)));
    let header = Header::new("2026-03-01T09:12:00Z".parse().unwrap(), Class::Live);
    let lines = Writer::default().finish(&session, 0);
    let file = lines.iter().fold(header.json(), |file, line: &Line| file + &line.json());
    read(file.as_bytes()).unwrap()
}

fn text_of(format: Format, tricks: &str) -> String {
    let pieces = export(&story(tricks), format).unwrap();
    String::from_utf8(pieces[0].octets.clone()).unwrap()
}

#[test]
fn text_has_80_columns_and_says_who_and_when() {
    let text = text_of(Format::Text, TRICKS);
    assert!(text.starts_with("# ehlo 0.1.0, LIVE, mx1.harbor.test:2525, 2026-03-01 09:12:00 UTC\n"), "{text}");
    assert!(text.contains("09:12:01.800 C: EHLO laptop.you.test\n"), "{text}");
    for line in text.lines() {
        assert!(line.chars().count() <= 80 && !line.chars().any(char::is_control), "{line}");
    }
}

#[test]
fn no_format_tells_a_secret_or_performs_what_a_stranger_wrote() {
    for format in Format::ALL {
        for piece in export(&story(TRICKS), format).unwrap() {
            let octets = &piece.octets;
            for secret in ["sunflower", "c3VuZmxvd2Vy", "AG1pbmEAc3VuZmxvd2Vy"] {
                assert!(memchr::memmem::find(octets, secret.as_bytes()).is_none(), "{format:?} tells {secret}");
            }
            if !matches!(format, Format::Pcapng | Format::Eml) {
                let text = std::str::from_utf8(octets).unwrap();
                assert!(!text.chars().any(|it| it.is_control() && it != '\n' || it == '\u{202e}'), "{format:?}");
            }
        }
    }
}

#[test]
fn f233_the_page_escapes_everything_and_says_what_the_text_says() {
    let page = text_of(Format::Html, TRICKS);
    assert!(page.contains("default-src 'none'") && !page.contains("<script") && !page.contains("http://"), "{page}");
    let mut said = String::new();
    let body = page.split_once("</label></p>").unwrap().1;
    // What a line opens to is more than the text has.
    let (first, lines) = body.split_once("<div class=\"more\">").unwrap();
    let closed = lines.split("<div class=\"more\">").map(|line| line.split_once("</div>").unwrap().1);
    let body = format!("{first}{}", closed.collect::<String>());
    for part in body.split('<').skip(1) {
        let _ = write!(said, "{}", part.split_once('>').unwrap().1);
    }
    let said = said
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
    let bare = |text: &str| text.replace(['#', '\n', ' '], "");
    assert_eq!(bare(&said), bare(&text_of(Format::Text, TRICKS)));
}

#[test]
fn a_line_of_the_page_opens_to_its_meaning_and_its_octets() {
    let page = text_of(Format::Html, TRICKS);
    let line = page.split("<li id=").find(|line| line.contains("RCPT TO:&lt;pat@harbor.test&gt;</code>")).unwrap();
    let more = line.split_once("<div class=\"more\">").unwrap().1;
    assert!(more.contains("<p>RFC 5321 §"), "{more}");
    assert!(more.contains("<p>27 octets: <code>52 43 50 54 20 54 4f 3a 3c"), "{more}");
    let login = page.split("<li id=").find(|line| line.contains("AUTH PLAIN ")).unwrap();
    assert!(login.contains("41 55 54 48 20 50 4c 41 49 4e"), "{login}");
    // Base64 of the password, in hex.
    let secret: Vec<String> = b"c3VuZmxvd2Vy".iter().map(|octet| format!("{octet:02x}")).collect();
    assert!(!page.contains(&secret.join(" ")) && !page.contains(&secret[2..].join(" ")), "{login}");
}

#[test]
fn markdown_keeps_tricks_in_code() {
    let text = text_of(Format::Markdown, TRICKS);
    assert!(text.contains("| Line | Meaning |"), "{text}");
    let row = text.lines().find(|line| line.contains("`` S: 250-mx1")).expect("a row with longer ticks");
    assert!(row.contains("\\| **b**") && row.matches(" | ").count() >= 1, "{row}");
}

#[test]
fn f235_letters_are_octet_by_octet_and_named_by_a_counter() {
    let pieces = export(&story(""), Format::Eml).unwrap();
    assert_eq!(pieces.len(), 1);
    assert_eq!(pieces[0].name, "letter-1.eml");
    assert_eq!(pieces[0].octets, b"Message-ID: <../../.bashrc>\r\nSubject: CON\r\n\r\n.dot\r\nwords\r\n");
    let none = recording(&[(Side::Server, "220 hi\r\n")]);
    assert_eq!(export(&none, Format::Eml), Err(NotExported::NoLetter));
}

#[test]
fn letters_in_chunks_are_put_together() {
    let chunked = recording(&[
        (Side::Server, "220 mx\r\n"),
        (Side::Client, "EHLO a.test\r\n"),
        (Side::Server, "250 CHUNKING\r\n"),
        (Side::Client, "MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\n"),
        (Side::Server, "250 ok\r\n250 ok\r\n"),
        (Side::Client, "BDAT 5\r\n.\r\nabBDAT 3 LAST\r\nc\r\n"),
        (Side::Server, "250 ok\r\n250 ok\r\n"),
    ]);
    assert_eq!(export(&chunked, Format::Eml).unwrap()[0].octets, b".\r\nabc\r\n");
}

/// A letter to pat by this sender, with this text as it goes, and what is said before and behind it.
fn letter(from: &str, text: &str, hello: &str, before: &str, behind: &str) -> Recording {
    recording(&[
        (Side::Server, &format!("220 mx.test {before}\r\n")),
        (Side::Client, &format!("{hello} [127.0.0.1]\r\n")),
        (Side::Server, "250 mx.test\r\n"),
        (Side::Client, &format!("MAIL FROM:<{from}>\r\n")),
        (Side::Server, "250 ok\r\n"),
        (Side::Client, "RCPT TO:<pat@harbor.test>\r\n"),
        (Side::Server, "250 ok\r\n"),
        (Side::Client, "DATA\r\n"),
        (Side::Server, "354 go\r\n"),
        (Side::Client, &format!("{text}.\r\n")),
        (Side::Server, "250 taken\r\n"),
        (Side::Client, behind),
    ])
}

fn printed(recording: &Recording, format: Format) -> String {
    String::from_utf8(export(recording, format).unwrap()[0].octets.clone()).unwrap()
}

#[test]
fn each_letter_of_a_session_has_calls_with_its_own_file() {
    let two = letter("", "one\r\n", "EHLO", "ESMTP", "MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n");
    let mut session = two.lines.clone();
    session.retain(|line| !matches!(line, Line::End { .. } | Line::Mark { mark: Mark::Closed(_), .. }));
    let said =
        [(Side::Server, "250 ok\r\n250 ok\r\n354 go\r\n"), (Side::Client, "2\r\n.\r\n"), (Side::Server, "250 ok\r\n")];
    session.extend(said.into_iter().zip(20..).map(|((side, text), at)| {
        Line::Bytes(Bytes::new(SessionId(1), Moment::from_millis(at * 900), side, text.as_bytes(), Vec::new()))
    }));
    let text = printed(&Recording { lines: session, ..two }, Format::Commands);
    assert!(text.contains("--from '<>' --to 'pat@harbor.test' --data @letter-1.eml"), "{text}");
    assert!(text.contains("--mail-from '' --mail-rcpt 'pat@harbor.test' --upload-file letter-1.eml"), "{text}");
    assert!(text.contains("--from 'a@b.test' --to 'c@d.test' --data @letter-2.eml"), "{text}");
    assert!(text.contains("open(\"letter-2.eml\", \"rb\")"), "{text}");
    // curl would take the brackets for a range.
    assert!(text.contains("'smtp://mx1.harbor.test:2525/%5B127.0.0.1%5D'"), "{text}");
    assert!(text.contains("# openssl s_client speaks TLS alone, and the server did not offer it."), "{text}");
}

#[test]
fn calls_speak_lmtp_where_the_session_did_and_stop_where_it_did() {
    let text = printed(&letter("a@b.test", "x\r\n", "LHLO", "LMTP", "QUIT\r\n"), Format::Commands);
    assert!(text.contains(" --protocol LMTP ") && text.contains("smtplib.LMTP("), "{text}");
    assert!(text.contains("# curl does not speak LMTP.") && !text.contains("curl --url"), "{text}");
    let probe = recording(&[
        (Side::Server, "220 mx.test ESMTP\r\n"),
        (Side::Client, "EHLO a.test\r\n"),
        (Side::Server, "250-mx.test\r\n250 STARTTLS\r\n"),
        (Side::Client, "MAIL FROM:<a@b.test>\r\n"),
        (Side::Server, "250 ok\r\n"),
        (Side::Client, "RCPT TO:<c@d.test>\r\n"),
        (Side::Server, "550 no\r\n"),
        (Side::Client, "QUIT\r\n"),
        (Side::Server, "221 bye\r\n"),
    ]);
    let text = printed(&probe, Format::Commands);
    assert!(text.contains("--to 'c@d.test' --quit-after RCPT\n") && !text.contains(".eml"), "{text}");
    assert!(text.contains("server.rcpt(\"c@d.test\")") && text.contains("-starttls smtp"), "{text}");
}

#[test]
fn a_script_has_a_letter_with_odd_octets_as_it_went() {
    let odd = letter("a@b.test", "..dot\r\nbare\nline\r\n", "EHLO", "ESMTP", "QUIT\r\n");
    let text = printed(&odd, Format::Script);
    assert!(text.contains("\ndata raw \"..dot\\r\\nbare\\nline\\r\\n\"\n< 250\n"), "{text}");
}

#[test]
fn a_script_has_chunks_of_the_sizes_that_they_had() {
    let script = |chunks: &str, verdicts: &str| {
        let chunked = recording(&[
            (Side::Server, "220 mx\r\n"),
            (Side::Client, "EHLO a.test\r\n"),
            (Side::Server, "250 CHUNKING\r\n"),
            (Side::Client, "MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\n"),
            (Side::Server, "250 ok\r\n250 ok\r\n"),
            (Side::Client, chunks),
            (Side::Server, verdicts),
        ]);
        printed(&chunked, Format::Script)
    };
    let alike = script("BDAT 4\r\na\r\nbBDAT 3 LAST\r\nc\r\n", "250 ok\r\n250 ok\r\n");
    assert!(alike.contains("bdat <<END chunk=4\na\nbc\nEND\n< 250\n"), "{alike}");
    let odd = script("BDAT 1\r\naBDAT 3 LAST\r\nb\n\0", "250 ok\r\n250 ok\r\n");
    assert!(odd.contains(">> \"BDAT 1\\r\\na\"\n< 250\n>> \"BDAT 3 LAST\\r\\nb\\n\\x00\"\n< 250\n"), "{odd}");
    let raw = script("BDAT 2 LAST\r\na\n", "250 ok\r\n");
    assert!(raw.contains("bdat raw \"a\\n\"\n< 250\n"), "{raw}");
    let refused = script("BDAT 1\r\naBDAT 1 LAST\r\nb", "503 no\r\n503 no\r\n");
    assert!(refused.contains(">> \"BDAT 1\\r\\na\"\n< 503\n>> \"BDAT 1 LAST\\r\\nb\"\n< 503\n"), "{refused}");
}

#[test]
fn what_a_script_cannot_have_is_told_in_it() {
    let story = story("").lines.into_iter().map(|line| match line {
        Line::Bytes(mut bytes) if bytes.octets().is_some_and(|octets| octets.starts_with(b"Message-ID")) => {
            bytes.holes = vec![(0, 4)];
            Line::Bytes(bytes)
        }
        line => line,
    });
    let holed = Recording { lines: story.collect(), ..self::story("") };
    assert!(printed(&holed, Format::Script).contains("# A secret in this letter is hidden"));
    assert!(
        export(&holed, Format::Eml).unwrap()[0].masked && !export(&self::story(""), Format::Eml).unwrap()[0].masked
    );
    let given_up = recording(&[
        (Side::Server, "220 mx\r\n"),
        (Side::Client, "EHLO a.test\r\n"),
        (Side::Server, "250 AUTH LOGIN\r\n"),
        (Side::Client, "AUTH LOGIN\r\n"),
        (Side::Server, "334 VXNlcm5hbWU6\r\n"),
        (Side::Client, "*\r\n"),
        (Side::Server, "501 given up\r\n"),
        (Side::Client, "AUTH NTLM\r\n"),
        (Side::Server, "504 unknown\r\n"),
        (Side::Client, "NOOP\r\n"),
    ]);
    let text = printed(&given_up, Format::Script);
    let end = "< 250\n# A login with LOGIN stood here.\n# A login with NTLM stood here.\n> NOOP\n<< close\n\n";
    assert!(text.ends_with(end), "{text}");
}

#[test]
fn a_script_asks_of_tls_what_the_session_asked() {
    let mut recording = story("");
    for line in &mut recording.lines {
        if let Line::Session(begun) = line {
            begun.target.opening = Opening::ImplicitTls;
            begun.target.handshake.checks = Checks::None;
            begun.target.handshake.sni = Sni::Name("other.test".into());
        }
    }
    let text = printed(&recording, Format::Script);
    assert!(text.contains("connect tls://mx1.harbor.test:2525\ntls verify=off sni=other.test\n< 220\n"), "{text}");
}

#[test]
fn calls_are_quoted_for_the_shell_and_ask_for_the_password() {
    let text = text_of(Format::Commands, "");
    assert!(text.contains("swaks --server 'mx1.harbor.test' --port 2525 --ehlo 'laptop.you.test'"), "{text}");
    assert!(text.contains("--auth 'PLAIN' --auth-user 'mina' --from 'you@you.test' --to 'pat@harbor.test'"), "{text}");
    assert!(text.contains("curl --url 'smtp://mx1.harbor.test:2525/laptop.you.test'"), "{text}");
    assert!(text.contains("server.login(\"mina\", getpass.getpass())"), "{text}");
    assert!(text.contains("# openssl s_client speaks TLS alone"), "{text}");
}

#[test]
fn events_a_cast_and_a_picture_are_what_their_formats_say() {
    let events = text_of(Format::Json, TRICKS);
    let first = events.lines().next().unwrap();
    assert!(first.starts_with("{\"kind\":\"open\"") && first.contains("\"schema\":1"), "{first}");
    assert!(events.is_ascii() && events.lines().any(|line| line.starts_with("{\"kind\":\"accept\"")), "{events}");
    let cast = text_of(Format::Cast, TRICKS);
    assert!(cast.starts_with("{\"version\":2,\"width\":80,"), "{cast}");
    let times: Vec<f64> = cast
        .lines()
        .skip(1)
        .map(|line| line.trim_start_matches('[').split(',').next().unwrap().parse().unwrap())
        .collect();
    assert!(times.is_sorted() && times.windows(2).all(|pair| pair[1] - pair[0] <= 2.0), "{times:?}");
    assert!(cast.contains(",\"m\",\"EHLO\"]"), "{cast}");
    let picture = text_of(Format::Svg, TRICKS);
    assert!(picture.starts_with("<svg xmlns=") && picture.ends_with("</svg>\n") && !picture.contains("<script"));
}

#[test]
fn each_packet_of_a_log_without_times_has_its_own_comment() {
    let log = b"=== Trying mx.test:25...\n=== Connected to mx.test.\n<-  220 mx.test ESMTP\n -> EHLO a.test\n<-  250 mx.test\n -> NOOP\n<-  250 ok\n -> QUIT\n<-  221 bye\n";
    let recording = crate::record::foreign::read(log).unwrap();
    let octets = &export(&recording, Format::Pcapng).unwrap()[0].octets;
    for note in ["my name; which extensions have you?", "are you there?", "I am done"] {
        assert_eq!(memchr::memmem::find_iter(octets, note.as_bytes()).count(), 1, "{note}");
    }
}

#[test]
fn a_capture_counts_every_octet_of_both_directions() {
    let octets = &export(&story(""), Format::Pcapng).unwrap()[0].octets;
    let word = |at: usize| u32::from_le_bytes(octets[at..at + 4].try_into().unwrap());
    let (mut at, mut packets, mut numbers) = (0, 0, Vec::new());
    while at < octets.len() {
        let length = word(at + 4) as usize;
        assert_eq!(word(at + length - 4) as usize, length, "a block ends with its length");
        if word(at) == 6 {
            packets += 1;
            let tcp = at + 28 + 14 + 20;
            let frame = word(at + 20) as usize;
            let source = u16::from_be_bytes(octets[tcp..tcp + 2].try_into().unwrap());
            let number = u32::from_be_bytes(octets[tcp + 4..tcp + 8].try_into().unwrap());
            numbers.push((source, number, frame - 54));
        }
        at += length;
    }
    assert!(packets > 20, "{packets}");
    for port in [25, 40_000] {
        let side: Vec<_> = numbers.iter().filter(|(source, ..)| *source == port).collect();
        for pair in side.windows(2) {
            let counted = u32::try_from(pair[0].2).unwrap();
            // SYN and FIN count as one.
            assert!(pair[1].1 - pair[0].1 == counted || pair[1].1 - pair[0].1 == 1, "{pair:?}");
        }
    }
}
