//! From text to a check. Reading is total, and as deep as the parentheses: at most [`DEPTH`].

use std::time::Duration;

use regex::RegexBuilder;

use super::{Check, Condition, Kind, NoCheck, Op};
use crate::events::vocabulary::{COMMON, KINDS, fields};
use crate::script::read::time;
use crate::smtp::limits::script::{DEPTH, PATTERN};

impl Check {
    /// Reads a check.
    ///
    /// # Errors
    ///
    /// What was expected, and what came.
    pub fn parse(text: &str) -> Result<Self, NoCheck> {
        let mut reader = Reader { rest: text, depth: 0 };
        let check = reader.any()?;
        match reader.peek() {
            "" => Ok(check),
            comment if comment.starts_with('#') => Ok(check),
            got => Err(no("and, or, then, or nothing more", got)),
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn any(&mut self) -> Result<Check, NoCheck> {
        let mut checks = vec![self.all()?];
        while self.takes_word("or") {
            checks.push(self.all()?);
        }
        Ok(one_of(checks, Check::Any))
    }

    fn all(&mut self) -> Result<Check, NoCheck> {
        let mut checks = vec![self.part()?];
        while self.takes_word("and") {
            checks.push(self.part()?);
        }
        Ok(one_of(checks, Check::All))
    }

    fn part(&mut self) -> Result<Check, NoCheck> {
        if self.takes_word("not") {
            return self.deeper(Self::part).map(|check| Check::Not(Box::new(check)));
        }
        if self.takes("(") {
            let check = self.deeper(Self::any)?;
            self.needs(")")?;
            return Ok(check);
        }
        if self.takes("count(") {
            let kind = self.kind()?;
            self.needs(")")?;
            return Ok(Check::Count(kind, self.op()?, self.number()?));
        }
        if self.takes("distinct(") {
            let kind = self.kind()?;
            self.needs(".")?;
            let field = self.field_of(&kind.word)?;
            self.needs(")")?;
            return Ok(Check::Distinct(kind, field, self.op()?, self.number()?));
        }
        if self.takes("within(") {
            let first = self.kind()?;
            self.needs(",")?;
            let second = self.kind()?;
            self.needs(")")?;
            return Ok(Check::Within(first, second, self.op()?, self.time()?));
        }
        self.order()
    }

    fn order(&mut self) -> Result<Check, NoCheck> {
        let first = self.kind()?;
        if self.rest.starts_with('.') {
            self.needs(".")?;
            let field = self.field_of(&first.word)?;
            let op = self.op()?;
            let other = self.kind()?;
            self.needs(".")?;
            let its = self.field_of(&other.word)?;
            return Ok(Check::Against(first, field, op, other, its));
        }
        let mut order = vec![(first, false)];
        while self.takes_word("then") {
            let kind = self.kind()?;
            order.push((kind, self.takes_word("anywhere")));
        }
        Ok(Check::Order(order))
    }

    /// A field that events of this kind have.
    fn field_of(&mut self, kind: &str) -> Result<String, NoCheck> {
        let name = self.name()?;
        let own = fields(kind).unwrap_or_default();
        if own.iter().chain(&COMMON).any(|known| **known == name) {
            return Ok(name);
        }
        Err(no(&format!("a field of {kind}, which are {}", [own, &COMMON].concat().join(", ")), &name))
    }

    fn kind(&mut self) -> Result<Kind, NoCheck> {
        let word = self.name()?;
        if fields(&word).is_none() {
            let known: Vec<_> = KINDS.iter().map(|(word, _)| *word).collect();
            return Err(no(&format!("the kind of an event, which are {}", known.join(", ")), &word));
        }
        let mut conditions = Vec::new();
        if self.rest.starts_with('[') {
            self.needs("[")?;
            while !self.takes("]") {
                conditions.push(self.condition(&word)?);
            }
        }
        Ok(Kind { word, conditions })
    }

    fn condition(&mut self, kind: &str) -> Result<Condition, NoCheck> {
        let mut field = self.field_of(kind)?;
        while self.rest.starts_with('.') {
            self.needs(".")?;
            field = format!("{field}.{}", self.name()?);
        }
        let op = self.op()?;
        let value = self.value()?;
        let pattern = (op == Op::Matches).then(|| {
            let built = RegexBuilder::new(&value).multi_line(true).size_limit(PATTERN).build();
            built.map_err(|_| no("a pattern behind ~ that is none too costly", &value))
        });
        let values = if op == Op::In { value.split(',').map(str::to_owned).collect() } else { vec![value] };
        Ok(Condition { field, op, values, pattern: pattern.transpose()? })
    }

    /// A value: between quotes, or up to a blank or a bracket.
    fn value(&mut self) -> Result<String, NoCheck> {
        self.skip();
        if let Some(text) = self.rest.strip_prefix('"') {
            let (value, rest) = text.split_once('"').ok_or_else(|| no("a quote behind", text))?;
            self.rest = rest;
            return Ok(value.to_owned());
        }
        let end = self.rest.find(|letter: char| letter.is_whitespace() || letter == ']').unwrap_or(self.rest.len());
        let (value, rest) = self.rest.split_at(end);
        self.rest = rest;
        if value.is_empty() { Err(self.wrong("a value")) } else { Ok(value.to_owned()) }
    }

    fn op(&mut self) -> Result<Op, NoCheck> {
        const OPS: [(&str, Op); 8] = [
            ("!=", Op::Unequal),
            ("<=", Op::AtMost),
            (">=", Op::AtLeast),
            ("=", Op::Equal),
            ("~", Op::Matches),
            ("<", Op::Less),
            (">", Op::More),
            ("in ", Op::In),
        ];
        let found = OPS.into_iter().find(|(text, _)| self.takes(text)).map(|(_, op)| op);
        found.ok_or_else(|| self.wrong("=, !=, ~, <, <=, >, >= or in"))
    }

    fn number(&mut self) -> Result<u64, NoCheck> {
        self.value()?.parse().map_err(|_| self.wrong("a number"))
    }

    fn time(&mut self) -> Result<Duration, NoCheck> {
        let value = self.value()?;
        time(&value).ok_or_else(|| no("a time as 500ms, 2s or 5m", &value))
    }

    /// The word of a kind or the name of a field.
    fn name(&mut self) -> Result<String, NoCheck> {
        self.skip();
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
        let end = self.rest.find(|letter| !is_part(letter)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        if name.is_empty() {
            return Err(self.wrong("the kind of an event or the name of a field"));
        }
        self.rest = rest;
        Ok(name.to_owned())
    }

    fn deeper(&mut self, read: fn(&mut Self) -> Result<Check, NoCheck>) -> Result<Check, NoCheck> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.wrong("fewer parentheses inside each other"));
        }
        let check = read(self);
        self.depth -= 1;
        check
    }

    fn needs(&mut self, text: &str) -> Result<(), NoCheck> {
        if self.takes(text) { Ok(()) } else { Err(self.wrong(text)) }
    }

    fn takes(&mut self, text: &str) -> bool {
        self.skip();
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let is = self.peek().split(['(', '[']).next() == Some(word);
        is && self.takes(word)
    }

    /// The next word.
    fn peek(&self) -> &'a str {
        self.rest.split_whitespace().next().unwrap_or_default()
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn wrong(&self, wanted: &str) -> NoCheck {
        no(wanted, self.peek())
    }
}

fn no(wanted: &str, got: &str) -> NoCheck {
    NoCheck { wanted: wanted.to_owned(), got: got.to_owned() }
}

/// A single check stands for itself.
fn one_of(mut checks: Vec<Check>, several: fn(Vec<Check>) -> Check) -> Check {
    match (checks.len(), checks.pop()) {
        (1, Some(check)) => check,
        (_, last) => {
            checks.extend(last);
            several(checks)
        }
    }
}
