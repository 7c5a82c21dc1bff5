//! The title line, the coach line and the line of keys.
//!
//! The title says in words which world one is in; the coach says the next sensible move and why.

use super::text::{Pen, Role, Run, clip, runs_width, width};

/// What the title says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Title {
    /// `LAB offline`, `LIVE`, `LIVE loopback`.
    pub world: &'static str,
    /// True in a real world.
    pub live: bool,
    /// `session 1` or `session 1 of 2`.
    pub session: String,
    /// How the client names itself.
    pub client: String,
    /// Host and port.
    pub target: String,
    /// `plain text`, `TLS 1.3`, `TLS not verified`; nothing while there is no connection.
    pub link: String,
    /// How the link is drawn.
    pub link_role: Role,
    /// The certificate's subject.
    pub subject: String,
    /// True while the sessions are recorded.
    pub recorded: bool,
    /// What else must be said: `closed`, `connecting`.
    pub state: &'static str,
    /// Keys at the right end, longest first.
    pub keys: [&'static str; 3],
}

impl Title {
    /// Draws the title line. What matters most goes last: the world, the target and the link stay.
    pub fn draw(&self, pen: &mut Pen<'_>) {
        let arrow = if pen.ascii() { "->" } else { "→" };
        let room = pen.width();
        let [long, middle, short] = self.keys;
        let keys = if room >= 140 { long } else { middle };
        let world = Run::new(format!("[{}]", self.world), if self.live { Role::Live } else { Role::Lab });
        let route = if self.client.is_empty() { String::new() } else { format!("{} {arrow} ", self.client) };
        let mut optional = vec![self.subject.as_str(), &route, keys, &self.session];
        loop {
            let shown = |text: &str| optional.iter().any(|kept| *kept == text && !text.is_empty());
            let mut runs = vec![Run::new(" ehlo ", Role::Heading), world.clone(), Run::new(" ", Role::Text)];
            if shown(&self.session) && room >= 140 {
                runs.push(Run::new(format!(" {} ", self.session), Role::Text));
            }
            if shown(&route) {
                runs.push(Run::new(format!(" {route}"), Role::Text));
            }
            runs.push(Run::new(self.target.as_str(), Role::Heading));
            if !self.link.is_empty() {
                runs.push(Run::new(format!("  {}", self.link), self.link_role));
            }
            if self.recorded {
                runs.push(Run::new("  REC", Role::Wait));
            }
            if shown(&self.subject) {
                runs.push(Run::new(format!(" {}", self.subject), Role::Text));
            }
            if !self.state.is_empty() {
                runs.push(Run::new(format!("  {}", self.state), Role::Wait));
            }
            if shown(&self.session) && room < 140 {
                runs.push(Run::new(format!("  {}", self.session), Role::Text));
            }
            let fits = |keys: &str| runs_width(&runs) + width(keys) + 2 <= room;
            let keys = if shown(keys) { keys } else { short };
            if fits(keys) || optional.is_empty() {
                pen.runs(0, 0, &runs);
                if fits(keys) {
                    pen.put(room - width(keys) - 1, 0, keys, Role::Key);
                }
                return;
            }
            optional.remove(0);
        }
    }
}

/// What the coach says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coach {
    /// Steps done and steps in all of the first walk; nothing once it is done.
    pub walk: Option<(usize, usize)>,
    /// The move.
    pub now: String,
    /// The reason.
    pub why: String,
}

impl Coach {
    /// Draws the coach line. The progress of the walk gives way to the words.
    pub fn draw(&self, pen: &mut Pen<'_>) {
        let full = format!("{}: {}.", self.now, self.why);
        let room = pen.width().saturating_sub(2);
        let fits = |bar: &String| width(bar) + width(&full) <= room;
        let bars = self.bars();
        let bar = bars.iter().find(|bar| fits(bar)).or(bars.get(2)).cloned().unwrap_or_default();
        let mut x = pen.put(1, 0, &bar, Role::Quiet);
        x = pen.put(x, 0, &self.now, Role::Heading);
        let left = (room + 1).saturating_sub(x);
        if left > 12 {
            let ascii = pen.ascii();
            pen.put(x, 0, &clip(&format!(": {}.", self.why), left, ascii), Role::Text);
        }
    }

    /// The progress of the walk, longest first.
    fn bars(&self) -> Vec<String> {
        let Some((done, all)) = self.walk else { return Vec::new() };
        let bar = format!("[{}{}] {done}/{all}  ", "#".repeat(done), ".".repeat(all.saturating_sub(done)));
        vec![format!("First walk {bar}"), bar, format!("{done}/{all}  ")]
    }
}
