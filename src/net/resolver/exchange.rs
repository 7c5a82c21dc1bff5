//! One question to one server: over UDP, and over TCP when the answer was cut (RFC 7766 §5).

use std::net::SocketAddr;
use std::pin::Pin;

use futures_util::{Stream, StreamExt, stream};
use hickory_net::NetError;
use hickory_net::runtime::TokioRuntimeProvider;
use hickory_net::tcp::TcpClientStream;
use hickory_net::udp::UdpClientStream;
use hickory_net::xfer::{DnsExchange, DnsHandle};
use hickory_proto::op::{DnsRequest, DnsResponse};
use tokio::time::timeout;

use crate::smtp::limits::dns as limits;

/// A name server that can be asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exchange {
    /// Its address.
    pub(super) server: SocketAddr,
}

/// What a server sent.
pub(super) struct Received {
    /// The whole message.
    pub(super) response: DnsResponse,
    /// It came over TCP.
    pub(super) tcp: bool,
}

/// Why there is no whole message.
#[derive(Debug)]
pub(super) enum Missed {
    /// No answer in time.
    TimedOut,
    /// The answer over UDP was cut, and TCP gave none.
    Truncated,
    /// What came is no DNS message.
    Malformed,
    /// The network failed.
    Failed(String),
}

impl Exchange {
    /// Asks, at most [`limits::QUERY`] over each of UDP and TCP.
    pub(super) async fn ask(self, request: DnsRequest) -> Result<Received, Missed> {
        let cut = match timeout(limits::QUERY, self.over_udp(request.clone())).await {
            Err(_) => return Err(Missed::TimedOut),
            Ok(Err(error)) => return Err(Missed::from(&error)),
            Ok(Ok(response)) if response.metadata.truncation => request,
            Ok(Ok(response)) => return Ok(Received { response, tcp: false }),
        };
        match timeout(limits::QUERY, self.over_tcp(cut)).await {
            Ok(Ok(response)) => Ok(Received { response, tcp: true }),
            Ok(Err(_)) | Err(_) => Err(Missed::Truncated),
        }
    }

    async fn over_udp(self, request: DnsRequest) -> Result<DnsResponse, NetError> {
        let provider = TokioRuntimeProvider::default();
        // hickory reports its own time-out as the end of the stream; ours comes first and says what it is
        let stream = UdpClientStream::builder(self.server, provider).with_timeout(Some(limits::QUESTION));
        // A question to this machine never opens a socket to the outside.
        let ours = self.server.ip().is_loopback().then(|| SocketAddr::new(self.server.ip(), 0));
        first(stream.with_bind_addr(ours).exchange(), request).await
    }

    async fn over_tcp(self, request: DnsRequest) -> Result<DnsResponse, NetError> {
        // The provider owns the task that drives the connection: it must outlive the answer.
        let provider = TokioRuntimeProvider::default();
        let stream = TcpClientStream::exchange(self.server, None, limits::QUERY, None, provider.clone()).await?;
        let answer = first(stream, request).await;
        drop(provider);
        answer
    }
}

async fn first(stream: DnsExchange<TokioRuntimeProvider>, request: DnsRequest) -> Result<DnsResponse, NetError> {
    stream.send(request).next().await.unwrap_or(Err(NetError::NoConnections))
}

impl From<&NetError> for Missed {
    fn from(error: &NetError) -> Self {
        match error {
            NetError::Timeout => Self::TimedOut,
            NetError::Proto(_) => Self::Malformed,
            NetError::Io(io) => Self::Failed(io.kind().to_string()),
            other => Self::Failed(other.to_string()),
        }
    }
}

impl From<Missed> for NetError {
    fn from(missed: Missed) -> Self {
        match missed {
            Missed::TimedOut => Self::Timeout,
            Missed::Truncated => Self::Truncated,
            Missed::Malformed => Self::Message("malformed message"),
            Missed::Failed(why) => Self::Msg(why),
        }
    }
}

/// The validator asks through the same door.
impl DnsHandle for Exchange {
    type Response = Pin<Box<dyn Stream<Item = Result<DnsResponse, NetError>> + Send>>;
    type Runtime = TokioRuntimeProvider;

    fn send(&self, request: DnsRequest) -> Self::Response {
        let exchange = *self;
        Box::pin(stream::once(async move {
            exchange.ask(request).await.map(|received| received.response).map_err(NetError::from)
        }))
    }
}
