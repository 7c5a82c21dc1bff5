//! The limits of scripts: of their texts everywhere, and of what they do to hosts that are neither lab nor loopback (L13).

use std::time::Duration;

/// Octets of a script and all that it includes.
pub const OCTETS: usize = 16 << 20;
/// Steps of a script, those of included files among them.
pub const STEPS: usize = 200_000;
/// Files that include each other.
pub const DEPTH: usize = 8;
/// Octets that a compiled pattern may take.
pub const PATTERN: usize = 1 << 20;
/// Clients that a script which is a server sees, one after the other.
pub const CLIENTS: u32 = 1000;
/// Octets that a script which is a server takes of one client, lines counted as more than their octets.
pub const HEARD: u64 = 32 << 20;

/// L13: hosts of one run.
pub const HOSTS: usize = 10;
/// L13: commands of one run.
pub const COMMANDS: usize = 100;
/// L13: transactions of one run.
pub const TRANSACTIONS: usize = 5;
/// Domains to which one run, or one letter, goes to servers of others.
pub const DOMAINS: usize = 1;
/// L13: different mailboxes that VRFY, EXPN and abandoned transactions ask about in one run.
pub const MAILBOXES: usize = 3;
/// L13: logins of one run.
pub const LOGINS: usize = 1;
/// L13: the time between two connections to one host.
pub const BETWEEN_CONNECTIONS: Duration = Duration::from_secs(1);
/// L13: the time between two questions about mailboxes.
pub const BETWEEN_MAILBOXES: Duration = Duration::from_secs(2);
