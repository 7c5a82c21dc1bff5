//! Where the configuration comes from: a file, the environment, the options; and what follows from all of them.
//!
//! The file is the one that `--config` names, else `EHLO_CONFIG`, else `ehlo/config.toml` in the XDG place. A file that
//! was named must be there; the one in the XDG place need not.

use std::io;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;

use super::complaint::Complaint;
use super::options::Common;
use super::options::reach::Reach;
use super::{FILE_LIMIT, usage};
use crate::app::Settings;
use crate::config::{self, Config, Refusal};
use crate::dialogue::suggest::Persona;
use crate::smtp::limits::Timers;
use crate::{files, term};

/// The variable that names the file.
const NAMED: &str = "EHLO_CONFIG";
/// Where the file is, below the place of settings.
const PLACE: [&str; 2] = ["ehlo", "config.toml"];

/// All that was set, and where the file is or would be.
pub(super) struct Configuration {
    /// What holds.
    pub(super) config: Config,
    /// The file; `None` without a home directory.
    pub(super) file: Option<PathBuf>,
}

/// Puts together what the file, the environment and the options say.
pub(super) fn read(common: &Common, reach: Option<&Reach>) -> Result<Configuration, Complaint> {
    if common.timeout.is_some() && reach.is_some_and(|reach| reach.rfc_timeouts) {
        let what = "--timeout and --rfc-timeouts say two things about the same waits.";
        return Err(Complaint::new("cli/option", 2, what, "Leave one of them out."));
    }
    let options = options(common, reach).from_command_line();
    let variables = std::env::vars_os().filter_map(|(name, value)| {
        // A name that is no text is none of ours; a value of ours that is none will not do.
        Some((name.into_string().ok()?, usage::shown(value)))
    });
    let environment = config::environment(variables).map_err(|no| complaint(no, None))?;
    let named = common.config.clone().or_else(|| std::env::var_os(NAMED).filter(|it| !it.is_empty()).map(Into::into));
    let must_be = named.is_some();
    let file = named.or_else(place);
    let read = file.as_deref().map(|path| read_file(path, must_be)).transpose()?.unwrap_or_default();
    Ok(Configuration { config: options.over(environment.over(read)), file })
}

/// What the options say.
fn options(common: &Common, reach: Option<&Reach>) -> Config {
    Config {
        theme: common.theme,
        color: common.colour.as_deref().and_then(config::Colour::named),
        ascii: common.ascii.then_some(true),
        mouse: common.no_mouse.then_some(false),
        linear: common.linear.then_some(true),
        width: common.width,
        timeout: common.timeout,
        seed: common.seed,
        helo: reach.and_then(|reach| reach.helo.clone()),
        resolver: reach.and_then(|reach| reach.resolver.clone()),
        rfc_timeouts: reach.and_then(|reach| reach.rfc_timeouts.then_some(true)),
        ..Config::default()
    }
}

/// The file in the XDG place, or the platform's own. `None` without a home directory.
fn place() -> Option<PathBuf> {
    let is_set = |name| std::env::var_os(name).is_some_and(|value: std::ffi::OsString| !value.is_empty());
    // Without HOME the user's entry in the password file would be taken; who unset it wants none.
    if cfg!(unix) && !is_set("HOME") && !is_set("XDG_CONFIG_HOME") {
        return None;
    }
    let folder = etcetera::choose_base_strategy().ok()?.config_dir();
    Some(folder.join(PLACE.iter().collect::<PathBuf>()))
}

/// Reads a file. One that was not named need not be there.
fn read_file(path: &Path, must_be: bool) -> Result<Config, Complaint> {
    let name = usage::shown(path);
    let is_missing = |error: &io::Error| matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
    let bytes = match files::read(path, FILE_LIMIT) {
        Err(error) if !must_be && is_missing(&error) => return Ok(Config::default()),
        read => read.map_err(|error| {
            let what = format!("Cannot read the configuration {name}: {error}.");
            Complaint::new("file/open", 2, what, "Give a TOML file, as: theme = \"mono\"")
        })?,
    };
    config::read(&bytes).map_err(|no| complaint(no, Some(&name)))
}

fn complaint(no: Refusal, file: Option<&str>) -> Complaint {
    let what = match (file, no.line) {
        (Some(file), Some(line)) => format!("{file}:{line}: {}", no.why),
        _ => no.why,
    };
    Complaint::new(no.id, 2, what, no.next)
}

impl Configuration {
    /// Everything in the lab follows from it.
    pub(super) fn seed(&self) -> u64 {
        self.config.seed.unwrap_or(1)
    }

    /// How long to wait.
    pub(super) fn timers(&self) -> Timers {
        match (self.config.timeout, self.config.rfc_timeouts) {
            (Some(wait), _) => Timers::each(wait),
            (None, Some(true)) => Timers::RFC,
            (None, _) => Timers::INTERACTIVE,
        }
    }

    /// What the application has from it.
    pub(super) fn settings(&self) -> Settings {
        let config = &self.config;
        let mut settings = Settings::default();
        settings.ascii = config.ascii.unwrap_or(settings.ascii) || !term::speaks_utf8();
        settings.mono_only = config.color.unwrap_or_default().forbids(term::forbids_colour());
        settings.theme = config.theme.unwrap_or(settings.theme);
        settings.own_theme = config.own_theme;
        settings.keymap.clone_from(&config.keymap);
        let hello = config.helo.clone().unwrap_or_else(own_name);
        settings.live_persona = Persona { hello, ..settings.live_persona };
        settings.resolver = config.resolver.clone().unwrap_or(settings.resolver);
        settings.mouse = config.mouse.unwrap_or(settings.mouse);
        settings
    }

    /// What to say at the beginning of things that are not as they might be taken to be.
    pub(super) fn notes(&self) -> Option<String> {
        let key_log = std::env::var_os("SSLKEYLOGFILE").is_some_and(|value| !value.is_empty());
        if self.file.is_none() {
            return Some("No home directory: running without settings. [file/no-home]".into());
        }
        key_log.then(|| "SSLKEYLOGFILE is set but ignored. Use --keylog to allow it. [env/keylog]".into())
    }
}

/// How this machine names itself to real servers: its full name, or an address literal.
fn own_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    config::hello(name.trim()).unwrap_or_else(|| "[127.0.0.1]".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Colour;
    use crate::config::settings::{Default as Given, SETTINGS};

    #[test]
    fn the_defaults_that_are_told_are_those_of_the_program() {
        let values = SETTINGS.iter().filter_map(|setting| match setting.default {
            Given::Value(value) => Some((config::variable(setting.name), value.to_owned())),
            Given::Words(..) => None,
        });
        let config = config::environment(values).expect("defaults");
        let program = Settings::default();
        assert_eq!((config.theme, config.ascii), (Some(program.theme), Some(program.ascii)));
        assert_eq!((config.mouse, config.resolver.clone()), (Some(program.mouse), Some(program.resolver)));
        assert_eq!((config.color, config.rfc_timeouts), (Some(Colour::default()), Some(false)));
        let none = Configuration { config: Config::default(), file: None };
        assert_eq!(config.seed, Some(none.seed()));
        assert_eq!(none.timers(), Timers::INTERACTIVE);
    }
}
