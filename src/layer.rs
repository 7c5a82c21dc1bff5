//! Overlays: palette, menu, help, dialogs. A stack above the screen.
