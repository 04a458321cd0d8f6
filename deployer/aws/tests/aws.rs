//! The integration tests of the AWS crate: one binary, a module a subject.

mod contract;
mod examples;
mod layout;
mod spoilt;
mod world;
