//! What clap finds wrong with a command line, told the house's way: what was tried, why it failed, what to do.

use std::error::Error as _;
use std::ffi::OsStr;
use std::io::Write as _;

use clap::CommandFactory as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::complaint::Complaint;
use super::options::Call;
use crate::dns::near::distance;
use crate::ports::dns::Source;
use crate::safe;
use crate::session::target;

/// Slips of a hand that still make a word near to another one.
const SLIPS: usize = 2;
/// Options of swaks and curl that have another name in `ehlo send`.
const FOREIGN: [(&str, &str); 17] = [
    ("--quit-after", "--until STAGE"),
    ("--data", "--file FILE"),
    ("-d", "--file FILE"),
    ("-T", "--file FILE"),
    ("-p", "--port PORT"),
    ("--url", "--server TARGET"),
    ("-a", "--auth-user NAME"),
    ("-u", "--auth-user NAME"),
    ("--user", "--auth-user NAME"),
    ("--add-header", "--header 'NAME: TEXT'"),
    ("--ssl", "--tls prefer"),
    ("--ssl-reqd", "--tls require"),
    ("--tls-on-connect", "--tls implicit"),
    ("-k", "--tls-verify off"),
    ("--insecure", "--tls-verify off"),
    ("--cacert", "--ca-file FILE"),
    ("--pipeline", "--pipelining"),
];

/// The complaint for what clap found.
pub fn complaint(error: &clap::Error) -> Complaint {
    // A value that was refused by a parser of ours brings its complaint along.
    if let Some(own) = error.source().and_then(|source| source.downcast_ref::<Complaint>()) {
        return own.clone();
    }
    let word = word(error, ContextKind::InvalidArg);
    let option = word.split([' ', '=']).next().unwrap_or_default();
    let value = self::word(error, ContextKind::InvalidValue);
    let command = command(error);
    let help = format!("{command} --help lists what there is.");
    match error.kind() {
        // Only a command that takes a target proposes to read the word as one.
        ErrorKind::UnknownArgument if command == "ehlo send" && foreign(option).is_some() => {
            let own = foreign(option).unwrap_or_default();
            about("cli/option", format!("There is no option {option}. Did you mean {own}?"), help)
        }
        ErrorKind::UnknownArgument => unknown(option, &word, error.get(ContextKind::Suggested).is_some(), help),
        ErrorKind::InvalidSubcommand => no_command(&self::word(error, ContextKind::InvalidSubcommand)),
        ErrorKind::InvalidValue if value.is_empty() => {
            about("cli/value", format!("{option} needs a value; nothing was given."), format!("Write it as {word}."))
        }
        ErrorKind::InvalidValue => no_value(option, &value, &words(error, ContextKind::ValidValue)),
        ErrorKind::TooManyValues => {
            let what = format!("{option} takes no value, and '{value}' was given to it.");
            about("cli/value", what, format!("Write {option} alone."))
        }
        ErrorKind::ArgumentConflict => about(
            "cli/option",
            format!("{option} was given twice, and only one can hold."),
            format!("Give {option} once."),
        ),
        ErrorKind::MissingRequiredArgument => missing(&words(error, ContextKind::InvalidArg)),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            let next = "As: ehlo docs keys, commands, config, man or completions SHELL.";
            about("cli/command", "ehlo docs needs to be told what to print.".into(), next.into())
        }
        ErrorKind::InvalidUtf8 => not_utf8(),
        _ => about("cli/option", format!("The command line cannot be read: {}.", error.kind()), help),
    }
}

/// What a command needs and did not get.
fn missing(arguments: &[String]) -> Complaint {
    let named = |name: &str| arguments.iter().any(|it| it == name);
    let (id, what, next) = if named("<NAME>") {
        let next = "Examples: ehlo dns harbor.test, ehlo dns _dmarc.bank.test --type TXT.";
        ("cli/host", "ehlo dns needs a name, and none was given.", next)
    } else if named("<SCRIPT>") {
        let next = "As: ehlo run letter.smtp; ehlo run --help shows what a script looks like.";
        ("cli/file", "ehlo run needs a script, and none was given.", next)
    } else if named("<FILE>") {
        let next = "As: ehlo open first.ehlo, ehlo export first.ehlo; ehlo --record first.ehlo makes one.";
        ("cli/file", "A recording is needed, and none was named.", next)
    } else if named("<RIGHT>") {
        ("cli/file", "ehlo diff needs two recordings.", "As: ehlo diff monday.ehlo tuesday.ehlo.")
    } else if named("<SHELL>") {
        let next = "As: ehlo docs completions bash, zsh, fish, powershell, elvish or nushell.";
        ("cli/option", "ehlo docs completions needs a shell, and none was given.", next)
    } else {
        ("cli/host", "ehlo connect needs a target, and none was given.", target::EXAMPLES)
    };
    about(id, what.into(), next.into())
}

fn about(id: &'static str, what: String, next: String) -> Complaint {
    Complaint::new(id, 2, what, next)
}

/// An option that does not exist, or one word too many. The whole `word` may hold a secret; it is never quoted.
fn unknown(option: &str, word: &str, takes_target: bool, help: String) -> Complaint {
    if asks_for_a_secret(option) {
        let next =
            "Use --password-file or --password-command, or send AUTH in the session: what is typed there is masked.";
        let what =
            format!("There is no option {option}: passwords on the command line show up in ps and shell history.");
        return about("cli/password", what, next.into());
    }
    if !option.starts_with('-') {
        let next = "ehlo takes one command, and ehlo connect one target.";
        return about("cli/option", format!("'{word}' is one word too many."), next.into());
    }
    if !option.starts_with("--") && takes_target {
        let next = "Put -- before it if you mean it; ehlo connect --help lists the options.";
        return about("cli/host", format!("'{option}' is not a host name, and no option either."), next.into());
    }
    let near = options().into_iter().map(|known| (distance(option.as_bytes(), known.name.as_bytes()), known)).min();
    match near {
        // The option is right, its place is not.
        Some((0, known)) => {
            let what = format!("{option} belongs to {}, and stands without it.", known.command);
            about("cli/option", what, format!("Write it as: {} TARGET {option} …", known.command))
        }
        Some((slips, known)) if slips <= SLIPS => {
            let what = format!("There is no option {option}. Did you mean {}?", known.name);
            about("cli/option", what, help)
        }
        _ => about("cli/option", format!("There is no option {option}."), help),
    }
}

/// The option of ours that does what this one of another program does.
fn foreign(option: &str) -> Option<&'static str> {
    let header = option.starts_with("--h-").then_some("--header 'NAME: TEXT'");
    header.or_else(|| FOREIGN.into_iter().find(|(theirs, _)| *theirs == option).map(|(_, own)| own))
}

/// The command that was called, as its usage begins.
fn command(error: &clap::Error) -> String {
    let usage = error.get(ContextKind::Usage).map(ToString::to_string).unwrap_or_default();
    let word = usage.split_whitespace().nth(2).unwrap_or_default();
    let call = Call::command();
    let named = call.get_subcommands().any(|command| command.get_name() == word);
    if named { format!("ehlo {word}") } else { "ehlo".to_owned() }
}

/// True for options that other mail programs have for a password, and their near spellings.
fn asks_for_a_secret(option: &str) -> bool {
    let name = option.trim_start_matches('-').to_ascii_lowercase();
    ["pass", "secret", "token"].iter().any(|part| name.contains(part))
        || distance(name.as_bytes(), b"password") <= SLIPS
}

/// An option and the command that has it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Known {
    name: String,
    command: String,
}

fn options() -> Vec<Known> {
    let mut call = Call::command();
    call.build();
    let commands = std::iter::once(&call).chain(call.get_subcommands());
    let all = commands.flat_map(|command| {
        let name = command.get_bin_name().unwrap_or("ehlo");
        command.get_arguments().filter_map(move |argument| {
            let long = argument.get_long()?;
            Some(Known { name: format!("--{long}"), command: name.to_owned() })
        })
    });
    all.collect()
}

/// A command that does not exist, with the nearest one.
pub(super) fn no_command(word: &str) -> Complaint {
    let call = Call::command();
    let names = || call.get_subcommands().map(clap::Command::get_name).chain(["help"]);
    let near = names().map(|name| (distance(word.as_bytes(), name.as_bytes()), name)).min();
    let what = match near {
        Some((slips, name)) if slips <= SLIPS => format!("There is no command '{word}'. Did you mean '{name}'?"),
        _ => format!("There is no command '{word}'."),
    };
    let next = if target::parse(word, &Source::System).is_ok() && word.contains(['.', ':']) {
        format!("For the server of this name: ehlo connect {word}")
    } else {
        format!("The commands are {}.", names().collect::<Vec<_>>().join(", "))
    };
    about("cli/command", what, next)
}

fn no_value(option: &str, value: &str, values: &[String]) -> Complaint {
    let near = values.iter().map(|known| (distance(value.as_bytes(), known.as_bytes()), known)).min();
    let guess = match near {
        Some((slips, known)) if slips <= SLIPS => format!(" Did you mean '{known}'?"),
        _ => String::new(),
    };
    let what = format!("{option} does not take '{value}'.{guess}");
    about("cli/value", what, format!("It takes {}.", values.join(", ")))
}

/// clap does not say which word it was.
fn not_utf8() -> Complaint {
    let word = std::env::args_os().find(|word| word.to_str().is_none()).unwrap_or_default();
    let next = "Only the path of a file may hold other bytes; names and numbers are typed in UTF-8.";
    about("cli/value", format!("'{}' is not UTF-8.", shown(&word)), next.into())
}

/// Says something beside what was asked for.
pub fn warn(text: &str) {
    // A terminal that is gone hears nothing, and that is no bug.
    let _ = writeln!(std::io::stderr(), "ehlo: {text}");
}

/// A word as it was given, whatever its bytes.
pub fn shown(word: impl AsRef<OsStr>) -> String {
    safe::screen(word.as_ref().as_encoded_bytes()).into_string()
}

fn word(error: &clap::Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(word)) => word.clone(),
        Some(ContextValue::Strings(words)) => words.first().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}

fn words(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::Strings(words)) => words.clone(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_option_is_told_with_the_help_of_its_command() {
        for (arguments, what, next) in [
            (&["send", "--frob"][..], "There is no option --frob.", "ehlo send --help lists"),
            (
                &["send", "--quit-after", "RCPT"],
                "no option --quit-after. Did you mean --until STAGE?",
                "ehlo send --help",
            ),
            (&["send", "--h-Subject", "x"], "Did you mean --header 'NAME: TEXT'?", "ehlo send --help"),
            (&["send", "-au", "mina"], "There is no option -a. Did you mean --auth-user NAME?", "ehlo send --help"),
            (&["run", "--varr", "x"], "Did you mean --var?", "ehlo run --help lists"),
            (&["--frob"], "There is no option --frob.", "ehlo --help lists"),
        ] {
            let error = Call::command().try_get_matches_from([&["ehlo"], arguments].concat()).expect_err("no option");
            let told = complaint(&error);
            assert!(told.what.contains(what) && told.next.starts_with(next), "{arguments:?}: {told:?}");
        }
        for (_, own) in FOREIGN {
            let name = own.split(' ').next().unwrap_or_default();
            assert!(options().iter().any(|known| known.command == "ehlo send" && known.name == name), "{name}");
        }
    }
}
