//! Commands for reading: moving in lists, searching, filtering, folding, copying, explaining.

use crate::app::App;
use crate::command::{Availability, Command, Context, always};
use crate::dialogue::row::What;
use crate::knowledge::{About, Explanation, explain};
use crate::screen::session::Room;
use crate::screen::session::dialog::prompt::Prompt;
use crate::screen::session::dialog::reader::Reader;
use crate::screen::session::lists::Movement;
use crate::screen::session::recording::record;
use crate::screen::session::saving::{file_name, new_file};
use crate::screen::session::view::{Landing, View};
use crate::ui::explain::{Subject, sheet};

use super::{session, transcript};

/// The commands for reading.
pub const TABLE: &[Command] = &[
    Command {
        id: "list.down",
        title: "down",
        about: "Goes one line down.",
        keys: &[(Context::List, "j"), (Context::List, "↓")],
        when: always,
        run: |app| Room::go(app, Movement::Lines(1)),
    },
    Command {
        id: "list.up",
        title: "up",
        about: "Goes one line up.",
        keys: &[(Context::List, "k"), (Context::List, "↑")],
        when: always,
        run: |app| Room::go(app, Movement::Lines(-1)),
    },
    Command {
        id: "list.half-down",
        title: "half a page down",
        about: "Goes half a page down.",
        keys: &[(Context::List, "Ctrl-D"), (Context::Anywhere, "PageDown"), (Context::List, "Space")],
        when: always,
        run: |app| page(app, 1),
    },
    Command {
        id: "list.half-up",
        title: "half a page up",
        about: "Goes half a page up.",
        keys: &[(Context::List, "Ctrl-U"), (Context::Anywhere, "PageUp")],
        when: always,
        run: |app| page(app, -1),
    },
    Command {
        id: "list.first",
        title: "first line",
        about: "Goes to the first line.",
        keys: &[(Context::List, "g"), (Context::List, "Home")],
        when: always,
        run: |app| Room::go(app, Movement::First),
    },
    Command {
        id: "list.last",
        title: "last line",
        about: "Goes to the last line; the transcript follows what comes from then on.",
        keys: &[(Context::List, "G"), (Context::List, "End")],
        when: always,
        run: |app| Room::go(app, Movement::Last),
    },
    Command {
        id: "list.open",
        title: "open",
        about: "Explains the selected line, takes the selected step (its line into the Send pane, or its command), or connects to the selected host.",
        keys: &[(Context::List, "Enter")],
        when: always,
        run: Room::open_selected,
    },
    Command {
        id: "transcript.search",
        title: "search",
        about: "Looks for a text in the transcript; an empty text closes the search.",
        keys: &[(Context::List, "/"), (Context::Anywhere, "Alt-/")],
        when: session,
        run: |app| {
            let hint = "A text, in any case of letters; n and N step through the hits. Nothing closes the search.";
            app.open(Box::new(Prompt::new("Search the transcript", hint, "search", search)));
        },
    },
    Command {
        id: "transcript.next",
        title: "next",
        about: "Goes to the next hit while a search is open, else to the next problem; what the filter hides is passed over.",
        keys: &[(Context::List, "n"), (Context::Anywhere, "Alt-n")],
        when: session,
        run: |app| jump(app, true),
    },
    Command {
        id: "transcript.previous",
        title: "previous",
        about: "Goes to the previous hit while a search is open, else to the previous problem; what the filter hides is passed over.",
        keys: &[(Context::List, "N"), (Context::Anywhere, "Alt-N")],
        when: session,
        run: |app| jump(app, false),
    },
    Command {
        id: "transcript.filter",
        title: "filter",
        about: "Shows all lines, all but the letter, only one side, only events, or only problems.",
        keys: &[(Context::Transcript, "f"), (Context::Anywhere, "Alt-f")],
        when: session,
        run: |app| look(app, |view, session| view.filter_by(session, view.filter.next())),
    },
    Command {
        id: "transcript.fold",
        title: "fold",
        about: "Folds the lines of the selected reply or letter into one, or opens them.",
        keys: &[(Context::Transcript, "o"), (Context::Transcript, "←"), (Context::Transcript, "→")],
        when: session,
        run: |app| look(app, View::fold),
    },
    Command {
        id: "transcript.fold-all",
        title: "fold all",
        about: "Folds every reply and letter of several lines, or opens them all.",
        keys: &[(Context::Transcript, "O")],
        when: session,
        run: |app| look(app, View::fold_all),
    },
    Command {
        id: "transcript.times",
        title: "times",
        about: "Shows times since the start, or since the line before.",
        keys: &[(Context::Transcript, "t")],
        when: session,
        run: |app| app.room.times = app.room.times.next(),
    },
    Command {
        id: "line.bytes",
        title: "bytes",
        about: "Shows the octets of the selected line, CR and LF too, or hides them.",
        keys: &[(Context::Transcript, "b"), (Context::Anywhere, "Alt-b")],
        when: session,
        run: |app| {
            app.room.bytes = !app.room.bytes;
            Room::work(app, |_, _| ());
        },
    },
    Command {
        id: "copy.line",
        title: "copy",
        about: "Copies the selected line through the terminal (OSC 52), secrets hidden.",
        keys: &[(Context::Transcript, "y"), (Context::Anywhere, "Alt-y")],
        when: transcript,
        run: |app| Room::work(app, Room::copy_line),
    },
    Command {
        id: "copy.exchange",
        title: "copy the exchange",
        about: "Copies the selected line's command and its reply.",
        keys: &[(Context::Transcript, "Y")],
        when: transcript,
        run: |app| Room::work(app, Room::copy_exchange),
    },
    Command {
        id: "copy.session",
        title: "copy the session",
        about: "Copies the whole session as plain annotated text.",
        keys: &[(Context::Anywhere, "Alt-Y")],
        when: transcript,
        run: |app| Room::work(app, Room::copy_session),
    },
    Command {
        id: "session.save",
        title: "save to a file",
        about: "Writes the session to a new file that only you can read, as its ending says: txt, md, html, svg, cast, jsonl, smtp, eml, pcapng or sh.",
        keys: &[(Context::Transcript, "x"), (Context::Anywhere, "Alt-x")],
        when: transcript,
        run: |app| {
            let name = app.room.session(&app.model).map_or("session", |session| session.target.host.as_str());
            let name = file_name(name);
            let hint = "A new file. Its ending is its form: txt, md, html, svg, cast, jsonl, smtp, eml, pcapng, or sh for calls of other programs. Secrets are hidden.";
            app.open(Box::new(Prompt::new("Save the session", hint, "save", save).with(format!("{name}.txt"))));
        },
    },
    Command {
        id: "session.record",
        title: "record",
        about: "Records every session of this run, from its beginning, to a new file for ehlo open; secrets of live sessions are masked in it.",
        keys: &[(Context::Anywhere, "Alt-o")],
        when: not_recorded,
        run: |app| {
            let hint =
                "The path of a new file; an existing one is never overwritten. It is written while the sessions run.";
            app.open(Box::new(Prompt::new("Record the sessions", hint, "record", record).with("session.ehlo")));
        },
    },
    Command {
        id: "explain.more",
        title: "more",
        about: "Shows all of the explanation, or the short form again.",
        keys: &[(Context::List, "m")],
        when: session,
        run: |app| look(app, |view, _| view.more = !view.more),
    },
    Command {
        id: "explain.term",
        title: "look up a word",
        about: "Explains a reply code, a status code, a verb, an EHLO keyword or any word of the glossary.",
        keys: &[(Context::List, "w"), (Context::Anywhere, "Alt-w")],
        when: always,
        run: |app| {
            let hint = "A code as 552 or 5.7.1, a verb, an EHLO keyword, or a word as 'envelope'.";
            app.open(Box::new(Prompt::new("What is …?", hint, "explain", explain_term)));
        },
    },
    Command {
        id: "letter.arrival",
        title: "why not arrived",
        about: "Says what the 250 to the last letter means, what is odd about the letter, and how to ask what became of it.",
        keys: &[],
        when: letter_taken,
        run: |app| {
            let found = app.room.session(&app.model).and_then(crate::session::Session::arrival);
            match found {
                Some(found) => explained_in_full(app, found),
                None => app.say("The reply repeats a secret, so it is not explained here."),
            }
        },
    },
    Command {
        id: "notes.toggle",
        title: "hide or show notes",
        about: "Hides all notes and explanations, so that a class can predict, or shows them again.",
        keys: &[(Context::Anywhere, "Alt-h")],
        when: always,
        run: |app| {
            app.settings.notes = !app.settings.notes;
            Room::work(app, |_, _| ());
            app.say(if app.settings.notes { "notes are shown" } else { "notes are hidden; Alt-h shows them again" });
        },
    },
];

fn look(app: &mut App, how: impl FnOnce(&mut View, &crate::session::Session)) {
    Room::look_at(app, how);
}

fn jump(app: &mut App, forward: bool) {
    let landing = Room::look_at(app, |view, session| view.jump(session, forward, false));
    tell(app, landing);
}

/// Says what a jump did not show.
fn tell(app: &mut App, landing: Option<Landing>) {
    let view = app.room.current.and_then(|id| app.room.view_of(id));
    let Some((search, filter)) = view.map(|view| (view.search.is_some(), view.filter.name())) else { return };
    let what = if search { "hit" } else { "problem" };
    let text = match landing {
        Some(Landing::Row { passed: 0 }) | None => return,
        Some(Landing::Row { passed: 1 }) => format!("The filter \"{filter}\" hides 1 {what} before this one."),
        Some(Landing::Row { passed }) => format!("The filter \"{filter}\" hides {passed} {what}s before this one."),
        Some(Landing::Hidden) => format!("The filter \"{filter}\" hides every {what}; f in the transcript changes it."),
        Some(Landing::Nothing) => format!("There is no {what}."),
    };
    app.say(text);
}

/// The page keys move the transcript while a line is typed.
fn page(app: &mut App, pages: i32) {
    use crate::screen::session::layout::Pane;
    if app.room.focus == Pane::Send {
        Room::move_pane(app, Pane::Transcript, pages * 5);
    } else {
        Room::go(app, Movement::HalfPages(pages));
    }
}

fn search(app: &mut App, text: &str) -> Result<(), String> {
    let landing = Room::look_at(app, |view, session| view.look_for(session, text));
    let session = app.room.session(&app.model);
    let hits = session.and_then(|session| Some(app.room.view_of(session.id)?.search.as_ref()?.hits.len(u32::MAX)));
    if hits == Some(0) {
        Room::look_at(app, |view, session| view.look_for(session, ""));
        let cut = app
            .room
            .session(&app.model)
            .is_some_and(|session| session.dialogue().rows().iter().any(|row| matches!(row.what, What::Elided)));
        let none = if cut {
            "No line kept here holds this; what was left out is not searched."
        } else {
            "No line holds this text."
        };
        return Err(none.into());
    }
    if hits.is_some() {
        tell(app, landing);
    }
    Ok(())
}

fn save(app: &mut App, path: &str) -> Result<(), String> {
    let path = new_file(path)?;
    Room::work(app, |room, desk| room.save(&path, desk))
}

fn not_recorded(app: &App) -> Availability {
    match (&app.room.recording, &app.room.replay) {
        (Some(_), _) => Availability::No("the sessions are recorded already"),
        (None, Some(_)) => Availability::No("this is a recording already"),
        (None, None) => Availability::Yes,
    }
}

fn explain_term(app: &mut App, text: &str) -> Result<(), String> {
    let text = text.trim();
    let found = explained(text).ok_or_else(|| format!("Nothing is known here about {text}."))?;
    explained_in_full(app, found);
    Ok(())
}

fn explained_in_full(app: &mut App, found: Explanation) {
    let lines = move |room: usize, _: bool| sheet(&Subject::default(), &found, room, true).lines;
    app.open(Box::new(Reader::new("Explained", "", lines)));
}

fn letter_taken(app: &App) -> Availability {
    let letters = app.room.session(&app.model).map(|session| session.dialogue().letters()).unwrap_or_default();
    let taken = letters.iter().any(|letter| letter.delivered_to().next().is_some());
    if taken { Availability::Yes } else { Availability::No("no letter was taken in this session") }
}

/// The explanation of a word: a code, a status, or what the tables name.
fn explained(text: &str) -> Option<Explanation> {
    let numbers: Vec<Option<u16>> = text.split('.').map(|part| part.parse().ok()).collect();
    match numbers.as_slice() {
        [Some(code)] => return Some(explain(&About::Code(*code))),
        [Some(class), Some(subject), Some(detail)] => return Some(explain(&About::Status(*class, *subject, *detail))),
        _ => {}
    }
    let upper = text.to_ascii_uppercase();
    let named = [
        About::Term(text),
        About::Verb(&upper),
        About::Keyword(upper.as_bytes()),
        About::Mechanism(&upper),
        About::Header(text),
    ];
    named.iter().map(explain).find(|it| !it.body.is_empty() && !it.cites.is_empty())
}
