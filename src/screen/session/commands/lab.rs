//! Commands for the lab: what is different in it, its mail on the way, and its clock.

use crate::app::App;
use crate::command::{Availability, Command, Context, always};
use crate::screen::session::dialog::lab_mail::{LabMail, ask, five_minutes, skip};
use crate::screen::session::dialog::lab_state::{LabState, add_record, pick_scene, reset};
use crate::screen::session::dialog::map;
use crate::screen::session::replay::world;

/// The commands for the lab.
pub const TABLE: &[Command] = &[
    Command {
        id: "map.open",
        title: "map of letters",
        about: "Shows the way of each letter through the lab: the hosts, what was said where, why it waits; Enter opens a conversation.",
        keys: &[(Context::Anywhere, "Alt-M"), (Context::FromMap, "Esc")],
        when: always,
        run: map::open,
    },
    Command {
        id: "lab.mail",
        title: "mail on its way",
        about: "Shows what waits in all queues of the lab's servers and why, and what happened to all letters; w on the map.",
        keys: &[],
        when: always,
        run: |app| app.open(Box::new(LabMail::default())),
    },
    Command {
        id: "lab.change",
        title: "change the lab",
        about: "Sets the lab up for a scene, takes a host off the network, spoils a certificate or an answer of the DNS, lets a server go wrong.",
        keys: &[(Context::Anywhere, "Alt-L")],
        when: stands,
        run: |app| app.open(Box::new(LabState::default())),
    },
    Command {
        id: "lab.scene",
        title: "set up a scene",
        about: "Sets the lab up for one thing to be seen, such as STARTTLS cut out on the way; what was different before is taken back.",
        keys: &[],
        when: stands,
        run: pick_scene,
    },
    Command {
        id: "lab.record",
        title: "add a DNS record",
        about: "Adds a record to the lab's zones, as a zone file has it.",
        keys: &[],
        when: stands,
        run: add_record,
    },
    Command {
        id: "lab.reset",
        title: "the lab as it was",
        about: "Takes back everything that is different in the lab, and servers forget whom they have seen; letters and the clock stay.",
        keys: &[],
        when: stands,
        run: reset,
    },
    Command {
        id: "clock.next",
        title: "+ next event",
        about: "Turns the lab's clock to the next thing that is due, such as a retry.",
        keys: &[],
        when: due,
        run: skip,
    },
    Command {
        id: "clock.minutes",
        title: "++ five minutes",
        about: "Lets five minutes pass in the lab; what is due meanwhile happens.",
        keys: &[],
        when: world,
        run: five_minutes,
    },
    Command {
        id: "clock.turn",
        title: "lab clock",
        about: "Lets time pass in the lab: `clock 5d` in the palette, or asked for; five days of retries take seconds.",
        keys: &[],
        when: world,
        run: ask,
    },
];

fn due(app: &App) -> Availability {
    if app.model.lab_mail.next.is_some() { Availability::Yes } else { Availability::No("nothing waits in the lab") }
}

fn stands(app: &App) -> Availability {
    if app.model.lab_state.cast.is_some() { Availability::Yes } else { Availability::No("the lab does not stand") }
}
