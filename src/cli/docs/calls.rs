//! What `ehlo` can be called with, as Markdown: its commands, and the options that all of them take.

use clap::{Arg, Command};

use super::built;

/// The heading behind which the commands of the screen stand.
pub(super) const ON_SCREEN: &str = "## Commands of the screen\n";

/// The two tables.
pub(super) fn text() -> String {
    let call = built();
    let mut out = String::from("| call | what it does |\n|---|---|\n");
    out += &row("ehlo", "Open the explorer on the lab; no packet leaves the machine.");
    for command in call.get_subcommands().filter(|command| command.get_name() != "help") {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        out += &row(&usage(command), &about);
    }
    out += "\n| option of every call | what it does |\n|---|---|\n";
    for option in call.get_arguments().filter(|option| option.is_global_set() || is_own(option)) {
        let about = option.get_help().map(ToString::to_string).unwrap_or_default();
        out += &row(&spelled(option), &about);
    }
    out
}

/// A row of a table; its second cell is a sentence.
fn row(call: &str, about: &str) -> String {
    format!("| `{}` | {}. |\n", call.replace('|', "\\|"), about.trim_end_matches('.').replace('|', "\\|"))
}

/// clap's own two.
fn is_own(option: &Arg) -> bool {
    ["help", "version"].contains(&option.get_id().as_str())
}

/// The command with what stands behind it.
fn usage(command: &Command) -> String {
    let mut words = vec!["ehlo".to_owned(), command.get_name().to_owned()];
    for argument in command.get_positionals() {
        let name = argument.get_value_names().and_then(<[_]>::first).map(ToString::to_string).unwrap_or_default();
        words.push(if argument.is_required_set() { name } else { format!("[{name}]") });
    }
    let topics: Vec<&str> = command.get_subcommands().map(Command::get_name).filter(|name| *name != "help").collect();
    if !topics.is_empty() {
        words.push(topics.join("|"));
    }
    words.join(" ")
}

fn spelled(option: &Arg) -> String {
    let long = option.get_long().unwrap_or_default();
    let takes_value = option.get_action().takes_values();
    let value = option.get_value_names().and_then(<[_]>::first).filter(|_| takes_value);
    value.map_or_else(|| format!("--{long}"), |value| format!("--{long} {value}"))
}
