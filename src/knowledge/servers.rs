//! Well-known servers (`servers.toml`): how their greetings, EHLO lines, replies and host names look.
//!
//! They say what a server looks like; never what it *is*.

pub mod fingerprint;

use std::sync::LazyLock;

use serde::Deserialize;

use super::table::{Meta, load};

static TABLE: LazyLock<Table> = LazyLock::new(|| load(include_str!("../../assets/knowledge/servers.toml")));

/// The table of servers.
pub fn table() -> &'static Table {
    &TABLE
}

/// All that `servers.toml` holds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Source and counts.
    pub meta: Meta,
    /// The servers, from special to general.
    pub server: Vec<Server>,
}

/// A server program or service.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Its name in the table.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `open source MTA`, `hosted service`, …
    pub kind: String,
    /// `sure`, `likely` or `weak`.
    pub confidence: String,
    /// Pieces of which one stands in every such greeting, in lower case; empty if there is none.
    #[serde(default)]
    pub hint: Vec<String>,
    /// Expressions of its greeting, behind the code.
    #[serde(default)]
    pub banner: Vec<String>,
    /// Expressions of its EHLO lines.
    #[serde(default)]
    pub ehlo: Vec<String>,
    /// Expressions of its replies.
    #[serde(default)]
    pub reply: Vec<String>,
    /// Expressions of its host names, in lower case.
    #[serde(default)]
    pub host: Vec<String>,
    /// A greeting.
    #[serde(default)]
    pub example: String,
    /// A remark.
    #[serde(default)]
    pub note: String,
    /// Who says so.
    pub source: String,
}

/// The server with this name in the table.
pub fn server(id: &str) -> Option<&'static Server> {
    table().server.iter().find(|server| server.id == id)
}
