//! The configuration as text: a file that can be saved and read back. What is set stands there as it is; what is not is a
//! comment with its default.

use std::fmt::Write as _;

use super::settings::{Default, SETTINGS, Setting};
use super::{Config, KEYS, OWN_THEME, Origin, theme, variable};
use crate::command;
use crate::ui::theme::own::ROLES;

/// Columns of a comment.
const COLUMNS: usize = 100;

/// The whole configuration; `file` is the path where it belongs, or where it was read, fit to be shown.
pub fn text(config: &Config, file: Option<&str>) -> String {
    let mut out = String::new();
    comment(
        &mut out,
        "The settings of ehlo. This text is itself a file of settings: save it, and change what you like.",
    );
    comment(
        &mut out,
        &match file {
            Some(file) => format!("Its place is {file}; EHLO_CONFIG or --config FILE name another one."),
            None => "There is no home directory, and so no place for it; EHLO_CONFIG or --config FILE name one.".into(),
        },
    );
    comment(&mut out, "An option wins over the environment, the environment over the file, the file over the default.");
    for setting in SETTINGS {
        out.push('\n');
        told(&mut out, setting, config, file);
    }
    keys(&mut out, config);
    own_theme(&mut out, config);
    out
}

fn told(out: &mut String, setting: &Setting, config: &Config, file: Option<&str>) {
    comment(out, setting.about);
    comment(out, &format!("{} on the command line, {} in the environment.", setting.option, variable(setting.name)));
    let (default, example) = match setting.default {
        Default::Value(value) => (setting.kind.written(value), value),
        Default::Words(words, example) => (words.to_owned(), example),
    };
    let origin = match config.origins.get(setting.name) {
        Some(Origin::Line(line)) => format!("set in {}:{line}", file.unwrap_or("the file")),
        Some(Origin::Environment) => format!("set by {}", variable(setting.name)),
        Some(Origin::CommandLine) => format!("set by {}", setting.option),
        None => "not set".into(),
    };
    comment(out, &format!("Default: {default}. Here: {origin}."));
    let (mark, value) = match setting.told(config) {
        Some(value) => ("", value),
        None => ("#", setting.kind.written(example)),
    };
    let _ = writeln!(out, "{mark}{} = {value}", setting.name);
}

fn keys(out: &mut String, config: &Config) {
    out.push('\n');
    comment(
        out,
        "Keys of commands: they take the place of a command's own. Keys are written as Enter, Alt-e, Ctrl-R, F1; [] is none.",
    );
    let _ = writeln!(out, "[{KEYS}]");
    for command in command::all() {
        let (mark, keys) = match config.keymap.own(command) {
            Some(keys) => ("", keys),
            None => ("#", config.keymap.keys(command).into_iter().map(|(_, key)| key).collect()),
        };
        let mut names: Vec<_> = keys.iter().map(|key| toml::Value::from(key.to_string()).to_string()).collect();
        names.dedup();
        let _ = writeln!(out, "{mark}{} = [{}]", command.id, names.join(", "));
    }
}

fn own_theme(out: &mut String, config: &Config) {
    let own = config.own_theme;
    out.push('\n');
    comment(
        out,
        "The theme \"own\": colours of roles, over another theme. A colour is a name, a number of the palette, or #rrggbb.",
    );
    let _ = writeln!(out, "[{OWN_THEME}]");
    let mark = if own == crate::ui::theme::Own::default() { "#" } else { "" };
    let _ = writeln!(out, "{mark}{} = \"{}\"", theme::ON, own.on.name());
    for (name, role) in ROLES {
        let (mark, colour) = own.told(role).map_or(("#", "Reset".to_owned()), |colour| ("", colour));
        let _ = writeln!(out, "{mark}{name} = \"{colour}\"");
    }
}

/// A comment, broken at blanks.
fn comment(out: &mut String, text: &str) {
    let mut used = 0;
    for word in text.split(' ') {
        let wide = word.chars().count() + 1;
        if used == 0 || used + wide > COLUMNS {
            out.push_str(if used == 0 { "#" } else { "\n#" });
            used = 1;
        }
        out.push(' ');
        out.push_str(word);
        used += wide;
    }
    out.push('\n');
}
