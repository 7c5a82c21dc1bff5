//! Completions for Nushell: an `extern` for each command, with a list of values where there are but a few.
//!
//! ```text
//! export extern "ehlo dns" [ NAME: string, --json, --help(-h) ]
//! ```

use std::fmt::Write as _;

use clap::{Arg, Command};

/// The whole module.
pub(super) fn text(call: &Command) -> String {
    let mut out = String::from("module completions {\n");
    of_command(&mut out, "ehlo", call);
    out.push_str("}\n\nexport use completions *\n");
    out
}

fn of_command(out: &mut String, name: &str, command: &Command) {
    let arguments: Vec<&Arg> = command.get_arguments().filter(|argument| !argument.is_hide_set()).collect();
    for argument in &arguments {
        let values = values(argument);
        if !values.is_empty() {
            let list: Vec<_> = values.iter().map(|value| quoted(value)).collect();
            let _ = writeln!(out, "  def {} [] {{ [ {} ] }}", quoted(&list_of(name, argument)), list.join(" "));
        }
    }
    if let Some(about) = command.get_about() {
        let _ = writeln!(out, "\n  # {}", one_line(&about.to_string()));
    }
    let _ = writeln!(out, "  export extern {} [", quoted(name));
    for argument in arguments {
        let help = argument.get_help().map(|help| format!(" # {}", one_line(&help.to_string()))).unwrap_or_default();
        let _ = writeln!(out, "    {}{help}", spelled(name, argument));
    }
    out.push_str("  ]\n\n");
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        of_command(out, &format!("{name} {}", inner.get_name()), inner);
    }
}

fn spelled(name: &str, argument: &Arg) -> String {
    let list = Some(list_of(name, argument)).filter(|_| !values(argument).is_empty());
    let kind = list.map_or_else(|| ": string".to_owned(), |list| format!(": string@{}", quoted(&list)));
    let takes_value = argument.get_action().takes_values();
    let many = matches!(argument.get_action(), clap::ArgAction::Append);
    match (argument.get_long(), argument.get_short()) {
        (Some(long), short) => {
            let short = short.map(|short| format!("(-{short})")).unwrap_or_default();
            format!("--{long}{short}{}", if takes_value { kind } else { String::new() })
        }
        (None, Some(short)) => format!("-{short}{}", if takes_value { kind } else { String::new() }),
        (None, None) if many => format!("...{}{kind}", argument.get_id()),
        (None, None) if argument.is_required_set() => format!("{}{kind}", argument.get_id()),
        (None, None) => format!("{}?{kind}", argument.get_id()),
    }
}

/// The values of an argument, where there are but a few.
fn values(argument: &Arg) -> Vec<String> {
    let takes_value = argument.get_action().takes_values();
    let values = argument.get_possible_values().into_iter().filter(|value| takes_value && !value.is_hide_set());
    values.map(|value| value.get_name().to_owned()).collect()
}

/// The name of the list of an argument's values.
fn list_of(name: &str, argument: &Arg) -> String {
    format!("nu-complete {name} {}", argument.get_id())
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::super::built;
    use super::*;

    #[test]
    fn every_command_and_every_option_that_is_shown_is_there_once() {
        let (call, text) = (built(), text(&built()));
        for command in call.get_subcommands().filter(|command| command.get_name() != "help") {
            let name = command.get_name();
            let opening = format!("export extern \"ehlo {name}\" [\n");
            assert_eq!(text.matches(&opening).count(), 1, "{name}");
            let (_, rest) = text.split_once(&opening).expect("just counted");
            let (list, _) = rest.split_once("\n  ]\n").expect("an end");
            let shown = command.get_arguments().filter(|argument| !argument.is_hide_set());
            for long in shown.filter_map(Arg::get_long) {
                let word = format!("--{long}");
                let named = |line: &&str| line.trim_start().split([' ', ':', '(']).next() == Some(word.as_str());
                assert_eq!(list.lines().filter(named).count(), 1, "{name} {word}");
            }
        }
        assert!(text.contains("--tls: string@\"nu-complete ehlo connect tls\" #"), "{text}");
        assert!(text.contains("def \"nu-complete ehlo connect tls\" [] { [ \"plain\" \"require\""), "{text}");
    }
}
