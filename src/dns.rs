//! DNS as mail uses it: names, questions, answers, the MX plan of RFC 5321 §5.1, policy records, the panel of one domain.
//!
//! Pure data and pure functions: who asks, and how long it takes, is for [`net::resolver`](crate::net) and
//! [`ports::dns`](crate::ports::dns). Names and texts come from strangers: a [`Name`] is written in the presentation
//! form of RFC 1035 §5.1 (ASCII only), the octets of a TXT record stay octets until the gate of [`safe`](crate::safe).

pub mod answer;
pub mod judge;
pub mod kind;
pub mod name;
pub mod near;
pub mod panel;
pub mod plan;
pub mod policy;
pub mod record;
pub mod submission;
pub mod trouble;
pub mod typed;
pub mod unicode;
pub mod written;

pub use answer::{Answer, Heard, Outcome, Question, Validation};
pub use kind::Kind;
pub use name::Name;
pub use record::{Data, Record};
pub use trouble::{Trouble, Weight};
