//! The engine of the deployer: from a stack file to a plan, and from a plan to records.
//!
//! Pure but for `refresh` and `apply`, which talk to the cloud and the journal through ports.
//! The modules stand in reading order: each uses only those above it (a test checks that).

pub mod address;
pub mod value;
pub mod secret;
pub mod diagnostic;
pub mod stack;
pub mod resolve;
pub mod schema;
pub mod clock;
pub mod stop;
pub mod resource;
pub mod kind;
pub mod graph;
pub mod history;
pub mod state;
pub mod readable;
mod reading;
pub mod journal;
pub mod objects;
pub mod owner;
pub mod retry;
pub mod spread;
pub mod refresh;
pub mod diff;
pub mod step;
pub mod plan;
pub mod rebuild;
pub mod apply;
#[cfg(feature = "testing")]
pub mod testing;
