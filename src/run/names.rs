//! The DNS panel without a screen: every question of a domain, or one alone, as text or as events.

use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::serve::Form;
use super::services::name_server;
use crate::dns::typed::BadName;
use crate::dns::{Answer, Kind, Outcome};
use crate::events::Fold;
use crate::lab::{self, NotBuilt};
use crate::net::resolver::Resolver;
use crate::ports;
use crate::ports::dns::{Request, Source};
use crate::session::look_ups::LookUps;
use crate::session::{Model, Signal};
use crate::smtp::limits::dns as limits;
use crate::tape::Moment;
use crate::ui::dns::report::report;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The domain, or the name.
    pub name: String,
    /// One record type; without it all that belongs to the domain's mail.
    pub kind: Option<Kind>,
    /// Whom.
    pub source: Source,
    /// How long an answer is waited for, if less than the limit of the resolver.
    pub wait: Option<Duration>,
}

/// Why nothing was asked.
#[derive(Debug, thiserror::Error)]
pub enum NotAsked {
    /// The name is none.
    #[error("{0}")]
    Name(BadName),
    /// The lab could not be built.
    #[error(transparent)]
    Lab(#[from] NotBuilt),
    /// The lab has no name server.
    #[error("{0}")]
    Dns(String),
    /// The system refused.
    #[error("nothing can be asked: {0}")]
    System(#[from] io::Error),
}

/// Asks and tells on standard output; what comes back is the exit code: 3 if an answer that matters could not be had, 6 if
/// nobody gave one in time.
pub fn run(asked: &Asked, form: Form, seed: u64) -> Result<u8, NotAsked> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let told = runtime.block_on(ask(asked, form, seed));
    runtime.shutdown_background();
    told
}

async fn ask(asked: &Asked, form: Form, seed: u64) -> Result<u8, NotAsked> {
    let begun = Instant::now();
    let mut model = Model::new(LookUps::new(seed));
    let Asked { name, kind, source, wait } = asked;
    match kind {
        None => model.look_ups.open(name, source.clone()),
        Some(kind) => model.look_ups.open_question(name, *kind, source.clone()),
    }
    .map_err(NotAsked::Name)?;
    let mut fold = Fold::default();
    let (told, _heard) = mpsc::channel(1);
    // The lab lives as long as it is asked.
    let lab = if *source == Source::Lab { Some(lab::start(seed, told).await?) } else { None };
    let mut complaints = Vec::new();
    let server = lab.as_ref().and_then(|lab| name_server(lab, &mut complaints));
    if let Some(complaint) = complaints.pop() {
        return Err(NotAsked::Dns(complaint));
    }
    if let Some(lab) = &lab {
        fold.show_clock(lab.clock().now().to_string());
    }
    let resolver = Resolver::new(server);
    let mut under_way = JoinSet::new();
    let mut in_time = true;
    let mut stdout = io::stdout().lock();
    loop {
        for request in model.look_ups.requests() {
            let resolver = resolver.clone();
            under_way.spawn(look_up(resolver, request, wait.unwrap_or(limits::QUESTION * 2)));
        }
        // A question whose task was lost is not answered, and the panel says that it waits.
        let Some(Ok(signal)) = under_way.join_next().await else { break };
        if form == Form::Json {
            stdout.write_all(fold.heard(&signal, Moment::START.after(begun.elapsed())).json().as_bytes())?;
        }
        in_time &= signal.answer.outcome != Outcome::TimedOut;
        model.apply(&Signal::Dns(signal));
    }
    let Some(panel) = model.look_ups.panel() else { return Ok(101) };
    match form {
        Form::Text => stdout.write_all(report(panel).as_bytes())?,
        Form::Json => {
            let event = fold.route(panel, Moment::START.after(begun.elapsed()));
            stdout.write_all(event.map(|event| event.json()).unwrap_or_default().as_bytes())?;
        }
    }
    stdout.flush()?;
    Ok(match (panel.is_answered(), in_time) {
        (true, _) => 0,
        (false, true) => 3,
        (false, false) => 6,
    })
}

/// Asks one question, and waits no longer than that.
async fn look_up(resolver: Resolver, request: Request, wait: Duration) -> ports::dns::Signal {
    let Request { ticket, question, source } = request;
    let asked = tokio::time::timeout(wait, resolver.look_up(ticket, question.clone(), &source)).await;
    asked.unwrap_or_else(|_| {
        let answer = Answer::empty(Outcome::TimedOut);
        ports::dns::Signal { ticket, question, answer, from: source.to_string(), took: wait }
    })
}
