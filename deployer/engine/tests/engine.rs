//! The engine's integration tests: one binary, a module a subject.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test may panic, and reads its own sources")]

mod damage;
mod language;
mod layers;
mod lifecycle;
mod rebuild;
