//! Domain and ports that several functions use.
//!
//! A port is a trait with an adapter for AWS beside it and, under the feature `testing`, an
//! in-memory one. What decides is pure; what talks to AWS decides nothing.

pub mod clock;
pub mod config;
pub mod logging;
pub mod problem;
pub mod random;

pub mod checklist;
pub mod person;
pub mod sail;
pub mod sun;
pub mod waiver;
pub mod zone;

pub mod aws;
pub mod call_error;
pub mod conflict;
pub mod mail;
pub mod metrics;
pub mod objects;
pub mod parameters;
pub mod people;
pub mod ring;
pub mod tables;
pub mod webhook;

pub mod checklists;
pub mod history;
pub mod nudges;
pub mod request;
pub mod roster;
pub mod sails;
pub mod waivers;

#[cfg(any(test, feature = "testing"))]
pub mod testing;

/// What an asynchronous method of a port gives back: a future that any task may own.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;
