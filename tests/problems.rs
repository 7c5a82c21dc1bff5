//! The problem detectors: sessions that show a problem, sessions that only look like it, and sessions in good order.
//!
//! `problems/P04.toml` holds the sessions of P04. Each tells all that is found in it, so that a session which shows one
//! problem also proves that no other detector takes it for its own.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on must stop")]

#[path = "problems/lab.rs"]
mod lab;
#[path = "problems/talk.rs"]
mod talk;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use ehlo::dialogue::Dialogue;
use ehlo::dialogue::row::{Place, RowId};
use ehlo::knowledge::problems::{self, Problem, Watch};
use ehlo::smtp::extension::Extensions;
use ehlo::tape::{Side, Tape};
use proptest::prelude::*;
use serde::Deserialize;

use talk::{Step, steps, take};

/// One file of sessions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    session: Vec<Session>,
}

/// A session and what is found in it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Session {
    /// What it is about.
    name: String,
    /// What is found, as `P04/no-name`, in the order of the rows that show it.
    finds: Vec<String>,
    /// The text of the row that shows the first one; a mark is written as `*`.
    #[serde(default)]
    row: Option<String>,
    /// The texts of all rows that show it, without that one.
    #[serde(default)]
    evidence: Option<Vec<String>>,
    /// The line to type against the first one.
    #[serde(default, rename = "type")]
    line: Option<String>,
    /// The command of `ehlo` against the first one.
    #[serde(default)]
    run: Option<String>,
    /// What the dialog of that command begins with.
    #[serde(default)]
    with: Option<String>,
    /// Words that the text of the first one holds.
    #[serde(default)]
    says: Option<String>,
    /// True if somebody asks why the letter has not arrived: what is found then is all that counts.
    #[serde(default)]
    asked: bool,
    /// How often the first one was found.
    #[serde(default)]
    times: Option<u32>,
    /// The session.
    talk: String,
}

impl Session {
    /// What is found in it.
    fn problems(&self, tape: &Tape, dialogue: &Dialogue) -> Vec<Problem> {
        if self.asked {
            return problems::asked(tape, dialogue).into_iter().collect();
        }
        Watch::of(tape, dialogue).problems().to_vec()
    }
}

/// Every file, with its name.
fn files() -> Vec<(String, File)> {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/problems");
    let entries = std::fs::read_dir(place).expect("the sessions");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = paths.filter(|path| path.extension().is_some_and(|kind| kind == "toml")).collect();
    files.sort();
    let read = |path: &Path| {
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
        let text = std::fs::read_to_string(path).expect("a file");
        let file = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, file)
    };
    files.iter().map(|path| read(path)).collect()
}

fn tape(steps: &[Step]) -> Tape {
    let mut tape = Tape::new(1 << 20);
    for (number, step) in steps.iter().enumerate() {
        take(&mut tape, number, step);
    }
    tape
}

fn ids(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

/// The text of a row without its end; `*` for a mark.
fn text(tape: &Tape, dialogue: &Dialogue, row: RowId) -> String {
    match dialogue.row(row).expect("a row").place() {
        Place::Bytes(span) => tape.bytes(span).trim_ascii_end().escape_ascii().to_string(),
        Place::Mark(_) => "*".into(),
    }
}

#[test]
fn each_session_shows_what_it_is_said_to_show() {
    for (file, sessions) in files() {
        for session in sessions.session {
            let name = format!("{file}, {}", session.name);
            let tape = tape(&steps(&session.talk));
            let dialogue = Dialogue::of(&tape);
            let problems = session.problems(&tape, &dialogue);
            assert_eq!(ids(&problems), session.finds, "{name}");
            let Some(first) = problems.first() else { continue };
            let written = |row: &RowId| text(&tape, &dialogue, *row);
            if let Some(row) = session.row {
                assert_eq!(written(&first.row), row, "{name}");
            }
            if let Some(evidence) = session.evidence {
                let others = first.evidence.iter().filter(|row| **row != first.row);
                assert_eq!(others.map(written).collect::<Vec<_>>(), evidence, "{name}");
            }
            assert_eq!(first.line(), session.line, "{name}");
            assert_eq!(first.run(), session.run.as_deref(), "{name}");
            assert_eq!(first.with(), session.with, "{name}");
            if let Some(says) = session.says {
                assert!(first.say().contains(&says), "{name}: {}", first.say());
            }
            assert_eq!(first.times, session.times.unwrap_or(1), "{name}");
        }
    }
}

#[test]
fn a_session_that_grows_shows_the_same_as_one_that_is_read_whole() {
    for (file, sessions) in files() {
        for session in sessions.session {
            let steps = steps(&session.talk);
            let whole = tape(&steps);
            let expected = Watch::of(&whole, &Dialogue::of(&whole));
            let watch = grown(&steps, parts);
            assert_eq!(told(&watch), told(&expected), "{file}, {}", session.name);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever follows whatever, no detector looks at what comes later.
    #[test]
    fn any_steps_in_any_order_show_the_same_as_they_come_and_at_the_end(
        chosen in proptest::collection::vec(any::<prop::sample::Index>(), 0..60),
    ) {
        let all = every_step();
        let steps: Vec<Step> = chosen.iter().map(|index| index.get(all).clone()).collect();
        let whole = tape(&steps);
        let expected = Watch::of(&whole, &Dialogue::of(&whole));
        let grown = grown(&steps, |step| vec![step.clone()]);
        prop_assert_eq!(told(&grown), told(&expected), "{:#?}", steps.iter().map(written).collect::<Vec<_>>());
    }
}

/// A step as people read it.
fn written(step: &Step) -> String {
    match step {
        Step::Bytes(side, bytes) => format!("{side:?}: {}", bytes.escape_ascii()),
        Step::Mark(mark) => format!("{mark:?}"),
    }
}

/// All that is told of the problems of a session.
fn told(watch: &Watch) -> Vec<String> {
    let tell = |it: &Problem| {
        format!("{it} in {:?}, shown by {:?}, {} times: {} {:?}", it.row, it.evidence, it.times, it.say(), it.line())
    };
    watch.problems().iter().map(tell).collect()
}

/// The steps of all sessions.
fn every_step() -> &'static [Step] {
    static STEPS: LazyLock<Vec<Step>> = LazyLock::new(|| {
        let sessions = files().into_iter().flat_map(|(_, file)| file.session);
        sessions.flat_map(|session| steps(&session.talk)).collect()
    });
    &STEPS
}

/// What is found as a session grows by the parts of its steps.
fn grown(steps: &[Step], parts: impl Fn(&Step) -> Vec<Step>) -> Watch {
    let (mut tape, mut dialogue, mut watch) = (Tape::new(1 << 20), Dialogue::new(), Watch::default());
    for (number, step) in steps.iter().enumerate() {
        for part in parts(step) {
            take(&mut tape, number, &part);
            dialogue.follow(&tape);
            watch.follow(&tape, &dialogue);
        }
    }
    watch
}

/// A step octet by octet.
fn parts(step: &Step) -> Vec<Step> {
    match step {
        Step::Bytes(side, bytes) => bytes.iter().map(|octet| Step::Bytes(*side, vec![*octet])).collect(),
        mark @ Step::Mark(_) => vec![mark.clone()],
    }
}

#[test]
fn every_problem_has_two_sessions_that_show_it_and_two_that_only_look_like_it() {
    let files = files();
    let mut shown = BTreeSet::new();
    for entry in &problems::table().problem {
        let (_, sessions) = files.iter().find(|(name, _)| *name == entry.id).unwrap_or_else(|| panic!("{}", entry.id));
        let own = format!("{}/", entry.id);
        let is_shown = |session: &&Session| session.finds.iter().any(|id| id.starts_with(&own));
        let with = sessions.session.iter().filter(is_shown).count();
        assert!(with >= 2, "{}: {with} sessions show it", entry.id);
        assert!(sessions.session.len() - with >= 2, "{}: {} do not", entry.id, sessions.session.len() - with);
        shown.extend(sessions.session.iter().flat_map(|session| session.finds.iter().cloned()));
    }
    let cases = problems::table().problem.iter();
    let cases = cases.flat_map(|entry| entry.case.iter().map(move |case| format!("{}/{}", entry.id, case.id)));
    let never: Vec<String> = cases.filter(|case| !shown.contains(case)).collect();
    assert!(never.is_empty(), "no session shows {never:?}");
}

#[test]
fn every_text_has_its_values() {
    for (file, sessions) in files() {
        for session in sessions.session {
            let tape = tape(&steps(&session.talk));
            for problem in session.problems(&tape, &Dialogue::of(&tape)) {
                let name = format!("{file}, {}: {problem}", session.name);
                assert!(!problem.say().is_empty() && !problem.step().is_empty(), "{name}");
                assert!(problem.say().split_whitespace().count() <= 60, "{name}: {}", problem.say());
                let note = problem.note(ehlo::knowledge::Note::default());
                assert!(!note.text.is_empty() || problem.case.note.is_empty(), "{name}: its note is too long or empty");
            }
        }
    }
}

#[test]
fn every_command_that_a_problem_names_exists() {
    for entry in &problems::table().problem {
        for case in entry.case.iter().filter(|case| !case.run.is_empty()) {
            assert!(ehlo::command::find(&case.run).is_some(), "{}/{}: {}", entry.id, case.id, case.run);
        }
    }
}

#[test]
fn no_problem_tells_a_secret() {
    let (_, file) = files().into_iter().find(|(name, _)| name == "P08").expect("the sessions of P08");
    for session in file.session {
        let tape = tape(&steps(&session.talk));
        let dialogue = Dialogue::of(&tape);
        let secrets: Vec<String> = dialogue
            .secrets()
            .spans()
            .iter()
            .map(|span| String::from_utf8(tape.bytes(*span).trim_ascii_end().to_vec()).expect("ASCII"))
            .filter(|secret| secret.len() > 3)
            .collect();
        assert!(!secrets.is_empty(), "{}", session.name);
        for problem in Watch::of(&tape, &dialogue).problems() {
            let told = format!("{problem:?} {} {} {:?}", problem.say(), problem.step(), problem.line());
            for secret in &secrets {
                assert!(!told.contains(secret), "{}: {told}", session.name);
            }
        }
    }
}

#[test]
fn a_session_in_good_order_is_a_whole_one() {
    let (_, file) = files().into_iter().find(|(name, _)| name == "clean").expect("the sessions in good order");
    for session in &file.session {
        assert!(session.finds.is_empty(), "{}", session.name);
        let tape = tape(&steps(&session.talk));
        let dialogue = Dialogue::of(&tape);
        let taken = dialogue.letters().iter().any(|letter| letter.delivered_to().next().is_some());
        assert!(taken, "{}: no letter is taken", session.name);
        assert!(dialogue.extensions().map_or(0, |offer: &Extensions| offer.keywords().len()) > 2, "{}", session.name);
        assert!(tape.lane(Side::Client).len() > 100, "{}", session.name);
    }
}
