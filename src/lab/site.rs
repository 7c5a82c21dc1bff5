//! The web servers of the lab: each holds the policy of MTA-STS of one domain (RFC 8461 §3.2) and answers HTTPS.
//!
//! What one serves is data. It can be told to serve another policy, or to give something that no sender may take.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, LOCATION};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;

use super::{Hosts, STREAM};
use crate::net::tls::answer;
use crate::ports::lab::change::Gift;
use crate::smtp::limits::Timers;
use crate::tape::policy::PATH;

/// The port of HTTPS.
pub(super) const HTTPS: u16 = 443;
/// Octets of the answer that is too long: one more than senders read.
const LONG: usize = crate::dns::policy::enforce::LONGEST + 1;

/// A web server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Its name: `mta-sts.` and the domain.
    pub name: String,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// The policy that it holds; lines end in CR LF on the wire.
    policy: String,
    /// What it gives instead of that.
    gives: Option<Gift>,
}

/// What the web servers hold and give now.
#[derive(Debug)]
pub(super) struct Sites {
    now: RwLock<HashMap<String, (String, Option<Gift>)>>,
}

impl Sites {
    /// What the data says.
    pub(super) fn new(sites: &[Site]) -> Self {
        let held = |site: &Site| (site.name.clone(), (site.policy.clone(), site.gives));
        Self { now: RwLock::new(sites.iter().map(held).collect()) }
    }

    fn of(&self, name: &str) -> (String, Option<Gift>) {
        self.now.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned().unwrap_or_default()
    }

    fn change(&self, name: &str, change: impl FnOnce(&mut (String, Option<Gift>))) -> bool {
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        now.get_mut(name).map(change).is_some()
    }
}

impl Hosts {
    /// From now on a web server holds this policy. False if there is no such server.
    pub fn publish(&self, site: &str, policy: &str) -> bool {
        self.inner.sites.change(site, |(held, _)| policy.clone_into(held))
    }

    /// From now on a web server gives this instead of its policy, or the policy. False if there is no such server.
    pub(super) fn give(&self, site: &str, gift: Option<Gift>) -> bool {
        self.inner.sites.change(site, |(_, given)| *given = gift)
    }

    /// Connects to a web server, which takes one request after the other.
    pub(super) fn browse(&self, site: &Site, address: SocketAddr) -> io::Result<DuplexStream> {
        let visit = self.visit(site, address)?;
        let (client, server) = tokio::io::duplex(STREAM);
        tokio::spawn(visit.serve(server));
        Ok(client)
    }

    /// A visit to a web server, if it can be reached and a place is free.
    pub(super) fn visit(&self, site: &Site, address: SocketAddr) -> io::Result<Visit> {
        self.inner.links.check(address.ip())?;
        if address.port() != HTTPS {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let tls = self.inner.identities.tls(&site.name).map_err(io::Error::other)?;
        let place = self.inner.sessions.clone().try_acquire_owned().map_err(|_| io::ErrorKind::ConnectionRefused)?;
        let (policy, gift) = self.inner.sites.of(&site.name);
        Ok(Visit { name: site.name.clone(), policy, gift, tls, place, closing: self.inner.closing.clone() })
    }
}

/// Somebody comes to a web server: what he is given was settled when he came.
pub(super) struct Visit {
    name: String,
    policy: String,
    gift: Option<Gift>,
    tls: Arc<ServerConfig>,
    /// Held as long as the visit lasts.
    place: OwnedSemaphorePermit,
    closing: CancellationToken,
}

impl Visit {
    /// Answers on a stream until the visitor goes or the lab closes.
    pub(super) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(self, stream: S) {
        let Self { name, policy, gift, tls, place, closing } = self;
        let serving = async {
            let Ok(answered) = answer(stream, &tls, &name, Timers::INTERACTIVE.tls).await else { return };
            let service = service_fn(|request| respond(request, &policy, gift));
            // How a browser ends concerns nobody.
            let stream = TokioIo::new(answered.stream);
            let _ = http1::Builder::new().auto_date_header(false).serve_connection(stream, service).await;
        };
        tokio::select! {
            () = serving => {}
            () = closing.cancelled() => {}
        }
        drop(place);
    }
}

/// The answer to a request.
async fn respond(
    request: Request<Incoming>,
    policy: &str,
    gift: Option<Gift>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let moved = "/moved/mta-sts.txt";
    let asked = request.uri().path();
    let policy = policy.trim_start().lines().fold(String::new(), |all, line| all + line + "\r\n");
    let found = |media: &'static str, text: String| (StatusCode::OK, (CONTENT_TYPE, media), text);
    let plain = "text/plain; charset=utf-8";
    let (status, (name, value), text) = match gift {
        _ if request.method() != Method::GET => (StatusCode::METHOD_NOT_ALLOWED, (CONTENT_TYPE, plain), String::new()),
        Some(Gift::Redirect) if asked == moved => found(plain, policy),
        _ if asked != PATH => (StatusCode::NOT_FOUND, (CONTENT_TYPE, plain), "There is nothing here.\r\n".into()),
        None => found(plain, policy),
        Some(Gift::Redirect) => (StatusCode::MOVED_PERMANENTLY, (LOCATION, moved), String::new()),
        Some(Gift::Nothing) => (StatusCode::NOT_FOUND, (CONTENT_TYPE, plain), "There is no policy here.\r\n".into()),
        Some(Gift::Html) => found("text/html", policy),
        Some(Gift::TooLong) => {
            let more = LONG.saturating_sub(policy.len());
            found(plain, policy + &"#".repeat(more))
        }
        Some(Gift::Silence) => pending().await,
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(name, hyper::header::HeaderValue::from_static(value));
    Ok(response)
}
