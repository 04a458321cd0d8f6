//! The routes, one file a noun.

pub mod audit;
pub mod checklists;
pub mod crew;
pub mod health;
pub mod jwks;
pub mod people;
pub mod reports;
pub mod roles;
pub mod sail;
pub mod sails;
pub mod session;
pub mod sign_in;
pub mod steps;
pub mod sun;
pub mod unknown_sends;
pub mod waiver_link;
pub mod waiver_page;
pub mod waivers;
