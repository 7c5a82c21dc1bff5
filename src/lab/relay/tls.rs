//! TLS as a relay speaks it: whatever the certificate, encrypted is better than plain (RFC 7435). What it showed is judged
//! afterwards, as in a session by hand.

use std::net::SocketAddr;

use rustls::pki_types::CertificateDer;
use tokio::io::DuplexStream;
use tokio_rustls::client::TlsStream;

use crate::lab::clock::Clock;
use crate::net::tls::{Expected, Roots, Tls, Witness};
use crate::tape::tls::{TlsFacts, TlsFailure};

use super::PATIENCE;

/// What is needed for the handshakes of a relay. Cheap to clone.
#[derive(Clone)]
pub(super) struct Client(Tls);

/// A stream on which TLS stands.
pub(super) type Stream = TlsStream<Witness>;

impl Client {
    /// Trusts the lab's authority, at the lab's time; nothing if that is none.
    pub(super) fn new(root: &CertificateDer<'static>, clock: Clock) -> Option<Self> {
        let roots = Roots::only([root.as_ref()]).ok()?;
        Some(Self(Tls::opportunistic(roots, PATIENCE, move || clock.seconds())))
    }

    /// What the other end must show.
    pub(super) fn expected(&self, name: &str, peer: SocketAddr) -> Expected {
        self.0.expected(name, &peer.into())
    }

    /// Shakes hands; gives the stream and what was shown.
    pub(super) async fn shake(
        &self,
        stream: DuplexStream,
        expected: &Expected,
    ) -> Result<(Stream, Box<TlsFacts>), TlsFailure> {
        self.0.shake(Box::new(stream), expected, false).await
    }
}
