//! Finding a key: by its id, by its alias, or by its tags, and whether it is on its way out.

use deployer_engine::owner::{ADDRESS_TAG, ENVIRONMENT_TAG, STACK_TAG};
use deployer_engine::resource::{CloudError, ErrorClass, Live, Owner};
use serde_json::{Value, json};

use super::calls::{ask, find};
use super::{DELETION_TAG, KmsKey, KmsKeyOutputs};
use crate::Cloud;
use crate::client::all_of;
use crate::client::json::KMS;
use crate::naming::Tags;
use crate::policy::in_words_of;

/// Days that AWS gives where nothing is said. Source: ScheduleKeyDeletion.
const DEFAULT_DELETION_DAYS: u32 = 30;
/// Keys of one answer. Source: ListKeys.
const A_PAGE: u32 = 1000;
/// The state of a key that can be had back, and is gone for everything else. Source: KeyMetadata.
const LEAVING: &str = "PendingDeletion";

/// A key.
#[derive(Debug)]
pub(super) enum Found {
    /// It is there.
    InUse(Live<KmsKey>),
    /// It is deleted in some days.
    Leaving(Live<KmsKey>),
}

impl Found {
    /// The key, unless it is leaving.
    pub(super) fn in_use(self) -> Option<Live<KmsKey>> {
        match self {
            Self::InUse(live) => Some(live),
            Self::Leaving(_) => None,
        }
    }
}

/// The key of that id. Without one: the key that has the alias, else the one with the same tags of ours.
pub(super) async fn read(cloud: &Cloud, id: Option<&str>, wanted: &KmsKey) -> Result<Option<Found>, CloudError> {
    let found = described(cloud, id.unwrap_or(&wanted.alias), Some(wanted)).await?;
    if found.is_some() || id.is_some() {
        return Ok(found);
    }
    let same = |tags: &Tags| {
        [STACK_TAG, ENVIRONMENT_TAG, ADDRESS_TAG].iter().all(|key| tags.get(*key) == wanted.tags.get(*key))
    };
    let mut leaving = None;
    for id in tagged(cloud, same).await? {
        match described(cloud, &id, Some(wanted)).await? {
            Some(found @ Found::InUse(_)) => return Ok(Some(found)),
            found => leaving = leaving.or(found),
        }
    }
    Ok(leaving)
}

/// Every key of an owner that is there.
pub(super) async fn by_tags(cloud: &Cloud, owner: &Owner) -> Result<Vec<Live<KmsKey>>, CloudError> {
    let ours = |tags: &Tags| {
        tags.get(STACK_TAG) == Some(&owner.stack) && tags.get(ENVIRONMENT_TAG) == Some(&owner.environment)
    };
    let ids = tagged(cloud, ours).await?;
    let found = all_of(ids.iter().map(|id| described(cloud, id, None)).collect()).await?;
    Ok(found.into_iter().flatten().filter_map(Found::in_use).collect())
}

/// The ids of the keys of the account whose tags fit. What nobody may look at is not ours.
async fn tagged(cloud: &Cloud, fits: impl Fn(&Tags) -> bool) -> Result<Vec<String>, CloudError> {
    let (mut ids, mut marker) = (Vec::new(), Value::Null);
    loop {
        let mut body = json!({ "Limit": A_PAGE });
        if marker.is_string() {
            body["Marker"] = marker;
        }
        let mut page = ask(cloud, "ListKeys", "", body).await?;
        let keys = page["Keys"].as_array().into_iter().flatten();
        ids.extend(keys.filter_map(|each| each["KeyId"].as_str().map(str::to_owned)));
        marker = page["NextMarker"].take();
        if !marker.is_string() {
            break;
        }
    }
    let with_tags = |id: String| async move {
        match tags(cloud, &id).await {
            Ok(tags) => Ok(Some((id, tags))),
            Err(error) if error.class == ErrorClass::Denied => Ok(None),
            Err(error) => Err(error),
        }
    };
    let found = all_of(ids.into_iter().map(with_tags).collect()).await?;
    Ok(found.into_iter().flatten().filter(|(_, tags)| fits(tags)).map(|(id, _)| id).collect())
}

async fn tags(cloud: &Cloud, id: &str) -> Result<Tags, CloudError> {
    let told = find(cloud, "ListResourceTags", id, json!({ "KeyId": id })).await?.unwrap_or_default();
    Ok(KMS.told_tags(&told["Tags"]))
}

/// The key of an id or an alias.
async fn described(cloud: &Cloud, name: &str, wanted: Option<&KmsKey>) -> Result<Option<Found>, CloudError> {
    let Some(described) = find(cloud, "DescribeKey", name, json!({ "KeyId": name })).await? else { return Ok(None) };
    let metadata = &described["KeyMetadata"];
    let text = |field: &str| metadata[field].as_str().unwrap_or_default().to_owned();
    let id = text("KeyId");
    let of = || json!({ "KeyId": id });
    let (mut tags, policy, aliases) = futures::try_join!(
        tags(cloud, &id),
        find(cloud, "GetKeyPolicy", name, json!({ "KeyId": id, "PolicyName": "default" })),
        find(cloud, "ListAliases", name, of())
    )?;
    let leaving = metadata["KeyState"] == LEAVING;
    // AWS does not tell it of a key that is leaving.
    let rotation = if leaving { None } else { find(cloud, "GetKeyRotationStatus", name, of()).await? };
    let policy = policy.unwrap_or_default()["Policy"].as_str().unwrap_or_default().to_owned();
    let policy = serde_json::from_str(&policy).unwrap_or(Value::String(policy));
    let deletion_days = tags.remove(DELETION_TAG).and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_DELETION_DAYS);
    let inputs = KmsKey {
        alias: alias_of(&aliases.unwrap_or_default(), wanted),
        description: text("Description"),
        policy: in_words_of(policy, wanted.map(|each| &each.policy)),
        rotates: rotation.is_some_and(|told| told["KeyRotationEnabled"] == true),
        enabled: metadata["Enabled"] == true,
        deletion_days,
        tags,
    };
    let live = Live { id: id.clone(), inputs, outputs: KmsKeyOutputs { arn: text("Arn") } };
    Ok(Some(if leaving { Found::Leaving(live) } else { Found::InUse(live) }))
}

/// The wanted alias when the key has it, else its first; `""` for none.
fn alias_of(told: &Value, wanted: Option<&KmsKey>) -> String {
    let mut aliases = told["Aliases"].as_array().into_iter().flatten().filter_map(|each| each["AliasName"].as_str());
    let first = aliases.clone().next();
    let known = wanted.and_then(|wanted| aliases.find(|each| **each == wanted.alias));
    known.or(first).unwrap_or_default().to_owned()
}
