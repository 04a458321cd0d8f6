//! `make bench`: how fast the deployer is, beside the same calls replayed raw and beside other tools, each stack on an
//! AWS of its own. It prints a table and is never a test.

pub mod bulk;
mod figures;
mod files;
pub mod functions;
mod measured;
mod meter;
mod names;
mod peers;
pub mod product;
mod project;
mod replay;
pub mod start;
mod table;

pub use self::project::Machine;
pub use self::table::Table;
