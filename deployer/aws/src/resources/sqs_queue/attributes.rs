//! What SQS keeps of a queue as attributes: texts, some of them JSON.

use std::collections::HashMap;

use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::{Value, json};

use super::{DeadLetters, SqsQueue};
use crate::policy::{in_words_of, same};

/// Those that are managed.
pub(super) const MANAGED: [QueueAttributeName; 4] = [
    QueueAttributeName::MessageRetentionPeriod,
    QueueAttributeName::Policy,
    QueueAttributeName::RedrivePolicy,
    QueueAttributeName::VisibilityTimeout,
];

/// AWS's retention where none is asked for.
const DEFAULT_RETENTION_SECONDS: u32 = 345_600;
/// How long AWS hides a message from others where nothing is said.
const DEFAULT_VISIBILITY_SECONDS: u32 = 30;

/// A queue as its attributes tell it, without tags. Its policy is told in the words of `known` where both say the same.
pub(super) fn described(
    name: &str,
    attributes: &HashMap<QueueAttributeName, String>,
    known: Option<&Value>,
) -> SqsQueue {
    let text = |attribute: &QueueAttributeName| attributes.get(attribute).filter(|text| !text.is_empty());
    let seconds = |attribute: &QueueAttributeName| text(attribute).and_then(|text| text.parse().ok());
    SqsQueue {
        name: name.to_owned(),
        retention_seconds: seconds(&QueueAttributeName::MessageRetentionPeriod),
        visibility_seconds: seconds(&QueueAttributeName::VisibilityTimeout),
        dead_letters: text(&QueueAttributeName::RedrivePolicy).and_then(|text| redrive(text)),
        // A text that is no JSON differs from every policy that is wanted.
        policy: text(&QueueAttributeName::Policy)
            .map(|text| serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone())))
            .map(|policy| in_words_of(policy, known)),
        tags: Default::default(),
    }
}

/// The number is a number in some answers, and a text in others.
fn redrive(text: &str) -> Option<DeadLetters> {
    let told: Value = serde_json::from_str(text).ok()?;
    let count = &told["maxReceiveCount"];
    let attempts = count.as_u64().or_else(|| count.as_str()?.parse().ok())?;
    Some(DeadLetters {
        queue_arn: told["deadLetterTargetArn"].as_str()?.to_owned(),
        attempts: u32::try_from(attempts).ok()?,
    })
}

/// The attributes of `wanted` that differ from `live`; those that `prior` had and `wanted` has no more are reset.
pub(super) fn changes(
    wanted: &SqsQueue,
    prior: Option<&SqsQueue>,
    live: Option<&SqsQueue>,
) -> HashMap<QueueAttributeName, String> {
    let reset = |had: bool, to: String| had.then_some(to);
    let had = |has: fn(&SqsQueue) -> bool| prior.is_some_and(has);
    let differs = |of: fn(&SqsQueue) -> Value| live.is_none_or(|live| !same(&of(live), &of(wanted)));
    let retention = wanted.retention_seconds.map(|seconds| seconds.to_string());
    let visibility = wanted.visibility_seconds.map(|seconds| seconds.to_string());
    let redrive = wanted.dead_letters.as_ref().map(|letters| {
        json!({ "deadLetterTargetArn": letters.queue_arn, "maxReceiveCount": letters.attempts }).to_string()
    });
    let policy = wanted.policy.as_ref().map(ToString::to_string);
    let all = [
        (
            QueueAttributeName::MessageRetentionPeriod,
            retention.or(reset(had(|each| each.retention_seconds.is_some()), DEFAULT_RETENTION_SECONDS.to_string())),
            differs(|each| json!(each.retention_seconds)),
        ),
        (
            QueueAttributeName::VisibilityTimeout,
            visibility.or(reset(had(|each| each.visibility_seconds.is_some()), DEFAULT_VISIBILITY_SECONDS.to_string())),
            differs(|each| json!(each.visibility_seconds)),
        ),
        (
            QueueAttributeName::RedrivePolicy,
            redrive.or(reset(had(|each| each.dead_letters.is_some()), String::new())),
            differs(|each| json!(each.dead_letters)),
        ),
        (
            QueueAttributeName::Policy,
            policy.or(reset(had(|each| each.policy.is_some()), String::new())),
            differs(|each| json!(each.policy)),
        ),
    ];
    all.into_iter().filter(|(.., differs)| *differs).filter_map(|(name, text, _)| Some((name, text?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_that_comes_back_in_another_form_is_the_same_and_not_written_again() {
        let ours = json!({ "Version": "2012-10-17", "Statement": [{
            "Sid": "Events", "Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": ["arn:q"],
        }] });
        let theirs = json!({ "Statement": {
            "Action": "sqs:SendMessage", "Effect": "Allow", "Resource": "arn:q", "Sid": "Events",
        }, "Version": "2012-10-17" });
        let told = HashMap::from([(QueueAttributeName::Policy, theirs.to_string())]);
        let wanted = SqsQueue { policy: Some(ours.clone()), ..described("q", &HashMap::new(), None) };
        assert_eq!(described("q", &told, Some(&ours)), wanted);
        assert_eq!(changes(&wanted, Some(&wanted), Some(&described("q", &told, None))), HashMap::new());
    }
}
