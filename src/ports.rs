//! What the application and the services say to each other: plain data, one `Request` and one `Signal` type per service.
//!
//! A *request* asks a service to do something. A *signal* is what happened on the wire; what it means is for the
//! [`dialogue`](crate::dialogue) to say. Nothing here can fail, wait or hold a resource.

pub mod dns;
pub mod lab;
pub mod net;
pub mod pem;
pub mod promises;
