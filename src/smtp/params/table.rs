//! The parameters that RFCs define: which command takes them, which extension brings them, what they may say.

use super::super::command::Verb;
use super::xtext::decode_xtext;

/// A parameter that an RFC defines.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// The keyword, upper case.
    pub keyword: &'static str,
    /// The command that takes it.
    pub verb: Verb,
    /// The EHLO keyword that must be offered for it.
    pub extension: &'static str,
    /// The form of its value, as a reader writes it: `SIZE=octets`.
    pub form: &'static str,
    /// Where it is defined, as `RFC 1870 §6`.
    pub cite: &'static str,
    value: Value,
}

/// What may follow the `=`.
#[derive(Debug, Clone, Copy)]
enum Value {
    /// Nothing, not even the `=`.
    None,
    /// Something that passes a test.
    Required(fn(&[u8]) -> bool),
}

impl Parameter {
    /// True if the value, or its absence, is as the RFC asks.
    pub fn fits(&self, value: Option<&[u8]>) -> bool {
        match (self.value, value) {
            (Value::None, value) => value.is_none(),
            (Value::Required(test), Some(value)) => test(value),
            (Value::Required(_), None) => false,
        }
    }
}

/// What is known about a keyword, in any case.
pub fn known(keyword: &[u8]) -> Option<&'static Parameter> {
    PARAMETERS.iter().find(|parameter| parameter.keyword.as_bytes().eq_ignore_ascii_case(keyword))
}

const fn row(
    keyword: &'static str,
    verb: Verb,
    extension: &'static str,
    form: &'static str,
    cite: &'static str,
    value: Value,
) -> Parameter {
    Parameter { keyword, verb, extension, form, cite, value }
}

use Value::Required;

const PARAMETERS: &[Parameter] = &[
    row("SIZE", Verb::Mail, "SIZE", "SIZE=octets", "RFC 1870 §6", Required(|value| is_number(value, 20))),
    row(
        "BODY",
        Verb::Mail,
        "8BITMIME",
        "BODY=7BIT or 8BITMIME or BINARYMIME",
        "RFC 6152 §2, RFC 3030 §3",
        Required(is_body),
    ),
    row(
        "RET",
        Verb::Mail,
        "DSN",
        "RET=FULL or HDRS",
        "RFC 3461 §4.3",
        Required(|value| is_one_of(value, &["FULL", "HDRS"])),
    ),
    row("ENVID", Verb::Mail, "DSN", "ENVID=xtext", "RFC 3461 §4.4", Required(|value| decode_xtext(value).is_some())),
    row(
        "AUTH",
        Verb::Mail,
        "AUTH",
        "AUTH=mailbox in xtext, or <>",
        "RFC 4954 §5",
        Required(|value| value == b"<>" || decode_xtext(value).is_some()),
    ),
    row("SMTPUTF8", Verb::Mail, "SMTPUTF8", "SMTPUTF8", "RFC 6531 §3.4", Value::None),
    row("REQUIRETLS", Verb::Mail, "REQUIRETLS", "REQUIRETLS", "RFC 8689 §2", Value::None),
    row("BY", Verb::Mail, "DELIVERBY", "BY=seconds;R or N, then T for a trace", "RFC 2852 §4", Required(is_by)),
    row(
        "HOLDFOR",
        Verb::Mail,
        "FUTURERELEASE",
        "HOLDFOR=seconds",
        "RFC 4865 §3",
        Required(|value| is_number(value, 9)),
    ),
    row("HOLDUNTIL", Verb::Mail, "FUTURERELEASE", "HOLDUNTIL=date-time", "RFC 4865 §3", Required(is_date_time)),
    row("MT-PRIORITY", Verb::Mail, "MT-PRIORITY", "MT-PRIORITY=-9 to 9", "RFC 6710 §3", Required(is_priority)),
    row("MTRK", Verb::Mail, "MTRK", "MTRK=certifier:seconds", "RFC 3885 §3.1", Required(|_| true)),
    row("SOLICIT", Verb::Mail, "NO-SOLICITING", "SOLICIT=keywords", "RFC 3865 §2.3", Required(|_| true)),
    row("NOTIFY", Verb::Rcpt, "DSN", "NOTIFY=NEVER, or SUCCESS,FAILURE,DELAY", "RFC 3461 §4.1", Required(is_notify)),
    row("ORCPT", Verb::Rcpt, "DSN", "ORCPT=type;address in xtext", "RFC 3461 §4.2", Required(is_orcpt)),
    row("RRVS", Verb::Rcpt, "RRVS", "RRVS=date-time;C or R", "RFC 7293 §3.1", Required(is_rrvs)),
];

fn is_number(value: &[u8], digits: usize) -> bool {
    (1..=digits).contains(&value.len()) && value.iter().all(u8::is_ascii_digit)
}

fn is_one_of(value: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| word.as_bytes().eq_ignore_ascii_case(value))
}

fn is_body(value: &[u8]) -> bool {
    is_one_of(value, &["7BIT", "8BITMIME", "BINARYMIME"])
}

/// `by-value = by-time ";" by-mode [by-trace]` with `by-time = ["-" / "+"] 1*9digit` (RFC 2852 §4).
fn is_by(value: &[u8]) -> bool {
    let Some(semicolon) = memchr::memchr(b';', value) else { return false };
    let (time, mode) = value.split_at_checked(semicolon).unwrap_or_default();
    let digits = time.strip_prefix(b"-").or_else(|| time.strip_prefix(b"+")).unwrap_or(time);
    is_number(digits, 9) && is_one_of(mode, &[";R", ";N", ";RT", ";NT"])
}

fn is_priority(value: &[u8]) -> bool {
    matches!(value, [b'0'..=b'9'] | [b'-', b'1'..=b'9'])
}

/// NEVER stands alone (RFC 3461 §4.1).
fn is_notify(value: &[u8]) -> bool {
    is_one_of(value, &["NEVER"])
        || value.split(|octet| *octet == b',').all(|word| is_one_of(word, &["SUCCESS", "FAILURE", "DELAY"]))
}

/// `original-recipient-address = addr-type ";" xtext` (RFC 3461 §4.2).
fn is_orcpt(value: &[u8]) -> bool {
    let Some(semicolon) = memchr::memchr(b';', value) else { return false };
    let (kind, address) = value.split_at_checked(semicolon).unwrap_or_default();
    let sound = !kind.is_empty() && kind.iter().all(|octet| octet.is_ascii_alphanumeric() || *octet == b'-');
    sound && address.get(1..).is_some_and(|address| decode_xtext(address).is_some())
}

/// `rrvs-param = "RRVS=" date-time [ ";" ( "C" / "R" ) ]` (RFC 7293 §3.1).
fn is_rrvs(value: &[u8]) -> bool {
    let date = value.strip_suffix(b";C").or_else(|| value.strip_suffix(b";R")).unwrap_or(value);
    is_date_time(date)
}

/// The shape of an Internet date (RFC 3339 §5.6): `2026-11-24T12:00:00Z`.
fn is_date_time(value: &[u8]) -> bool {
    let shape = b"dddd-dd-ddTdd:dd:dd";
    let Some((date, rest)) = value.split_at_checked(shape.len()) else { return false };
    let fits = |(octet, wanted): (&u8, &u8)| if *wanted == b'd' { octet.is_ascii_digit() } else { octet == wanted };
    let zone = rest.iter().all(|octet| octet.is_ascii_digit() || matches!(octet, b'.' | b'+' | b'-' | b':' | b'Z'));
    date.iter().zip(shape).all(fits) && !rest.is_empty() && zone
}
