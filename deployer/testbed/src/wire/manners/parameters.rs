//! What the Parameter Store refuses.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use serde_json::Value;

use super::{Manners, Refusal};
use crate::wire::call::Call;

/// Most bytes of a standard parameter. Source: PutParameter.
const MOST_BYTES: usize = 4096;
/// Most versions that are kept. Source: PutParameter.
const MOST_VERSIONS: u64 = 100;

/// What was put and deleted.
#[derive(Debug, Default)]
pub struct Parameters {
    deleted: BTreeMap<String, Instant>,
    newest: BTreeMap<String, u64>,
    labelled: BTreeMap<String, BTreeSet<u64>>,
}

impl Parameters {
    /// Why a parameter cannot be put.
    pub fn refuse(&self, manners: &Manners, call: &Call, body: &[u8], now: Instant) -> Option<Refusal> {
        if call.operation != "ssm:PutParameter" {
            return None;
        }
        let name = &call.resource;
        if self.deleted.get(name).is_some_and(|at| now.duration_since(*at) < manners.parameter_rest) {
            return Some(Refusal::new(400, "ParameterAlreadyExists"));
        }
        if !manners.parameter_limits {
            return None;
        }
        let request = serde_json::from_slice::<Value>(body).unwrap_or_default();
        if request["Value"].as_str().is_some_and(|value| value.len() > MOST_BYTES) {
            return Some(Refusal::new(400, "ValidationException"));
        }
        let leaves = (self.newest.get(name)? + 1).checked_sub(MOST_VERSIONS)?;
        let labels = self.labelled.get(name)?;
        labels.contains(&leaves).then(|| Refusal::new(400, "ParameterMaxVersionLimitExceeded"))
    }

    /// Takes note of what was done.
    pub fn note(&mut self, call: &Call, body: &[u8], answer: &[u8], now: Instant) {
        let json = |bytes| serde_json::from_slice::<Value>(bytes).unwrap_or_default();
        match call.operation.as_str() {
            "ssm:PutParameter" => {
                if let Some(version) = json(answer)["Version"].as_u64() {
                    self.newest.insert(call.resource.clone(), version);
                }
            }
            "ssm:LabelParameterVersion" => {
                let version = json(body)["ParameterVersion"].as_u64().or(self.newest.get(&call.resource).copied());
                self.labelled.entry(call.resource.clone()).or_default().extend(version);
            }
            "ssm:DeleteParameter" => self.forget(&call.resource, now),
            "ssm:DeleteParameters" => {
                let names = json(body)["Names"].as_array().cloned().unwrap_or_default();
                names.iter().filter_map(Value::as_str).for_each(|name| self.forget(name, now));
            }
            _ => {}
        }
    }

    fn forget(&mut self, name: &str, now: Instant) {
        self.newest.remove(name);
        self.labelled.remove(name);
        self.deleted.insert(name.to_owned(), now);
    }
}
