//! P04: the server dislikes the name that the client gives itself.

use crate::smtp::command::Verb;
use crate::smtp::path::is_hello_name;

use super::Finding;
use super::scene::{Scene, hello_name};
use super::topic::Topic;

/// P04: at any stage, a refusal speaks of the name in EHLO.
pub(super) fn name(scene: &Scene<'_>) -> Option<Finding> {
    let refused = matches!(scene.code, 450 | 501 | 504 | 550 | 554);
    if !refused || !scene.speaks_of(Topic::Hello) || scene.speaks_of(Topic::HelloFirst) {
        return None;
    }
    let hello = scene.last(&[Verb::Ehlo, Verb::Helo, Verb::Lhlo])?;
    let found = match hello_name(&scene.line_of(hello)) {
        None => Finding::of("P04", "no-name"),
        Some(given) if !is_hello_name(&given) => Finding::of("P04", "no-full-name").with("given", given),
        Some(given) => Finding::of("P04", "other-name").with("given", given),
    };
    Some(found.with("name", own_name(scene)).shown_by([hello.row]))
}

/// The client's address in brackets, which is a name that every client has (RFC 5321 §4.1.3, §4.1.4); where it is not
/// known, the words that the user's own name takes the place of.
fn own_name(scene: &Scene<'_>) -> String {
    match scene.opened().and_then(|opened| opened.local).map(|local| local.ip()) {
        Some(std::net::IpAddr::V4(address)) => format!("[{address}]"),
        Some(std::net::IpAddr::V6(address)) => format!("[IPv6:{address}]"),
        None => "<your.host.name>".to_owned(),
    }
}
