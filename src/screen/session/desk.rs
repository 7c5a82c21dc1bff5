//! What the screen works on and what it asks of the application, apart from the application itself.

use crate::app::{App, Effect, Settings};
use crate::session::Model;

use super::Room;

/// The model, the settings, and a list for what is to be done and said.
pub struct Desk<'a> {
    /// What happened.
    pub model: &'a mut Model,
    /// What the person has set.
    pub settings: &'a Settings,
    effects: Vec<Effect>,
    said: Option<String>,
}

impl Desk<'_> {
    /// Has something done in the world.
    pub fn emit(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Says something at the bottom for a few seconds.
    pub fn say(&mut self, text: impl Into<String>) {
        self.said = Some(text.into());
    }
}

impl Room {
    /// Works on the screen's state with the model at hand.
    pub fn work<T>(app: &mut App, act: impl FnOnce(&mut Self, &mut Desk<'_>) -> T) -> T {
        let mut desk = Desk { model: &mut app.model, settings: &app.settings, effects: Vec::new(), said: None };
        let found = act(&mut app.room, &mut desk);
        let Desk { effects, said, .. } = desk;
        for effect in effects {
            app.emit(effect);
        }
        if let Some(text) = said {
            app.say(text);
        }
        Self::settle(app);
        found
    }
}
