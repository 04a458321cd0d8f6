//! The API as a caller meets it: requests in, answers out, tables in memory.

mod door;
mod forgeries;
mod guard;
mod manners;
mod openapi;
mod sails;
mod session;
mod sun;
