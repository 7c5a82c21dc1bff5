//! Commands by their names: `:connect mx2.harbor.test`, `:session.save`, `:help`.

use super::Linear;
use super::answer::drawn;
use crate::app::App;
use crate::command::{self, Command};
use crate::layer::Told;
use crate::layer::palette;
use crate::screen::session::layout::Pane;
use crate::ui::linear::{in_words, number};

/// Commands whose name alone tells a pane: what it shows, as text.
const PANES: &[(&str, Pane)] = &[
    ("pane.explain", Pane::Explain),
    ("pane.dns", Pane::Dns),
    ("pane.stage", Pane::Stage),
    ("pane.capabilities", Pane::Capabilities),
];
/// Commands about a screen, and why they do nothing without one.
const ON_SCREEN: &[(&str, &str)] = &[
    ("menu.open", "there is no menu here: a colon and the name of a command call it, and :help lists them"),
    ("palette.open", "a colon and the name of a command call it, and :help lists them"),
    ("theme.next", "there are no colours here"),
    ("theme.ascii", "everything is in letters here"),
    ("mouse.toggle", "there is no mouse here"),
    ("program.suspend", "Ctrl-Z does that here"),
    ("pane.next", "panes are told by their names, as :explain, :dns, :stage, :capabilities"),
    ("pane.previous", "panes are told by their names, as :explain, :dns, :stage, :capabilities"),
    ("pane.zoom", "panes are told by their names, as :explain, :dns, :stage, :capabilities"),
    ("transcript.filter", "all lines are told, one after the other"),
    ("transcript.fold", "all lines are told, one after the other"),
    ("transcript.fold-all", "all lines are told, one after the other"),
    ("transcript.times", ":explain tells when the selected line came"),
    ("secret.reveal", "secrets are not shown here"),
    ("pane.send", "what you type goes to the server at any time"),
    ("pane.transcript", "every line is told when it comes; :up and :down select one"),
];
/// Commands that move a selection.
const MOVING: &[&str] = &["list.", "transcript.next", "transcript.previous"];
/// Octets of a line that are told.
const MOST_OCTETS: usize = 512;
/// Names that are offered for one that does not exist.
const OFFERED: usize = 5;

impl Linear {
    /// Calls the command with this name; what stands behind the name goes into what it opens.
    pub(super) fn command(&mut self, app: &mut App, text: &str) {
        if text.is_empty() {
            return self.out.push("problem: a colon alone calls nothing. :help lists the commands.".into());
        }
        let Some((command, rest)) = named(text) else {
            let near: Vec<_> = palette::find(text).into_iter().take(OFFERED).map(|command| command.title).collect();
            let near = if near.is_empty() { String::new() } else { format!(" There is {}.", near.join(", ")) };
            return self.out.push(format!("problem: there is no command {text}.{near} :help lists them all."));
        };
        if command.id == "help.open" {
            return self.help(app);
        }
        if let Some((_, why)) = ON_SCREEN.iter().find(|(id, _)| *id == command.id) {
            return self.out.push(format!("note: {why}."));
        }
        let focus = app.room.focus;
        let moves = MOVING.iter().any(|begin| command.id.starts_with(begin));
        if moves && focus == Pane::Send {
            app.room.focus = Pane::Transcript;
        }
        let before = app.layers.len();
        app.call(command);
        if moves && focus == Pane::Send {
            app.room.focus = focus;
        }
        if !rest.is_empty() && app.layers.len() > before {
            let takes_one = matches!(app.told(self.room()), Some(Told::Line { .. }));
            if takes_one {
                Self::press(app, "Ctrl-U");
            }
            app.paste_on_top(rest);
            if takes_one || command.id == "session.connect" {
                Self::press(app, "Enter");
            }
        }
        let pane = PANES.iter().find(|(id, _)| *id == command.id).map(|(_, pane)| *pane);
        let opened = command.id == "list.open" && app.room.focus == Pane::Explain || command.id == "explain.more";
        if let Some(pane) = pane.or(opened.then_some(Pane::Explain)) {
            self.pane(app, pane);
        } else if moves && command.id != "list.open" {
            self.selected(app);
        } else if command.id == "line.bytes" {
            self.octets(app);
        }
        self.drafted(app);
    }

    /// Tells what a pane shows.
    pub(super) fn pane(&mut self, app: &mut App, pane: Pane) {
        let zoom = app.room.zoom.replace(pane);
        let lines = drawn(app, |app, area, pen| {
            app.room.view(app, area, pen);
            let placed = app.room.layout(area, &app.model).and_then(|layout| layout.place(pane));
            placed.map(|placed| placed.inner).unwrap_or_default()
        });
        app.room.zoom = zoom;
        self.out.extend(lines);
    }

    /// Says where the selection is.
    fn selected(&mut self, app: &App) {
        if app.room.focus == Pane::Dns {
            let host = app.room.selected_host(&app.model, &app.settings);
            let host = host.map(|target| crate::ui::remote::shown(&crate::session::target::spelled(&target)));
            return self.out.push(format!("selected: {}", host.unwrap_or_else(|| "a record without a host".into())));
        }
        let Some(session) = app.room.session(&app.model) else { return };
        let Some(row) = app.room.view_of(session.id).and_then(|view| view.selected(session)) else { return };
        let count = session.dialogue().rows().len();
        self.out.push(format!("line {} of {count}:", row.0 + 1));
        self.out.extend(super::news::row(app, session, row));
    }

    /// Tells the octets of the selected line; those of a secret are not told.
    fn octets(&mut self, app: &App) {
        let selected = app.room.session(&app.model).and_then(|session| {
            let row = app.room.view_of(session.id)?.selected(session)?;
            Some((session, session.dialogue().row(row)?.span()?))
        });
        let Some((session, span)) = selected else { return };
        let octets = session.tape().bytes(span);
        let hidden = session.hidden(span, &octets);
        let told = octets.iter().take(MOST_OCTETS).enumerate().map(|(at, octet)| {
            if hidden.iter().any(|range| range.contains(&at)) { "**".to_owned() } else { format!("{octet:02x}") }
        });
        self.out.push(format!("bytes: {} in all: {}", octets.len(), told.collect::<Vec<_>>().join(" ")));
    }

    /// Says what stands in the line that an empty one would send.
    fn drafted(&mut self, app: &App) {
        let composer = &app.room.composer;
        let Some(session) = app.room.session(&app.model).filter(|_| !composer.line.is_empty()) else { return };
        if !composer.is_secret(session.dialogue()) {
            self.out.push(format!("line: {} An empty line sends it.", crate::ui::remote::shown(composer.line.text())));
        }
    }

    fn help(&mut self, app: &App) {
        self.out.push(
            "What you type is sent as it is. A colon and a name call a command; two colons begin a line with one."
                .into(),
        );
        self.out.push("An empty line sends what stands in the line. In a letter a lone dot ends it.".into());
        let commands: Vec<&Command> =
            command::all().filter(|it| !ON_SCREEN.iter().any(|(id, _)| *id == it.id)).collect();
        self.out.push(format!("{} commands:", number(commands.len())));
        for command in commands {
            let not = match (command.when)(app) {
                command::Availability::Yes => String::new(),
                command::Availability::No(why) => format!(" Not now: {why}."),
            };
            let is_pane = PANES.iter().any(|(id, _)| *id == command.id);
            let about = if is_pane { "Tells what this pane of the screen shows." } else { command.about };
            self.out.push(format!(":{}. {}{not}", command.title, in_words(about)));
        }
    }
}

/// The command that a text begins with, by its id or its title, and what stands behind it.
fn named(text: &str) -> Option<(&'static Command, &str)> {
    let parts = text.match_indices(' ').map(|(at, _)| at).chain([text.len()]);
    let split: Vec<(&str, &str)> = parts.filter_map(|at| text.split_at_checked(at)).collect();
    // The longest name wins: `look up a word` is no `look up`.
    split.into_iter().rev().find_map(|(name, rest)| {
        let known = |command: &&Command| command.id == name || command.title.eq_ignore_ascii_case(name);
        let command = command::all().find(known).or_else(|| command::find(name));
        command.map(|command| (command, rest.trim_start()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_special_about_a_command_is_about_one_that_exists() {
        let ids = PANES.iter().map(|(id, _)| *id).chain(ON_SCREEN.iter().map(|(id, _)| *id));
        for id in ids {
            assert!(command::find(id).is_some(), "{id}");
        }
        for begin in MOVING {
            assert!(command::all().any(|command| command.id.starts_with(begin)), "{begin}");
        }
    }

    #[test]
    fn the_longest_name_is_meant_and_the_rest_goes_with_it() {
        let found = |text| named(text).map(|(command, rest)| (command.id, rest));
        assert_eq!(found("connect mx2.harbor.test"), Some(("session.connect", "mx2.harbor.test")));
        assert_eq!(found("connect again"), Some(("session.reconnect", "")));
        assert_eq!(found("look up harbor.test MX"), Some(("dns.look-up", "harbor.test MX")));
        assert_eq!(found("Look Up A Word 552"), Some(("explain.term", "552")));
        assert_eq!(found("session.save"), Some(("session.save", "")));
        assert_eq!(found("conect"), None);
    }

    #[test]
    fn titles_are_unique_so_that_a_name_means_one_command() {
        for command in command::all() {
            let same = command::all().filter(|other| other.title.eq_ignore_ascii_case(command.title)).count();
            assert_eq!(same, 1, "{command:?}: {}", command.title);
        }
    }
}
