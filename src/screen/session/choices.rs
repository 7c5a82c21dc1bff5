//! What Tab offers: a repair of the line, what the explanation proposes, the usual next line, and the other moves.
//!
//! Offers are made by form: they are legal now and complete. None is sent by itself.

use crate::dialogue::Dialogue;
use crate::dialogue::forecast::{Legal, legal};
use crate::dialogue::repair::repair;
use crate::dialogue::suggest::{Persona, moves, suggest};
use crate::knowledge::Explanation;
use crate::smtp::command::Verb;

/// The lines that Tab steps through, best first; none twice. With something typed, only repairs and what goes on from
/// there.
pub fn choices(dialogue: &Dialogue, persona: &Persona, explained: Option<&Explanation>, typed: &str) -> Vec<String> {
    let mut lines: Vec<String> = repair(typed, &persona.hello).into_iter().collect();
    let proposed = explained.into_iter().flat_map(|it| &it.next).filter_map(|step| step.command.clone());
    let usual = suggest(dialogue, persona);
    let others = sorted_moves(dialogue).into_iter().flat_map(|verb| spelled(verb, persona));
    let begins = |line: &String| line.get(..typed.len()).is_some_and(|head| head.eq_ignore_ascii_case(typed));
    lines.extend(proposed.chain(usual).chain(others).filter(begins));
    let mut seen = Vec::new();
    for line in lines {
        if line != typed && !seen.contains(&line) {
            seen.push(line);
        }
    }
    seen
}

/// A line of the explanations with its words for others replaced: the client's name, the sender, a recipient.
pub fn filled(line: &str, persona: &Persona) -> String {
    let recipient = persona.recipients.first().map_or("postmaster", String::as_str);
    line.replace("<your.host.name>", &persona.hello)
        .replace("you@example.org", &persona.sender)
        .replace("someone@example.net", recipient)
        .replace("new@example.net", recipient)
}

/// The verbs that may be sent now: those that cost nothing first.
pub fn sorted_moves(dialogue: &Dialogue) -> Vec<Verb> {
    let mut verbs = moves(dialogue);
    verbs.sort_by_key(|verb| legal(dialogue, *verb) != Legal::Now);
    verbs
}

/// A verb as whole lines.
fn spelled(verb: Verb, persona: &Persona) -> Vec<String> {
    let recipients = || persona.recipients.iter();
    match verb {
        Verb::Ehlo | Verb::Helo | Verb::Lhlo => vec![format!("{} {}", verb.name(), persona.hello)],
        Verb::Mail => vec![format!("MAIL FROM:<{}>", persona.sender), "MAIL FROM:<>".into()],
        Verb::Rcpt => recipients().map(|path| format!("RCPT TO:<{path}>")).collect(),
        Verb::Vrfy | Verb::Expn => recipients()
            .take(1)
            .map(|path| format!("{} {}", verb.name(), path.split('@').next().unwrap_or(path)))
            .collect(),
        Verb::Auth => vec!["AUTH LOGIN".into(), "AUTH PLAIN".into()],
        other => vec![other.name().into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn persona() -> Persona {
        Persona {
            hello: "laptop.you.test".into(),
            sender: "you@you.test".into(),
            recipients: vec!["pat@harbor.test".into()],
            secure_first: false,
        }
    }

    #[test]
    fn words_for_others_are_replaced() {
        assert_eq!(filled("EHLO <your.host.name>", &persona()), "EHLO laptop.you.test");
        assert_eq!(filled("MAIL FROM:<you@example.org>", &persona()), "MAIL FROM:<you@you.test>");
        assert_eq!(filled("RCPT TO:<someone@example.net>", &persona()), "RCPT TO:<pat@harbor.test>");
        assert_eq!(filled("RCPT TO:<new@example.net>", &Persona::default()), "RCPT TO:<postmaster>");
    }

    #[test]
    fn what_is_typed_is_repaired_first_and_nothing_is_offered_twice() {
        let dialogue = Dialogue::new();
        let offers = choices(&dialogue, &persona(), None, "ehlo");
        assert_eq!(offers.first().map(String::as_str), Some("EHLO laptop.you.test"));
        let mut sorted = offers.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(sorted.len(), offers.len());
    }
}
