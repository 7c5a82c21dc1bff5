//! The loop that ties terminal, application and services together.
