//! One letter from the command line to the server: the way there, host after host, and what is told of it.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::chosen;
use super::drive::{Drive, Heard};
use super::services::Setup;
use super::teller::{Form, Teller, complain};
use super::way;
use crate::files;
use crate::mail::draft::{Draft, File, Unfit};
use crate::mail::field;
use crate::ports::net::{Act, Body, Target};
use crate::send::{Letter, Next, Sending, Wish};
use crate::session::outcome::Outcome;
use crate::session::target::Wanted;
use crate::smtp::data::{Surveyor, with_crlf};
use crate::smtp::limits::Limits;
use crate::smtp::stage::Stage;

/// The header of a letter is looked for in so many of its first octets.
const HEADER: usize = 64 << 10;

/// Where the letter comes from.
#[derive(Debug, Clone)]
pub enum Content {
    /// It is made from these.
    Parts(Parts),
    /// It is there already.
    Octets(Vec<u8>),
    /// It is in a file.
    File(PathBuf),
}

/// What a letter is made from.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// Who writes: a list of addresses.
    pub from: String,
    /// To whom.
    pub to: String,
    /// Who gets a copy.
    pub cc: String,
    /// What it is about.
    pub subject: String,
    /// More header fields: name and text.
    pub fields: Vec<(String, String)>,
    /// The text.
    pub text: String,
    /// The text once more, as HTML.
    pub html: bool,
    /// Files that go with it.
    pub files: Vec<File>,
}

/// Changes a host before it is tried, or says why it cannot be.
pub type Shape = Box<dyn Fn(&mut Target) -> Result<(), Outcome>>;

/// What is to be done.
pub struct Order {
    /// Where it goes.
    pub wanted: Wanted,
    /// What is changed about each host that is tried.
    pub shape: Shape,
    /// Everything about the letter but the letter.
    pub wish: Wish,
    /// The letter.
    pub content: Content,
    /// Print what would be sent, and connect nowhere.
    pub dry_run: bool,
}

/// Why nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    /// The letter could not be made.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// A file could not be read.
    #[error("cannot read {0}: {1}")]
    File(PathBuf, io::Error),
    /// The system refused.
    #[error("nothing can be sent: {0}")]
    System(#[from] io::Error),
}

/// Sends the letter and tells what happens; what comes back is the exit code.
pub fn run(order: Order, setup: Setup, form: Form) -> Result<u8, NotSent> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(send(order, setup, form));
    runtime.shutdown_background();
    ended
}

async fn send(order: Order, setup: Setup, form: Form) -> Result<u8, NotSent> {
    let Order { wanted, shape, mut wish, content, dry_run } = order;
    let (mut drive, complaint) = Drive::start(setup).await;
    let mut teller = Teller::new(form);
    let (letter, is_utf16) = letter(content, &wish, drive.lab_day())?;
    wish.letter = letter;
    if is_utf16 {
        complain("Looks like UTF-16: servers will see NUL bytes. [file/encoding]");
    }
    if dry_run {
        io::stdout().write_all(wish.plan().as_bytes())?;
        return Ok(0);
    }
    if let Some(complaint) = complaint {
        complain(&complaint);
    }
    let found = way::targets(&mut drive, wanted, |drive, events| teller.news(drive, &events)).await;
    let outcome = match found {
        Err(outcome) => outcome,
        Ok(targets) => walk(&mut drive, &mut teller, &wish, targets, &shape).await,
    };
    teller.outcome(&mut drive, &outcome);
    drive.close().await;
    Ok(outcome.exit)
}

/// Tries one host after the other, until one of them has heard of the letter (RFC 5321 §5.1).
async fn walk(drive: &mut Drive, teller: &mut Teller, wish: &Wish, targets: Vec<Target>, shape: &Shape) -> Outcome {
    let mut last = Outcome::stopped(3, Stage::Dns, "dns/no-route", "There is no host to try.");
    for mut target in targets {
        if let Err(outcome) = shape(&mut target) {
            return outcome;
        }
        target.hello.clone_from(&wish.hello);
        last = attempt(drive, teller, wish, target).await;
        // A host that has said EHLO has heard of us; before that another one may do better.
        if last.exit == 0 || !matches!(last.stage, Stage::Dns | Stage::Connect | Stage::Greeting) {
            break;
        }
    }
    last
}

/// One session with one host.
async fn attempt(drive: &mut Drive, teller: &mut Teller, wish: &Wish, target: Target) -> Outcome {
    let gone = |why: &str| Outcome::stopped(101, Stage::Connect, "run/gone", why);
    let trail = drive.model().look_ups.trail(&target.host, &target.source);
    let id = match drive.open(target, trail) {
        Ok(id) => id,
        Err(why) => return gone(why),
    };
    let mut sending = Sending::new(wish.clone());
    loop {
        let next = drive.session(id).map(|session| sending.next(session));
        match next {
            None => return gone("The session is gone."),
            Some(Next::Done(outcome)) => return outcome,
            Some(Next::Do(act)) => {
                if let (Act::Authenticate(login), Some(session)) = (&act, drive.model_mut().session_mut(id)) {
                    session.keep_secret(&login.login.secret);
                }
                if let Err(why) = drive.act(id, act) {
                    return gone(why);
                }
            }
            Some(Next::Wait) => match drive.heard(None).await {
                Heard::News(events) => teller.news(drive, &events),
                Heard::Late | Heard::Gone => return gone("The network has stopped."),
            },
        }
        if teller.is_alone() {
            return Outcome::stopped(0, Stage::Connect, "run/unread", "Nobody reads any more.");
        }
    }
}

/// The letter, what is known of it, and whether it begins as UTF-16 does. In the lab it is of the lab's day.
fn letter(content: Content, wish: &Wish, lab_day: Option<u64>) -> Result<(Letter, bool), NotSent> {
    let marked = |octets: &[u8]| octets.starts_with(b"\xff\xfe") || octets.starts_with(b"\xfe\xff");
    match content {
        Content::Octets(octets) => Ok((of_octets(with_crlf(&octets)), marked(&octets))),
        Content::File(path) => {
            let (survey, head) = chosen::survey_of(&path, HEADER).map_err(|why| NotSent::File(path.clone(), why))?;
            // What goes in chunks goes from memory.
            if wish.chunk.is_some() {
                let octets = files::read(&path, Limits::default().letter).map_err(|why| NotSent::File(path, why))?;
                return Ok((of_octets(with_crlf(&octets)), marked(&head)));
            }
            let international = !marked(&head) && is_international(&head);
            Ok((Letter { body: Body::File(path), survey, international }, marked(&head)))
        }
        Content::Parts(parts) => {
            let date = lab_day.unwrap_or_else(|| u64::try_from(Timestamp::now().as_second()).unwrap_or_default());
            let number = if lab_day.is_some() { 1 } else { Timestamp::now().subsec_microsecond() };
            let draft = Draft {
                from: &parts.from,
                to: &parts.to,
                cc: &parts.cc,
                subject: &parts.subject,
                date,
                id: &format!("{date}.{number}@{}", wish.hello.trim_matches(['[', ']'])),
                text: &parts.text,
                html: parts.html,
                // Whether the server takes such addresses is seen when it has said so.
                international: true,
                files: &parts.files,
                fields: &parts.fields,
            };
            Ok((of_octets(draft.octets()?), false))
        }
    }
}

fn of_octets(octets: Vec<u8>) -> Letter {
    let mut surveyor = Surveyor::default();
    surveyor.push(&octets);
    let international = is_international(&octets);
    Letter { body: Body::Octets(Arc::from(octets)), survey: surveyor.finish(), international }
}

/// True if the header goes beyond ASCII.
fn is_international(letter: &[u8]) -> bool {
    !field::halves(letter).0.is_ascii()
}
