//! Styles of replies: the shape that the replies of well-known servers have, in words of our own.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::engine::server::config::{Config, Extension};
use crate::engine::server::reply::Reply;
use crate::engine::server::saying::Saying;

/// A style.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Style {
    /// Its name, as the data of a host has it.
    pub name: String,
    /// True if its server has no enhanced status codes.
    #[serde(default)]
    plain: bool,
    /// What the desk says: whole replies, in which `{to}` `{domain}` `{id}` `{seconds}` are what they are about.
    says: BTreeMap<Topic, String>,
    /// Words for what the engine says.
    words: BTreeMap<String, String>,
}

/// Something the desk says that each server says in its own way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// There is no such mailbox.
    NoUser,
    /// Mail for this domain is not taken.
    NoRelay,
    /// Client, sender and recipient are not known together.
    Greylisted,
    /// The letter is taken.
    Queued,
}

/// What a reply is about.
#[derive(Debug, Clone, Copy, Default)]
pub struct About<'a> {
    /// The recipient.
    pub to: &'a str,
    /// The recipient's domain.
    pub domain: &'a str,
    /// The id of the letter.
    pub id: &'a str,
    /// How long to wait.
    pub seconds: u64,
}

impl Style {
    /// What it says on a topic; nothing if it has no words of its own there.
    pub fn says(&self, topic: Topic, about: &About<'_>) -> Option<Reply> {
        let text = self.says.get(&topic)?;
        let text = text.replace("{to}", about.to).replace("{domain}", about.domain).replace("{id}", about.id);
        let text = text.replace("{seconds}", &about.seconds.to_string());
        let mut lines = text.lines();
        let first = Reply::read(lines.next()?)?;
        Some(lines.fold(first, Reply::and))
    }

    /// Gives an engine its words.
    pub(super) fn shape(&self, config: &mut Config) {
        config.words.extend(self.words.iter().filter_map(|(id, words)| Some((Saying::from_id(id)?, words.clone()))));
        if self.plain {
            let stays = |offer: &Extension| *offer != Extension::EnhancedStatusCodes;
            config.offers.retain(stays);
            config.offers_in_tls.retain(stays);
        }
    }

    /// What is wrong with it.
    pub(super) fn mistake(&self) -> Option<String> {
        let unknown = self.words.keys().find(|id| Saying::from_id(id).is_none());
        let unread = self.says.values().find(|text| text.lines().next().and_then(Reply::read).is_none());
        let unknown = unknown.map(|id| format!("there is nothing said called {id:?}"));
        unknown.or_else(|| unread.map(|text| format!("{text:?} is no reply")))
    }
}
