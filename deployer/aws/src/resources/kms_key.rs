//! KMS keys, each with the alias by which everything else knows it.

mod calls;
mod read;

use deployer_engine::resource::{CloudError, Cx, Holds, Identity, Key, Live, Owner, Resource};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::calls::{find, half_done};
use self::read::{Found, by_tags, read};
use crate::Cloud;
use crate::client::all_of;
use crate::naming::{Tags, met};

/// Code of "it is being deleted already", among others.
const BAD_STATE: &str = "KMSInvalidStateException";
/// The tag that keeps how long a key can be had back: AWS is told only when it goes.
const DELETION_TAG: &str = "deployer:deletion-days";

/// A symmetric key that encrypts, with its alias.
///
/// A key that goes can be had back for some days: one that is wanted again by then is the same key, so that what it
/// encrypted can be read. Read budget: 5 calls a key; where none has the alias, 2 for each key of the account, once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KmsKey {
    /// Its alias: `alias/` and up to 250 of `A–Z a–z 0–9 / _ -`. Source: CreateAlias.
    pub alias: String,
    /// Words for people: up to 8,192 characters. Source: CreateKey.
    pub description: String,
    /// Who may do what with it: a policy document. Source: PutKeyPolicy.
    pub policy: Value,
    /// Whether AWS makes new material for it each year; the old one goes on decrypting. Source: EnableKeyRotation.
    pub rotates: bool,
    /// Whether it can be used.
    pub enabled: bool,
    /// For how many days it can be had back once it was deleted: 7 to 30. Source: ScheduleKeyDeletion.
    pub deletion_days: u32,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
}

/// What AWS mints for a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KmsKeyOutputs {
    /// Its ARN.
    pub arn: String,
}

/// The ARN of an alias, such as `alias/crew-prod-medical`.
pub fn alias_arn(region: &str, account: &str, alias: &str) -> String {
    format!("arn:aws:kms:{region}:{account}:{alias}")
}

impl KmsKey {
    fn every_tag(&self) -> Tags {
        let own = (DELETION_TAG.to_owned(), self.deletion_days.to_string());
        self.tags.clone().into_iter().chain([own]).collect()
    }

    fn into_live(self, id: &str, arn: String) -> Live<Self> {
        Live { id: id.to_owned(), inputs: self, outputs: KmsKeyOutputs { arn } }
    }
}

impl Resource for KmsKey {
    const TYPE: &'static str = "kms_key";
    const IDENTITY: Identity = Identity::Tag;
    const HOLDS: Holds = Holds::Data;
    const TAGGED: bool = true;
    const STABLE: &'static [&'static str] = &["arn"];
    const LIMITS: &'static [(&'static str, &'static str)] = &[
        ("alias", "kms:CreateAlias.AliasName"),
        ("description", "kms:CreateKey.Description"),
        ("deletion_days", "kms:ScheduleKeyDeletion.PendingWindowInDays"),
    ];
    const ACTIONS: &'static [&'static str] = &[
        "kms:CancelKeyDeletion",
        "kms:CreateAlias",
        "kms:CreateKey",
        "kms:DeleteAlias",
        "kms:DescribeKey",
        "kms:DisableKeyRotation",
        "kms:EnableKey",
        "kms:EnableKeyRotation",
        "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus",
        "kms:ListAliases",
        "kms:ListKeys",
        "kms:ListResourceTags",
        "kms:PutKeyPolicy",
        "kms:ScheduleKeyDeletion",
        "kms:TagResource",
        "kms:UntagResource",
        "kms:UpdateKeyDescription",
    ];
    type Outputs = KmsKeyOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        let one = |key: &Key<Self>| {
            let (id, inputs) = (key.id.clone(), key.inputs.clone());
            async move { Ok(read(&cx.cloud, id.as_deref(), &inputs).await?.and_then(Found::in_use)) }
        };
        all_of(keys.iter().map(one).collect()).await
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        prior: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        let cloud = &*cx.cloud;
        let (found, is_new) = match live {
            Some(live) => (live.clone(), false),
            None => match read(cloud, None, self).await? {
                Some(Found::InUse(found)) => {
                    (met("kms:CreateAlias", &self.alias, &self.tags, Some(found), |each: &Self| &each.tags)?, false)
                }
                Some(Found::Leaving(mut found)) => {
                    self.take_back(cloud, &found.id).await?;
                    // It comes back switched off, and renews itself if it did before, which AWS has not told.
                    found.inputs.enabled = false;
                    found.inputs.rotates = !self.rotates;
                    (found, false)
                }
                None => (self.create(cloud).await?, true),
            },
        };
        let updated = self.update(cloud, prior, &found).await;
        updated.map_err(|error| if is_new { half_done(error) } else { error })?;
        Ok(self.clone().into_live(&found.id, found.outputs.arn))
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let cloud = &*cx.cloud;
        if !live.inputs.alias.is_empty() {
            find(cloud, "DeleteAlias", &live.inputs.alias, json!({ "AliasName": live.inputs.alias })).await?;
        }
        let body = json!({ "KeyId": live.id, "PendingWindowInDays": live.inputs.deletion_days });
        match find(cloud, "ScheduleKeyDeletion", &live.inputs.alias, body).await {
            Err(error) if error.code != BAD_STATE => Err(error),
            _ => Ok(()),
        }
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        by_tags(&cx.cloud, owner).await
    }
}
