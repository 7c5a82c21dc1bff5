//! What a code, status, keyword, verb, record or provider text means, and what to do next.

pub mod extensions;
pub mod fields;
pub mod mechanisms;
pub mod records;
pub mod replies;
pub mod servers;
pub mod statuses;
pub mod table;
pub mod verbs;
