//! What takes AWS a while: distributions, new roles, the recovery of new tables.

use std::collections::BTreeMap;
use std::time::Instant;

use bytes::Bytes;
use serde_json::Value;

use super::{Manners, Refusal};
use crate::wire::call::Call;

/// How a distribution's summary and description say that all edges have it.
const DEPLOYED: &str = "<Status>Deployed</Status>";
const IN_PROGRESS: &str = "<Status>InProgress</Status>";

/// What has not settled yet.
#[derive(Debug, Default)]
pub struct Settling {
    /// Reads of a distribution that still say `InProgress`.
    distributions: usize,
    /// Since when there is each role.
    roles: BTreeMap<String, Instant>,
    /// How often the recovery of each table will still be refused.
    tables: BTreeMap<String, usize>,
}

impl Settling {
    /// Why it is too early for a call.
    pub fn refuse(&mut self, manners: &Manners, call: &Call, body: &[u8], now: Instant) -> Option<Refusal> {
        match call.operation.as_str() {
            "cloudfront:DeleteDistribution" if self.distributions > 0 => {
                Some(Refusal::new(409, "DistributionNotDisabled"))
            }
            "lambda:CreateFunction" | "lambda:UpdateFunctionConfiguration" => {
                let request = serde_json::from_slice::<Value>(body).unwrap_or_default();
                let role = request["Role"].as_str()?.rsplit('/').next()?;
                let since = self.roles.get(role)?;
                (now.duration_since(*since) < manners.role_lag)
                    .then(|| Refusal::new(400, "InvalidParameterValueException"))
            }
            "dynamodb:UpdateContinuousBackups" => {
                let left = self.tables.get_mut(&call.resource).filter(|left| **left > 0)?;
                *left -= 1;
                Some(Refusal::new(400, "ContinuousBackupsUnavailableException"))
            }
            _ => None,
        }
    }

    /// Takes note of what has begun.
    pub fn note(&mut self, manners: &Manners, call: &Call, now: Instant) {
        match call.operation.as_str() {
            "cloudfront:CreateDistribution"
            | "cloudfront:CreateDistributionWithTags"
            | "cloudfront:UpdateDistribution" => self.distributions = manners.late_deployed,
            "iam:CreateRole" => {
                self.roles.insert(call.resource.clone(), now);
            }
            "dynamodb:CreateTable" => {
                self.tables.insert(call.resource.clone(), manners.late_recovery);
            }
            _ => {}
        }
    }

    /// A body as AWS would give it while a distribution is on its way; `None`: as it is.
    pub fn shown(&mut self, call: &Call, body: &Bytes) -> Option<Bytes> {
        if self.distributions == 0 || !call.operation.starts_with("cloudfront:") {
            return None;
        }
        if matches!(call.operation.as_str(), "cloudfront:GetDistribution" | "cloudfront:ListDistributions") {
            self.distributions -= 1;
        }
        let text = std::str::from_utf8(body).ok()?;
        text.contains(DEPLOYED).then(|| Bytes::from(text.replace(DEPLOYED, IN_PROGRESS)))
    }
}
