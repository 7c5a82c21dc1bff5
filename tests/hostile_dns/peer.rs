//! A scripted name server on loopback. Messages are written octet by octet, so that they can be wrong.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use ehlo::dns::{Kind, Name};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinHandle;

/// A record: owner, type, time to live, data.
pub(crate) type Wire = (Vec<Vec<u8>>, u16, u32, Vec<u8>);

/// What the peer does with a question.
pub(crate) enum Reply {
    /// Answers with this response code and these records.
    Message { code: u8, records: Vec<Wire> },
    /// The same with the AD bit set.
    Claimed(Vec<Wire>),
    /// Two forgeries first (another id, another question), then these records.
    Forged(Vec<Wire>),
    /// Sets TC and answers nothing.
    Cut,
    /// Sends octets that are no message, under the right id.
    Garbage,
    /// Closes the TCP connection.
    Hangup,
    /// Says nothing.
    Silence,
}

impl Reply {
    pub(crate) fn of(records: impl IntoIterator<Item = Wire>) -> Self {
        Self::Message { code: 0, records: records.into_iter().collect() }
    }

    pub(crate) fn nothing() -> Self {
        Self::of([])
    }

    pub(crate) fn code(code: u8) -> Self {
        Self::Message { code, records: Vec::new() }
    }
}

/// A question as it came.
pub(crate) struct Asked {
    pub(crate) labels: Vec<Vec<u8>>,
    pub(crate) kind: u16,
    pub(crate) tcp: bool,
    pub(crate) ad: bool,
    pub(crate) edns: bool,
    /// How often the same question came before.
    pub(crate) nth: usize,
    raw: Vec<u8>,
}

impl Asked {
    /// The name without the final dot.
    pub(crate) fn name(&self) -> String {
        name_of(&self.labels)
    }

    /// `harbor.test MX`
    pub(crate) fn key(&self) -> String {
        format!("{} {}", self.name(), Kind(self.kind))
    }

    fn parse(raw: &[u8], tcp: bool) -> Self {
        let (mut at, mut labels) = (12, Vec::new());
        while raw[at] != 0 {
            let length = usize::from(raw[at]);
            labels.push(raw[at + 1..at + 1 + length].to_vec());
            at += 1 + length;
        }
        let kind = u16::from_be_bytes([raw[at + 1], raw[at + 2]]);
        let question = raw[..at + 5].to_vec();
        Self { labels, kind, tcp, ad: raw[3] & 0x20 != 0, edns: raw[11] != 0, nth: 0, raw: question }
    }

    fn message(&self, flags: [u8; 2], records: &[Wire]) -> Vec<u8> {
        let mut out = self.raw.clone();
        out[2] = 0x80 | flags[0] | (self.raw[2] & 1);
        out[3] = 0x80 | flags[1];
        out[6..8].copy_from_slice(&u16::try_from(records.len()).unwrap().to_be_bytes());
        out[8..12].fill(0);
        for (owner, kind, ttl, data) in records {
            out.extend(wire(owner));
            out.extend(kind.to_be_bytes());
            out.extend([0, 1]);
            out.extend(ttl.to_be_bytes());
            out.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
            out.extend(data);
        }
        out
    }

    /// The datagrams of a reply.
    fn datagrams(&self, reply: &Reply) -> Vec<Vec<u8>> {
        match reply {
            Reply::Message { code, records } => vec![self.message([0, *code], records)],
            Reply::Claimed(records) => vec![self.message([0, 0x20], records)],
            Reply::Cut => vec![self.message([2, 0], &[])],
            Reply::Garbage => vec![[&self.raw[..2], &[0xff; 30]].concat()],
            Reply::Hangup | Reply::Silence => Vec::new(),
            Reply::Forged(records) => {
                let evil = a(&self.name(), 60, [203, 0, 113, 66]);
                let mut other_id = self.message([0, 0], std::slice::from_ref(&evil));
                other_id[0] ^= 0xff;
                let mut other_question = self.message([0, 0], &[evil]);
                other_question[13] ^= 0x02;
                vec![other_id, other_question, self.message([0, 0], records)]
            }
        }
    }
}

/// The scripted server; it ends with the value.
pub(crate) struct Peer {
    pub(crate) addr: SocketAddr,
    log: Arc<Mutex<Vec<String>>>,
    tcp: Arc<AtomicUsize>,
    tasks: Vec<JoinHandle<()>>,
}

type Script = Arc<dyn Fn(&Asked) -> Reply + Send + Sync>;

impl Peer {
    /// A server that speaks UDP only.
    pub(crate) async fn start(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::listen(Arc::new(script), false).await
    }

    /// A server that speaks TCP as well.
    pub(crate) async fn with_tcp(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::listen(Arc::new(script), true).await
    }

    async fn listen(script: Script, with_tcp: bool) -> Self {
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let addr = udp.local_addr().unwrap();
        let (log, tcp) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let note = Note { script, log: log.clone(), counts: Arc::default() };
        let mut tasks = vec![tokio::spawn(serve_udp(udp, note.clone()))];
        if with_tcp {
            let listener = TcpListener::bind(addr).await.unwrap();
            tasks.push(tokio::spawn(serve_tcp(listener, note, tcp.clone())));
        }
        Self { addr, log, tcp, tasks }
    }

    /// The questions over UDP, as `harbor.test MX`, without those that belong to the probe for signatures.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    pub(crate) fn tcp_tries(&self) -> usize {
        self.tcp.load(Ordering::SeqCst)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

#[derive(Clone)]
struct Note {
    script: Script,
    log: Arc<Mutex<Vec<String>>>,
    counts: Arc<Mutex<HashMap<String, usize>>>,
}

impl Note {
    fn reply(&self, asked: &mut Asked) -> Reply {
        if asked.labels.is_empty() {
            return Reply::code(5); // the probe for the root's key: this server hands no signatures through
        }
        if !asked.tcp {
            self.log.lock().unwrap().push(asked.key());
        }
        let mut counts = self.counts.lock().unwrap();
        let count = counts.entry(format!("{} {}", asked.key(), asked.tcp)).or_default();
        asked.nth = *count;
        *count += 1;
        drop(counts);
        (self.script)(asked)
    }
}

async fn serve_udp(socket: UdpSocket, note: Note) {
    let mut buffer = [0; 2048];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        let mut asked = Asked::parse(&buffer[..length], false);
        let reply = note.reply(&mut asked);
        for datagram in asked.datagrams(&reply) {
            socket.send_to(&datagram, from).await.unwrap();
        }
    }
}

async fn serve_tcp(listener: TcpListener, note: Note, tries: Arc<AtomicUsize>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut length = [0; 2];
        if stream.read_exact(&mut length).await.is_err() {
            continue;
        }
        let mut raw = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut raw).await.unwrap();
        let mut asked = Asked::parse(&raw, true);
        if !asked.labels.is_empty() {
            tries.fetch_add(1, Ordering::SeqCst);
        }
        let reply = note.reply(&mut asked);
        for message in asked.datagrams(&reply) {
            let length = u16::try_from(message.len()).unwrap().to_be_bytes();
            stream.write_all(&[&length[..], &message].concat()).await.unwrap();
        }
        if !matches!(reply, Reply::Hangup) {
            // the client closes first
            let _ = stream.read(&mut [0; 1]).await;
        }
    }
}

pub(crate) fn labels(labels: &[&str]) -> Vec<Vec<u8>> {
    labels.iter().map(|label| label.as_bytes().to_vec()).collect()
}

pub(crate) fn name_of(labels: &[Vec<u8>]) -> String {
    Name::from_labels(labels).relative()
}

fn dotted(name: &str) -> Vec<Vec<u8>> {
    labels(&name.split('.').collect::<Vec<_>>())
}

fn wire(labels: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    for label in labels {
        out.push(u8::try_from(label.len()).unwrap());
        out.extend(label);
    }
    out.push(0);
    out
}

pub(crate) fn a(owner: &str, ttl: u32, address: [u8; 4]) -> Wire {
    (dotted(owner), 1, ttl, address.to_vec())
}

pub(crate) fn aaaa(owner: &str, ttl: u32, address: &str) -> Wire {
    let address: std::net::Ipv6Addr = address.parse().unwrap();
    (dotted(owner), 28, ttl, address.octets().to_vec())
}

pub(crate) fn mx(owner: &str, ttl: u32, preference: u16, exchange: &[&str]) -> Wire {
    (dotted(owner), 15, ttl, [&preference.to_be_bytes()[..], &wire(&labels(exchange))].concat())
}

pub(crate) fn cname(owner: &str, ttl: u32, target: &[&str]) -> Wire {
    (dotted(owner), 5, ttl, wire(&labels(target)))
}

pub(crate) fn txt(owner: &str, ttl: u32, strings: &[&[u8]]) -> Wire {
    let mut data = Vec::new();
    for string in strings {
        data.push(u8::try_from(string.len()).unwrap());
        data.extend_from_slice(string);
    }
    (dotted(owner), 16, ttl, data)
}
