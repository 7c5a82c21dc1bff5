//! One GET of HTTP/1.1 over a stream that stands, as senders ask for a policy of MTA-STS (RFC 8461 §3.3): no redirect is
//! followed, no cache is used, and not more is read than a policy may have.

use std::future::pending;

use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::header::{ACCEPT, CONNECTION, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::dns::policy::enforce::LONGEST;
use crate::tape::policy::{PATH, Unfetched};

/// Octets of a response's header that are taken.
const HEADER: usize = 16 * 1024;

/// The text of the policy that `host` serves on this stream, on which TLS stands. The caller sets the time.
pub(crate) async fn policy<S>(stream: S, host: &str) -> Result<String, Unfetched>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut connecting = Builder::new();
    connecting.max_buf_size(HEADER);
    let (sender, connection) = connecting.handshake(TokioIo::new(stream)).await.map_err(|_| Unfetched::Broken)?;
    // Once the connection is over, what came on it may still wait to be read.
    let driven = async {
        let _ = connection.await;
        pending().await
    };
    tokio::select! {
        text = ask(sender, host) => text,
        never = driven => never,
    }
}

async fn ask(mut sender: SendRequest<Empty<Bytes>>, host: &str) -> Result<String, Unfetched> {
    let request = Request::get(PATH)
        .header(HOST, host)
        .header(ACCEPT, "text/plain")
        .header(USER_AGENT, env!("CARGO_PKG_NAME"))
        .header(CONNECTION, "close")
        .body(Empty::new());
    let request = request.map_err(|_| Unfetched::Broken)?;
    let response = sender.send_request(request).await.map_err(|_| Unfetched::Broken)?;
    let body = taken(response)?;
    let octets = Limited::new(body, LONGEST)
        .collect()
        .await
        .map_err(|error| if error.is::<LengthLimitError>() { Unfetched::TooLong } else { Unfetched::Broken })?;
    String::from_utf8(octets.to_bytes().to_vec()).map_err(|_| Unfetched::NotText)
}

/// The body of an answer that counts: 200, and plain text (RFC 8461 §3.2, §3.3).
fn taken(response: Response<Incoming>) -> Result<Incoming, Unfetched> {
    let status = response.status();
    if status.is_redirection() {
        return Err(Unfetched::Redirected(status.as_u16()));
    }
    if status != StatusCode::OK {
        return Err(Unfetched::Refused(status.as_u16()));
    }
    let media = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // Parameters do not matter.
    let media = media.split(';').next().unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case("text/plain") {
        let media = if media.is_empty() { "without a media type" } else { media };
        return Err(Unfetched::NotPlain(media.to_owned()));
    }
    Ok(response.into_body())
}
