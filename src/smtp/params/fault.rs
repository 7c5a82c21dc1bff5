//! What is wrong with a parameter: the rule that it breaks, and where that stands.

use super::super::command::Verb;
use super::{Param, Parameter, known, of};

/// What is wrong with a parameter of `verb` behind those before it, in a few words with the rule; nothing if it is sound.
pub(super) fn fault(verb: Verb, before: &[Param], param: &Param) -> Option<String> {
    let name = crate::safe::plain(&param.keyword.to_ascii_uppercase()).into_string();
    let own = of(verb).find(|parameter| param.is(parameter.keyword)).or_else(|| known(&param.keyword));
    let cite = own.map_or("RFC 5321 §4.1.2", |parameter| parameter.cite);
    if !is_keyword(&param.keyword) {
        return Some(format!("{name} is no parameter; one is KEYWORD or KEYWORD=value ({cite})"));
    }
    if before.iter().any(|other| other.keyword.eq_ignore_ascii_case(&param.keyword)) {
        return Some(format!("{name} stands twice, and at most once is allowed ({cite})"));
    }
    match own {
        None if param.value.as_deref().is_none_or(is_value) => None,
        None => Some(format!("The value of {name} is empty or holds what a value may not ({cite})")),
        Some(parameter) if !takes(verb, parameter) => {
            Some(format!("{name} belongs to {}, not to {verb} ({cite})", parameter.verb))
        }
        Some(parameter) if !parameter.fits(param.value.as_deref()) => {
            Some(format!("{} ({cite})", rule(parameter, param.value.as_deref())))
        }
        Some(parameter) => excluded(before, parameter).map(|other| format!("{name} excludes {other} ({cite})")),
    }
}

/// ALT-ADDRESS is the one that both commands take (RFC 5336 §3.4).
fn takes(verb: Verb, parameter: &Parameter) -> bool {
    parameter.verb == verb || (parameter.keyword == "ALT-ADDRESS" && verb == Verb::Rcpt)
}

fn rule(parameter: &Parameter, value: Option<&[u8]>) -> String {
    let words = value.unwrap_or_default().split(|octet| *octet == b',');
    if parameter.keyword == "NOTIFY" && words.into_iter().any(|word| word.eq_ignore_ascii_case(b"NEVER")) {
        return "NOTIFY=NEVER cannot be combined".into();
    }
    format!("{} is written {}", parameter.keyword, parameter.form)
}

/// A hold is either for a time or until one, never both (RFC 4865 §3).
fn excluded(before: &[Param], parameter: &Parameter) -> Option<&'static str> {
    let other = match parameter.keyword {
        "HOLDFOR" => "HOLDUNTIL",
        "HOLDUNTIL" => "HOLDFOR",
        _ => return None,
    };
    before.iter().any(|param| param.is(other)).then_some(other)
}

fn is_keyword(keyword: &[u8]) -> bool {
    keyword.first().is_some_and(u8::is_ascii_alphanumeric)
        && keyword.iter().all(|octet| octet.is_ascii_alphanumeric() || *octet == b'-')
}

/// UTF-8 is allowed in values where SMTPUTF8 is in use (RFC 6531 §3.3).
fn is_value(value: &[u8]) -> bool {
    !value.is_empty() && value.iter().all(|octet| matches!(octet, 33..=60 | 62..=126 | 0x80..))
}
