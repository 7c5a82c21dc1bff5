//! The command line: what `ehlo`, `ehlo connect` and their options mean, and the only place that prints.
