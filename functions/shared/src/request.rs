//! Requests that may come twice: the same key gets the same answer, and another body under it is refused.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::call_error::CallError;
use crate::person::PersonId;
use crate::tables::{Condition, Item, Key, Table, Verdict, Write, item, read};

/// How long an answer is kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// What a caller names a request by: 8 to 64 letters, digits, `-` and `_`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IdempotencyKey(String);

/// A request that may come again.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Request {
    /// Who asks: two people may choose the same key.
    pub person_id: PersonId,
    /// The caller's name for it.
    pub key: IdempotencyKey,
    /// What is asked for: operation, path and body, hashed.
    digest: String,
}

/// What was answered before.
#[derive(Clone, Debug, PartialEq)]
pub enum Earlier {
    /// This.
    Answer(serde_json::Value),
    /// Something else was asked under the same key.
    OtherBody,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    digest: String,
    /// JSON as text: its order stays.
    answer: String,
    expires_at: i64,
}

impl Request {
    /// A request whose `parts` (operation, path, body) make it what it is.
    pub fn new(person_id: PersonId, key: IdempotencyKey, parts: &[&[u8]]) -> Self {
        let mut digest = Sha256::new();
        for part in parts {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        Self { person_id, key, digest: hex::encode(digest.finalize()) }
    }

    /// Keeps the answer; refused where one is kept under this key.
    pub fn keep<T: Serialize>(&self, answer: &T, now: Timestamp) -> Result<Write, CallError> {
        let answer = serde_json::to_string(answer).map_err(|_| CallError::odd_result("write", "no JSON"))?;
        let expires_at = now.checked_add(KEPT).unwrap_or(Timestamp::MAX).as_second();
        let kept = item(&Kept { digest: self.digest.clone(), answer, expires_at })?;
        // DynamoDB deletes late: what has expired does not count.
        let expired = Condition::AtMost("expires_at".to_owned(), now.as_second());
        Ok(self.table_key().put(kept, Condition::Any(vec![Condition::Absent, expired])))
    }

    /// What the refusal of [`Request::keep`] says.
    pub fn earlier(&self, verdict: &Verdict) -> Result<Option<Earlier>, CallError> {
        match verdict {
            Verdict::Failed(Some(kept)) => self.judge(kept.clone()).map(Some),
            Verdict::Failed(None) | Verdict::Held => Ok(None),
        }
    }

    /// What a kept item of [`Request::table_key`] says; one that has expired says nothing.
    pub fn found(&self, kept: Item, now: Timestamp) -> Result<Option<Earlier>, CallError> {
        match kept.get("expires_at").and_then(|at| at.as_i64()) {
            Some(expires_at) if expires_at > now.as_second() => self.judge(kept).map(Some),
            _ => Ok(None),
        }
    }

    fn judge(&self, kept: Item) -> Result<Earlier, CallError> {
        let kept: Kept = read(kept)?;
        if kept.digest != self.digest {
            return Ok(Earlier::OtherBody);
        }
        let answer = serde_json::from_str(&kept.answer);
        answer.map(Earlier::Answer).map_err(|_| CallError::odd_result("read", "a kept answer that is no JSON"))
    }

    /// Where the answer is kept.
    pub fn table_key(&self) -> Key {
        Table::Requests.key(format!("{}#{}", self.person_id, self.key), "")
    }
}

impl FromStr for IdempotencyKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |each: u8| each.is_ascii_alphanumeric() || matches!(each, b'-' | b'_');
        match (8..=64).contains(&text.len()) && text.bytes().all(allowed) {
            true => Ok(Self(text.to_owned())),
            false => Err("is not a key of 8 to 64 letters, digits, '-' and '_'"),
        }
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
