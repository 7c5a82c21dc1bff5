//! Parameters of MAIL and RCPT.
//!
//! ```abnf
//! esmtp-param   = esmtp-keyword ["=" esmtp-value]        ; RFC 5321 §4.1.2
//! esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
//! esmtp-value   = 1*(%d33-60 / %d62-126)                 ; no "=", no space, no control
//! ```

mod fault;
mod table;
mod xtext;

use std::ops::Range;

pub use table::{Parameter, known, of};
pub use xtext::{decode_xtext, encode_xtext};

use super::command::Verb;
use super::flaw::{Flaw, FlawKind};

/// A parameter as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// The keyword; its case does not matter (RFC 5321 §2.4).
    pub keyword: Vec<u8>,
    /// What follows the `=`, if there is one.
    pub value: Option<Vec<u8>>,
}

impl Param {
    /// A parameter for a form to write.
    pub fn new(keyword: &str, value: Option<&str>) -> Self {
        Self { keyword: keyword.into(), value: value.map(Into::into) }
    }

    /// True if this is the parameter `keyword`.
    pub fn is(&self, keyword: &str) -> bool {
        self.keyword.eq_ignore_ascii_case(keyword.as_bytes())
    }

    /// What is known about it.
    pub fn known(&self) -> Option<&'static Parameter> {
        known(&self.keyword)
    }

    /// The keyword of the extension that it needs, as `DSN`; `None` if it is not known.
    pub fn extension(&self) -> Option<&'static str> {
        let binary =
            self.is("BODY") && self.value.as_deref().is_some_and(|body| body.eq_ignore_ascii_case(b"BINARYMIME"));
        if binary { Some("BINARYMIME") } else { self.known().map(|parameter| parameter.extension) }
    }

    /// The parameter as it stands on the wire.
    pub fn encode(&self) -> Vec<u8> {
        match &self.value {
            None => self.keyword.clone(),
            Some(value) => [&self.keyword, &b"="[..], value].concat(),
        }
    }
}

/// A command with a path, brackets and all, and parameters; without the end of the line (RFC 5321 §4.1.1.2, §4.1.1.3).
pub fn line(command: &[u8], path: &[u8], params: &[Param]) -> Vec<u8> {
    let mut line = [command, path].concat();
    for param in params {
        line.push(b' ');
        line.extend(param.encode());
    }
    line
}

/// The first parameter with this keyword.
pub fn find<'a>(params: &'a [Param], keyword: &str) -> Option<&'a Param> {
    params.iter().find(|param| param.is(keyword))
}

/// The value of the first parameter with this keyword in the text behind a path; the others are passed over.
pub fn value<'a>(text: &'a [u8], keyword: &str) -> Option<&'a [u8]> {
    let mut halves = words(text).map(|(word, _)| halves(word));
    halves.find(|(name, _)| name.eq_ignore_ascii_case(keyword.as_bytes()))?.1
}

/// Reads the parameters that follow a path, and what is wrong with them; places are octets of `text`.
pub fn read(verb: Verb, text: &[u8]) -> (Vec<Param>, Vec<Flaw>) {
    let mut params: Vec<Param> = Vec::new();
    let mut flaws = Vec::new();
    for (word, span) in words(text) {
        let param = param(word);
        if fault::fault(verb, &params, &param).is_some() {
            flaws.push(Flaw::new(FlawKind::ParameterInvalid, span));
        }
        params.push(param);
    }
    (params, flaws)
}

/// Words of the form `KEYWORD` or `KEYWORD=value`, whatever is wrong with them.
pub fn list(text: &[u8]) -> Vec<Param> {
    words(text).map(|(word, _)| param(word)).collect()
}

/// What is wrong with parameters of `verb`, each in a few words with the rule that it breaks, without a full stop.
pub fn faults(verb: Verb, params: &[Param]) -> Vec<String> {
    let before = |index: usize| params.get(..index).unwrap_or_default();
    params.iter().enumerate().filter_map(|(index, param)| fault::fault(verb, before(index), param)).collect()
}

/// The words of a text, each with its place.
fn words(text: &[u8]) -> impl Iterator<Item = (&[u8], Range<usize>)> {
    let mut at = 0;
    text.split(|octet| matches!(octet, b' ' | b'\t')).filter_map(move |word| {
        let span = at..at + word.len();
        at = span.end + 1;
        (!word.is_empty()).then_some((word, span))
    })
}

fn param(word: &[u8]) -> Param {
    let (keyword, value) = halves(word);
    Param { keyword: keyword.to_vec(), value: value.map(Into::into) }
}

/// The keyword of a parameter, and the value if there is a `=`.
fn halves(word: &[u8]) -> (&[u8], Option<&[u8]>) {
    match memchr::memchr(b'=', word).and_then(|equals| word.split_at_checked(equals)) {
        None => (word, None),
        Some((keyword, value)) => (keyword, value.get(1..)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// True if a parameter on its own is flagged.
    fn is_flagged(verb: Verb, text: &str) -> bool {
        !read(verb, text.as_bytes()).1.is_empty()
    }

    #[test]
    fn c018_keywords_are_found_in_any_case() {
        let (params, flaws) = read(Verb::Mail, b"size=1024 Body=8bitMIME");
        assert!(flaws.is_empty());
        assert_eq!(find(&params, "SIZE").unwrap().value.as_deref(), Some(&b"1024"[..]));
        assert_eq!(find(&params, "BODY").unwrap().extension(), Some("8BITMIME"));
        assert_eq!(read(Verb::Mail, b"BODY=BINARYMIME").0[0].extension(), Some("BINARYMIME"));
    }

    #[test]
    fn values_that_make_no_sense_are_flagged() {
        for bad in [
            "SIZE=999999999999999999999",
            "SIZE",
            "SIZE=",
            "SIZE=-1",
            "BODY=9BIT",
            "RET=ALL",
            "SMTPUTF8=1",
            "AUTH",
            "BY=1;X",
            "MT-PRIORITY=10",
            "ENVID=a+zz",
            "HOLDFOR=soon",
            "NOTIFY=NEVER",
        ] {
            assert!(is_flagged(Verb::Mail, bad), "{bad}");
        }
        for bad in ["NOTIFY=NEVER,SUCCESS", "NOTIFY=MAYBE", "ORCPT=rfc822;a+ZZ", "ORCPT=a@b", "SIZE=1"] {
            assert!(is_flagged(Verb::Rcpt, bad), "{bad}");
        }
    }

    #[test]
    fn values_that_make_sense_are_not() {
        for good in [
            "SIZE=99999999999999999999",
            "BODY=7BIT",
            "RET=HDRS",
            "SMTPUTF8",
            "AUTH=<>",
            "AUTH=mina+40pine.test",
            "BY=120;RT",
            "BY=-5;N",
            "MT-PRIORITY=-9",
            "ENVID=QQ314159",
            "REQUIRETLS",
            "HOLDUNTIL=2026-11-24T12:00:00Z",
            "XNEW=1",
        ] {
            assert!(!is_flagged(Verb::Mail, good), "{good}");
        }
        for good in ["NOTIFY=NEVER", "NOTIFY=SUCCESS,delay,FAILURE", "ORCPT=rfc822;mina+2Bnews@pine.test"] {
            assert!(!is_flagged(Verb::Rcpt, good), "{good}");
        }
    }

    #[test]
    fn a_parameter_twice_is_flagged_where_it_stands_again() {
        let (params, flaws) = read(Verb::Mail, b"SIZE=1  size=2");
        assert_eq!(params.len(), 2);
        assert_eq!(flaws, [Flaw::new(FlawKind::ParameterInvalid, 8..14)]);
    }

    proptest! {
        #[test]
        fn a_printed_parameter_is_read_back(keyword in "X[A-Z0-9-]{0,8}", value in proptest::option::of("[!-<>-~]{1,12}")) {
            let before = Param::new(&keyword, value.as_deref());
            let (params, flaws) = read(Verb::Mail, &before.encode());
            prop_assert!(flaws.is_empty());
            prop_assert_eq!(params, [before]);
        }
    }
}
