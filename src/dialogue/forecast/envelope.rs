//! What parameters and addresses of MAIL and RCPT get: their own rules, what the server offers, the limits it names.

use crate::smtp::command::{Command, Verb};
use crate::smtp::extension::{Keyword, Size};
use crate::smtp::flaw::FlawKind;
use crate::smtp::params::{self, Param};

use super::Warning;
use crate::dialogue::envelope::{domain_part, path_of};
use crate::dialogue::standing::Standing;

/// The warnings that parameters, addresses and limits deserve.
pub(super) fn warnings(at: &Standing<'_>, command: &Command<'_>) -> Vec<Warning> {
    match command.verb {
        Verb::Mail | Verb::Rcpt => {}
        Verb::Vrfy | Verb::Expn => return utf8(at, command).into_iter().collect(),
        _ => return Vec::new(),
    }
    let arguments = command.parsed();
    let params = arguments.params();
    let mut warnings: Vec<Warning> = params::faults(command.verb, params)
        .into_iter()
        .map(|fault| Warning::new(FlawKind::ParameterInvalid, Some(501), format!("501 expected: {fault}.")))
        .collect();
    warnings.extend(utf8(at, command));
    warnings.extend(in_clear(at, command));
    if at.hello.is_some() {
        warnings.extend(params.iter().filter_map(|param| not_offered(at, param)));
        warnings.extend(params.iter().filter_map(|param| beyond(at, param)));
        warnings.extend(too_large(at, command));
        warnings.extend(named_limit(at, command));
    }
    warnings
}

/// Whoever hands in a letter in plain text shows it to everybody on the way; so it is told, and sent all the same.
fn in_clear(at: &Standing<'_>, command: &Command<'_>) -> Option<Warning> {
    (command.verb == Verb::Mail && at.submission && !at.secured).then(|| {
        let text =
            "Careful: letters are handed in inside TLS; in plain text all on the way read this one (RFC 8314 §3).";
        Warning::new(FlawKind::SubmissionInClear, None, text)
    })
}

/// Raw lines may name extensions that the server does not offer; they are flagged (RFC 5321 §4.1.1.1).
fn not_offered(at: &Standing<'_>, param: &Param) -> Option<Warning> {
    let warning = |text| Some(Warning::new(FlawKind::ParameterInvalid, Some(555), text));
    let Some(known) = param.known() else {
        let name = crate::safe::plain(&param.keyword.to_ascii_uppercase()).into_string();
        return warning(format!("555 expected: no extension that ehlo knows has a parameter {name}."));
    };
    let keyword = param.extension()?;
    let parameter = known.keyword;
    if !at.offers(keyword) {
        return warning(format!("555 expected: {parameter} needs {keyword}, which the server does not offer."));
    }
    if keyword == "BINARYMIME" && !at.offers("CHUNKING") {
        return warning(
            "555 expected: BINARYMIME goes with BDAT only, and CHUNKING is not offered (RFC 3030 §3).".into(),
        );
    }
    if keyword == "REQUIRETLS" && !at.secured {
        return warning("555 expected: REQUIRETLS counts only inside TLS (RFC 8689 §2).".into());
    }
    None
}

/// A value beyond what the server named behind its keyword.
fn beyond(at: &Standing<'_>, param: &Param) -> Option<Warning> {
    let offered = |keyword: &str| at.extensions.and_then(|extensions| extensions.find(keyword));
    let value = param.value.as_deref().and_then(|value| std::str::from_utf8(value).ok())?;
    if param.is("BY") {
        let least = number(offered("DELIVERBY")?, b',')?;
        let (seconds, mode) = value.split_once(';')?;
        let seconds: i64 = seconds.parse().ok()?;
        let early = mode.to_ascii_uppercase().starts_with('R') && seconds > 0 && seconds < i64::try_from(least).ok()?;
        return early.then(|| {
            let text = format!("55z expected: with R the server takes {least} seconds or more (RFC 2852 §3).");
            Warning::new(FlawKind::ParameterInvalid, Some(550), text)
        });
    }
    let keyword = offered("FUTURERELEASE")?;
    let late = if param.is("HOLDFOR") {
        value.parse::<u64>().ok()? > number(keyword, b' ')?
    } else if param.is("HOLDUNTIL") {
        // Times in UTC of the same shape order as texts do.
        value.as_bytes() > keyword.params.get(1)?.as_slice()
    } else {
        false
    };
    late.then(|| {
        let text = "501 expected: later than the server holds a letter (RFC 4865 §4).".to_owned();
        Warning::new(FlawKind::ParameterInvalid, Some(501), text)
    })
}

/// The number at the head of what stands behind a keyword.
fn number(keyword: &Keyword, end: u8) -> Option<u64> {
    let first = keyword.params.first()?.split(|octet| *octet == end).next()?;
    std::str::from_utf8(first).ok()?.parse().ok()
}

fn too_large(at: &Standing<'_>, command: &Command<'_>) -> Option<Warning> {
    let Some(Size::Limit(limit)) = at.extensions.map(crate::smtp::extension::Extensions::size) else { return None };
    let size = command.declared_size().filter(|size| *size > limit)?;
    let text = format!("552 expected: the letter declares {size} octets, the server takes {limit}.");
    Some(Warning::new(FlawKind::DataSize, Some(552), text))
}

/// An address that is not ASCII needs SMTPUTF8 offered, and named on MAIL (RFC 6531 §3.4).
fn utf8(at: &Standing<'_>, command: &Command<'_>) -> Option<Warning> {
    if command.raw.is_ascii() {
        return None;
    }
    let named = match command.verb {
        Verb::Mail => params::find(command.parsed().params(), "SMTPUTF8").is_some(),
        Verb::Rcpt => at.declared.utf8,
        _ => command.argument.to_ascii_uppercase().ends_with(b" SMTPUTF8"),
    };
    let text = if !at.offers("SMTPUTF8") {
        "The address is not ASCII and the server does not offer SMTPUTF8."
    } else if named {
        return None;
    } else if command.verb == Verb::Rcpt {
        "The address is not ASCII, and MAIL did not say SMTPUTF8 (RFC 6531 §3.4)."
    } else {
        "The address is not ASCII: add SMTPUTF8 at the end (RFC 6531 §3.4)."
    };
    Some(Warning::new(FlawKind::AddressUtf8, Some(553), text))
}

/// One more than the server's LIMITS allow (RFC 9422 §4).
fn named_limit(at: &Standing<'_>, command: &Command<'_>) -> Option<Warning> {
    let limits = at.extensions?.limits();
    let beyond = |limit: Option<u32>, used: usize| limit.filter(|limit| used >= *limit as usize);
    let text = if command.verb == Verb::Mail {
        let limit = beyond(limits.mails, at.mails)?;
        format!("421 or 452 expected: the server takes {limit} MAIL in one connection (RFC 9422 §4.1).")
    } else if let Some(limit) = beyond(limits.recipients, at.recipients) {
        format!("452 expected: the server takes {limit} RCPT in one transaction (RFC 9422 §4.2).")
    } else {
        let known = at.domains.contains(&domain_part(&path_of(command.raw)).to_ascii_lowercase());
        let limit = beyond(limits.domains, at.domains.len()).filter(|_| !known)?;
        format!("452 expected: the server takes {limit} recipient domains in one connection (RFC 9422 §4.3).")
    };
    Some(Warning::new(FlawKind::Bulk, Some(452), text))
}
