//! The note on a mark: what happened, with its numbers.

use std::borrow::Cow;
use std::time::Duration;

use super::{LONGEST, Note, octets};
use crate::knowledge::marks;
use crate::safe;
use crate::tape::mark::{Hold, LookUp, Mark, Wait};
use crate::tape::tls::TlsFacts;

/// The note on a mark.
pub(crate) fn note(mark: &Mark) -> Note {
    let words = match mark {
        Mark::LookedUp(look_up) => return looked_up(look_up),
        // What was said of it where it was seen counts.
        Mark::Told(told) if !told.note.is_empty() => return said(&told.note),
        Mark::Opened(opened) => format!("one round trip: {}; now the server speaks first", millis(opened.took)),
        Mark::TlsStarted { sni: None } => "the client's hello goes out; no name is in it".to_owned(),
        Mark::TlsReady(facts) if facts.in_doubt() => return Note::problem(doubt(facts)),
        Mark::Held { why, .. } => held(*why).to_owned(),
        Mark::TimedOut(wait) => return Note::problem(format!("no {} yet: wait on, or close", awaited(*wait))),
        Mark::Dropped { lines: 1 } => "the held line was not sent".to_owned(),
        Mark::Suspended(slept) if slept.as_secs() >= 300 => {
            return Note::problem("so long asleep: the server has probably hung up");
        }
        _ => String::new(),
    };
    if !words.is_empty() && words.len() <= LONGEST {
        return Note::plain(words);
    }
    marks::entry(mark).map(|entry| Note::from_table(&entry.gloss)).unwrap_or_default()
}

/// A note that stands in a text already. It may be anybody's.
fn said(note: &str) -> Note {
    let shown = |note: &str| safe::screen(note.as_bytes()).into_string().chars().take(LONGEST).collect::<String>();
    match note.strip_prefix("! ") {
        Some(warning) => Note::problem(shown(warning)),
        None => Note::plain(shown(note)),
    }
}

/// Octets that were counted and not kept.
pub(crate) fn elided(count: u64) -> Note {
    Note::plain(format!("{} counted, not kept", octets(count)))
}

/// A look-up: how it ended, who answered and how long it took.
fn looked_up(look_up: &LookUp) -> Note {
    let mx = look_up.kind.eq_ignore_ascii_case("MX");
    match look_up.outcome.as_str() {
        "NOERROR" if look_up.answers.is_empty() && mx => Note::plain("no MX record: the name itself counts as its MX"),
        "NOERROR" if look_up.answers.is_empty() => Note::plain("the name exists, but has no such record"),
        "NOERROR" if mx && look_up.answers.len() > 1 => Note::plain("the lowest number is tried first"),
        "NOERROR" => Note::plain(format!("answered in {}", millis(look_up.took))),
        "NXDOMAIN" => Note::problem("there is no such name"),
        "SERVFAIL" => Note::problem("the resolver got no answer; not the same as no name"),
        "REFUSED" => Note::problem("this name server will not answer us"),
        _ => Note::problem("no usable answer; it may come later"),
    }
}

/// What is wrong with a certificate, the gravest first.
fn doubt(facts: &TlsFacts) -> Cow<'static, str> {
    use crate::tape::tls::Judgement::Bad;
    Cow::Borrowed(match (&facts.trust, &facts.name, &facts.dates) {
        (Bad { .. }, Bad { .. }, _) => "encrypted, but chain and name are not in order",
        (Bad { .. }, _, _) => "encrypted, but no trusted authority vouches for it",
        (_, Bad { .. }, _) => "encrypted, but the certificate is for another name",
        _ => "encrypted, but the certificate is not valid today",
    })
}

fn held(why: Hold) -> &'static str {
    match why {
        Hold::Greeting => "held: the greeting is not finished",
        Hold::Reply => "held: the answer before it is not complete",
        Hold::Certificate => "held: the certificate waits for your decision",
        Hold::Upgrade => "held: TLS comes first",
        Hold::Opening => "held: the connection is not open yet",
    }
}

fn awaited(wait: Wait) -> &'static str {
    match wait {
        Wait::Greeting => "greeting",
        Wait::Reply => "complete answer",
        Wait::DataStart => "354",
        Wait::DataBlock => "progress with the letter",
        Wait::DataEnd => "verdict on the letter",
        Wait::Tls => "end of the TLS handshake",
    }
}

/// `31 ms`, `0.4 ms`, `2.1 s`.
fn millis(took: Duration) -> String {
    match took.as_micros() {
        micros @ ..1_000 => format!("0.{} ms", micros / 100),
        micros @ 1_000..1_000_000 => format!("{} ms", micros / 1_000),
        micros => format!("{}.{} s", micros / 1_000_000, micros / 100_000 % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Sign;
    use super::*;
    use crate::tape::Side;
    use crate::tape::mark::{Closed, Ending, Opened};

    fn look_up(kind: &str, outcome: &str, answers: &[&str]) -> Mark {
        Mark::LookedUp(LookUp {
            name: "harbor.test.".into(),
            kind: kind.into(),
            answers: answers.iter().map(|answer| (*answer).to_owned()).collect(),
            outcome: outcome.into(),
            source: "lab".into(),
            ttl: Some(300),
            took: Duration::from_millis(3),
        })
    }

    #[test]
    fn look_ups_say_what_follows_from_them() {
        assert_eq!(note(&look_up("MX", "NOERROR", &["10 a.", "20 b."])).text, "the lowest number is tried first");
        assert_eq!(note(&look_up("A", "NOERROR", &["192.0.2.1"])).text, "answered in 3 ms");
        assert_eq!(note(&look_up("MX", "NOERROR", &[])).text, "no MX record: the name itself counts as its MX");
        assert_eq!(note(&look_up("MX", "NXDOMAIN", &[])).sign, Sign::Problem);
    }

    #[test]
    fn a_connection_and_its_end_are_told() {
        let peer = ([192, 0, 2, 10], 25).into();
        let opened = Opened { host: "mx1".into(), peer, local: None, lmtp: false, took: Duration::from_micros(31_400) };
        assert_eq!(note(&Mark::Opened(opened)).text, "one round trip: 31 ms; now the server speaks first");
        let cut = Mark::Closed(Closed { by: Side::Server, how: Ending::NoCloseNotify });
        assert_eq!(note(&cut), Note::problem("no TLS goodbye: the last reply may be cut"));
        assert_eq!(note(&Mark::TimedOut(Wait::DataEnd)).text, "no verdict on the letter yet: wait on, or close");
    }

    #[test]
    fn times_have_one_unit() {
        assert_eq!(millis(Duration::from_micros(420)), "0.4 ms");
        assert_eq!(millis(Duration::from_millis(61)), "61 ms");
        assert_eq!(millis(Duration::from_millis(2150)), "2.1 s");
    }
}
