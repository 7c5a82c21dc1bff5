//! Calls of other programs that do what a session did: swaks, curl, `openssl s_client`, and Python's `smtplib`.
//!
//! Every word of a stranger's is quoted for the shell. No secret is in them: each program asks for it.

use std::fmt::Write as _;
use std::ops::Range;

use super::eml;
use super::page::Page;
use crate::dialogue::envelope::Envelope;
use crate::dialogue::row::RowId;
use crate::events::json::ascii;
use crate::ports::net::{Opening, Place};
use crate::safe;
use crate::session::Session;
use crate::smtp::command::{Command, Verb};
use crate::smtp::sasl::client::What;
use crate::tape::tls::TlsFacts;

/// What stands in place of a letter that was not kept whole.
const NO_LETTER: &str = "letter.eml";

/// What stands in place of a host that a log does not name.
const NO_HOST: &str = "HOST";

/// The mechanisms that each program has wherever it is installed.
const SWAKS: &[&str] = &["PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5"];
const CURL: &[&str] = &["PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "XOAUTH2", "OAUTHBEARER", "EXTERNAL"];
const PYTHON: &[&str] = &["PLAIN", "LOGIN", "CRAM-MD5"];

/// What a session did, in words that are safe to show: one letter of it, or all of it if there is none.
struct Deed {
    host: String,
    port: u16,
    /// The path of a Unix socket, which is connected to instead.
    socket: Option<String>,
    lmtp: bool,
    hello: String,
    /// Sender and recipients, if there were any.
    envelope: Option<(String, Vec<String>)>,
    /// Some recipients were taken, and others were not.
    picky: bool,
    /// The file of its letter, if it came that far.
    letter: Option<String>,
    tls: Tls,
    /// A certificate was not in order, and the session went on.
    doubted: bool,
    /// Mechanism and user, if somebody logged in.
    login: Option<(String, String)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tls {
    /// Plain text, and the server offered nothing else.
    None,
    /// Plain text, though the server offered STARTTLS.
    Offered,
    Upgrade,
    First,
}

/// The calls, as a text for the shell. What hosts of the lab said to each other is not in it.
pub fn print(page: &Page) -> String {
    let mut out = String::from("# Each program asks for a password; none is in here.\n");
    let names = eml::names(page);
    for session in page.talks() {
        let _ = writeln!(out, "\n# {}", page.heading(session));
        if session.target.place == Place::Lab && session.imported().is_none() {
            out.push_str(
                "# The lab is served on this machine by: ehlo lab. Its card says at which port each host is.\n",
            );
        }
        let letters = names.get(&session.id).map(Vec::as_slice).unwrap_or_default();
        for deed in Deed::all(session, letters) {
            match deed.letter.as_deref() {
                Some(NO_LETTER) => out.push_str("# The letter was not kept whole.\n"),
                Some(letter) => {
                    let _ = writeln!(out, "# {letter} is written by: ehlo export FILE --format eml -o FOLDER");
                }
                None => {}
            }
            for call in [deed.swaks(), deed.curl(), deed.openssl(), deed.python()] {
                let _ = writeln!(out, "\n{call}");
            }
        }
    }
    out
}

impl Deed {
    /// One for each letter, or one for a session without any.
    fn all(session: &Session, names: &[Option<String>]) -> Vec<Self> {
        let letters = session.dialogue().letters();
        if letters.is_empty() {
            return vec![Self::of(session, session.dialogue().envelope(), None)];
        }
        let name = |at: usize| names.get(at).cloned().flatten().unwrap_or_else(|| NO_LETTER.to_owned());
        letters.iter().enumerate().map(|(at, it)| Self::of(session, &it.envelope, Some(name(at)))).collect()
    }

    fn of(session: &Session, envelope: &Envelope, letter: Option<String>) -> Self {
        let (dialogue, target) = (session.dialogue(), &session.target);
        let upgradable = || dialogue.extensions().is_some_and(|offered| offered.find("STARTTLS").is_some());
        let tls = match (dialogue.is_secured(), target.opening) {
            (false, _) if upgradable() => Tls::Offered,
            (false, _) => Tls::None,
            (true, Opening::ImplicitTls) => Tls::First,
            (true, _) => Tls::Upgrade,
        };
        let accepted = envelope.accepted().count();
        Self {
            host: if target.host.is_empty() { NO_HOST.to_owned() } else { plain(target.host.as_bytes()) },
            // What servers use among each other, where a log does not tell.
            port: if target.port == 0 { 25 } else { target.port },
            socket: target.socket.as_ref().map(|path| plain(path.as_bytes())),
            lmtp: dialogue.is_lmtp(),
            hello: hello(session),
            envelope: addresses(envelope),
            picky: accepted > 0 && accepted < envelope.recipients.len(),
            letter,
            tls,
            doubted: session.tls().is_some_and(TlsFacts::in_doubt),
            login: login(session, 0..dialogue.rows().len()),
        }
    }

    fn swaks(&self) -> String {
        let mut call = self.aside("swaks", SWAKS);
        call.push_str("swaks");
        match &self.socket {
            Some(path) => option(&mut call, "--socket", path),
            None => {
                let _ = write!(call, " --server {} --port {}", quoted(&self.host), self.port);
            }
        }
        call.push_str(if self.lmtp { " --protocol LMTP" } else { "" });
        option(&mut call, "--ehlo", &self.hello);
        call.push_str(match self.tls {
            Tls::None | Tls::Offered => "",
            Tls::Upgrade => " --tls",
            Tls::First => " --tlsc",
        });
        if let Some((mechanism, user)) = &self.login {
            call.push_str(" --auth");
            if SWAKS.contains(&mechanism.as_str()) {
                let _ = write!(call, " {}", quoted(mechanism));
            }
            option(&mut call, "--auth-user", user);
        }
        let Some((from, to)) = &self.envelope else { return call + " --quit-after EHLO" };
        // It asks for a sender that is empty, and takes <> for the null sender.
        let from = if from.is_empty() { "<>" } else { from };
        let _ = write!(call, " --from {} --to {}", quoted(from), quoted(&to.join(",")));
        self.letter
            .as_ref()
            .map_or_else(|| call.clone() + " --quit-after RCPT", |letter| call.clone() + " --data @" + letter)
    }

    fn curl(&self) -> String {
        if self.lmtp {
            return "# curl does not speak LMTP.".to_owned();
        }
        let mut call = self.aside("curl", CURL);
        call.push_str("curl");
        if let Some(path) = &self.socket {
            option(&mut call, "--unix-socket", path);
        }
        let (scheme, host) = (if self.tls == Tls::First { "smtps" } else { "smtp" }, bare(&self.host));
        let host = if self.socket.is_some() { "localhost".to_owned() } else { format!("{host}:{}", self.port) };
        option(&mut call, "--url", &format!("{scheme}://{host}/{}", encoded(&self.hello)));
        call.push_str(if self.tls == Tls::Upgrade { " --ssl-reqd" } else { "" });
        call.push_str(if self.doubted { " --insecure" } else { "" });
        if let Some((mechanism, user)) = &self.login {
            if CURL.contains(&mechanism.as_str()) {
                option(&mut call, "--login-options", &format!("AUTH={mechanism}"));
            }
            option(&mut call, "--user", user);
        }
        let (Some((from, to)), Some(letter)) = (&self.envelope, &self.letter) else { return call + " --request NOOP" };
        let _ = write!(call, " --mail-from {}", quoted(from));
        for to in to {
            option(&mut call, "--mail-rcpt", to);
        }
        call.push_str(if self.picky { " --mail-rcpt-allowfails" } else { "" });
        // Without --crlf: it would add a CR to every line of a letter that has them already.
        call + " --upload-file " + letter
    }

    fn openssl(&self) -> String {
        let note = match self.tls {
            Tls::None => return "# openssl s_client speaks TLS alone, and the server did not offer it.".to_owned(),
            Tls::Offered => "# The session was in plain text; this one is not.\n",
            Tls::Upgrade | Tls::First => "",
        };
        let mut call = format!("{note}openssl s_client");
        match &self.socket {
            Some(path) => option(&mut call, "-unix", path),
            None => option(&mut call, "-connect", &format!("{}:{}", bare(&self.host), self.port)),
        }
        call.push_str(match (self.tls, self.lmtp) {
            (Tls::First, _) => "",
            (_, true) => " -starttls lmtp",
            (_, false) => " -starttls smtp",
        });
        if self.socket.is_none() && self.host.parse::<std::net::IpAddr>().is_err() {
            option(&mut call, "-servername", &self.host);
        }
        call + " -crlf -quiet"
    }

    fn python(&self) -> String {
        if self.socket.is_some() && !self.lmtp {
            return "# smtplib reaches Unix sockets with LMTP alone.".to_owned();
        }
        let class = match (self.lmtp, self.tls) {
            (true, _) => "LMTP",
            (false, Tls::First) => "SMTP_SSL",
            (false, _) => "SMTP",
        };
        let hello = if self.hello.is_empty() { "None".to_owned() } else { ascii(&self.hello) };
        let (host, port) = self.socket.as_ref().map_or((&self.host, self.port), |path| (path, 0));
        let mut lines = vec![
            "import getpass, smtplib".to_owned(),
            format!("server = smtplib.{class}({}, {port}, local_hostname={hello})", ascii(host)),
            "server.set_debuglevel(1)".to_owned(),
            "server.ehlo()".to_owned(),
        ];
        if self.tls == Tls::Upgrade {
            lines.push("server.starttls()".into());
        }
        if let Some((_, user)) = &self.login {
            lines.push(format!("server.login({}, getpass.getpass())", ascii(user)));
        }
        match (&self.envelope, &self.letter) {
            (Some((from, to)), Some(letter)) => {
                let to: Vec<_> = to.iter().map(ascii).collect();
                lines.push(format!("letter = open({}, \"rb\").read()", ascii(letter)));
                lines.push(format!("server.sendmail({}, [{}], letter)", ascii(from), to.join(", ")));
            }
            (Some((from, to)), None) => {
                lines.push(format!("server.mail({})", ascii(from)));
                lines.extend(to.iter().map(|to| format!("server.rcpt({})", ascii(to))));
            }
            (None, _) => {}
        }
        lines.push("server.quit()".into());
        format!("{}python3 -c {}", self.aside("smtplib", PYTHON), quoted(&lines.join("\n")))
    }

    /// A remark if a program does not have the mechanism of the login.
    fn aside(&self, program: &str, known: &[&str]) -> String {
        match &self.login {
            Some((mechanism, _)) if !known.contains(&mechanism.as_str()) => {
                format!("# {program} may not have {mechanism}, and takes another mechanism then.\n")
            }
            _ => String::new(),
        }
    }
}

/// Sender and recipients; nothing if no recipient was named.
fn addresses(envelope: &Envelope) -> Option<(String, Vec<String>)> {
    let from = envelope.reverse_path.as_deref().map(plain).unwrap_or_default();
    let to: Vec<_> = envelope.recipients.iter().map(|recipient| plain(&recipient.path)).collect();
    (!to.is_empty()).then_some((from, to))
}

/// How the client named itself.
fn hello(session: &Session) -> String {
    let hello = |verb| matches!(verb, Some(Verb::Ehlo | Verb::Helo | Verb::Lhlo));
    let found = session.dialogue().exchanges().iter().find(|exchange| hello(exchange.verb()));
    let line = found.and_then(|exchange| exchange.command).map(|span| session.tape().bytes(span)).unwrap_or_default();
    plain(Command::parse(&line).argument)
}

/// How somebody logged in within these rows, and who: the lines of the login that can be read say it.
pub(super) fn login(session: &Session, mut rows: Range<usize>) -> Option<(String, String)> {
    let (dialogue, tape) = (session.dialogue(), session.tape());
    rows.find_map(|row| {
        let decoded = dialogue.decoded(tape, RowId(u32::try_from(row).ok()?))?;
        let user = decoded.meaning.pieces().find(|piece| piece.what == What::User)?.text?;
        Some((decoded.mechanism.name().to_owned(), user.into_string()))
    })
}

fn option(call: &mut String, name: &str, value: &str) {
    if !value.is_empty() {
        let _ = write!(call, " {name} {}", quoted(value));
    }
}

/// A word for the shell (POSIX §2.2.2): between single quotes everything means itself but a single quote.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A host as a URL has it: an IPv6 address in brackets.
fn bare(host: &str) -> String {
    if host.parse::<std::net::Ipv6Addr>().is_ok() { format!("[{host}]") } else { host.to_owned() }
}

/// A part of a URL (RFC 3986 §2.1): an address in brackets would be a range for curl.
fn encoded(part: &str) -> String {
    let unreserved = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~".contains(&octet);
    part.bytes().fold(String::new(), |mut out, octet| {
        let _ = if unreserved(octet) { write!(out, "{}", char::from(octet)) } else { write!(out, "%{octet:02X}") };
        out
    })
}

fn plain(octets: &[u8]) -> String {
    safe::plain(octets).into_string()
}
