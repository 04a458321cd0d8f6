//! Makes and mails the executive reports.
//!
//! Data moves one way: [`portfolio`] and [`live`] (what is known, checked) → [`book`] and [`models`]
//! (every figure, and what follows from it) → [`report`] (what one reader is told) → [`render`] (HTML
//! and text) → [`deliver`] (once each). Everything up to the rendering is pure.

pub mod figure;
pub mod live;
pub mod portfolio;

pub mod book;
pub mod models;
pub mod report;
mod template;

pub mod render;

pub mod deliver;

pub mod command;
pub mod invocation;
pub mod settings;
