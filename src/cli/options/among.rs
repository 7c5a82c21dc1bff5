//! A value that is one of some names: what a shell proposes is known from here, and what is said of a wrong one is the
//! parser's own.

use std::error::Error;
use std::ffi::OsStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Command};

/// A parser, and the names that are proposed for it.
#[derive(Clone)]
pub struct Among<F> {
    parse: F,
    names: fn() -> Vec<String>,
}

impl<F> Among<F> {
    /// What `parse` takes, with these names.
    pub fn of(parse: F, names: fn() -> Vec<String>) -> Self {
        Self { parse, names }
    }
}

impl<F, T, E> TypedValueParser for Among<F>
where
    F: Fn(&str) -> Result<T, E> + Clone + Send + Sync + 'static,
    T: Clone + Send + Sync + 'static,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    type Value = T;

    fn parse_ref(&self, command: &Command, argument: Option<&Arg>, value: &OsStr) -> Result<T, clap::Error> {
        self.parse.parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.names)().into_iter().map(PossibleValue::new)))
    }
}
