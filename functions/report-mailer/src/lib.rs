//! Makes and mails the executive reports.
//!
//! Data moves one way: [`portfolio`] (what is known, checked) and [`live`] (what was just read by the [`sources`]) →
//! [`book`] and [`models`] (every figure, and what follows from it) → [`report`] (what one reader is told) →
//! [`render`] (mail, text, page) → [`deliver`] (once each, kept in the [`archive`]) → [`after`] (cards, a word to the
//! chat). Mails that come back are heard of by [`feedback`]. Everything from the portfolio to the rendering is pure.

pub mod figure;
pub mod live;
pub mod portfolio;

pub mod book;
pub mod models;
pub mod report;
mod template;

pub mod render;

pub mod archive;
pub mod deliver;
pub mod feedback;
pub mod sources;

pub mod after;
pub mod command;
pub mod invocation;
pub mod settings;
#[cfg(test)]
mod testing;
