//! P06: an address that is not written as SMTP wants it.

use crate::dialogue::envelope::path_of;
use crate::dialogue::repair::repair;
use crate::smtp::command::{Command, Verb};
use crate::smtp::flaw::FlawKind;

use super::Finding;
use super::scene::Scene;

/// P06: MAIL or RCPT is refused, and its address breaks the grammar.
pub(super) fn syntax(scene: &Scene<'_>) -> Option<Finding> {
    let refused = matches!(scene.code, 501 | 553 | 555) || scene.refuses() && (scene.says(1, 3) || scene.says(1, 7));
    if !refused || !scene.answers(&[Verb::Mail, Verb::Rcpt]) {
        return None;
    }
    let broken = |kind: FlawKind| matches!(kind, FlawKind::AddressSyntax | FlawKind::CommandSyntax);
    let flawed = Command::parse(&scene.line).flaws().iter().any(|flaw| broken(flaw.kind));
    let blank = behind_colon(&scene.line).is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_whitespace));
    if !flawed && !blank {
        return None;
    }
    let path = path_of(&scene.line);
    let case = case_of(&scene.line, &path, blank);
    let found = Finding::of("P06", case).with("path", path).shown_by([scene.exchange.row]);
    let text = std::str::from_utf8(&scene.line).unwrap_or_default();
    let repaired = repair(text.trim_end(), "");
    Some(match repaired {
        Some(line) => found.with("repaired", line),
        None => found,
    })
}

fn case_of(line: &[u8], path: &[u8], blank: bool) -> &'static str {
    let address = behind_colon(line).unwrap_or_default().trim_ascii();
    let bracket = address.iter().position(|octet| *octet == b'<');
    let ats = memchr::memchr_iter(b'@', path).count();
    match bracket {
        Some(1..) => "display-name",
        _ if ats > 1 && !path.starts_with(b"\"") => "two-at",
        _ if ats == 0 && !path.is_empty() => "no-domain",
        None => "brackets",
        Some(0) if blank => "blank",
        Some(0) => "other",
    }
}

fn behind_colon(line: &[u8]) -> Option<&[u8]> {
    let colon = line.iter().position(|octet| *octet == b':')?;
    line.get(colon + 1..)
}
