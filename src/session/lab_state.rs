//! What is known of the lab itself: who lives there, and what is different from the way its world describes it.

use crate::ports::lab::change::{Cast, Change, Scene};

/// The lab as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabState {
    /// Who lives there and what can be different, once the lab stands.
    pub cast: Option<Cast>,
    /// What is different, in the order in which it came about.
    pub changes: Vec<Change>,
}

impl LabState {
    /// What is different about a host, and about the names of its domains.
    pub fn of<'a>(&'a self, host: &'a str) -> impl Iterator<Item = &'a Change> {
        let member = self.cast.iter().flat_map(|cast| &cast.hosts).find(move |member| member.host == host);
        let domains = member.map_or(&[][..], |member| &member.domains);
        let sites = member.map_or(&[][..], |member| &member.sites);
        self.changes.iter().filter(move |change| match change {
            Change::Names(spot) => domains.contains(&spot.at),
            Change::Site { host: site, .. } => sites.contains(site),
            Change::Record { .. } => false,
            change => change.place() == host,
        })
    }

    /// The scene that the lab is set up for: what it wants is different, and nothing else is.
    pub fn scene(&self) -> Option<&Scene> {
        let is_set = |scene: &&Scene| {
            scene.changes.len() == self.changes.len() && scene.changes.iter().all(|it| self.changes.contains(it))
        };
        self.cast.as_ref()?.scenes.iter().find(is_set)
    }
}
