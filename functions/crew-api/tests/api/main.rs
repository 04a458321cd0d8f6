//! The API as a caller meets it: requests in, answers out, tables in memory.

mod crew;
mod door;
mod forgeries;
mod guard;
mod life;
mod manners;
mod openapi;
mod roles;
mod sails;
mod session;
mod sun;
mod waivers;
