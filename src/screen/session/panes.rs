//! The panes of the session screen.

use ratatui::layout::Rect;

use crate::app::Settings;
use crate::command;
use crate::dialogue::row::RowId;
use crate::dialogue::suggest::Persona;
use crate::session::{Session, State};
use crate::ui::batch::BatchView;
use crate::ui::dns;
use crate::ui::explain::Sheet as Explained;
use crate::ui::file::Progress;
use crate::ui::hex;
use crate::ui::letter::LetterView;
use crate::ui::reader::{Reader, Standing};
use crate::ui::remote;
use crate::ui::text::{Pen, Role, Run, highlight, wrap_words};
use crate::ui::transcript::{Entry, Sheet, Shown};
use crate::ui::viewport::{Scroll, Tall};

use super::draw::Scene;
use super::layout::Pane;
use super::room::{Room, persona};
use super::view::View;

/// What the Send pane says where a recording is shown.
const NOTHING_TYPED: &str = "Nothing is sent from a recording, so nothing is typed here.";

impl Scene<'_> {
    pub(super) fn send(&self, pen: &mut Pen<'_>) -> (u16, u16) {
        let composer = &self.room.composer;
        let session = self.session();
        if let Some((session, going)) = session.and_then(|it| Some((it, self.room.going(it)?))) {
            let close = self.key_of("session.close");
            let (gone, broken) = (going.gone(session), going.is_broken(session));
            return Progress { name: &going.name, gone, octets: going.octets, broken, close: &close }.draw(pen);
        }
        if let Some(replay) = &self.room.replay {
            let (play, step, back) =
                (self.key_of("replay.play"), self.key_of("replay.forward"), self.key_of("replay.back"));
            let keys = format!("{play} plays it, {step} and {back} step through it.");
            for (text, y) in [format!("{}.", replay.standing()), keys, NOTHING_TYPED.to_owned()].iter().zip(0..) {
                pen.put(1, y, text, Role::Text);
            }
            return (0, 0);
        }
        if composer.writes_letter(session.map(Session::dialogue)) {
            let letter = &composer.letter;
            let view = LetterView {
                wire: true,
                lines: letter.lines(),
                cursor: letter.cursor(),
                armed: letter.is_armed(),
                warning: session.and_then(|session| letter.warning(session.dialogue())),
                shown: remote::shown,
            };
            return view.draw(pen);
        }
        let mut send = composer.send(session, self.persona(), self.is_revealed());
        send.question = send.question.or_else(|| self.standing_question());
        if let Some(session) = session.filter(|_| composer.batch.on) {
            let lines = composer.batch.shown(session.dialogue(), !self.is_revealed() && session.hides_secrets());
            let keys = [self.key_of("batch.groups"), self.key_of("batch.toggle")];
            let all = (composer.batch.lines().len(), composer.batch.size());
            return BatchView { lines, all, send, keys }.draw(pen);
        }
        send.draw(pen)
    }

    /// What waits for the user, and the keys that answer it.
    fn standing_question(&self) -> Option<String> {
        let key = |id| self.key_of(id);
        let session = self.session()?;
        if session.awaits_trust() {
            return Some(format!(
                "The certificate is not in order; {} decides. All lines are held.",
                key("tls.certificate")
            ));
        }
        if session.awaits_patience() {
            let (wait, close) = (key("wait.keep"), key("session.close"));
            return Some(format!("Nothing came in time. {wait} keeps waiting, {close} closes."));
        }
        match session.state() {
            State::Failed(_) | State::Over if session.is_watched() => Some("Closed. Somebody else spoke here.".into()),
            State::Failed(_) => Some(format!("No connection. {} tries again.", key("session.reconnect"))),
            State::Over => {
                let (again, repeat) = (key("session.reconnect"), key("session.repeat"));
                Some(format!("Closed. {again} connects again, {repeat} repeats up to the selected line."))
            }
            State::Connecting | State::Open => None,
        }
    }

    /// The name of the key that calls a command here.
    pub(super) fn key_of(&self, id: &str) -> String {
        let key = command::find(id);
        let key = key.and_then(|command| self.app.settings.keymap.key(command, &self.app.contexts()));
        key.map(|key| if self.app.settings.ascii { key.ascii_name() } else { key.to_string() }).unwrap_or_default()
    }

    fn persona(&self) -> &Persona {
        persona(&self.app.settings, self.session())
    }

    fn is_revealed(&self) -> bool {
        self.room.revealed.is_some_and(|until| until > self.app.now())
    }

    /// The row that the transcript in `area` shows in its line `y`.
    pub(super) fn row_at(&self, session: &Session, area: Rect, y: u16) -> Option<u32> {
        let view = self.room.view_of(session.id)?;
        let ascii = self.app.settings.ascii;
        let rows = Rows::new(self.room, &self.app.settings, session, view, area.width.into(), ascii);
        let height = area.height.saturating_sub(bytes_height(self.room, session, view, area));
        let window = view.scroll.window(view.count(session), height, |position| rows.entry(position));
        let under = window.into_iter().find(|slice| (slice.y..slice.y + slice.take).contains(&y))?;
        view.row(under.entry)
    }

    pub(super) fn transcript(&self, pen: &mut Pen<'_>) -> Option<(u16, u16)> {
        let session = self.session()?;
        let view = self.room.view_of(session.id)?;
        let octets = if self.room.bytes { octets(session, view, pen.area(), pen.ascii()) } else { Vec::new() };
        let height = pen.height().saturating_sub(u16::try_from(octets.len()).unwrap_or(0));
        for (line, y) in octets.iter().zip(height..) {
            pen.runs(0, y, line);
        }
        let rows = Rows::new(self.room, &self.app.settings, session, view, pen.width(), pen.ascii());
        let mut cursor = None;
        for slice in view.scroll.window(view.count(session), height, |position| rows.entry(position)) {
            let lines = slice.what.lines.iter().skip(usize::from(slice.skip)).take(usize::from(slice.take));
            for (index, line) in lines.enumerate() {
                let y = slice.y + u16::try_from(index).unwrap_or(0);
                pen.runs(0, y, line);
                if slice.what.selected {
                    pen.select(y);
                    cursor.get_or_insert((0, y));
                }
            }
        }
        cursor
    }

    pub(super) fn explain(&self, pen: &mut Pen<'_>) -> Option<(u16, u16)> {
        let session = self.session()?;
        let view = self.room.view_of(session.id)?;
        if !self.app.settings.notes {
            let text =
                format!("Notes are hidden. What does the line mean? {} shows them.", self.key_of("notes.toggle"));
            for (line, y) in wrap_words(&[Run::new(text, Role::Quiet)], pen.width()).iter().zip(0..) {
                pen.runs(0, y, line);
            }
            return Some((0, 0));
        }
        let sheet = self.room.sheet(&self.app.settings, session, pen.width())?;
        let step = self.room.step;
        let selected = sheet.steps.get(step).map(|(line, _)| *line);
        let top = self.explain_top(view, &sheet, selected, pen.height());
        let mut cursor = Some((0, 0));
        let rest = sheet.lines.len() - top;
        let fits = rest <= usize::from(pen.height());
        let height = if fits { pen.height() } else { pen.height().saturating_sub(1) };
        for (line, y) in sheet.lines.iter().skip(top).zip(0..height) {
            pen.runs(0, y, line);
            if self.room.focus == Pane::Explain && selected == Some(top + usize::from(y)) {
                pen.select(y);
                cursor = Some((0, y));
            }
        }
        if !fits {
            pen.right(height, &format!("{} more lines", rest - usize::from(height)), Role::Quiet);
        }
        cursor
    }

    /// The first line of an explanation that is shown: the selected step stays in sight.
    fn explain_top(&self, view: &View, sheet: &Explained, selected: Option<usize>, height: u16) -> usize {
        let top = view.explain_top.min(sheet.lines.len().saturating_sub(1));
        let page = usize::from(height).saturating_sub(3);
        match selected.filter(|_| self.room.focus == Pane::Explain && view.explain_top == 0) {
            Some(line) if line > top + page => line - page,
            _ => top,
        }
    }

    /// The step of the explanation whose line stands at line `y` of the pane.
    pub(super) fn step_at(&self, session: &Session, area: Rect, y: u16) -> Option<usize> {
        let view = self.room.view_of(session.id)?;
        let sheet = self.room.sheet(&self.app.settings, session, area.width.into())?;
        let selected = sheet.steps.get(self.room.step).map(|(line, _)| *line);
        let line = self.explain_top(view, &sheet, selected, area.height) + usize::from(y);
        sheet.steps.iter().rposition(|(first, _)| *first <= line).filter(|_| line < sheet.lines.len())
    }

    /// The record of the DNS panel that stands at line `y` of the pane.
    pub(super) fn record_at(&self, area: Rect, y: u16) -> Option<usize> {
        let (entries, scroll) = self.dns_entries(area.width.into(), area.height)?;
        let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        let window = scroll.window(count, area.height, |index| Held(entries.get(index as usize)));
        window.iter().find(|slice| (slice.y..slice.y + slice.take).contains(&y)).map(|slice| slice.entry as usize)
    }

    /// The entries of the DNS panel, and where its window stands.
    fn dns_entries(&self, room: usize, height: u16) -> Option<(Vec<dns::Entry>, Scroll)> {
        let look_up = &self.room.look_up;
        let panel = self.app.model.look_ups.panel()?;
        let rows = look_up.rows(panel);
        let host = self.session().and_then(|session| crate::dns::typed::name(&session.target.host).ok());
        let focused = self.room.focus == Pane::Dns;
        let selected = focused.then_some(look_up.selected);
        let reachable = self.room.replay.is_none();
        let layout = dns::Layout { room, selected, reachable, ascii: self.app.settings.ascii };
        let entries = dns::entries(panel, &rows, host.as_ref().map(|typed| &typed.name), layout);
        let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        let mut scroll = look_up.scroll;
        scroll.reveal(u32::try_from(look_up.selected).unwrap_or(0), count, height, |index| {
            Held(entries.get(index as usize))
        });
        Some((entries, scroll))
    }

    pub(super) fn dns(&self, pen: &mut Pen<'_>) -> Option<(u16, u16)> {
        let look_up = &self.room.look_up;
        let focused = self.room.focus == Pane::Dns;
        let Some((entries, scroll)) = self.dns_entries(pen.width(), pen.height()) else {
            let key = self.key_of("dns.look-up");
            let text = if self.room.replay.is_some() {
                "The recording holds nothing that the DNS panel found.".to_owned()
            } else {
                format!("{key} looks up a domain with all that belongs to its mail; NAME TYPE asks for one record.")
            };
            for (line, y) in wrap_words(&[Run::new(text, Role::Quiet)], pen.width()).iter().zip(0..) {
                pen.runs(0, y, line);
            }
            return Some((0, 0));
        };
        let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        let mut cursor = Some((0, 0));
        for slice in scroll.window(count, pen.height(), |index| Held(entries.get(index as usize))) {
            let Some(entry) = slice.what.0 else { continue };
            let lines = entry.lines.iter().skip(usize::from(slice.skip)).take(usize::from(slice.take));
            for (line, y) in lines.zip(slice.y..) {
                pen.runs(0, y, line);
            }
            if focused && slice.entry as usize == look_up.selected {
                // The record itself, not the line of its owner above it.
                let first = entry.lines.iter().position(|line| line.len() > 1).unwrap_or(0);
                let y = (slice.y + u16::try_from(first).unwrap_or(0)).saturating_sub(slice.skip);
                pen.select(y);
                cursor = Some((0, y));
            }
        }
        cursor
    }
}

/// The octets of the selected line, for the bottom of the transcript.
fn octets(session: &Session, view: &View, area: Rect, ascii: bool) -> Vec<Vec<Run>> {
    let Some(row) = view.selected(session).and_then(|id| session.dialogue().row(id)) else { return Vec::new() };
    let Some(span) = row.span() else { return Vec::new() };
    let octets = session.tape().bytes(span);
    let mut lines = vec![vec![Run::new(format!("{} bytes", span.len()), Role::Heading)]];
    if !session.hidden(span, &octets).is_empty() {
        lines.push(vec![Run::new("not shown: the line holds a secret", Role::Secret)]);
        return lines;
    }
    let most = usize::from(area.height / 2).saturating_sub(1);
    for line in hex::dump(&octets, hex::per_line(area.width), ascii).take(most) {
        lines.push(vec![
            Run::new(format!("{:04x}  ", line.offset), Role::Quiet),
            Run::new(format!("{}  ", line.hex), Role::Text),
            Run::new(line.glyphs, Role::Note),
        ]);
    }
    lines
}

/// Lines that the octets of the selected line take.
pub(super) fn bytes_height(room: &Room, session: &Session, view: &View, area: Rect) -> u16 {
    let lines = if room.bytes { octets(session, view, area, true).len() } else { 0 };
    u16::try_from(lines).unwrap_or(u16::MAX)
}

/// An entry of the DNS panel that is made already.
struct Held<'a>(Option<&'a dns::Entry>);

impl Tall for Held<'_> {
    fn lines(&self) -> u16 {
        self.0.map_or(1, Tall::lines)
    }
}

/// The rows of a transcript, laid out when they are asked for.
pub(super) struct Rows<'a> {
    reader: Reader<'a>,
    session: &'a Session,
    view: &'a View,
    sheet: Sheet,
    selected: Option<RowId>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(
        room: &Room,
        settings: &Settings,
        session: &'a Session,
        view: &'a View,
        width: usize,
        ascii: bool,
    ) -> Self {
        let cells = if width >= 60 { 6 } else { 4 };
        let reader = Reader { session, times: room.times, cells, notes: settings.notes, ascii };
        let sheet =
            Sheet::new(width, Shown { notes: settings.notes, time: cells, numbers: view.lines(session), ascii });
        Self { reader, session, view, sheet, selected: view.selected(session) }
    }

    /// The number of the line that a reply answers, or that answers a command, if other lines stand between them.
    fn partner(&self, id: RowId) -> Option<u32> {
        let pair = self.session.dialogue().pair(id)?;
        self.view.number(if pair.command == id { pair.reply.0 } else { pair.command.0 })
    }

    /// The row at a position of those that are shown.
    pub(super) fn entry(&self, position: u32) -> Entry {
        let row = self.view.row(position).map(RowId);
        let standing = |id: RowId| Standing {
            number: self.view.number(id.0),
            selected: self.selected == Some(id),
            hidden: self.view.hidden_behind(self.session, position),
            partner: self.partner(id),
        };
        let mut view = row.and_then(|id| self.reader.view(id, standing(id)));
        if let (Some(view), Some(search)) = (&mut view, &self.view.search) {
            view.text = highlight(std::mem::take(&mut view.text), &search.query);
        }
        view.map_or_else(|| Entry { lines: vec![Vec::new()], selected: false }, |view| self.sheet.entry(&view))
    }
}
