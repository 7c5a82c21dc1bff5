//! What is different in the lab, in words.

use crate::ports::lab::change::Change;

use super::remote;

/// What is different, without the place where it is.
pub fn words(change: &Change) -> String {
    let of = match change {
        Change::Setting { name, .. } => return format!("{}: {}", name.name(), value(change)),
        Change::Certificate { .. } => "certificate: ",
        Change::Site { .. } => "instead of a policy: ",
        Change::Names(_) => "DNS: ",
        Change::Way { .. } | Change::Fault { .. } | Change::Record { .. } => "",
    };
    format!("{of}{}", value(change))
}

/// The same where it is known what it is about.
pub fn value(change: &Change) -> String {
    match change {
        Change::Way { loss, .. } => loss.words().to_owned(),
        Change::Certificate { doubt, .. } => doubt.words().to_owned(),
        Change::Fault { name, .. } => name.clone(),
        Change::Setting { name, value, .. } => name.means(&remote::shown(value)),
        Change::Site { gives, .. } => gives.words().to_owned(),
        Change::Names(spot) => spot.fault.words().to_owned(),
        Change::Record { line } => remote::shown(line),
    }
}

/// Several of them in one line.
pub fn all<'a>(changes: impl Iterator<Item = &'a Change>) -> String {
    changes.map(words).collect::<Vec<_>>().join("; ")
}
