//! The routes, one file a noun.

pub mod health;
pub mod sails;
pub mod session;
pub mod sun;
