//! What must hold for any bytes: the bodies of the fuzz targets. `tests/fuzz.rs` runs the same under `cargo test`.
//!
//! Each takes plain bytes, so that a seed can be written and read by a person.

use std::net::SocketAddr;
use std::time::Duration;

use ehlo::dialogue::Dialogue;
use ehlo::dialogue::row::Row;
use ehlo::engine::client::{Client, Item, Profile, Want};
use ehlo::safe::{self, SafeText};
use ehlo::smtp::data::{Stuffer, Unstuffer, Wire};
use ehlo::smtp::extension::Extensions;
use ehlo::smtp::reply::Reply;
use ehlo::smtp::sasl;
use ehlo::smtp::sasl::client::{Binding, Exchange, Login, Meaning, Mechanism, Reaction, Setup};
use ehlo::tape::mark::{Ending, Mark, Opened};
use ehlo::tape::{Entry, Moment, Side, Tape};

/// A reply: its lines cover it without gaps, its flaws lie inside, and reading what was read again changes nothing.
pub(crate) fn reply(bytes: &[u8]) {
    let Some(reply) = Reply::parse(bytes) else { return };
    let mut at = 0;
    for line in &reply.lines {
        assert_eq!(line.span.start, at, "lines follow each other");
        assert!(line.text.start >= line.span.start && line.text.end <= line.span.end, "a text lies in its line");
        at = line.span.end;
    }
    assert_eq!(at, reply.bytes().len(), "no octet is left over");
    assert!(reply.flaws.iter().all(|flaw| flaw.span.start <= flaw.span.end && flaw.span.end <= at));
    assert_eq!(Reply::parse(reply.bytes()).as_ref(), Some(&reply), "what was read is read alike again");
}

/// The answer to EHLO: no list differs from itself, and its questions have answers.
pub(crate) fn ehlo(bytes: &[u8]) {
    let Some(reply) = Reply::parse(bytes) else { return };
    let offer = Extensions::parse(&reply);
    assert!(!offer.differs(&offer), "a list equals itself");
    assert!(offer.keywords().len() <= reply.lines.len(), "a line names one keyword");
    for mechanism in offer.auth() {
        assert!(offer.offers_mechanism(&mechanism.name), "what is listed is offered");
    }
    let _ = offer.size();
}

/// A session: operations on the client's engine, then the tape read whole and in pieces.
///
/// An operation is a letter, its argument runs up to the next NUL: `S` the server says, `C` a line is queued, `N` a line
/// goes now, `T` a minute passes, `E` the stream ends, `K` keep waiting, `Q` close, `L` a letter.
pub(crate) fn session(bytes: &[u8]) {
    let mut client = Client::new(&Profile::default());
    let mut tape = opened();
    let mut now = Moment::START;
    client.opened(facts(), now);
    settle(&mut client, &mut tape, now);
    for operation in bytes.split(|octet| *octet == 0).take(64) {
        now = now.after(Duration::from_millis(1));
        let Some((letter, argument)) = operation.split_first() else { continue };
        match letter {
            b'S' => {
                let taken = client.receive(argument, now);
                assert!(taken <= argument.len(), "no more is taken than came");
                tape.push(Side::Server, now, argument.get(..taken).unwrap_or_default());
            }
            b'C' => client.send(Item::Line(line(argument).into()), now),
            b'N' => client.send(Item::Now(line(argument).into()), now),
            b'L' => client.send(Item::Letter, now),
            b'T' => {
                now = now.after(Duration::from_mins(1));
                client.tick(now);
            }
            b'E' => client.closed(Ending::Clean),
            b'K' => client.keep_waiting(now),
            b'Q' => client.close(now),
            _ => continue,
        }
        settle(&mut client, &mut tape, now);
        assert!(!client.is_over() || client.outgoing().is_empty(), "nothing leaves after the end");
    }
    let whole = Dialogue::of(&tape);
    for cut in [1, 7] {
        let again = Dialogue::of(&recut(&tape, cut));
        assert_eq!(whole.rows(), again.rows(), "segmentation changes no row");
        assert_eq!(whole.exchanges(), again.exchanges(), "segmentation changes no exchange");
        assert_eq!(whole.flaws(), again.flaws(), "segmentation changes no flaw");
        assert_eq!(whole.phase(), again.phase(), "segmentation changes no phase");
    }
}

/// What comes inside a 334, and what goes back.
pub(crate) fn sasl(bytes: &[u8]) {
    if let Ok(decoded) = sasl::decode(bytes) {
        challenge(&decoded);
        assert_eq!(sasl::decode(sasl::encode(&decoded).as_bytes()).ok(), Some(decoded), "Base64 there and back");
    }
    challenge(bytes);
    for mechanism in Mechanism::ALL {
        client(*mechanism, bytes);
    }
}

/// A login whose server says these lines: what it says is covered by parts, and it gets no secret into what is shown.
fn client(mechanism: Mechanism, bytes: &[u8]) {
    let login = Login { act_as: String::new(), user: "ada".into(), secret: "s3cret-of-ada".into() };
    let binding = Binding::TlsExporter([7; 32]);
    let setup = Setup { nonce: "n0nce".into(), binding, most_rounds: 64, ..Setup::new(mechanism, login) };
    let Ok(mut exchange) = Exchange::begin(&setup) else { unreachable!("the login is sound") };
    exchange.command(bytes.first().is_some_and(|octet| octet % 2 == 0), 512);
    let mut answers = 0;
    for line in bytes.split(|octet| *octet == b'\n') {
        let turn = exchange.challenge(line);
        covered(&turn.heard);
        let reaction = match turn.reaction {
            Reaction::Derive(work) => exchange.derived(&work.run()),
            reaction => Some(reaction),
        };
        if let Some(Reaction::Answer(said)) = reaction {
            answers += 1;
            covered(said.meaning());
            let shown: String =
                said.meaning().pieces().filter_map(|piece| piece.text).map(SafeText::into_string).collect();
            assert!(!shown.contains("s3cret"), "{mechanism} shows the secret");
        }
    }
    assert!(answers <= 3, "{mechanism} answers without end");
    assert!(
        !mechanism.name().starts_with("SCRAM") || exchange.concluded(235).is_err(),
        "no server guesses a signature"
    );
}

fn covered(meaning: &Meaning) {
    let end = meaning.parts().iter().fold(0, |at, part| {
        assert_eq!(part.span.start, at, "parts follow each other");
        part.span.end
    });
    assert_eq!(end, meaning.reveal().len(), "no octet is left over");
}

fn challenge(decoded: &[u8]) {
    let plain = sasl::Plain::parse(decoded);
    for part in [&plain.authzid, &plain.authcid, &plain.password] {
        assert!(part.start <= part.end && part.end <= decoded.len(), "a part lies in its message");
    }
    let attributes = sasl::attributes(decoded);
    assert!(attributes.iter().all(|(_, value)| value.len() < decoded.len().max(1)));
    let _ = (sasl::server_first_flaws(decoded), sasl::Prompt::of(decoded), sasl::refusal_field(decoded, "status"));
}

/// A letter: what is stuffed is unstuffed again, however it is cut.
pub(crate) fn stuffing(bytes: &[u8]) {
    let (cut, letter) = bytes.split_first().map_or((1, bytes), |(cut, letter)| (usize::from(*cut).max(1), letter));
    for wire in [Wire::Normalise, Wire::Verbatim] {
        let (whole, pieces) = (stuff(wire, letter, usize::MAX), stuff(wire, letter, cut));
        assert_eq!(whole, pieces, "cuts change nothing on the wire");
        let (again, rest) = unstuff(&whole, cut);
        assert_eq!(rest, 0, "the wire ends with the letter");
        assert_eq!(unstuff(&whole, usize::MAX).0, again, "cuts change nothing in the letter");
        assert_eq!(stuff(wire, &again, cut), whole, "stuffed again it is the same");
        if wire == Wire::Verbatim {
            assert!(again.starts_with(letter), "nothing is lost");
        }
    }
}

/// Text for the screen: no character acts on a terminal, nothing vanishes, and the plain spelling can be undone.
pub(crate) fn safe_text(bytes: &[u8]) {
    let screen = safe::screen(bytes);
    assert!(!screen.as_str().chars().any(char::is_control), "no character acts");
    assert_eq!(screen.is_empty(), bytes.is_empty(), "nothing vanishes");
    let plain = safe::plain(bytes);
    assert!(!plain.as_str().chars().any(char::is_control));
    assert_eq!(safe::decode(plain.as_str()).ok().as_deref(), Some(bytes), "the plain spelling can be undone");
}

/// A login whose secret the server repeats in six spellings: none of them is left once the hidden parts are gone.
///
/// The first half of the bytes is the password, the rest stands around what the server repeats. That the spellings are
/// there before anything is hidden is checked as well, so that this cannot pass by looking for the wrong thing.
pub(crate) fn redaction(bytes: &[u8]) {
    let (password, noise) = bytes.split_at(bytes.len() / 2);
    let inner = |octet: &u8| octet.is_ascii_graphic();
    let password: Vec<u8> = password.iter().copied().filter(inner).take(40).collect();
    let noise: Vec<u8> = noise.iter().copied().filter(|octet| !matches!(octet, b'\r' | b'\n')).take(80).collect();
    if password.len() < 6 {
        return;
    }
    let said = [&b"\0ada\0"[..], &password].concat();
    for spelling in spellings(&password) {
        let mut tape = opened();
        let mut say = |side, text: &[u8]| tape.push(side, Moment::from_millis(1), text);
        say(Side::Server, b"220 mx1.harbor.test ESMTP\r\n");
        say(Side::Client, b"EHLO laptop.you.test\r\n");
        say(Side::Server, b"250-mx1.harbor.test\r\n250 AUTH PLAIN\r\n");
        say(Side::Client, format!("AUTH PLAIN {}\r\n", sasl::encode(&said)).as_bytes());
        let echo = [&b"535 5.7.8 "[..], &noise, b" ", &spelling, b" ", &noise, b"\r\n"].concat();
        say(Side::Server, &echo);
        let dialogue = Dialogue::of(&tape);
        let secrets = dialogue.secrets();
        let (mut open, mut shown) = (false, false);
        for span in dialogue.rows().iter().filter_map(Row::span) {
            let row = tape.bytes(span);
            let mut left = row.to_vec();
            for hidden in secrets.hidden(span, &row) {
                // One octet that no spelling holds stands for each that is hidden.
                left.get_mut(hidden).into_iter().flatten().for_each(|octet| *octet = 0xff);
            }
            open |= holds(&row, &spelling);
            shown |= holds(&left, &spelling);
        }
        assert!(open, "the secret was there to be found");
        assert!(!shown, "the secret is shown");
    }
}

fn holds(bytes: &[u8], spelling: &[u8]) -> bool {
    bytes.windows(spelling.len()).any(|window| window == spelling)
}

/// As it is, in Base64, in Base64 for URLs, in hex, in percent and in UTF-16.
fn spellings(secret: &[u8]) -> [Vec<u8>; 6] {
    let base64 = sasl::encode(secret);
    let each = |format: fn(u8) -> String| secret.iter().map(|octet| format(*octet)).collect::<String>().into_bytes();
    [
        secret.to_vec(),
        base64.trim_end_matches('=').into(),
        base64.trim_end_matches('=').replace('+', "-").replace('/', "_").into_bytes(),
        each(|octet| format!("{octet:02x}")),
        each(|octet| {
            let plain = octet.is_ascii_alphanumeric() || b"-._~".contains(&octet);
            if plain { char::from(octet).to_string() } else { format!("%{octet:02X}") }
        }),
        secret.iter().flat_map(|octet| [*octet, 0]).collect(),
    ]
}

fn facts() -> Opened {
    let peer = SocketAddr::from(([192, 0, 2, 10], 25)).into();
    Opened { host: "mx1.harbor.test".into(), peer, local: None, lmtp: false, took: Duration::from_millis(1) }
}

fn opened() -> Tape {
    let mut tape = Tape::new(1 << 24);
    tape.mark(Moment::START, Mark::Opened(facts()));
    tape
}

fn line(text: &[u8]) -> Vec<u8> {
    [text, b"\r\n"].concat()
}

/// Lets everything go out that may, and puts it and all marks but the first on the tape.
fn settle(client: &mut Client, tape: &mut Tape, now: Moment) {
    loop {
        while let Some(want) = client.poll() {
            if let Want::Mark(mark) = want
                && !matches!(mark, Mark::Opened(_))
            {
                tape.mark(now, mark);
            }
        }
        let octets = client.outgoing().to_vec();
        if octets.is_empty() {
            return;
        }
        tape.push(Side::Client, now, &octets);
        client.wrote(octets.len(), now);
    }
}

/// The same tape, its bytes in pieces of `cut` octets.
fn recut(tape: &Tape, cut: usize) -> Tape {
    let mut again = Tape::new(1 << 24);
    for entry in tape.log() {
        match *entry {
            Entry::Chunk { at, span } => {
                tape.bytes(span).chunks(cut).for_each(|piece| again.push(span.side, at, piece));
            }
            Entry::Elided { at, span } => again.elide(span.side, at, span.end - span.start),
            Entry::Mark { at, index } => {
                tape.marks().get(index).into_iter().for_each(|(_, mark)| again.mark(at, mark.clone()));
            }
        }
    }
    again
}

fn stuff(wire: Wire, letter: &[u8], cut: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut stuffer = Stuffer::new(wire);
    letter.chunks(cut).for_each(|piece| stuffer.push(piece, &mut out));
    stuffer.finish(&mut out);
    out
}

/// The letter, and how many octets came after its end.
fn unstuff(wire: &[u8], cut: usize) -> (Vec<u8>, usize) {
    let (mut letter, mut rest) = (Vec::new(), 0);
    let mut unstuffer = Unstuffer::new();
    for piece in wire.chunks(cut) {
        rest += piece.len() - unstuffer.push(piece, &mut letter).used;
    }
    (letter, rest)
}
