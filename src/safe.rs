//! The one gate for remote text: untrusted bytes become SafeText before they reach any screen, file or clipboard.
