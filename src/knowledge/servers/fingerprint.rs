//! What a server looks like: its greeting, the lines of its EHLO answer, the habits of its replies, its host name.

use std::sync::{LazyLock, OnceLock};

use regex::bytes::{Regex, RegexBuilder, RegexSet};

use super::{Server, table};
use crate::knowledge::table::compile;

/// The greetings of one server, compiled when a greeting holds one of its hints: the first greeting of a session comes
/// before the first frame, and must not wait for the expressions of eighty servers.
struct Banners {
    server: &'static Server,
    compiled: OnceLock<Vec<Regex>>,
}

impl Banners {
    /// Whether `text`, in lower case `lower`, is a greeting of the server.
    fn fit(&self, text: &[u8], lower: &[u8]) -> bool {
        let hinted = |hint: &String| memchr::memmem::find(lower, hint.as_bytes()).is_some();
        if !self.server.hint.is_empty() && !self.server.hint.iter().any(hinted) {
            return false;
        }
        let compiled =
            self.compiled.get_or_init(|| self.server.banner.iter().filter_map(|text| expression(text)).collect());
        compiled.iter().any(|regex| regex.is_match(text))
    }
}

/// One expression over bytes.
fn expression(text: &str) -> Option<Regex> {
    RegexBuilder::new(text).unicode(false).build().ok()
}

static BANNERS: LazyLock<Vec<Banners>> = LazyLock::new(|| {
    let greets = table().server.iter().filter(|server| !server.banner.is_empty());
    greets.map(|server| Banners { server, compiled: OnceLock::new() }).collect()
});

/// The first server in the table whose greeting `text` is.
fn greeting(text: &[u8]) -> Option<&'static Server> {
    let lower = text.to_ascii_lowercase();
    BANNERS.iter().find(|banners| banners.fit(text, &lower)).map(|banners| banners.server)
}

/// The expressions of one habit, each with the place of its server.
struct Habits {
    set: RegexSet,
    servers: Vec<usize>,
}

impl Habits {
    fn new(list: fn(&'static Server) -> &'static Vec<String>) -> Self {
        let pairs =
            table().server.iter().enumerate().flat_map(|(at, server)| list(server).iter().map(move |e| (at, e)));
        let (servers, expressions): (Vec<usize>, Vec<&String>) = pairs.unzip();
        Self { set: compile(expressions), servers }
    }

    /// The first server in the table that the text fits.
    fn first(&self, text: &[u8]) -> Option<&'static Server> {
        let hit = self.set.matches(text).iter().filter_map(|index| self.servers.get(index)).min()?;
        table().server.get(*hit)
    }
}

static EHLO_LINES: LazyLock<Habits> = LazyLock::new(|| Habits::new(|server| &server.ehlo));
static REPLIES: LazyLock<Habits> = LazyLock::new(|| Habits::new(|server| &server.reply));
static HOSTS: LazyLock<Habits> = LazyLock::new(|| Habits::new(|server| &server.host));

/// Compiles the expressions ahead of their first use.
pub(in crate::knowledge) fn warm() {
    for habits in [&EHLO_LINES, &HOSTS, &REPLIES] {
        habits.first(b"");
    }
}

/// What a server showed of itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Traits<'a> {
    /// The text of the greeting, behind code and separator; every line.
    pub greeting: &'a [&'a [u8]],
    /// The lines of the EHLO answer, behind code and separator.
    pub ehlo: &'a [&'a [u8]],
    /// A reply to another command, normalised.
    pub reply: Option<&'a [u8]>,
    /// The host name that was connected, in lower case.
    pub host: &'a str,
}

/// What a server looks like, and how sure that is: greeting first, then EHLO lines, reply habits and host name.
///
/// The entries for servers that hide their names (`generic`) only count if nothing else fits.
pub fn fingerprint(traits: &Traits<'_>) -> Option<&'static Server> {
    let greeting = traits.greeting.iter().find_map(|text| greeting(text));
    let named = |server: &&'static Server| server.confidence != "weak";
    greeting
        .filter(named)
        .or_else(|| traits.ehlo.iter().find_map(|line| EHLO_LINES.first(line)))
        .or_else(|| traits.reply.and_then(|text| REPLIES.first(text)))
        .or_else(|| HOSTS.first(traits.host.as_bytes()))
        .or(greeting)
}

/// The version that a server's greeting names, if it does.
pub fn version(server: &'static Server, greeting: &[u8]) -> Option<String> {
    server.banner.iter().find_map(|text| {
        let found = expression(text)?.captures(greeting)?.name("version")?;
        Some(crate::safe::screen(found.as_bytes()).to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expression_compiles_and_none_is_lost() {
        let count =
            |list: fn(&Server) -> &Vec<String>| table().server.iter().map(|server| list(server).len()).sum::<usize>();
        for server in &table().server {
            for text in [&server.banner, &server.ehlo, &server.reply, &server.host].into_iter().flatten() {
                assert!(expression(text).is_some(), "{}: {text}", server.id);
            }
        }
        assert_eq!(EHLO_LINES.set.len(), count(|server| &server.ehlo));
        assert_eq!(REPLIES.set.len(), count(|server| &server.reply));
        assert_eq!(HOSTS.set.len(), count(|server| &server.host));
    }

    #[test]
    fn the_table_parses() {
        assert_eq!(table().server.len(), 80);
    }

    #[test]
    fn every_example_greeting_names_its_own_server() {
        for server in table().server.iter().filter(|server| !server.banner.is_empty()) {
            let greeting = [server.example.as_bytes()];
            let found = fingerprint(&Traits { greeting: &greeting, ..Traits::default() });
            assert_eq!(found.map(|found| found.id.as_str()), Some(server.id.as_str()), "{}", server.example);
        }
    }

    #[test]
    fn the_greeting_wins_over_ehlo_and_host_but_not_if_it_hides_the_name() {
        let exim = [&b"mail.example.org ESMTP Exim 4.98 Sat, 22 Aug 2026 10:00:00 +0000"[..]];
        let hidden = [&b"mail.example.org ESMTP"[..]];
        let ehlo = [&b"mail.example.org"[..], b"PRDR"];
        let of = |greeting, ehlo, host| {
            fingerprint(&Traits { greeting, ehlo, host, reply: None }).map(|server| server.id.as_str())
        };
        assert_eq!(of(&exim, &[], "aspmx.l.google.com"), Some("exim"));
        assert_eq!(of(&hidden, &ehlo, ""), Some("exim"));
        assert_eq!(of(&hidden, &[], "aspmx.l.google.com"), Some("gmail"));
        assert_eq!(of(&hidden, &[], "mx.example.org"), Some("generic"));
        assert_eq!(of(&[], &[], ""), None);
    }

    #[test]
    fn versions_are_read_from_the_greeting() {
        let exim = super::super::server("exim").unwrap();
        assert_eq!(version(exim, b"mail.example.org ESMTP Exim 4.98 Sat").as_deref(), Some("4.98"));
    }
}
