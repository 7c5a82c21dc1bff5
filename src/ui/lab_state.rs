//! What is different in the lab, in words.

use crate::ports::lab::change::Change;

use super::remote;

/// What is different, without the place where it is.
pub fn words(change: &Change) -> String {
    match change {
        Change::Way { loss, .. } => loss.words().to_owned(),
        Change::Certificate { doubt, .. } => format!("certificate: {}", doubt.words()),
        Change::Fault { name, .. } => name.clone(),
        Change::Site { gives, .. } => format!("instead of a policy: {}", gives.words()),
        Change::Names(spot) => format!("DNS: {}", spot.fault.words()),
        Change::Record { line } => remote::shown(line),
    }
}

/// Several of them in one line.
pub fn all<'a>(changes: impl Iterator<Item = &'a Change>) -> String {
    changes.map(words).collect::<Vec<_>>().join("; ")
}
