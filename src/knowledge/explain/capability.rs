//! Explains one line of the answer to EHLO.

use crate::knowledge::explanation::{Confidence, Explanation, sentence};
use crate::knowledge::extensions::{self, Extension, Parameter};
use crate::knowledge::line::{first_word, plain, trim_end};
use crate::knowledge::note::{Login, login_risk};
use crate::knowledge::{mechanisms, note};

/// Explains a keyword and its parameters; `tls` says whether the link is inside TLS, where that is known.
pub(super) fn explain(text: &[u8], tls: Option<bool>) -> Explanation {
    let (keyword, params) = first_word(trim_end(text));
    let entry = extensions::keyword(keyword).or_else(|| {
        keyword.to_ascii_uppercase().starts_with(b"AUTH=").then(|| extensions::keyword(b"AUTH=")).flatten()
    });
    let Some(entry) = entry else { return unknown(keyword) };
    let it = Explanation::new(format!("{} · {}", entry.keyword, entry.title), "capability");
    let it = numbers(it, entry, params, tls);
    let it = it.say(entry.meaning.as_str()).step(entry.next.as_str(), first_verb(entry)).cite_all(&entry.refs);
    details(it, entry)
}

/// What the parameters say in this very line.
fn numbers(it: Explanation, entry: &'static Extension, params: &[u8], tls: Option<bool>) -> Explanation {
    match entry.keyword.as_str() {
        "SIZE" => it.say(sentence(&note::note(&super::About::Keyword(&[b"SIZE ", params].concat())).text)),
        "AUTH" | "AUTH=" => login(it, params, tls.unwrap_or(true)),
        "STARTTLS" if tls == Some(true) => it.say("TLS is on already: it must not be offered again."),
        _ => it,
    }
}

/// Which logins are offered, and whether they are safe here.
fn login(it: Explanation, params: &[u8], tls: bool) -> Explanation {
    let it = match login_risk(params, tls) {
        Login::Readable => it
            .say("The link is not encrypted. Base64 is spelling, not a secret: anyone on the way can undo it.")
            .step("encrypt the link first", "STARTTLS"),
        Login::Nothing => it.say("No mechanism is named, so nobody can log in."),
        Login::Safe => it,
    };
    let known = params.split(|byte| *byte == b' ').filter_map(mechanisms::mechanism);
    known.fold(it, |it, entry| it.also(entry.name.as_str(), format!("{}. {}", entry.title, entry.meaning)))
}

/// The verb that a keyword adds, to type it; not for verbs that need an argument.
fn first_verb(entry: &'static Extension) -> &'static str {
    match entry.keyword.as_str() {
        "STARTTLS" => "STARTTLS",
        "HELP" => "HELP",
        _ => "",
    }
}

/// Parameters, limits, dangers and remarks.
fn details(it: Explanation, entry: &'static Extension) -> Explanation {
    let params = |it, verb: &str, list: &'static [Parameter]| {
        let verb = verb.to_owned();
        list.iter().fold(it, move |it: Explanation, param| {
            it.also(format!("{verb} {}", param.syntax), param.meaning.as_str()).cite(&param.cite)
        })
    };
    let it = params(it, "MAIL", &entry.mail_param);
    let it = params(it, "RCPT", &entry.rcpt_param);
    let it = it.also("parameters", entry.ehlo_params_meaning.as_str()).also("danger", entry.security.as_str());
    let it = it.also("note", entry.note.as_str());
    let it = if entry.requires.is_empty() { it } else { it.also("needs", entry.requires.join(", ")) };
    let seen = entry.seen_in.join(", ");
    let it = if entry.registered { it.also("status", entry.status.as_str()) } else { it.also("seen from", seen) };
    let confidence = if entry.registered { Confidence::Certain } else { Confidence::Likely };
    it.sure(confidence)
}

/// A keyword that no table knows.
fn unknown(keyword: &[u8]) -> Explanation {
    let name = plain(keyword, 40).unwrap_or("this line");
    let private = matches!(keyword, [b'X' | b'x', ..]);
    let what = if private {
        "Names that begin with X are private: only its maker knows what it offers."
    } else {
        "No table of ehlo knows this keyword. The list of IANA may be newer, or it is private."
    };
    Explanation::new(format!("{name} · unknown keyword"), "capability")
        .sure(Confidence::Possible)
        .say(what)
        .say("A client ignores what it does not know.")
        .cite("RFC 5321 2.2.2, 4.1.1.1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_without_encryption_is_warned_of_with_the_line_to_type() {
        let it = explain(b"AUTH PLAIN LOGIN\r\n", Some(false));
        assert!(it.body.iter().any(|paragraph| paragraph.text.contains("spelling, not a secret")));
        assert_eq!(it.next.first().and_then(|step| step.command.as_deref()), Some("STARTTLS"));
        assert!(explain(b"AUTH PLAIN LOGIN\r\n", Some(true)).next.iter().all(|step| step.command.is_none()));
    }

    #[test]
    fn sizes_are_told_and_parameters_listed() {
        let it = explain(b"SIZE 10485760", None);
        assert_eq!(it.body.first().unwrap().text, "Letters up to 10 MiB.");
        assert!(it.more.iter().any(|paragraph| paragraph.label == "MAIL SIZE=1*20DIGIT"));
    }

    #[test]
    fn what_is_unknown_is_said_to_be() {
        assert_eq!(explain(b"XHARBOR", None).confidence, Confidence::Possible);
        assert_eq!(explain(b"\x1b[2J", None).title, "this line · unknown keyword");
    }
}
