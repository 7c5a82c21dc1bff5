//! Commands for the lab: its mail on the way, and its clock.

use crate::app::App;
use crate::command::{Availability, Command, Context, always};
use crate::screen::session::dialog::lab_mail::{LabMail, ask, five_minutes, skip};

/// The commands for the lab.
pub const TABLE: &[Command] = &[
    Command {
        id: "lab.mail",
        title: "mail on its way",
        about: "Shows what waits in the queues of the lab's servers and why, what happened to each letter, and the lab's clock.",
        keys: &[(Context::Anywhere, "Alt-M")],
        when: always,
        run: |app| app.open(Box::new(LabMail::default())),
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
        when: always,
        run: five_minutes,
    },
    Command {
        id: "clock.turn",
        title: "lab clock",
        about: "Lets time pass in the lab: `clock 5d` in the palette, or asked for; five days of retries take seconds.",
        keys: &[],
        when: always,
        run: ask,
    },
];

fn due(app: &App) -> Availability {
    if app.model.lab_mail.next.is_some() { Availability::Yes } else { Availability::No("nothing waits in the lab") }
}
