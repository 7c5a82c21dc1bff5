//! The first line of a connection that is made for somebody else (the PROXY protocol of haproxy, version 1).
//!
//! ```text
//! line = "PROXY" SP ( "TCP4" / "TCP6" ) SP client SP server SP client-port SP server-port CRLF
//! ```
//!
//! It is none of SMTP: it stands before the greeting and before TLS, nothing answers it, and a server that does not
//! expect it takes it for a command.

use std::net::SocketAddr;

/// The line: `client` is told to be the client of `server`. Both are of one family; a mixed pair is written as IPv6.
pub fn line(client: SocketAddr, server: SocketAddr) -> String {
    let (from, to) = (client.ip(), server.ip());
    let (client_port, server_port) = (client.port(), server.port());
    if from.is_ipv4() && to.is_ipv4() {
        return format!("PROXY TCP4 {from} {to} {client_port} {server_port}\r\n");
    }
    let wide = |address: SocketAddr| match address {
        SocketAddr::V4(v4) => v4.ip().to_ipv6_mapped(),
        SocketAddr::V6(v6) => *v6.ip(),
    };
    format!("PROXY TCP6 {} {} {client_port} {server_port}\r\n", wide(client), wide(server))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_families_have_their_word() {
        let said = |client: &str, server: &str| line(client.parse().unwrap(), server.parse().unwrap());
        assert_eq!(said("192.0.2.1:56324", "198.51.100.1:25"), "PROXY TCP4 192.0.2.1 198.51.100.1 56324 25\r\n");
        assert_eq!(said("[2001:db8::7]:1", "[::1]:2525"), "PROXY TCP6 2001:db8::7 ::1 1 2525\r\n");
        assert_eq!(said("192.0.2.1:1", "[::1]:2525"), "PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2525\r\n");
    }

    /// The specification gives 107 octets, CR LF included.
    #[test]
    fn the_longest_line_fits_the_specification() {
        let widest = "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535".parse().unwrap();
        assert!(line(widest, widest).len() <= 107);
    }
}
