//! The crew API of Ship Captain Crew.
//!
//! A request passes, from the outside in: [`manners`] (headers of every answer, the log line, the
//! size limit), [`guard`] (only the front door may call), [`routes`].

pub mod actor;
pub mod app;
pub mod body;
pub mod command;
pub mod demands;
pub mod guard;
pub mod manners;
pub mod openapi;
pub mod problems;
pub mod query;
pub mod readiness;
pub mod refusal;
pub mod routes;
pub mod session;
pub mod settings;
