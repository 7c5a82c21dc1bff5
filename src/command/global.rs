//! Commands that every screen has.

use super::{Availability, Command, Context, always};
use crate::app::{App, Effect};
use crate::layer::{help::Help, menu::Menu, palette::Palette};

/// The commands of every screen.
pub const TABLE: &[Command] = &[
    Command {
        id: "menu.open",
        title: "menu",
        about: "Shows the letters that call commands.",
        keys: &[(Context::Anywhere, "Esc")],
        when: always,
        run: |app| app.open(Box::new(Menu::new(app.now()))),
    },
    Command {
        id: "help.open",
        title: "help",
        about: "Shows the keys of this place, and on a second F1 those of the whole program; ?? types a question mark.",
        keys: &[(Context::Anywhere, "F1"), (Context::SendEmpty, "?"), (Context::Anywhere, "Alt-?")],
        when: always,
        run: |app| app.open(Box::new(Help::new(app))),
    },
    Command {
        id: "palette.open",
        title: "commands",
        about: "Finds any command by its name.",
        keys: &[(Context::Anywhere, "F2"), (Context::SendEmpty, ":"), (Context::Anywhere, "Alt-:")],
        when: always,
        run: |app| app.open(Box::new(Palette::default())),
    },
    Command {
        id: "theme.next",
        title: "next theme",
        about: "Changes the colours: sixteen, mono, high contrast, projector, and the theme of the configuration.",
        keys: &[],
        when: |app| if app.settings.mono_only { Availability::No("NO_COLOR is set") } else { Availability::Yes },
        run: |app| {
            app.settings.theme = app.settings.next_theme();
            app.say(format!("theme: {}", app.settings.theme.name()));
        },
    },
    Command {
        id: "theme.ascii",
        title: "ASCII only",
        about: "Draws frames and signs with ASCII characters, or with lines again.",
        keys: &[],
        when: always,
        run: |app| app.settings.ascii = !app.settings.ascii,
    },
    Command {
        id: "mouse.toggle",
        title: "mouse on or off",
        about: "Lets the terminal have the mouse, so that it can select text, or takes it back.",
        keys: &[],
        when: always,
        run: |app| {
            app.settings.mouse = !app.settings.mouse;
            app.emit(Effect::Mouse(app.settings.mouse));
        },
    },
    Command {
        id: "program.suspend",
        title: "suspend",
        about: "Goes back to the shell; fg comes back here.",
        keys: &[(Context::AboveLayers, "Ctrl-Z")],
        when: always,
        run: |app| app.emit(Effect::Suspend),
    },
    Command {
        id: "program.quit",
        title: "quit",
        about: "Leaves the program; asks first while a connection to a real server stands.",
        // Not Ctrl-Q: a hand that means to undo Ctrl-S must not leave the program.
        keys: &[(Context::Anywhere, "Alt-q")],
        when: always,
        run: App::quit,
    },
];
