//! Wickets: where a script that is a server waits for one client after the other. A wicket is on loopback or a Unix socket
//! of this machine, and there is no leave for anything else.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, TcpListener as Socket};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::sleep;

use super::connect::Stream;
use crate::ports::net::Target;
use crate::tape::peer::Peer;

/// How long a wicket rests when the system has no room for another client.
const BREATH: Duration = Duration::from_millis(100);

/// The wickets that are open, by what was asked for: port 0 stays the same one.
#[derive(Debug, Default)]
pub(super) struct Wickets(HashMap<(String, u16, Option<String>), Arc<Wicket>>);

/// Where clients are waited for. Whoever asked for a Unix socket takes it away.
#[derive(Debug)]
pub(super) struct Wicket {
    socket: Listening,
    /// Where it is.
    pub(super) at: Peer,
}

#[derive(Debug)]
enum Listening {
    Inet(TcpListener),
    Here(Here),
}

/// A Unix socket.
#[cfg(unix)]
#[derive(Debug)]
struct Here(tokio::net::UnixListener);

#[cfg(unix)]
impl Here {
    /// In a new place: what lies there stays.
    fn open(path: &str) -> io::Result<Self> {
        tokio::net::UnixListener::bind(path).map(Self)
    }

    async fn caller(&self) -> io::Result<Box<dyn Stream>> {
        let (stream, _) = self.0.accept().await?;
        Ok(Box::new(stream))
    }
}

/// There are none.
#[cfg(not(unix))]
#[derive(Debug)]
struct Here(());

#[cfg(not(unix))]
impl Here {
    fn open(_: &str) -> io::Result<Self> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "there are no Unix sockets here"))
    }

    async fn caller(&self) -> io::Result<Box<dyn Stream>> {
        std::future::pending().await
    }
}

impl Wickets {
    /// The wicket of a target, opened if it is not; must be called inside a tokio runtime.
    pub(super) fn open(&mut self, target: &Target) -> io::Result<Arc<Wicket>> {
        let place = (target.host.clone(), target.port, target.socket.clone());
        if let Some(wicket) = self.0.get(&place) {
            return Ok(Arc::clone(wicket));
        }
        let wicket = Arc::new(Wicket::open(target)?);
        self.0.insert(place, Arc::clone(&wicket));
        Ok(wicket)
    }
}

impl Wicket {
    fn open(target: &Target) -> io::Result<Self> {
        if let Some(path) = &target.socket {
            return Ok(Self { socket: Listening::Here(Here::open(path)?), at: Peer::Unix(path.clone()) });
        }
        let ip = target.host.parse().map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
        let address = SocketAddr::new(ip, target.port);
        if !ip.is_loopback() {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is not on loopback"));
        }
        let socket = Socket::bind(address)?;
        socket.set_nonblocking(true)?;
        let at = socket.local_addr()?.into();
        Ok(Self { socket: Listening::Inet(TcpListener::from_std(socket)?), at })
    }

    /// The next who comes, and where from.
    pub(super) async fn caller(&self) -> (Box<dyn Stream>, Option<SocketAddr>) {
        loop {
            match &self.socket {
                Listening::Inet(socket) => {
                    if let Ok((stream, from)) = socket.accept().await {
                        // One write is one reply; waiting for more to send costs 40 ms a step.
                        let _ = stream.set_nodelay(true);
                        return (Box::new(stream), Some(from));
                    }
                }
                Listening::Here(socket) => {
                    if let Ok(stream) = socket.caller().await {
                        return (stream, None);
                    }
                }
            }
            sleep(BREATH).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::net::Place;

    #[tokio::test]
    async fn no_wicket_opens_elsewhere() {
        for host in ["0.0.0.0", "192.0.2.1", "::", "2001:db8::1", "mx.example.test"] {
            let refused = Wickets::default().open(&Target::new(host, 0, Place::Live)).expect_err(host);
            assert!(matches!(refused.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput), "{host}");
        }
    }

    #[tokio::test]
    async fn a_free_port_stays_the_same_one_and_one_that_is_taken_is_not_had() {
        let mut wickets = Wickets::default();
        let first = wickets.open(&Target::new("127.0.0.1", 0, Place::Live)).expect("a port");
        let again = wickets.open(&Target::new("127.0.0.1", 0, Place::Live)).expect("the same");
        assert_eq!(first.at, again.at);
        let taken = Target::new("127.0.0.1", first.at.port().expect("a port"), Place::Live);
        assert_eq!(Wickets::default().open(&taken).expect_err("taken").kind(), io::ErrorKind::AddrInUse);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_unix_socket_stands_over_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("peer");
        let target = Target { socket: Some(path.display().to_string()), ..Target::new("", 0, Place::Live) };
        let wicket = Wicket::open(&target).expect("a socket");
        assert_eq!(Wicket::open(&target).expect_err("taken").kind(), io::ErrorKind::AddrInUse);
        drop(wicket);
        std::fs::remove_file(&path).expect("it is there");
        std::fs::write(&path, "mine").expect("a file");
        assert!(Wicket::open(&target).is_err());
        assert_eq!(std::fs::read(&path).expect("it is there"), b"mine");
    }
}
