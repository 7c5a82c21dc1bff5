//! A secret that nothing gave is asked for, unseen, on the terminal that the program was started from.

use std::io;

use secrecy::SecretString;

use crate::safe;
use crate::smtp::limits::AUTH_LINE;
use crate::smtp::line::breaks;
use crate::term::secret::Question;
use crate::term::signals::{self, Asked, Signals};

/// What came of asking.
#[derive(Debug)]
pub enum Answer {
    /// This was typed.
    Secret(SecretString),
    /// Nobody could be asked, or nothing was typed that a login can carry: the end of a sentence that says so, if there is
    /// something to say.
    None(&'static str),
    /// A signal ended the program, with this exit code.
    End(u8),
}

/// Asks for the secret of a user at a host, where nothing else runs.
pub fn ask(user: &str, host: &str) -> io::Result<Answer> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(async { Ok(asked(&mut Signals::new()?, user, host).await) });
    // Whoever is still reading a line must not keep the program.
    runtime.shutdown_background();
    answer
}

/// Asks while signals are heard: the terminal is given back before one of them ends or stops the program.
pub(super) async fn asked(signals: &mut Signals, user: &str, host: &str) -> Answer {
    let shown = |text: &str| safe::plain(text.as_bytes()).into_string();
    let words = format!("Secret of {} at {}, not shown: ", shown(user), shown(host));
    let Some(mut question) = Question::ask(words) else { return Answer::None("") };
    let Ok(answer) = question.answer(AUTH_LINE) else { return Answer::None("") };
    let mut reading = tokio::task::spawn_blocking(answer);
    loop {
        tokio::select! {
            read = &mut reading => return match read {
                Ok(Ok(line)) => taken(&line),
                _ => Answer::None("; the terminal could not be read"),
            },
            asked = signals.next() => match asked {
                Asked::End(code) => return Answer::End(code),
                Asked::Stop => {
                    question.rest();
                    signals::stop();
                }
                Asked::GoOn => if question.again().is_err() {
                    return Answer::None("; the terminal is gone");
                }
            },
        }
    }
}

/// The secret in a line that was typed; its end is no part of it.
fn taken(line: &[u8]) -> Answer {
    let Ok(text) = std::str::from_utf8(line) else { return Answer::None("; what was typed is not UTF-8") };
    let text = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    match text {
        "" => Answer::None("; nothing was typed"),
        long if long.len() > AUTH_LINE => Answer::None("; what was typed is longer than a login can carry"),
        text if breaks(text) => Answer::None("; what was typed holds a line break or NUL"),
        text => Answer::Secret(text.into()),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn what_no_login_can_carry_is_no_secret() {
        for line in [&b""[..], b"\n", b"\xff\n", b"sun\rrise\n", &[b'x'; AUTH_LINE + 1]] {
            assert!(matches!(taken(line), Answer::None(why) if !why.is_empty()), "{line:?}");
        }
        let Answer::Secret(secret) = taken(b" sun rise \n") else { panic!("a secret") };
        assert_eq!(secret.expose_secret(), " sun rise ");
    }
}
