//! A script played on a drive: what the player asks for is done, and what happens is told.

use std::io;
use std::time::Duration;

use super::drive::{Drive, Heard};
use super::secret::{self, Answer};
use super::services::Setup;
use super::teller::{Form, Teller, complain};
use super::way;
use crate::ports::lab::Request;
use crate::ports::net::{Act, SessionId};
use crate::script::play::Wishes;
use crate::script::step::Turn;
use crate::script::{Next, Player, Script};
use crate::tape::Moment;
use crate::term::signals::{self, Asked, Signals};

/// How long what is still to be told may take to come, once the script is over.
const LATE: Duration = Duration::from_millis(50);

/// Plays a script and tells what happens on standard output; what comes back is the exit code.
pub fn run(script: Script, wishes: Wishes, setup: Setup, form: Form) -> io::Result<u8> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let ended = runtime.block_on(async {
        let signals = Signals::new()?;
        let (drive, complaint) = Drive::start(setup).await;
        let teller = Teller::new(form);
        if let Some(complaint) = complaint {
            complain(&complaint);
        }
        let run = Run { drive, teller, player: Player::new(script, wishes), signals, ended: None };
        Ok(run.play().await)
    });
    runtime.shutdown_background();
    ended
}

struct Run {
    drive: Drive,
    teller: Teller,
    player: Player,
    signals: Signals,
    /// The exit code of a signal that ends the program.
    ended: Option<u8>,
}

impl Run {
    async fn play(mut self) -> u8 {
        let outcome = loop {
            // Whoever read and has gone away needs no complaint.
            if let Some(code) = self.ended.or(self.teller.is_alone().then_some(0)) {
                self.drive.close().await;
                return code;
            }
            match self.player.next(self.drive.model(), self.drive.now()) {
                Next::Wait(until) => self.wait(until).await,
                Next::Find(wanted) => {
                    let (teller, player) = (&mut self.teller, &mut self.player);
                    let found = way::targets(&mut self.drive, *wanted, |drive, events| {
                        player.heard(&events);
                        teller.news(drive, &events);
                    });
                    let found = found.await;
                    self.player.found(found);
                }
                Next::Open(target) => {
                    let trail = self.drive.model().look_ups.trail(&target.host, &target.source);
                    match self.drive.open(*target, trail) {
                        Ok(id) => self.player.opened(id),
                        Err(why) => self.player.not_taken(why),
                    }
                }
                Next::Answer(target) => match self.drive.answer(*target) {
                    Ok(id) => self.player.opened(id),
                    Err(why) => self.player.not_taken(why),
                },
                Next::Do(id, act) => self.act(id, act),
                Next::Secret { user, host } => match secret::asked(&mut self.signals, &user, &host).await {
                    Answer::Secret(secret) => self.player.answered(Ok(secret)),
                    Answer::None(why) => self.player.answered(Err(why)),
                    Answer::End(code) => self.ended = Some(code),
                },
                Next::Turn(turn) => {
                    let request = match turn {
                        Turn::Pass(time) => Request::Pass(time),
                        Turn::Next => Request::Skip,
                    };
                    // What comes of it is heard.
                    drop(self.drive.services().ask_lab(request));
                }
                Next::Done(outcome) => break outcome,
            }
        };
        self.rest().await;
        self.teller.outcome(&mut self.drive, &outcome);
        self.drive.close().await;
        outcome.exit
    }

    fn act(&mut self, id: SessionId, act: Act) {
        if let (Act::Authenticate(login), Some(session)) = (&act, self.drive.model_mut().session_mut(id)) {
            session.keep_secret(&login.login.secret);
        }
        if let Err(why) = self.drive.act(id, act) {
            self.player.not_taken(why.trim_end_matches('.'));
        }
    }

    /// Waits for news, for a moment, or for a signal.
    async fn wait(&mut self, until: Option<Moment>) {
        let until = until.map(|until| self.drive.after(until.since(self.drive.now())));
        let heard = tokio::select! {
            heard = self.drive.heard(until) => heard,
            asked = self.signals.next() => {
                match asked {
                    Asked::End(code) => self.ended = Some(code),
                    Asked::Stop => signals::stop(),
                    Asked::GoOn => {}
                }
                return;
            }
        };
        match heard {
            Heard::News(events) => {
                self.player.heard(&events);
                self.teller.news(&self.drive, &events);
            }
            Heard::Late => {}
            Heard::Gone => self.player.not_taken("the services have stopped"),
        }
    }

    /// What happened last is told too.
    async fn rest(&mut self) {
        let until = self.drive.after(LATE);
        while let Heard::News(events) = self.drive.heard(Some(until)).await {
            self.teller.news(&self.drive, &events);
        }
    }
}
