//! The two ends of an SMTP connection as sans-I/O state machines: time is an argument, bytes go in and come out.

pub mod client;
pub mod server;

#[cfg(test)]
mod pair;
