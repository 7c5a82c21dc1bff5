//! What Tab offers: a repair of the line, what the explanation proposes, the usual next line, and the other moves.
//!
//! Offers are made by form: they are legal now and complete. None is sent by itself.

use crate::dialogue::Dialogue;
use crate::dialogue::forecast::{Legal, forecast, legal};
use crate::dialogue::repair::repair;
use crate::dialogue::standing::Standing;
use crate::dialogue::suggest::{Persona, moves, suggest};
use crate::dns::unicode::in_command;
use crate::knowledge::Explanation;
use crate::smtp::command::{Command, Verb};
use crate::smtp::{params, xclient};

/// What lines are made for.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// What was said so far.
    pub dialogue: &'a Dialogue,
    /// For whom.
    pub persona: &'a Persona,
    /// What Explain shows.
    pub explained: Option<&'a Explanation>,
    /// Octets of the letter that is written, line ends included and doubled dots not; 0 without one.
    pub letter: usize,
}

/// The lines that Tab steps through, best first; none twice. With something typed, only repairs, names in their ASCII
/// form, and what goes on from there.
pub fn choices(ground: &Ground<'_>, typed: &str) -> Vec<String> {
    let Ground { dialogue, persona, explained, .. } = *ground;
    let mut lines: Vec<String> = repair(typed, &persona.hello).into_iter().collect();
    lines.extend(in_ascii(typed));
    lines.extend(parameters(ground, typed));
    let proposed = explained.into_iter().flat_map(|it| &it.next).filter_map(|step| step.command.clone());
    let usual = suggest(dialogue, persona);
    let others = sorted_moves(dialogue).into_iter().flat_map(|verb| spelled(verb, ground));
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

fn domain_of(address: &str) -> &str {
    address.rsplit_once('@').map_or(address, |(_, domain)| domain)
}

/// A MAIL or RCPT line with one parameter more that the server offers, or with the one that is begun made whole; and so
/// with what XCLIENT tells.
fn parameters(ground: &Ground<'_>, typed: &str) -> Vec<String> {
    let command = Command::parse(typed.as_bytes());
    let end = match command.verb {
        Verb::Mail | Verb::Rcpt => typed.rfind('>').map(|at| at + 1),
        Verb::Xclient => Some(command.word().len()),
        _ => None,
    };
    let Some(end) = end else { return Vec::new() };
    let (path, tail) = typed.split_at_checked(end).unwrap_or((typed, ""));
    let begun = tail.rfind(' ').map_or("", |blank| tail.get(blank + 1..).unwrap_or_default());
    let head = format!("{path}{}", tail.strip_suffix(begun).filter(|head| !head.is_empty()).unwrap_or(" "));
    let at = Standing::of(ground.dialogue);
    let path = path.rsplit_once('<').map_or("", |(_, path)| path.trim_end_matches('>'));
    let whole = |offer: &&str| {
        let path = params::encode_xtext(path.as_bytes());
        format!("{head}{}", offer.replace("{path}", &path).replace("{size}", &ground.letter.max(1).to_string()))
    };
    let offers: Vec<String> = if command.verb == Verb::Xclient {
        attributes(ground, &head, begun).into_iter().map(|attribute| format!("{head}{attribute}")).collect()
    } else {
        params::of(command.verb).flat_map(|parameter| parameter.offers.iter().map(whole)).collect()
    };
    // By form only what is legal is offered: sound, offered by the server, once.
    let legal = |line: &String| {
        let command = Command::parse(line.as_bytes());
        let warnings = forecast(&at, &command);
        !warnings.iter().any(|warning| warning.id == "param/invalid")
    };
    let goes_on = |line: &String| line.get(..typed.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(typed));
    let coded = |line: &String| command.verb == Verb::Xclient && begun.contains('=') && line.len() > head.len();
    offers.into_iter().filter(|line| goes_on(line) || coded(line)).filter(legal).collect()
}

/// What XCLIENT may tell this server; where a value is typed, the same in xtext.
fn attributes(ground: &Ground<'_>, head: &str, begun: &str) -> Vec<String> {
    if let Some((name, value)) = begun.split_once('=') {
        let coded = || format!("{name}={}", params::encode_xtext(value.as_bytes()));
        return params::decode_xtext(value.as_bytes()).is_none().then(coded).into_iter().collect();
    }
    let told = params::list(head.as_bytes());
    let taken = ground.dialogue.extensions().map(xclient::offered).unwrap_or_default();
    let known = |name: &String| xclient::ATTRIBUTES.iter().find(|attribute| attribute.name == *name);
    let fresh = taken.iter().filter(|name| params::find(&told, name).is_none());
    fresh.filter_map(known).map(|known| known.offer.replace("{hello}", &ground.persona.hello)).collect()
}

/// The line with its international name in the ASCII form that the wire carries (RFC 5890 §2.3.2.1).
fn in_ascii(typed: &str) -> Option<String> {
    let (name, _) = in_command(typed)?;
    let from = typed.rfind('@').or_else(|| typed.rfind(' '))? + 1;
    let (head, rest) = typed.split_at_checked(from)?;
    let (domain, tail) = rest.split_at_checked(rest.find(['>', ' ']).unwrap_or(rest.len()))?;
    (!domain.is_ascii()).then(|| format!("{head}{}{tail}", name.relative()))
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
fn spelled(verb: Verb, ground: &Ground<'_>) -> Vec<String> {
    let persona = ground.persona;
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
        Verb::Bdat => vec![format!("BDAT {} LAST", ground.letter)],
        Verb::Xclient => attributes(ground, "", "").iter().map(|told| format!("XCLIENT {told}")).collect(),
        Verb::Etrn => vec![format!("ETRN {}", domain_of(&persona.sender))],
        Verb::Help => vec!["HELP".into(), "HELP MAIL".into()],
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
        let persona = persona();
        let ground = Ground { dialogue: &dialogue, persona: &persona, explained: None, letter: 0 };
        let offers = choices(&ground, "ehlo");
        assert_eq!(offers.first().map(String::as_str), Some("EHLO laptop.you.test"));
        let mut sorted = offers.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(sorted.len(), offers.len());
    }
}
