//! What lies between a scene and its peer: bytes and their times go straight to the session.

use std::net::SocketAddr;
use std::time::Duration;

use ehlo::ports::net::What;
use ehlo::tape::mark::{Closed, Ending, Mark, Opened};
use ehlo::tape::tls::{Certificate, Judgement, TlsFacts};
use ehlo::tape::{Moment, Side};
use tokio::time::Instant;

/// A connection whose other end is a test.
pub(crate) struct Wire {
    began: Instant,
    events: Vec<(Moment, What)>,
    sent: Vec<u8>,
}

impl Wire {
    /// A connection that stands.
    pub(crate) fn connect() -> Self {
        let mut wire = Self { began: Instant::now(), events: Vec::new(), sent: Vec::new() };
        let peer = SocketAddr::from(([192, 0, 2, 10], 25));
        let took = Duration::from_millis(1);
        wire.happens(What::Mark(Mark::Opened(Opened { host: "mx.example.test".into(), peer, local: None, took })));
        wire
    }

    /// The peer sends bytes.
    pub(crate) async fn peer(&mut self, bytes: &[u8]) {
        self.happens(What::Bytes(Side::Server, bytes.into()));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    /// The client sends a line; its end is added.
    pub(crate) async fn sends(&mut self, line: &[u8]) {
        let line = [line, b"\r\n"].concat();
        self.sent.extend_from_slice(&line);
        self.happens(What::Bytes(Side::Client, line.into()));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    /// The peer closes in good order.
    pub(crate) fn peer_ends(&mut self) {
        self.happens(What::Mark(Mark::Closed(Closed { by: Side::Server, how: Ending::Clean })));
    }

    /// The TLS handshake succeeds and everything is in order.
    pub(crate) fn secured(&mut self) {
        self.happens(What::Mark(Mark::TlsReady(Box::new(TlsFacts {
            version: "TLS 1.3".into(),
            suite: "TLS13_AES_256_GCM_SHA384".into(),
            group: Some("X25519".into()),
            sni: Some("mx.example.test".into()),
            expected: "mx.example.test".into(),
            chain: vec![Certificate::default()],
            trust: Judgement::Good,
            name: Judgement::Good,
            dates: Judgement::Good,
            took: Duration::from_millis(2),
        }))));
    }

    /// What has happened since the last call.
    pub(crate) fn listen(&mut self) -> Vec<(Moment, What)> {
        std::mem::take(&mut self.events)
    }

    /// Every octet that the peer received.
    pub(crate) fn peer_received(&self) -> &[u8] {
        &self.sent
    }

    /// Something happens now.
    fn happens(&mut self, event: What) {
        let micros = u64::try_from(self.began.elapsed().as_micros()).unwrap();
        self.events.push((Moment::from_micros(micros), event));
    }
}
