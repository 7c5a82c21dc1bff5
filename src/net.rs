//! The only way out: dialling, the pump of one connection, TLS facts, the resolver.

pub mod resolver;
