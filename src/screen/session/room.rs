//! The session screen as the application sees it: what it shows, and what it does with keys, text and news.

use std::time::Duration;

use ratatui::layout::{Position, Rect};

use crate::app::App;
use crate::command::Context;
use crate::input::{Key, Mouse, Paste};
use crate::session::Signal;
use crate::tape::Moment;
use crate::ui::text::{Pen, Role};

/// The state of the session screen.
#[derive(Debug, Default)]
pub struct Room {}

impl Room {
    /// Begins with a target.
    pub fn begin(_: &mut App, _: super::target::Wanted) {}

    /// The contexts in which a key means something now, the nearest first.
    pub fn contexts(&self, _: &App) -> Vec<Context> {
        vec![Context::Send]
    }

    /// When something on the screen changes by itself.
    pub fn wake(&self, _: &App) -> Option<Moment> {
        None
    }

    /// Draws the screen; says where the terminal's cursor belongs.
    pub fn view(&self, _: &App, _: Rect, pen: &mut Pen<'_>) -> Option<Position> {
        pen.put(0, 0, "ehlo", Role::Heading);
        Some(Position::new(0, 0))
    }

    /// A service told something; the model has it already.
    pub fn heard(_: &mut App, _: &Signal) {}

    /// A key that no command has.
    pub fn key(_: &mut App, _: Key) {}

    /// A pasted text.
    pub fn paste(_: &mut App, _: Paste) {}

    /// The mouse did something.
    pub fn mouse(_: &mut App, _: Mouse) {}

    /// The editor came back.
    pub fn edited(_: &mut App, _: Result<String, String>) {}

    /// A file was read.
    pub fn read(_: &mut App, _: Result<Vec<u8>, String>) {}

    /// The program was stopped for a while.
    pub fn resumed(_: &mut App, _: Duration) {}
}
