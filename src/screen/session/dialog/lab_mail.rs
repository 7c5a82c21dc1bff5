//! The lab's mail on its way: the clock, the queues with reasons, what happened. The clock is turned here.

use std::time::Duration;

use ratatui::layout::{Position, Rect};

use crate::app::{App, Effect};
use crate::input::{Code, Key, Mouse};
use crate::layer::{Layer, beside, foot, inside, wheeled};
use crate::ports::lab::Request;
use crate::ui::lab_mail;
use crate::ui::text::Pen;

use super::prompt::Prompt;
use super::reader::{draw_lines, page_of, scroll};
use super::{arrows, page, place, window};

/// What `++` lets pass.
const STEP: Duration = Duration::from_mins(5);
/// The most that may pass at once.
const MOST: Duration = Duration::from_hours(365 * 24);

/// The lab's mail.
#[derive(Debug, Default)]
pub struct LabMail {
    first: usize,
}

impl LabMail {
    fn keys(ascii: bool) -> [(&'static str, &'static str); 6] {
        [("+", "next"), ("5", "min"), ("c", "clock"), (arrows(ascii), "move"), ("y", "copy"), ("Esc", "close")]
    }

    fn last(app: &App) -> usize {
        let room = usize::from(app.size().0.min(90)).saturating_sub(4);
        lab_mail::lines(&app.model.lab_mail, room, false).len().saturating_sub(page_of(app))
    }
}

/// Turns the lab's clock to the next thing that is due.
pub fn skip(app: &mut App) {
    if app.model.lab_mail.next.is_some() {
        app.emit(Effect::Lab(Request::Skip));
    } else {
        app.say("Nothing waits in the lab. `++` lets five minutes pass.");
    }
}

/// Lets five minutes pass in the lab.
pub fn five_minutes(app: &mut App) {
    app.emit(Effect::Lab(Request::Pass(STEP)));
}

/// Asks how much time is to pass.
pub fn ask(app: &mut App) {
    let hint = "How much time passes in the lab: 90s, 30m, 4h or 5d. What is due on the way happens at its time.";
    app.open(Box::new(Prompt::new("Lab clock", hint, "let it pass", pass)));
}

/// Lets as much time pass as a text says.
pub fn pass(app: &mut App, text: &str) -> Result<(), String> {
    let time = duration(text).ok_or("Write a number and s, m, h or d: 90s, 30m, 4h, 5d; at most 365d.")?;
    app.emit(Effect::Lab(Request::Pass(time)));
    Ok(())
}

/// `5d`.
fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let unit = text.chars().last()?;
    let number: u64 = text.strip_suffix(unit)?.trim_end().parse().ok()?;
    let seconds = match unit.to_ascii_lowercase() {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return None,
    };
    number.checked_mul(seconds).map(Duration::from_secs).filter(|time| !time.is_zero() && *time <= MOST)
}

impl Layer for LabMail {
    fn key(mut self: Box<Self>, key: Key, app: &mut App) -> Option<Box<dyn Layer>> {
        match key.code {
            Code::Esc | Code::Char('q') => return None,
            Code::Char('+') => skip(app),
            Code::Char('5') => five_minutes(app),
            Code::Char('c') => ask(app),
            Code::Char('y') => {
                app.emit(Effect::Copy(lab_mail::text(&app.model.lab_mail)));
                app.say("Sent to the terminal's clipboard; some terminals ignore that.");
            }
            _ => {
                let last = Self::last(app);
                scroll(&mut self.first, key, page_of(app), last);
            }
        }
        Some(self)
    }

    fn mouse(&mut self, mouse: Mouse, app: &App) -> Option<Key> {
        self.first = wheeled(self.first, mouse, Self::last(app));
        let outer = page(app.area());
        foot::key_at(mouse, inside(outer), &Self::keys(app.settings.ascii)).or_else(|| beside(mouse, outer))
    }

    fn view(&self, app: &App, area: Rect, pen: &mut Pen<'_>) -> Option<Position> {
        let inner = window(pen, page(area), "The lab's mail on its way");
        let mut pen = pen.within(inner);
        let lines = lab_mail::lines(&app.model.lab_mail, pen.width().saturating_sub(2), pen.ascii());
        draw_lines(&mut pen, &lines, self.first);
        let keys = Self::keys(pen.ascii());
        foot::draw(&mut pen, &keys);
        place(inner, 0, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_a_number_and_a_unit() {
        let seconds = |text| duration(text).map(|time| time.as_secs());
        assert_eq!(["90s", " 30m ", "4 h", "5D"].map(seconds), [90, 1800, 14_400, 432_000].map(Some));
        for bad in ["", "5", "d", "0d", "-1d", "1.5h", "5w", "366d", "99999999999999999999d", "5dd"] {
            assert_eq!(duration(bad), None, "{bad}");
        }
    }
}
