//! An event as one calm line of text: when, whose conversation, who, what.
//!
//! ```text
//!    0.012 #1 C  EHLO laptop.you.test
//!    0.012 #1 S  250 mx1.harbor.test hello laptop.you.test (6 lines)
//! ```

use super::{Body, Event, What};

/// The longest text of a line, in characters.
const LONGEST: usize = 120;

impl Event {
    /// The event as a line of text with its line end; nothing for what another line says already.
    pub fn text(&self) -> String {
        let Some((who, words)) = words(&self.what) else { return String::new() };
        let session = self.session.map(|session| format!("#{session}")).unwrap_or_default();
        format!("{:>9} {session:<5} {who} {}\n", self.at.to_string(), shortened(&words))
    }
}

fn words(what: &What) -> Option<(char, String)> {
    Some(match what {
        What::Lab(_)
        | What::Dns { .. }
        | What::Route { .. }
        | What::Caps { .. }
        | What::Sasl { .. }
        | What::End { .. }
        | What::Explain { .. } => return None,
        What::Open { host, port, mode, client, .. } => {
            let tls = if *mode == "tls" { ", TLS first" } else { "" };
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            ('·', format!("{client} connected to {host}{port}{tls}"))
        }
        What::Listen { ip, port } => {
            let port = port.map(|port| format!(" port {port}")).unwrap_or_default();
            ('·', format!("listening at {ip}{port}"))
        }
        What::OpenFail { say, .. } => ('·', say.clone()),
        What::Close { how, .. } => ('·', how.clone()),
        What::Greet { code, text, .. } => ('S', format!("{code} {text}")),
        What::Cmd { verb, .. } if verb == "END" => ('C', ".".to_owned()),
        What::Cmd { verb, arg, .. } => ('C', format!("{verb} {arg}").trim_end().to_owned()),
        What::Reply { code, enh, lines, text, .. } => {
            let first = text.lines().next().unwrap_or_default();
            let enh = enh.as_ref().map(|enh| format!("{enh} ")).unwrap_or_default();
            let more = if *lines > 1 { format!(" ({lines} lines)") } else { String::new() };
            ('S', format!("{code} {enh}{first}{more}"))
        }
        What::Tls { version, suite, .. } => ('·', format!("{version} {suite}")),
        What::TlsFail { alert } => ('·', format!("TLS failed: {alert}")),
        What::Auth { mech, ok, .. } => ('·', format!("login by {mech} {}", if *ok { "succeeded" } else { "failed" })),
        What::Body(Body { bytes, lines, .. }) => ('·', format!("a letter of {bytes} octets in {lines} lines")),
        What::Accept { id, rcpts, .. } => {
            let id = id.as_ref().map(|id| format!(" as {id}")).unwrap_or_default();
            ('·', format!("accepted{id} for {}", rcpts.join(", ")))
        }
        What::Deliver { server, mailbox, id, .. } => ('·', format!("{server} delivered {id} to {mailbox}")),
        What::Hop { server, id, to, tls, said, .. } => {
            let tls = if *tls { " inside TLS" } else { "" };
            ('·', format!("{server} sent {id} to {to}{tls}: {said}"))
        }
        What::Defer { server, id, rcpt, why, .. } => ('·', format!("{id} waits at {server} for {rcpt}: {why}")),
        What::Bounce { server, id, rcpt, status, to, .. } => {
            ('·', format!("{server} gives up {id} for {rcpt} ({status}) and tells {to}"))
        }
        What::Drop { server, id, rcpt, why } => ('·', format!("{server} drops {id} for {rcpt}: {why}")),
        What::Loop { server, received, limit, .. } => {
            ('·', format!("{server} refuses a letter that goes in circles: {received} hops of at most {limit}"))
        }
        What::Policy { server, check, who, result, why } => {
            ('·', format!("{server} finds {check}={result} for {who}: {why}"))
        }
        What::Fault { host, setting, name, on } => {
            let on = if *on { "from now on" } else { "as it was" };
            ('·', format!("the lab, {setting} at {host}: {name}, {on}"))
        }
        What::Problem { id, confidence, say, .. } => ('·', format!("{id} ({confidence}): {say}")),
    })
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST).chain("…".chars()).collect()
}
