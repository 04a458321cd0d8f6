//! Mails the administrator which sails of the next two days have no captain: each sail once
//! within the quiet period, however often the rule fires or an invocation is repeated.
//!
//! A mail cannot be taken back, so the order is: claim the sail in the table (`sending`), send,
//! settle the claim (`sent`). Whoever finds a claim does not send; a claim that was never settled
//! is told as unknown, and only the next quiet period ends it.

pub mod digest;
pub mod nudge;
pub mod nudges;
pub mod settings;
