//! The hosts as they are now: as the world describes them, with what was set while the lab runs.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::world::{Host, NotSet, World};
use crate::ports::lab::change::Change;

/// The hosts, each shared by all its sessions: a session that has begun goes on with what it began with.
#[derive(Debug)]
pub(super) struct Settings {
    now: RwLock<HashMap<String, Arc<Host>>>,
}

impl Settings {
    /// The hosts as the world describes them.
    pub(super) fn new(world: &World) -> Self {
        let host = |host: &Host| (host.name.clone(), Arc::new(host.clone()));
        Self { now: RwLock::new(world.host.iter().map(host).collect()) }
    }

    /// A host as it is now.
    pub(super) fn of(&self, host: &Host) -> Arc<Host> {
        let now = self.now.read().unwrap_or_else(PoisonError::into_inner);
        now.get(&host.name).cloned().unwrap_or_else(|| Arc::new(host.clone()))
    }

    /// A host is from now on as the world describes it but for these changes.
    pub(super) fn apply<'a>(&self, host: &Host, changes: impl Iterator<Item = &'a Change>) -> Result<(), NotSet> {
        let mut now = host.clone();
        for change in changes {
            if let Change::Setting { host: name, name: setting, value } = change
                && *name == host.name
            {
                now.set(*setting, value)?;
            }
        }
        let mut all = self.now.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(host.name.clone(), Arc::new(now));
        Ok(())
    }
}
