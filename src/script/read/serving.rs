//! The forms of a script that is a server: `listen`, and what it expects of a client.

use super::super::Place;
use super::super::pattern::{Pattern, Spoken};
use super::super::step::{Listen, Parting, Secures, Step};
use super::super::text::Text;
use super::super::trouble::Trouble;
use super::words::Words;
use super::{expected, forms, over};
use crate::ports::net::{Certificate, Shown};
use crate::smtp::limits::LabLimits;
use crate::smtp::limits::script::CLIENTS;

/// The words that begin a step of a server.
pub(super) const WORDS: &[&str] =
    &["pipeline", "read", "tls", "close", "half-close", "reset", "sleep", "set", "assert", "include"];

/// The host whose certificate is shown where no other is named.
pub(in super::super) const NAME: &str = "peer.test";

/// `listen [ADDRESS] [tls=CERTIFICATE] [name=HOST] [times=N]`
pub(super) fn listen(place: &Place, mut words: Words<'_>) -> Result<Step, Trouble> {
    let is_option = |word: &&str| ["tls=", "name=", "times="].iter().any(|option| word.starts_with(option));
    let at = words.peek().filter(|word| !is_option(word)).unwrap_or_default();
    if !at.is_empty() {
        words.word();
    }
    let (mut shown, mut name, mut times) = (None, None, 1);
    while let Some(word) = words.word() {
        match word.split_once('=') {
            Some(("tls", wanted)) => shown = Some(certificate(place, wanted)?),
            Some(("name", host)) => name = Some(self::name(place, host)?),
            Some(("times", count)) => {
                let count = count.parse().ok().filter(|count| (1..=CLIENTS).contains(count));
                times = count.ok_or_else(|| expected(place, &format!("times= and a number up to {CLIENTS}"), word))?;
            }
            _ => return Err(expected(place, "tls=CERTIFICATE, name=HOST or times=NUMBER", word)),
        }
    }
    if shown.is_none() && name.is_some() {
        return Err(expected(place, "name= only where tls= says what is shown", "name="));
    }
    let shown = shown.map(|certificate| Shown { certificate, name: name.unwrap_or_else(|| NAME.into()) });
    Ok(Step::Listen(Listen { at: Text::plain(at), shown, times }))
}

/// `tls [certificate=CERTIFICATE] [name=HOST] [expect-fail [/pattern/]]`
pub(super) fn tls(place: &Place, mut words: Words<'_>) -> Result<Step, Trouble> {
    let shown = Shown { certificate: Certificate::Good, name: NAME.into() };
    let mut tls = Secures { shown, fails: false, why: None };
    while let Some(word) = words.word() {
        match word.split_once('=').unwrap_or((word, "")) {
            ("certificate", wanted) => tls.shown.certificate = certificate(place, wanted)?,
            ("name", host) => tls.shown.name = name(place, host)?,
            ("expect-fail", "") => {
                tls.fails = true;
                tls.why = forms::pattern(place, &mut words)?;
            }
            _ => return Err(expected(place, "certificate=CERTIFICATE, name=HOST or expect-fail", word)),
        }
    }
    Ok(Step::Secures(tls))
}

fn certificate(place: &Place, word: &str) -> Result<Certificate, Trouble> {
    Certificate::all().find(|certificate| certificate.word() == word).ok_or_else(|| {
        let all: Vec<_> = Certificate::all().map(Certificate::word).collect();
        expected(place, &format!("a certificate: {}", all.join(", ")), word)
    })
}

/// The authority vouches for names under .test alone.
fn name(place: &Place, host: &str) -> Result<String, Trouble> {
    let label = |label: &str| {
        let inside = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-';
        !label.is_empty() && label.len() < 64 && label.bytes().all(inside)
    };
    let lower = host.to_ascii_lowercase();
    let above = lower.strip_suffix(".test").filter(|above| above.len() < 249);
    if above.is_some_and(|above| above.split('.').all(label)) {
        Ok(lower)
    } else {
        Err(expected(place, "a host under .test behind name=", host))
    }
}

/// `< EHLO`, `< /pattern/ …`: what a line begins with, or what it matches.
pub(super) fn spoken(place: &Place, rest: &str) -> Result<Step, Trouble> {
    let mut words = Words::new(rest);
    let texts = patterns(place, &mut words)?;
    if !texts.is_empty() {
        over(place, &mut words)?;
        return Ok(Step::Hears(Spoken { begins: None, texts }));
    }
    let rest = rest.trim();
    let ends = rest.find(" #").unwrap_or(rest.len());
    let begins = rest.get(..ends).unwrap_or_default().trim_end();
    if begins.is_empty() || begins.starts_with('#') {
        return Err(expected(place, "what the line of the client begins with, or /pattern/", ""));
    }
    Ok(Step::Hears(Spoken { begins: Some(Text::plain(begins)), texts }))
}

/// `<< close`, `<< silence 2s`, `<< 1024 octets`
pub(super) fn happening(place: &Place, rest: &str) -> Result<Step, Trouble> {
    let mut words = Words::new(rest);
    let most = LabLimits::default().message;
    let step = match words.word() {
        Some("close") => Step::Closes,
        Some("silence") => Step::Silence(forms::duration(place, &mut words)?),
        Some(count) if words.take("octets") => {
            let count = count.parse().ok().filter(|count| (1..=most).contains(count));
            Step::Takes(count.ok_or_else(|| expected(place, &format!("a number of octets up to {most}"), rest.trim()))?)
        }
        other => {
            return Err(expected(
                place,
                "close, silence and a time, or a number and octets",
                other.unwrap_or_default(),
            ));
        }
    };
    over(place, &mut words)?;
    Ok(step)
}

/// `read letter [into NAME] [/pattern/ …]` and `read until /pattern/`
pub(super) fn read(place: &Place, mut words: Words<'_>) -> Result<Step, Trouble> {
    if !words.take("letter") {
        let other = words.peek().unwrap_or_default();
        return if other == "until" {
            forms::read_until(place, words)
        } else {
            Err(expected(place, "letter, or until /pattern/", other))
        };
    }
    let into = if words.take("into") { Some(forms::kept(place, &mut words)?) } else { None };
    let texts = patterns(place, &mut words)?;
    over(place, &mut words)?;
    Ok(Step::Letter { into, texts })
}

/// `close`, `half-close`, `reset`
pub(super) fn parts(place: &Place, mut words: Words<'_>, parting: Parting) -> Result<Step, Trouble> {
    over(place, &mut words)?;
    Ok(Step::Parts(parting))
}

fn patterns(place: &Place, words: &mut Words<'_>) -> Result<Vec<Pattern>, Trouble> {
    let mut found = Vec::new();
    while let Some(pattern) = forms::pattern(place, words)? {
        found.push(pattern);
    }
    Ok(found)
}
