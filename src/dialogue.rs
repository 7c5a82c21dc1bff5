//! What was said: a pure, chunking-invariant fold over a tape into exchanges, phases, the envelope and flaws.
