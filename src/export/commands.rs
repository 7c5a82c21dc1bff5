//! Calls of other programs that do what a session did: swaks, curl, `openssl s_client`, and Python's `smtplib`.
//!
//! Every word of a stranger's is quoted for the shell. No secret is in them: each program asks for it.

use std::fmt::Write as _;

use super::page::Page;
use crate::dialogue::envelope::Envelope;
use crate::dialogue::row::RowId;
use crate::events::json::ascii;
use crate::ports::net::Opening;
use crate::safe;
use crate::session::Session;
use crate::smtp::command::{Command, Verb};
use crate::smtp::sasl::client::What;

/// The letter as the export of the letters names it.
const LETTER: &str = "letter-1.eml";

/// What stands in place of a host that a log does not name.
const NO_HOST: &str = "HOST";

/// What a session did, in words that are safe to show.
struct Deed {
    host: String,
    port: u16,
    hello: String,
    from: String,
    to: Vec<String>,
    tls: Tls,
    /// Mechanism and user, if somebody logged in.
    login: Option<(String, String)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tls {
    None,
    Upgrade,
    First,
}

/// The calls, as a text for the shell.
pub fn print(page: &Page) -> String {
    let mut out = String::from("# Each program asks for a password; none is in here.\n");
    for session in page.model.sessions() {
        let deed = Deed::of(session);
        let _ = writeln!(out, "\n# {}", page.heading(session));
        if !deed.to.is_empty() {
            let _ = writeln!(out, "# {LETTER} is written by: ehlo export FILE --format eml -o FOLDER");
        }
        for call in [deed.swaks(), deed.curl(), deed.openssl(), deed.python()] {
            let _ = writeln!(out, "\n{call}");
        }
    }
    out
}

impl Deed {
    fn of(session: &Session) -> Self {
        let (dialogue, target) = (session.dialogue(), &session.target);
        let envelope = dialogue.letters().first().map_or_else(|| dialogue.envelope(), |letter| &letter.envelope);
        let tls = match (dialogue.is_secured(), target.opening) {
            (false, _) => Tls::None,
            (true, Opening::ImplicitTls) => Tls::First,
            (true, _) => Tls::Upgrade,
        };
        let (from, to) = addresses(envelope);
        Self {
            host: if target.host.is_empty() { NO_HOST.to_owned() } else { plain(target.host.as_bytes()) },
            // What servers use among each other, where a log does not tell.
            port: if target.port == 0 { 25 } else { target.port },
            hello: hello(session),
            from,
            to,
            tls,
            login: login(session),
        }
    }

    fn swaks(&self) -> String {
        let mut call = format!("swaks --server {} --port {}", quoted(&self.host), self.port);
        option(&mut call, "--ehlo", &self.hello);
        call.push_str(match self.tls {
            Tls::None => "",
            Tls::Upgrade => " --tls",
            Tls::First => " --tlsc",
        });
        if let Some((mechanism, user)) = &self.login {
            option(&mut call, "--auth", mechanism);
            option(&mut call, "--auth-user", user);
        }
        if self.to.is_empty() {
            return call + " --quit-after EHLO";
        }
        let _ = write!(call, " --from {} --to {}", quoted(&self.from), quoted(&self.to.join(",")));
        call + " --data @" + LETTER
    }

    fn curl(&self) -> String {
        let scheme = if self.tls == Tls::First { "smtps" } else { "smtp" };
        let mut call =
            format!("curl --url {}", quoted(&format!("{scheme}://{}:{}/{}", bare(&self.host), self.port, self.hello)));
        if self.tls == Tls::Upgrade {
            call.push_str(" --ssl-reqd");
        }
        if let Some((mechanism, user)) = &self.login {
            option(&mut call, "--login-options", &format!("AUTH={mechanism}"));
            option(&mut call, "--user", user);
        }
        if self.to.is_empty() {
            return call + " --request NOOP";
        }
        option(&mut call, "--mail-from", &self.from);
        for to in &self.to {
            option(&mut call, "--mail-rcpt", to);
        }
        call + " --crlf --upload-file " + LETTER
    }

    fn openssl(&self) -> String {
        let upgrade = if self.tls == Tls::First { "" } else { " -starttls smtp" };
        let name = if self.host.parse::<std::net::IpAddr>().is_ok() {
            String::new()
        } else {
            format!(" -servername {}", quoted(&self.host))
        };
        let note = if self.tls == Tls::None { "# The session was in plain text; this one is not.\n" } else { "" };
        format!(
            "{note}openssl s_client -connect {}{upgrade}{name} -crlf -quiet",
            quoted(&format!("{}:{}", bare(&self.host), self.port))
        )
    }

    fn python(&self) -> String {
        let class = if self.tls == Tls::First { "SMTP_SSL" } else { "SMTP" };
        let hello = if self.hello.is_empty() { "None".to_owned() } else { ascii(&self.hello) };
        let mut lines = vec![
            "import getpass, smtplib".to_owned(),
            format!("server = smtplib.{class}({}, {}, local_hostname={hello})", ascii(&bare(&self.host)), self.port),
            "server.set_debuglevel(1)".to_owned(),
            "server.ehlo()".to_owned(),
        ];
        if self.tls == Tls::Upgrade {
            lines.push("server.starttls()".into());
        }
        if let Some((_, user)) = &self.login {
            lines.push(format!("server.login({}, getpass.getpass())", ascii(user)));
        }
        if !self.to.is_empty() {
            let to: Vec<_> = self.to.iter().map(ascii).collect();
            lines.push(format!("letter = open({}, \"rb\").read()", ascii(&LETTER)));
            lines.push(format!("server.sendmail({}, [{}], letter)", ascii(&self.from), to.join(", ")));
        }
        lines.push("server.quit()".into());
        format!("python3 -c {}", quoted(&lines.join("\n")))
    }
}

fn addresses(envelope: &Envelope) -> (String, Vec<String>) {
    let from = envelope.reverse_path.as_deref().map(plain).unwrap_or_default();
    (from, envelope.recipients.iter().map(|recipient| plain(&recipient.path)).collect())
}

/// How the client named itself.
fn hello(session: &Session) -> String {
    let hello = |verb| matches!(verb, Some(Verb::Ehlo | Verb::Helo | Verb::Lhlo));
    let found = session.dialogue().exchanges().iter().find(|exchange| hello(exchange.verb()));
    let line = found.and_then(|exchange| exchange.command).map(|span| session.tape().bytes(span)).unwrap_or_default();
    plain(Command::parse(&line).argument)
}

/// How somebody logged in, and who: the lines of the login that can be read say it.
pub(super) fn login(session: &Session) -> Option<(String, String)> {
    let (dialogue, tape) = (session.dialogue(), session.tape());
    (0..dialogue.rows().len()).find_map(|row| {
        let decoded = dialogue.decoded(tape, RowId(u32::try_from(row).ok()?))?;
        let user = decoded.meaning.pieces().find(|piece| piece.what == What::User)?.text?;
        Some((decoded.mechanism.name().to_owned(), user.into_string()))
    })
}

fn option(call: &mut String, name: &str, value: &str) {
    if !value.is_empty() || name == "--mail-from" {
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

fn plain(octets: &[u8]) -> String {
    safe::plain(octets).into_string()
}
