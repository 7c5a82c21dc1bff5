//! The internet in a box: servers, zones, certificates and mailboxes that live inside the process.

mod denial;
pub mod nameserver;
pub mod zones;
