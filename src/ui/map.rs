//! The map of a letter's way through the lab: the hosts that had it, what was said where, and why it is where it is.
//!
//! ```text
//! title, clock
//! ┌────────┐     ╔════════╗
//! │ host   │────▶║ host   ║      the hosts of the way that leads over the selected row
//! └────────┘     ╚════════╝
//! cast           who else is there, what waits where and what is different, where there is room
//! journey        a row for each thing that happened
//! explanation    of the selected row; beside the journey where there is room, with the letter and the news below
//! ```
//!
//! No link is drawn over which nothing went.

mod cast;
mod hosts;
mod letter;
mod rows;
mod words;

use ratatui::layout::{Position, Rect};

use crate::session::Model;
use crate::session::journey::Journey;

use super::lab_mail::{self, pause, spelled};
use super::pane::Frame;
use super::remote;
use super::text::{Pen, Role, Run, clip, wrap_words};

/// From this width and height on everything has its place.
const WIDE: (u16, u16) = (140, 40);
/// Lines of the list of all hosts, with its frame.
const CAST: u16 = 8;
/// From this height on panes are framed.
const FRAMED: u16 = 20;

/// A letter to be drawn.
pub struct Map<'a> {
    /// What is known.
    pub model: &'a Model,
    /// Its way; none before there was a letter.
    pub journey: Option<&'a Journey<'a>>,
    /// Which of how many letters, counted from 1, the newest first.
    pub place: (usize, usize),
    /// The selected row.
    pub row: usize,
    /// The speed at which the clock runs when it is set running: seconds of the lab in one of ours.
    pub speed: u32,
    /// True if the clock goes with the real time by itself.
    pub real_time: bool,
    /// True if it is the map of a recording.
    pub recorded: bool,
}

/// The speeds at which the clock may run, seconds of the lab in one of ours.
pub const SPEEDS: [u32; 6] = [1, 10, 60, 600, 3600, 86_400];

/// Where everything is.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    hosts: Rect,
    /// Everybody who lives in the lab, with its frame.
    cast: Option<Rect>,
    /// The journey, with its frame.
    rows: Rect,
    words: Rect,
    letter: Option<Rect>,
    news: Option<Rect>,
    framed: bool,
}

impl Layout {
    /// The layout for a screen; its last line is left for keys.
    pub fn of(area: Rect) -> Self {
        let framed = area.height >= FRAMED;
        let below = |top: Rect, y: u16, height: u16| Rect { y: top.y.saturating_add(y), height, ..top };
        let wide = (area.width, area.height) >= WIDE && area.height >= WIDE.1;
        let head = 2.min(area.height);
        let high = if wide { 6 } else { 5 };
        let hosts = below(area, head, high.min(area.height.saturating_sub(head + 1)));
        let rest = area.height.saturating_sub(head + high + 1);
        let top = below(area, head + high, rest);
        if !wide {
            let rows = rest.div_ceil(2);
            let words = below(top, rows, rest.saturating_sub(rows));
            return Self { hosts, cast: None, rows: below(top, 0, rows), words, letter: None, news: None, framed };
        }
        let cast = below(top, 0, CAST.min(rest));
        let (top, rest) = (below(top, CAST, rest.saturating_sub(CAST)), rest.saturating_sub(CAST));
        let (upper, left) = (rest.div_ceil(2), area.width * 2 / 3);
        let part = |x: u16, width: u16, y: u16, height: u16| Rect { x: area.x + x, width, ..below(top, y, height) };
        let (right, lower) = (area.width - left, rest - upper);
        Self {
            hosts,
            cast: Some(cast),
            rows: part(0, left, 0, upper),
            words: part(left, right, 0, upper),
            letter: Some(part(0, left, upper, lower)),
            news: Some(part(left, right, upper, lower)),
            framed,
        }
    }

    /// Where the rows of the journey are.
    pub fn list(&self) -> Rect {
        let inner = self.inside(self.rows);
        let begins = rows::headings(inner.height);
        Rect { y: inner.y + begins, height: inner.height.saturating_sub(begins), ..inner }
    }

    /// What the frame of a pane leaves inside.
    fn inside(&self, outer: Rect) -> Rect {
        if self.framed {
            return Rect {
                x: outer.x.saturating_add(1),
                y: outer.y.saturating_add(1),
                width: outer.width.saturating_sub(2),
                height: outer.height.saturating_sub(2),
            };
        }
        Rect { y: outer.y.saturating_add(1), height: outer.height.saturating_sub(1), ..outer }
    }
}

impl Map<'_> {
    /// Draws it; says where the selected row stands.
    pub fn draw(&self, area: Rect, pen: &mut Pen<'_>) -> Option<Position> {
        pen.within(area).clear();
        let layout = Layout::of(area);
        self.head(&mut pen.within(Rect { height: 2.min(area.height), ..area }));
        if let Some(outer) = layout.cast {
            let mut inner = pane(pen, &layout, outer, "Who else is there", "f changes a host", false);
            cast::draw(self, &mut inner);
        }
        let Some(journey) = self.journey else {
            let mut pen = pen.within(layout.hosts);
            pen.put(1, 1, "No letter has been on its way yet.", Role::Text);
            let words = "A letter that a server of the lab takes is shown here, with every hop.";
            let lines = wrap_words(&[Run::new(words, Role::Quiet)], pen.width().saturating_sub(2));
            for (line, y) in lines.iter().zip(2..) {
                pen.runs(1, y, line);
            }
            return Some(Position::new(area.x, area.y));
        };
        hosts::draw(self, journey, &mut pen.within(layout.hosts));
        let title = format!("Journey of {}", journey.id);
        let right = format!("row {} of {}, {}", self.row + 1, journey.rows.len(), self.queue_of(journey));
        let mut inner = pane(pen, &layout, layout.rows, &title, &right, true);
        let cursor = rows::draw(self, journey, &mut inner);
        let place = layout.inside(layout.rows);
        let title = format!("Explain: {}", words::heading(self, journey, pen.ascii()));
        let mut inner = pane(pen, &layout, layout.words, &title, "", false);
        let lines = self.words(inner.width().saturating_sub(2));
        page(&mut inner, &lines);
        if let Some(outer) = layout.letter {
            let title = "The letter here: what each host added, read from the bottom up";
            let mut inner = pane(pen, &layout, outer, title, "", false);
            let lines = self.letter(inner.width().saturating_sub(2));
            page(&mut inner, &lines);
        }
        if let Some(outer) = layout.news {
            let mut inner = pane(pen, &layout, outer, "What happened in the lab, the newest first", "", false);
            let lines = {
                let room = inner.width().saturating_sub(2);
                lab_mail::events(&self.model.lab_mail, inner.height().into(), room, inner.ascii())
            };
            page(&mut inner, &lines);
        }
        Some(Position::new(place.x, place.y + cursor))
    }

    /// The header of the letter as it was at the selected row, with whoever added what.
    pub fn letter(&self, room: usize) -> Vec<Vec<Run>> {
        self.journey.map(|journey| letter::lines(self, journey, room)).unwrap_or_default()
    }

    /// The explanation of the selected row.
    pub fn words(&self, room: usize) -> Vec<Vec<Run>> {
        self.journey.map(|journey| words::lines(self, journey, room)).unwrap_or_default()
    }

    /// The host that the selected row is about: the one it leads to, or where it happened.
    pub fn host(&self) -> Option<&str> {
        let row = self.journey?.rows.get(self.row)?;
        Some(row.leads_to().unwrap_or(&row.news.host))
    }

    /// The journey as text, to be copied.
    pub fn text(&self) -> String {
        let Some(journey) = self.journey else { return String::new() };
        rows::text(self, journey)
    }

    /// The title and the clock.
    fn head(&self, pen: &mut Pen<'_>) {
        let ascii = pen.ascii();
        let mut runs = vec![
            Run::new(" ehlo ", Role::Heading),
            Run::new(if self.recorded { "[REPLAY]" } else { "[LAB offline]" }, Role::Lab),
            Run::new(" map", Role::Heading),
        ];
        if let Some(journey) = self.journey {
            let (at, of) = self.place;
            let arrow = if ascii { "->" } else { "→" };
            let from = journey.from.map_or_else(|| "(no longer known)".into(), lab_mail::sender);
            let to = remote::shown(&journey.to.join(", "));
            let subject = letter::subject(self, journey).map(|subject| format!(" \"{subject}\"")).unwrap_or_default();
            runs.push(Run::new(format!("  letter {at} of {of}{subject}  {from} {arrow} {to}"), Role::Text));
        }
        let room = pen.width().saturating_sub(1);
        let line: String = runs.drain(3..).map(|run| run.text).collect();
        let x = pen.runs(0, 0, &runs);
        pen.put(x, 0, &clip(&line, room.saturating_sub(x), ascii), Role::Text);
        let mail = &self.model.lab_mail;
        if self.recorded {
            pen.put(1, 1, "as it was recorded", Role::Quiet);
            return;
        }
        let now = mail.now.map_or_else(|| "not known yet".into(), |now| spelled(now, "%a %d %b %H:%M:%S"));
        let x = pen.put(1, 1, &format!("lab clock {now}"), Role::Heading);
        let goes = match (mail.pace, self.real_time) {
            (_, true) => "real time".to_owned(),
            (0, false) => format!("paused, x{}", self.speed),
            (pace, false) => format!("runs, x{pace}"),
        };
        let x = pen.put(x, 1, &format!("  {goes}"), if mail.pace > 0 { Role::Wait } else { Role::Quiet });
        let next = match (mail.now, mail.next) {
            (Some(now), Some(next)) => format!("  + to {}, in {}", spelled(next, "%d %b %H:%M:%S"), pause(now, next)),
            _ => "  nothing is due".to_owned(),
        };
        pen.put(x, 1, &clip(&next, room.saturating_sub(x), ascii), Role::Quiet);
    }

    /// What waits of this letter.
    fn queue_of(&self, journey: &Journey<'_>) -> String {
        let ids: std::collections::BTreeSet<&str> = journey.rows.iter().map(|row| row.news.id.as_str()).collect();
        let count = |(_, waiting): (&str, &[crate::ports::lab::Waits])| {
            waiting.iter().filter(|waits| ids.contains(waits.id.as_str())).count()
        };
        match self.model.lab_mail.waiting().map(count).sum::<usize>() {
            0 => "nothing of it waits".to_owned(),
            1 => "waits for 1 recipient".to_owned(),
            more => format!("waits for {more} recipients"),
        }
    }
}

/// As many lines as there is room for; the last one says if there are more.
fn page(pen: &mut Pen<'_>, lines: &[Vec<Run>]) {
    let room = usize::from(pen.height());
    let fits = lines.len() <= room;
    let shown = if fits { room } else { room.saturating_sub(1) };
    for (line, y) in lines.iter().take(shown).zip(0..) {
        pen.runs(1, y, line);
    }
    if !fits {
        let more = if pen.ascii() { "..." } else { "…" };
        pen.put(1, pen.height().saturating_sub(1), more, Role::Quiet);
    }
}

/// A host's name as it fits into a box: what all of the lab's share is left out.
fn short(host: &str) -> &str {
    host.strip_suffix(".test").unwrap_or(host)
}

/// Frames a pane; what comes back draws inside.
fn pane<'p>(pen: &'p mut Pen<'_>, layout: &Layout, outer: Rect, title: &str, right: &str, focus: bool) -> Pen<'p> {
    let inner = layout.inside(outer);
    Frame { title, right, focus, framed: layout.framed, ..Frame::default() }.draw(pen, outer, inner);
    pen.within(inner)
}
