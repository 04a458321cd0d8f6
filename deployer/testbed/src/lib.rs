//! What the tests stand on: an AWS on this machine, a wire that counts and spoils its calls, and the
//! inventory of what exists there. Never shipped.

pub mod emulator;
pub mod iam;
pub mod inventory;
pub mod operation;
pub mod resource;
pub mod wire;

pub use emulator::Emulator;
pub use inventory::{Inventory, inventory, tagged};
pub use wire::{Call, Fault, Manners, Rule, Wire};
