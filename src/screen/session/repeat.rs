//! Repeat to here: the lines that were typed up to a row, sent again on a fresh connection, one at a time.
//!
//! Each line goes when the replies before it are complete. Secrets are asked again; they are not kept anywhere. When
//! the server answers otherwise than before, so that a line no longer fits, repeating stops and says so. It stops too
//! before a letter that was too large to be kept whole: with a hole in it, it would be another letter.

use std::collections::VecDeque;

use crate::dialogue::Dialogue;
use crate::dialogue::batch::recipients;
use crate::dialogue::phase::Phase;
use crate::dialogue::row::{RowId, What};
use crate::session::Session;
use crate::session::place::World;
use crate::smtp::limits::BULK;
use crate::tape::Side;

/// Something to send again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Again {
    /// A line with its end.
    Line(Vec<u8>),
    /// A letter as it went over the wire, its lone dot included.
    Letter(Vec<u8>),
    /// A letter that the tape does not hold whole; nothing behind it is sent.
    Lost,
    /// A line that holds a secret: the user types it again. The part of it that is no secret.
    Secret(Vec<u8>),
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Nothing yet: a reply is due.
    Wait,
    /// Send these octets.
    Send(Vec<u8>),
    /// Ask the user for the line, which begins like this.
    Ask(Vec<u8>),
    /// Stop, for this reason.
    Stop(&'static str),
    /// All is sent.
    Done,
}

/// The lines that are still to be sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repeat {
    lines: VecDeque<Again>,
    /// Octets of the client when the last line was handed over: it is on its way until there are more.
    handed_over: Option<u64>,
    asked: bool,
}

impl Repeat {
    /// The lines of a session up to and with `last`.
    pub fn of(session: &Session, last: RowId) -> Self {
        let mut lines: VecDeque<Again> = VecDeque::new();
        for row in session.dialogue().rows().iter().take(last.index() + 1) {
            let Some(span) = row.span().filter(|span| span.side == Side::Client) else { continue };
            let bytes = session.tape().bytes(span).into_owned();
            let secret = session.dialogue().secrets().first_in(span);
            match (row.what, secret) {
                (What::Content { .. } | What::EndOfData(_), _) => letter(&mut lines).extend_from_slice(&bytes),
                (What::Chunk(_), _) => append(&mut lines, &bytes),
                (What::Elided, None) => {
                    lines.pop_back_if(|again| matches!(again, Again::Letter(_)));
                    lines.push_back(Again::Lost);
                    break;
                }
                (_, Some(secret)) => {
                    let public = usize::try_from(secret.start.saturating_sub(span.start)).unwrap_or(0);
                    lines.push_back(Again::Secret(bytes.get(..public).unwrap_or_default().to_vec()));
                }
                (_, None) => lines.push_back(Again::Line(bytes)),
            }
        }
        Self { lines, handed_over: None, asked: false }
    }

    /// How many lines are left.
    pub fn left(&self) -> usize {
        self.lines.len()
    }

    /// The user typed a line while one was asked for.
    pub fn answered(&mut self, session: &Session) {
        if self.asked {
            self.lines.pop_front();
            self.asked = false;
            self.handed_over = Some(session.tape().lane(Side::Client).len());
        }
    }

    /// What to do now. A line that is handed out counts as sent.
    pub fn next(&mut self, session: &Session) -> Next {
        let dialogue = session.dialogue();
        if self.lines.is_empty() {
            return Next::Done;
        }
        if !dialogue.is_open() {
            return if dialogue.phase() == Phase::Closed { Next::Stop("the connection is over") } else { Next::Wait };
        }
        let sent = session.tape().lane(Side::Client).len();
        let under_way = self.handed_over.is_some_and(|before| sent <= before);
        if under_way || self.asked || dialogue.outstanding().len() > 0 || session.awaits_trust() {
            return Next::Wait;
        }
        self.hand_over(dialogue, session.world(), sent)
    }

    fn hand_over(&mut self, dialogue: &Dialogue, world: World, sent: u64) -> Next {
        let phase = dialogue.phase();
        let next = match (self.lines.front(), phase) {
            (_, Phase::Opening | Phase::Upgrading | Phase::Verdict) => return Next::Wait,
            (_, Phase::Closing | Phase::Closed) => return Next::Stop("the server has ended the session"),
            (Some(Again::Lost), _) => {
                return Next::Stop("the letter was too large to be kept whole; choose its file again");
            }
            (Some(Again::Letter(_)), Phase::Content) => self.lines.pop_front(),
            (Some(Again::Letter(_)), _) => return Next::Stop("the server did not ask for the letter this time"),
            (Some(_), Phase::Content) => return Next::Stop("the server waits for a letter that was not sent before"),
            (Some(Again::Secret(head)), _) => {
                self.asked = true;
                return Next::Ask(head.clone());
            }
            (Some(Again::Line(line)), _) if world == World::Live && recipients(dialogue, &[line]) > BULK => {
                return Next::Stop(
                    "outside the lab at most 5 recipients go by themselves; type more by hand [policy/bulk]",
                );
            }
            (Some(Again::Line(_)), _) => self.lines.pop_front(),
            (None, _) => return Next::Done,
        };
        self.handed_over = Some(sent);
        match next {
            Some(Again::Line(octets) | Again::Letter(octets)) => Next::Send(octets),
            Some(Again::Secret(_) | Again::Lost) | None => Next::Done,
        }
    }
}

/// The letter at the end of the list, begun if there is none.
fn letter(lines: &mut VecDeque<Again>) -> &mut Vec<u8> {
    if !matches!(lines.back(), Some(Again::Letter(_))) {
        lines.push_back(Again::Letter(Vec::new()));
    }
    match lines.back_mut() {
        Some(Again::Letter(octets)) => octets,
        _ => unreachable!("a letter was just put there"),
    }
}

/// Octets that belong to the command before them, as a chunk to its BDAT.
fn append(lines: &mut VecDeque<Again>, bytes: &[u8]) {
    match lines.back_mut() {
        Some(Again::Line(octets)) => octets.extend_from_slice(bytes),
        _ => lines.push_back(Again::Line(bytes.to_vec())),
    }
}
