//! Dialogues with the server engine: `->` is a line the client sends, `<-` what the reply must begin with.
//!
//! In what is sent, `\r`, `\n`, `\t`, `\0` and `\s` (a space) stand for themselves, and CR LF is added; behind `=>` it
//! is not, so that several lines can be one segment.

mod chunk;
mod envelope;
mod extensions;
mod letter;
mod lines;
mod lmtp;
mod login;
mod policy;
mod properties;
mod session;
mod tls;

use crate::smtp::limits::LabLimits;

use super::config::BareLf;
use super::reply::Reply;
use super::*;

/// A host on which `pat@harbor.test` and any postmaster have a mailbox, and `mina` may sign in with `sunflower`.
fn decide(ask: &Ask) -> Decision {
    let no = |text| Decision::Say(Reply::read(text).expect("a reply"));
    match ask {
        Ask::Hello { name, .. } if name == b"unwelcome.test" => no("550 5.7.1 Not you"),
        Ask::Mail { path, .. } if sender(path) == "unwelcome@you.test" => no("550 5.7.1 Not you"),
        Ask::Rcpt(recipient) if recipient.path.mailbox().is_none_or(|mailbox| is_open(&mailbox.encode())) => {
            Decision::Accept
        }
        Ask::Rcpt(recipient) if recipient.path.encode().starts_with(b"<m") => {
            no("551 5.1.6 User not local; please try <zoë@bücher.test>")
        }
        Ask::Rcpt(_) => no("550 5.1.1 No such user here"),
        Ask::Verify(text) if text == "zoë".as_bytes() || text == b"zoe" => no("250 2.1.5 Zoë <zoë@bücher.test>"),
        Ask::Verify(text) if text == b"pat" => no("250 2.1.5 Pat Harbor <pat@harbor.test>"),
        Ask::Verify(text) if text == b"moved" => no("251 2.1.5 User not local <pat@alumni.test>"),
        Ask::Verify(text) if text == b"nobody" => no("550 5.1.1 No such user here"),
        Ask::Login(login) if login.user != b"mina" => no("535 5.7.8 Wrong"),
        Ask::Login(login) => login.check(b"sunflower").unwrap_or_else(|| no("535 5.7.8 Wrong")),
        Ask::Letter(letter) if letter.protocol.dialect == Dialect::Lmtp => Decision::Each(
            letter
                .envelope
                .recipients
                .iter()
                .map(|recipient| match recipient.path.encode().as_slice() {
                    b"<x@harbor.test>" => no("452 4.2.2 <x@harbor.test> is full"),
                    _ => Decision::Accept,
                })
                .collect(),
        ),
        Ask::Letter(letter) if letter.content.starts_with(b"Subject: unwanted") => no("554 5.7.1 Not wanted"),
        _ => Decision::Accept,
    }
}

/// Anybody called pat, whatever the domain and the case, or called by one letter.
fn is_open(address: &[u8]) -> bool {
    let address = address.to_ascii_lowercase();
    let at = address.iter().rposition(|octet| *octet == b'@').unwrap_or_default();
    let local = address[..at].iter().filter(|octet| !matches!(octet, b'"' | b'\\')).copied().collect::<Vec<_>>();
    [&b"pat"[..], "zoë".as_bytes()].contains(&local.as_slice())
        || local == b"postmaster"
        || local.iter().all(|octet| *octet == b'x')
}

/// A server, and what the host was asked.
struct Talk {
    server: Server,
    asked: Vec<Ask>,
    closed: bool,
}

impl Talk {
    /// A connection; the greeting is read.
    fn with(config: Config) -> Self {
        let mut talk = Self::opened(config);
        talk.settle();
        talk
    }

    fn opened(config: Config) -> Self {
        Self { server: Server::new(config, Moment::START), asked: Vec::new(), closed: false }
    }

    /// Lets the engine go on until it waits for the client; gives what it said.
    fn settle(&mut self) -> String {
        let mut said = Vec::new();
        loop {
            let ask = self.server.poll();
            said.extend_from_slice(self.server.outgoing());
            self.server.wrote(self.server.outgoing().len());
            match &ask {
                Some(Ask::Close) => {
                    said.extend_from_slice(if self.closed { b"" } else { b"(closed)\r\n" });
                    self.closed = true;
                    break;
                }
                Some(Ask::StartTls) => self.server.tls_ready(),
                Some(ask) => self.server.answer(&decide(ask)),
                None => break,
            }
            self.asked.extend(ask);
        }
        String::from_utf8(said).expect("UTF-8")
    }

    /// Sends one segment; gives what came back.
    fn send(&mut self, octets: &[u8]) -> String {
        self.server.receive(octets, Moment::START);
        self.settle()
    }

    fn line(&mut self, line: &str) -> String {
        self.send(format!("{line}\r\n").as_bytes())
    }

    /// An open transaction for pat.
    fn in_transaction(config: Config) -> Self {
        let mut talk = Self::with(config);
        talk.line("EHLO laptop.you.test");
        assert_eq!(talk.line("MAIL FROM:<you@you.test>"), "250 2.1.0 Sender OK\r\n");
        assert_eq!(talk.line("RCPT TO:<pat@harbor.test>"), "250 2.1.5 Recipient OK\r\n");
        talk
    }

    /// The letters that came whole.
    fn letters(&self) -> Vec<&ask::Letter> {
        self.asked.iter().filter_map(|ask| if let Ask::Letter(letter) = ask { Some(letter) } else { None }).collect()
    }
}

fn talk(config: Config, script: &str) -> Talk {
    let mut talk = Talk::opened(config);
    let mut said = talk.settle();
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (sign, text) = line.split_at(2);
        let text = text.strip_prefix(' ').unwrap_or(text);
        match sign {
            "->" | "=>" => {
                assert_eq!(said, "", "the client speaks although something was said: {line}");
                let end = if sign == "->" { "\r\n" } else { "" };
                said = talk.send(format!("{}{end}", octets(text)).as_bytes());
            }
            "<-" => {
                let (first, rest) = said.split_once("\r\n").unwrap_or((&said, ""));
                assert!(first.starts_with(text), "wanted {text:?}, got {first:?}");
                said = rest.to_owned();
            }
            _ => panic!("{line:?} is no line of a dialogue"),
        }
    }
    assert_eq!(said, "", "something more was said");
    talk
}

fn octets(text: &str) -> String {
    [("\\r", "\r"), ("\\n", "\n"), ("\\t", "\t"), ("\\0", "\0"), ("\\s", " ")]
        .into_iter()
        .fold(text.to_owned(), |text, (name, octet)| text.replace(name, octet))
}

fn strict() -> Config {
    Config::strict("mx1.harbor.test")
}
