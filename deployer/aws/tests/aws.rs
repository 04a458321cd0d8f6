//! The integration tests of the AWS crate: one binary, a module a subject.

mod contract;
mod errors;
mod examples;
mod front_door;
mod functions;
mod layout;
mod spoilt;
mod world;
