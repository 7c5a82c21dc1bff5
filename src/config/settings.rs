//! Every setting there is: its name, what it is for, what it needs to be, and how it is read and told. The file, the
//! environment, the command line and `ehlo docs config` all go by this table.

use toml::de::DeValue;

use super::{Colour, Config, hello, is_width, nearest, wait};
use crate::ports::dns::Source;
use crate::ui::theme::Theme;

/// A setting.
pub struct Setting {
    /// Its name in the file; that of its variable is made from it.
    pub name: &'static str,
    /// The option of the command line.
    pub option: &'static str,
    /// What it is for, in a sentence or two.
    pub about: &'static str,
    /// What it needs to be.
    pub needs: &'static str,
    /// How it is written in the file.
    pub kind: Kind,
    /// What holds where nobody sets it.
    pub default: Default,
    take: fn(&mut Config, &str) -> bool,
    tell: fn(&Config) -> Option<String>,
}

/// How a value is written in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Switch,
    /// A whole number.
    Number,
    /// A text in quotes.
    Word,
}

/// What holds where nobody sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Default {
    /// This value, without quotes.
    Value(&'static str),
    /// What these words say; the second text is an example of a value.
    Words(&'static str, &'static str),
}

/// What a theme needs to be, here and on the command line.
pub const THEME: &str = "one of the themes \"sixteen\", \"mono\", \"high-contrast\", \"projector\", \"own\"";
/// What the name in EHLO needs to be.
pub const HELLO: &str = "a host name or an address literal, as \"laptop.example.org\" or \"[192.0.2.1]\"";
/// What the one to ask about names needs to be.
pub const SOURCE: &str = "\"system\", \"lab\", or the address of a name server, as \"192.0.2.53:5353\"";
/// What a time to wait needs to be.
pub const TIMEOUT: &str = "whole seconds from 1 to 3600";
/// What the columns of a line need to be.
pub const WIDTH: &str = "a whole number from 20 to 1000";
/// What a seed needs to be.
pub const SEED: &str = "a whole number from 0 on";
const SWITCH: &str = "true or false";

/// Every setting there is.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "theme",
        option: "--theme",
        about: "The colours: sixteen, mono, high-contrast, projector, or own, which [own-theme] below describes.",
        needs: THEME,
        kind: Kind::Word,
        default: Default::Value("sixteen"),
        take: |config, text| set(&mut config.theme, Theme::named(text)),
        tell: |config| config.theme.map(|theme| theme.name().into()),
    },
    Setting {
        name: "color",
        option: "--color",
        about: "When to use colours; auto heeds NO_COLOR.",
        needs: "one of \"auto\", \"always\", \"never\"",
        kind: Kind::Word,
        default: Default::Value("auto"),
        take: |config, text| set(&mut config.color, Colour::named(text)),
        tell: |config| config.color.map(|colour| colour.name().into()),
    },
    Setting {
        name: "ascii",
        option: "--ascii",
        about: "Frames and signs in ASCII. It is always so where the locale knows nothing else.",
        needs: SWITCH,
        kind: Kind::Switch,
        default: Default::Value("false"),
        take: |config, text| set(&mut config.ascii, switch(text)),
        tell: |config| config.ascii.map(|ascii| ascii.to_string()),
    },
    Setting {
        name: "mouse",
        option: "--no-mouse",
        about: "Whether the program has the mouse; false leaves it to the terminal.",
        needs: SWITCH,
        kind: Kind::Switch,
        default: Default::Value("true"),
        take: |config, text| set(&mut config.mouse, switch(text)),
        tell: |config| config.mouse.map(|mouse| mouse.to_string()),
    },
    Setting {
        name: "linear",
        option: "--linear",
        about: "Lines instead of a screen, as ehlo talk has them.",
        needs: SWITCH,
        kind: Kind::Switch,
        default: Default::Words("true for a simple terminal (TERM=dumb) and for ACCESSIBLE=1, else false", "false"),
        take: |config, text| set(&mut config.linear, switch(text)),
        tell: |config| config.linear.map(|linear| linear.to_string()),
    },
    Setting {
        name: "width",
        option: "--width",
        about: "The columns of a line without a screen.",
        needs: WIDTH,
        kind: Kind::Number,
        default: Default::Words("those of the terminal", "80"),
        take: |config, text| set(&mut config.width, text.parse().ok().filter(|width| is_width(*width))),
        tell: |config| config.width.map(|width| width.to_string()),
    },
    Setting {
        name: "helo",
        option: "--helo",
        about: "How to name oneself to real servers.",
        needs: HELLO,
        kind: Kind::Word,
        default: Default::Words("the name of this machine", "laptop.example.org"),
        take: |config, text| set(&mut config.helo, hello(text)),
        tell: |config| config.helo.clone(),
    },
    Setting {
        name: "resolver",
        option: "--resolver",
        about: "Whom to ask about real hosts: system, lab, or the address of a name server.",
        needs: SOURCE,
        kind: Kind::Word,
        default: Default::Value("system"),
        take: |config, text| set(&mut config.resolver, Source::parse(text)),
        tell: |config| config.resolver.as_ref().map(ToString::to_string),
    },
    Setting {
        name: "timeout",
        option: "--timeout",
        about: "Seconds to wait for a connection, a handshake and each reply.",
        needs: TIMEOUT,
        kind: Kind::Number,
        default: Default::Words("what suits a person who waits: 10 to connect, 60 for a reply, 600 at the end", "20"),
        take: |config, text| set(&mut config.timeout, text.parse().ok().and_then(wait)),
        tell: |config| config.timeout.map(|wait| wait.as_secs().to_string()),
    },
    Setting {
        name: "rfc-timeouts",
        option: "--rfc-timeouts",
        about: "Wait as long as RFC 5321 §4.5.3.2 says: minutes. Not together with timeout.",
        needs: SWITCH,
        kind: Kind::Switch,
        default: Default::Value("false"),
        take: |config, text| set(&mut config.rfc_timeouts, switch(text)),
        tell: |config| config.rfc_timeouts.map(|rfc| rfc.to_string()),
    },
    Setting {
        name: "seed",
        option: "--seed",
        about: "Everything in the lab follows from this number.",
        needs: SEED,
        kind: Kind::Number,
        default: Default::Value("1"),
        take: |config, text| set(&mut config.seed, text.parse().ok()),
        tell: |config| config.seed.map(|seed| seed.to_string()),
    },
];

/// Names that begin alike and are no settings: where the file is.
const PLACES: [&str; 1] = ["config"];

/// The setting with this name.
pub fn find(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}

/// The setting whose name is nearest to this one, if it is near.
pub(super) fn near(name: &str) -> Option<&'static Setting> {
    nearest(name, SETTINGS.iter().map(|setting| setting.name)).and_then(find)
}

/// True for the name of a variable that says where something is.
pub(super) fn is_of_a_place(name: &str) -> bool {
    PLACES.contains(&name)
}

impl Setting {
    /// Sets it; false if the text will not do.
    pub(super) fn set(&self, config: &mut Config, text: impl AsRef<str>) -> bool {
        (self.take)(config, text.as_ref())
    }

    /// Its value, as it is written in the file; `None` where it is not set.
    pub fn told(&self, config: &Config) -> Option<String> {
        (self.tell)(config).map(|text| self.kind.written(&text))
    }
}

impl Kind {
    /// The text of a value of the file, if it is of this kind.
    pub(super) fn of_file(self, value: &DeValue<'_>) -> Option<String> {
        match self {
            Self::Switch => value.as_bool().map(|switch| switch.to_string()),
            Self::Number => {
                let number = value.as_integer()?;
                u64::from_str_radix(number.as_str(), number.radix()).ok().map(|number| number.to_string())
            }
            Self::Word => value.as_str().map(str::to_owned),
        }
    }

    /// The text of a value of the environment, where a switch may be a digit.
    pub(super) fn of_variable(self, value: &str) -> &str {
        match (self, value) {
            (Self::Switch, "1") => "true",
            (Self::Switch, "0") => "false",
            (_, value) => value,
        }
    }

    /// A value as it is written in the file.
    pub(super) fn written(self, text: &str) -> String {
        match self {
            Self::Switch | Self::Number => text.to_owned(),
            Self::Word => toml::Value::from(text).to_string(),
        }
    }
}

fn switch(text: &str) -> Option<bool> {
    text.parse().ok()
}

fn set<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    *place = value;
    place.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_and_example_is_a_value_that_will_do() {
        for setting in SETTINGS {
            let (Default::Value(value) | Default::Words(_, value)) = setting.default;
            let mut config = Config::default();
            assert!(setting.set(&mut config, value), "{}: {value}", setting.name);
            assert_eq!(setting.told(&config), Some(setting.kind.written(value)));
        }
    }
}
