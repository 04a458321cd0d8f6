//! The API as a caller meets it: requests in, answers out, tables in memory.

mod canaries;
mod cors;
mod costs;
mod crew;
mod door;
mod fakes;
mod forgeries;
mod guard;
mod leaks;
mod life;
mod manners;
mod matrix;
mod openapi;
mod people;
mod races;
mod reports;
mod roles;
mod rotation;
mod sails;
mod same_origin;
mod session;
mod sign_in;
mod sun;
mod tables;
mod unknown_sends;
mod waivers;
