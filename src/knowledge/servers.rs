//! Well-known servers and the texts of their replies (`providers.toml`).
//!
//! The greeting, the EHLO lines, the reply texts and the host name say what a server looks like; never what it *is*.
//! Its messages are then looked up before the registry, because big providers give registered codes a meaning of
//! their own. The expressions are compiled at the first refusal, or ahead of it by [`warm`], never on the start path.

use std::sync::LazyLock;

use regex::bytes::{Regex, RegexSet, RegexSetBuilder};
use serde::Deserialize;

use super::table::{Meta, load};

static TABLE: LazyLock<Table> = LazyLock::new(|| load(include_str!("../../assets/knowledge/providers.toml")));

/// The table of servers and their messages.
pub fn table() -> &'static Table {
    &TABLE
}

/// All that `providers.toml` holds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Source, counts and how to match.
    pub meta: Meta,
    /// Who must act.
    pub who: Vec<Named>,
    /// What kind of trouble.
    pub category: Vec<Named>,
    /// The servers, from special to general.
    pub server: Vec<Server>,
    /// Their messages.
    pub message: Vec<Message>,
}

/// A name with its meaning.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// The name.
    pub id: String,
    /// What it means.
    pub meaning: String,
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

/// A reply text of a well-known server.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Its name in the table.
    pub id: String,
    /// The server that says it, or `any`.
    pub server: String,
    /// True if the text itself names the server, so that it counts in bounces and behind relays too.
    #[serde(default)]
    pub distinct: bool,
    /// The expression of the normalised text.
    #[serde(rename = "match")]
    pub pattern: String,
    /// The reply codes it comes with; empty for all.
    #[serde(default)]
    pub codes: Vec<u16>,
    /// The enhanced codes it comes with; `""` for none, `5.1.1-5.1.9` for a range; empty for all.
    #[serde(default)]
    pub enhanced: Vec<String>,
    /// What kind of trouble.
    pub category: String,
    /// Who must act.
    pub who: String,
    /// A note of at most 60 cells.
    pub gloss: String,
    /// What it means.
    pub meaning: String,
    /// What to do.
    pub next: String,
    /// Who says so.
    pub source: String,
}

/// The server with this name in the table.
pub fn server(id: &str) -> Option<&'static Server> {
    table().server.iter().find(|server| server.id == id)
}

/// Which field of a server an expression comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Habit {
    Banner,
    Ehlo,
    Reply,
    Host,
}

/// The expressions of one habit, each with the place of its server.
struct Habits {
    set: RegexSet,
    servers: Vec<usize>,
}

impl Habits {
    fn new(habit: Habit) -> Self {
        let list = |server: &'static Server| match habit {
            Habit::Banner => &server.banner,
            Habit::Ehlo => &server.ehlo,
            Habit::Reply => &server.reply,
            Habit::Host => &server.host,
        };
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

static BANNERS: LazyLock<Habits> = LazyLock::new(|| Habits::new(Habit::Banner));
static EHLO_LINES: LazyLock<Habits> = LazyLock::new(|| Habits::new(Habit::Ehlo));
static REPLIES: LazyLock<Habits> = LazyLock::new(|| Habits::new(Habit::Reply));
static HOSTS: LazyLock<Habits> = LazyLock::new(|| Habits::new(Habit::Host));
static MESSAGES: LazyLock<RegexSet> =
    LazyLock::new(|| compile(table().message.iter().map(|message| message.pattern.as_str())));

/// One automaton for many expressions, over bytes: the texts come from the network and need not be UTF-8.
fn compile<I: IntoIterator<Item = S>, S: AsRef<str>>(expressions: I) -> RegexSet {
    let mut builder = RegexSetBuilder::new(expressions);
    builder.unicode(false).size_limit(64 << 20).dfa_size_limit(16 << 20);
    builder.build().unwrap_or_else(|_| RegexSet::empty())
}

/// Compiles the expressions of messages and fingerprints (some 40 ms), so that the first refusal on a screen does not
/// wait for it. Call it from a background thread, after the first frame.
pub fn warm() {
    for habits in [&BANNERS, &EHLO_LINES, &HOSTS, &REPLIES] {
        habits.first(b"");
    }
    MESSAGES.is_match(b"");
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
    let greeting = traits.greeting.iter().find_map(|text| BANNERS.first(text));
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
        let found = Regex::new(text).ok()?.captures(greeting)?.name("version")?;
        Some(String::from_utf8_lossy(found.as_bytes()).into_owned())
    })
}

/// A reply as messages are matched: the code, the enhanced code, and the text without either, lines joined by a space.
#[derive(Debug, Clone, Default)]
pub struct Normal {
    /// The reply code.
    pub code: u16,
    /// The enhanced code as written, empty if there is none.
    pub enhanced: String,
    /// The text.
    pub text: Vec<u8>,
}

/// The message that a refusal is, in the order of the table's look-up rule: messages of the recognised server, then
/// those that name their server themselves, then those of any server. Replies of success have none.
pub fn message(reply: &Normal, server: Option<&Server>) -> Option<&'static Message> {
    if reply.code < 400 {
        return None;
    }
    let hits = MESSAGES.matches(&reply.text);
    let all = || hits.iter().filter_map(|index| table().message.get(index)).filter(|message| fits(message, reply));
    let own = |message: &&Message| server.is_some_and(|server| server.id == message.server);
    let rank = |message: &&'static Message| match message {
        message if own(message) => 0,
        message if message.distinct => 1,
        message if message.server == "any" => 2,
        _ => 3,
    };
    all().filter(|message| rank(message) < 3).min_by_key(rank)
}

/// Whether code and enhanced code are among those the message comes with.
fn fits(message: &Message, reply: &Normal) -> bool {
    let code = message.codes.is_empty() || message.codes.contains(&reply.code);
    let enhanced = message.enhanced.is_empty() || message.enhanced.iter().any(|form| covers(form, &reply.enhanced));
    code && enhanced
}

/// Whether `form` (one code, `""`, or a range as `5.7.500-5.7.699`) covers `enhanced`.
fn covers(form: &str, enhanced: &str) -> bool {
    if form == enhanced {
        return true;
    }
    let Some((low, high)) = form.split_once('-') else { return false };
    let (Some(low), Some(high), Some(at)) = (triple(low), triple(high), triple(enhanced)) else { return false };
    low <= at && at <= high
}

fn triple(text: &str) -> Option<(u16, u16, u16)> {
    let mut parts = text.splitn(3, '.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}
