//! An explanation as plain text: all of it, in the order of the pane.

use crate::knowledge::given::Given;

use super::super::remote;
use super::super::text::{Role, Run};
use super::{Subject, sheet};

/// Cells of a line.
const ROOM: usize = 100;

/// What something that was given means, as text; each line ends with LF.
pub fn report(given: &Given) -> String {
    let mut text = String::new();
    // A title that says all that was given needs nothing before it; those of a letter's parts do.
    let shown = remote::text(&given.about);
    let of_letter = matches!(given.what, "report" | "bounce" | "recipient" | "received" | "check");
    if !of_letter && !given.it.title.starts_with(&shown) {
        for line in given.about.split(|octet| *octet == b'\n') {
            let runs = [Run::new(remote::text(line), Role::Text)];
            add(&super::wrap_words(&runs, ROOM), &mut text);
        }
        text.push('\n');
    }
    add(&sheet(&Subject::default(), &given.it, ROOM, true).lines, &mut text);
    text
}

fn add(lines: &[Vec<Run>], text: &mut String) {
    for line in lines {
        // No key does anything on paper.
        let line: String = line.iter().filter(|run| run.role != Role::Key).map(|run| run.text.as_str()).collect();
        text.push_str(&remote::shown(line.trim_end()));
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::given;

    fn told(text: &[u8]) -> String {
        given::read(text).unwrap().iter().map(report).collect()
    }

    #[test]
    fn no_line_is_wider_than_its_room_and_no_key_is_named() {
        let text = told(b"550 5.1.1 No such user here, and this line is one that is much longer than the room of a line is, so that it is broken");
        assert!(text.lines().all(|line| line.chars().count() <= ROOM && line.trim_end() == line), "{text}");
        assert!(!text.contains("(Tab)") && !text.contains("(m)"), "{text}");
    }

    #[test]
    fn what_was_given_is_shown_and_not_performed_and_not_repeated_in_vain() {
        assert!(told(b"550 \x1b[2Jno").starts_with("550 ^[[2Jno\n\n550 "));
        assert!(told(b"P08").starts_with("P08 \u{b7} The base64"));
    }
}
