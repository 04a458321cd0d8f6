//! One request on the record, and the record as lines of JSON.

use std::time::Duration;

use serde_json::{Value, json};

use super::fault::Fault;

/// One request that went over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its place in the order of arrival, from 0.
    pub sequence: usize,
    /// Who sent it.
    pub actor: String,
    /// `service:Operation`, such as `lambda:CreateFunction`.
    pub operation: String,
    /// The region that it is signed for; `-` where it is not signed.
    pub region: String,
    /// What it is about, by a name that is the same in every run; `""` where there is none.
    pub resource: String,
    /// Path and query: what it was about, for REST services.
    pub target: String,
    /// Which attempt of the SDK it is, from 1.
    pub attempt: u32,
    /// Whether it may have changed something.
    pub mutating: bool,
    /// The status that AWS answered; `None`: it was not asked, or did not answer.
    pub status: Option<u16>,
    /// The fault that spoilt it, if one did.
    pub fault: Option<Fault>,
    /// When it came and when it was answered, since the wire began.
    pub began: Duration,
    /// When it was answered; as long as it hangs, when that began.
    pub ended: Duration,
}

impl Call {
    /// The call as a line of the log. Times are in milliseconds since the wire began.
    pub fn line(&self) -> Value {
        let (service, operation) = self.operation.split_once(':').unwrap_or(("-", &self.operation));
        json!({
            "seq": self.sequence,
            "actor": self.actor,
            "service": service,
            "operation": operation,
            "region": self.region,
            "resource": self.resource,
            "attempt": self.attempt,
            "forwarded": self.status.is_some(),
            "status": self.status,
            "mode": self.fault.map(|fault| fault.to_string()),
            "t0": milliseconds(self.began),
            "t1": milliseconds(self.ended),
        })
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
