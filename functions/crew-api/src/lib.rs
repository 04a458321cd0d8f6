//! The crew API of Ship Captain Crew.
//!
//! A request passes, from the outside in: [`manners`] (headers of every answer, the line about it, faults that
//! become answers), [`guard`] (only the front door may call), [`cors`] (whose pages get answers), the size limit,
//! [`same_origin`] (no page of another site changes anything), the limit of writes, [`routes`], of which most ask
//! [`actor`] who it is.
//!
//! # What a request costs
//!
//! Each of these is the same however many people and sails there are. Tables, keys and indexes are in
//! [`functions_shared::tables`]; signing in, people and limits in their own modules.
//!
//! | request | reads and writes |
//! |---|---|
//! | who asks, of every request with a session | 1 batch read: the person, and whether the session was ended |
//! | list sails | 1 query of `by-departure`, 1 batch read for each hundred slots |
//! | read a sail; read the waiver page | 1 read (the crew's: 2) |
//! | plan a sail | 1 transaction: sail, checklist, trail, kept answer |
//! | edit a sail | 1 read, 1 transaction |
//! | confirm, cancel a sail | 1 read, 1 transaction |
//! | start, complete a sail | 1 read (the captain's: 2), 3 queries at once (roles, waivers, checklist), 1 transaction |
//! | list roles | 1 read and 1 query at once |
//! | claim a slot | 1 transaction of 6 items |
//! | designate, release | 1 batch read (slot, kept answer), 1 read where a captain acts, 1 of the person, 1 transaction |
//! | sign a waiver | 1 read, 1 transaction: waiver, paper, sail, trail |
//! | the link to a waiver page | 1 read (the captain's: 2), and 1 transaction where it is made or renewed |
//! | list waivers | 2 reads, 1 query, without what was signed |
//! | the single waiver | 1 read, 1 write of the trail, 1 read of the paper |
//! | clear a hold | 1 read, 1 transaction |
//! | board | 2 reads, 1 batch read, 1 transaction |
//! | holds, unknown sends | 1 query of a sparse index a page |
//! | read a checklist | 1 read, 1 query |
//! | tick | 2 reads, 1 transaction, 1 query |
//! | trail | 1 read and 1 query at once |
//! | health | 1 read of each table and 1 query of each index, all at once |
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
