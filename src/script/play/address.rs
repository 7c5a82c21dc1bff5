//! Where a script may listen: on this machine alone.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::ports::net::{Place, Target};

/// Where a script wants to listen: `PORT`, `127.0.0.1:PORT`, `[::1]:PORT`, `localhost:PORT`, `unix:/PATH`, the same behind
/// `lmtp://`, or nothing for a free port.
pub(super) fn address(text: &str) -> std::result::Result<Target, (u8, &'static str, String)> {
    let (rest, lmtp) = text.strip_prefix("lmtp://").map_or((text, false), |rest| (rest, true));
    let here = |host: IpAddr, port| Target { lmtp, ..Target::new(host.to_string(), port, Place::Live) };
    let path = text.strip_prefix("unix:").or(Some(rest).filter(|rest| lmtp && rest.starts_with('/')));
    if let Some(path) = path {
        if !path.starts_with('/') {
            return Err((2, "script/syntax", format!("expected a path behind unix:, as unix:/tmp/peer; got '{path}'")));
        }
        return Ok(Target { socket: Some(path.to_owned()), ..here(Ipv4Addr::LOCALHOST.into(), 0) });
    }
    let bare = rest.strip_prefix("localhost").filter(|rest| rest.is_empty() || rest.starts_with(':')).unwrap_or(rest);
    let port = bare.strip_prefix(':').unwrap_or(bare);
    let found = if bare.is_empty() {
        Some((Ipv4Addr::LOCALHOST.into(), 0))
    } else if let Ok(port) = port.parse() {
        Some((Ipv4Addr::LOCALHOST.into(), port))
    } else if let Ok(address) = bare.parse::<SocketAddr>() {
        Some((address.ip(), address.port()))
    } else {
        bare.trim_start_matches('[').trim_end_matches(']').parse().ok().map(|ip: IpAddr| (ip, 0))
    };
    match found {
        Some((ip, port)) if ip.is_loopback() => Ok(here(ip, port)),
        Some((ip, _)) => {
            let why = format!("a script listens on this machine alone, and {ip} is no address of loopback");
            Err((7, "policy/listen", why))
        }
        None => {
            let why = format!("expected an address of this machine, as 127.0.0.1:2525, or unix:/path; got '{text}'");
            Err((2, "script/syntax", why))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_listens_on_this_machine_alone() {
        for (text, host, port) in [
            ("", "127.0.0.1", 0),
            ("2525", "127.0.0.1", 2525),
            (":0", "127.0.0.1", 0),
            ("127.0.0.1", "127.0.0.1", 0),
            ("127.9.9.9:25", "127.9.9.9", 25),
            ("localhost:2525", "127.0.0.1", 2525),
            ("[::1]:2525", "::1", 2525),
            ("[::1]", "::1", 0),
        ] {
            let target = address(text).expect(text);
            assert_eq!((target.host.as_str(), target.port, target.lmtp), (host, port, false), "{text}");
        }
        assert!(address("lmtp://127.0.0.1:24").expect("lmtp").lmtp);
        assert_eq!(address("unix:/tmp/p").expect("a path").socket.as_deref(), Some("/tmp/p"));
        assert!(address("lmtp:///tmp/p").is_ok_and(|target| target.lmtp && target.socket.is_some()));
        for (text, exit) in [
            ("0.0.0.0:25", 7),
            ("192.0.2.1", 7),
            ("[2001:db8::1]:25", 7),
            ("[::]:25", 7),
            ("::ffff:192.0.2.1", 7),
            ("mx.example.test:25", 2),
            ("unix:peer", 2),
            ("99999", 2),
        ] {
            assert_eq!(address(text).map_err(|(exit, ..)| exit), Err(exit), "{text}");
        }
    }
}
