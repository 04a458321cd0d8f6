//! The kinds that a stack file may declare: one registration line each.

pub mod function;
pub mod mail;
pub mod param;
pub mod schedule;
pub mod secret;
pub mod table;

use deployer_engine::kind::Kinds;

/// Every kind.
pub fn all() -> Kinds {
    Kinds::default()
        .with::<function::Function>()
        .with::<mail::Mail>()
        .with::<param::Param>()
        .with::<schedule::Schedule>()
        .with::<secret::Secret>()
        .with::<table::Table>()
}
