//! A theme of the person's own: colours of roles, laid over one of the other themes.
//!
//! ```toml
//! [own-theme]
//! on = "high-contrast"
//! client = "light cyan"
//! problem = "#ff8800"
//! ```

use ratatui::style::Color;

use super::Theme;
use crate::ui::text::Role;

/// Every role that can have a colour, with its name in the configuration.
pub const ROLES: [(&str, Role); 23] = [
    ("text", Role::Text),
    ("quiet", Role::Quiet),
    ("heading", Role::Heading),
    ("frame", Role::Frame),
    ("focus", Role::Focus),
    ("client", Role::Client),
    ("server", Role::Server),
    ("event", Role::Event),
    ("good", Role::Good),
    ("wait", Role::Wait),
    ("bad", Role::Bad),
    ("problem", Role::Problem),
    ("note", Role::Note),
    ("bracket", Role::Bracket),
    ("escape", Role::Escape),
    ("secret", Role::Secret),
    ("hit", Role::Hit),
    ("ghost", Role::Ghost),
    ("added", Role::Added),
    ("key", Role::Key),
    ("link", Role::Link),
    ("live", Role::Live),
    ("lab", Role::Lab),
];

/// What a colour needs to be.
pub const COLOUR: &str =
    "a colour: \"cyan\", \"light red\", a number of the terminal's palette as \"214\", or \"#ff8800\"";

/// Colours of roles, and the theme below them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Own {
    /// The theme that has the other roles; never [`Theme::Own`].
    pub on: Theme,
    colours: [Option<Color>; ROLES.len()],
}

impl Own {
    /// Gives a role a colour; false if the text is none. Case, blanks, `-` and `_` make no difference.
    pub fn set(&mut self, role: Role, colour: &str) -> bool {
        let colour: Option<Color> = colour.parse().ok();
        let place = ROLES.iter().position(|(_, known)| *known == role).and_then(|at| self.colours.get_mut(at));
        match (place, colour) {
            (Some(place), Some(_)) => *place = colour,
            _ => return false,
        }
        true
    }

    /// The colour of a role, as it is written.
    pub fn told(&self, role: Role) -> Option<String> {
        self.colour(role).map(|colour| colour.to_string())
    }

    pub(super) fn colour(&self, role: Role) -> Option<Color> {
        ROLES.iter().zip(self.colours).find(|((_, known), _)| *known == role).and_then(|(_, colour)| colour)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::text::Palette as _;
    use crate::ui::theme::Look;

    #[test]
    fn own_colours_lie_over_another_theme() {
        let mut own = Own { on: Theme::HighContrast, ..Own::default() };
        assert!(own.set(Role::Client, "light red") && own.set(Role::Problem, "#ff8800") && own.set(Role::Bad, "214"));
        assert!(!own.set(Role::Client, "reddish") && !own.set(Role::Client, ""));
        let look = Look { theme: Theme::Own, own, ascii: false };
        let colour = |role| look.style(role).fg;
        assert_eq!(colour(Role::Client), Some(Color::LightRed));
        assert_eq!(colour(Role::Problem), Some(Color::Rgb(255, 136, 0)));
        assert_eq!(colour(Role::Key), Some(Color::LightYellow), "as on white on black");
        assert_eq!(Look { theme: Theme::Mono, ..look }.style(Role::Client).fg, Some(Color::Reset));
    }

    #[test]
    fn every_colour_is_read_as_it_is_written() {
        for text in ["Cyan", "LightRed", "214", "#FF8800", "Reset"] {
            let mut own = Own::default();
            assert!(own.set(Role::Note, text), "{text}");
            let told = own.told(Role::Note).expect("a colour");
            let mut again = Own::default();
            assert!(again.set(Role::Note, &told) && again == own, "{text} {told}");
        }
    }

    #[test]
    fn every_role_has_one_name() {
        for (index, (name, role)) in ROLES.iter().enumerate() {
            let first = |(known, kind): &(&str, Role)| known == name || kind == role;
            assert_eq!(ROLES.iter().position(first), Some(index), "{name}");
        }
    }
}
