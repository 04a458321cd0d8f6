//! What the deployer knows of AWS: the kinds a person declares, the resources they expand to, and
//! the one client through which every call goes.

pub mod actions;
pub mod client;
pub mod duration;
pub mod error;
pub mod kinds;
pub mod naming;
pub mod parameters;
pub mod policy;
pub mod resources;
pub mod wait;
pub mod site_manifest;

pub use client::{Artifacts, Cloud};
