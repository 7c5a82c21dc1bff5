//! Commands for connections, sessions, look-ups and mailboxes.

use crate::app::App;
use crate::command::{Availability, Command, Context, always};
use crate::layer::ask::Ask;
use crate::ports::net::Act;
use crate::record::index::Summary;
use crate::screen::session::Room;
use crate::screen::session::dialog::compare;
use crate::screen::session::dialog::connect::Connect;
use crate::screen::session::dialog::decide;
use crate::screen::session::dialog::guests::{Guests, show_card};
use crate::screen::session::dialog::letters::Letters;
use crate::screen::session::dialog::login::LogIn;
use crate::screen::session::dialog::picker::{Item, Picker};
use crate::screen::session::dialog::prompt::Prompt;
use crate::screen::session::replay::world;
use crate::session::State;
use crate::session::place::World;
use crate::session::target::spelled;
use crate::ui::remote;

use super::{domain, open, own, session};

/// The commands for connections.
pub const TABLE: &[Command] = &[
    Command {
        id: "session.connect",
        title: "connect",
        about: "Opens a connection to a host of the lab or to a real one.",
        keys: &[(Context::Anywhere, "Alt-c")],
        when: world,
        run: |app| app.open(Box::new(Connect::new(app))),
    },
    Command {
        id: "session.list",
        title: "sessions",
        about: "Lists the sessions; the chosen one is shown.",
        keys: &[(Context::Anywhere, "Alt-s")],
        when: session,
        run: list,
    },
    Command {
        id: "session.next",
        title: "next session",
        about: "Shows the next session.",
        keys: &[(Context::Anywhere, "Ctrl-N")],
        when: session,
        run: Room::next_session,
    },
    Command {
        id: "session.compare",
        title: "compare",
        about: "Lays this session beside another one: connection, steps, extensions, TLS, and what differs first.",
        keys: &[(Context::Anywhere, "Alt-=")],
        when: two,
        run: compare::ask,
    },
    Command {
        id: "session.close",
        title: "close",
        about: "Closes the connection; a session that is over leaves the list.",
        keys: &[(Context::Anywhere, "Alt-X")],
        when: session,
        run: |app| Room::work(app, Room::close),
    },
    Command {
        id: "session.reconnect",
        title: "connect again",
        about: "Opens a new connection to the same place; the record of the old one stays.",
        keys: &[(Context::Anywhere, "Alt-R")],
        when: own,
        run: |app| Room::work(app, Room::reconnect),
    },
    Command {
        id: "session.repeat",
        title: "repeat to here",
        about: "Connects again and sends the lines up to the selected one; secrets are asked again.",
        keys: &[(Context::Anywhere, "F5"), (Context::Anywhere, "Alt-r"), (Context::Transcript, "r")],
        when: own,
        run: repeat,
    },
    Command {
        id: "wait.keep",
        title: "keep waiting",
        about: "Waits on after nothing came in time.",
        keys: &[(Context::Anywhere, "Alt-k")],
        when: patience,
        run: |app| Room::work(app, |room, desk| room.act(Act::KeepWaiting, desk)),
    },
    Command {
        id: "send.release",
        title: "send held lines now",
        about: "Lets go what is held back, although the server is not ready for it.",
        keys: &[],
        when: open,
        run: |app| Room::work(app, |room, desk| room.act(Act::Release, desk)),
    },
    Command {
        id: "session.resync",
        title: "replies pair up again",
        about: "Says that replies and commands pair up again, after a reply that nobody asked for.",
        keys: &[],
        when: desync,
        run: |app| {
            if let Some(session) = app.room.current.and_then(|id| app.model.session_mut(id)) {
                session.resync();
            }
        },
    },
    Command {
        id: "tls.certificate",
        title: "TLS, certificate",
        about: "Shows what the TLS handshake agreed and what the certificates say, to copy or save; or how it failed.",
        keys: &[(Context::Anywhere, "Alt-t")],
        when: tls,
        run: |app| {
            let waits = app.room.session(&app.model).is_some_and(crate::session::Session::awaits_trust);
            if waits { decide::ask_trust(app) } else { decide::show_certificate(app) }
        },
    },
    Command {
        id: "login.open",
        title: "log in",
        about: "Opens the login form: mechanism, names and secret, what goes over the wire, and who can read it.",
        keys: &[(Context::Anywhere, "Alt-a")],
        when: open,
        run: LogIn::show,
    },
    Command {
        id: "mailbox.open",
        title: "mailboxes",
        about: "Shows the letters that arrived in the lab: their way and headers explained, raw, or their parts.",
        keys: &[(Context::Anywhere, "Alt-m")],
        when: always,
        run: |app| app.open(Box::new(Letters::default())),
    },
    Command {
        id: "guests.open",
        title: "guests",
        about: "Lists the programs that came to the lab while it is served; the chosen one is shown, live or afterwards.",
        keys: &[(Context::Anywhere, "Alt-g")],
        when: served,
        run: |app| app.open(Box::new(Guests::default())),
    },
    Command {
        id: "guests.card",
        title: "card of the lab",
        about: "Shows how other programs reach the lab: ports, logins, a line to try, lines for Postfix.",
        keys: &[],
        when: served,
        run: show_card,
    },
    Command {
        id: "dns.look-up",
        title: "look up",
        about: "Looks up a domain with all that belongs to its mail, or one record: NAME TYPE.",
        keys: &[(Context::Anywhere, "F3"), (Context::Anywhere, "Alt-d"), (Context::Dns, "d")],
        when: world,
        run: |app| {
            let hint = "A domain opens its panel: MX, addresses, SPF, DMARC and more. NAME TYPE asks for one record.";
            app.open(Box::new(Prompt::new("Look up", hint, "look up", |app, text| {
                let source = app.room.source(&app.model).clone();
                Room::look_up(app, text, source).map_err(|bad| format!("{} {}", bad.why, bad.next))
            })));
        },
    },
    Command {
        id: "dns.refresh",
        title: "ask again",
        about: "Asks all questions of the DNS panel again.",
        keys: &[(Context::Dns, "r")],
        when: domain,
        run: |app| app.model.look_ups.refresh(),
    },
    Command {
        id: "dns.key",
        title: "DKIM key",
        about: "Asks for the DKIM key of a selector under the panel's domain.",
        keys: &[(Context::Dns, "s")],
        when: domain,
        run: |app| {
            let hint = "The selector, as it stands behind s= in a DKIM-Signature.";
            app.open(Box::new(Prompt::new("DKIM key", hint, "ask", |app, text| {
                app.model.look_ups.ask_key(text).map_err(|bad| bad.to_string())
            })));
        },
    },
    Command {
        id: "dns.all",
        title: "all records",
        about: "Shows the records too that only say that something is missing, or hides them.",
        keys: &[(Context::Dns, "a")],
        when: domain,
        run: |app| app.room.look_up.all = !app.room.look_up.all,
    },
];

fn patience(app: &App) -> Availability {
    match app.room.session(&app.model) {
        Some(session) if session.awaits_patience() => Availability::Yes,
        _ => Availability::No("no time-out waits for you"),
    }
}

fn served(app: &App) -> Availability {
    if app.settings.card.is_some() { Availability::Yes } else { Availability::No("the lab is served by: ehlo lab") }
}

fn desync(app: &App) -> Availability {
    match app.room.session(&app.model) {
        Some(session) if session.dialogue().desync().is_some() => Availability::Yes,
        _ => Availability::No("replies and commands pair up"),
    }
}

fn tls(app: &App) -> Availability {
    match app.room.session(&app.model) {
        Some(session) if session.tls().is_some() || session.tls_failure().is_some() => Availability::Yes,
        _ => Availability::No("there was no TLS handshake"),
    }
}

fn two(app: &App) -> Availability {
    if !compare::others(app).is_empty() {
        return Availability::Yes;
    }
    Availability::No("it takes a second session: connect again, or to another host")
}

/// Repeating on a real server asks: letters would be sent twice.
fn repeat(app: &mut App) {
    let live = app.room.session(&app.model).filter(|session| session.world() == World::Live);
    let Some(session) = live else { return Room::work(app, Room::repeat_to_here) };
    let host = remote::shown(&spelled(&session.target));
    let question = format!("Connect to {host} again and send the lines up to the selected one, letters too?");
    app.open(Box::new(Ask::new("Repeat to here", question, "repeat", |app| Room::work(app, Room::repeat_to_here))));
}

fn list(app: &mut App) {
    if let Some(replay) = &app.room.replay {
        let current = app.room.current.and_then(|id| replay.rank(id)).unwrap_or(0);
        let item = |session: &Summary| {
            let (id, lines) = (session.id, session.lines);
            let target = remote::shown(replay.name(session));
            let text = format!("{:<3} {target:<34} {lines} lines", id.0);
            Item::new(text, move |app: &mut App| Room::show_recorded(app, id, false))
        };
        let items = replay.sessions().iter().map(item).collect();
        return app.open(Box::new(Picker::new("Sessions", items).at(current)));
    }
    let sessions = app.model.sessions();
    let current = sessions.iter().position(|session| Some(session.id) == app.room.current).unwrap_or(0);
    let items = sessions
        .iter()
        .map(|session| {
            let id = session.id;
            let state = match session.state() {
                State::Connecting => "connecting",
                State::Open => session.dialogue().phase().name(),
                State::Failed(_) => "no connection",
                State::Over => "closed",
            };
            let target = remote::shown(&spelled(&session.target));
            let rows = session.dialogue().rows().len();
            let text = format!("{:<3} {target:<34} {:<14} {state}, {rows} rows", id.0, session.world().words());
            Item::new(text, move |app: &mut App| Room::work(app, |room, _| room.show(id)))
        })
        .collect();
    app.open(Box::new(Picker::new("Sessions", items).at(current)));
}
