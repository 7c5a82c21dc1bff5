//! Checks: what has to have happened, as a small total language over events, without loops.
//!
//! ```abnf
//! check  = all *( "or" all )
//! all    = part *( "and" part )
//! part   = "not" part / "(" check ")" / number / order
//! number = "count(" event ")" op n / "distinct(" event "." field ")" op n
//!        / "within(" event "," event ")" op time / event "." field op event "." field
//! order  = event *( "then" event [ "anywhere" ] )    ; later, in the same session unless it says anywhere
//! event  = kind [ "[" *condition "]" ]
//! condition = field op value                         ; op: = != ~ < <= > >= in
//! ```

mod print;
mod read;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::time::Duration;

use regex::Regex;

use crate::events::{Event, Field};

/// What has to have happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Check {
    /// One of these.
    Any(Vec<Check>),
    /// All of these.
    All(Vec<Check>),
    /// Not this.
    Not(Box<Check>),
    /// One after the other; true with those that may be of any session.
    Order(Vec<(Kind, bool)>),
    /// So many of them.
    Count(Kind, Op, u64),
    /// So many different values of a field.
    Distinct(Kind, String, Op, u64),
    /// So much time at least once from one to a later other.
    Within(Kind, Kind, Op, Duration),
    /// A field of the last of these against one of the last of those.
    Against(Kind, String, Op, Kind, String),
}

/// A kind of event, with what has to be true of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Kind {
    /// Its word.
    pub word: String,
    /// What its fields have to be.
    pub conditions: Vec<Condition>,
}

/// What a field has to be.
#[derive(Debug, Clone)]
pub struct Condition {
    field: String,
    op: Op,
    /// One value, or those of `in`.
    values: Vec<String>,
    /// The pattern of `~`.
    pattern: Option<Regex>,
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        (&self.field, self.op, &self.values) == (&other.field, other.op, &other.values)
    }
}

/// Why a text is no check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoCheck {
    /// What was expected.
    pub wanted: String,
    /// What came.
    pub got: String,
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `=`
    Equal,
    /// `!=`
    Unequal,
    /// `~`, with a pattern.
    Matches,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
    /// `in`, with a list.
    In,
}

impl Op {
    /// True if the order of two values is what it asks for.
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal | Self::In | Self::Matches => order.is_eq(),
            Self::Unequal => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::More => order.is_gt(),
            Self::AtLeast => order.is_ge(),
        }
    }
}

impl Check {
    /// True if it is what these events tell, in the order in which they happened.
    pub fn holds(&self, events: &[Event]) -> bool {
        match self {
            Self::Any(checks) => checks.iter().any(|check| check.holds(events)),
            Self::All(checks) => checks.iter().all(|check| check.holds(events)),
            Self::Not(check) => !check.holds(events),
            Self::Order(order) => happened(order, events),
            Self::Count(kind, op, number) => op.holds(kind.among(events).count().cmp(&size(*number))),
            Self::Distinct(kind, field, op, number) => {
                let mut values: Vec<Field> = Vec::new();
                for value in kind.among(events).filter_map(|event| event.field(field)) {
                    if !values.contains(&value) {
                        values.push(value);
                    }
                }
                op.holds(values.len().cmp(&size(*number)))
            }
            Self::Within(first, second, op, time) => gaps(first, second, events).any(|gap| op.holds(gap.cmp(time))),
            Self::Against(one, field, op, other, its) => {
                let last = |kind: &Kind, field: &str| kind.among(events).last().and_then(|event| event.field(field));
                let (Some(one), Some(other)) = (last(one, field), last(other, its)) else { return false };
                compare(&one, &text(&other)).is_some_and(|order| op.holds(order))
            }
        }
    }
}

impl Kind {
    /// Those of the events that are it.
    fn among<'e>(&self, events: &'e [Event]) -> impl Iterator<Item = &'e Event> {
        events.iter().filter(|event| self.is(event))
    }

    fn is(&self, event: &Event) -> bool {
        event.what.kind() == self.word && self.conditions.iter().all(|condition| condition.fits(event))
    }
}

impl Condition {
    fn fits(&self, event: &Event) -> bool {
        match event.field(&self.field) {
            // A list fits if one of its values does; it is unequal if none is equal.
            Some(Field::List(values)) if self.op == Op::Unequal => values.iter().all(|value| self.fits_one(value)),
            Some(Field::List(values)) => values.iter().any(|value| self.fits_one(value)),
            Some(value) => self.fits_one(&value),
            None => self.op == Op::Unequal,
        }
    }

    fn fits_one(&self, value: &Field) -> bool {
        match &self.pattern {
            Some(pattern) => pattern.is_match(&text(value)),
            None => self.values.iter().any(|wanted| compare(value, wanted).is_some_and(|order| self.op.holds(order))),
        }
    }
}

/// True if the events of one session tell of these in this order. What belongs to no session belongs to each.
fn happened(order: &[(Kind, bool)], events: &[Event]) -> bool {
    let mut sessions: Vec<Option<u32>> = events.iter().map(|event| event.session).collect();
    sessions.sort_unstable();
    sessions.dedup();
    sessions.into_iter().any(|session| {
        let mut rest = events.iter();
        order.iter().all(|(kind, anywhere)| {
            let here = |event: &&Event| *anywhere || event.session.is_none_or(|its| Some(its) == session);
            rest.by_ref().filter(here).any(|event| kind.is(event))
        })
    })
}

/// The time from each of the first to the next of the second behind it.
fn gaps(first: &Kind, second: &Kind, events: &[Event]) -> impl Iterator<Item = Duration> {
    let begins = events.iter().enumerate().filter(|(_, event)| first.is(event));
    begins.filter_map(|(at, begin)| {
        let end = events.iter().skip(at + 1).find(|event| second.is(event))?;
        Some(end.at.since(begin.at))
    })
}

/// The order of a value and one that is written; none if they cannot be compared.
fn compare(value: &Field, wanted: &str) -> Option<Ordering> {
    match value {
        Field::Number(number) => number.partial_cmp(&wanted.parse().ok()?),
        value => Some(text(value).as_str().cmp(wanted)),
    }
}

fn text(value: &Field) -> String {
    match value {
        Field::Text(text) => text.clone(),
        Field::Number(number) => number.to_string(),
        Field::List(values) => values.iter().map(text).collect::<Vec<_>>().join(" "),
    }
}

fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
