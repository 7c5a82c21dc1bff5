//! The lab's name server: authoritative for everything from the root down, on loopback, and never a forwarder.
//!
//! A DS question at a zone cut belongs to the parent (RFC 4035 §3.1.4.1), but hickory's catalogue answers it from the
//! child when it holds both. So there is one catalogue per depth, and a DS question goes to the zones above the name.
//!
//! What goes wrong on purpose goes wrong here, between the question and the catalogue: see [`fault`].

pub mod fault;
mod forge;

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hickory_net::runtime::Time;
use hickory_net::xfer::Protocol;
use hickory_proto::dnssec::{PublicKey as _, PublicKeyBuf, TrustAnchors};
use hickory_proto::op::{Edns, Header, HeaderCounts, Metadata, ResponseCode};
use hickory_proto::rr::rdata::opt::EdnsOption;
use hickory_proto::rr::{LowerName, RecordType};
use hickory_server::Server;
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::zone_handler::{Catalog, MessageResponseBuilder, ZoneHandler};
use tokio::net::{TcpListener, UdpSocket};

use fault::{Fault, Faults};
use forge::Forge;

use super::zones::{self, Added, BadZone, Pin};

/// How long an idle TCP connection may stay.
const IDLE: Duration = Duration::from_secs(5);
/// Answers that may wait on one TCP connection.
const PENDING: usize = 32;
/// The option that carries an extended error, and the one of a server that is not responsible (RFC 8914 §2, §4.21).
const EXTENDED_ERROR: u16 = 15;
const NOT_AUTHORITATIVE: u16 = 20;
/// Ports tried until one is free for both UDP and TCP.
const TRIES: usize = 16;

/// The running name server. Dropping it ends it as well.
pub struct Nameserver {
    /// Where it listens, UDP and TCP: 127.0.0.1 and a free port.
    pub addr: SocketAddr,
    /// The root key, for whoever validates.
    pub trust_anchor: Arc<TrustAnchors>,
    /// The same key in the words that BIND's `delv -a FILE` reads.
    pub anchor_file: String,
    /// What goes wrong on purpose.
    pub faults: Faults,
    /// Records that its zones have besides those of their files.
    pub added: Added,
    server: Server<Tree>,
}

/// Why the name server could not start.
#[derive(Debug, thiserror::Error)]
pub enum NotStarted {
    /// A zone is wrong.
    #[error(transparent)]
    Zone(#[from] BadZone),
    /// No loopback socket could be had.
    #[error("the lab's name server needs a port on 127.0.0.1: {0}")]
    Socket(#[from] io::Error),
}

/// Starts the name server on this port of 127.0.0.1, or on a free one for 0. `pins` become the TLSA records of the mail
/// servers.
pub async fn start(seed: u64, pins: &[Pin], port: u16) -> Result<Nameserver, NotStarted> {
    let zones = zones::load(seed, pins)?;
    let mut trust_anchor = TrustAnchors::empty();
    trust_anchor.insert(&zones.root_key);
    let (udp, tcp) = bind(port).await?;
    let addr = udp.local_addr()?;
    let faults = Faults::default();
    let mut server = Server::new(Tree::new(&zones.handlers, faults.clone()));
    server.register_socket(udp);
    server.register_listener(tcp, IDLE, PENDING);
    let anchor_file = anchor_file(&zones.root_key);
    Ok(Nameserver { addr, trust_anchor: Arc::new(trust_anchor), anchor_file, faults, added: zones.added, server })
}

/// A trust anchor for BIND: the root, its key as a DNSKEY record has it (RFC 4034 §2.1: flags 257, protocol 3).
fn anchor_file(key: &PublicKeyBuf) -> String {
    let (algorithm, octets) = (u8::from(key.algorithm()), crate::smtp::sasl::encode(key.public_bytes()));
    format!("trust-anchors {{ . static-key 257 3 {algorithm} \"{octets}\"; }};\n")
}

/// A UDP socket on a port, or on a free one, and a TCP listener on the same one.
async fn bind(port: u16) -> io::Result<(UdpSocket, TcpListener)> {
    let mut failure = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..TRIES {
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).await?;
        match TcpListener::bind(udp.local_addr()?).await {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(taken) => failure = taken,
        }
    }
    Err(failure)
}

impl Nameserver {
    /// Stops listening and waits until what was begun is answered.
    pub async fn shutdown(mut self) {
        // An error here says that a listener had ended already, which is what was wanted.
        drop(self.server.shutdown_gracefully().await);
    }
}

/// All zones, for DS questions the zones above a given depth, and what goes wrong with them.
struct Tree {
    all: Catalog,
    above: BTreeMap<u8, Catalog>,
    faults: Faults,
}

impl Tree {
    fn new(zones: &[Arc<dyn ZoneHandler>], faults: Faults) -> Self {
        let deepest = zones.iter().map(|zone| zone.origin().num_labels()).max().unwrap_or(0);
        Self {
            all: catalog(zones, u8::MAX),
            above: (1..=deepest).map(|depth| (depth, catalog(zones, depth))).collect(),
            faults,
        }
    }

    /// Answers from the zones.
    async fn answer<R: ResponseHandler, T: Time>(&self, request: &Request, out: R) -> ResponseInfo {
        let catalog = match request.request_info() {
            Ok(info) if info.query.query_type() == RecordType::DS => {
                self.above.get(&info.query.name().num_labels()).unwrap_or(&self.all)
            }
            _ => &self.all,
        };
        catalog.handle_request::<R, T>(request, out).await
    }
}

/// Sends an answer without records.
async fn refuse<R: ResponseHandler>(
    request: &Request,
    mut out: R,
    code: ResponseCode,
    extended: Option<u16>,
) -> ResponseInfo {
    let mut edns = Edns::new();
    if let Some(extended) = extended {
        edns.options_mut().insert(EdnsOption::Unknown(EXTENDED_ERROR, extended.to_be_bytes().to_vec()));
    }
    let mut builder = MessageResponseBuilder::from_message_request(request);
    if request.edns.is_some() {
        builder.edns(&edns);
    }
    let mut response = builder.error_msg(&request.metadata, code);
    response.metadata_mut().truncation = code == ResponseCode::NoError;
    let sent = out.send_response(response).await;
    sent.unwrap_or_else(|_| unanswered(request))
}

/// What the server notes of a question that got no answer.
fn unanswered(request: &Request) -> ResponseInfo {
    ResponseInfo::from(Header {
        metadata: Metadata::response_from_request(&request.metadata),
        counts: HeaderCounts::default(),
    })
}

/// A catalogue of the zones with fewer labels than `below`.
fn catalog(zones: &[Arc<dyn ZoneHandler>], below: u8) -> Catalog {
    let mut catalog = Catalog::new();
    for zone in zones.iter().filter(|zone| zone.origin().num_labels() < below) {
        let origin: LowerName = zone.origin().clone();
        catalog.upsert(origin, vec![zone.clone()]);
    }
    catalog
}

#[async_trait]
impl RequestHandler for Tree {
    async fn handle_request<R: ResponseHandler, T: Time>(&self, request: &Request, out: R) -> ResponseInfo {
        let fault = request.request_info().ok().and_then(|info| self.faults.of(info.query.name()));
        match fault {
            Some(Fault::Silence) => unanswered(request),
            Some(Fault::Servfail) => refuse(request, out, ResponseCode::ServFail, None).await,
            Some(Fault::Lame) => refuse(request, out, ResponseCode::Refused, Some(NOT_AUTHORITATIVE)).await,
            Some(Fault::Truncation) if request.protocol() == Protocol::Udp => {
                refuse(request, out, ResponseCode::NoError, None).await
            }
            None | Some(Fault::Truncation) => self.answer::<R, T>(request, out).await,
            Some(Fault::Slow) => {
                tokio::time::sleep(fault::SLOW).await;
                self.answer::<R, T>(request, out).await
            }
            Some(forged @ (Fault::Tampered | Fault::Spoofed)) => match Forge::new(out, forged, request) {
                Ok(out) => self.answer::<Forge<R>, T>(request, out).await,
                Err(_) => unanswered(request),
            },
        }
    }
}
