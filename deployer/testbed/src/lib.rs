//! What the tests stand on: an AWS on this machine, a wire that counts and spoils its calls, the inventory of
//! what exists there, the table of faults, and the bench. Never shipped.

pub mod bench;
pub mod compare;
pub mod emulator;
mod forms;
pub mod iam;
pub mod inventory;
pub mod moto;
pub mod operation;
pub mod resource;
pub mod sweep;
pub mod wire;

pub use emulator::{Emulator, python};
pub use forms::forms;
pub use inventory::{Inventory, inventory, tagged};
pub use moto::Moto;
pub use wire::{Answer, Call, Exchange, Fault, Manners, Rule, Wire};
