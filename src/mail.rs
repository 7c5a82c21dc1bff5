//! The message: header fields, Received hops, reading a letter after delivery.
