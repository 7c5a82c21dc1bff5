//! What a person has set: how the screen looks, and for whom one speaks.

use crate::command::Keymap;
use crate::dialogue::suggest::Persona;
use crate::ports::dns::Source;
use crate::ports::lab::Card;
use crate::ui::theme::{Look, Own, Theme};

/// What a person has set.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The colours.
    pub theme: Theme,
    /// True if the environment forbids colours (`NO_COLOR`).
    pub mono_only: bool,
    /// Only ASCII characters for frames and signs.
    pub ascii: bool,
    /// The colours that the person chose for a theme of their own.
    pub own_theme: Own,
    /// Which keys call which commands.
    pub keymap: Keymap,
    /// True while the program has the mouse.
    pub mouse: bool,
    /// Notes and explanations are shown; off, a class can predict.
    pub notes: bool,
    /// Whom to ask for the names of real hosts, where nobody else is chosen.
    pub resolver: Source,
    /// For whom the suggestions speak in the lab.
    pub lab_persona: Persona,
    /// For whom they speak on real servers.
    pub live_persona: Persona,
    /// A user of the lab's submission server and the password, which is public.
    pub lab_login: (String, String),
    /// The lab's clock, in seconds since 1970.
    pub lab_day: u64,
    /// When the program began, in seconds since 1970.
    pub born: u64,
    /// How other programs reach the lab, while it is served.
    pub card: Option<Card>,
}

impl Settings {
    /// The theme after the one that is shown. One's own is among them where it has colours.
    pub fn next_theme(&self) -> Theme {
        let next = self.theme.next();
        if next == Theme::Own && self.own_theme == Own::default() { next.next() } else { next }
    }

    /// How everything looks.
    pub fn look(&self) -> Look {
        let theme = if self.mono_only { Theme::Mono } else { self.theme };
        Look { theme, own: self.own_theme, ascii: self.ascii }
    }
}

impl Default for Settings {
    fn default() -> Self {
        let lab_persona = Persona {
            hello: "laptop.you.test".into(),
            sender: "you@you.test".into(),
            recipients: ["pat@harbor.test", "sam@harbor.test"].map(Into::into).into(),
            secure_first: false,
        };
        // The null sender and postmaster (RFC 5321 §4.5.1) are right on every server.
        let recipients = vec!["postmaster".into()];
        let live_persona =
            Persona { hello: "[127.0.0.1]".into(), recipients, secure_first: true, ..Persona::default() };
        Self {
            theme: Theme::Sixteen,
            mono_only: false,
            ascii: false,
            own_theme: Own::default(),
            keymap: Keymap::default(),
            mouse: true,
            notes: true,
            resolver: Source::System,
            lab_persona,
            live_persona,
            lab_login: ("mina".into(), "sunflower".into()),
            lab_day: 0,
            born: 0,
            card: None,
        }
    }
}
