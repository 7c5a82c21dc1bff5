//! What a fault does with one reply.

use std::time::Duration;

use serde::Deserialize;

use crate::engine::server::Said;

use super::super::authority::Doubt;
use super::{Fault, Spoilt, Step};

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// The reply comes late.
    Delay,
    /// The reply comes octet by octet.
    SplitBytes,
    /// The reply waits for the next one and comes in one write with it.
    Coalesce,
    /// Half of the reply comes, then the end of the connection.
    Truncate,
    /// The connection is closed instead.
    Close,
    /// The connection is dropped instead.
    Reset,
    /// The reply has another code.
    WrongCode,
    /// The reply does not come.
    DropReply,
    /// A reply too many comes with it.
    ExtraReply,
    /// 421 comes behind it, and the end of the connection (RFC 5321 §3.8).
    #[serde(rename = "unsolicited-421")]
    Unsolicited421,
    /// Its lines end with LF alone.
    BareLf,
    /// Its lines end with CR CR LF.
    CrCrLf,
    /// Its lines have different codes.
    MixedCodes,
    /// Its lines have a code and nothing else.
    NoText,
    /// Its lines are longer than 512 octets.
    OverlongLine,
    /// Its text has octets that are no UTF-8.
    EightBit,
    /// Its text has a NUL.
    Nul,
    /// Plain text comes behind it in the same write, as if it were encrypted later (RFC 3207 §4.2).
    #[serde(rename = "inject-after-220")]
    InjectAfter220,
    /// STARTTLS is not offered.
    #[serde(rename = "strip-starttls")]
    StripStartTls,
    /// TLS is refused with an alert.
    TlsAlert,
    /// The certificate is over.
    ExpiredCert,
    /// The certificate names another host.
    WrongName,
    /// The certificate is vouched for by nobody.
    SelfSigned,
    /// No TLS above version 1.2 is spoken.
    TlsVersionCap,
    /// After 354 nothing more is said.
    #[serde(rename = "stall-after-354")]
    StallAfter354,
    /// Fewer octets of a chunk are confirmed than came.
    BdatShort,
    /// A recipient's verdict is missing (LMTP).
    LmtpTooFew,
    /// There is a verdict too many (LMTP).
    LmtpTooMany,
}

/// Octets of a line that is too long.
const OVERLONG: usize = 2000;
/// Between two octets of a reply that comes in pieces.
const PIECE: Duration = Duration::from_millis(20);

impl Deed {
    /// What it makes of TLS.
    pub(super) const fn spoilt(self) -> Option<Spoilt> {
        Some(match self {
            Self::TlsAlert => Spoilt::Alert,
            Self::TlsVersionCap => Spoilt::Old,
            Self::ExpiredCert => Spoilt::Certificate(Doubt::Expired),
            Self::WrongName => Spoilt::Certificate(Doubt::WrongName),
            Self::SelfSigned => Spoilt::Certificate(Doubt::SelfSigned),
            _ => return None,
        })
    }

    /// True if it meets single replies.
    pub(super) const fn is_for_replies(self) -> bool {
        let elsewhere = matches!(self, Self::StripStartTls | Self::LmtpTooFew | Self::LmtpTooMany);
        self.spoilt().is_none() && !elsewhere
    }
}

/// Does it to a reply, behind `held` ones. Gives what is held from now on, and whether nothing more is said.
pub(super) fn act(fault: &Fault, mut held: Vec<u8>, said: &Said, steps: &mut Vec<Step>) -> (Vec<u8>, bool) {
    let octets = said.octets.as_slice();
    let write = |octets: &[u8], held: &mut Vec<u8>| Step::Write([&std::mem::take(held)[..], octets].concat());
    match fault.does {
        Deed::Coalesce => return ([held, octets.to_vec()].concat(), false),
        Deed::Delay => {
            steps.extend([Step::Wait(Duration::from_secs(fault.seconds)), write(octets, &mut held)]);
        }
        Deed::SplitBytes => {
            for octet in [&held[..], octets].concat() {
                steps.extend([Step::Write(vec![octet]), Step::Wait(PIECE)]);
            }
            held.clear();
        }
        Deed::Truncate => {
            let half = octets.get(..octets.len() / 2).unwrap_or_default();
            steps.extend([write(half, &mut held), Step::Close]);
        }
        Deed::Close => steps.push(Step::Close),
        Deed::Reset => steps.push(Step::Reset),
        Deed::DropReply => {}
        Deed::Unsolicited421 => {
            let both = [octets, b"421 4.3.2 Closing for no reason of yours\r\n"].concat();
            steps.extend([write(&both, &mut held), Step::Close]);
        }
        Deed::StallAfter354 => {
            steps.push(write(octets, &mut held));
            return (held, octets.starts_with(b"354"));
        }
        deed => steps.push(write(&changed(deed, fault, octets), &mut held)),
    }
    (held, false)
}

/// The octets of a reply as a fault makes them.
fn changed(deed: Deed, fault: &Fault, octets: &[u8]) -> Vec<u8> {
    let lines = octets.split_inclusive(|octet| *octet == b'\n').map(|line| line.strip_suffix(b"\r\n").unwrap_or(line));
    let lines: Vec<&[u8]> = lines.collect();
    let each = |change: &dyn Fn(&[u8]) -> Vec<u8>, end: &[u8]| -> Vec<u8> {
        lines.iter().flat_map(|line| [&change(line)[..], end].concat()).collect()
    };
    let behind = |text: &'static [u8]| [octets, text].concat();
    let as_it_is = |line: &[u8]| line.to_vec();
    match deed {
        Deed::WrongCode => each(&|line| recoded(fault.code, line), b"\r\n"),
        Deed::ExtraReply => behind(b"250 2.0.0 One reply too many\r\n"),
        Deed::InjectAfter220 => behind(b"250-mx.evil.test\r\n250 AUTH PLAIN LOGIN\r\n"),
        Deed::BareLf => each(&as_it_is, b"\n"),
        Deed::CrCrLf => each(&as_it_is, b"\r\r\n"),
        Deed::MixedCodes => {
            let other: &[u8] = if octets.starts_with(b"2") { b"550-" } else { b"250-" };
            [other, b"This line has another code\r\n", octets].concat()
        }
        Deed::NoText => each(&|line| line.get(..3).unwrap_or(line).to_vec(), b"\r\n"),
        Deed::OverlongLine => each(&|line| [line, &b"x".repeat(OVERLONG)].concat(), b"\r\n"),
        Deed::EightBit => each(&|line| [line, b" \xe9\x80\x9b"].concat(), b"\r\n"),
        Deed::Nul => each(&|line| [line, b"\0"].concat(), b"\r\n"),
        Deed::BdatShort => shortened(octets),
        _ => octets.to_vec(),
    }
}

/// A line with another code, and without the enhanced code that went with its own.
fn recoded(code: u16, line: &[u8]) -> Vec<u8> {
    let (mark, text) = line.get(3..).and_then(|rest| rest.split_at_checked(1)).unwrap_or((b" ", b""));
    let status = crate::smtp::status::Status::find(text).map_or(0, |found| found.len);
    [code.to_string().as_bytes(), mark, text.get(status..).unwrap_or(text).trim_ascii_start()].concat()
}

/// The confirmation of a chunk with one octet less.
fn shortened(octets: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(octets) else { return octets.to_vec() };
    let words: Vec<String> = text
        .split(' ')
        .map(|word| if let Ok(count @ 1..) = word.parse::<u64>() { (count - 1).to_string() } else { word.to_owned() })
        .collect();
    match words.split_first() {
        // The code is a number too.
        Some((_, rest)) => [text.split(' ').next().unwrap_or_default(), &rest.join(" ")].join(" ").into_bytes(),
        None => octets.to_vec(),
    }
}
