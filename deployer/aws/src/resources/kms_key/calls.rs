//! The calls that make and change a key, and what their errors mean for the whole.

use deployer_engine::resource::{CloudError, ErrorClass, Live};
use serde_json::{Value, json};

use super::KmsKey;
use crate::Cloud;
use crate::client::json::KMS;
use crate::naming::tag_changes;
use crate::policy::same;

/// Codes of "there is no such key or alias".
const MISSING: &[&str] = &["NotFoundException"];

/// Asks KMS in the stack's region.
pub(super) async fn ask(cloud: &Cloud, operation: &str, object: &str, body: Value) -> Result<Value, CloudError> {
    cloud.ask(KMS, &cloud.target.region, operation, object, body).await
}

/// The same, where an answer of `MISSING` is none.
pub(super) async fn find(
    cloud: &Cloud,
    operation: &str,
    object: &str,
    body: Value,
) -> Result<Option<Value>, CloudError> {
    match ask(cloud, operation, object, body).await {
        Ok(found) => Ok(Some(found)),
        Err(error) if MISSING.contains(&error.code.as_str()) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What a call says after a key was made: of the call alone nothing happened, of the whole something did. The key may not
/// be listed yet, so that whoever repeats this at once would make another.
pub(super) fn half_done(error: CloudError) -> CloudError {
    let class = match error.class {
        ErrorClass::Throttled | ErrorClass::NotYet | ErrorClass::Missing | ErrorClass::Conflict => ErrorClass::Unknown,
        class => class,
    };
    CloudError { class, ..error }
}

impl KmsKey {
    /// Makes it; its alias and its rotation follow.
    pub(super) async fn create(&self, cloud: &Cloud) -> Result<Live<Self>, CloudError> {
        let body = json!({
            "Description": self.description, "Policy": self.policy.to_string(), "Tags": KMS.tags(&self.every_tag()),
        });
        let made = ask(cloud, "CreateKey", &self.alias, body).await?;
        let text = |field: &str| made["KeyMetadata"][field].as_str().unwrap_or_default().to_owned();
        let (id, arn) = (text("KeyId"), text("Arn"));
        let new = Self { alias: String::new(), rotates: false, enabled: true, ..self.clone() };
        Ok(new.into_live(&id, arn))
    }

    /// Takes a key of ours back that is on its way out.
    pub(super) async fn take_back(&self, cloud: &Cloud, id: &str) -> Result<(), CloudError> {
        ask(cloud, "CancelKeyDeletion", &self.alias, json!({ "KeyId": id })).await.map(drop)
    }

    pub(super) async fn update(
        &self,
        cloud: &Cloud,
        prior: Option<&Self>,
        found: &Live<Self>,
    ) -> Result<(), CloudError> {
        let (id, live) = (&found.id, &found.inputs);
        let one = |operation: &'static str, body: Value| async move {
            ask(cloud, operation, &self.alias, body).await.map(drop)
        };
        if !live.enabled {
            one("EnableKey", json!({ "KeyId": id })).await?;
        }
        if live.description != self.description {
            one("UpdateKeyDescription", json!({ "KeyId": id, "Description": self.description })).await?;
        }
        if !same(&live.policy, &self.policy) {
            let body = json!({ "KeyId": id, "PolicyName": "default", "Policy": self.policy.to_string() });
            one("PutKeyPolicy", body).await?;
        }
        if live.rotates != self.rotates {
            let operation = if self.rotates { "EnableKeyRotation" } else { "DisableKeyRotation" };
            one(operation, json!({ "KeyId": id })).await?;
        }
        let before = prior.map(Self::every_tag);
        let (write, remove) = tag_changes(&self.every_tag(), before.as_ref(), &live.every_tag());
        if !write.is_empty() {
            one("TagResource", json!({ "KeyId": id, "Tags": KMS.tags(&write) })).await?;
        }
        if !remove.is_empty() {
            one("UntagResource", json!({ "KeyId": id, "TagKeys": remove })).await?;
        }
        // The alias is last: what is found by it is whole.
        if live.alias != self.alias {
            one("CreateAlias", json!({ "AliasName": self.alias, "TargetKeyId": id })).await?;
            if !live.alias.is_empty() {
                find(cloud, "DeleteAlias", &live.alias, json!({ "AliasName": live.alias })).await?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_after_a_key_was_made_is_looked_at_before_it_is_repeated() {
        let class = |class| half_done(CloudError::new(class, "kms:CreateAlias", "alias/a", "code", "")).class;
        for each in [ErrorClass::Throttled, ErrorClass::NotYet, ErrorClass::Missing, ErrorClass::Conflict] {
            assert_eq!(class(each), ErrorClass::Unknown);
        }
        // What ends a run ends it all the same.
        for each in [ErrorClass::Denied, ErrorClass::Stopped, ErrorClass::Refused] {
            assert_eq!(class(each), each);
        }
    }
}
