//! The forms of the steps: what may stand behind the word or the sign that begins each.

use std::time::Duration;

use super::super::Place;
use super::super::check::Check;
use super::super::pattern::{Digits, Expected, Numbers, Pattern};
use super::super::step::{Step, Tls, Turn};
use super::super::text::{Text, is_name};
use super::super::trouble::Trouble;
use super::lines::Lines;
use super::words::Words;
use super::{SECRETS, expected, no_pattern, over, secret};
use crate::ports::net::{Checks, Opening, Sni};
use crate::smtp::data::Wire;
use crate::smtp::sasl::client::Mechanism;

/// The words that begin a step.
pub(super) const WORDS: &[&str] = &[
    "listen", "connect", "pipeline", "read", "tls", "auth", "data", "bdat", "sleep", "clock", "set", "assert",
    "include",
];

/// `> line`: all behind the sign and one blank.
pub(super) fn sent(rest: &str) -> Text {
    Text::plain(rest.strip_prefix(' ').unwrap_or(rest))
}

/// `>> "octets"`
pub(super) fn octets(place: &Place, rest: &str) -> Result<Step, Trouble> {
    let mut words = Words::new(rest);
    let Some(text) = words.quoted().map_err(|why| expected(place, why, rest.trim()))? else {
        return Err(expected(place, "octets between quotes, as >> \"NOOP\\r\\n\"", rest.trim()));
    };
    over(place, &mut words)?;
    escaped(place, text).map(Step::Octets)
}

/// What stands between quotes.
pub(super) fn escaped(place: &Place, text: &str) -> Result<Text, Trouble> {
    let escapes = "an escape of C: \\r \\n \\t \\0 \\\\ \\\" \\xff";
    Text::escaped(text).map_err(|wrong| expected(place, escapes, &format!("\\{wrong}")))
}

/// `<< close` and `<< silence 2s`
pub(super) fn happening(place: &Place, rest: &str) -> Result<Step, Trouble> {
    let mut words = Words::new(rest);
    let step = match words.word() {
        Some("close") => Step::Closes,
        Some("silence") => Step::Silence(duration(place, &mut words)?),
        other => return Err(expected(place, "close, or silence and a time", other.unwrap_or_default())),
    };
    over(place, &mut words)?;
    Ok(step)
}

/// `< 250|251 2.1.5 /pattern/ …`
pub(super) fn reply(place: &Place, rest: &str) -> Result<Step, Trouble> {
    let mut words = Words::new(rest);
    let mut wanted = Expected::default();
    let codes = |word: &str| word.split('|').map(Digits::parse).collect::<Option<Vec<_>>>();
    if let Some(found) = words.peek().and_then(codes) {
        wanted.codes = found;
        words.word();
    }
    if let Some(status) = words.peek().and_then(Numbers::parse) {
        wanted.status = Some(status);
        words.word();
    }
    while let Some(pattern) = pattern(place, &mut words)? {
        wanted.texts.push(pattern);
    }
    if wanted == Expected::default() || words.peek().is_some() {
        let form = "a code as 250, 2xx or 250|251, then perhaps 5.1.1, then perhaps /pattern/";
        return Err(expected(place, form, words.peek().unwrap_or_default()));
    }
    Ok(Step::Reply(wanted))
}

/// `connect TARGET [tls=MODE]`
pub(super) fn connect(place: &Place, mut words: Words<'_>) -> Result<Step, Trouble> {
    let target = words.word().ok_or_else(|| expected(place, "a target, as mx1.harbor.test:25", ""))?;
    let opening = match words.word() {
        None => None,
        Some("tls=plain") => Some(Opening::Plain),
        Some("tls=require") => Some(Opening::Require),
        Some("tls=prefer") => Some(Opening::Prefer),
        Some("tls=never") => Some(Opening::Never),
        Some("tls=implicit") => Some(Opening::ImplicitTls),
        Some(other) => return Err(expected(place, "tls=plain, require, prefer, never or implicit", other)),
    };
    over(place, &mut words)?;
    Ok(Step::Connect { target: Text::plain(target), opening })
}

/// `pipeline`, lines that begin with `>`, `end`
pub(super) fn pipeline(place: &Place, mut words: Words<'_>, lines: &mut Lines<'_>) -> Result<Step, Trouble> {
    over(place, &mut words)?;
    let mut group = Vec::new();
    loop {
        let Some((at, line)) = lines.next() else {
            return Err(expected(place, "'end' behind the lines of this pipeline", "the end of the file"));
        };
        match line.trim_start() {
            "" => {}
            comment if comment.starts_with('#') => {}
            end if Words::new(end).word() == Some("end") => break,
            line => match line.strip_prefix('>').filter(|rest| !rest.starts_with('>')) {
                Some(rest) => group.push(sent(rest)),
                None => return Err(expected(&at, "a line that begins with >, or 'end'", line)),
            },
        }
    }
    if group.is_empty() {
        Err(expected(place, "at least one line in a pipeline", ""))
    } else {
        Ok(Step::Pipeline(group))
    }
}

/// `read until /pattern/`
pub(super) fn read_until(place: &Place, mut words: Words<'_>) -> Result<Step, Trouble> {
    if !words.take("until") {
        return Err(expected(place, "until /pattern/", words.peek().unwrap_or_default()));
    }
    let found = pattern(place, &mut words)?.ok_or_else(|| expected(place, "/pattern/ behind until", words.rest()))?;
    over(place, &mut words)?;
    Ok(Step::ReadUntil(found))
}

/// `tls [verify=…] [sni=…] [name=…] [expect-fail [/pattern/]]`
pub(super) fn tls(place: &Place, mut words: Words<'_>) -> Result<Step, Trouble> {
    let mut tls = Tls::default();
    while let Some(word) = words.word() {
        match word.split_once('=').unwrap_or((word, "")) {
            ("verify", "all") => tls.checks = Some(Checks::All),
            ("verify", "chain") => tls.checks = Some(Checks::Chain),
            ("verify", "name") => tls.checks = Some(Checks::Name),
            ("verify", "off") => tls.checks = Some(Checks::None),
            ("sni", "none") => tls.sni = Some(Sni::None),
            ("sni", name) if !name.is_empty() => tls.sni = Some(Sni::Name(name.to_owned())),
            ("name", name) if !name.is_empty() => tls.name = Some(name.to_owned()),
            ("expect-fail", "") => {
                tls.fails = true;
                tls.why = pattern(place, &mut words)?;
            }
            _ => {
                let form = "verify=all, chain, name or off; sni=NAME or none; name=NAME; expect-fail";
                return Err(expected(place, form, word));
            }
        }
    }
    Ok(Step::Tls(tls))
}

/// `auth MECHANISM [USER]`
pub(super) fn auth(place: &Place, mut words: Words<'_>) -> Result<Step, Trouble> {
    let names = || Mechanism::ALL.iter().map(|mechanism| mechanism.name()).collect::<Vec<_>>().join(", ");
    let word = words.word().unwrap_or_default();
    let mechanism = Mechanism::from_name(word.as_bytes())
        .ok_or_else(|| expected(place, &format!("a mechanism: {}", names()), word))?;
    let user = words.word().unwrap_or_default();
    if user.is_empty() && !matches!(mechanism, Mechanism::External | Mechanism::Anonymous) {
        return Err(expected(place, "a user behind the mechanism", ""));
    }
    if words.peek().is_some() {
        // What stands there may be a secret, and is not repeated.
        return Err(secret(place));
    }
    Ok(Step::Auth { mechanism, user: Text::plain(user) })
}

/// `bdat LETTER [chunk=OCTETS]`
pub(super) fn bdat(place: &Place, mut words: Words<'_>, letter: Text, wire: Wire) -> Result<Step, Trouble> {
    let chunk = words.word().map(|word| {
        let size = word.strip_prefix("chunk=").and_then(|size| size.parse().ok()).filter(|size| *size > 0);
        size.ok_or_else(|| expected(place, "chunk= and a number of octets", word))
    });
    over(place, &mut words)?;
    Ok(Step::Bdat { letter, wire, chunk: chunk.transpose()? })
}

/// `sleep 2s`
pub(super) fn sleep(place: &Place, mut words: Words<'_>) -> Result<Step, Trouble> {
    let time = duration(place, &mut words)?;
    over(place, &mut words)?;
    Ok(Step::Sleep(time))
}

/// `clock +5m` and `clock next`
pub(super) fn clock(place: &Place, mut words: Words<'_>) -> Result<Step, Trouble> {
    let word = words.word().unwrap_or_default();
    let turn = match word.strip_prefix('+').map(time) {
        Some(Some(time)) => Turn::Pass(time),
        None if word == "next" => Turn::Next,
        _ => return Err(expected(place, "a time as +5m, or next", word)),
    };
    over(place, &mut words)?;
    Ok(Step::Clock(turn))
}

/// `set NAME = /pattern/`
pub(super) fn set(place: &Place, mut words: Words<'_>) -> Result<Step, Trouble> {
    let name = words.word().unwrap_or_default();
    if SECRETS.contains(&name) {
        return Err(secret(place));
    }
    if !is_name(name) {
        return Err(expected(place, "a name in small letters, as set id = /queued as (\\S+)/", name));
    }
    if !words.take("=") {
        return Err(expected(place, "= behind the name", words.peek().unwrap_or_default()));
    }
    let found = pattern(place, &mut words)?.ok_or_else(|| expected(place, "/pattern/ behind =", words.rest()))?;
    let of = if words.take("of") { Some(kept(place, &mut words)?) } else { None };
    over(place, &mut words)?;
    Ok(Step::Set { name: name.to_owned(), pattern: found, of })
}

/// The name of a letter.
pub(super) fn kept(place: &Place, words: &mut Words<'_>) -> Result<String, Trouble> {
    let name = words.word().unwrap_or_default();
    if is_name(name) {
        Ok(name.to_owned())
    } else {
        Err(expected(place, "the name of a letter in small letters", name))
    }
}

/// `assert CHECK`
pub(super) fn assert(place: &Place, words: &Words<'_>) -> Result<Step, Trouble> {
    let check = Check::parse(words.rest()).map_err(|no| expected(place, &no.wanted, &no.got))?;
    Ok(Step::Assert(check))
}

/// A pattern, if one stands next.
pub(super) fn pattern(place: &Place, words: &mut Words<'_>) -> Result<Option<Pattern>, Trouble> {
    let Some(text) = words.slashed().map_err(|why| expected(place, why, words.rest()))? else { return Ok(None) };
    let pattern = Pattern { text: Text::plain(text), any_case: words.flag('i') };
    pattern.check().map_err(|why| {
        let next = "The syntax is that of https://docs.rs/regex; patterns are matched in linear time.";
        Trouble::at(place, "script/regex", no_pattern(&why), next)
    })?;
    Ok(Some(pattern))
}

pub(super) fn duration(place: &Place, words: &mut Words<'_>) -> Result<Duration, Trouble> {
    let word = words.word().unwrap_or_default();
    time(word).ok_or_else(|| expected(place, "a time as 500ms, 2s, 5m, 1h or 5d", word))
}

/// Reads a time: `500ms`, `2s`, `5m`, `1h`, `5d`.
pub(in super::super) fn time(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let number: u64 = number.parse().ok()?;
    let seconds = |each: u64| number.checked_mul(each).map(Duration::from_secs);
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => seconds(1),
        "m" => seconds(60),
        "h" => seconds(3600),
        "d" => seconds(86_400),
        _ => None,
    }
}
