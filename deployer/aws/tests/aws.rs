//! The integration tests of the AWS crate: one binary, a module a subject.

mod allowed;
mod contract;
mod damage;
mod edges;
mod errors;
mod examples;
mod front_door;
mod functions;
mod layout;
mod limits;
mod parameters;
mod rings;
mod spoilt;
mod tables;
mod world;
