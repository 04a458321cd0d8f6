//! Mails what sails lack. The administrator hears which sails of the next two days have no captain or waivers on hold;
//! each person hears, in one mail a firing, of everything that is missing: a waiver, entries of a checklist, open roles.
//! Each sail once within the quiet period, however often the rule fires or an invocation is repeated. Whoever holds a
//! slot of a sail that was called off hears of that, once, from two weeks before its departure until its return.
//!
//! A mail cannot be taken back, so the order is: claim in the table (`sending`), send, settle (`sent`). Whoever
//! finds a claim does not send; a claim that was never settled is told as unknown, and only the next quiet period
//! ends it.

pub mod crew;
pub mod digest;
pub mod facts;
pub mod letter;
pub mod missing;
pub mod nudge;
pub mod pace;
pub mod settings;
