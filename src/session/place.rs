//! Where a session is: in the lab, on this machine, or out in the world.

use std::net::IpAddr;

use crate::ports::net::Place;
use crate::tape::mark::Mark;
use crate::tape::told::{Form, Imported, Means};

use super::Session;

/// The words that the title shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum World {
    /// The internet in a box: no packet leaves the machine.
    Lab,
    /// A real socket to this machine.
    Loopback,
    /// A real socket to somewhere else.
    Live,
}

impl World {
    /// `LAB offline`, `LIVE loopback` or `LIVE`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Lab => "LAB offline",
            Self::Loopback => "LIVE loopback",
            Self::Live => "LIVE",
        }
    }

    /// The world of a host that is named but not connected: only literal loopback addresses and `localhost` are known
    /// to be this machine.
    pub fn of(place: Place, host: &str) -> Self {
        match place {
            Place::Lab => Self::Lab,
            Place::Live if is_loopback(host) => Self::Loopback,
            Place::Live => Self::Live,
        }
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let bare = bare.strip_prefix("IPv6:").unwrap_or(bare);
    bare.parse::<IpAddr>().map_or_else(|_| bare.eq_ignore_ascii_case("localhost"), |address| address.is_loopback())
}

impl Session {
    /// Where it goes: host and port, or the path of a socket. A log may tell less.
    pub fn place(&self) -> String {
        match (&self.target.socket, self.target.host.as_str(), self.target.port) {
            (Some(path), ..) => path.clone(),
            (None, "", _) => "a host that is not named".into(),
            (None, host, 0) => host.to_owned(),
            (None, host, port) => format!("{host}:{port}"),
        }
    }

    /// True if a log says that the other end was this machine.
    fn told_here(&self) -> bool {
        let here = |mark: &Mark| match mark {
            Mark::Told(told) => matches!(told.means, Means::Opened { ip: Some(ip), .. } if ip.is_loopback()),
            _ => false,
        };
        self.tape().marks().iter().any(|(_, mark)| here(mark))
    }

    /// The world in which it was, in words; of a session of a log, which log it is.
    pub fn origin(&self) -> String {
        match self.imported() {
            Some(Imported { form, .. }) if form != Form::Export => form.words().into(),
            _ => self.world().words().into(),
        }
    }

    /// Where this session is. An open connection is judged by its peer's address, not by its name.
    pub fn world(&self) -> World {
        match self.opened() {
            Some(opened) if self.target.place == Place::Live && opened.peer.is_here() => World::Loopback,
            Some(_) if self.target.place == Place::Live => World::Live,
            None if self.target.place == Place::Live && self.told_here() => World::Loopback,
            _ => World::of(self.target.place, &self.target.host),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        for host in ["127.0.0.1", "127.8.9.1", "localhost", "[::1]", "::1", "[IPv6:::1]"] {
            assert_eq!(World::of(Place::Live, host), World::Loopback, "{host}");
        }
        for host in ["mx1.harbor.test", "192.0.2.1", "localhost.example", "[::2]"] {
            assert_eq!(World::of(Place::Live, host), World::Live, "{host}");
        }
    }
}
