//! The logs of a function.

use deployer_engine::kind::{Expand, Expansion};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::duration::Period;

/// Days of retention that CloudWatch Logs knows. Source: PutRetentionPolicy.
const RETENTION_DAYS: [u64; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// The logs of a function.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Logs {
    /// How long they are kept: `1d`, `3d`, `5d`, `7d`, `14d`, `30d`, `60d`, `90d` and further to `3653d`. Default: `30d`.
    #[serde(default = "default_keep")]
    pub keep: Period,
}

impl Default for Logs {
    fn default() -> Self {
        Self { keep: default_keep() }
    }
}

fn default_keep() -> Period {
    Period::from_days(30)
}

impl Logs {
    /// The days that they are kept; `None`: CloudWatch cannot.
    pub(super) fn days(&self) -> Option<u32> {
        self.keep.whole_days().filter(|days| RETENTION_DAYS.contains(days)).and_then(|days| u32::try_from(days).ok())
    }

    pub(super) fn check(&self, cx: &Expand<'_>, out: &mut Expansion) {
        if self.days().is_none() {
            let known = RETENTION_DAYS.map(|days| format!("{days}d")).join(", ");
            out.fault(
                cx,
                &["logs", "keep"],
                "bad-retention",
                format!("CloudWatch cannot keep logs for {}", self.keep),
                format!("it knows {known}"),
            );
        }
    }
}
