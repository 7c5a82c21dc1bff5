//! The options about logging in: where the secret comes from, and for whom. The secret itself is no option: a command line
//! shows up in ps and in the history of shells.

use std::path::Path;

use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use super::complaint::Complaint;
use super::options::reach::Reach;
use super::usage;
use crate::files;
use crate::screen::session::login::Handed;
use crate::smtp::flaw::FlawKind;
use crate::smtp::limits::AUTH_LINE;
use crate::smtp::line::breaks;
use crate::term;

/// The id of a secret that cannot be had or used.
const SOURCE: &str = "cli/secret";
const NEXT: &str = "Give one line of text, or leave the option out: the login form (Alt-a) asks for the secret.";

/// Whether the login is for a form on a screen.
pub(super) type Screen<'a> = Option<&'a dyn Fn() -> Result<(), Complaint>>;

/// What is handed to a login at `host`, if anything, and what is to be said of where it came from. `screen` says whether
/// there is one, where one is needed: a command may ask for something, and nothing is asked there without a terminal.
pub(super) fn handed(
    reach: &Reach,
    host: &str,
    screen: Screen<'_>,
) -> Result<Option<(Handed, Option<String>)>, Complaint> {
    let (secret, said) = match source(reach)? {
        None => (None, None),
        Some(Source::File(path)) => (Some(from_file(path)?), open_to_others(path)),
        Some(Source::Command(command)) => {
            screen.map_or(Ok(()), |check| check())?;
            let octets = term::secret::printed(command, AUTH_LINE)
                .map_err(|error| failed(format!("The command of --password-command gave no secret: {error}.")))?;
            (Some(secret("what the command of --password-command prints", &octets)?), None)
        }
        Some(Source::Piped) => (Some(piped(screen.is_some())?), None),
    };
    if secret.is_none() && reach.login.auth_user.is_none() {
        return Ok(None);
    }
    let user = reach.login.auth_user.clone().unwrap_or_default();
    Ok(Some((Handed { host: host.to_ascii_lowercase(), user, secret }, said)))
}

/// Where the secret comes from.
enum Source<'a> {
    File(&'a Path),
    Command(&'a str),
    Piped,
}

fn source(reach: &Reach) -> Result<Option<Source<'_>>, Complaint> {
    let file = reach.login.password_file.as_deref().map(|path| ("--password-file", Source::File(path)));
    let command =
        reach.login.password_command.as_deref().map(|command| ("--password-command", Source::Command(command)));
    let piped = reach.login.password_stdin.then_some(("--password-stdin", Source::Piped));
    let mut given = [file, command, piped].into_iter().flatten();
    match (given.next(), given.next()) {
        (Some((one, _)), Some((other, _))) => {
            let what = format!("{one} and {other} say two things about the same secret.");
            Err(Complaint::new("cli/option", 2, what, "Leave one of them out."))
        }
        (source, _) => Ok(source.map(|(_, source)| source)),
    }
}

fn from_file(path: &Path) -> Result<SecretString, Complaint> {
    let name = usage::shown(path);
    let octets = files::read(path, AUTH_LINE as u64).map(Zeroizing::new).map_err(|error| {
        Complaint::new(
            "file/open",
            2,
            format!("Cannot read the secret in {name}: {error}."),
            "Give a file that holds the secret alone; for a pipe there is --password-command.",
        )
    })?;
    secret(&format!("the file {name}"), &octets)
}

fn piped(keys: bool) -> Result<SecretString, Complaint> {
    match term::secret::piped(AUTH_LINE) {
        Ok(Some(octets)) => {
            let secret = secret("what was piped in for --password-stdin", &octets)?;
            if keys {
                // From now on the terminal stands where the secret came from.
                term::secret::take_keys().map_err(|error| {
                    failed(format!("--password-stdin cannot give standard input back to the keys: {error}."))
                })?;
            }
            Ok(secret)
        }
        Ok(None) => {
            let what = "--password-stdin reads what is piped in, and standard input is the terminal.";
            Err(Complaint::new("cli/option", 2, what, "Leave it out: the login form (Alt-a) asks for the secret."))
        }
        Err(error) => Err(failed(format!("--password-stdin cannot read standard input: {error}."))),
    }
}

/// The secret in some octets; one line end behind it is no part of it.
fn secret(whose: &str, octets: &[u8]) -> Result<SecretString, Complaint> {
    if octets.len() > AUTH_LINE {
        return Err(failed(format!("A login carries at most {AUTH_LINE} octets, and {whose} has more.")));
    }
    let text = std::str::from_utf8(octets).map_err(|_| failed(format!("There is no UTF-8 text in {whose}.")))?;
    let text = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    if text.is_empty() {
        return Err(failed(format!("There is no secret in {whose}: it is empty.")));
    }
    if breaks(text) {
        let what = format!("A secret is one line, and there is a line break or NUL inside {whose}.");
        return Err(Complaint::new(FlawKind::LineBreakInField.id(), 2, what, NEXT));
    }
    Ok(text.into())
}

fn failed(what: String) -> Complaint {
    Complaint::new(SOURCE, 2, what, NEXT)
}

/// What is said of a file that others can read.
#[cfg(unix)]
fn open_to_others(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    let name = usage::shown(path);
    (mode & 0o077 != 0).then(|| format!("Others on this machine may read {name}: chmod 600 {name} [auth/secret-mode]"))
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn read(octets: &[u8]) -> Result<String, &'static str> {
        secret("the file", octets).map(|secret| secret.expose_secret().to_owned()).map_err(|complaint| complaint.id)
    }

    #[test]
    fn one_line_end_is_no_part_of_a_secret() {
        for (octets, text) in
            [(&b"sunrise"[..], "sunrise"), (b"sunrise\n", "sunrise"), (b"sunrise\r\n", "sunrise"), (b" a b ", " a b ")]
        {
            assert_eq!(read(octets).as_deref(), Ok(text), "{octets:?}");
        }
    }

    #[test]
    fn what_no_login_can_carry_is_refused_and_not_repeated() {
        let long = vec![b'x'; AUTH_LINE + 1];
        for (octets, id) in [
            (&b""[..], SOURCE),
            (b"\n", SOURCE),
            (b"sunrise\n\n", "input/crlf"),
            (b"sun\nrise", "input/crlf"),
            (b"sun\0rise", "input/crlf"),
            (b"sun\xffrise", SOURCE),
            (&long, SOURCE),
        ] {
            assert_eq!(read(octets), Err(id), "{octets:?}");
            let complaint = secret("the file", octets).expect_err("refused").to_string();
            assert!(!complaint.contains("rise") && !complaint.contains("xxx"), "{complaint}");
        }
    }
}
