//! The keys and commands as Markdown, from the tables that the program goes by.

use std::fmt::Write as _;

use super::{Context, Keymap, all};
use crate::input::Key;

/// Every key, place by place, with what it does.
pub fn keys(keymap: &Keymap) -> String {
    let mut out = String::from("# Keys\n");
    for context in Context::ALL {
        let called: Vec<_> = all().map(|command| (keymap.keys_in(command, context), command)).collect();
        if called.iter().all(|(keys, _)| keys.is_empty()) {
            continue;
        }
        let _ = write!(out, "\n## {}\n\n| key | what it does |\n|---|---|\n", capital(context.words()));
        for (keys, command) in called.iter().filter(|(keys, _)| !keys.is_empty()) {
            let _ = writeln!(out, "| {} | {} |", names(keys), cell(command.about));
        }
    }
    out
}

/// Every command, by its name, with its keys and what it does.
pub fn commands(keymap: &Keymap) -> String {
    let mut out = String::from("| command | title | keys | what it does |\n|---|---|---|---|\n");
    for command in all() {
        let mut keys: Vec<Key> = Vec::new();
        for (_, key) in keymap.keys(command) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        let _ = writeln!(out, "| `{}` | {} | {} | {} |", command.id, command.title, names(&keys), cell(command.about));
    }
    out
}

fn names(keys: &[Key]) -> String {
    let names: Vec<_> = keys.iter().map(|key| format!("`{}`", cell(&key.to_string()))).collect();
    names.join(" ")
}

/// A text that ends no cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_and_every_key_is_in_the_lists() {
        let (keymap, keys) = (Keymap::default(), keys(&Keymap::default()));
        let commands = commands(&keymap);
        assert_eq!(commands.lines().count(), all().count() + 2);
        for command in all() {
            assert!(commands.contains(&format!("| `{}` | {} |", command.id, command.title)), "{command:?}");
            for (context, key) in keymap.keys(command) {
                let section = keys.split("\n## ").find(|text| text.starts_with(&capital(context.words())));
                let row = |line: &&str| line.contains(&format!("`{}`", cell(&key.to_string())));
                let told = section.and_then(|section| section.lines().find(row)).unwrap_or_default();
                assert!(told.ends_with(&format!("| {} |", cell(command.about))), "{key} in {context:?}: {told}");
            }
        }
    }

    #[test]
    fn own_keys_are_told_instead() {
        let mut keymap = Keymap::default();
        keymap
            .bind(crate::command::find("letter.form").expect("a command"), &["F7".parse().expect("a key")])
            .expect("F7");
        assert!(commands(&keymap).contains("| `letter.form` | letter form | `F7` |"));
    }
}
