//! Decisions that wait for the user: a certificate that is not in order, the first connection to a real host.
//!
//! The first choice leaves everything as it is, so that an Enter that was meant for the line does no harm.

use crate::app::{App, Effect};
use crate::ports::net::{Act, SessionId, Target};
use crate::session::{PROMISED, Session, words};
use crate::tape::mark::Mark;
use crate::ui::certificate;
use crate::ui::remote;
use crate::ui::text::{Role, Run};

use super::picker::{Item, Picker};
use super::prompt::Prompt;
use super::reader::Reader;
use crate::screen::session::Room;
use crate::screen::session::saving::{file_name, new_file};
use crate::session::target::spelled;

/// Asks about a certificate that has just turned out not to be in order. The session stands still until then.
pub fn on_certificate(app: &mut App, id: SessionId) {
    let waits = app.model.session(id).is_some_and(crate::session::Session::awaits_trust);
    if waits && app.room.current == Some(id) && app.room.asked_about != Some(id) {
        app.room.asked_about = Some(id);
        ask_trust(app);
    }
}

/// Asks whether to go on without a verified certificate.
pub fn ask_trust(app: &mut App) {
    let facts = app.room.session(&app.model).and_then(|session| session.tls());
    let Some(facts) = facts else { return };
    let about = vec![
        Run::new(certificate::verdict(facts), Role::Problem),
        Run::new(" The session stands still. Going on is recorded, and the title says so.", Role::Text),
    ];
    let items = vec![
        Item::new("stand still and look at the certificate", show_certificate),
        Item::new("go on although the certificate is not in order", |app| {
            Room::work(app, |room, desk| room.act(Act::GoOn, desk));
        }),
        Item::new("close the connection", |app| Room::work(app, |room, desk| room.act(Act::Close, desk))),
    ];
    app.open(Box::new(Picker::new("Certificate not in order", items).about(about)));
}

/// Shows what the TLS handshake showed.
pub fn show_certificate(app: &mut App) {
    let Some(session) = app.room.session(&app.model) else { return };
    let Some(facts) = session.tls().cloned() else { return show_failure(app) };
    let promises: Vec<_> = session.promises().cloned().collect();
    let pem = certificate::pem(&facts);
    let fingerprints = certificate::fingerprints(&facts, remote::text);
    let name = format!("{}.pem", file_name(&session.target.host));
    let lines = move |room: usize, _: bool| certificate::lines(&facts, &promises, room, remote::text);
    let reader = Reader::new("TLS and certificate", pem, lines)
        .with("f", "copy the fingerprints", move |app| {
            app.emit(Effect::Copy(fingerprints.clone()));
            app.say("Sent the fingerprints to the terminal's clipboard; some terminals ignore that.");
        })
        .with("x", "save", move |app| {
            let hint = "The path of a new file for the certificates as PEM; an existing one is never overwritten.";
            app.open(Box::new(Prompt::new("Save the certificates", hint, "save", save).with(name.clone())));
        });
    app.open(Box::new(reader));
}

/// Shows what passed in a handshake that failed.
fn show_failure(app: &mut App) {
    let Some(failure) = app.room.session(&app.model).and_then(Session::tls_failure).cloned() else { return };
    let told = words::of(&Mark::TlsFailed(failure.clone()));
    let lines = move |room: usize, _: bool| certificate::failed(&told, &failure, room, remote::text);
    app.open(Box::new(Reader::new("TLS failed", "", lines)));
}

fn save(app: &mut App, path: &str) -> Result<(), String> {
    let facts = app.room.session(&app.model).and_then(Session::tls);
    let text = certificate::pem(facts.ok_or("The session has gone, and its certificates with it.")?);
    app.emit(Effect::Save { path: new_file(path)?, text });
    Ok(())
}

/// Asks before the first connection to a real host.
pub fn ask_live(app: &mut App, target: Target) {
    let name = remote::shown(&spelled(&target));
    let mut about = vec![
        Run::new(format!("{name} is a real server, outside the lab. "), Role::Heading),
        Run::new("What you type goes there. Asked once for each host.", Role::Text),
    ];
    if target.port == PROMISED {
        about
            .push(Run::new(" An MTA-STS policy that its domain announces is fetched from its web server.", Role::Text));
    }
    let items = vec![
        Item::new("do not connect", |_| {}),
        Item::new(format!("connect to {name}"), move |app| {
            Room::work(app, |room, desk| room.agree(target, desk));
        }),
    ];
    app.open(Box::new(Picker::new("Leave the lab?", items).about(about)));
}
