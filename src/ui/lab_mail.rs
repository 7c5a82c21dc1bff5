//! The lab's mail on its way, as lines: the clock, what waits and why, and what happened.

use jiff::Timestamp;

use crate::ports::lab::{News, Step, Waits, Written};
use crate::session::lab_mail::LabMail;

use super::remote;
use super::text::{Role, Run, wrap_words};

/// The lab's mail as lines of `room` cells.
pub fn lines(mail: &LabMail, room: usize, ascii: bool) -> Vec<Vec<Run>> {
    let mut lines = Vec::new();
    clock(mail, room, &mut lines);
    lines.push(Vec::new());
    let count: usize = mail.waiting().map(|(_, waiting)| waiting.len()).sum();
    lines.push(vec![Run::new(format!("Waiting: {count}"), Role::Heading)]);
    for (host, waiting) in mail.waiting() {
        for waits in waiting {
            self::waits(host, waits, mail.now, room, ascii, &mut lines);
        }
    }
    lines.push(Vec::new());
    lines.push(vec![Run::new("What happened, the newest first", Role::Heading)]);
    lines.extend(events(mail, usize::MAX, room, ascii));
    lines
}

/// The last so many things that happened, the newest first.
pub fn events(mail: &LabMail, most: usize, room: usize, ascii: bool) -> Vec<Vec<Run>> {
    let mut lines = Vec::new();
    for news in mail.news().iter().rev().take(most) {
        happened(news, room, ascii, &mut lines);
    }
    lines
}

/// What a host did, the newest first.
pub fn log(mail: &LabMail, host: &str, room: usize, ascii: bool) -> Vec<Vec<Run>> {
    let mut lines = Vec::new();
    for news in mail.news().iter().rev().filter(|news| news.host == host) {
        happened(news, room, ascii, &mut lines);
    }
    if lines.is_empty() {
        lines.push(vec![Run::new("It has done nothing yet that the lab's mail is about.", Role::Quiet)]);
    }
    lines
}

/// The same as one text, to be copied.
pub fn log_text(mail: &LabMail, host: &str) -> String {
    plain(&log(mail, host, TEXT, false))
}

/// All of it as one text, to be copied.
pub fn text(mail: &LabMail) -> String {
    plain(&lines(mail, TEXT, false))
}

/// Cells of a line of what is copied.
const TEXT: usize = 200;

fn plain(lines: &[Vec<Run>]) -> String {
    let line = |line: &Vec<Run>| line.iter().map(|run| run.text.as_str()).collect::<String>();
    lines.iter().map(line).collect::<Vec<_>>().join("\n") + "\n"
}

fn clock(mail: &LabMail, room: usize, lines: &mut Vec<Vec<Run>>) {
    let now = mail.now.map_or_else(|| "not known yet".into(), |now| spelled(now, "%a %d %b %Y %H:%M:%S"));
    lines.push(vec![Run::new("Lab clock  ", Role::Heading), Run::new(now, Role::Text)]);
    let next = match (mail.now, mail.next) {
        (Some(now), Some(next)) => {
            format!("Next: {}, in {}. ", spelled(next, "%d %b %H:%M:%S"), pause(now, next))
        }
        _ => "Nothing is due. ".to_owned(),
    };
    let goes = match mail.pace {
        0 => "It stands still until it is turned; in a lab that is served it follows the real time.".to_owned(),
        pace => format!("It runs: {} in each second.", pause(0, pace.into())),
    };
    paragraph(&[Run::new(next, Role::Text), Run::new(goes, Role::Quiet)], "  ", room, lines);
}

fn waits(host: &str, waits: &Waits, now: Option<u64>, room: usize, ascii: bool, lines: &mut Vec<Vec<Run>>) {
    let Waits { id, from, to, tries, next, why, .. } = waits;
    let arrow = arrow(ascii);
    let head = format!("{id} at {host}: {} {arrow} {}", sender(from), remote::shown(to));
    let due = now.map_or_else(String::new, |now| format!(", in {}", pause(now, *next)));
    let times = if *tries == 1 { "once" } else { "times" };
    let tried = match tries {
        0 => "not tried yet".to_owned(),
        1 => format!("tried {times}; next {}{due}", spelled(*next, "%d %b %H:%M:%S")),
        tries => format!("tried {tries} {times}; next {}{due}", spelled(*next, "%d %b %H:%M:%S")),
    };
    paragraph(&[Run::new(head, Role::Text)], "  ", room, lines);
    paragraph(&[Run::new(tried, Role::Wait)], "    ", room, lines);
    if let Some(why) = why {
        paragraph(&[Run::new(remote::shown(why), Role::Quiet)], "    ", room, lines);
    }
}

fn happened(news: &News, room: usize, ascii: bool, lines: &mut Vec<Vec<Run>>) {
    let (words, role) = step(&news.step, ascii);
    let id = if news.id.is_empty() { String::new() } else { format!(" {}", news.id) };
    let runs = [
        Run::new(format!("{}  ", spelled(news.at, "%d %b %H:%M:%S")), Role::Quiet),
        Run::new(format!("{}{id} ", news.host), Role::Text),
        Run::new(words, role),
    ];
    paragraph(&runs, "  ", room, lines);
}

fn step(step: &Step, ascii: bool) -> (String, Role) {
    let arrow = arrow(ascii);
    match step {
        Step::Accepted { from, to, .. } => {
            (format!("accepted: {} {arrow} {}", sender(from), remote::shown(&to.join(", "))), Role::Text)
        }
        Step::Hop { server, address, port, tls, said, to, .. } => {
            let tls = if *tls { "TLS" } else { "plain text" };
            let role = if to.is_empty() { Role::Wait } else { Role::Good };
            let words = if to.is_empty() { "spoke with" } else { "handed over to" };
            (format!("{words} {server} [{address}]:{port}, {tls}: {}", remote::shown(said)), role)
        }
        Step::Calls { server, address, port, .. } => (format!("speaks with {server} [{address}]:{port}"), Role::Wait),
        Step::Tried { server, address, port, why, .. } => {
            (format!("tried {server} [{address}]:{port}: {}", remote::shown(why)), Role::Wait)
        }
        Step::Wrote { id, kind, to, .. } => {
            let what = match kind {
                Written::Report => "wrote a report",
                Written::ListCopy => "wrote to the members of the list",
            };
            (format!("{what}, {id} {arrow} {}", remote::shown(&to.join(", "))), Role::Text)
        }
        Step::Delivered { to } => (format!("put into the mailbox {}", remote::shown(to)), Role::Good),
        Step::Deferred { to, why, next } => {
            let next = spelled(*next, "%d %b %H:%M:%S");
            (format!("deferred for {} until {next}: {}", remote::shown(to), remote::shown(why)), Role::Wait)
        }
        Step::Bounced { to, status, why, told } => {
            let words = format!(
                "bounced for {} ({status}): {}; a report goes to {}",
                remote::shown(to),
                remote::shown(why),
                remote::shown(told)
            );
            (words, Role::Bad)
        }
        Step::Dropped { to, why } => (format!("dropped for {}: {}", remote::shown(to), remote::shown(why)), Role::Bad),
        Step::Judged { check, about, result, why } => {
            let why = if why.is_empty() { String::new() } else { format!(": {}", remote::shown(why)) };
            let role = match result.as_str() {
                "pass" => Role::Good,
                "fail" | "softfail" | "permerror" => Role::Problem,
                _ => Role::Text,
            };
            (format!("{check} says {result} for {}{why}", remote::shown(about)), role)
        }
        Step::Looped { received, limit } => {
            (format!("refused as a loop: {received} Received lines, {limit} are too many"), Role::Problem)
        }
    }
}

fn paragraph(runs: &[Run], indent: &str, room: usize, lines: &mut Vec<Vec<Run>>) {
    for (index, part) in wrap_words(runs, room.saturating_sub(indent.len() + 2)).into_iter().enumerate() {
        let mut line = vec![Run::new(if index == 0 { indent.to_owned() } else { format!("{indent}  ") }, Role::Text)];
        line.extend(part);
        lines.push(line);
    }
}

pub(super) fn sender(from: &str) -> String {
    if from.is_empty() { "<>".into() } else { remote::shown(from) }
}

const fn arrow(ascii: bool) -> &'static str {
    if ascii { "->" } else { "→" }
}

pub(super) fn spelled(seconds: u64, form: &str) -> String {
    let time = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.map_or_else(|| "?".to_owned(), |time| time.strftime(form).to_string())
}

/// How long it is from one time to another, in words.
pub(super) fn pause(from: u64, to: u64) -> String {
    let seconds = to.saturating_sub(from);
    match (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0, seconds) => format!("{seconds} s"),
        (0, 0, minutes, _) => format!("{minutes} min"),
        (0, hours, minutes, _) => format!("{hours} h {minutes} min"),
        (days, hours, ..) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_told_in_two_units_at_most() {
        let pauses = [5, 299, 3600, 9000, 432_000].map(|seconds| pause(1000, 1000 + seconds));
        assert_eq!(pauses, ["5 s", "4 min", "1 h 0 min", "2 h 30 min", "5 d 0 h"]);
    }

    #[test]
    fn what_servers_say_is_shown_and_not_performed() {
        let step = Step::Dropped { to: "pat".into(), why: "\u{1b}[31mred".into() };
        let mut lines = Vec::new();
        happened(&News { at: 0, host: "mx".into(), id: "X-1".into(), step }, 80, true, &mut lines);
        let text: String = lines.iter().flatten().map(|run| run.text.as_str()).collect();
        assert!(text.contains("^[[31mred") && !text.contains('\u{1b}'), "{text}");
    }
}
