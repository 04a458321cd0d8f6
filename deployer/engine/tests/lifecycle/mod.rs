//! Whole lives of stacks on a fake cloud, in virtual time: planned, applied, cut at every call, run again.

mod lab;
mod lives;
mod cuts;
mod chaos;
mod waits;
mod journals;
mod stops;
