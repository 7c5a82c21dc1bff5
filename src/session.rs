//! The session model: tapes, dialogues, look-ups, lab state. Its only writer is `apply`.
