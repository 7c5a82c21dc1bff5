//! What the value of a parameter says, in words: xtext is decoded, seconds become minutes and hours, letters their
//! meaning.

use crate::smtp::params::{Param, decode_xtext};

/// What this very parameter says; nothing if its name says it all, or if it is not well formed.
pub(super) fn says(param: &Param) -> Option<String> {
    let known = param.known().filter(|known| known.fits(param.value.as_deref()))?;
    let value = std::str::from_utf8(param.value.as_deref()?).ok()?;
    match known.keyword {
        "ENVID" => decoded(value).map(|text| format!("Decoded: {text}.")),
        "AUTH" if value == "<>" => Some("Nobody vouches for who wrote the letter.".into()),
        "AUTH" | "SUBMITTER" => decoded(value).map(|text| format!("Decoded: {text}.")),
        "ORCPT" => original(value),
        "NOTIFY" => Some(notify(value)),
        "RET" if value.eq_ignore_ascii_case("FULL") => Some("A failure report brings the whole letter back.".into()),
        "RET" => Some("A failure report brings only the header back.".into()),
        "SIZE" => value.parse().ok().map(|octets: u64| format!("{}.", crate::knowledge::note::octets(octets))),
        "BY" => by(value),
        "HOLDFOR" => value.parse().ok().map(|seconds| format!("Held for {}.", span(seconds))),
        "HOLDUNTIL" => Some(format!("Held until {value}.")),
        "MT-PRIORITY" => value.parse().ok().map(priority),
        "RRVS" => Some(rrvs(value)),
        "BODY" => Some(body(value).into()),
        "MTRK" => value
            .split_once(':')
            .and_then(|(_, seconds)| seconds.parse().ok())
            .map(|seconds| format!("Tracking is kept for {}.", span(seconds))),
        _ => None,
    }
}

/// What a value of XCLIENT says, beyond its octets.
pub(super) fn told(param: &Param) -> Option<String> {
    let value = std::str::from_utf8(param.value.as_deref()?).ok()?;
    match value {
        "[UNAVAILABLE]" => Some("Here: it is not known.".into()),
        "[TEMPUNAVAIL]" => Some("Here: it is not known at the moment.".into()),
        _ => decoded(value).map(|text| format!("Decoded: {text}.")),
    }
}

/// An xtext decoded, if it is not the same without.
fn decoded(value: &str) -> Option<String> {
    let text = decode_xtext(value.as_bytes())?;
    Some(crate::safe::plain(&text).into_string()).filter(|text| text != value)
}

fn original(value: &str) -> Option<String> {
    let (kind, address) = value.split_once(';')?;
    if kind.eq_ignore_ascii_case("utf-8") {
        return Some("An address in UTF-8, with an encoding of its own.".into());
    }
    let address = decoded(address).unwrap_or_else(|| address.to_owned());
    let kind = if kind.eq_ignore_ascii_case("rfc822") { "mail address" } else { kind };
    Some(format!("First sent to the {kind} {address}."))
}

fn notify(value: &str) -> String {
    if value.eq_ignore_ascii_case("NEVER") {
        return "No report at all, not even of a failure.".into();
    }
    let words = value.split(',').map(|word| match word.to_ascii_uppercase().as_str() {
        "SUCCESS" => "delivered",
        "DELAY" => "delayed",
        _ => "failed",
    });
    format!("A report if it is {}.", words.collect::<Vec<_>>().join(" or "))
}

fn by(value: &str) -> Option<String> {
    let (seconds, mode) = value.split_once(';')?;
    let seconds: i64 = seconds.parse().ok()?;
    let mode = mode.to_ascii_uppercase();
    let then = if mode.starts_with('R') { "returned" } else { "reported, and delivered all the same" };
    let trace = if mode.ends_with('T') { " Relays that do not know this are reported." } else { "" };
    let time = match u64::try_from(seconds) {
        Ok(seconds) => format!("within {}", span(seconds)),
        Err(_) => format!("{} ago", span(seconds.unsigned_abs())),
    };
    Some(format!("If it is not delivered {time}, it is {then}.{trace}"))
}

fn priority(priority: i8) -> String {
    match priority {
        0 => "Ordinary mail.".into(),
        1.. => format!("More urgent than ordinary mail, by {priority} of 9."),
        _ => format!("Less urgent than ordinary mail, by {} of 9.", priority.unsigned_abs()),
    }
}

fn rrvs(value: &str) -> String {
    let (since, mode) = value.split_once(';').unwrap_or((value, "R"));
    let then = if mode.eq_ignore_ascii_case("C") { "the letter may go on" } else { "the letter comes back" };
    format!("Only if the mailbox has belonged to the same user since {since}; where that is not known, {then}.")
}

fn body(value: &str) -> &'static str {
    match value.to_ascii_uppercase().as_str() {
        "7BIT" => "ASCII lines only.",
        "BINARYMIME" => "Any octets, without lines: it goes with BDAT only.",
        _ => "Lines with octets above 127.",
    }
}

/// Seconds in words: the two largest units.
fn span(seconds: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")];
    let mut rest = seconds;
    let mut words = Vec::new();
    for (size, name) in UNITS {
        let count = rest / size;
        rest %= size;
        if count > 0 && words.len() < 2 {
            words.push(format!("{count} {name}{}", if count == 1 { "" } else { "s" }));
        }
    }
    if words.is_empty() { "0 seconds".into() } else { words.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        let (keyword, value) = text.split_once('=').map_or((text, None), |(keyword, value)| (keyword, Some(value)));
        says(&Param::new(keyword, value)).unwrap_or_default()
    }

    #[test]
    fn c181_xtext_is_decoded_for_the_reader() {
        assert_eq!(said("ORCPT=rfc822;mina+2Bnews@pine.test"), "First sent to the mail address mina+news@pine.test.");
        assert_eq!(said("ENVID=a+2Bb+3Dc"), "Decoded: a+b=c.");
        assert_eq!(said("AUTH=mina+2Bnews@pine.test"), "Decoded: mina+news@pine.test.");
        assert_eq!(said("ENVID=QQ314159"), "", "nothing is hidden in it");
        assert_eq!(said("ENVID=a+2b"), "", "no xtext");
    }

    #[test]
    fn what_xclient_tells_is_decoded() {
        let told = |value| told(&Param::new("LOGIN", Some(value)));
        assert_eq!(told("pat+2Bnews").as_deref(), Some("Decoded: pat+news."));
        assert_eq!(told("[TEMPUNAVAIL]").as_deref(), Some("Here: it is not known at the moment."));
        assert_eq!(told("pat"), None);
    }

    #[test]
    fn values_are_said_in_words() {
        for (text, words) in [
            ("NOTIFY=NEVER", "No report at all, not even of a failure."),
            ("NOTIFY=success,FAILURE", "A report if it is delivered or failed."),
            ("RET=HDRS", "A failure report brings only the header back."),
            ("BY=5400;R", "If it is not delivered within 1 hour 30 minutes, it is returned."),
            (
                "BY=-60;NT",
                "If it is not delivered 1 minute ago, it is reported, and delivered all the same. Relays that do not know this are reported.",
            ),
            ("HOLDFOR=90061", "Held for 1 day 1 hour."),
            ("MT-PRIORITY=-3", "Less urgent than ordinary mail, by 3 of 9."),
            (
                "RRVS=2026-01-01T00:00:00Z;C",
                "Only if the mailbox has belonged to the same user since 2026-01-01T00:00:00Z; where that is not known, the letter may go on.",
            ),
            ("AUTH=<>", "Nobody vouches for who wrote the letter."),
            ("BODY=binarymime", "Any octets, without lines: it goes with BDAT only."),
        ] {
            assert_eq!(said(text), words, "{text}");
        }
        for text in ["SMTPUTF8", "XNEW=1", "NOTIFY=NEVER,DELAY", "BY=0;R"] {
            assert_eq!(said(text), "", "{text}");
        }
    }
}
