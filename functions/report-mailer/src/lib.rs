//! Makes and mails the executive reports.
//!
//! Data moves one way: [`portfolio`] (what is known, checked) → [`models`] (what follows from it)
//! → [`report`] (what one reader is told) → [`render`] (HTML and text) → [`deliver`] (once each).
//! Everything up to the rendering is pure.

pub mod figure;
pub mod live;
pub mod portfolio;

pub mod models;
pub mod report;

pub mod render;

pub mod deliver;

pub mod command;
pub mod invocation;
pub mod settings;
