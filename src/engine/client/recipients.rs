//! How many verdicts a letter gets: one, and in LMTP one for each recipient that was accepted (RFC 2033 §4.2, §4.3). The
//! same rules as the fold's.

use crate::dialogue::exchange::Cause;
use crate::smtp::command::Verb;

use super::replies::Whole;

/// The recipients of the open transaction, as far as verdicts need them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Recipients {
    /// The client said LHLO.
    lmtp: bool,
    /// MAIL was accepted.
    open: bool,
    /// RCPT commands that were accepted, the same path as often as it was given.
    accepted: usize,
}

impl Recipients {
    /// The same server, before any transaction: TLS voids what was said, and not what is spoken.
    pub(super) fn anew(self) -> Self {
        Self { lmtp: self.lmtp, ..Self::default() }
    }

    /// A command was written.
    pub(super) fn commanded(&mut self, verb: Verb) {
        self.lmtp |= verb == Verb::Lhlo;
    }

    /// A reply is complete.
    pub(super) fn answered(&mut self, cause: Cause, reply: Whole) {
        match cause {
            Cause::Command(Verb::Rcpt) if reply.is_success() => self.accepted += 1,
            // All of these begin anew (RFC 5321 §4.1.4, §4.1.1.5).
            Cause::Command(Verb::Ehlo | Verb::Helo | Verb::Lhlo | Verb::Mail | Verb::Rset)
                if reply.is_success() && !reply.mixed =>
            {
                *self = self.anew();
                self.open = cause == Cause::Command(Verb::Mail);
            }
            // Postfix greets the client that it was told of, and knows nothing of what was before.
            Cause::Command(Verb::Xclient) if reply.code == 220 => *self = self.anew(),
            _ => {}
        }
    }

    /// The letter has ended, and with it the transaction: how many verdicts are due. A server that takes a letter for
    /// nobody still owes an answer to the dot, but none to a last chunk; out of order, that gets one too.
    pub(super) fn verdicts(&mut self, ending: Cause) -> usize {
        let Self { lmtp, open, accepted } = *self;
        *self = self.anew();
        match ending {
            _ if !lmtp => 1,
            Cause::Command(Verb::Bdat) if open => accepted,
            _ => accepted.max(1),
        }
    }
}
