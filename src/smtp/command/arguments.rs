//! The arguments of a command: what it asks for, taken from its octets or put into them.
//!
//! ```abnf
//! ehlo     = "EHLO" SP ( Domain / address-literal ) CRLF                      ; RFC 5321 §4.1.1.1
//! mail     = "MAIL FROM:" Reverse-path [ SP Mail-parameters ] CRLF            ; RFC 5321 §4.1.1.2
//! rcpt     = "RCPT TO:" Forward-path [ SP Rcpt-parameters ] CRLF              ; RFC 5321 §4.1.1.3
//! auth     = "AUTH" SP sasl-mech [ SP initial-response ] CRLF                 ; RFC 4954 §8
//! vrfy     = "VRFY" SP String CRLF
//! ```

use std::ops::Range;

use super::super::bdat::Chunk;
use super::super::flaw::{Flaw, FlawKind};
use super::super::params::{self, Param};
use super::super::path::{self, Domain, ForwardPath, ReversePath};
use super::{Command, Verb};

/// What a command asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arguments {
    /// Nothing stands behind the verb.
    None,
    /// How the client names itself, in EHLO, HELO and LHLO.
    Hello(Domain),
    /// MAIL and its obsolete sisters.
    MailFrom {
        /// Where reports go.
        path: ReversePath,
        /// Parameters in order.
        params: Vec<Param>,
    },
    /// RCPT.
    RcptTo {
        /// A recipient.
        path: ForwardPath,
        /// Parameters in order.
        params: Vec<Param>,
    },
    /// AUTH. The initial response is a secret.
    Auth {
        /// The mechanism as it was written.
        mechanism: Vec<u8>,
        /// The initial response, still encoded; `=` is an empty one.
        initial: Option<Vec<u8>>,
    },
    /// BDAT.
    Bdat(Chunk),
    /// Anything else, as it was written.
    Text(Vec<u8>),
}

impl Arguments {
    /// The parameters of MAIL or RCPT.
    pub fn params(&self) -> &[Param] {
        match self {
            Self::MailFrom { params, .. } | Self::RcptTo { params, .. } => params,
            _ => &[],
        }
    }

    /// The command line with this verb, CR LF included.
    pub fn encode(&self, verb: Verb) -> Vec<u8> {
        let mut line = verb.name().as_bytes().to_vec();
        let argument = match self {
            Self::None => Vec::new(),
            Self::Hello(domain) => domain.encode(),
            Self::MailFrom { path, params } => with_params(&[b"FROM:", &path.encode()[..]].concat(), params),
            Self::RcptTo { path, params } => with_params(&[b"TO:", &path.encode()[..]].concat(), params),
            Self::Auth { mechanism, initial: None } => mechanism.clone(),
            Self::Auth { mechanism, initial: Some(initial) } => [mechanism, &b" "[..], initial].concat(),
            Self::Bdat(chunk) => chunk.encode().into_bytes(),
            Self::Text(text) => text.clone(),
        };
        if !argument.is_empty() {
            line.push(b' ');
            line.extend(argument);
        }
        line.extend_from_slice(b"\r\n");
        line
    }
}

fn with_params(path: &[u8], params: &[Param]) -> Vec<u8> {
    let params = params.iter().flat_map(|param| [b" ".to_vec(), param.encode()]);
    [path.to_vec()].into_iter().chain(params).collect::<Vec<_>>().concat()
}

/// Reads the arguments of a command and adds what is odd about them.
pub(super) fn read(command: &Command<'_>, flaws: &mut Vec<Flaw>) -> Arguments {
    let mut reader = Reader { command, flaws };
    match command.verb {
        Verb::Ehlo | Verb::Helo | Verb::Lhlo => reader.hello(),
        Verb::Mail | Verb::Send | Verb::Soml | Verb::Saml => reader.mail(),
        Verb::Rcpt => reader.rcpt(),
        Verb::Auth => reader.auth(),
        Verb::Bdat => reader.bdat(),
        Verb::Data | Verb::Rset | Verb::Quit | Verb::StartTls | Verb::Turn => reader.nothing(),
        Verb::Vrfy | Verb::Expn | Verb::Etrn | Verb::Burl => reader.something(),
        Verb::Noop | Verb::Help | Verb::Atrn | Verb::Xclient | Verb::Xforward | Verb::Other => reader.text(),
    }
}

/// The parameters of MAIL or RCPT as they stand behind the path, not taken apart.
pub(super) fn params<'a>(command: &'a Command<'_>) -> Option<&'a [u8]> {
    let label = match command.verb {
        Verb::Mail | Verb::Send | Verb::Soml | Verb::Saml => &b"FROM"[..],
        Verb::Rcpt => b"TO",
        _ => return None,
    };
    let mut reader = Reader { command, flaws: &mut Vec::new() };
    let behind = reader.label(label)?;
    let path = reader.tail(behind);
    path.get(path::len(path)..)
}

struct Reader<'a, 'f> {
    command: &'a Command<'a>,
    flaws: &'f mut Vec<Flaw>,
}

impl<'a> Reader<'a, '_> {
    fn hello(&mut self) -> Arguments {
        let argument = self.command.argument;
        if argument.is_empty() {
            return self.missing();
        }
        let domain = Domain::parse(argument).0;
        if !path::is_hello_name(argument) {
            self.flaw(FlawKind::HelloName, 0..argument.len());
        }
        Arguments::Hello(domain)
    }

    fn mail(&mut self) -> Arguments {
        let Some(at) = self.label(b"FROM") else { return self.unlabelled() };
        let read = path::reverse(self.tail(at));
        let params = self.params(at, read.len, read.flaws);
        let written = self.tail(at).get(..read.len).unwrap_or_default();
        let foreign = matches!(read.path, ReversePath::Path(_)) && !written.is_ascii();
        if foreign && params::find(&params, "SMTPUTF8").is_none() {
            self.flaw(FlawKind::AddressUtf8, at..at + read.len);
        }
        Arguments::MailFrom { path: read.path, params }
    }

    fn rcpt(&mut self) -> Arguments {
        let Some(at) = self.label(b"TO") else { return self.unlabelled() };
        let read = path::forward(self.tail(at));
        let params = self.params(at, read.len, read.flaws);
        Arguments::RcptTo { path: read.path, params }
    }

    /// The parameters behind a path that lies `at` octets into the argument; lifts the flaws of both.
    fn params(&mut self, at: usize, len: usize, path_flaws: Vec<Flaw>) -> Vec<Param> {
        let rest = self.tail(at + len);
        if !rest.is_empty() && !rest.starts_with(b" ") {
            self.flaw(FlawKind::CommandSyntax, at + len..at + len + 1);
        }
        let (params, flaws) = params::read(self.command.verb, rest);
        let begin = self.command.argument_span.start;
        self.flaws.extend(path_flaws.into_iter().map(|flaw| flaw.moved(begin + at)));
        self.flaws.extend(flaws.into_iter().map(|flaw| flaw.moved(begin + at + len)));
        params
    }

    /// Where the path begins behind `FROM:` or `TO:`; white space around the colon is passed over and flagged.
    fn label(&mut self, word: &[u8]) -> Option<usize> {
        let argument = self.command.argument;
        let (head, rest) = argument.split_at_checked(word.len())?;
        let colon = rest.len() - rest.trim_ascii_start().len();
        let path = rest.trim_ascii_start().strip_prefix(b":").filter(|_| head.eq_ignore_ascii_case(word))?;
        let at = argument.len() - path.trim_ascii_start().len();
        if colon > 0 || at > word.len() + 1 {
            self.flaw(FlawKind::CommandSyntax, word.len()..at);
        }
        Some(at)
    }

    fn auth(&mut self) -> Arguments {
        let argument = self.command.argument;
        if argument.is_empty() {
            return self.missing();
        }
        let mut words = argument.splitn(2, |octet| *octet == b' ');
        let mechanism = words.next().unwrap_or_default().to_vec();
        let initial = words.next().map(|rest| rest.trim_ascii_start().to_vec());
        // sasl-mech = 1*20mech-char: capitals, digits, "-" and "_" (RFC 4422 §3.1); case is taken either way.
        let sound = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
        if mechanism.len() > 20 || !mechanism.iter().all(sound) {
            self.flaw(FlawKind::CommandSyntax, 0..mechanism.len());
        }
        if initial.as_ref().is_some_and(|initial| initial.contains(&b' ')) {
            self.flaw(FlawKind::CommandSyntax, mechanism.len()..argument.len());
        }
        Arguments::Auth { mechanism, initial }
    }

    fn bdat(&mut self) -> Arguments {
        match Chunk::parse(self.command.argument) {
            Some(chunk) => Arguments::Bdat(chunk),
            None => self.unlabelled(),
        }
    }

    /// Commands without arguments.
    fn nothing(&mut self) -> Arguments {
        let argument = self.command.argument;
        if !argument.is_empty() {
            self.flaw(FlawKind::CommandSyntax, 0..argument.len());
        }
        self.text()
    }

    /// Commands that need an argument whose form is their own.
    fn something(&mut self) -> Arguments {
        if self.command.argument.is_empty() { self.missing() } else { self.text() }
    }

    fn text(&self) -> Arguments {
        match self.command.argument {
            b"" => Arguments::None,
            text => Arguments::Text(text.to_vec()),
        }
    }

    /// The argument is not what the verb needs; it is kept as it was written.
    fn unlabelled(&mut self) -> Arguments {
        if self.command.argument.is_empty() {
            return self.missing();
        }
        self.flaw(FlawKind::CommandSyntax, 0..self.command.argument.len());
        self.text()
    }

    fn missing(&mut self) -> Arguments {
        self.flaws.push(Flaw::new(FlawKind::CommandSyntax, self.command.verb_span.clone()));
        Arguments::None
    }

    fn tail(&self, at: usize) -> &'a [u8] {
        self.command.argument.get(at..).unwrap_or_default()
    }

    /// Adds a flaw at octets of the argument.
    fn flaw(&mut self, kind: FlawKind, span: Range<usize>) {
        self.flaws.push(Flaw::new(kind, span).moved(self.command.argument_span.start));
    }
}
