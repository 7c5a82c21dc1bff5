//! Moving in the panes that are lists or texts, and opening what is selected there.

use crate::app::App;

use super::Room;
use super::layout::Pane;
use super::replay::NOTHING_IS_SENT;
use super::view::View;

/// A movement in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Movement {
    /// So many lines, down if positive.
    Lines(i32),
    /// So many half pages.
    HalfPages(i32),
    /// To the first line.
    First,
    /// To the last line, and stay there.
    Last,
}

impl Room {
    /// Moves in the pane that has the keys.
    pub fn go(app: &mut App, movement: Movement) {
        let pane = app.room.focus;
        let height = app.room.layout(app.area(), &app.model).and_then(|layout| layout.place(pane));
        let half = i32::from(height.map_or(10, |place| place.inner.height) / 2).max(1);
        match movement {
            Movement::Lines(lines) => Self::move_pane(app, pane, lines),
            Movement::HalfPages(pages) => Self::move_pane(app, pane, pages * half),
            Movement::First => Self::move_pane(app, pane, -FAR),
            Movement::Last if pane == Pane::Transcript => {
                app.room.look(&app.model, |view, _| view.follow());
            }
            Movement::Last => Self::move_pane(app, pane, FAR),
        }
        Self::settle(app);
    }

    /// Moves a pane by lines.
    pub(super) fn move_pane(app: &mut App, pane: Pane, lines: i32) {
        let by = isize::try_from(lines).unwrap_or(0);
        match pane {
            Pane::Send => {}
            Pane::Transcript => {
                app.room.look(&app.model, |view, session| view.step(session, i64::from(lines)));
                Self::settle(app);
            }
            Pane::Dns => app.room.look_up.step(&app.model.look_ups, by),
            Pane::Stage | Pane::Capabilities => app.room.scroll_top(pane, by),
            Pane::Explain => Self::move_explanation(app, by),
        }
    }

    /// The steps of an explanation are stepped through; a text without steps scrolls.
    fn move_explanation(app: &mut App, by: isize) {
        let Some(place) = app.room.layout(app.area(), &app.model).and_then(|layout| layout.place(Pane::Explain)) else {
            return;
        };
        let Some(session) = app.room.session(&app.model) else { return };
        let Some(sheet) = app.room.sheet(&app.settings, session, place.inner.width.into()) else { return };
        let id = session.id;
        let steps = sheet.steps.len();
        if steps > 1 && by.abs() == 1 {
            app.room.step = app.room.step.saturating_add_signed(by).min(steps - 1);
        }
        let height = usize::from(place.inner.height.saturating_sub(1));
        let last = sheet.lines.len().saturating_sub(height);
        if let Some(view) = app.room.views.get_mut(&id) {
            view.explain_top = view.explain_top.saturating_add_signed(by).min(last);
        }
    }

    /// Enter in a list: what the selected line leads to.
    pub fn open_selected(app: &mut App) {
        match app.room.focus {
            Pane::Transcript => {
                let area = app.area();
                app.room.focus_on(Pane::Explain, area, &app.model);
            }
            Pane::Explain => Self::take_step(app),
            Pane::Dns if app.room.replay.is_some() => app.say(format!("Nobody was connected to: {NOTHING_IS_SENT}.")),
            Pane::Dns => match app.room.selected_host(&app.model, &app.settings) {
                Some(target) => Self::connect(app, target),
                None => app.say("This record names no host with an address."),
            },
            Pane::Send | Pane::Stage | Pane::Capabilities => {}
        }
    }

    /// Changes how the transcript of the shown session is looked at.
    pub(super) fn look_at<T>(app: &mut App, how: impl FnOnce(&mut View, &crate::session::Session) -> T) -> Option<T> {
        let found = app.room.look(&app.model, how);
        Self::settle(app);
        found
    }
}

/// Farther than any list is long.
const FAR: i32 = i32::MAX / 2;
