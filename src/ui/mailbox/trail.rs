//! The way of a letter as its own fields tell it: who handed it to whom, when and how, and what a receiver found out.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use crate::knowledge::fields;
use crate::mail::field::value;
use crate::mail::received::Received;
use crate::mail::results;
use crate::ui::lab_mail::pause;
use crate::ui::text::{Role, Run, wrap_words};

/// One step of a letter's way, in words.
pub(super) struct Hop {
    /// Who handed it to whom.
    pub(super) whom: String,
    /// How, and how long after the step before.
    pub(super) how: String,
    /// What the field says.
    pub(super) received: Received,
}

/// The Received fields in words, in the order in which they were written.
pub(super) fn hops(fields: &[&[u8]], shown: fn(&[u8]) -> String) -> Vec<Hop> {
    let received = fields.iter().rev().filter_map(|field| value(field, b"Received")).map(Received::read);
    let mut hops = Vec::new();
    let mut before = None;
    for hop in received {
        let shown = |text: &str| shown(text.as_bytes());
        let at = time(&hop.date);
        let spent = at.zip(before).map(|(at, before): (u64, u64)| match before.checked_sub(at) {
            None | Some(0) => format!(", {} after the one before", pause(before, at)),
            Some(_) => ", by its clock before the one before".to_owned(),
        });
        let from = match (hop.from.as_str(), hop.seen.as_str()) {
            ("", _) => "(not told)".to_owned(),
            (from, "") => shown(from),
            (from, seen) => format!("{} ({})", shown(from), shown(seen)),
        };
        before = at.or(before);
        hops.push(Hop {
            whom: format!("{from} → {}", shown(&hop.by)),
            how: format!("{}{}", how(&hop, shown), spent.unwrap_or_default()),
            received: hop,
        });
    }
    hops
}

/// The Received fields in the order in which they were written, oldest first, each in a line or two.
pub(super) fn way(fields: &[&[u8]], room: usize, shown: fn(&[u8]) -> String) -> Vec<Vec<Run>> {
    let mut lines = Vec::new();
    for (index, hop) in hops(fields, shown).iter().enumerate() {
        let runs = [
            Run::new(format!("{}  ", index + 1), Role::Quiet),
            Run::new(hop.whom.as_str(), Role::Text),
            Run::new(format!(", {}", hop.how), Role::Note),
        ];
        lines.extend(hanging(&runs, "   ", room));
        let date = &hop.received.date;
        if !date.is_empty() {
            lines.push(vec![Run::new(format!("   {}", shown(date.as_bytes())), Role::Quiet)]);
        }
    }
    if !lines.is_empty() {
        let heading = "The way here, oldest first, as the Received lines tell it";
        lines.splice(0..0, wrap_words(&[Run::new(heading, Role::Heading)], room));
        lines.push(Vec::new());
    }
    lines
}

/// How a letter came, in words.
fn how(hop: &Received, shown: impl Fn(&str) -> String) -> String {
    let words = match hop.secured() {
        None if hop.with.is_empty() => return "how it came is not told".to_owned(),
        None => "by another way than SMTP",
        Some((true, true)) => "inside TLS, after a login",
        Some((true, false)) => "inside TLS",
        Some((false, true)) => "in plain text, after a login",
        Some((false, false)) => "in plain text",
    };
    format!("{words} ({})", shown(&hop.with))
}

/// What each check of an Authentication-Results field asked and what came of it; nothing for any other field.
pub(super) fn checks(field: &[u8], room: usize, shown: fn(&[u8]) -> String) -> Vec<Vec<Run>> {
    let kept = || value(field, b"ARC-Authentication-Results");
    let Some(value) = value(field, b"Authentication-Results").or_else(kept) else { return Vec::new() };
    let shown = |text: &str| shown(text.as_bytes());
    let mut lines = Vec::new();
    for found in results::read(value).found {
        let role = match found.result.as_str() {
            "pass" => Role::Good,
            "fail" | "softfail" | "permerror" => Role::Problem,
            _ => Role::Note,
        };
        let asked = fields::check(&found.method).map(|check| format!("{} ", check.asks)).unwrap_or_default();
        let said = fields::check_result(&found.result).map(|said| format!("{said}. ")).unwrap_or_default();
        let runs = [
            Run::new(format!("{}={}  ", shown(&found.method), shown(&found.result)), role),
            Run::new(format!("{asked}{said}"), Role::Note),
            Run::new(shown(&found.about), Role::Quiet),
        ];
        lines.extend(hanging(&runs, "  ", room.saturating_sub(4)).into_iter().map(|mut line| {
            line.insert(0, Run::new("    ", Role::Text));
            line
        }));
    }
    lines
}

/// Seconds since 1970.
fn time(date: &str) -> Option<u64> {
    let time: Timestamp = DateTimeParser::new().parse_timestamp(date).ok()?;
    u64::try_from(time.as_second()).ok()
}

fn hanging(runs: &[Run], indent: &str, room: usize) -> Vec<Vec<Run>> {
    let mut lines = wrap_words(runs, room.saturating_sub(indent.len()));
    for line in lines.iter_mut().skip(1) {
        line.insert(0, Run::new(indent, Role::Text));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(octets: &[u8]) -> String {
        String::from_utf8(octets.to_vec()).expect("UTF-8")
    }

    fn text(lines: &[Vec<Run>]) -> Vec<String> {
        lines.iter().map(|line| line.iter().map(|run| run.text.as_str()).collect()).collect()
    }

    #[test]
    fn the_way_is_told_from_its_beginning_with_the_time_between() {
        let last = b"Received: from b.test (b.test [192.0.2.2])\r\n\tby c.test with ESMTPS id 2; Thu, 01 Jan 2026 10:07:00 +0000\r\n";
        let first = b"Received: from a.test by b.test with ESMTPA id 1; Thu, 01 Jan 2026 11:05:00 +0100 (CET)\r\n";
        let lines = text(&way(&[b"Subject: x\r\n", last, first], 100, shown));
        assert_eq!(lines[1], "1  a.test → b.test, in plain text, after a login (ESMTPA)");
        assert_eq!(
            lines[3],
            "2  b.test (b.test [192.0.2.2]) → c.test, inside TLS (ESMTPS), 2 min after the one before"
        );
        let lines = text(&way(&[first, last], 100, shown));
        assert!(lines.iter().any(|line| line.contains("by its clock before the one before")), "{lines:?}");
        assert!(way(&[b"Subject: x\r\n"], 100, shown).is_empty());
    }

    #[test]
    fn each_check_is_a_question_with_its_answer() {
        let field = b"Authentication-Results: mx.test; spf=softfail smtp.mailfrom=you.test; x=y\r\n";
        let lines = text(&checks(field, 200, shown));
        assert!(
            lines[0].contains("spf=softfail  May this client send for the domain of the envelope? No, and"),
            "{lines:?}"
        );
        assert_eq!(lines[1].trim(), "x=y", "what nobody knows stands as it is");
        assert!(checks(b"Subject: spf=pass\r\n", 80, shown).is_empty());
    }
}
