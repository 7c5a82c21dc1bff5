//! The grammar of SMTP in both directions, and its limits.
