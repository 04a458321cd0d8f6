//! Where state and journal are kept.

pub mod disk;
pub mod lock;
