//! A capture for Wireshark: what was said, in TCP segments of our own making with right sequence numbers and checksums.
//!
//! ```text
//! Section Header Block · Interface Description Block · Enhanced Packet Blocks      draft-ietf-opsawg-pcapng §4
//! Ethernet II · IPv4 (RFC 791) or IPv6 (RFC 8200) · TCP (RFC 9293) · octets
//! ```
//!
//! Each packet has our note as its comment. The ports are ones that Wireshark takes for SMTP, whatever they were. What was
//! said inside TLS stands in plain text in a second connection, or Wireshark would take it for TLS records.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::page::Page;
use crate::ports::net::SessionId;
use crate::record::line::Line;
use crate::record::player::Clock;
use crate::record::reader::Recording;
use crate::session::Session;
use crate::tape::mark::Mark;
use crate::tape::told::Means;
use crate::tape::{Moment, Side};

/// Octets of one segment.
const SEGMENT: usize = 1400;
const SYN: u8 = 0x02;
const ACK: u8 = 0x10;
const PUSH: u8 = 0x08;
const FIN: u8 = 0x01;

/// The recording as a capture.
pub fn print(recording: &Recording, page: &Page) -> Vec<u8> {
    let mut file = File::begin();
    let mut clock = Clock::default();
    let mut lines: BTreeMap<SessionId, Vec<(Moment, &Line)>> = BTreeMap::new();
    for line in &recording.lines {
        let at = clock.time(line);
        if let Some(id) = line.session() {
            lines.entry(id).or_default().push((at, line));
        }
    }
    let micros = u64::try_from(recording.header.began.as_microsecond()).unwrap_or_default();
    for session in page.model.sessions() {
        let lines = lines.remove(&session.id).unwrap_or_default();
        Flow::new(session, micros).play(&lines, Notes::of(session, page), &mut file);
    }
    file.octets
}

/// One end of a connection, and what it sends next.
#[derive(Clone, Copy)]
struct End {
    at: SocketAddr,
    next: u32,
}

/// What is said of the lines of each side, client and server, by the octet at which a line begins.
struct Notes {
    left: [VecDeque<(u64, String)>; 2],
    /// Octets that went by.
    gone: [u64; 2],
}

impl Notes {
    fn of(session: &Session, page: &Page) -> Self {
        let mut left = [VecDeque::new(), VecDeque::new()];
        for (row, line) in session.dialogue().rows().iter().zip(page.lines(session)) {
            if let Some(span) = row.span().filter(|_| !line.note.is_empty()) {
                let [client, server] = &mut left;
                (if span.side == Side::Client { client } else { server }).push_back((span.start, line.note));
            }
        }
        Self { left, gone: [0; 2] }
    }

    /// What is said of the lines that begin within the next octets of a side.
    fn of_next(&mut self, side: Side, octets: u64) -> String {
        let ([client, server], [of_client, of_server]) = (&mut self.left, &mut self.gone);
        let (left, gone) = if side == Side::Client { (client, of_client) } else { (server, of_server) };
        *gone = gone.saturating_add(octets);
        let mut notes = Vec::new();
        while let Some((_, note)) = left.pop_front_if(|(start, _)| *start < *gone) {
            notes.push(note);
        }
        notes.join("; ")
    }
}

/// A connection of one session.
struct Flow {
    client: End,
    server: End,
    /// Microseconds since 1970 when the recording began.
    began: u64,
    open: bool,
}

impl Flow {
    fn new(session: &Session, began: u64) -> Self {
        let opened = session.opened();
        let peer = opened.and_then(|opened| opened.peer.inet());
        let server = peer.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, session.target.port).into());
        // Port 465 would be taken for TLS, and most others for nothing.
        let port = if matches!(server.port(), 465 | 587) { 587 } else { 25 };
        let own = match server.ip() {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
        };
        let local = opened.and_then(|opened| opened.local).filter(|local| local.is_ipv4() == server.is_ipv4());
        let client = local.map_or(own, |local| local.ip());
        let first = 40_000 + u16::try_from(session.id.0 % 10_000).unwrap_or(0) * 2;
        let client = End { at: (client, local.map_or(first, |local| local.port())).into(), next: 1000 };
        Self { client, server: End { at: (server.ip(), port).into(), next: 9000 }, began, open: false }
    }

    fn play(&mut self, lines: &[(Moment, &Line)], mut notes: Notes, file: &mut File) {
        for &(at, line) in lines {
            match line {
                Line::Bytes(bytes) => {
                    let Some(octets) = bytes.octets() else { continue };
                    self.begin(at, file);
                    let comment = notes.of_next(bytes.side, octets.len() as u64);
                    for (place, piece) in octets.chunks(SEGMENT).enumerate() {
                        self.send(bytes.side, at, PUSH | ACK, piece, if place == 0 { &comment } else { "" }, file);
                    }
                }
                Line::Elided { side, octets, .. } => drop(notes.of_next(*side, *octets)),
                Line::Mark { mark: Mark::Opened(_), .. } => self.begin(at, file),
                Line::Mark { mark: Mark::TlsReady(_), .. } if self.open => self.encrypted(at, file),
                Line::Mark { mark: Mark::Closed(closed), .. } => self.end(closed.by, at, "", file),
                Line::Mark { mark: Mark::Told(told), .. } => match told.means {
                    Means::Opened { .. } => self.begin(at, file),
                    Means::Secured { .. } if self.open => self.encrypted(at, file),
                    Means::Closed { by } => self.end(by, at, "", file),
                    _ => {}
                },
                _ => {}
            }
        }
    }

    /// The three packets that open a connection (RFC 9293).
    fn begin(&mut self, at: Moment, file: &mut File) {
        if std::mem::replace(&mut self.open, true) {
            return;
        }
        self.send(Side::Client, at, SYN, b"", "", file);
        self.send(Side::Server, at, SYN | ACK, b"", "", file);
        self.send(Side::Client, at, ACK, b"", "", file);
    }

    /// What was said inside TLS follows in a connection of its own.
    fn encrypted(&mut self, at: Moment, file: &mut File) {
        self.end(
            Side::Client,
            at,
            "What follows was said inside TLS; it stands in plain text in the next connection.",
            file,
        );
        self.client.at.set_port(self.client.at.port().wrapping_add(1));
        self.begin(at, file);
    }

    fn end(&mut self, by: Side, at: Moment, comment: &str, file: &mut File) {
        if std::mem::replace(&mut self.open, false) {
            self.send(by, at, FIN | ACK, b"", comment, file);
            self.send(by.other(), at, FIN | ACK, b"", "", file);
            self.send(by, at, ACK, b"", "", file);
        }
    }

    fn send(&mut self, side: Side, at: Moment, flags: u8, octets: &[u8], comment: &str, file: &mut File) {
        let (from, to) = match side {
            Side::Client => (&mut self.client, self.server),
            Side::Server => (&mut self.server, self.client),
        };
        let acknowledged = if flags & ACK == 0 { 0 } else { to.next };
        let segment = Segment { from: from.at, to: to.at, number: from.next, acknowledged, flags, octets };
        let counted = u32::try_from(octets.len()).unwrap_or_default() + u32::from(flags & (SYN | FIN) != 0);
        from.next = from.next.wrapping_add(counted);
        file.packet(self.began.saturating_add(at.micros()), &segment.frame(side), comment);
    }
}

/// A TCP segment.
struct Segment<'a> {
    from: SocketAddr,
    to: SocketAddr,
    number: u32,
    acknowledged: u32,
    flags: u8,
    octets: &'a [u8],
}

impl Segment<'_> {
    /// It in IP in Ethernet.
    fn frame(&self, side: Side) -> Vec<u8> {
        // Addresses that nobody administers globally (IEEE 802).
        let (client, server) = ([2, 0, 0, 0, 0, 1_u8], [2, 0, 0, 0, 0, 2_u8]);
        let (from, to) = if side == Side::Client { (client, server) } else { (server, client) };
        match (self.from.ip(), self.to.ip()) {
            (IpAddr::V4(source), IpAddr::V4(target)) => {
                let tcp = self.tcp(&[source.octets(), target.octets()].concat());
                [&to[..], &from, &[0x08, 0x00], &v4(source, target, &tcp), &tcp].concat()
            }
            (source, target) => {
                let (source, target) = (v6_of(source), v6_of(target));
                let tcp = self.tcp(&[source.octets(), target.octets()].concat());
                [&to[..], &from, &[0x86, 0xdd], &v6(source, target, &tcp), &tcp].concat()
            }
        }
    }

    /// Header and octets; the checksum covers the addresses too (RFC 9293).
    fn tcp(&self, addresses: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(20 + self.octets.len());
        out.extend(self.from.port().to_be_bytes());
        out.extend(self.to.port().to_be_bytes());
        out.extend(self.number.to_be_bytes());
        out.extend(self.acknowledged.to_be_bytes());
        out.extend([0x50, self.flags, 0xff, 0xff, 0, 0, 0, 0]);
        out.extend(self.octets);
        let length = u32::try_from(out.len()).unwrap_or_default();
        let sum = checksum(&[addresses, &length.to_be_bytes(), &[0, 0, 0, 6], &out].concat());
        put(&mut out, 16, sum);
        out
    }
}

fn v4(source: Ipv4Addr, target: Ipv4Addr, tcp: &[u8]) -> Vec<u8> {
    let length = u16::try_from(20 + tcp.len()).unwrap_or(u16::MAX).to_be_bytes();
    let mut header =
        [&[0x45, 0][..], &length, &[0, 0, 0x40, 0, 64, 6, 0, 0], &source.octets(), &target.octets()].concat();
    let sum = checksum(&header);
    put(&mut header, 10, sum);
    header
}

fn v6(source: Ipv6Addr, target: Ipv6Addr, tcp: &[u8]) -> Vec<u8> {
    let length = u16::try_from(tcp.len()).unwrap_or(u16::MAX).to_be_bytes();
    [&[0x60, 0, 0, 0][..], &length, &[6, 64], &source.octets(), &target.octets()].concat()
}

fn v6_of(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    }
}

/// The Internet checksum (RFC 1071).
fn checksum(octets: &[u8]) -> u16 {
    let words = octets.chunks(2).map(|pair| match pair {
        [high, low] => u32::from(u16::from_be_bytes([*high, *low])),
        [high] => u32::from(*high) << 8,
        _ => 0,
    });
    let mut sum: u32 = words.fold(0, |sum, word| {
        let sum = sum + word;
        (sum & 0xffff) + (sum >> 16)
    });
    sum = (sum & 0xffff) + (sum >> 16);
    !u16::try_from(sum & 0xffff).unwrap_or_default()
}

fn put(out: &mut [u8], at: usize, value: u16) {
    if let Some(place) = out.get_mut(at..at + 2) {
        place.copy_from_slice(&value.to_be_bytes());
    }
}

/// The file, block by block.
struct File {
    octets: Vec<u8>,
}

impl File {
    fn begin() -> Self {
        let mut file = Self { octets: Vec::new() };
        let program = options(&[(4, format!("ehlo {}", env!("CARGO_PKG_VERSION")).as_bytes())]);
        // Byte order, version 1.0, and a section of unknown length.
        let header = [&0x1a2b_3c4d_u32.to_le_bytes()[..], &[1, 0, 0, 0], &[0xff; 8], &program].concat();
        file.block(0x0a0d_0d0a, &header);
        // Ethernet, and packets of any length.
        file.block(1, &[1, 0, 0, 0, 0, 0, 0, 0]);
        file
    }

    fn packet(&mut self, micros: u64, frame: &[u8], comment: &str) {
        // The upper half of the time comes first (§4.3).
        let (upper, lower) =
            (u32::try_from(micros >> 32).unwrap_or_default(), u32::try_from(micros & 0xffff_ffff).unwrap_or_default());
        let length = u32::try_from(frame.len()).unwrap_or_default().to_le_bytes();
        let mut body =
            [&[0, 0, 0, 0][..], &upper.to_le_bytes(), &lower.to_le_bytes(), &length, &length, frame].concat();
        pad(&mut body);
        if !comment.is_empty() {
            body.extend(options(&[(1, comment.as_bytes())]));
        }
        self.block(6, &body);
    }

    fn block(&mut self, kind: u32, body: &[u8]) {
        let length = u32::try_from(body.len() + 12).unwrap_or_default().to_le_bytes();
        self.octets.extend(kind.to_le_bytes());
        self.octets.extend(length);
        self.octets.extend(body);
        self.octets.extend(length);
    }
}

/// Options with the one that ends them.
fn options(options: &[(u16, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (code, value) in options {
        let value = value.get(..value.len().min(usize::from(u16::MAX))).unwrap_or_default();
        out.extend(code.to_le_bytes());
        out.extend(u16::try_from(value.len()).unwrap_or_default().to_le_bytes());
        out.extend(value);
        pad(&mut out);
    }
    out.extend([0; 4]);
    out
}

/// Blocks and options end at multiples of four octets.
fn pad(out: &mut Vec<u8>) {
    out.resize(out.len().next_multiple_of(4), 0);
}
