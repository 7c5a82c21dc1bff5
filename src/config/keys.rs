//! The keys of the file: which commands the person gave other keys.
//!
//! ```toml
//! [keys]
//! letter.form = "F7"                 # instead of its own
//! menu.open = ["Esc", "Ctrl-O"]      # both
//! program.suspend = []               # none
//! ```

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::{Refusal, bad, line_of, nearest};
use crate::command::{self, Command, Keymap};
use crate::input::Key;

/// Takes the table in.
pub(super) fn take(keymap: &mut Keymap, text: &str, table: &DeTable<'_>) -> Result<(), Refusal> {
    let mut lines = BTreeMap::new();
    walk(keymap, &mut lines, "", text, table)?;
    let Some(conflict) = keymap.conflict() else { return Ok(()) };
    let (command, other) = (conflict.command.id, conflict.other.id);
    let why = format!("{} would call both {command} and {other}.", conflict.key);
    // The line of one of the two, and the other one in words if it stands in the file as well.
    let next = match lines.get(other) {
        Some(line) => format!("Give one of them another key; {other} has its own in line {line}."),
        None => format!("Give it another key, or give {other} one: {other} = \"…\" or [] for none."),
    };
    Err(Refusal { id: "config/conflict", line: lines.get(command).copied(), why, next })
}

/// `letter.form` is a key of a table `letter`, as TOML has it; the names of commands are put together again.
fn walk(
    keymap: &mut Keymap,
    lines: &mut BTreeMap<&'static str, usize>,
    before: &str,
    text: &str,
    table: &DeTable<'_>,
) -> Result<(), Refusal> {
    for (key, value) in table {
        let id = format!("{before}{}", key.get_ref());
        let line = line_of(text, key.span().start);
        if let DeValue::Table(table) = value.get_ref() {
            walk(keymap, lines, &format!("{id}."), text, table)?;
            continue;
        }
        let command = command::all().find(|command| command.id == id).ok_or_else(|| unknown(line, &id))?;
        bind(keymap, command, line, value.get_ref())?;
        lines.insert(command.id, line);
    }
    Ok(())
}

fn bind(keymap: &mut Keymap, command: &'static Command, line: usize, value: &DeValue<'_>) -> Result<(), Refusal> {
    let needs = || bad(line, &format!("{} needs a key or a list of keys, as [\"F7\", \"Alt-j\"].", command.id));
    let names: Option<Vec<&str>> = match value {
        DeValue::String(name) => Some(vec![name.as_ref()]),
        DeValue::Array(names) => names.iter().map(|name| name.get_ref().as_str()).collect(),
        _ => None,
    };
    let keys: Result<Vec<Key>, _> = names.ok_or_else(needs)?.into_iter().map(str::parse).collect();
    let keys = keys.map_err(|no| bad(line, &format!("{no}.")))?;
    keymap.bind(command, &keys).map_err(|key| {
        bad(line, &format!("{key} is text that is typed where {} is called: it cannot be its key.", command.id))
    })
}

fn unknown(line: usize, id: &str) -> Refusal {
    let why = match nearest(id, command::all().map(|command| command.id)) {
        Some(near) => format!("there is no command '{id}'. Did you mean '{near}'?"),
        None => format!("there is no command '{id}'."),
    };
    Refusal { id: "config/unknown-key", line: Some(line), why, next: "ehlo docs commands lists them all.".into() }
}
