//! The only user of crossterm: entering and leaving, one write a frame, suspend, clipboard.
