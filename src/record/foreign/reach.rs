//! Where a connection leads to, in the words of those who open one.

use std::net::{IpAddr, SocketAddr};

/// What is told of the other end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Reach {
    /// Its name.
    pub(super) host: Option<String>,
    /// Its address.
    pub(super) ip: Option<IpAddr>,
    /// Its port.
    pub(super) port: Option<u16>,
}

impl Reach {
    /// What was told before counts where this tells nothing.
    pub(super) fn or(self, before: Self) -> Self {
        Self { host: self.host.or(before.host), ip: self.ip.or(before.ip), port: self.port.or(before.port) }
    }

    /// A name or an address.
    pub(super) fn host(text: &str) -> Self {
        let text = text.trim_matches(|it| matches!(it, '[' | ']')).trim_end_matches('.');
        match text.parse::<IpAddr>() {
            Ok(ip) => Self { ip: Some(ip), ..Self::default() },
            Err(_) if is_name(text) => Self { host: Some(text.to_owned()), ..Self::default() },
            Err(_) => Self::default(),
        }
    }

    /// An address or a name, and a port behind a colon: `127.0.0.1:25`, `[::1]:25`, `::1:25`, `mx.a.test:25`.
    pub(super) fn with_port(text: &str) -> Self {
        let text = text.trim_end_matches("...").trim_end_matches('.');
        if let Ok(both) = text.parse::<SocketAddr>() {
            return Self { ip: Some(both.ip()), port: Some(both.port()), host: None };
        }
        match text.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?))) {
            Some((host, port)) => Self { port: Some(port), ..Self::host(host) },
            None => Self::host(text),
        }
    }
}

/// A host name, or what stands for one: nothing else is taken for a host.
pub(super) fn is_name(text: &str) -> bool {
    let sign = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_');
    !text.is_empty() && text.len() <= 255 && text.bytes().all(sign)
}

/// A call of a program that opens a connection, behind the prompt of a shell: `$ telnet mx1.harbor.test 25`.
pub(super) fn called(text: &str) -> Option<Reach> {
    let mut words = text.split_ascii_whitespace().skip_while(|word| {
        let name = word.rsplit('/').next().unwrap_or_default();
        !matches!(name, "telnet" | "nc" | "ncat" | "netcat" | "openssl" | "swaks" | "curl")
    });
    let program = words.next()?.rsplit('/').next()?;
    let words: Vec<&str> = words.collect();
    let behind =
        |option: &[&str]| words.iter().position(|word| option.contains(word)).and_then(|at| words.get(at + 1)).copied();
    match program {
        "openssl" if words.first() == Some(&"s_client") => behind(&["-connect"]).map(Reach::with_port),
        "swaks" => behind(&["--server", "-s"]).map(Reach::with_port),
        "curl" => {
            let url =
                words.iter().find_map(|word| word.trim_matches(['\'', '"']).split_once("smtp").map(|(_, it)| it))?;
            let place = url.trim_start_matches('s').strip_prefix("://")?.split('/').next()?;
            Some(Reach::with_port(place))
        }
        "telnet" | "nc" | "ncat" | "netcat" => {
            let mut plain = words.iter().filter(|word| !word.starts_with('-'));
            let host = Reach::host(plain.next()?);
            Some(Reach { port: plain.next().and_then(|port| port_of(port)), ..host })
        }
        _ => None,
    }
}

/// A port by its number or by its name.
fn port_of(text: &str) -> Option<u16> {
    match text {
        "smtp" => Some(25),
        "submission" => Some(587),
        "smtps" | "submissions" => Some(465),
        _ => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_say_where_to() {
        for (line, wanted) in [
            ("$ telnet mx1.harbor.test 25", ("mx1.harbor.test", 25)),
            ("root@desk:~# nc -vC mx1.harbor.test smtp", ("mx1.harbor.test", 25)),
            ("% openssl s_client -starttls smtp -connect mx1.harbor.test:587", ("mx1.harbor.test", 587)),
            ("$ curl -v 'smtps://mx1.harbor.test:465/a' -T x", ("mx1.harbor.test", 465)),
        ] {
            let found = called(line).unwrap();
            assert_eq!((found.host.as_deref(), found.port), (Some(wanted.0), Some(wanted.1)), "{line}");
        }
        assert_eq!(called("250 mx1.harbor.test"), None);
    }

    #[test]
    fn an_address_is_no_name() {
        let ip: IpAddr = [192, 0, 2, 10].into();
        let wanted = Reach { ip: Some(ip), port: Some(25), host: None };
        assert_eq!(Reach::with_port("192.0.2.10:25..."), wanted);
        assert_eq!(Reach::host("192.0.2.10.").ip, Some(ip));
        assert_eq!(Reach::host("no host\u{1b}"), Reach::default());
    }
}
