//! Everything that exists in an AWS on this machine, to compare two worlds or to see that nothing is left.

mod api;
mod edge;
mod services;
mod xml;

use std::collections::BTreeMap;
use std::ops::Deref;

use serde_json::Value;

pub use self::api::Api;
pub use self::xml::list;

/// Fields whose values differ from one run to the next though nothing else does.
const VOLATILE: &[&str] = &[
    "CreateDate",
    "CreatedTime",
    "CreationDateTime",
    "creationTime",
    "LastModified",
    "LastModifiedDate",
    "LastModifiedTime",
    "LastUpdateToPayPerRequestDateTime",
    "CreationTime",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "RevisionId",
    "ETag",
    "LockToken",
    "CallerReference",
    // A secret of the distribution's origin.
    "HeaderValue",
    // Of the document of a ring: when a key was made and came into its phase, and the key itself.
    "created_at",
    "since",
    "n",
    "EarliestRestorableDateTime",
    "LatestRestorableDateTime",
    "storedBytes",
    "RoleLastUsed",
    "LastUsedDate",
    "LatestStreamLabel",
    "ApproximateNumberOfMessages",
    "InProgressInvalidationBatches",
    "LastDecreaseDateTime",
    "LastIncreaseDateTime",
    // Of an alarm: how it is at the moment.
    "AlarmConfigurationUpdatedTimestamp",
    "StateReason",
    "StateReasonData",
    "StateTransitionedTimestamp",
    "StateUpdatedTimestamp",
    "StateValue",
    // Of a key: when it was made, and of which material.
    "CreationDate",
    "CurrentKeyMaterialId",
];

/// One thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// As AWS tells it.
    pub value: Value,
    /// Ids in it that AWS minted.
    ids: Vec<String>,
}

/// Everything that exists: by `service/kind/name`, such as `lambda/alias/crew-local-api:live`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inventory(BTreeMap<String, Item>);

/// Lists everything in an AWS such as `http://127.0.0.1:4566`, in one region and what is global. What
/// AWS brings itself (managed policies) is left out.
pub async fn inventory(endpoint: &str, region: &str) -> Inventory {
    let api = Api::new(endpoint, region);
    let mut all = Inventory::default();
    services::lambda(&api, &mut all).await;
    services::iam(&api, &mut all).await;
    services::logs(&api, &mut all).await;
    services::dynamodb(&api, &mut all).await;
    services::ssm(&api, &mut all).await;
    services::events(&api, &mut all).await;
    services::sqs(&api, &mut all).await;
    services::sns(&api, &mut all).await;
    services::alarms(&api, &mut all).await;
    services::kms(&api, &mut all).await;
    if region != api::US_EAST_1 {
        // What the edge measures is watched, and told, where CloudFront's companions are.
        let edge = api.in_region(api::US_EAST_1);
        services::sns(&edge, &mut all).await;
        services::alarms(&edge, &mut all).await;
    }
    services::waf(&api, &mut all).await;
    services::ses(&api, &mut all).await;
    edge::s3(&api, &mut all).await;
    edge::cloudfront(&api, &mut all).await;
    all
}

/// The things that carry the tags of a stack's environment.
pub async fn tagged(endpoint: &str, region: &str, stack: &str, environment: &str) -> Vec<String> {
    inventory(endpoint, region).await.tagged(stack, environment)
}

impl Inventory {
    /// The names of the things that carry the tags of a stack's environment.
    pub fn tagged(&self, stack: &str, environment: &str) -> Vec<String> {
        self.addressed(stack, environment).into_iter().map(|(name, _)| name).collect()
    }

    /// The same, each with the address that its tags tell.
    pub fn addressed(&self, stack: &str, environment: &str) -> Vec<(String, String)> {
        let ours = |item: &Item| {
            tag(&item.value["tags"], "deployer:stack") == Some(stack)
                && tag(&item.value["tags"], "deployer:env") == Some(environment)
        };
        let address = |item: &Item| tag(&item.value["tags"], "deployer:address").unwrap_or_default().to_owned();
        self.iter().filter(|(_, item)| ours(item)).map(|(name, item)| (name.clone(), address(item))).collect()
    }

    /// The same less a bucket with all that it holds.
    #[must_use]
    pub fn without_bucket(mut self, name: &str) -> Self {
        let (bucket, objects) = (format!("s3/bucket/{name}"), format!("s3/object/{name}/"));
        self.0.retain(|key, _| *key != bucket && !key.starts_with(&objects));
        self
    }

    /// What does not differ between two runs: minted ids replaced by the names of their things, times
    /// and revisions left out.
    pub fn masked(&self) -> BTreeMap<String, Value> {
        let ids: Vec<(&str, String)> = self
            .iter()
            .flat_map(|(name, item)| item.ids.iter().map(move |id| (id.as_str(), format!("<{name}>"))))
            .collect();
        self.iter().map(|(name, item)| (name.clone(), masked(&item.value, &ids))).collect()
    }

    pub(crate) fn add(&mut self, kind: &str, name: &str, value: Value, ids: &[&str]) {
        let ids = ids.iter().filter(|id| !id.is_empty()).map(|id| (*id).to_owned()).collect();
        let key = format!("{kind}/{name}");
        // Two that cannot be told apart by name must still count as two.
        let free = (1..).map(|number| if number == 1 { key.clone() } else { format!("{key}#{number}") });
        let key = free.into_iter().find(|key| !self.0.contains_key(key)).unwrap_or_default();
        self.0.insert(key, Item { value, ids });
    }
}

impl Deref for Inventory {
    type Target = BTreeMap<String, Item>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// A tag's value, in each of the forms that AWS tells tags in.
fn tag<'a>(tags: &'a Value, key: &str) -> Option<&'a str> {
    let of_pair = |pair: &'a Value| {
        let field = |names: [&str; 2]| names.into_iter().find_map(|name| pair[name].as_str());
        (field(["Key", "key"]) == Some(key)).then(|| field(["Value", "value"])).flatten()
    };
    match tags {
        Value::Object(map) => map.get(key).and_then(Value::as_str),
        Value::Array(pairs) => pairs.iter().find_map(of_pair),
        _ => None,
    }
}

fn masked(value: &Value, ids: &[(&str, String)]) -> Value {
    match value {
        Value::String(text) => Value::String(ids.iter().fold(text.clone(), |text, (id, name)| text.replace(id, name))),
        Value::Array(values) => Value::Array(values.iter().map(|each| masked(each, ids)).collect()),
        Value::Object(map) => Value::Object(
            map.iter()
                .filter(|(key, _)| !VOLATILE.contains(&key.as_str()))
                .map(|(key, each)| (key.clone(), masked(each, ids)))
                .collect(),
        ),
        other => other.clone(),
    }
}

/// JSON that stands in a text, such as a policy; anything else as it is.
fn embedded_json(value: &Value) -> Value {
    match value.as_str().map(serde_json::from_str) {
        Some(Ok(parsed @ (Value::Object(_) | Value::Array(_)))) => parsed,
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests;
