//! What the audit of the stacks counts.

use super::Probe;
use crate::figure::Unit;
use crate::live::StackAudit;

pub(super) const STACKS: [Probe<Vec<StackAudit>>; 5] = [
    Probe {
        id: "stack-drift",
        label: "AWS objects that differ from their stack file",
        unit: Unit::Count,
        read: |stacks, _| total(stacks, |stack| stack.drifted.map(f64::from)),
    },
    Probe {
        id: "distributions-without-waf",
        label: "Distributions without a WAF",
        unit: Unit::Count,
        read: |stacks, _| of(stacks, |stack| stack.distributions.as_deref(), |one| !one.waf),
    },
    Probe {
        id: "endpoints-open",
        label: "Endpoints that ask nobody who calls",
        unit: Unit::Count,
        read: |stacks, _| of(stacks, |stack| stack.endpoints.as_deref(), |one| !one.authenticated),
    },
    Probe {
        id: "endpoints-without-cors",
        label: "Endpoints without a list of origins",
        unit: Unit::Count,
        read: |stacks, _| of(stacks, |stack| stack.endpoints.as_deref(), |one| !one.cors),
    },
    Probe {
        id: "endpoints-without-limit",
        label: "Endpoints without a rate limit",
        unit: Unit::Count,
        read: |stacks, _| of(stacks, |stack| stack.endpoints.as_deref(), |one| !one.rate_limited),
    },
];

/// What all stacks have together; absent where one of them does not speak of it.
fn total(stacks: &[StackAudit], read: impl Fn(&StackAudit) -> Option<f64>) -> Option<f64> {
    stacks.iter().map(read).sum()
}

/// How many things of all stacks are so; absent where one of them does not speak of them.
fn of<T>(stacks: &[StackAudit], list: fn(&StackAudit) -> Option<&[T]>, is_so: fn(&T) -> bool) -> Option<f64> {
    total(stacks, |stack| Some(list(stack)?.iter().filter(|one| is_so(one)).count() as f64))
}
