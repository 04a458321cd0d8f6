//! What the deployer knows of AWS: the kinds a person declares, the resources they expand to, and
//! the one client through which every call goes.

pub mod account;
pub mod actions;
pub mod claim;
pub mod client;
pub mod collisions;
pub mod duration;
pub mod error;
pub mod exposure;
pub mod invoke;
pub mod kinds;
pub mod limits;
pub mod listing;
pub mod log_events;
pub mod naming;
pub mod objects;
pub mod parameters;
pub mod permissions;
pub mod policy;
mod rates;
pub mod resources;
pub mod region;
pub mod ring;
pub mod rotation;
pub mod secrets;
pub mod scheduled;
pub mod wait;
pub mod shipping;
pub mod site_manifest;
pub mod state_bucket;
pub mod values;
pub mod versions;

pub use client::{Artifacts, Cloud};
pub use shipping::{SHIPPING_TYPES, holds_data, is_shipped_field, shipped, source_of};
