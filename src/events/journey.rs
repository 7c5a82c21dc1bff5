//! What happens to letters between the lab's hosts, and to the lab itself.

use super::What;
use crate::ports::lab::change::Change;
use crate::ports::lab::{News, Step};
use crate::safe;

/// The event of a step; a letter that was accepted is told where it was said.
pub(super) fn step(news: &News) -> Option<What> {
    let plain = |text: &str| safe::plain(text.as_bytes()).into_string();
    let all = |texts: &[String]| texts.iter().map(|text| plain(text)).collect();
    let (server, id) = (news.host.clone(), news.id.clone());
    Some(match &news.step {
        // What became of the letter after a try that failed is told then; what the host writes is told where it arrives.
        Step::Accepted { .. }
        | Step::Calls { .. }
        | Step::Tried { .. }
        | Step::Wrote { .. }
        | Step::Delivered { .. } => return None,
        Step::Hop { server: to, address, port, tls, said, to: rcpts, .. } => What::Hop {
            server,
            id,
            to: plain(to),
            ip: address.to_string(),
            port: *port,
            tls: *tls,
            said: plain(said),
            rcpts: all(rcpts),
        },
        Step::Deferred { to, why, next } => What::Defer { server, id, rcpt: plain(to), why: plain(why), next: *next },
        Step::Bounced { to, status, why, told } => {
            What::Bounce { server, id, rcpt: plain(to), status: plain(status), why: plain(why), to: plain(told) }
        }
        Step::Dropped { to, why } => What::Drop { server, id, rcpt: plain(to), why: plain(why) },
        Step::Judged { check, about, result, why } => {
            What::Policy { server, check: plain(check), who: plain(about), result: plain(result), why: plain(why) }
        }
        Step::Looped { received, limit } => What::Loop { server, id, received: *received, limit: *limit },
    })
}

/// The events of what is different now and was not before, and the other way round.
pub(super) fn changed<'a>(before: &'a [Change], now: &'a [Change]) -> impl Iterator<Item = What> + 'a {
    let plain = |text: &str| safe::plain(text.as_bytes()).into_string();
    let event = move |change: &Change, on| What::Fault {
        host: plain(change.place()),
        setting: change.kind(),
        name: plain(change.value()),
        on,
    };
    let gone = before.iter().filter(|change| !now.contains(change)).map(move |change| event(change, false));
    gone.chain(now.iter().filter(|change| !before.contains(change)).map(move |change| event(change, true)))
}
