//! Drawing: themes, geometry and the regions of a screen.
