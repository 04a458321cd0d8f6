//! Documented rates: calls over them are throttled.

use std::collections::BTreeMap;
use std::time::Instant;

use super::Refusal;
use crate::wire::call::Call;

/// How many calls of some operations are taken.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// Operations such as `lambda:Invoke`, or their beginnings with a `*`. The first rate that fits a call counts it.
    pub operations: &'static [&'static str],
    /// Whether each operation has the rate for itself.
    pub each: bool,
    /// Calls a second.
    pub per_second: f64,
    /// Calls at once after a rest.
    pub burst: f64,
    /// What those get that are too many.
    pub code: &'static str,
}

/// Rates that AWS documents or that people measured. Sources: Lambda quotas; AWS WAF quotas; Systems Manager quotas.
pub const DOCUMENTED: &[Rate] = &[
    Rate {
        operations: &["lambda:Invoke"],
        each: true,
        per_second: 1000.0,
        burst: 1000.0,
        code: "TooManyRequestsException",
    },
    Rate {
        operations: &["lambda:GetFunction"],
        each: true,
        per_second: 100.0,
        burst: 100.0,
        code: "TooManyRequestsException",
    },
    Rate { operations: &["lambda:*"], each: false, per_second: 15.0, burst: 15.0, code: "TooManyRequestsException" },
    Rate {
        operations: &["wafv2:Create*", "wafv2:Put*", "wafv2:Update*"],
        each: true,
        per_second: 1.0,
        burst: 1.0,
        code: "ThrottlingException",
    },
    Rate {
        operations: &["ssm:Put*", "ssm:Delete*", "ssm:Label*", "ssm:Add*", "ssm:Remove*"],
        each: true,
        per_second: 3.0,
        burst: 3.0,
        code: "ThrottlingException",
    },
    Rate { operations: &["ssm:*"], each: false, per_second: 40.0, burst: 40.0, code: "ThrottlingException" },
];

fn fits(pattern: &str, operation: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == operation, |beginning| operation.starts_with(beginning))
}

/// How much of each rate is left.
#[derive(Debug, Default)]
pub struct Pace(BTreeMap<String, Left>);

#[derive(Debug)]
struct Left {
    calls: f64,
    at: Instant,
}

impl Pace {
    /// Counts the call; refuses it when it is one too many.
    pub fn refuse(&mut self, rates: &[Rate], call: &Call, now: Instant) -> Option<Refusal> {
        let fits = |rate: &&Rate| rate.operations.iter().any(|pattern| fits(pattern, &call.operation));
        let rate = rates.iter().find(fits)?;
        let key = if rate.each { call.operation.as_str() } else { rate.operations[0] };
        let left = self.0.entry(key.to_owned()).or_insert(Left { calls: rate.burst, at: now });
        let rested = now.duration_since(left.at).as_secs_f64() * rate.per_second;
        *left = Left { calls: (left.calls + rested).min(rate.burst), at: now };
        if left.calls < 1.0 {
            return Some(Refusal::new(429, rate.code));
        }
        left.calls -= 1.0;
        None
    }
}
