//! The parameters that RFCs define: which command takes them, which extension brings them, what they may say.

use super::super::command::Verb;
use super::super::sasl;
use super::xtext::decode_xtext;

/// A parameter that an RFC defines, or that servers offer.
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
    /// Whole parameters to choose from, for completion; `{path}` and `{size}` stand for what the line and the letter say.
    pub offers: &'static [&'static str],
    value: Value,
}

/// What may follow the `=`.
#[derive(Debug, Clone, Copy)]
enum Value {
    /// Nothing, not even the `=`.
    None,
    /// Something that passes a test.
    Required(fn(&[u8]) -> bool),
    /// Nothing, or something that passes a test.
    Optional(fn(&[u8]) -> bool),
}

impl Parameter {
    /// True if the value, or its absence, is as the RFC asks.
    pub fn fits(&self, value: Option<&[u8]>) -> bool {
        match (self.value, value) {
            (Value::None, value) => value.is_none(),
            (Value::Required(test) | Value::Optional(test), Some(value)) => test(value),
            (Value::Required(_), None) => false,
            (Value::Optional(_), None) => true,
        }
    }
}

/// What is known about a keyword, in any case. Where both MAIL and RCPT take it, that of MAIL.
pub fn known(keyword: &[u8]) -> Option<&'static Parameter> {
    PARAMETERS.iter().find(|parameter| parameter.keyword.as_bytes().eq_ignore_ascii_case(keyword))
}

/// Every parameter of MAIL or of RCPT.
pub fn of(verb: Verb) -> impl Iterator<Item = &'static Parameter> {
    PARAMETERS.iter().filter(move |parameter| parameter.verb == verb)
}

use Value::{Optional, Required};

const PARAMETERS: &[Parameter] = &[
    Parameter {
        keyword: "SIZE",
        verb: Verb::Mail,
        extension: "SIZE",
        form: "SIZE=octets of the letter, 1 to 20 digits",
        cite: "RFC 1870 §6",
        offers: &["SIZE={size}"],
        value: Required(|value| is_number(value, 20)),
    },
    Parameter {
        keyword: "BODY",
        verb: Verb::Mail,
        extension: "8BITMIME",
        form: "BODY=7BIT, BODY=8BITMIME or BODY=BINARYMIME",
        cite: "RFC 6152 §2, RFC 3030 §3",
        offers: &["BODY=8BITMIME", "BODY=BINARYMIME", "BODY=7BIT"],
        value: Required(is_body),
    },
    Parameter {
        keyword: "RET",
        verb: Verb::Mail,
        extension: "DSN",
        form: "RET=FULL or RET=HDRS",
        cite: "RFC 3461 §4.3",
        offers: &["RET=HDRS", "RET=FULL"],
        value: Required(|value| is_one_of(value, &["FULL", "HDRS"])),
    },
    Parameter {
        keyword: "ENVID",
        verb: Verb::Mail,
        extension: "DSN",
        form: "ENVID=xtext, at most 100 characters, printable when decoded",
        cite: "RFC 3461 §4.4",
        offers: &["ENVID=QQ314159"],
        value: Required(is_envid),
    },
    Parameter {
        keyword: "AUTH",
        verb: Verb::Mail,
        extension: "AUTH",
        form: "AUTH=mailbox in xtext, or AUTH=<>",
        cite: "RFC 4954 §5",
        offers: &["AUTH=<>", "AUTH={path}"],
        value: Required(|value| value == b"<>" || decode_xtext(value).is_some()),
    },
    Parameter {
        keyword: "SMTPUTF8",
        verb: Verb::Mail,
        extension: "SMTPUTF8",
        form: "SMTPUTF8, without a value",
        cite: "RFC 6531 §3.4",
        offers: &["SMTPUTF8"],
        value: Value::None,
    },
    Parameter {
        keyword: "REQUIRETLS",
        verb: Verb::Mail,
        extension: "REQUIRETLS",
        form: "REQUIRETLS, without a value",
        cite: "RFC 8689 §2",
        offers: &["REQUIRETLS"],
        value: Value::None,
    },
    Parameter {
        keyword: "BY",
        verb: Verb::Mail,
        extension: "DELIVERBY",
        form: "BY=seconds;R or ;N, then T for a trace; with R more than 0 seconds",
        cite: "RFC 2852 §4",
        offers: &["BY=3600;R", "BY=3600;N", "BY=3600;RT"],
        value: Required(is_by),
    },
    Parameter {
        keyword: "HOLDFOR",
        verb: Verb::Mail,
        extension: "FUTURERELEASE",
        form: "HOLDFOR=seconds, 1 to 999999999",
        cite: "RFC 4865 §3",
        offers: &["HOLDFOR=3600"],
        value: Required(|value| is_number(value, 9) && !value.starts_with(b"0")),
    },
    Parameter {
        keyword: "HOLDUNTIL",
        verb: Verb::Mail,
        extension: "FUTURERELEASE",
        form: "HOLDUNTIL=a date-time in UTC, as 2026-12-24T18:00:00Z",
        cite: "RFC 4865 §3",
        offers: &["HOLDUNTIL=2026-12-24T18:00:00Z"],
        value: Required(|value| is_date_time(value) && value.ends_with(b"Z")),
    },
    Parameter {
        keyword: "MT-PRIORITY",
        verb: Verb::Mail,
        extension: "MT-PRIORITY",
        form: "MT-PRIORITY=-9 to 9",
        cite: "RFC 6710 §3",
        offers: &["MT-PRIORITY=3", "MT-PRIORITY=-3"],
        value: Required(is_priority),
    },
    Parameter {
        keyword: "MTRK",
        verb: Verb::Mail,
        extension: "MTRK",
        form: "MTRK=certifier in base64, then :seconds if wanted",
        cite: "RFC 3885 §3.1",
        offers: &["MTRK=ajBDdLE8/IZx6ZGqrqkgAQ==:86400"],
        value: Required(is_tracking),
    },
    Parameter {
        keyword: "SOLICIT",
        verb: Verb::Mail,
        extension: "NO-SOLICITING",
        form: "SOLICIT=keywords with commas between, as net.example:ADV",
        cite: "RFC 3865 §2.3",
        offers: &["SOLICIT=net.example:ADV"],
        value: Required(is_solicitation),
    },
    Parameter {
        keyword: "SUBMITTER",
        verb: Verb::Mail,
        extension: "SUBMITTER",
        form: "SUBMITTER=mailbox in xtext",
        cite: "RFC 4405 §4",
        offers: &["SUBMITTER={path}"],
        value: Required(|value| decode_xtext(value).is_some_and(|mailbox| mailbox.contains(&b'@'))),
    },
    Parameter {
        keyword: "TRANSID",
        verb: Verb::Mail,
        extension: "CHECKPOINT",
        form: "TRANSID=<local@domain>, at most 80 characters",
        cite: "RFC 1845 §2",
        offers: &["TRANSID=<1@laptop.you.test>"],
        value: Required(is_transaction),
    },
    Parameter {
        keyword: "CONPERM",
        verb: Verb::Mail,
        extension: "CONPERM",
        form: "CONPERM, without a value",
        cite: "RFC 4141 §4.2",
        offers: &["CONPERM"],
        value: Value::None,
    },
    Parameter {
        keyword: "ALT-ADDRESS",
        verb: Verb::Mail,
        extension: "UTF8SMTP",
        form: "ALT-ADDRESS=mailbox in xtext; SMTPUTF8 took its place",
        cite: "RFC 5336 §3.4",
        offers: &[],
        value: Required(|value| decode_xtext(value).is_some()),
    },
    Parameter {
        keyword: "PRDR",
        verb: Verb::Mail,
        extension: "PRDR",
        form: "PRDR, without a value",
        cite: "draft-hall-prdr",
        offers: &["PRDR"],
        value: Value::None,
    },
    Parameter {
        keyword: "XVERP",
        verb: Verb::Mail,
        extension: "XVERP",
        form: "XVERP, or XVERP=two delimiters",
        cite: "Postfix",
        offers: &["XVERP"],
        value: Optional(|value| value.len() == 2),
    },
    Parameter {
        keyword: "NOTIFY",
        verb: Verb::Rcpt,
        extension: "DSN",
        form: "NOTIFY=NEVER alone, or any of SUCCESS,FAILURE,DELAY",
        cite: "RFC 3461 §4.1",
        offers: &["NOTIFY=SUCCESS,FAILURE,DELAY", "NOTIFY=FAILURE", "NOTIFY=NEVER"],
        value: Required(is_notify),
    },
    Parameter {
        keyword: "ORCPT",
        verb: Verb::Rcpt,
        extension: "DSN",
        form: "ORCPT=type;address in xtext, printable when decoded",
        cite: "RFC 3461 §4.2",
        offers: &["ORCPT=rfc822;{path}"],
        value: Required(is_orcpt),
    },
    Parameter {
        keyword: "RRVS",
        verb: Verb::Rcpt,
        extension: "RRVS",
        form: "RRVS=a date-time, then ;C or ;R if wanted",
        cite: "RFC 7293 §3.1",
        offers: &["RRVS=2026-01-01T00:00:00Z;R"],
        value: Required(is_rrvs),
    },
    Parameter {
        keyword: "CONNEG",
        verb: Verb::Rcpt,
        extension: "CONNEG",
        form: "CONNEG, without a value",
        cite: "RFC 4141 §5.2",
        offers: &["CONNEG"],
        value: Value::None,
    },
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

/// `by-value = by-time ";" by-mode [by-trace]` with `by-time = ["-" / "+"] 1*9digit`, above 0 with R (RFC 2852 §4).
fn is_by(value: &[u8]) -> bool {
    let Some(semicolon) = memchr::memchr(b';', value) else { return false };
    let (time, mode) = value.split_at_checked(semicolon).unwrap_or_default();
    let digits = time.strip_prefix(b"-").or_else(|| time.strip_prefix(b"+")).unwrap_or(time);
    let past = time.starts_with(b"-") || digits.iter().all(|digit| *digit == b'0');
    is_number(digits, 9) && (is_one_of(mode, &[";N", ";NT"]) || (!past && is_one_of(mode, &[";R", ";RT"])))
}

fn is_priority(value: &[u8]) -> bool {
    matches!(value, [b'0'..=b'9'] | [b'-', b'1'..=b'9'])
}

/// NEVER stands alone (RFC 3461 §4.1).
fn is_notify(value: &[u8]) -> bool {
    is_one_of(value, &["NEVER"])
        || value.split(|octet| *octet == b',').all(|word| is_one_of(word, &["SUCCESS", "FAILURE", "DELAY"]))
}

/// At most 100 characters that are printable, white space too, when decoded (RFC 3461 §4.4).
fn is_envid(value: &[u8]) -> bool {
    (1..=100).contains(&value.len()) && decode_xtext(value).is_some_and(|text| is_printable(&text))
}

/// Graphic and white space characters of US-ASCII.
fn is_printable(text: &[u8]) -> bool {
    text.iter().all(|octet| matches!(octet, b' '..=b'~' | b'\t'))
}

/// `original-recipient-address = addr-type ";" xtext` (RFC 3461 §4.2), printable when decoded. Addresses of the type
/// utf-8 have an encoding of their own (RFC 6533 §3).
fn is_orcpt(value: &[u8]) -> bool {
    let Some(semicolon) = memchr::memchr(b';', value) else { return false };
    let (kind, address) = value.split_at_checked(semicolon).unwrap_or_default();
    let address = address.get(1..).unwrap_or_default();
    let sound = !kind.is_empty() && kind.iter().all(|octet| octet.is_ascii_alphanumeric() || *octet == b'-');
    let utf8 = kind.eq_ignore_ascii_case(b"utf-8");
    sound && !address.is_empty() && (utf8 || decode_xtext(address).is_some_and(|text| is_printable(&text)))
}

/// `mtrk-certifier [ ":" mtrk-timeout ]`, the one in base64 and the other 1*9DIGIT (RFC 3885 §3.1).
fn is_tracking(value: &[u8]) -> bool {
    let mut halves = value.splitn(2, |octet| *octet == b':');
    let certifier = halves.next().unwrap_or_default();
    sasl::decode(certifier).is_ok_and(|octets| !octets.is_empty())
        && halves.next().is_none_or(|seconds| is_number(seconds, 9))
}

/// `word 0*("," word)`, at most 1000 characters, a word a letter and letters, digits, `.-_:` (RFC 3865 §2.2).
fn is_solicitation(value: &[u8]) -> bool {
    let letter = |octet: &u8| octet.is_ascii_alphanumeric() || b".-_:".contains(octet);
    let word = |word: &[u8]| word.first().is_some_and(u8::is_ascii_alphabetic) && word.iter().all(letter);
    value.len() <= 1000 && value.split(|octet| *octet == b',').all(word)
}

/// `"<" local "@" domain ">"`, at most 80 characters (RFC 1845 §2).
fn is_transaction(value: &[u8]) -> bool {
    let inner = value.strip_prefix(b"<").and_then(|rest| rest.strip_suffix(b">"));
    value.len() <= 80 && inner.is_some_and(|text| memchr::memchr_iter(b'@', text).count() == 1)
}

/// `rrvs-param = "RRVS=" date-time [ ";" ( "C" / "R" ) ]`, without parts of a second (RFC 7293 §3.1).
fn is_rrvs(value: &[u8]) -> bool {
    let action = |value: &[u8]| [&b";C"[..], b";R"].iter().any(|action| action.eq_ignore_ascii_case(value));
    let (date, end) = value.split_at_checked(value.len().saturating_sub(2)).unwrap_or((value, b""));
    let date = if action(end) { date } else { value };
    is_date_time(date) && !date.contains(&b'.')
}

/// The shape of an Internet date (RFC 3339 §5.6): `2026-11-24T12:00:00Z`.
fn is_date_time(value: &[u8]) -> bool {
    let shape = b"dddd-dd-ddTdd:dd:dd";
    let Some((date, rest)) = value.split_at_checked(shape.len()) else { return false };
    let fits = |(octet, wanted): (&u8, &u8)| if *wanted == b'd' { octet.is_ascii_digit() } else { octet == wanted };
    let zone = rest.iter().all(|octet| octet.is_ascii_digit() || matches!(octet, b'.' | b'+' | b'-' | b':' | b'Z'));
    date.iter().zip(shape).all(fits) && !rest.is_empty() && zone
}
