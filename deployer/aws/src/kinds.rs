//! The kinds that a stack file may declare: one registration line each.

use deployer_engine::kind::Kinds;

/// Every kind.
pub fn all() -> Kinds {
    Kinds::default()
}
