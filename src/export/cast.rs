//! An asciicast, version 2: what was said, at the time when it was said, for asciinema and its players.
//!
//! A pause is cut to two seconds. Where the conversation comes to another stage a marker stands (event `m`).

use jiff::Timestamp;
use serde::Serialize;

use super::page::{Page, wrap};
use crate::dialogue::exchange::Exchange;
use crate::dialogue::row::{Row, RowId, What};
use crate::events::json::ascii;
use crate::session::Session;
use crate::tape::{Moment, Side};

const COLUMNS: usize = 80;
/// The longest pause.
const PAUSE: Moment = Moment::from_millis(2000);

#[derive(Serialize)]
struct Header<'a> {
    version: u32,
    width: usize,
    height: usize,
    timestamp: i64,
    title: &'a str,
}

/// The recording as a cast.
pub fn print(page: &Page) -> String {
    let begun = page.model.sessions().first().map_or(Timestamp::UNIX_EPOCH, |session| page.begun(session.id));
    let title = page.model.sessions().first().map(|session| page.heading(session)).unwrap_or_default();
    let header = Header { version: 2, width: COLUMNS, height: 24, timestamp: begun.as_second(), title: &title };
    let mut out = ascii(&header) + "\n";
    let mut clock = Clock::default();
    for session in page.model.sessions() {
        let at = clock.at(page.after(session.id));
        put(&mut out, at, "m", &page.heading(session));
        put(&mut out, at, "o", &format!("{}\r\n", wrap(&page.heading(session), COLUMNS).join("\r\n")));
        let mut stage = "";
        for line in page.lines(session) {
            let at = clock.at(page.after(session.id).after(line.at.since(Moment::START)));
            let now = stage_of(session, line.number);
            if !now.is_empty() && now != stage {
                stage = now;
                put(&mut out, at, "m", stage);
            }
            let said = wrap(&format!("{} {}", line.who, line.text), COLUMNS).join("\r\n");
            put(&mut out, at, "o", &format!("{said}\r\n"));
            if !line.note.is_empty() {
                let note = wrap(&line.note, COLUMNS - 3).join("\r\n   ");
                put(&mut out, at, "o", &format!("   {note}\r\n"));
            }
        }
    }
    out
}

/// The verb of a command: where the conversation is.
fn stage_of(session: &Session, number: u32) -> &'static str {
    let row = session.dialogue().row(RowId(number - 1)).filter(|row| row.side() == Some(Side::Client));
    let exchange = row.filter(|row| matches!(row.what, What::Command(_))).and_then(Row::exchange);
    let verb = exchange.and_then(|id| session.dialogue().exchange(id)).and_then(Exchange::verb);
    verb.map_or("", |verb| verb.name())
}

/// The time in the cast: that of the recording without the long pauses.
#[derive(Default)]
struct Clock {
    last: Moment,
    now: Moment,
}

impl Clock {
    fn at(&mut self, moment: Moment) -> Moment {
        let pause = moment.since(self.last).min(PAUSE.since(Moment::START));
        (self.last, self.now) = (self.last.max(moment), self.now.after(pause));
        self.now
    }
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of a recording are far below 2^53")]
fn put(out: &mut String, at: Moment, kind: &str, data: &str) {
    out.push_str(&ascii(&(at.micros() as f64 / 1e6, kind, data)));
    out.push('\n');
}
