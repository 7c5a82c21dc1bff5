//! Keys, pastes, the mouse and the size, from crossterm's events to our own.

use std::time::Duration;

use crossterm::event::{
    Event, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind,
};
use futures_util::StreamExt as _;

use crate::input::{Act, Code, Input, Key, Mouse, Paste};

/// Events taken in one turn of the loop, so that held keys cannot starve the network.
const AT_ONCE: usize = 64;
/// More printable keys than this in one turn, with an Enter among them, are a paste on terminals that mark none.
const BURST: usize = 8;

/// How long what was read together may take to be told apart. It is not waited for: crossterm takes no time at all to
/// mean that it need not even look.
const TOGETHER: Duration = Duration::from_micros(50);

/// What comes from the terminal.
///
/// crossterm waits with `poll` here (its feature `use-dev-tty`), not with its default: that one forgets a key that comes
/// together with a new size until the next key, and spins for ever over a terminal that is gone.
pub struct Events {
    stream: EventStream,
}

impl Events {
    /// Begins to listen. Only one of these may exist at a time.
    pub fn new() -> Self {
        Self { stream: EventStream::new() }
    }

    /// Waits for input, then takes all that is there already. `None` once the terminal is gone.
    pub async fn next(&mut self) -> Option<Vec<Input>> {
        let mut events = vec![self.stream.next().await?.ok()?];
        while events.len() < AT_ONCE
            && let Some(event) = ready()
        {
            events.push(event);
        }
        Some(gather(&events))
    }

    /// Throws away what came while somebody else had the terminal.
    pub fn discard(&mut self) {
        #[cfg(unix)]
        {
            // Where this fails, the loop below throws away what it can.
            let _ = rustix::termios::tcflush(std::io::stdin(), rustix::termios::QueueSelector::IFlush);
        }
        while ready().is_some() {}
    }
}

/// An event that is there already. Between two turns nobody else reads: the stream's own thread begins to wait only when
/// it is asked and has nothing.
fn ready() -> Option<Event> {
    crossterm::event::poll(TOGETHER).ok()?.then(crossterm::event::read)?.ok()
}

impl Default for Events {
    fn default() -> Self {
        Self::new()
    }
}

/// Translates events that came at once: wheel turns are added up, only the last size counts.
fn gather(events: &[Event]) -> Vec<Input> {
    // Where pastes are marked, a fast program that types is no paste.
    if cfg!(windows)
        && let Some(paste) = burst(events)
    {
        return vec![Input::Paste(paste)];
    }
    let (events, joined) = joined(events);
    let mut inputs = translate(&events);
    for input in &mut inputs {
        if let Input::Paste(paste) = input {
            paste.joined = joined;
        }
    }
    inputs
}

/// Keys that came at once behind a paste belong to it: a pasted text can hold the mark that ends a paste, and what
/// follows must not be run. True if there were such keys.
fn joined(events: &[Event]) -> (Vec<Event>, bool) {
    let Some(paste) = events.iter().position(|event| matches!(event, Event::Paste(_))) else {
        return (events.to_vec(), false);
    };
    let (before, from) = events.split_at(paste);
    let mut text = String::new();
    let mut others = Vec::new();
    let keys = from.iter().any(|event| pressed(event).is_some());
    for event in from {
        match event {
            Event::Paste(more) => text.push_str(more),
            Event::Key(key) if key.kind != KeyEventKind::Release => match key.code {
                KeyCode::Char(char) => text.push(char),
                KeyCode::Enter => text.push('\n'),
                KeyCode::Tab => text.push('\t'),
                KeyCode::Esc => text.push('\x1b'),
                _ => {}
            },
            other => others.push(other.clone()),
        }
    }
    (before.iter().cloned().chain([Event::Paste(text)]).chain(others).collect(), keys)
}

fn translate(events: &[Event]) -> Vec<Input> {
    let mut inputs: Vec<Input> = Vec::new();
    for input in events.iter().filter_map(input) {
        match (inputs.last_mut(), &input) {
            (Some(Input::Resize(columns, lines)), Input::Resize(new_columns, new_lines)) => {
                (*columns, *lines) = (*new_columns, *new_lines);
            }
            (Some(Input::Mouse(last)), Input::Mouse(next)) => match (&mut last.act, next.act) {
                (Act::Wheel(sum), Act::Wheel(notches)) if (last.column, last.line) == (next.column, next.line) => {
                    *sum += notches;
                }
                (Act::Drag, Act::Drag) => *last = *next,
                _ => inputs.push(input),
            },
            _ => inputs.push(input),
        }
    }
    inputs
}

/// A paste in a terminal that does not mark pastes: no hand types that fast.
fn burst(events: &[Event]) -> Option<Paste> {
    let keys: Option<Vec<Key>> = events.iter().filter_map(pressed).map(|event| key(&event)).collect();
    let keys = keys.filter(|_| events.iter().all(|event| matches!(event, Event::Key(_))))?;
    let text: Option<String> = keys
        .iter()
        .map(|key| match key {
            Key { code: Code::Enter, ctrl: false, alt: false } => Some('\n'),
            key => key.typed(),
        })
        .collect();
    let text = text?;
    (text.chars().filter(|char| *char != '\n').count() > BURST && text.contains('\n')).then(|| Paste::new(&text))
}

fn input(event: &Event) -> Option<Input> {
    match event {
        Event::Key(_) => pressed(event).and_then(|event| key(&event)).map(Input::Key),
        Event::Paste(text) => Some(Input::Paste(Paste::new(text))),
        Event::Resize(columns, lines) => Some(Input::Resize(*columns, *lines)),
        Event::Mouse(event) => {
            let act = match event.kind {
                MouseEventKind::Down(MouseButton::Left) => Act::Press,
                MouseEventKind::Drag(MouseButton::Left) => Act::Drag,
                MouseEventKind::Up(MouseButton::Left) => Act::Release,
                MouseEventKind::ScrollDown => Act::Wheel(1),
                MouseEventKind::ScrollUp => Act::Wheel(-1),
                _ => return None,
            };
            Some(Input::Mouse(Mouse { act, column: event.column, line: event.row }))
        }
        Event::FocusGained | Event::FocusLost => None,
    }
}

/// A key that went down; Windows tells when it goes up as well.
fn pressed(event: &Event) -> Option<KeyEvent> {
    match event {
        Event::Key(event) if event.kind != KeyEventKind::Release => Some(*event),
        _ => None,
    }
}

fn key(event: &KeyEvent) -> Option<Key> {
    let shift = event.modifiers.contains(KeyModifiers::SHIFT);
    let code = match event.code {
        KeyCode::Char(char) => Code::Char(char),
        KeyCode::Enter => Code::Enter,
        KeyCode::Tab if shift => Code::BackTab,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => Code::BackTab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        KeyCode::Esc => Code::Esc,
        KeyCode::F(number) => Code::F(number),
        _ => return None,
    };
    let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
    let alt = event.modifiers.contains(KeyModifiers::ALT);
    let code = match code {
        Code::Char(char) if ctrl => Code::Char(char.to_ascii_lowercase()),
        code => code,
    };
    Some(Key { code, ctrl, alt })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::MouseEvent;

    fn press(code: KeyCode) -> Event {
        Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    #[test]
    fn wheel_turns_are_added_up_and_sizes_replaced() {
        let wheel = |kind| Event::Mouse(MouseEvent { kind, column: 1, row: 1, modifiers: KeyModifiers::NONE });
        let events = [
            wheel(MouseEventKind::ScrollDown),
            wheel(MouseEventKind::ScrollDown),
            wheel(MouseEventKind::ScrollUp),
            Event::Resize(80, 24),
            Event::Resize(100, 30),
        ];
        let expected = [Input::Mouse(Mouse { act: Act::Wheel(1), column: 1, line: 1 }), Input::Resize(100, 30)];
        assert_eq!(gather(&events), expected);
    }

    #[test]
    fn a_burst_of_keys_with_an_enter_is_a_paste() {
        let mut events: Vec<_> = "MAIL FROM:<a@b.test>".chars().map(|char| press(KeyCode::Char(char))).collect();
        assert_eq!(burst(&events), None, "without an Enter it may be a fast hand");
        events.push(press(KeyCode::Enter));
        assert_eq!(burst(&events), Some(Paste::new("MAIL FROM:<a@b.test>\n")));
        assert_eq!(burst(&[press(KeyCode::Char('a')), press(KeyCode::Enter)]), None);
    }

    #[test]
    fn e144_keys_behind_a_paste_are_not_run() {
        let events = [Event::Paste("NOOP".into()), press(KeyCode::Char('Q')), press(KeyCode::Enter)];
        assert_eq!(gather(&events), [Input::Paste(Paste { joined: true, ..Paste::new("NOOPQ\n") })]);
        assert_eq!(gather(&[press(KeyCode::Char('a')), Event::Paste("b".into())]).len(), 2, "keys before it are keys");
    }

    #[test]
    fn a_key_that_goes_up_is_nothing() {
        let up = KeyEvent { kind: KeyEventKind::Release, ..KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE) };
        assert!(gather(&[Event::Key(up)]).is_empty());
    }

    #[test]
    fn shift_is_part_of_a_character() {
        let question = KeyEvent::new(KeyCode::Char('?'), KeyModifiers::SHIFT);
        assert_eq!(gather(&[Event::Key(question)]), [Input::Key(Key::char('?'))]);
    }
}
