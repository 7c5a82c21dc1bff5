//! One frame of the session screen at 160x50 with a million rows: the same at the start, in the middle and at the end.
//! Goal: at most 0.3 ms.

#![expect(clippy::expect_used, reason = "a bench that cannot be set up must stop")]

use std::sync::Arc;
use std::time::Duration;

use divan::Bencher;
use ehlo::app::{App, Msg, Settings};
use ehlo::input::{Input, Key};
use ehlo::ports::net::{self, Place, Target, What};
use ehlo::screen::session::Room;
use ehlo::session::look_ups::LookUps;
use ehlo::session::target::Wanted;
use ehlo::session::{Model, Signal};
use ehlo::tape::mark::{Mark, Opened};
use ehlo::tape::{Moment, Side};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

fn main() {
    divan::main();
}

/// Rows of the transcript.
const ROWS: usize = 1_000_000;

/// An application whose session has some rows: NOOP and its reply, again and again.
fn app(rows: usize) -> App {
    let mut app = App::new(Model::new(LookUps::new(1)), Room::default(), Settings::default());
    app.update(Msg::Input(Input::Resize(160, 50)), Moment::START);
    let target = Target::new("mx1.harbor.test", 25, Place::Lab);
    Room::begin(&mut app, Wanted::Host(Box::new(target)));
    let session = app.room.current.expect("a session is shown");
    let mut at = 0;
    let mut hear = |app: &mut App, what| {
        at += 1;
        let signal = net::Signal { session, at: Moment::from_millis(at), what };
        app.update(Msg::Signal(Signal::Net(signal)), Moment::from_millis(at));
    };
    let opened = Opened {
        host: "mx1.harbor.test".into(),
        peer: ([192, 0, 2, 10], 25).into(),
        local: None,
        lmtp: false,
        took: Duration::from_millis(1),
    };
    hear(&mut app, What::Mark(Mark::Opened(opened)));
    hear(&mut app, What::Bytes(Side::Server, Arc::from(&b"220 mx1.harbor.test ESMTP\r\n"[..])));
    hear(&mut app, What::Bytes(Side::Client, Arc::from(&b"EHLO laptop.you.test\r\n"[..])));
    hear(&mut app, What::Bytes(Side::Server, Arc::from(&b"250-mx1.harbor.test\r\n250 PIPELINING\r\n"[..])));
    // A thousand pairs at once, as PIPELINING sends them.
    let commands: Arc<[u8]> = b"NOOP are you there\r\n".repeat(1000).into();
    let replies: Arc<[u8]> = b"250 2.0.0 OK, still here\r\n".repeat(1000).into();
    for _ in 0..rows / 2000 {
        hear(&mut app, What::Bytes(Side::Client, Arc::clone(&commands)));
        hear(&mut app, What::Bytes(Side::Server, Arc::clone(&replies)));
    }
    app
}

fn press(app: &mut App, names: &str) {
    for name in names.split(' ') {
        let key: Key = name.parse().expect("the name of a key");
        app.update(Msg::Input(Input::Key(key)), Moment::START);
    }
}

fn frame(bencher: Bencher<'_, '_>, app: &App) {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 160, 50));
    bencher.bench_local(|| app.view(&mut buffer));
}

#[divan::bench]
fn at_the_start(bencher: Bencher<'_, '_>) {
    let mut app = app(ROWS);
    press(&mut app, "Alt-2 g");
    frame(bencher, &app);
}

#[divan::bench]
fn in_the_middle(bencher: Bencher<'_, '_>) {
    let mut app = app(ROWS);
    let id = app.room.current.expect("a session is shown");
    press(&mut app, "Alt-2 g");
    app.room.select(id, u32::try_from(ROWS / 2).expect("a row"));
    press(&mut app, "j");
    frame(bencher, &app);
}

#[divan::bench]
fn at_the_end(bencher: Bencher<'_, '_>) {
    let app = app(ROWS);
    frame(bencher, &app);
}

#[divan::bench]
fn with_a_hundred_rows(bencher: Bencher<'_, '_>) {
    let app = app(2000);
    frame(bencher, &app);
}
