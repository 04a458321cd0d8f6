//! The engine's integration tests: one binary, a module a subject.

mod language;
mod layers;
mod lifecycle;
