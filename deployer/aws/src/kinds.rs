//! The kinds that a stack file may declare: one registration line each.

pub mod alarm;
pub mod bucket;
pub mod cdn;
pub mod function;
pub mod key;
#[cfg(test)]
mod longest;
pub mod mail;
pub mod param;
#[cfg(test)]
mod product;
pub mod queue;
pub mod schedule;
pub mod secret;
pub mod site;
pub mod table;
pub mod waf;
#[cfg(test)]
pub(crate) mod testing;
pub mod topic;

use deployer_engine::kind::Kinds;

/// Every kind.
pub fn all() -> Kinds {
    Kinds::default()
        .with::<alarm::Alarm>()
        .with::<bucket::Bucket>()
        .with::<cdn::Cdn>()
        .with::<function::Function>()
        .with::<key::Key>()
        .with::<mail::Mail>()
        .with::<param::Param>()
        .with::<queue::Queue>()
        .with::<schedule::Schedule>()
        .with::<secret::Secret>()
        .with::<site::Site>()
        .with::<table::Table>()
        .with::<topic::Topic>()
        .with::<waf::Waf>()
}
