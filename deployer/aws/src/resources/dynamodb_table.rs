//! DynamoDB tables: they hold data, so nothing here replaces one.

pub mod keys;
mod write;

use aws_sdk_dynamodb::types::{
    BillingMode, PointInTimeRecoveryStatus, TableDescription, TableStatus, TimeToLiveStatus,
};
use deployer_engine::resource::{CloudError, Cx, ErrorClass, Holds, Identity, Key, Live, Owner, Resource};
use serde::{Deserialize, Serialize};

use self::keys::{Indexes, TableKey, read_indexes, read_key};
use super::meanwhile::{gone, untouched};
use crate::Cloud;
use crate::client::all_of;
use crate::listing;
use crate::naming::{Tags, are_ours, own_tags, taken};

/// Codes of "there is no such table".
const MISSING: &[&str] = &["ResourceNotFoundException", "TableNotFoundException"];
/// The one billing mode that we make.
pub const ON_DEMAND: &str = "PAY_PER_REQUEST";

/// A DynamoDB table with its indexes, time to live and backups.
///
/// Read budget: 4 calls a table, all at once, and again just before it is changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DynamodbTable {
    /// Its name: 3 to 255 of `A–Z a–z 0–9 - _ .`. Source: CreateTable.
    pub name: String,
    /// Its key. It never changes.
    pub key: TableKey,
    /// All its global secondary indexes, by name. Absent: not managed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indexes: Option<Indexes>,
    /// The attribute that holds the epoch second after which an item is deleted. AWS lets it change once an hour.
    /// Source: UpdateTimeToLive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<String>,
    /// Whether any second of the last 35 days can be restored. Source: UpdateContinuousBackups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<bool>,
    /// Whether AWS refuses to delete it. Source: UpdateTable, `DeletionProtectionEnabled`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protection: Option<bool>,
    /// How it is paid: [`ON_DEMAND`].
    pub billing: String,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
}

/// What a table is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DynamodbTableOutputs {
    /// Its ARN.
    pub arn: String,
}

/// The ARN of a table.
pub fn arn(region: &str, account: &str, name: &str) -> String {
    format!("arn:aws:dynamodb:{region}:{account}:table/{name}")
}

fn arn_of(cloud: &Cloud, name: &str) -> String {
    arn(&cloud.target.region, &cloud.target.account, name)
}

async fn describe(cloud: &Cloud, name: &str) -> Result<Option<TableDescription>, CloudError> {
    let found = cloud
        .find("dynamodb:DescribeTable", name, MISSING, cloud.dynamodb().describe_table().table_name(name).send())
        .await?;
    Ok(found.and_then(|each| each.table))
}

async fn read_tags(cloud: &Cloud, name: &str) -> Result<Option<Tags>, CloudError> {
    let mut tags = Tags::new();
    let mut next = None;
    loop {
        let request = cloud.dynamodb().list_tags_of_resource().resource_arn(arn_of(cloud, name)).set_next_token(next);
        let Some(page) = cloud.find("dynamodb:ListTagsOfResource", name, MISSING, request.send()).await? else {
            return Ok(None);
        };
        tags.extend(own_tags(page.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value))));
        next = page.next_token;
        if next.is_none() {
            return Ok(Some(tags));
        }
    }
}

/// Reads a table. One that is being deleted is gone.
async fn read(cx: &Cx<Cloud>, name: &str) -> Result<Option<Live<DynamodbTable>>, CloudError> {
    let cloud = &*cx.cloud;
    let ttl = cloud.dynamodb().describe_time_to_live().table_name(name).send();
    let backups = cloud.dynamodb().describe_continuous_backups().table_name(name).send();
    let (table, ttl, backups, tags) = futures::join!(
        describe(cloud, name),
        cloud.find("dynamodb:DescribeTimeToLive", name, MISSING, ttl),
        cloud.find("dynamodb:DescribeContinuousBackups", name, MISSING, backups),
        read_tags(cloud, name),
    );
    // Of a table that is not there the tags are denied, not missing: so this answer counts before theirs.
    let Some(table) = table?.filter(|each| each.table_status != Some(TableStatus::Deleting)) else { return Ok(None) };
    let (Some(ttl), Some(backups), Some(tags)) = (ttl?, backups?, tags?) else {
        return Err(CloudError::not_yet("dynamodb:DescribeTable", name, "the table is only just being made"));
    };
    let defined = table.attribute_definitions.as_deref().unwrap_or_default();
    let key = read_key(table.key_schema.as_deref().unwrap_or_default(), defined)
        .ok_or_else(|| CloudError::inputs(name, "DynamoDB describes the table without its key"))?;
    let ttl = ttl.time_to_live_description.filter(|each| {
        matches!(each.time_to_live_status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling))
    });
    let recovery = backups
        .continuous_backups_description
        .and_then(|each| each.point_in_time_recovery_description)
        .and_then(|each| each.point_in_time_recovery_status);
    let billing = table
        .billing_mode_summary
        .as_ref()
        .and_then(|each| each.billing_mode.clone())
        .unwrap_or(BillingMode::Provisioned);
    let inputs = DynamodbTable {
        name: name.to_owned(),
        key,
        indexes: Some(read_indexes(table.global_secondary_indexes.as_deref().unwrap_or_default(), defined)),
        ttl: ttl.and_then(|each| each.attribute_name),
        recovery: Some(recovery == Some(PointInTimeRecoveryStatus::Enabled)),
        protection: Some(table.deletion_protection_enabled.unwrap_or(false)),
        billing: billing.as_str().to_owned(),
        tags,
    };
    Ok(Some(live(cloud, inputs)))
}

fn live(cloud: &Cloud, inputs: DynamodbTable) -> Live<DynamodbTable> {
    Live { id: inputs.name.clone(), outputs: DynamodbTableOutputs { arn: arn_of(cloud, &inputs.name) }, inputs }
}

impl Resource for DynamodbTable {
    const TYPE: &'static str = "dynamodb_table";
    const IDENTITY: Identity = Identity::Name;
    const HOLDS: Holds = Holds::Data;
    const NAME_FIELD: Option<&'static str> = Some("name");
    const TAGGED: bool = true;
    const REPLACE_ON: &'static [&'static str] = &["name", "key"];
    const LIMITS: &'static [(&'static str, &'static str)] = &[
        ("name", "dynamodb:CreateTable.TableName"),
        ("ttl", "dynamodb:UpdateTimeToLive.TimeToLiveSpecification.AttributeName"),
        ("billing", "dynamodb:CreateTable.BillingMode"),
    ];
    const STABLE: &'static [&'static str] = &["arn"];
    const ACTIONS: &'static [&'static str] = &[
        "dynamodb:CreateTable",
        "dynamodb:DeleteTable",
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:DescribeTable",
        "dynamodb:DescribeTimeToLive",
        "dynamodb:ListTagsOfResource",
        "dynamodb:TagResource",
        "dynamodb:UntagResource",
        "dynamodb:UpdateContinuousBackups",
        "dynamodb:UpdateTable",
        "dynamodb:UpdateTimeToLive",
    ];
    type Outputs = DynamodbTableOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        all_of(keys.iter().map(|key| read(cx, &key.inputs.name)).collect()).await
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        prior: Option<&Self>,
        found: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        if let Some(found) = found {
            const OPERATION: &str = "dynamodb:UpdateTable";
            // DynamoDB compares no versions of a table's settings: who writes last wins, unless we look just before.
            let now = read(cx, &self.name).await?.ok_or_else(|| gone(OPERATION, &self.name))?;
            untouched(OPERATION, &self.name, self, &found.inputs, &now.inputs)?;
            write::update(self, cx, prior, &now.inputs).await?;
        } else if write::create(self, cx).await? {
            // Made with everything but these two.
            let made = Self { ttl: None, recovery: Some(false), ..self.clone() };
            write::update_settings(self, cx, None, &made).await?;
        } else {
            let found = read(cx, &self.name).await?.ok_or_else(|| {
                CloudError::not_yet("dynamodb:CreateTable", &self.name, "the table of this name is still being deleted")
            })?;
            if !are_ours(&self.tags, &found.inputs.tags) {
                return Err(taken("dynamodb:CreateTable", &self.name));
            }
            write::update(self, cx, prior, &found.inputs).await?;
        }
        Ok(live(&cx.cloud, self.clone()))
    }

    async fn delete(cx: &Cx<Cloud>, found: &Live<Self>) -> Result<(), CloudError> {
        let name = &found.inputs.name;
        // AWS would refuse with a code that says nothing; and lifting the guard is a decision of its own.
        if found.inputs.protection == Some(true) {
            let what = "deletion protection is on: set `protect = false` in its declaration or environment and run `up` before removing it";
            return Err(CloudError::new(ErrorClass::Refused, "dynamodb:DeleteTable", name, "protected", what));
        }
        cx.cloud
            .find("dynamodb:DeleteTable", name, MISSING, cx.cloud.dynamodb().delete_table().table_name(name).send())
            .await
            .map(drop)
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        listing::read_each(listing::tables(cx, owner).await?, |name| async move { read(cx, &name).await }).await
    }
}
