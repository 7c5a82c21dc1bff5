//! Magic addresses: local parts that say what the server shall do with them.
//!
//! ```abnf
//! magic = [ stage "-" ] deed
//! stage = "hello" / "mail" / "rcpt" / "data" / "final"   ; when it is done
//! deed  = "code-" 3DIGIT [ "-" status ]                  ; code-550-5.1.1: this reply
//!       / "delay-" 1*2DIGIT                              ; delay-5: so many seconds, then as usual
//!       / "drop"                                         ; the connection is closed without a word
//!       / "later-" 3DIGIT [ "-" status ]                 ; taken, and refused behind the letter: it bounces
//! ```
//!
//! In a recipient the stage is RCPT unless it says `data` or `final`, in a sender it is MAIL, in the first label of the
//! name that a client gives itself it is EHLO (`EHLO code-550.you.test`). A mailbox of that name goes first.

use std::time::Duration;

use crate::engine::server::reply::Reply;
use crate::smtp::stage::Stage;

/// What a magic address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Magic {
    /// When it is done.
    pub(super) stage: Stage,
    /// What is done.
    pub(super) deed: Deed,
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Deed {
    /// This is said.
    Say(Reply),
    /// So long nothing is said.
    Delay(Duration),
    /// The connection is closed.
    Drop,
    /// The letter is taken; on its way to the mailbox this is said of it.
    Later(Reply),
}

/// The most seconds that a delay has.
const LONGEST: u64 = 60;

impl Magic {
    /// What a local part or label asks for at `usual`, the stage where it is read. Nothing if it is not magic; a
    /// complaint if it is, but makes no sense.
    pub(super) fn parse(text: &str, usual: Stage) -> Option<Result<Self, String>> {
        let text = text.to_ascii_lowercase();
        let (stage, deed) = match text.split_once('-') {
            Some((word, rest)) if rest == "drop" || is_deed(rest) => (Stage::named(word)?, rest),
            _ => (usual, text.as_str()),
        };
        if deed != "drop" && !is_deed(deed) {
            return None;
        }
        let fits = stage == usual || (usual == Stage::Rcpt && matches!(stage, Stage::Data | Stage::Final));
        if !fits {
            return Some(Err(format!("{text}: that stage is not ruled from here")));
        }
        Some(read(deed, stage).map(|deed| Self { stage, deed }))
    }
}

impl Magic {
    /// True for the local part of a recipient whose letters go nowhere. One that is refused later keeps them, to bounce.
    pub(super) fn vanishes(local: &str) -> bool {
        matches!(Self::parse(local, Stage::Rcpt), Some(Ok(magic)) if !matches!(magic.deed, Deed::Later(_)))
    }

    /// What is said of a letter on its way to this local part.
    pub(super) fn later(local: &str) -> Option<Reply> {
        match Self::parse(local, Stage::Rcpt)?.ok()?.deed {
            Deed::Later(reply) => Some(reply),
            _ => None,
        }
    }
}

fn is_deed(text: &str) -> bool {
    ["code-", "delay-", "later-"].iter().any(|word| text.starts_with(word))
}

fn read(deed: &str, stage: Stage) -> Result<Deed, String> {
    let nonsense = || format!("{deed} is no magic; write code-550-5.1.1, delay-5, drop or later-550-5.1.1");
    match deed.split_once('-') {
        None => Ok(Deed::Drop),
        Some(("delay", seconds)) => {
            let seconds = seconds.parse().ok().filter(|seconds| (1..=LONGEST).contains(seconds));
            let seconds = seconds.ok_or_else(|| format!("{deed}: a delay has 1 to {LONGEST} seconds"))?;
            Ok(Deed::Delay(Duration::from_secs(seconds)))
        }
        Some(("code", reply)) => said(reply).map(Deed::Say).ok_or_else(nonsense),
        Some(("later", reply)) if stage == Stage::Rcpt => {
            let reply = said(reply).filter(|reply| reply.code().is_failure()).ok_or_else(nonsense)?;
            Ok(Deed::Later(reply))
        }
        Some(_) => Err(nonsense()),
    }
}

/// The reply that `550-5.1.1` or `550` spells: one of 2yz, 4yz or 5yz whose status is of the same class.
fn said(text: &str) -> Option<Reply> {
    let (code, status) = text.split_once('-').unwrap_or((text, ""));
    let written = format!("{code} {status}{}As asked for by magic", if status.is_empty() { "" } else { " " });
    let reply = Reply::read(&written).filter(|reply| code.len() == 3 && !reply.code().is_intermediate())?;
    // A status that was not read has become a word of the text.
    reply.lines().first().is_some_and(|line| line == "As asked for by magic").then_some(reply)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rcpt(text: &str) -> Option<Result<Magic, String>> {
        Magic::parse(text, Stage::Rcpt)
    }

    fn reply(text: &str) -> Reply {
        Reply::read(&format!("{text} As asked for by magic")).expect("a reply")
    }

    #[test]
    fn each_word_of_the_grammar_is_understood() {
        let deed = |stage, deed| Some(Ok(Magic { stage, deed }));
        assert_eq!(rcpt("code-550-5.1.1"), deed(Stage::Rcpt, Deed::Say(reply("550 5.1.1"))));
        assert_eq!(rcpt("CODE-452"), deed(Stage::Rcpt, Deed::Say(reply("452"))));
        assert_eq!(rcpt("data-code-451-4.3.0"), deed(Stage::Data, Deed::Say(reply("451 4.3.0"))));
        assert_eq!(rcpt("final-delay-5"), deed(Stage::Final, Deed::Delay(Duration::from_secs(5))));
        assert_eq!(rcpt("drop"), deed(Stage::Rcpt, Deed::Drop));
        assert_eq!(rcpt("final-drop"), deed(Stage::Final, Deed::Drop));
        assert_eq!(rcpt("later-550-5.1.1"), deed(Stage::Rcpt, Deed::Later(reply("550 5.1.1"))));
        assert_eq!(Magic::parse("code-450-4.7.1", Stage::Mail), deed(Stage::Mail, Deed::Say(reply("450 4.7.1"))));
        assert_eq!(Magic::parse("mail-drop", Stage::Mail), deed(Stage::Mail, Deed::Drop));
    }

    #[test]
    fn other_names_are_just_names() {
        for name in ["pat", "drops", "code", "codeine", "decode-550", "final", "you-drop", "pat-code-550", "delay"] {
            assert_eq!(rcpt(name), None, "{name}");
        }
    }

    #[test]
    fn nonsense_is_told() {
        for name in [
            "code-",
            "code-55",
            "code-999",
            "code-354",
            "code-550-4.1.1",
            "code-550-5.1",
            "code-550-5.1.1-x",
            "delay-0",
            "delay-99",
            "delay-soon",
            "later-250",
            "data-later-550",
            "hello-code-550",
            "mail-drop",
        ] {
            assert!(matches!(rcpt(name), Some(Err(_))), "{name}: {:?}", rcpt(name));
        }
    }
}
