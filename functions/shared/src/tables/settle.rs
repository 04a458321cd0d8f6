//! Transactions that meet others: again, until a condition fails or it is written.

use jiff::SignedDuration;

use super::{Tables, Verdict, Write, Written};
use crate::call_error::{CallError, Effect};
use crate::clock::Clock;
use crate::random;

/// The longest wait before the first repetition; it doubles with each.
const FIRST_WAIT_MS: u64 = 10;
/// The longest wait of all.
const LONGEST_WAIT_MS: u64 = 250;
/// How long it is waited in all. A function has 10 s, and its caller wants to hear the end.
const PATIENCE: SignedDuration = SignedDuration::from_secs(6);

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
    let mut waited = SignedDuration::ZERO;
    let mut longest = FIRST_WAIT_MS;
    loop {
        match tables.write(writes).await? {
            Written::Done => return Ok(Settled::Done),
            Written::Refused(verdicts) => return Ok(Settled::Refused(verdicts)),
            Written::Conflict if waited >= PATIENCE => {
                let code = "TransactionConflict".to_owned();
                return Err(CallError {
                    operation: "TransactWriteItems",
                    code,
                    request_id: None,
                    effect: Effect::None,
                });
            }
            Written::Conflict => {
                let wait = jitter(longest)?;
                waited += wait;
                clock.sleep(wait).await;
            }
        }
        longest = (longest * 2).min(LONGEST_WAIT_MS);
    }
}

/// Any wait up to the longest: those that met part.
fn jitter(longest_ms: u64) -> Result<SignedDuration, CallError> {
    let random = u64::from_le_bytes(random::bytes()?);
    Ok(SignedDuration::from_millis(i64::try_from(random % (longest_ms + 1)).unwrap_or(0)))
}
