//! The crew API of Ship Captain Crew.
//!
//! A request passes, from the outside in: [`manners`] (headers of every answer, the line about it, faults that
//! become answers), [`guard`] (only the front door may call), the size limit, [`same_origin`] (no page of another site
//! changes anything), the limit of writes, [`routes`], of which most ask [`actor`] who it is.

pub mod actor;
pub mod app;
pub mod body;
pub mod caller;
pub mod challenges;
pub mod command;
pub mod demands;
pub mod errand;
pub mod event;
pub mod guard;
pub mod letter;
pub mod limits;
pub mod manners;
pub mod openapi;
pub mod problems;
pub mod query;
pub mod readiness;
pub mod refusal;
pub mod routes;
pub mod same_origin;
pub mod session;
pub mod settings;
pub mod sign_in;
pub mod telemetry;
