//! The internet in a box: servers, zones, certificates and mailboxes that live inside the process.

pub mod nameserver;
pub mod zones;
