//! What swaks prints.
//!
//! ```text
//!  -> MAIL FROM:<…>    ~> inside TLS    **> and *~> where sending failed
//! <-  250 2.1.0 ok    <~  inside TLS    <** and <~* for a refusal
//! === Connected to …                    *** Remote host closed connection unexpectedly.
//! ```
//!
//! Each kind of line can be hidden by an option; what is inside TLS is seen by the arrows alone.

use super::reach::Reach;
use super::text::Row;
use super::{Log, Said, reply, words};
use crate::tape::Side;
use crate::tape::told::{Form, Means, Told};

/// What a line is by its arrow.
enum Arrow<'a> {
    Client { text: &'a [u8], tls: bool },
    Server { text: &'a [u8], tls: bool },
    Says(&'a [u8]),
}

fn arrow(line: &[u8]) -> Option<Arrow<'_>> {
    let line = line.trim_ascii_start();
    let behind = |sign: &[u8]| line.strip_prefix(sign);
    for (sign, tls) in [(&b"->"[..], false), (b"~>", true), (b"**>", false), (b"*~>", true)] {
        if let Some(text) = behind(sign) {
            return Some(Arrow::Client { text: text.strip_prefix(b" ").unwrap_or(text), tls });
        }
    }
    for (sign, tls) in [(&b"<**"[..], false), (b"<~*", true), (b"<-", false), (b"<~", true)] {
        if let Some(text) = behind(sign) {
            let text = text.strip_prefix(b" ").unwrap_or(text);
            // Behind the short signs stand two blanks.
            let text = if sign.len() == 2 { text.strip_prefix(b" ").unwrap_or(text) } else { text };
            return Some(Arrow::Server { text, tls });
        }
    }
    behind(b"=== ").or_else(|| behind(b"*** ")).map(Arrow::Says)
}

/// Reads what swaks printed.
pub(super) fn read(rows: &[Row]) -> Option<Log> {
    let is_reply = |row: &Row| matches!(arrow(&row.text), Some(Arrow::Server { text, .. }) if reply(text).is_some());
    let is_client = |row: &Row| matches!(arrow(&row.text), Some(Arrow::Client { .. }));
    let says = |row: &Row| row.text.trim_ascii_start().starts_with(b"=== ");
    let replies = rows.iter().any(is_reply);
    if !(replies && rows.iter().any(|row| is_client(row) || says(row))
        || rows.iter().any(is_client) && rows.iter().any(says))
    {
        return None;
    }
    let mut log = Log::new(Form::Swaks);
    let mut secured = false;
    for row in rows {
        let tls = match arrow(&row.text) {
            Some(Arrow::Client { tls, .. } | Arrow::Server { tls, .. }) => tls,
            _ => secured,
        };
        // Lines in words can be hidden, or stand behind what they tell of.
        if tls && !secured {
            log.push(row, Said::Told(Told::new("TLS from here on, as the arrows say", unknown())));
        }
        secured = tls;
        match arrow(&row.text) {
            Some(Arrow::Client { text, .. }) if is_count(text) => {
                log.push(row, Said::Told(Told::new(format!("swaks says: {}", words(text)), Means::Letter)));
            }
            Some(Arrow::Client { text, .. }) => log.client(row, text),
            Some(Arrow::Server { text, .. }) => log.server(row, text),
            Some(Arrow::Says(text)) => {
                if let Some(said) = says_what(&words(text), &mut secured) {
                    log.push(row, said);
                }
            }
            None => log.left.add(row),
        }
    }
    Some(log)
}

fn unknown() -> Means {
    Means::Secured { version: None, suite: None }
}

/// True for what stands in place of a letter that is not to be printed: `11 lines sent`.
fn is_count(text: &[u8]) -> bool {
    text.strip_suffix(b" lines sent").is_some_and(|count| !count.is_empty() && count.iter().all(u8::is_ascii_digit))
}

/// What a line in words says.
pub(super) fn says_what(text: &str, secured: &mut bool) -> Option<Said> {
    let told = |means| Some(Said::Told(Told::new(format!("swaks says: {text}"), means)));
    if let Some(place) = text.strip_prefix("Trying ") {
        *secured = false;
        return Some(Said::Reach(Reach::with_port(place)));
    }
    if let Some(host) = text.strip_prefix("Connected to ") {
        return Some(Said::Reach(Reach::host(host)));
    }
    if let Some(cipher) =
        text.strip_prefix("TLS started with cipher ").or_else(|| text.strip_prefix("TLS started w/ cipher "))
    {
        *secured = true;
        let mut parts = cipher.split(':').map(|part| Some(part.to_owned()).filter(|part| !part.is_empty()));
        let (version, suite) = (parts.next().flatten(), parts.next().flatten());
        return told(Means::Secured { version, suite });
    }
    match text {
        "Connection closed with remote host." => told(Means::Closed { by: Side::Client }),
        "Remote host closed connection unexpectedly." => told(Means::Closed { by: Side::Server }),
        _ if text.starts_with("response in ") => None,
        _ => told(Means::Nothing),
    }
}
