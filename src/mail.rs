//! The message: the fields that stand on top of a letter and what servers add to them.

pub mod content;
pub mod draft;
pub mod field;
pub mod mailbox;
pub mod mime;
pub mod received;
pub mod report;
pub mod results;
pub mod trace;
