//! Commands are data: one table per screen with id, title, keys, when and run; help, palette and footer come from it.
