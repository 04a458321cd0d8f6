//! Transactions that meet others: who was first is not known then, so each tries again after a random wait.

use jiff::SignedDuration;

use crate::call_error::{CallError, Effect};
use crate::clock::Clock;
use crate::random;

/// The code of a transaction that another one kept from being written. Source: TransactWriteItems.
pub const CONFLICT: &str = "TransactionConflict";
/// The longest wait before the first repetition; it doubles with each.
const FIRST_WAIT_MS: u64 = 10;
/// The longest wait of all.
const LONGEST_WAIT_MS: u64 = 250;
/// How long it is waited in all. A function has 10 s, and its caller wants to hear the end.
const LONG_ENOUGH: SignedDuration = SignedDuration::from_secs(6);

/// How long one transaction has waited for others.
pub struct Patience {
    waited: SignedDuration,
    longest_ms: u64,
}

impl Patience {
    /// It has met nobody yet.
    pub fn new() -> Self {
        Self { waited: SignedDuration::ZERO, longest_ms: FIRST_WAIT_MS }
    }

    /// Waits once more. The error is that others came first for too long, and nothing was written.
    pub async fn wait(&mut self, clock: &dyn Clock) -> Result<(), CallError> {
        if self.waited >= LONG_ENOUGH {
            let (operation, code) = ("TransactWriteItems", CONFLICT.to_owned());
            return Err(CallError { operation, code, request_id: None, effect: Effect::None });
        }
        let wait = jitter(self.longest_ms)?;
        self.longest_ms = (self.longest_ms * 2).min(LONGEST_WAIT_MS);
        self.waited += wait;
        clock.sleep(wait).await;
        Ok(())
    }
}

impl Default for Patience {
    fn default() -> Self {
        Self::new()
    }
}

/// Any wait up to the longest: those that met part.
fn jitter(longest_ms: u64) -> Result<SignedDuration, CallError> {
    let random = u64::from_le_bytes(random::bytes()?);
    Ok(SignedDuration::from_millis(i64::try_from(random % (longest_ms + 1)).unwrap_or(0)))
}
