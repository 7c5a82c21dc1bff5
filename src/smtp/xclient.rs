//! XCLIENT: a front end that is trusted tells the server for whom it speaks (Postfix `XCLIENT_README`).
//!
//! ```abnf
//! xclient = "XCLIENT" 1*( SP name "=" value ) CRLF
//! name    = "NAME" / "REVERSE_NAME" / "ADDR" / "PORT" / "PROTO" / "HELO" / "LOGIN" / "DESTADDR" / "DESTPORT"
//! value   = xtext                                        ; "[UNAVAILABLE]" and "[TEMPUNAVAIL]" stand for none
//! ```
//!
//! The names that a server takes stand behind its EHLO keyword.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::extension::Extensions;
use super::params::{self, Param, decode_xtext};

/// Something that can be told about a client.
#[derive(Debug, Clone, Copy)]
pub struct Attribute {
    /// Its name, upper case.
    pub name: &'static str,
    /// How it is written.
    pub form: &'static str,
    /// A whole one, for completion; `{hello}` stands for the name in EHLO.
    pub offer: &'static str,
    fits: fn(&str) -> bool,
}

/// What stands for a value that is not known, for good or for now.
const NONE: [&str; 2] = ["[UNAVAILABLE]", "[TEMPUNAVAIL]"];

/// Every attribute that Postfix knows.
pub const ATTRIBUTES: [Attribute; 9] = [
    attribute("NAME", "NAME=host name of the client", "NAME={hello}", is_something),
    attribute("REVERSE_NAME", "REVERSE_NAME=host name in the reverse DNS", "REVERSE_NAME={hello}", is_something),
    attribute("ADDR", "ADDR=192.0.2.1 or ADDR=IPV6:2001:db8::1", "ADDR=192.0.2.1", is_address),
    attribute("PORT", "PORT=1 to 65535", "PORT=56324", is_port),
    attribute("PROTO", "PROTO=SMTP or PROTO=ESMTP", "PROTO=ESMTP", is_protocol),
    attribute("HELO", "HELO=name that the client said in EHLO", "HELO={hello}", is_something),
    attribute("LOGIN", "LOGIN=user who is logged in", "LOGIN=mina", is_something),
    attribute("DESTADDR", "DESTADDR=192.0.2.10 or DESTADDR=IPV6:2001:db8::10", "DESTADDR=192.0.2.10", is_address),
    attribute("DESTPORT", "DESTPORT=1 to 65535", "DESTPORT=25", is_port),
];

const fn attribute(name: &'static str, form: &'static str, offer: &'static str, fits: fn(&str) -> bool) -> Attribute {
    Attribute { name, form, offer, fits }
}

/// The attributes that a server takes, in its order and spelling; none if it does not offer XCLIENT.
pub fn offered(extensions: &Extensions) -> Vec<String> {
    let names = extensions.find("XCLIENT").map(|keyword| keyword.params.as_slice()).unwrap_or_default();
    names.iter().filter_map(|name| String::from_utf8(name.to_ascii_uppercase()).ok()).collect()
}

/// What is wrong with the text behind XCLIENT for a server that takes these attributes, each in a few words without a
/// full stop.
pub fn faults(text: &[u8], offered: &[String]) -> Vec<String> {
    let told = params::list(text);
    if told.is_empty() {
        return vec!["XCLIENT tells at least one thing, as ADDR=192.0.2.1".into()];
    }
    told.iter().filter_map(|param| fault(param, offered)).collect()
}

fn fault(param: &Param, offered: &[String]) -> Option<String> {
    let name = crate::safe::plain(&param.keyword.to_ascii_uppercase()).into_string();
    let Some(value) = param.value.as_deref() else {
        return Some(format!("{name} has no value; one is NAME=value, and a space in it is written +20"));
    };
    if !offered.contains(&name) {
        return Some(format!("{name} is not among what the server takes: {}", offered.join(" ")));
    }
    let known = ATTRIBUTES.iter().find(|attribute| attribute.name == name);
    let Some(text) = decode_xtext(value) else {
        return Some(format!(
            "the value of {name} is xtext: +, = and what is not printable ASCII as + and two hex digits"
        ));
    };
    let text = String::from_utf8(text).ok();
    let fits =
        |attribute: &&Attribute| text.as_deref().is_some_and(|text| NONE.contains(&text) || (attribute.fits)(text));
    known.filter(|known| !fits(known)).map(|known| format!("{name} is written {}, or {name}={}", known.form, NONE[0]))
}

fn is_something(text: &str) -> bool {
    !text.is_empty()
}

fn is_address(text: &str) -> bool {
    match text.split_at_checked(5) {
        Some((tag, rest)) if tag.eq_ignore_ascii_case("IPV6:") => rest.parse::<Ipv6Addr>().is_ok(),
        _ => text.parse::<Ipv4Addr>().is_ok(),
    }
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|octet| octet.is_ascii_digit()) && text.parse::<u16>().is_ok_and(|port| port > 0)
}

fn is_protocol(text: &str) -> bool {
    ["SMTP", "ESMTP"].iter().any(|known| known.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let offered: Vec<_> = ["NAME", "ADDR", "PORT", "PROTO", "HELO"].map(str::to_owned).into();
        faults(text.as_bytes(), &offered)
    }

    #[test]
    fn what_is_sound_is_not_complained_about() {
        for text in [
            "NAME=client.example.org ADDR=192.0.2.1",
            "addr=ipv6:2001:db8::1 proto=esmtp",
            "NAME=[UNAVAILABLE] ADDR=[TEMPUNAVAIL] PORT=[UNAVAILABLE]",
            "HELO=a+20client PORT=56324",
        ] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_how_it_is_written() {
        for (text, told) in [
            ("", "at least one thing"),
            ("NAME", "NAME has no value"),
            ("HELO=a client", "CLIENT has no value"),
            ("LOGIN=mina", "LOGIN is not among what the server takes: NAME ADDR PORT PROTO HELO"),
            ("COLOUR=red", "COLOUR is not among"),
            ("NAME=a+2b", "the value of NAME is xtext"),
            ("ADDR=2001:db8::1", "ADDR is written ADDR=192.0.2.1 or ADDR=IPV6:2001:db8::1, or ADDR=[UNAVAILABLE]"),
            ("PORT=0", "PORT is written PORT=1 to 65535"),
            ("PROTO=LMTP", "PROTO is written"),
            ("NAME=", "NAME is written"),
        ] {
            let found = found(text);
            assert!(found.len() == 1 && found[0].contains(told), "{text}: {found:?}");
        }
    }

    #[test]
    fn what_is_offered_for_completion_is_sound() {
        let all: Vec<_> = ATTRIBUTES.map(|attribute| attribute.name.to_owned()).into();
        for attribute in ATTRIBUTES {
            let line = attribute.offer.replace("{hello}", "laptop.you.test");
            assert!(faults(line.as_bytes(), &all).is_empty(), "{line}");
        }
    }
}
