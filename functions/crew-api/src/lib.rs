//! The crew API of Ship Captain Crew.
//!
//! A request passes, from the outside in: [`manners`] (headers of every answer, the line about it, faults that
//! become answers), [`guard`] (only the front door may call), [`cors`] (whose pages get answers), the size limit,
//! [`same_origin`] (no page of another site changes anything), the limit of writes, [`routes`], of which most ask
//! [`actor`] who it is.
//!
//! # What a request costs
//!
//! Each is the same however many people and sails there are; a test measures this table. A *get* reads one item, a
//! *batch* several (one call for each hundred, all at once), a *query* a page of items that share a key, a *transaction*
//! writes all or nothing: these four on the crew's tables, keys and indexes of which are in [`functions_shared::tables`].
//! People, links and limits are tables of their own, counted by what is asked of them: whose an address is takes two
//! gets, and health a get and a query.
//!
//! To each come: 1 batch of the person and the end of the session, where there is a session; 1 count against a limit,
//! where the method may change something; 1 get of a captain's slot, where a captain commands or somebody of the crew ticks.
//!
//! | operation | calls |
//! |---|---|
//! | `listSails` | 1 batch, 1 query |
//! | `readSail`, `readWaiverPage`, `makeWaiverLink` | 1 get |
//! | `readOwnWaiver` | 2 gets |
//! | `createSail`, `claimRole` | 1 transaction |
//! | `editSail`, `stepSail`, `renewWaiverLink`, `signWaiverAsGuest`, `signWaiverAsCrew`, `clearHold` | 1 get, 1 transaction |
//! | `designateRole` | 1 batch, 1 transaction, 1 of people |
//! | `releaseRole` | 1 batch, 1 transaction |
//! | `board` | 1 get, 1 batch, 1 transaction |
//! | `listRoles`, `listWaivers`, `readChecklist`, `readAudit` | 1 get, 1 query |
//! | `editChecklist`, `tickChecklist` | 1 get, 1 query, 1 transaction |
//! | `readWaiver` | 2 gets, 1 transaction |
//! | `listHolds` | 1 query |
//! | `listUnknownSends` | 1 query, 1 of links |
//! | `listPeople`, `listCrew`, `readPerson`, `endSession` | 1 of people |
//! | `changePerson`, `revokePerson`, `restorePerson`, `readPersonHistory`, `endSessions` | 2 of people |
//! | `invitePerson`, `inviteAgain` | 1 of people, 1 of links, 3 of limits |
//! | `askForLink` | 1 of links, 4 of limits |
//! | `redeemLink` | 1 of people, 1 of links, 1 of limits |
//! | `redeemCode` | 1 of people, 2 of links, 1 of limits |
//! | `readHealth` | 7 gets, 3 queries, 1 of people, 1 of links, 1 of limits |
//! | `readSession`, `readKeys`, `readReport`, `readSun`, `suggestWindows` | none |
//!
//! A list of sails is two calls and not one, because who holds a slot is told by the slot's own item alone: a claim
//! leaves its sail as it is, and nobody's edit meets it. `start` and `complete` look at roles, waivers and checklist as
//! well: 3 queries at once. The link of a sail that has none yet is made by a transaction.
//!
//! A transaction that meets another one is tried again after a random wait ([`functions_shared::tables::settle`]).

pub mod actor;
pub mod app;
pub mod body;
pub mod caller;
pub mod challenges;
pub mod command;
pub mod cors;
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
