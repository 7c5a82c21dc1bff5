//! The hosts to try for a target, when nobody chooses among them: the target itself, a domain's mail exchangers in the
//! order of RFC 5321 §5.1, or its submission servers.

use crate::dns::plan::Exchanger;
use crate::dns::submission::Service;
use crate::events::Event;
use crate::ports::net::{Opening, Target};
use crate::session::outcome::Outcome;
use crate::session::target::{Wanted, place_of};
use crate::smtp::stage::Stage;

use super::drive::{Drive, Heard};

/// The targets, the first to try in front; or why there is none. What is heard meanwhile is handed to `tell`.
pub async fn targets(
    drive: &mut Drive,
    wanted: Wanted,
    mut tell: impl FnMut(&Drive, Vec<Event>),
) -> Result<Vec<Target>, Outcome> {
    let (domain, source, submission) = match wanted {
        Wanted::Host(target) => return Ok(vec![*target]),
        Wanted::Exchangers(domain, source) => (domain, source, false),
        Wanted::Submission(domain, source) => (domain, source, true),
    };
    let no = |exit, id, say: String| Outcome::stopped(exit, Stage::Dns, id, say);
    let asked = if submission {
        drive.look_up_submission(&domain, source.clone())
    } else {
        drive.look_up(&domain, source.clone())
    };
    asked.map_err(|bad| no(2, "dns/bad-name", format!("{bad} {}", bad.next())))?;
    loop {
        if let Some(found) = found(drive, submission) {
            let targets = found.map_err(|why| no(3, "dns/no-route", why))?;
            return Ok(targets.into_iter().map(|target| Target { source: source.clone(), ..target }).collect());
        }
        match drive.heard(None).await {
            Heard::News(events) => tell(drive, events),
            Heard::Late | Heard::Gone => return Err(no(101, "run/gone", "The resolver has stopped.".into())),
        }
    }
}

/// What the answers say, once they say enough.
fn found(drive: &Drive, submission: bool) -> Option<Result<Vec<Target>, String>> {
    let panel = drive.model().look_ups.panel()?;
    if submission {
        let ways = panel.ways().filter(|_| !panel.is_waiting())?;
        if ways.is_empty() {
            return Some(Err("The domain says that it takes no letters from programs (RFC 6186).".into()));
        }
        let targets = ways.into_iter().map(|way| {
            let host = way.host.relative();
            let opening = match way.service {
                Service::Submissions => Opening::ImplicitTls,
                Service::Submission => Opening::Require,
            };
            let place = place_of(&host);
            Target { opening, pinned: panel.addresses(&way.host), ..Target::new(host, way.port, place) }
        });
        return Some(Ok(targets.collect()));
    }
    let waiting = panel.is_waiting();
    match panel.attempts().filter(|attempts| !waiting || attempts.is_ok())? {
        // Those that are answered already may be the worse ones.
        Ok(_) if waiting => None,
        Ok(attempts) => Some(Ok(exchangers(&attempts))),
        Err(_) => Some(Err(panel.why(None))),
    }
}

/// A target for each host, with its addresses.
fn exchangers(attempts: &[(Exchanger, std::net::IpAddr)]) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    for (exchanger, address) in attempts {
        let host = exchanger.host.relative();
        if let Some(target) = targets.iter_mut().find(|target| target.host == host) {
            target.pinned.push(*address);
        } else {
            let place = place_of(&host);
            targets.push(Target { pinned: vec![*address], ..Target::new(host, 25, place) });
        }
    }
    targets
}
