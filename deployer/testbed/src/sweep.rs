//! The table of faults: every call of every situation × every mode. A case is a run that is spoilt once, at most one
//! plain rerun, and then everything must be as if nothing had happened.

mod baseline;
mod case;
mod invariants;
mod kept;
mod project;
mod results;
mod rows;
mod runner;
mod sample;
mod secrets;
mod stacks;
mod storm;

pub use self::baseline::Calls;
pub use self::case::{Case, Outcome};
pub use self::project::{Project, Ran};
pub use self::results::Results;
pub use self::rows::{MODES, Mode, SITUATIONS, Situation, StateIn, situation};
pub use self::runner::{Runner, Selection, Shard};
pub use self::sample::sample;
pub use self::stacks::{STACKS, STATE_BUCKET, Version};
