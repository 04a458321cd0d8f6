//! Transactions that meet others: again, until a condition fails or it is written.

use super::{Tables, Verdict, Write, Written};
use crate::call_error::CallError;
use crate::clock::Clock;
use crate::conflict::Patience;

/// What became of a transaction in the end.
#[derive(Clone, Debug, PartialEq)]
pub enum Settled {
    /// It was written.
    Done,
    /// Conditions did not hold: one entry a write.
    Refused(Vec<Verdict>),
}

/// Writes all or nothing. A conflict with another transaction says nothing about who was first, so it is
/// tried again, each time after a random wait.
pub async fn settle(tables: &dyn Tables, clock: &dyn Clock, writes: &[Write]) -> Result<Settled, CallError> {
    let mut patience = Patience::new();
    loop {
        match tables.write(writes).await? {
            Written::Done => return Ok(Settled::Done),
            Written::Refused(verdicts) => return Ok(Settled::Refused(verdicts)),
            Written::Conflict => patience.wait(clock).await?,
        }
    }
}
