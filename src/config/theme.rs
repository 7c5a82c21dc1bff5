//! The theme of the file: colours of roles, over one of the other themes.

use toml::de::{DeTable, DeValue};

use super::{Refusal, bad, line_of, nearest};
use crate::ui::theme::own::{COLOUR, ROLES};
use crate::ui::theme::{Own, Theme};

/// The key for the theme below.
pub(super) const ON: &str = "on";

/// Takes the table in.
pub(super) fn take(own: &mut Own, text: &str, table: &DeTable<'_>) -> Result<(), Refusal> {
    for (key, value) in table {
        let line = line_of(text, key.span().start);
        let name: &str = key.get_ref();
        if name == ON {
            own.on = below(value.get_ref()).ok_or_else(|| bad(line, &format!("{ON} needs {}.", themes())))?;
            continue;
        }
        let (_, role) = ROLES.iter().find(|(known, _)| *known == name).ok_or_else(|| unknown(line, name))?;
        if !value.get_ref().as_str().is_some_and(|colour| own.set(*role, colour)) {
            return Err(bad(line, &format!("{name} needs {COLOUR}.")));
        }
    }
    Ok(())
}

fn below(value: &DeValue<'_>) -> Option<Theme> {
    value.as_str().and_then(Theme::named).filter(|theme| *theme != Theme::Own)
}

fn themes() -> String {
    let names = Theme::ALL.iter().filter(|theme| **theme != Theme::Own).map(|theme| format!("\"{}\"", theme.name()));
    format!("one of {}", names.collect::<Vec<_>>().join(", "))
}

fn unknown(line: usize, name: &str) -> Refusal {
    let why = match nearest(name, ROLES.iter().map(|(known, _)| *known)) {
        Some(near) => format!("unknown role '{name}'. Did you mean '{near}'?"),
        None => format!("unknown role '{name}'."),
    };
    let names: Vec<_> = ROLES.iter().map(|(known, _)| *known).collect();
    let next = format!("The roles are {}; and {ON}, for the theme below.", names.join(", "));
    Refusal { id: "config/unknown-key", line: Some(line), why, next }
}
