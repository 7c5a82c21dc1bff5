//! A file that is the letter: what it holds before it is sent, and how far it has gone.
//!
//! ```text
//!  size          5242880 octets, 5 MiB
//!  lines         65536, the longest has 78 octets
//!  line ends     all CR LF
//!
//!  letter.eml goes as the letter
//!  [##########..............] 2.1 MiB of 5 MiB
//! ```

use crate::knowledge::note::octets;
use crate::smtp::data::{Survey, Wire};
use crate::smtp::extension::Size;
use crate::smtp::flaw::Weight;

use super::remote;
use super::text::{Pen, Role, Run, wrap_hard, wrap_words};

/// Cells of the names before the facts.
const NAMES: usize = 14;
/// Cells of the bar between its brackets.
const BAR: usize = 24;

/// What is known of a file before it is sent.
#[derive(Debug, Clone, Copy)]
pub struct Summary<'a> {
    /// Its path; untrusted.
    pub path: &'a str,
    /// What it holds.
    pub survey: &'a Survey,
    /// How it would be sent.
    pub wire: Wire,
    /// What the server takes.
    pub size: Size,
    /// The server offers 8BITMIME.
    pub eight_bit_mime: bool,
}

impl Summary<'_> {
    /// The summary in lines of `room` cells: what speaks against sending it stands before the facts.
    pub fn lines(&self, room: usize, ascii: bool) -> Vec<Vec<Run>> {
        let mut lines = wrap_hard(&remote::runs(self.path.as_bytes(), Role::Heading, ascii), room);
        for warning in self.warnings() {
            let text = vec![Run::new("! ", Role::Problem), Run::new(warning, Role::Text)];
            lines.extend(wrap_words(&text, room));
        }
        lines.push(Vec::new());
        for (name, fact) in self.facts() {
            let mut label = Some(Run::new(format!("{name:<NAMES$}"), Role::Quiet));
            for part in wrap_words(&[Run::new(fact, Role::Text)], room.saturating_sub(NAMES)) {
                let label = label.take().unwrap_or_else(|| Run::new(" ".repeat(NAMES), Role::Quiet));
                lines.push([vec![label], part].concat());
            }
        }
        lines.push(Vec::new());
        let text = "It goes as the letter straight from the disk, and the final dot behind it. The draft in the \
                    editor stays as it is.";
        lines.extend(wrap_words(&[Run::new(text, Role::Quiet)], room));
        lines
    }

    fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if let Size::Limit(most) = self.size
            && self.survey.size(self.wire) > most
        {
            let most = octets(most);
            warnings.push(format!("The server takes {most} at most (SIZE): expect 552."));
        }
        let flaws = self.survey.on(self.wire).flaws(self.eight_bit_mime);
        let grave = flaws.into_iter().filter(|flaw| flaw.weight() > Weight::Note);
        warnings.extend(grave.map(|flaw| format!("{}.", flaw.title())));
        warnings
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let done = self.survey.on(self.wire);
        // Where line ends stay, what lies between lone ones counts as a line all the same.
        let text = &self.survey.normalised;
        let unit = if text.taken < 1024 { String::new() } else { format!(", {}", octets(text.taken)) };
        let dots = match done.dots {
            0 => "no line begins with one".into(),
            1 => "1 line begins with one: another is put before it".into(),
            dots => format!("{dots} lines begin with one: another is put before each"),
        };
        let last = if done.eol_added { "; the last line gets one" } else { "" };
        vec![
            ("size", format!("{}{unit}", count(text.taken, "octet"))),
            ("lines", format!("{}, the longest has {}", text.lines, count(text.longest_line, "octet"))),
            ("line ends", format!("{}{last}", self.line_ends())),
            ("dots", dots),
            ("8-bit octets", none_or(text.eight_bit)),
            ("NUL octets", none_or(text.nul)),
            ("on the wire", format!("{}, with the dot that ends it", count(done.written, "octet"))),
        ]
    }

    fn line_ends(&self) -> String {
        let found = &self.survey.normalised;
        let lone = match (found.lone_lf, found.lone_cr) {
            (0, 0) => return "all CR LF".into(),
            (lf, 0) => format!("{lf} LF alone"),
            (0, cr) => format!("{cr} CR alone"),
            (lf, cr) => format!("{lf} LF alone, {cr} CR alone"),
        };
        let what = if self.wire == Wire::Normalise { "made CR LF" } else { "sent as they are" };
        format!("{lone}: {what}")
    }
}

/// A file on its way, as the Send pane shows it.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// Its name; untrusted.
    pub name: &'a str,
    /// Octets that have gone.
    pub gone: u64,
    /// Octets in all, as they go over the wire.
    pub octets: u64,
    /// It could not be read to its end.
    pub broken: bool,
    /// The key that closes the connection.
    pub close: &'a str,
}

impl Progress<'_> {
    /// How much of how much.
    pub fn so_far(gone: u64, all: u64) -> String {
        format!("{} of {}", octets(gone), octets(all))
    }

    /// Draws the pane; gives the column and line of the cursor inside it.
    pub fn draw(&self, pen: &mut Pen<'_>) -> (u16, u16) {
        let name = remote::shown(self.name);
        let so_far = Self::so_far(self.gone, self.octets);
        let text = if self.broken {
            let gone = octets(self.gone);
            vec![
                Run::new("! ", Role::Problem),
                Run::new(format!("{name} was not sent whole: {gone} went, and no dot. "), Role::Heading),
                Run::new("The server waits for the rest and keeps nothing if you close. ", Role::Text),
                Run::new(self.close, Role::Key),
                Run::new(" closes.", Role::Text),
            ]
        } else {
            vec![
                Run::new(format!("{name} goes as the letter. "), Role::Heading),
                Run::new(self.close, Role::Key),
                Run::new(" stops it: the connection closes, and the server keeps nothing.", Role::Text),
            ]
        };
        let room = pen.width().saturating_sub(4);
        let mut y = 0;
        if !self.broken {
            pen.put(2, y, &format!("{} {so_far}", self.bar()), Role::Text);
            y += 1;
        }
        let height = pen.height();
        for (line, y) in wrap_words(&text, room).iter().zip(y..height) {
            pen.runs(2, y, line);
        }
        (0, 0)
    }

    fn bar(&self) -> String {
        let part = u128::from(self.gone) * BAR as u128 / u128::from(self.octets.max(1));
        let full = usize::try_from(part).unwrap_or(BAR).min(BAR);
        format!("[{}{}]", "#".repeat(full), ".".repeat(BAR - full))
    }
}

fn count(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn none_or(count: u64) -> String {
    if count == 0 { "none".into() } else { count.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smtp::data::Surveyor;

    fn survey(letter: &[u8]) -> Survey {
        let mut surveyor = Surveyor::default();
        surveyor.push(letter);
        surveyor.finish()
    }

    fn text(letter: &[u8], wire: Wire, size: Size) -> String {
        let survey = survey(letter);
        let summary = Summary { path: "a\x1b.eml", survey: &survey, wire, size, eight_bit_mime: false };
        let lines = summary.lines(72, false);
        lines.iter().flat_map(|line| line.iter().map(|run| run.text.as_str()).chain(["\n"])).collect()
    }

    #[test]
    fn a_letter_that_is_in_order_has_facts_and_no_warning() {
        let found = text(b"one\r\n.two\r\n", Wire::Normalise, Size::Limit(11));
        for fact in [
            "a^[.eml\n",
            "size          11 octets\n",
            "lines         2, the longest has 4 octets\n",
            "line ends     all CR LF\n",
            "dots          1 line begins with one: another is put before it\n",
            "8-bit octets  none\n",
            "on the wire   15 octets, with the dot that ends it\n",
        ] {
            assert!(found.contains(fact), "{fact} is not in\n{found}");
        }
        assert!(!found.contains("! "), "{found}");
    }

    #[test]
    fn what_a_server_may_refuse_is_said_before_the_facts() {
        let found = text(b"b\xfc\0cher\n.", Wire::Normalise, Size::Limit(9));
        let facts = found.find("size   ").unwrap();
        for warning in ["9 octets at most (SIZE): expect 552", "8-bit octets and the server", "holds NUL octets"] {
            assert!(found.find(warning).is_some_and(|at| at < facts), "{warning} is not in\n{found}");
        }
        assert!(found.contains("1 LF alone: made CR LF; the last line gets one"), "{found}");
    }

    #[test]
    fn line_ends_that_stay_may_end_the_letter_early() {
        let found = text(b"a\n.\nb\r\n", Wire::Verbatim, Size::None);
        assert!(
            found.contains("2 LF alone: sent as they are") && found.contains("! This can end the letter"),
            "{found}"
        );
    }

    #[test]
    fn the_bar_is_full_at_the_end_and_not_before() {
        let bar = |gone, octets| Progress { name: "", gone, octets, broken: false, close: "" }.bar();
        assert_eq!(bar(0, 100), format!("[{}]", ".".repeat(BAR)));
        assert_eq!(bar(99, 100), format!("[{}.]", "#".repeat(BAR - 1)));
        assert_eq!(bar(100, 100), format!("[{}]", "#".repeat(BAR)));
        assert_eq!(bar(u64::MAX, u64::MAX), format!("[{}]", "#".repeat(BAR)));
    }
}
