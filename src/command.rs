//! Commands are data: one table per screen with id, title, keys, when and run; help, palette and footer come from it.
//!
//! A feature is a row of its table, a function and a test that presses its key. Nothing central changes for it.
//!
//! There is one layer of letters: `Esc` and then the letter, or `Alt` with the letter, which most terminals send as the
//! same bytes. What a letter does is the same in every place. A letter without them is text to be typed.

#[cfg(debug_assertions)]
pub mod debug;
pub mod global;
pub mod keymap;
pub mod print;

use crate::app::App;
use crate::input::Key;

pub use keymap::Keymap;

/// Something that a person can have done.
pub struct Command {
    /// Its stable name, as `transcript.search`.
    pub id: &'static str,
    /// Its name in the palette and in help, in a few words.
    pub title: &'static str,
    /// What it does, in one sentence.
    pub about: &'static str,
    /// Where which keys call it; the first key of a context is the one that is shown.
    pub keys: &'static [(Context, &'static str)],
    /// Whether it can be called now.
    pub when: fn(&App) -> Availability,
    /// Does it.
    pub run: fn(&mut App),
}

/// Whether a command can be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// It can.
    Yes,
    /// It cannot, and this is why; it stays in its place in every list, with the reason.
    No(&'static str),
}

/// Where a key was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Context {
    /// Everywhere, even in a layer that has all other keys.
    AboveLayers,
    /// Anywhere, unless a nearer context has the key.
    Anywhere,
    /// In the Send pane, whatever is typed there.
    Send,
    /// In the Send pane at the beginning of an empty line.
    SendEmpty,
    /// In the Send pane while a letter is written.
    Letter,
    /// In any pane that is a list or a text.
    List,
    /// In the transcript.
    Transcript,
    /// In the DNS pane.
    Dns,
    /// In the letter reader.
    Mailbox,
    /// Where a conversation is shown that was opened from the map.
    FromMap,
    /// Where a recording is shown.
    Replay,
}

impl Context {
    /// All, in the order in which help tells them.
    pub const ALL: [Self; 11] = [
        Self::AboveLayers,
        Self::Anywhere,
        Self::Send,
        Self::SendEmpty,
        Self::Letter,
        Self::List,
        Self::Transcript,
        Self::Dns,
        Self::Mailbox,
        Self::FromMap,
        Self::Replay,
    ];

    /// Its heading in help.
    pub const fn words(self) -> &'static str {
        match self {
            Self::AboveLayers => "everywhere",
            Self::Anywhere => "anywhere",
            Self::Send => "Send pane",
            Self::SendEmpty => "Send pane, empty line",
            Self::Letter => "letter",
            Self::List => "lists and texts",
            Self::Transcript => "transcript",
            Self::Dns => "DNS pane",
            Self::Mailbox => "mailbox",
            Self::FromMap => "opened from the map",
            Self::Replay => "recording",
        }
    }
}

/// Always.
pub const fn always(_: &App) -> Availability {
    Availability::Yes
}

/// Every table of the program.
pub fn tables() -> [&'static [Command]; 7] {
    use crate::screen::session::commands::{connection, lab, panes, reading, replay, typing};
    [typing::TABLE, reading::TABLE, panes::TABLE, connection::TABLE, lab::TABLE, replay::TABLE, global::TABLE]
}

/// Every command of the program.
pub fn all() -> impl Iterator<Item = &'static Command> {
    tables().into_iter().flatten()
}

/// The command with this id.
pub fn find(id: &str) -> Option<&'static Command> {
    all().chain(hidden()).find(|command| command.id == id)
}

/// Commands that are in no list; there are none in a release.
fn hidden() -> impl Iterator<Item = &'static Command> {
    #[cfg(debug_assertions)]
    let table = debug::TABLE;
    #[cfg(not(debug_assertions))]
    let table: &[Command] = &[];
    table.iter()
}

impl Command {
    /// True if a key calls this command in a context.
    pub fn has(&self, context: Context, key: Key) -> bool {
        self.keys.iter().any(|(place, name)| *place == context && name.parse() == Ok(key))
    }
}

/// By its id.
impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    #[test]
    fn every_key_of_the_tables_is_the_name_of_a_key() {
        for command in all() {
            for (_, name) in command.keys {
                assert!(name.parse::<Key>().is_ok(), "{command:?}: {name}");
            }
        }
    }

    #[test]
    fn no_key_calls_two_commands_in_one_context() {
        let mut taken: HashMap<(Context, Key), &str> = HashMap::new();
        for command in all() {
            for (context, name) in command.keys {
                let key = name.parse().expect("a key");
                if let Some(other) = taken.insert((*context, key), command.id) {
                    panic!("{name} calls both {other} and {} in {context:?}", command.id);
                }
            }
        }
    }

    #[test]
    fn no_key_that_types_text_is_bound_where_text_is_typed() {
        for command in all() {
            for (context, name) in command.keys {
                let typed = name.parse::<Key>().expect("a key").typed();
                let typing =
                    matches!(context, Context::AboveLayers | Context::Anywhere | Context::Send | Context::Letter);
                assert!(!(typing && typed.is_some()), "{command:?}: {name} is text");
                if *context == Context::SendEmpty {
                    assert!(matches!(typed, Some(':' | '?')), "{command:?}: only : and ? are taken from an empty line");
                }
            }
        }
    }

    #[test]
    fn ids_are_unique_and_texts_are_there() {
        let mut seen = HashSet::new();
        for command in all() {
            assert!(seen.insert(command.id), "{command:?} is there twice");
            assert!(command.id.contains('.'), "{command:?}: an id is a noun, a dot and a verb");
            assert!(!command.title.is_empty() && command.about.ends_with('.'), "{command:?}");
        }
    }
}
