//! What an EventBridge rule calls.

use aws_sdk_eventbridge::types::{DeadLetterConfig, RetryPolicy, Target};
use deployer_engine::resource::{CloudError, Cx, ErrorClass, Identity, Key, Live, Owner, Resource};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Cloud;
use crate::client::all_of;
use crate::listing;

/// Code of "there is no such rule".
const MISSING: &[&str] = &["ResourceNotFoundException"];
/// Code, of one entry, for "somebody changes the rule just now".
const BUSY: &[&str] = &["ConcurrentModificationException", "InternalException"];

/// All targets of a rule. The set is ours: one that somebody else added is drift and removed.
///
/// Read budget: 1 call a rule, 1 more for each further 100 targets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventTargets {
    /// The rule, on the default bus.
    pub rule: String,
    /// Its targets, sorted by id: 1 to 5.
    pub targets: Vec<EventTarget>,
}

/// One target of a rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventTarget {
    /// Its id within the rule: 1 to 64 of `A–Z a–z 0–9 . - _`. Source: PutTargets.
    pub id: String,
    /// ARN of what is called. Source: PutTargets.
    pub arn: String,
    /// What it is given, as JSON, in place of the event. Source: PutTargets, `Input`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Value>,
    /// ARN of the queue for events that could not be delivered. Source: PutTargets, `DeadLetterConfig`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_letter_arn: Option<String>,
    /// How delivery is tried again. Absent: AWS's 185 times within 24 hours. Source: PutTargets, `RetryPolicy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
}

/// How the delivery of an event is tried again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// How often: 0 to 185.
    pub max_retries: u32,
    /// How old the event may become, in seconds: 60 to 86,400.
    pub max_age_seconds: u32,
}

impl EventTarget {
    fn of(found: Target) -> Self {
        let unsigned = |number: Option<i32>| number.and_then(|each| u32::try_from(each).ok()).unwrap_or_default();
        Self {
            id: found.id,
            arn: found.arn,
            input: found.input.map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text))),
            dead_letter_arn: found.dead_letter_config.and_then(|each| each.arn),
            retry: found.retry_policy.map(|each| Retry {
                max_retries: unsigned(each.maximum_retry_attempts),
                max_age_seconds: unsigned(each.maximum_event_age_in_seconds),
            }),
        }
    }

    fn to_target(&self) -> Result<Target, CloudError> {
        let signed = |number: u32| {
            i32::try_from(number)
                .map_err(|_| CloudError::inputs(&self.id, format!("{number} is more than EventBridge takes")))
        };
        let retry = match &self.retry {
            Some(retry) => {
                let policy = RetryPolicy::builder().maximum_retry_attempts(signed(retry.max_retries)?);
                Some(policy.maximum_event_age_in_seconds(signed(retry.max_age_seconds)?).build())
            }
            None => None,
        };
        let dead_letters = self.dead_letter_arn.as_ref().map(|arn| DeadLetterConfig::builder().arn(arn).build());
        let target = Target::builder().id(&self.id).arn(&self.arn).set_input(self.input.as_ref().map(Value::to_string));
        target
            .set_dead_letter_config(dead_letters)
            .set_retry_policy(retry)
            .build()
            .map_err(|error| CloudError::inputs(&self.id, error.to_string()))
    }
}

async fn read(cx: &Cx<Cloud>, rule: &str) -> Result<Option<EventTargets>, CloudError> {
    let mut targets = Vec::new();
    let mut token = None;
    loop {
        let request = cx.cloud.events().list_targets_by_rule().rule(rule).set_next_token(token);
        let Some(page) = cx.cloud.find("events:ListTargetsByRule", rule, MISSING, request.send()).await? else {
            return Ok(None);
        };
        targets.extend(page.targets.unwrap_or_default().into_iter().map(EventTarget::of));
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    targets.sort_by(|one, other| one.id.cmp(&other.id));
    Ok((!targets.is_empty()).then(|| EventTargets { rule: rule.to_owned(), targets }))
}

/// EventBridge answers 200 to a call that failed for some of its entries.
fn check(
    operation: &str,
    rule: &str,
    failed: i32,
    first: Option<(Option<String>, Option<String>)>,
) -> Result<(), CloudError> {
    if failed == 0 {
        return Ok(());
    }
    let (code, message) = first.unwrap_or_default();
    let code = code.unwrap_or_else(|| "failed-entry".to_owned());
    let class = if BUSY.contains(&code.as_str()) { ErrorClass::NotYet } else { ErrorClass::Refused };
    Err(CloudError::new(class, operation, rule, &code, message.unwrap_or_else(|| format!("{failed} targets failed"))))
}

async fn put(cloud: &Cloud, rule: &str, targets: &[&EventTarget]) -> Result<(), CloudError> {
    let entries = targets.iter().map(|each| each.to_target()).collect::<Result<Vec<_>, _>>()?;
    let operation = "events:PutTargets";
    let put =
        cloud.call(operation, rule, cloud.events().put_targets().rule(rule).set_targets(Some(entries)).send()).await?;
    let first = put.failed_entries.unwrap_or_default().into_iter().next();
    check(operation, rule, put.failed_entry_count, first.map(|each| (each.error_code, each.error_message)))
}

async fn remove(cloud: &Cloud, rule: &str, ids: Vec<String>) -> Result<(), CloudError> {
    let operation = "events:RemoveTargets";
    let request = cloud.events().remove_targets().rule(rule).set_ids(Some(ids));
    let Some(removed) = cloud.find(operation, rule, MISSING, request.send()).await? else { return Ok(()) };
    let first = removed.failed_entries.unwrap_or_default().into_iter().next();
    check(operation, rule, removed.failed_entry_count, first.map(|each| (each.error_code, each.error_message)))
}

impl EventTargets {
    fn into_live(self) -> Live<Self> {
        Live { id: self.rule.clone(), inputs: self, outputs: () }
    }

    /// What must be put, and the ids of what must go.
    fn changes(&self, live: Option<&Self>) -> (Vec<&EventTarget>, Vec<String>) {
        let live = live.map_or(&[][..], |each| &each.targets);
        let put = self.targets.iter().filter(|each| !live.contains(each)).collect();
        let foreign = live.iter().filter(|found| self.targets.iter().all(|each| each.id != found.id));
        (put, foreign.map(|each| each.id.clone()).collect())
    }
}

impl Resource for EventTargets {
    const TYPE: &'static str = "event_targets";
    const IDENTITY: Identity = Identity::Parent;
    const REPLACE_ON: &'static [&'static str] = &["rule"];
    const LIMITS: &'static [(&'static str, &'static str)] = &[
        ("targets/*/id", "events:PutTargets.Targets.Id"),
        ("targets/*/retry/max_retries", "events:PutTargets.Targets.RetryPolicy.MaximumRetryAttempts"),
        ("targets/*/retry/max_age_seconds", "events:PutTargets.Targets.RetryPolicy.MaximumEventAgeInSeconds"),
    ];
    const ACTIONS: &'static [&'static str] = &["events:ListTargetsByRule", "events:PutTargets", "events:RemoveTargets"];
    type Outputs = ();
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        let found = all_of(keys.iter().map(|key| read(cx, &key.inputs.rule)).collect()).await?;
        Ok(found.into_iter().map(|each| each.map(Self::into_live)).collect())
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        _: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        let (wanted, foreign) = self.changes(live.map(|live| &live.inputs));
        if !wanted.is_empty() {
            put(&cx.cloud, &self.rule, &wanted).await?;
        }
        // The old target goes once the new one is there: in between both are called, never none.
        if !foreign.is_empty() {
            remove(&cx.cloud, &self.rule, foreign).await?;
        }
        Ok(self.clone().into_live())
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let ids = live.inputs.targets.iter().map(|each| each.id.clone()).collect();
        remove(&cx.cloud, &live.inputs.rule, ids).await
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        let read = |name: String| async move { Ok(read(cx, &name).await?.map(Self::into_live)) };
        listing::read_each(listing::rules(cx, owner).await?, read).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn target(id: &str, arn: &str) -> EventTarget {
        EventTarget {
            id: id.into(),
            arn: arn.into(),
            input: Some(json!({ "kind": "nudge", "dry": false })),
            dead_letter_arn: Some("arn:aws:sqs:us-west-2:1:q".into()),
            retry: Some(Retry { max_retries: 3, max_age_seconds: 3_600 }),
        }
    }

    fn targets(targets: Vec<EventTarget>) -> EventTargets {
        EventTargets { rule: "r".into(), targets }
    }

    #[test]
    fn a_target_reads_back_as_it_was_put() {
        let wanted = target("live", "arn:x");
        assert_eq!(EventTarget::of(wanted.to_target().unwrap()), wanted);
        let bare = EventTarget { input: None, dead_letter_arn: None, retry: None, ..target("live", "arn:x") };
        assert_eq!(EventTarget::of(bare.to_target().unwrap()), bare);
    }

    #[test]
    fn a_target_that_somebody_added_is_removed_and_ours_is_put_only_when_it_differs() {
        let wanted = targets(vec![target("live", "arn:x")]);
        let with_foreign = targets(vec![target("live", "arn:x"), target("old", "arn:y")]);
        assert_eq!(wanted.changes(Some(&with_foreign)), (vec![], vec!["old".to_owned()]));
        assert_eq!(wanted.changes(Some(&targets(vec![target("live", "arn:y")]))), (vec![&wanted.targets[0]], vec![]));
        assert_eq!(wanted.changes(None), (vec![&wanted.targets[0]], vec![]));
    }

    #[test]
    fn a_failed_entry_of_an_answer_that_says_200_is_an_error() {
        assert_eq!(check("events:PutTargets", "r", 0, None), Ok(()));
        let busy = check("events:PutTargets", "r", 1, Some((Some("ConcurrentModificationException".into()), None)))
            .unwrap_err();
        assert_eq!(busy.class, ErrorClass::NotYet);
        let refused = check(
            "events:PutTargets",
            "r",
            1,
            Some((Some("ResourceNotFoundException".into()), Some("no such function".into()))),
        )
        .unwrap_err();
        assert_eq!((refused.class, refused.message.as_str()), (ErrorClass::Refused, "no such function"));
    }
}
