//! What a schedule does when it fires, so that a person need not wait for the hour.

use deployer_engine::address::DeclarationAddress;
use deployer_engine::resource::{CloudError, Resource as _};
use deployer_engine::state::{Record, Standing, State};
use serde_json::{Value, json};

use crate::client::Cloud;
use crate::invoke::{Answer, invoke};
use crate::resources::event_rule;
use crate::resources::event_targets::EventTargets;

/// A schedule that is up.
#[derive(Clone, Debug, PartialEq)]
pub struct Clock {
    /// The schedule's declaration.
    pub address: DeclarationAddress,
    rule: String,
    /// Name and alias of the function that it calls.
    function: (String, String),
    /// What it is given in place of the event.
    input: Option<Value>,
}

/// The schedules of a stack that are up, by address.
pub fn clocks(state: &State) -> Vec<Clock> {
    let records = state.records.iter().filter(|each| each.type_name == EventTargets::TYPE);
    records.filter(|each| each.standing == Standing::Current).filter_map(clock).collect()
}

fn clock(record: &Record) -> Option<Clock> {
    let EventTargets { rule, targets } = serde_json::from_value(record.inputs.clone()).ok()?;
    let target = targets.into_iter().next()?;
    // arn:aws:lambda:<region>:<account>:function:<name>:<alias>
    let mut parts = target.arn.split(':').skip(6);
    let function = (parts.next()?.to_owned(), parts.next()?.to_owned());
    Some(Clock { address: record.address.declaration().clone(), rule, function, input: target.input })
}

impl Clock {
    /// Calls what the schedule calls, with what it would be given now; `now` is a time as RFC 3339 writes it.
    pub async fn pull(&self, cloud: &Cloud, now: &str) -> Result<Answer, CloudError> {
        let (name, alias) = &self.function;
        invoke(cloud, name, alias, self.event(cloud, now).to_string().as_bytes()).await
    }

    fn event(&self, cloud: &Cloud, now: &str) -> Value {
        if let Some(input) = &self.input {
            return input.clone();
        }
        let (region, account) = (&cloud.target.region, &cloud.target.account);
        json!({
            "version": "0",
            "id": "00000000-0000-0000-0000-000000000000",
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": account,
            "time": now,
            "region": region,
            "resources": [event_rule::arn(region, account, &self.rule)],
            "detail": {},
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(records: Value) -> State {
        serde_json::from_value(json!({
            "format": 1, "lineage": "l", "serial": 1, "intents": [], "outputs": {}, "records": records,
            "scope": { "stack": "crew", "environment": "local", "account": "000000000000", "region": "us-west-2" },
        }))
        .expect("a state")
    }

    fn record(address: &str, type_name: &str, inputs: Value) -> Value {
        json!({ "address": address, "id": "x", "type": type_name, "standing": "current", "ordinal": 0, "inputs": inputs, "outputs": {}, "depends": [] })
    }

    #[test]
    fn a_clock_calls_the_function_and_alias_of_its_rule_and_nothing_else_is_a_clock() {
        let targets = json!({ "rule": "crew-local-hourly", "targets": [{ "id": "live", "arn": "arn:aws:lambda:us-west-2:000000000000:function:crew-local-nudge:live" }] });
        let found = clocks(&state(json!([
            record("schedule.hourly/targets", "event_targets", targets),
            record("schedule.hourly/schedule", "event_rule", json!({})),
        ])));
        let [clock] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(clock.address.to_string(), "schedule.hourly");
        assert_eq!(clock.function, ("crew-local-nudge".to_owned(), "live".to_owned()));
        assert_eq!(clock.input, None);
    }
}
