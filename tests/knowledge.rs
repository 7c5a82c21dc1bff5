//! What the tables of `assets/knowledge` promise to a reader: every name has words, the words are short, every claim
//! says where it stands, and what it names exists.

use std::collections::{BTreeMap, BTreeSet};

use ehlo::knowledge::{
    About, CommandLine, Explanation, Note, Part, ReplyLine, To, explain, extensions, fields, flaws, glossary, marks,
    mechanisms, messages, note, records, replies, servers, statuses, verbs,
};

/// The longest note, in cells.
const CELLS: usize = 60;
/// The most words before "more".
const WORDS: usize = 60;
/// What replies answer, as far as the tables tell it apart.
const ANSWERED: &[To] = &[
    To::Greeting,
    To::EndOfData,
    To::LastChunk,
    To::Sasl,
    To::Unasked,
    To::Verb("EHLO"),
    To::Verb("HELO"),
    To::Verb("LHLO"),
    To::Verb("MAIL"),
    To::Verb("RCPT"),
    To::Verb("DATA"),
    To::Verb("BDAT"),
    To::Verb("RSET"),
    To::Verb("NOOP"),
    To::Verb("QUIT"),
    To::Verb("VRFY"),
    To::Verb("EXPN"),
    To::Verb("HELP"),
    To::Verb("AUTH"),
    To::Verb("STARTTLS"),
    To::Verb("ETRN"),
    To::Verb("ATRN"),
    To::Verb("TURN"),
    To::Verb("BURL"),
    To::Verb("XCLIENT"),
    To::Verb("FROB"),
];

/// Every thing that has a name in a table.
fn named() -> Vec<(String, Explanation, Note)> {
    let mut all = Vec::new();
    let mut add = |name: String, about: About<'_>| all.push((name, explain(&about), note(&about)));
    for code in 200..600 {
        add(format!("code {code}"), About::Code(code));
    }
    for entry in &statuses::table().code {
        add(entry.code.clone(), About::Status(5, entry.subject, entry.detail));
    }
    for entry in &extensions::table().extension {
        add(entry.keyword.clone(), About::Keyword(entry.keyword.as_bytes()));
        for param in &entry.mail_param {
            add(param.name.clone(), About::Parameter("MAIL", &param.name));
        }
        for param in &entry.rcpt_param {
            add(param.name.clone(), About::Parameter("RCPT", &param.name));
        }
    }
    for entry in &verbs::table().command {
        add(entry.verb.clone(), About::Verb(&entry.verb));
    }
    for entry in &mechanisms::table().mechanism {
        add(entry.name.clone(), About::Mechanism(&entry.name));
    }
    for name in fields::table().header.iter().flat_map(|entry| entry.name.split(", ")) {
        add(name.to_owned(), About::Header(name));
    }
    for kind in records::table().record.iter().flat_map(|entry| entry.kind.split(", ")) {
        add(kind.to_owned(), About::Record { kind, text: "" });
    }
    for policy in &records::table().txt {
        add(policy.id.clone(), About::Record { kind: "TXT", text: &policy.example });
        for tag in &policy.tag {
            add(format!("{} {}", policy.id, tag.name), About::Tag { policy: &policy.id, tag: &tag.name });
        }
    }
    for entry in &flaws::table().flaw {
        add(entry.id.clone(), About::Flaw(&entry.id));
    }
    for entry in &glossary::table().term {
        add(entry.term.clone(), About::Term(&entry.term));
    }
    all
}

/// Every code after every command.
fn replied() -> Vec<(String, Explanation, Note)> {
    let mut all = Vec::new();
    for code in 100..700 {
        for to in ANSWERED {
            let line = format!("{code} text\r\n");
            let about = About::Reply(reply(*to, line.as_bytes()));
            all.push((format!("{code} after {}", to.name()), explain(&about), note(&about)));
        }
    }
    all
}

fn reply(to: To, line: &[u8]) -> ReplyLine<'_> {
    ReplyLine { to, line, whole: line, first: true, last: true, tls: false, server: None }
}

#[test]
fn everything_with_a_name_is_explained_shortly_and_cited() {
    for (name, explanation, _) in named().iter().chain(&replied()) {
        let words: usize = explanation.body.iter().map(ehlo::knowledge::Paragraph::words).sum();
        assert!(!explanation.title.is_empty() && !explanation.subtitle.is_empty(), "{name}");
        assert!((1..=WORDS).contains(&words), "{name}: {words} words in {:?}", explanation.body);
        for paragraph in explanation.body.iter().chain(&explanation.more) {
            assert!(!paragraph.text.trim().is_empty(), "{name}: an empty paragraph");
        }
    }
    let free = |name: &str| flaws::flaw(name).is_some();
    for (name, explanation, _) in named().iter().filter(|(name, ..)| !free(name)) {
        assert!(!explanation.cites.is_empty(), "{name} says not where it stands");
    }
}

#[test]
fn notes_fit_the_column_and_never_hold_control_characters() {
    for (name, _, note) in named().iter().chain(&replied()) {
        assert!(note.text.chars().count() <= CELLS, "{name}: {}", note.text);
        assert!(!note.text.chars().any(char::is_control), "{name}");
        assert!(!note.text.ends_with('.'), "{name}: {}", note.text);
    }
    for entry in &marks::table().mark {
        assert!(entry.gloss.len() <= CELLS, "{}", entry.id);
        assert!(entry.meaning.split_whitespace().count() <= WORDS, "{}", entry.id);
    }
    for message in &messages::table().message {
        assert!(message.gloss.len() <= CELLS && !message.gloss.is_empty(), "{}", message.id);
        assert!(message.meaning.split_whitespace().count() <= WORDS, "{}", message.id);
    }
}

#[test]
fn every_reply_keyword_and_verb_has_a_note() {
    for (name, _, note) in replied() {
        assert!(!note.text.is_empty(), "{name}");
    }
    for entry in &extensions::table().extension {
        assert!(!note(&About::Keyword(entry.keyword.as_bytes())).text.is_empty(), "{}", entry.keyword);
    }
    for entry in &verbs::table().command {
        let line = CommandLine { line: entry.verb.as_bytes(), tls: false, greeted: false, utf8: false };
        assert!(!note(&About::Command(line)).text.is_empty(), "{}", entry.verb);
    }
    for name in fields::table().header.iter().flat_map(|entry| entry.name.split(", ")) {
        let line = format!("{name}: x\r\n");
        assert!(!note(&About::Content { line: line.as_bytes(), part: Part::Header }).text.is_empty(), "{name}");
    }
}

#[test]
fn a_note_never_says_what_stands_on_the_line() {
    for (name, _, note) in replied() {
        let code = name.split(' ').next().unwrap();
        assert!(!note.text.starts_with(code), "{name}: {}", note.text);
    }
}

/// The sections of each RFC, as the conformance tests keep them.
fn sections() -> (BTreeMap<&'static str, BTreeSet<&'static str>>, BTreeSet<&'static str>) {
    let mut known = BTreeMap::new();
    let mut unread = BTreeSet::new();
    for line in include_str!("conformance/sections.txt").lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("unread") => unread.extend(words),
            Some(rfc) => drop(known.insert(rfc, words.collect())),
            None => {}
        }
    }
    (known, unread)
}

#[test]
fn every_cited_section_exists() {
    let (known, unread) = sections();
    let citation = regex::Regex::new(r"RFC (\d+)((?:,? (?:and )?§[0-9A-Z.]+)+)").unwrap();
    let section = regex::Regex::new(r"§([0-9A-Z.]*[0-9A-Z])").unwrap();
    let mut wrong = BTreeSet::new();
    let of_messages = messages::table().message.iter().map(|message| ehlo::knowledge::Cite::new(&message.source));
    let all = named().into_iter().chain(replied()).flat_map(|(_, explanation, _)| explanation.cites);
    for cite in all.chain(of_messages) {
        for found in citation.captures_iter(cite.as_str()) {
            let (rfc, rest) = (&found[1], &found[2]);
            for part in section.captures_iter(rest) {
                let part = part.get(1).unwrap().as_str();
                match known.get(rfc) {
                    Some(sections) if sections.contains(part) => {}
                    Some(_) => drop(wrong.insert(format!("RFC {rfc} has no §{part} ({cite})"))),
                    None if unread.contains(rfc) => {}
                    None => drop(wrong.insert(format!("RFC {rfc} is not in sections.txt ({cite})"))),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn folklore_is_called_folklore() {
    for entry in replies::table().code.iter().filter(|entry| entry.origin == replies::Origin::Nonstandard) {
        let explanation = explain(&About::Code(entry.code));
        assert!(explanation.body.iter().any(|paragraph| paragraph.text.contains("folklore")), "{}", entry.code);
        assert_ne!(explanation.confidence, ehlo::knowledge::Confidence::Certain, "{}", entry.code);
        assert!(note(&About::Code(entry.code)).text.contains("folklore"), "{}", entry.code);
    }
}

#[test]
fn a_providers_meaning_stands_above_the_registrys_and_neither_is_lost() {
    let line = b"550-5.7.27 Your email has been blocked because SPF\r\n550 5.7.27 authentication didn't pass for this message. - gsmtp\r\n";
    let gmail = servers::server("gmail");
    let about = ReplyLine { server: gmail, last: false, ..reply(To::EndOfData, line) };
    let explanation = explain(&About::Reply(about));
    let labels: Vec<&str> = explanation.body.iter().map(|paragraph| paragraph.label.as_str()).collect();
    assert_eq!(labels.first(), Some(&"Gmail and Google Workspace"));
    assert!(explanation.body.iter().chain(&explanation.more).any(|paragraph| paragraph.text.contains("null MX")));
    assert_eq!(explanation.confidence, ehlo::knowledge::Confidence::Likely);
}

#[test]
fn every_verb_that_is_parsed_has_words() {
    for verb in ehlo::smtp::command::Verb::ALL {
        let entry = verbs::verb(verb.name().as_bytes());
        assert!(entry.is_some_and(|entry| !entry.cite.is_empty()), "{verb}");
    }
}

#[test]
fn every_diagnostic_id_in_the_program_has_words() {
    // Complaints of the command line, the configuration, files and the terminal are printed with words of their own.
    let id = regex::Regex::new(concat!(
        r#""((?:addr|auth|caps|cert|cmd|data|dkim|dmarc|dns|esc|fsm|greet|input|limit|net|param|paste|policy|redact"#,
        r#"|reply|safe|spf|sts|sync|tls|tlsa|tlsrpt)/[a-z0-9-]+)""#
    ))
    .unwrap();
    let mut missing = BTreeSet::new();
    let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                let named = id.captures_iter(&text).map(|found| found[1].to_owned());
                missing.extend(named.filter(|id| flaws::flaw(id).is_none()));
            }
        }
    }
    assert!(missing.is_empty(), "no words for {missing:?}");
}
