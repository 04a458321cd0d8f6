//! The engine's integration tests: one binary, a module a subject.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod language;
mod layers;
mod lifecycle;
