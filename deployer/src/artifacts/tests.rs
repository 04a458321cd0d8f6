//! Whole projects: what changes their artifacts, and how they are built.

#[cfg(target_os = "linux")]
mod aws;
mod functions;
mod installs;
mod sharing;
mod sites;
mod sources;
pub(super) mod world;
