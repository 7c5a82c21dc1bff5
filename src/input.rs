//! Keys, the keymap and the edit buffers: what a key press means where.
