//! What is different in the lab now, and the scenes that it can be set up for. It can all be taken back.

use std::sync::{Mutex, PoisonError};

use serde::Deserialize;

use crate::ports::lab::change::{Cast, Change, Member, Scene};
use crate::ports::lab::setting::Setting;

use super::authority::NotCertified;
use super::nameserver::fault::NoName;
use super::world::{Host, NotSet, World};
use super::zones::NoRecord;
use super::{Inner, Lab};

/// Why something cannot be different.
#[derive(Debug, thiserror::Error)]
pub enum NotChanged {
    /// Nobody is called that.
    #[error("no host of the lab is called {0}")]
    Host(String),
    /// There is no such fault.
    #[error("no fault of the lab is called {0}")]
    Fault(String),
    /// There is no such scene.
    #[error("no scene of the lab is called {0}")]
    Scene(String),
    /// The certificate could not be made.
    #[error(transparent)]
    Certificate(#[from] NotCertified),
    /// The name is none.
    #[error(transparent)]
    Name(#[from] NoName),
    /// The setting does not take this value.
    #[error(transparent)]
    Setting(#[from] NotSet),
    /// The record is none.
    #[error(transparent)]
    Record(#[from] NoRecord),
    /// The lab has no name server.
    #[error("the lab's name server does not run")]
    Dns,
}

/// What is different.
#[derive(Debug, Default)]
pub(super) struct Changes {
    now: Mutex<Vec<Change>>,
}

/// The scenes that the program carries.
pub fn scenes() -> Result<Vec<Scene>, toml::de::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Scenes {
        scene: Vec<Scene>,
    }
    toml::from_str::<Scenes>(include_str!("../../assets/lab/scenes.toml")).map(|scenes| scenes.scene)
}

/// Who lives in a world, and what can be different there.
pub(super) fn cast(world: &World, scenes: &[Scene]) -> Cast {
    let member = |host: &Host| {
        let of_host = |name: &&String| name.strip_prefix("mta-sts.").is_some_and(|domain| host.holds(domain));
        let sites = world.site.iter().map(|site| &site.name).filter(of_host).cloned().collect();
        let settings = Setting::ALL.iter().map(|setting| (*setting, host.setting(*setting))).collect();
        Member { host: host.name.clone(), about: host.about.clone(), domains: host.domains.clone(), sites, settings }
    };
    Cast {
        hosts: world.host.iter().map(member).collect(),
        faults: world.fault.iter().map(|fault| (fault.name.clone(), fault.about.clone())).collect(),
        scenes: scenes.to_vec(),
        users: world.user.iter().map(|user| (user.name.clone(), user.password.clone())).collect(),
    }
}

impl Lab {
    /// Who lives in it and what can be different.
    pub fn cast(&self) -> Cast {
        cast(&self.inner.world, &self.inner.scenes)
    }

    /// What is different now, in the order in which it came about.
    pub fn changes(&self) -> Vec<Change> {
        self.inner.changes.now.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets something be different from the next connection or question on, in the place of what it excludes.
    pub fn change(&self, change: &Change) -> Result<(), NotChanged> {
        let mut now = self.inner.changes.now.lock().unwrap_or_else(PoisonError::into_inner);
        if now.contains(change) {
            return Ok(());
        }
        self.turn(change, true)?;
        now.retain(|other| !change.excludes(other));
        now.push(change.clone());
        self.settle(change, &now)
    }

    /// Lets it be as it was. What is not different stays as it is.
    pub fn undo(&self, change: &Change) -> Result<(), NotChanged> {
        let mut now = self.inner.changes.now.lock().unwrap_or_else(PoisonError::into_inner);
        if now.contains(change) {
            self.turn(change, false)?;
            now.retain(|other| other != change);
            self.settle(change, &now)?;
        }
        Ok(())
    }

    /// Sets the host of a change to what holds now, if a setting was changed.
    fn settle(&self, change: &Change, now: &[Change]) -> Result<(), NotChanged> {
        let Change::Setting { host, .. } = change else { return Ok(()) };
        Ok(self.inner.settings.apply(self.host(host)?, now.iter())?)
    }

    fn host(&self, name: &str) -> Result<&Host, NotChanged> {
        let known = self.inner.world.host.iter().find(|host| host.name == name);
        known.ok_or_else(|| NotChanged::Host(name.to_owned()))
    }

    /// Lets everything be as it was, and servers forget whom they have seen. Letters stay where they are, and time does
    /// not go back.
    pub fn reset(&self) -> Result<(), NotChanged> {
        for change in self.changes() {
            self.undo(&change)?;
        }
        self.inner.memory.forget();
        self.inner.policies.forget();
        Ok(())
    }

    /// Sets everything up for a scene, whatever was different before.
    pub fn set_scene(&self, name: &str) -> Result<(), NotChanged> {
        let known = self.inner.scenes.iter().find(|scene| scene.name == name);
        let scene = known.ok_or_else(|| NotChanged::Scene(name.to_owned()))?;
        self.reset()?;
        scene.changes.iter().try_for_each(|change| self.change(change))
    }

    /// Makes something different, or as it was.
    fn turn(&self, change: &Change, on: bool) -> Result<(), NotChanged> {
        let Inner { world, links, identities, memory, .. } = &*self.inner;
        let site = |name: &str| world.site.iter().find(|site| site.name == name);
        let host = |name: &str| self.host(name);
        let names = || self.nameserver.as_ref().map_err(|_| NotChanged::Dns);
        match change {
            Change::Way { host: name, loss } => {
                let addresses = match site(name) {
                    Some(site) => &site.addresses,
                    None => &host(name)?.addresses,
                };
                for address in addresses {
                    links.lose(*address, on.then_some(*loss));
                }
            }
            Change::Certificate { host: name, doubt } => {
                identities.show(name, on.then_some(*doubt))?;
            }
            Change::Fault { host: name, name: fault } => {
                world.fault(fault).ok_or_else(|| NotChanged::Fault(fault.clone()))?;
                memory.switch(&host(name)?.name, fault, on);
            }
            // What holds in the end is settled with all that is different.
            Change::Setting { host: name, name: setting, value } => host(name)?.clone().set(*setting, value)?,
            Change::Site { host: name, gives } => {
                let given = self.hosts().give(name, on.then_some(*gives));
                given.then_some(()).ok_or_else(|| NotChanged::Host(name.clone()))?;
            }
            Change::Names(spot) if on => names()?.faults.switch_on(spot)?,
            Change::Names(spot) => names()?.faults.switch_off(&spot.at)?,
            Change::Record { line } if on => names()?.added.add(line)?,
            Change::Record { line } => names()?.added.remove(line)?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::ports::lab::change::{Doubt, Gift, Loss, NameFault};

    #[test]
    fn every_scene_is_of_this_world() {
        let (world, scenes) = (World::load().unwrap(), scenes().unwrap());
        let names: BTreeSet<_> = scenes.iter().map(|scene| &scene.name).collect();
        assert_eq!(names.len(), scenes.len());
        for scene in &scenes {
            assert!(scene.about.ends_with('.') && !scene.changes.is_empty(), "{}", scene.name);
            let first = scene.about.split(". ").next().unwrap();
            assert!(first.chars().count() <= 57 && scene.name.len() <= 12, "{} has no place in a list", scene.name);
            for change in &scene.changes {
                if !matches!(change, Change::Names(_) | Change::Record { .. }) {
                    let host = change.place();
                    assert!(world.certified().any(|known| known == host), "{}: {host}", scene.name);
                }
                if let Change::Fault { name, .. } = change {
                    assert!(world.fault(name).is_some(), "{}: {name}", scene.name);
                }
            }
        }
    }

    #[test]
    fn everything_that_can_be_chosen_has_words() {
        let world = World::load().unwrap();
        let cast = cast(&world, &[]);
        assert!(cast.hosts.iter().all(|host| !host.about.is_empty()));
        for (name, about) in &cast.faults {
            assert!(!about.is_empty() && about.len() <= 52, "{name}: {about}");
        }
    }

    #[test]
    fn names_are_those_of_the_data() {
        #[derive(Deserialize)]
        struct Row<T> {
            value: T,
        }
        fn read<T: for<'de> Deserialize<'de>>(name: &str) -> T {
            toml::from_str::<Row<T>>(&format!("value = \"{name}\"")).unwrap().value
        }
        assert!(Loss::ALL.iter().all(|it| read::<Loss>(it.name()) == *it));
        assert!(Doubt::ALL.iter().all(|it| read::<Doubt>(it.name()) == *it));
        assert!(NameFault::ALL.iter().all(|it| read::<NameFault>(it.name()) == *it));
        assert!(Gift::ALL.iter().all(|it| read::<Gift>(it.name()) == *it));
        assert!(Setting::ALL.iter().all(|it| read::<Setting>(it.name()) == *it));
        assert_eq!((Loss::ALL.len(), Doubt::ALL.len(), NameFault::ALL.len()), (4, 7, 7));
    }
}
