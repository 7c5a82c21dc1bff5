//! The application: a pure function of what happened. `update` takes a message and returns effects; `view` draws.
