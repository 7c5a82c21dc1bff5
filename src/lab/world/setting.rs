//! The settings of a host: read from it, and set to other values while the lab runs.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::host::{GoesBy, Host};
use crate::ports::lab::setting::{OFF, Setting};

/// A value that a setting does not take.
#[derive(Debug, thiserror::Error)]
#[error("{} is set to {}", setting.name(), takes(*setting))]
pub struct NotSet {
    setting: Setting,
}

/// Which values a setting takes, in words.
fn takes(setting: Setting) -> String {
    let mut words: Vec<_> = setting.choices().iter().map(|(value, _)| *value).collect();
    if let Some(unit) = setting.unit() {
        words.retain(|word| *word == OFF);
        let number = format!("a number of {unit} from 1 to {}", setting.most());
        return words.into_iter().map(str::to_owned).chain([number]).collect::<Vec<_>>().join(" or ");
    }
    format!("one of: {}", words.join(", "))
}

/// Whether TLS comes first.
#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Tls {
    Optional,
    Required,
}

impl Host {
    /// What a setting is set to.
    pub(in crate::lab) fn setting(&self, setting: Setting) -> String {
        let number =
            |number: Option<u64>| number.filter(|it| *it > 0).map_or_else(|| OFF.to_owned(), |it| it.to_string());
        let (character, policy) = (&self.character, &self.policy);
        let limits = || {
            let mut config = crate::engine::server::config::Config::strict(&self.name);
            character.shape(&mut config);
            config.limits
        };
        match setting {
            Setting::Greylist => number(policy.greylist),
            Setting::Rate => number(policy.mails_a_minute.map(u64::from)),
            Setting::Tarpit => number(Some(policy.tarpit)),
            Setting::GreetsAfter => number(Some(character.greets_after)),
            Setting::Size => limits().message.to_string(),
            Setting::Recipients => limits().recipients.to_string(),
            Setting::Quota => number(policy.quota),
            Setting::Errors => limits().errors.to_string(),
            Setting::LineEnds => word(&character.line_ends),
            Setting::EarlyTalk => word(&character.early_talk),
            Setting::Tls => word(&if character.tls_required { Tls::Required } else { Tls::Optional }),
            Setting::Starttls => word(&character.starttls),
            Setting::GoesBy => match self.goes_by.as_slice() {
                [] => OFF.to_owned(),
                [GoesBy::Dane] => "dane".to_owned(),
                [GoesBy::MtaSts] => "mta-sts".to_owned(),
                _ => "both".to_owned(),
            },
            Setting::Style => character.style.clone().unwrap_or_else(|| OWN.to_owned()),
        }
    }

    /// Sets it to a value.
    pub(in crate::lab) fn set(&mut self, setting: Setting, value: &str) -> Result<(), NotSet> {
        let no = || NotSet { setting };
        let number = || value.parse::<u64>().ok().filter(|it| (1..=setting.most()).contains(it)).ok_or_else(no);
        let small = || number().and_then(|it| u32::try_from(it).map_err(|_| no()));
        let or_off = || if value == OFF { Ok(None) } else { number().map(Some) };
        let (character, policy) = (&mut self.character, &mut self.policy);
        match setting {
            Setting::Greylist => policy.greylist = or_off()?,
            Setting::Rate => policy.mails_a_minute = if value == OFF { None } else { Some(small()?) },
            Setting::Tarpit => policy.tarpit = or_off()?.unwrap_or_default(),
            Setting::GreetsAfter => character.greets_after = or_off()?.unwrap_or_default(),
            Setting::Size => character.message = Some(number()?),
            Setting::Recipients => character.recipients = Some(usize::try_from(number()?).map_err(|_| no())?),
            Setting::Quota => policy.quota = or_off()?,
            Setting::Errors => character.errors = Some(small()?),
            Setting::LineEnds => character.line_ends = read(value).ok_or_else(no)?,
            Setting::EarlyTalk => character.early_talk = read(value).ok_or_else(no)?,
            Setting::Tls => character.tls_required = matches!(read(value).ok_or_else(no)?, Tls::Required),
            Setting::Starttls => character.starttls = read(value).ok_or_else(no)?,
            Setting::GoesBy => {
                self.goes_by = match value {
                    OFF => Vec::new(),
                    "both" => vec![GoesBy::Dane, GoesBy::MtaSts],
                    one => vec![read(one).ok_or_else(no)?],
                }
            }
            Setting::Style => {
                let known = setting.choices().iter().any(|(name, _)| *name == value);
                let style = known.then(|| value.to_owned()).ok_or_else(no)?;
                character.style = Some(style).filter(|style| style != OWN);
            }
        }
        Ok(())
    }
}

/// The style of a host without one.
const OWN: &str = "own";

/// The name of a value in data.
fn word<T: Serialize>(value: &T) -> String {
    toml::Value::try_from(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The value that has this name in data.
fn read<T: DeserializeOwned>(name: &str) -> Option<T> {
    toml::Value::from(name).try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::super::World;
    use super::*;

    #[test]
    fn every_choice_can_be_set_and_is_read_back_and_nothing_else_is_taken() {
        let world = World::load().unwrap();
        let mut host = world.host[0].clone();
        for setting in Setting::ALL {
            for (value, _) in setting.choices() {
                host.set(*setting, value).unwrap();
                assert_eq!(host.setting(*setting), *value, "{}", setting.name());
            }
            let too_much = (setting.most() + 1).to_string();
            for bad in ["", "-1", "nonsense", too_much.as_str()] {
                let why = host.set(*setting, bad).unwrap_err().to_string();
                assert!(why.contains(setting.name()), "{why}");
            }
        }
    }

    #[test]
    fn what_a_host_is_set_to_by_itself_is_a_value_that_it_takes() {
        for host in &World::load().unwrap().host {
            for setting in Setting::ALL {
                host.clone().set(*setting, &host.setting(*setting)).unwrap();
            }
        }
    }
}
