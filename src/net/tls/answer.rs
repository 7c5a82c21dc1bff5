//! The other end of a handshake: a server answers it, and what was seen of it is told as the client's is.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::{Error, ServerConfig};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::{Witness, suite_name, trouble, version};
use crate::tape::Side;
use crate::tape::tls::{Judgement, Terms, TlsFacts, TlsFailure, TlsTrouble};

/// A stream on which TLS stands, and what the handshake showed.
pub(crate) struct Answered<S> {
    /// The stream.
    pub(crate) stream: TlsStream<Witness<S>>,
    /// What was agreed. The certificate is our own, so the judgements are the client's.
    pub(crate) facts: Box<TlsFacts>,
}

/// Answers a handshake as `host` within `patience`.
pub(crate) async fn answer<S>(
    stream: S,
    tls: &Arc<ServerConfig>,
    host: &str,
    patience: Duration,
) -> Result<Answered<S>, TlsFailure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let started = Instant::now();
    let witness = Witness::new(stream, Side::Client);
    let records = witness.records();
    let failed = |why, detail| TlsFailure { why, detail, records: records.seen(), took: started.elapsed() };
    let accepting = TlsAcceptor::from(Arc::clone(tls)).accept(witness).into_fallible();
    match timeout(patience, accepting).await {
        Ok(Ok(stream)) => {
            let facts = facts(&stream, host, started.elapsed());
            Ok(Answered { stream, facts: Box::new(facts) })
        }
        Ok(Err((error, witness))) => {
            let (why, detail) = of_client(&error, witness.head());
            Err(failed(why, detail))
        }
        Err(_) => Err(failed(TlsTrouble::TimedOut, String::new())),
    }
}

/// What failed: a client that offers no version that is spoken here says so in its first message, not by an alert.
fn of_client(error: &io::Error, head: &[u8]) -> (TlsTrouble, String) {
    let incompatible = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match incompatible {
        Some(Error::PeerIncompatible(
            rustls::PeerIncompatible::Tls12NotOffered
            | rustls::PeerIncompatible::Tls12NotOfferedOrEnabled
            | rustls::PeerIncompatible::SupportedVersionsExtensionRequired,
        )) => (TlsTrouble::Version, String::new()),
        _ => trouble::of(error, head, false, &[]),
    }
}

fn facts<S>(stream: &TlsStream<Witness<S>>, host: &str, took: Duration) -> TlsFacts {
    let (witness, session) = stream.get_ref();
    TlsFacts {
        version: session.protocol_version().map_or_else(String::new, version),
        suite: session.negotiated_cipher_suite().map_or_else(String::new, |suite| suite_name(suite.suite())),
        group: session.negotiated_key_exchange_group().map(|group| format!("{:?}", group.name())),
        sni: session.server_name().map(str::to_owned),
        expected: host.to_owned(),
        chain: Vec::new(),
        trust: Judgement::Theirs,
        name: Judgement::Theirs,
        dates: Judgement::Theirs,
        records: witness.records().seen(),
        terms: Terms::default(),
        took,
    }
}
