//! Deeds: what steps are made of. Each does one thing, or waits for one.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::super::check::Check;
use super::super::pattern::{Expected, Pattern, Spoken};
use super::super::step::{Parting, Secures, Tls, Turn};
use super::Next;
use crate::ports::net::{Act, Authenticate, Target};
use crate::session::target::Wanted;
use crate::smtp::data::Wire;
use crate::tape::Moment;

/// One thing to do or to wait for. A moment that is not set yet is set when the deed is looked at first.
#[derive(Debug)]
pub(super) enum Deed {
    /// Find the hosts of a target.
    Find(Box<Wanted>),
    /// Connect to the first of these.
    Connect(VecDeque<Target>),
    /// Wait until the connection stands; if it does not, try the next of these.
    Stands(VecDeque<Target>),
    /// Wait until TLS that comes about by itself has done so, or not.
    Led,
    /// Take all replies that are due; none may be a refusal.
    Settle,
    /// Send octets: when the server is ready for them, or at once.
    Send(Arc<[u8]>, Turns),
    /// Wait until so many octets of ours are written.
    Written(u64),
    /// Do this.
    Act(Act),
    /// Send this letter, behind a DATA if none was said.
    Data(Arc<[u8]>, Wire),
    /// Wait for the answer to DATA; if it is 354, send this letter.
    Go(Arc<[u8]>, Wire),
    /// Wait for the answer to DATA, and leave it there.
    Asked,
    /// Wait until there are more exchanges than so many.
    Exchanges(usize),
    /// Wait for the answer to a chunk; if it was taken, send the next one.
    Chunks(VecDeque<Arc<[u8]>>),
    /// Begin TLS unless it is there, and judge it.
    Tls(Tls),
    /// Wait for the handshake, and judge it.
    Secured(Tls),
    /// Log in.
    Login(Box<Authenticate>),
    /// Ask for the secret of this login.
    Ask(Box<Authenticate>),
    /// Log in with what was answered.
    Answered(Box<Authenticate>),
    /// Wait for the verdict on a login.
    LoggedIn {
        /// Exchanges before it.
        exchanges: usize,
        /// Marks before it.
        marks: usize,
    },
    /// Take the next reply, which has to be this.
    Reply(Expected, Option<Moment>),
    /// Wait for the server to close.
    Closes(Option<Moment>),
    /// Hear nothing for so long beyond what was taken.
    Silence(Duration, Option<Moment>),
    /// Skip lines up to one that matches.
    ReadUntil(Pattern, Option<Moment>),
    /// Let time pass.
    Sleep(Duration, Option<Moment>),
    /// Turn the clock of the lab.
    Turn(Turn),
    /// See whether this happened; if not, wait a little.
    Assert(Check, Option<Moment>),
    /// Take a value from the last reply, or from this letter.
    Set(String, Pattern, Option<String>),
    /// Wait for the next client.
    Answer,
    /// Wait until a client has come.
    Came(Option<Moment>),
    /// Say these octets to the client.
    Say(Arc<[u8]>),
    /// Wait until so many octets of ours are written.
    Said(u64, Option<Moment>),
    /// Take the next line of the client, which has to be this.
    Hears(Spoken, Option<Moment>),
    /// Skip lines of the client up to one that matches.
    HearsUntil(Pattern, Option<Moment>),
    /// Take so many octets of the client.
    Takes(u64, Option<Moment>),
    /// Take lines of the client up to the lone dot: the letter is to match, and is kept under a name.
    Letter(Option<String>, Vec<Pattern>, Option<Moment>),
    /// Wait for the client to finish.
    Leaves(Option<Moment>),
    /// Hear nothing of the client for so long.
    Quiet(Duration, Option<Moment>),
    /// Take up TLS.
    Secure(Secures),
    /// Wait for the handshake, and judge it.
    Shaken(Secures, Option<Moment>),
    /// End as a server does.
    Parts(Parting),
    /// Say QUIT if the server can hear it, and wait a little for its answer.
    Quit(Option<Moment>),
    /// Close the connection if it stands.
    Drop,
    /// Wait a little until its end is told.
    Gone(Moment),
    /// Whatever is due or was said is of no use any more.
    Forget,
}

/// When octets go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turns {
    /// When all before them is answered.
    Waits,
    /// At once.
    AtOnce,
}

/// What comes of a deed.
#[derive(Debug)]
pub(super) enum Flow {
    /// It is done.
    On,
    /// It is done once these are.
    Then(Vec<Deed>),
    /// It waits for news, or for a moment.
    Wait(Deed, Option<Moment>),
    /// Whoever plays has to do something; the deed is done with it.
    Ask(Next),
}
