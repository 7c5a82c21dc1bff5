//! Themes: how each role looks. A colour repeats what a word or a sign says and is never needed.
//!
//! By default only the terminal's own foreground and background and the sixteen ANSI colours are used, so that light
//! and dark backgrounds both work. Nothing is dimmed and no background is filled; what is selected is reversed.

use ratatui::style::{Color, Modifier, Style};

use super::text::{Palette, Role};

pub mod own;

pub use own::Own;

/// The themes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Theme {
    /// Sixteen colours on the terminal's own background.
    #[default]
    Sixteen,
    /// No colours.
    Mono,
    /// White and yellow on black.
    HighContrast,
    /// Black on white, for a projector.
    Projector,
    /// Another theme with colours of the person's own laid over it; without any, sixteen colours.
    Own,
}

impl Theme {
    /// All, in the order in which a key steps through them.
    pub const ALL: [Self; 5] = [Self::Sixteen, Self::Mono, Self::HighContrast, Self::Projector, Self::Own];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sixteen => "sixteen",
            Self::Mono => "mono",
            Self::HighContrast => "high-contrast",
            Self::Projector => "projector",
            Self::Own => "own",
        }
    }

    /// The theme with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|theme| *theme == self).unwrap_or_default();
        Self::ALL.get(at + 1).copied().unwrap_or_default()
    }

    /// What lies under everything.
    fn ground(self) -> Style {
        match self {
            Self::Sixteen | Self::Mono | Self::Own => Style::new().fg(Color::Reset).bg(Color::Reset),
            Self::HighContrast => Style::new().fg(Color::White).bg(Color::Black),
            Self::Projector => Style::new().fg(Color::Black).bg(Color::White),
        }
    }

    fn colour(self, role: Role) -> Option<Color> {
        match self {
            Self::Sixteen | Self::Own => sixteen(role),
            Self::Mono => None,
            Self::HighContrast => high_contrast(role),
            Self::Projector => projector(role),
        }
    }
}

fn sixteen(role: Role) -> Option<Color> {
    Some(match role {
        Role::Client | Role::Key | Role::Link => Color::Cyan,
        Role::Server => Color::Blue,
        Role::Good | Role::Lab => Color::Green,
        Role::Wait | Role::Problem | Role::Added | Role::Escape => Color::Yellow,
        Role::Bad | Role::Live => Color::Red,
        Role::Note | Role::Secret => Color::Magenta,
        Role::Ghost => Color::DarkGray,
        _ => return None,
    })
}

fn high_contrast(role: Role) -> Option<Color> {
    Some(match role {
        Role::Key | Role::Link | Role::Wait | Role::Problem | Role::Bad | Role::Live | Role::Escape => {
            Color::LightYellow
        }
        Role::Client | Role::Added => Color::LightCyan,
        Role::Good | Role::Lab => Color::LightGreen,
        _ => return None,
    })
}

fn projector(role: Role) -> Option<Color> {
    Some(match role {
        Role::Client | Role::Key | Role::Link | Role::Server => Color::Blue,
        Role::Bad | Role::Live | Role::Problem => Color::Red,
        _ => return None,
    })
}

fn emphasis(role: Role) -> Modifier {
    match role {
        Role::Heading
        | Role::Focus
        | Role::Key
        | Role::Client
        | Role::Server
        | Role::Bad
        | Role::Problem
        | Role::Live
        | Role::Lab => Modifier::BOLD,
        Role::Escape | Role::Hit | Role::Secret => Modifier::REVERSED,
        Role::Link | Role::Added => Modifier::UNDERLINED,
        Role::Ghost => Modifier::ITALIC,
        _ => Modifier::empty(),
    }
}

/// A theme, and whether only ASCII may be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// The colours.
    pub theme: Theme,
    /// Those of [`Theme::Own`].
    pub own: Own,
    /// Frames and signs in ASCII.
    pub ascii: bool,
}

impl Palette for Look {
    fn style(&self, role: Role) -> Style {
        let (theme, own) = match self.theme {
            Theme::Own => (self.own.on, self.own.colour(role)),
            theme => (theme, None),
        };
        let ground = theme.ground();
        let style = own.or_else(|| theme.colour(role)).map_or(ground, |colour| ground.fg(colour));
        style.add_modifier(emphasis(role))
    }

    fn ascii(&self) -> bool {
        self.ascii
    }

    fn selection(&self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mono_has_no_colour_at_all() {
        for role in [Role::Bad, Role::Client, Role::Good, Role::Escape, Role::Text] {
            let style = Look { theme: Theme::Mono, ..Look::default() }.style(role);
            assert_eq!((style.fg, style.bg), (Some(Color::Reset), Some(Color::Reset)));
        }
    }

    #[test]
    fn every_theme_has_a_name_and_a_turn() {
        for theme in Theme::ALL {
            assert_eq!(Theme::named(theme.name()), Some(theme));
        }
        assert_eq!((Theme::Projector.next(), Theme::Own.next()), (Theme::Own, Theme::Sixteen));
    }
}
