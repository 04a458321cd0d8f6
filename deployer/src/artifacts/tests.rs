//! Whole projects: what changes their artifacts, and how they are built.

mod aws;
mod functions;
mod sites;
mod sources;
mod world;
