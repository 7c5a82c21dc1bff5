//! Doors for programs from outside: listening sockets on loopback, and nowhere else unless the command line says so.
//!
//! A door that other machines reach needs an [`Exposed`], which only the command line makes, and even then only private
//! sources come in: there is no way to an open server by a setting, a script or a mistake.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener as Socket, UdpSocket};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::connect::Stream;

/// How long a door rests when the system has no room for another client.
const BREATH: Duration = Duration::from_millis(100);

/// The leave to let other machines in, given by the person who typed `--expose`.
#[derive(Debug, Clone, Copy)]
pub struct Exposed(());

impl Exposed {
    /// A person asked for it on the command line.
    pub const fn on_purpose() -> Self {
        Self(())
    }
}

/// An open door: one port, with a socket for each family.
#[derive(Debug)]
pub struct Door {
    port: u16,
    sockets: Vec<Socket>,
}

/// Somebody who came in.
pub struct Caller {
    /// The connection.
    pub stream: Box<dyn Stream>,
    /// Where it came from.
    pub from: SocketAddr,
}

impl Door {
    /// Opens a port of this machine for programs on it, or with leave for its private network. Port 0 is any free one.
    pub fn open(port: u16, exposed: Option<Exposed>) -> io::Result<Self> {
        let first = if exposed.is_some() { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
        let socket = bound((first, port).into())?;
        let port = socket.local_addr()?.port();
        let mut sockets = vec![socket];
        match bound((Ipv6Addr::LOCALHOST, port).into()) {
            Ok(socket) => sockets.push(socket),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
            // A machine without IPv6 has no ::1.
            Err(_) => {}
        }
        Ok(Self { port, sockets })
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Lets callers in until it is dropped; must be called inside a tokio runtime.
    pub async fn attend(self, greet: impl Fn(Caller) + Clone + Send + 'static) -> io::Result<()> {
        let mut tasks = JoinSet::new();
        for socket in self.sockets {
            let listener = TcpListener::from_std(socket)?;
            tasks.spawn(attend(listener, greet.clone()));
        }
        while tasks.join_next().await.is_some() {}
        Ok(())
    }
}

/// True if nobody has this port of 127.0.0.1, neither for TCP nor for UDP.
pub fn is_free(port: u16) -> io::Result<()> {
    let _tcp = bound((Ipv4Addr::LOCALHOST, port).into())?;
    UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).map(drop)
}

fn bound(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::bind(address)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

async fn attend(listener: TcpListener, greet: impl Fn(Caller)) {
    loop {
        match listener.accept().await {
            Ok((stream, from)) if is_near(from.ip()) => {
                // One write is one reply; waiting for more to send costs 40 ms a step.
                let _ = stream.set_nodelay(true);
                greet(Caller { stream: Box::new(stream), from });
            }
            Ok(_) => {}
            Err(_) => sleep(BREATH).await,
        }
    }
}

/// True for this machine and its private network (RFC 1918, RFC 4193, link-local): nobody else is let in.
fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;
    use tokio::net::TcpStream;
    use tokio::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn a_door_opens_on_loopback_and_tells_who_comes() {
        let door = Door::open(0, None).expect("a free port");
        assert!(door.sockets.iter().all(|socket| socket.local_addr().expect("bound").ip().is_loopback()));
        let port = door.port();
        let (tell, mut came) = mpsc::unbounded_channel();
        let task = tokio::spawn(door.attend(move |caller| tell.send(caller).expect("a listener")));
        let mut client = TcpStream::connect(("127.0.0.1", port)).await.expect("the door");
        let caller = came.recv().await.expect("a caller");
        assert_eq!(caller.from, client.local_addr().expect("connected"));
        drop(caller);
        assert_eq!(client.read(&mut [0; 8]).await.expect("an end"), 0);
        task.abort();
    }

    #[test]
    fn a_port_that_is_taken_is_not_opened_again() {
        let door = Door::open(0, None).expect("a free port");
        let again = Door::open(door.port(), None).expect_err("taken");
        assert_eq!(again.kind(), io::ErrorKind::AddrInUse);
        assert_eq!(is_free(door.port()).expect_err("taken").kind(), io::ErrorKind::AddrInUse);
    }

    #[test]
    fn only_this_machine_and_private_networks_are_near() {
        for near in ["127.0.0.1", "10.1.2.3", "192.168.1.9", "172.16.0.1", "169.254.1.1", "::1", "fd00::1", "fe80::1"] {
            assert!(is_near(near.parse().expect("an address")), "{near}");
        }
        for far in ["203.0.113.9", "8.8.8.8", "172.32.0.1", "2001:db8::1", "::ffff:8.8.8.8", "0.0.0.0"] {
            assert!(!is_near(far.parse().expect("an address")), "{far}");
        }
    }
}
