//! What the tests stand on: an AWS on this machine, a wire that counts and spoils its calls, the inventory of
//! what exists there, and the table of faults. Never shipped.

pub mod compare;
pub mod emulator;
pub mod iam;
pub mod inventory;
pub mod moto;
pub mod operation;
pub mod resource;
pub mod sweep;
pub mod wire;

pub use emulator::{Emulator, python};
pub use inventory::{Inventory, inventory, tagged};
pub use moto::Moto;
pub use wire::{Call, Fault, Manners, Rule, Wire};
