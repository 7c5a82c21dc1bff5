//! What lies between a scene and its peer: bytes and their times go straight to the tape.

use std::net::SocketAddr;
use std::time::Duration;

use ehlo::tape::mark::{Closed, Ending, Mark, Opened};
use ehlo::tape::{Moment, Side, Tape};
use tokio::time::Instant;

/// Something that happened and is not on the tape yet.
enum Event {
    Bytes(Side, Vec<u8>),
    Mark(Mark),
}

/// A connection whose other end is a test.
pub(crate) struct Wire {
    began: Instant,
    events: Vec<(Moment, Event)>,
    sent: Vec<u8>,
}

impl Wire {
    /// A connection that stands.
    pub(crate) fn connect() -> Self {
        let mut wire = Self { began: Instant::now(), events: Vec::new(), sent: Vec::new() };
        let peer = SocketAddr::from(([192, 0, 2, 10], 25));
        let took = Duration::from_millis(1);
        wire.happens(Event::Mark(Mark::Opened(Opened { host: "mx.example.test".into(), peer, local: None, took })));
        wire
    }

    /// The peer sends bytes.
    pub(crate) async fn peer(&mut self, bytes: &[u8]) {
        self.happens(Event::Bytes(Side::Server, bytes.to_vec()));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    /// The client sends a line; its end is added.
    pub(crate) async fn sends(&mut self, line: &[u8]) {
        let line = [line, b"\r\n"].concat();
        self.sent.extend_from_slice(&line);
        self.happens(Event::Bytes(Side::Client, line));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    /// The peer closes in good order.
    pub(crate) fn peer_ends(&mut self) {
        self.happens(Event::Mark(Mark::Closed(Closed { by: Side::Server, how: Ending::Clean })));
    }

    /// Puts on the tape what has happened since the last call.
    pub(crate) fn listen(&mut self, tape: &mut Tape) {
        for (at, event) in self.events.drain(..) {
            match event {
                Event::Bytes(side, bytes) => tape.push(side, at, &bytes),
                Event::Mark(mark) => tape.mark(at, mark),
            }
        }
    }

    /// Every octet that the peer received.
    pub(crate) fn peer_received(&self) -> &[u8] {
        &self.sent
    }

    fn happens(&mut self, event: Event) {
        let micros = u64::try_from(self.began.elapsed().as_micros()).unwrap();
        self.events.push((Moment::from_micros(micros), event));
    }
}
