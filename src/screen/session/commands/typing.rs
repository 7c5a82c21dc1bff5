//! Commands of the Send pane: the line and the letter.

use crate::app::{App, Effect};
use crate::command::{Availability, Command, Context, always};
use crate::dialogue::phase::Phase;
use crate::input::{Code, Key};
use crate::screen::session::Room;
use crate::screen::session::dialog::message::Write;
use crate::screen::session::dialog::picker::{Item, Picker};
use crate::screen::session::dialog::prompt::Prompt;
use crate::screen::session::history::Stage;
use crate::screen::session::layout::Pane;
use crate::screen::session::letter::Step;
use crate::screen::session::room::persona;
use crate::smtp::bdat::cut;
use crate::tape::mark::Mark;
use crate::ui::remote;

use super::{draft, letter};

/// How long a secret is shown, in milliseconds.
const REVEAL_MS: u64 = 10_000;
/// Two Ctrl-C within so many milliseconds leave the program.
const TWICE_MS: u64 = 1000;

/// The commands of the Send pane.
pub const TABLE: &[Command] = &[
    Command {
        id: "send.line",
        title: "send",
        about: "Sends the line with its line end, as one write, exactly as it is shown.",
        keys: &[(Context::Send, "Enter")],
        when: always,
        run: |app| Room::work(app, Room::enter),
    },
    Command {
        id: "suggest.accept",
        title: "accept",
        about: "Takes the grey suggestion into the line.",
        keys: &[(Context::Send, "→"), (Context::Send, "End"), (Context::Send, "Ctrl-F")],
        when: always,
        run: |app| {
            if !accept(app, false) {
                Room::key(app, Key::plain(Code::Right));
            }
        },
    },
    Command {
        id: "suggest.word",
        title: "accept a word",
        about: "Takes one word of the grey suggestion into the line.",
        keys: &[(Context::Send, "Alt-→")],
        when: always,
        run: |app| {
            accept(app, true);
        },
    },
    Command {
        id: "suggest.next",
        title: "choose",
        about: "Steps through repairs, what the explanation proposes, and other moves; never sends.",
        keys: &[(Context::Send, "Tab")],
        when: super::session,
        run: |app| offer(app, false),
    },
    Command {
        id: "suggest.previous",
        title: "choose back",
        about: "Steps back through what Tab offers.",
        keys: &[(Context::Send, "Shift-Tab")],
        when: super::session,
        run: |app| offer(app, true),
    },
    Command {
        id: "history.older",
        title: "line before",
        about: "Brings back a line that was sent; those of the same stage come first.",
        keys: &[(Context::Send, "↑")],
        when: always,
        run: |app| browse(app, true),
    },
    Command {
        id: "history.newer",
        title: "line after",
        about: "Goes forward again in the lines that were sent.",
        keys: &[(Context::Send, "↓")],
        when: always,
        run: |app| browse(app, false),
    },
    Command {
        id: "history.search",
        title: "search history",
        about: "Lists the lines that were sent and hold what is typed.",
        keys: &[(Context::Send, "Ctrl-R")],
        when: always,
        run: search_history,
    },
    Command {
        id: "send.clear",
        title: "clear the line",
        about: "Clears the line; on an empty line, stops waiting for a reply; twice within a second, leaves the program.",
        keys: &[(Context::Send, "Ctrl-C"), (Context::Letter, "Ctrl-C")],
        when: always,
        run: interrupt,
    },
    Command {
        id: "batch.toggle",
        title: "batch",
        about: "Collects lines and sends them in one write (pipelining); again, what was collected goes line by line.",
        keys: &[(Context::Anywhere, "Alt-p")],
        when: super::draft,
        run: |app| {
            app.room.composer.toggle_batch();
            app.room.focus = Pane::Send;
        },
    },
    Command {
        id: "batch.groups",
        title: "batch in groups",
        about: "Sends the batch in the groups that RFC 2920 allows, each in one write when the one before is answered.",
        keys: &[(Context::Send, "Ctrl-G")],
        when: batch,
        run: |app| Room::work(app, Room::send_groups),
    },
    Command {
        id: "send.ending",
        title: "line ending",
        about: "Changes what ends a line on the wire: CRLF, LF only, CR only, none.",
        keys: &[],
        when: always,
        run: |app| {
            let ending = app.room.composer.line.ending.next();
            app.room.composer.line.ending = ending;
            app.say(format!("line ending: {}", ending.name()));
        },
    },
    Command {
        id: "secret.reveal",
        title: "show the secret",
        about: "Shows the secret in the Send pane for ten seconds, on the screen only; the tape notes it.",
        keys: &[],
        when: secret,
        run: |app| {
            app.room.revealed = Some(crate::tape::Moment::from_micros(app.now().micros() + REVEAL_MS * 1000));
            if let Some(session) = app.room.current.and_then(|id| app.model.session_mut(id)) {
                session.annotate(Mark::Revealed);
            }
            Room::work(app, |room, desk| room.refresh(desk.model));
        },
    },
    Command {
        id: "letter.line",
        title: "new line",
        about: "Begins a new line of the letter; behind a lone dot on the last line it asks, and a second one sends.",
        keys: &[(Context::Letter, "Enter")],
        when: letter,
        run: |app| Room::work(app, Room::enter),
    },
    Command {
        id: "letter.send",
        title: "send the letter and the final dot",
        about: "Sends the whole letter, dots doubled where needed, and the lone dot that ends it.",
        keys: &[(Context::Letter, "Ctrl-D")],
        when: letter,
        run: |app| Room::work(app, Room::send_letter),
    },
    Command {
        id: "letter.undo",
        title: "undo in the letter",
        about: "Takes back the last change to the letter.",
        keys: &[(Context::Letter, "Alt-u"), (Context::Letter, "Ctrl-U")],
        when: letter,
        run: |app| app.room.composer.letter.edit(Step::Undo),
    },
    Command {
        id: "letter.editor",
        title: "editor",
        about: "Opens the letter in $VISUAL or $EDITOR; it comes back here and is not sent.",
        keys: &[(Context::Anywhere, "F4"), (Context::Anywhere, "Alt-v")],
        when: draft,
        run: |app| app.emit(Effect::Edit(app.room.composer.letter.text())),
    },
    Command {
        id: "letter.insert",
        title: "insert a file",
        about: "Puts a text file into the letter; a larger one is shown and goes straight from the disk.",
        keys: &[(Context::Anywhere, "Alt-i")],
        when: draft,
        run: |app| {
            let hint = "The path of a file. A text goes into the letter. A large file is shown first; it can be sent \
                        as the letter from the disk. Nothing is sent yet.";
            app.open(Box::new(Prompt::new("Insert a file", hint, "insert", insert_file)));
        },
    },
    Command {
        id: "letter.form",
        title: "letter form",
        about: "Makes a letter from a form: header, text or a test letter, files; it goes into the editor, nothing is sent.",
        keys: &[(Context::Anywhere, "Alt-l")],
        when: draft,
        run: Write::show,
    },
    Command {
        id: "letter.chunks",
        title: "letter in chunks",
        about: "Collects the letter as a batch of BDAT chunks of the sizes that are asked for; nothing is sent yet.",
        keys: &[],
        when: written,
        run: |app| {
            let hint = "Octets of each chunk: one number is repeated, several are taken in turn and the rest is one more. \
                        A 0 at the end makes BDAT 0 LAST of it. The batch shows each chunk; Enter on an empty line sends \
                        it, and counts can be made wrong there first.";
            app.open(Box::new(Prompt::new("The letter in chunks", hint, "collect", collect_chunks)));
        },
    },
    Command {
        id: "letter.lines",
        title: "line by line",
        about: "Inside DATA, types single lines that leave at once, undoubled dots and all; or the editor again.",
        keys: &[],
        when: always,
        run: |app| {
            app.room.composer.by_line = !app.room.composer.by_line;
            let way = if app.room.composer.by_line { "line by line, sent as typed" } else { "in the editor" };
            app.say(format!("the letter is written {way}"));
        },
    },
];

fn accept(app: &mut App, word: bool) -> bool {
    let session = app.room.session(&app.model);
    let Some(dialogue) = session.map(crate::session::Session::dialogue) else { return false };
    app.room.composer.accept(dialogue, persona(&app.settings, session), word)
}

fn offer(app: &mut App, back: bool) {
    let Some(session) = app.room.session(&app.model) else { return };
    let explained = app.room.explanation(&app.settings, session);
    let persona = persona(&app.settings, Some(session));
    app.room.composer.offer(session.dialogue(), persona, explained.as_ref(), back);
}

fn stage(app: &App) -> Stage {
    Stage::of(app.room.session(&app.model).map_or(Phase::Opening, |session| session.dialogue().phase()))
}

fn browse(app: &mut App, older: bool) {
    let stage = stage(app);
    app.room.composer.browse(stage, older);
}

fn search_history(app: &mut App) {
    let lines = app.room.composer.history.matching(stage(app), app.room.composer.line.text());
    if lines.is_empty() {
        return app.say("No line that was sent holds this text.");
    }
    let item = |line: String| {
        Item::new(remote::shown(&line), move |app: &mut App| {
            app.room.composer.line.set(&line);
            app.room.composer.touched();
        })
    };
    app.open(Box::new(Picker::new("Lines that were sent", lines.into_iter().map(item).collect())));
}

/// Ctrl-C: clears the line; on an empty one, stops waiting, and the second within a second leaves.
fn interrupt(app: &mut App) {
    let twice = app.room.interrupted.is_some_and(|before| app.now().since(before).as_millis() <= u128::from(TWICE_MS));
    if !app.room.writes_letter(&app.model) && !app.room.composer.line.is_empty() {
        app.room.composer.line.take();
        app.room.composer.touched();
        return;
    }
    if twice {
        return app.quit();
    }
    app.room.interrupted = Some(app.now());
    let stopped = Room::work(app, Room::stop_waiting);
    app.say(if stopped {
        "No longer waiting: the next line goes at once. Ctrl-C again leaves the program."
    } else {
        "Ctrl-C again leaves the program."
    });
}

fn written(app: &App) -> Availability {
    match draft(app) {
        Availability::Yes if app.room.composer.letter.is_empty() => {
            Availability::No("no letter is written: the editor opens one at any time")
        }
        other => other,
    }
}

/// Puts the letter into the batch, in chunks of these sizes.
fn collect_chunks(app: &mut App, sizes: &str) -> Result<(), String> {
    let numbers: Result<Vec<usize>, _> =
        sizes.split([' ', ',']).filter(|word| !word.is_empty()).map(str::parse).collect();
    let mut numbers = numbers.map_err(|_| "Sizes are numbers with blanks between, as 100 or 20 50 0.".to_owned())?;
    let zero = numbers.pop_if(|last| *last == 0).is_some();
    if numbers.contains(&0) {
        return Err("A chunk of 0 octets can only be the last.".into());
    }
    let composer = &mut app.room.composer;
    composer.batch.collect(cut(&composer.letter.content(), &numbers, zero));
    composer.touched();
    app.room.focus = Pane::Send;
    app.say("The letter is in the batch, and stays a draft too. Nothing is sent yet.");
    Ok(())
}

fn batch(app: &App) -> Availability {
    if app.room.composer.batch.is_empty() { Availability::No("no batch is collected") } else { Availability::Yes }
}

fn secret(app: &App) -> Availability {
    let session = app.room.session(&app.model);
    match session {
        Some(session) if app.room.composer.is_secret(session.dialogue()) && app.room.focus == Pane::Send => {
            Availability::Yes
        }
        _ => Availability::No("no secret is typed"),
    }
}

fn insert_file(app: &mut App, path: &str) -> Result<(), String> {
    if path.trim().is_empty() {
        return Err("A path is missing.".into());
    }
    Room::choose(app, path.trim());
    Ok(())
}
