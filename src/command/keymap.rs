//! The keymap: the keys of the command tables, with those of the person in their places.
//!
//! A command that the person gave keys has these and no others, wherever it could be called by a key before; one of its
//! own stays where it was. A key that types a character calls a command only where nothing is typed. One key never calls
//! two commands in one place.

use std::collections::BTreeMap;

use super::{Command, Context, all};
use crate::input::Key;

/// Which keys call which commands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keymap {
    /// By the id of a command, the keys that the person gave it.
    own: BTreeMap<&'static str, Vec<(Context, Key)>>,
}

/// A key that would call two commands.
#[derive(Debug, Clone, Copy)]
pub struct Conflict {
    /// The key.
    pub key: Key,
    /// The command that the person gave it.
    pub command: &'static Command,
    /// The other one.
    pub other: &'static Command,
}

impl Keymap {
    /// Gives a command these keys in the place of its own; none at all are allowed. A key that is text wherever the
    /// command is called comes back, and nothing changes.
    pub fn bind(&mut self, command: &'static Command, keys: &[Key]) -> Result<(), Key> {
        let mut bound = Vec::new();
        for key in keys {
            let places: Vec<Context> = places(command, *key).into_iter().filter(|place| place.takes(*key)).collect();
            if places.is_empty() {
                return Err(*key);
            }
            bound.extend(places.into_iter().map(|place| (place, *key)));
        }
        self.own.insert(command.id, bound);
        Ok(())
    }

    /// The keys of the person that would call another command as well, in the order of the tables.
    pub fn conflict(&self) -> Option<Conflict> {
        let own = || all().filter(|command| self.own.contains_key(command.id));
        own().find_map(|command| {
            self.keys(command).into_iter().find_map(|(place, key)| {
                let same = |other: &&Command| {
                    other.id != command.id && self.keys(other).into_iter().any(|its| place.meets(its.0) && its.1 == key)
                };
                all().find(same).map(|other| Conflict { key, command, other })
            })
        })
    }

    /// The command that a key calls: the nearest context that knows the key decides.
    pub fn resolve(&self, contexts: &[Context], key: Key) -> Option<&'static Command> {
        contexts.iter().find_map(|context| all().find(|command| self.has(command, *context, key)))
    }

    /// Where which keys call a command; the first one of a context is the one that is shown.
    pub fn keys(&self, command: &Command) -> Vec<(Context, Key)> {
        let parsed = |(context, name): &(Context, &str)| name.parse().ok().map(|key| (*context, key));
        self.own.get(command.id).cloned().unwrap_or_else(|| command.keys.iter().filter_map(parsed).collect())
    }

    /// The keys that call a command in a context.
    pub fn keys_in(&self, command: &Command, context: Context) -> Vec<Key> {
        if let Some(keys) = self.own.get(command.id) {
            return keys.iter().filter(|(place, _)| *place == context).map(|(_, key)| *key).collect();
        }
        let given = command.keys.iter().filter(|(place, _)| *place == context);
        given.filter_map(|(_, name)| name.parse().ok()).collect()
    }

    /// The keys that the person gave a command; `None` if it has its own.
    pub fn own(&self, command: &Command) -> Option<Vec<Key>> {
        let mut keys: Vec<Key> = self.own.get(command.id)?.iter().map(|(_, key)| *key).collect();
        keys.dedup();
        Some(keys)
    }

    /// The key that is shown for a command, given where the person is.
    pub fn key(&self, command: &Command, contexts: &[Context]) -> Option<Key> {
        let here = contexts.iter().find_map(|context| self.keys_in(command, *context).first().copied());
        here.or_else(|| self.keys(command).first().map(|(_, key)| *key))
    }

    /// The letter that calls a command behind `Esc`.
    pub fn menu_letter(&self, command: &Command) -> Option<char> {
        let keys = self.keys(command).into_iter().map(|(_, key)| key);
        keys.filter(|key| key.alt && !key.ctrl).find_map(|key| Key { alt: false, ..key }.typed())
    }

    fn has(&self, command: &Command, context: Context, key: Key) -> bool {
        match self.own.get(command.id) {
            Some(keys) => keys.contains(&(context, key)),
            None => command.has(context, key),
        }
    }
}

/// Where a key of the person's calls a command: where its table has this key, else where it has keys, else anywhere.
fn places(command: &Command, key: Key) -> Vec<Context> {
    let given = command.keys.iter().filter(|(_, name)| name.parse() == Ok(key)).map(|(place, _)| *place);
    let mut places: Vec<Context> = given.collect();
    if places.is_empty() {
        places.extend(command.keys.iter().map(|(place, _)| *place));
    }
    if places.is_empty() {
        places.push(Context::Anywhere);
    }
    places.sort();
    places.dedup();
    places
}

impl Context {
    /// True if a key can call something here. Where lines are typed, a character is text; at the beginning of an empty
    /// line `:` and `?` alone are none.
    pub fn takes(self, key: Key) -> bool {
        match (self, key.typed()) {
            (Self::SendEmpty, character) => matches!(character, Some(':' | '?')),
            (_, Some(_)) => self.is_without_text(),
            (_, None) => true,
        }
    }

    /// True where nothing is typed.
    fn is_without_text(self) -> bool {
        matches!(self, Self::List | Self::Transcript | Self::Dns | Self::Mailbox | Self::FromMap | Self::Replay)
    }

    /// True if a key would be heard in both places at once. A nearer place wins over `Anywhere`, which is no conflict.
    fn meets(self, other: Self) -> bool {
        self == other || self == Self::AboveLayers || other == Self::AboveLayers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::find;

    fn key(name: &str) -> Key {
        name.parse().expect("the name of a key")
    }

    fn bound(pairs: &[(&str, &str)]) -> Keymap {
        let mut keymap = Keymap::default();
        for (id, name) in pairs {
            keymap.bind(find(id).expect("a command"), &[key(name)]).expect("no text");
        }
        keymap
    }

    #[test]
    fn own_keys_replace_those_of_the_table_wherever_these_were() {
        let keymap = bound(&[("letter.form", "F7")]);
        let called = |name| keymap.resolve(&[Context::Send, Context::Anywhere], key(name)).map(|command| command.id);
        assert_eq!((called("F7"), called("Alt-l"), called("F1")), (Some("letter.form"), None, Some("help.open")));
        let command = find("letter.form").expect("a command");
        assert_eq!((keymap.key(command, &[]), keymap.menu_letter(command)), (Some(key("F7")), None));
        assert_eq!(keymap.own(command), Some(vec![key("F7")]));
    }

    #[test]
    fn a_command_without_keys_in_the_tables_is_called_from_anywhere() {
        let keymap = bound(&[("theme.next", "F11")]);
        let found = keymap.resolve(&[Context::List, Context::Anywhere], key("F11"));
        assert_eq!(found.map(|command| command.id), Some("theme.next"));
    }

    #[test]
    fn a_character_is_text_where_lines_are_typed() {
        let mut keymap = Keymap::default();
        let form = find("letter.form").expect("a command");
        assert_eq!(keymap.bind(form, &[key("F7"), key("j")]), Err(key("j")));
        assert_eq!(keymap, Keymap::default());
        let help = find("help.open").expect("a command");
        assert_eq!(keymap.bind(help, &[key("?")]), Ok(()), "at the beginning of an empty line");
    }

    #[test]
    fn a_key_for_two_commands_is_a_conflict_with_both() {
        let conflict = |pairs: &[_]| bound(pairs).conflict().map(|it| (it.command.id, it.other.id));
        assert_eq!(conflict(&[("letter.form", "F1")]), Some(("letter.form", "help.open")));
        assert_eq!(conflict(&[("letter.form", "F1"), ("help.open", "Alt-l")]), None, "they changed places");
        assert_eq!(conflict(&[("letter.form", "Ctrl-Z")]), Some(("letter.form", "program.suspend")));
        assert_eq!(conflict(&[("program.suspend", "Enter")]).map(|it| it.0), Some("program.suspend"));
        assert_eq!(Keymap::default().conflict().map(|it| it.key), None);
    }
}
