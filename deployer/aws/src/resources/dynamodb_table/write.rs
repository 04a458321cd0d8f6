//! Creating a table and changing it, one change a call as DynamoDB asks.

use std::time::Duration;

use aws_sdk_dynamodb::operation::update_table::builders::UpdateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, CreateGlobalSecondaryIndexAction, DeleteGlobalSecondaryIndexAction,
    GlobalSecondaryIndexUpdate, IndexStatus, PointInTimeRecoverySpecification, TableDescription, TableStatus, Tag,
    TimeToLiveSpecification,
};
use deployer_engine::resource::{CloudError, Cx};

use super::keys::{Indexes, TableIndex, attributes, definitions, index, key_schema};
use super::{DynamodbTable, arn_of, describe};
use crate::Cloud;
use crate::naming::{Tags, tag_changes};
use crate::wait;

/// A table takes seconds; an index is filled from the items, which takes what it takes.
const ACTIVE_LIMIT: Duration = Duration::from_secs(600);
/// DynamoDB's code for a second change of the time to live within an hour, among other faults.
const TTL_REFUSED: &str = "ValidationException";

/// Creates the table and waits for it. `false`: there is one of that name.
pub(super) async fn create(wanted: &DynamodbTable, cx: &Cx<Cloud>) -> Result<bool, CloudError> {
    let (key, name) = (&wanted.key, &wanted.name);
    let indexes: Vec<_> = wanted.indexes.iter().flatten().map(|(name, each)| index(name, each)).collect();
    let definitions = wanted.definitions(wanted.indexes.as_ref().unwrap_or(&Indexes::new()));
    let request = cx.cloud.dynamodb().create_table().table_name(name);
    let request = request
        .set_key_schema(Some(key_schema(&key.hash, key.range.as_ref())))
        .set_attribute_definitions(Some(definitions));
    let request = request
        .set_global_secondary_indexes(Some(indexes).filter(|each| !each.is_empty()))
        .set_billing_mode(Some(BillingMode::from(wanted.billing.as_str())));
    let request = request.set_deletion_protection_enabled(wanted.protection).set_tags(Some(sdk_tags(&wanted.tags)));
    let Some(created) =
        cx.cloud.find("dynamodb:CreateTable", name, &["ResourceInUseException"], request.send()).await?
    else {
        return Ok(false);
    };
    settle(cx, name, created.table_description).await?;
    Ok(true)
}

/// Makes a table that is there as wanted.
pub(super) async fn update(
    wanted: &DynamodbTable,
    cx: &Cx<Cloud>,
    prior: Option<&DynamodbTable>,
    live: &DynamodbTable,
) -> Result<(), CloudError> {
    if wanted.billing != live.billing {
        change(cx, &wanted.name, |request| request.billing_mode(BillingMode::from(wanted.billing.as_str()))).await?;
    }
    let protection = wanted.protection.or(prior.and_then(|each| each.protection).map(|_| false));
    if let Some(protection) = protection.filter(|each| Some(*each) != live.protection) {
        change(cx, &wanted.name, |request| request.deletion_protection_enabled(protection)).await?;
    }
    update_indexes(wanted, cx, prior, live).await?;
    update_settings(wanted, cx, prior, live).await?;
    update_tags(&wanted.name, &cx.cloud, tag_changes(&wanted.tags, prior.map(|each| &each.tags), &live.tags)).await
}

/// Time to live and backups: what only a table that is there can have.
pub(super) async fn update_settings(
    wanted: &DynamodbTable,
    cx: &Cx<Cloud>,
    prior: Option<&DynamodbTable>,
    live: &DynamodbTable,
) -> Result<(), CloudError> {
    let ttl_was_ours = prior.is_some_and(|each| each.ttl.is_some());
    if wanted.ttl != live.ttl && (wanted.ttl.is_some() || ttl_was_ours) {
        if let Some(old) = &live.ttl {
            update_ttl(&cx.cloud, &wanted.name, old, false).await?;
        }
        if let Some(new) = &wanted.ttl {
            update_ttl(&cx.cloud, &wanted.name, new, true).await?;
        }
    }
    let recovery = wanted.recovery.or(prior.and_then(|each| each.recovery).map(|_| false));
    if let Some(recovery) = recovery.filter(|each| Some(*each) != live.recovery) {
        let setting = PointInTimeRecoverySpecification::builder()
            .point_in_time_recovery_enabled(recovery)
            .build()
            .expect("its one field is set");
        let request = cx
            .cloud
            .dynamodb()
            .update_continuous_backups()
            .table_name(&wanted.name)
            .point_in_time_recovery_specification(setting);
        cx.cloud.call("dynamodb:UpdateContinuousBackups", &wanted.name, request.send()).await?;
    }
    Ok(())
}

async fn update_ttl(cloud: &Cloud, name: &str, attribute: &str, enabled: bool) -> Result<(), CloudError> {
    let setting = TimeToLiveSpecification::builder()
        .attribute_name(attribute)
        .enabled(enabled)
        .build()
        .expect("both fields are set");
    let request = cloud.dynamodb().update_time_to_live().table_name(name).time_to_live_specification(setting);
    cloud.call("dynamodb:UpdateTimeToLive", name, request.send()).await.map(drop).map_err(|error| {
        match error.code.as_str() {
            TTL_REFUSED => CloudError {
                message: format!(
                    "{} (the time to live of a table changes once an hour at most: run this again later)",
                    error.message
                ),
                ..error
            },
            _ => error,
        }
    })
}

/// Indexes that are wanted no more, or otherwise, go; then new ones come, each alone.
async fn update_indexes(
    wanted: &DynamodbTable,
    cx: &Cx<Cloud>,
    prior: Option<&DynamodbTable>,
    live: &DynamodbTable,
) -> Result<(), CloudError> {
    let mut present = live.indexes.clone().unwrap_or_default();
    let leaving: Vec<_> =
        present.iter().filter(|(name, each)| wanted.lets_go(prior, name, each)).map(|(name, _)| name.clone()).collect();
    for name in leaving {
        let delete =
            DeleteGlobalSecondaryIndexAction::builder().index_name(&name).build().expect("its one field is set");
        change(cx, &wanted.name, |request| {
            request.global_secondary_index_updates(GlobalSecondaryIndexUpdate::builder().delete(delete).build())
        })
        .await?;
        present.remove(&name);
    }
    for (name, each) in wanted.indexes.iter().flatten() {
        if present.insert(name.clone(), each.clone()).is_none() {
            let made = index(name, each);
            let create = CreateGlobalSecondaryIndexAction::builder()
                .index_name(name)
                .set_key_schema(Some(made.key_schema))
                .set_projection(made.projection);
            let update = GlobalSecondaryIndexUpdate::builder()
                .create(create.build().expect("name, key and projection are set"))
                .build();
            let definitions = wanted.definitions(&present);
            change(cx, &wanted.name, |request| {
                request.set_attribute_definitions(Some(definitions)).global_secondary_index_updates(update)
            })
            .await?;
        }
    }
    Ok(())
}

/// One UpdateTable call, and the wait until another may follow.
async fn change(
    cx: &Cx<Cloud>,
    name: &str,
    set: impl FnOnce(UpdateTableFluentBuilder) -> UpdateTableFluentBuilder,
) -> Result<(), CloudError> {
    let request = set(cx.cloud.dynamodb().update_table().table_name(name));
    let changed = cx.cloud.call("dynamodb:UpdateTable", name, request.send()).await?;
    settle(cx, name, changed.table_description).await
}

async fn settle(cx: &Cx<Cloud>, name: &str, known: Option<TableDescription>) -> Result<(), CloudError> {
    if known.as_ref().is_some_and(is_settled) {
        return Ok(());
    }
    let look = || async { Ok(describe(&cx.cloud, name).await?.filter(is_settled).map(drop)) };
    wait::until(cx, "the table to become active", ACTIVE_LIMIT, look).await
}

fn is_settled(table: &TableDescription) -> bool {
    let indexes = table.global_secondary_indexes.as_deref().unwrap_or_default();
    table.table_status == Some(TableStatus::Active)
        && indexes.iter().all(|each| each.index_status == Some(IndexStatus::Active))
}

async fn update_tags(name: &str, cloud: &Cloud, (write, remove): (Tags, Vec<String>)) -> Result<(), CloudError> {
    let arn = arn_of(cloud, name);
    if !write.is_empty() {
        cloud
            .call(
                "dynamodb:TagResource",
                name,
                cloud.dynamodb().tag_resource().resource_arn(&arn).set_tags(Some(sdk_tags(&write))).send(),
            )
            .await?;
    }
    if !remove.is_empty() {
        cloud
            .call(
                "dynamodb:UntagResource",
                name,
                cloud.dynamodb().untag_resource().resource_arn(&arn).set_tag_keys(Some(remove)).send(),
            )
            .await?;
    }
    Ok(())
}

fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build().expect("key and value are set"))
        .collect()
}

impl DynamodbTable {
    /// Every attribute of its key and of these indexes: no more, for DynamoDB refuses one that no key uses.
    fn definitions(&self, indexes: &Indexes) -> Vec<AttributeDefinition> {
        definitions(
            attributes(&self.key.hash, self.key.range.as_ref())
                .chain(indexes.values().flat_map(|each| attributes(&each.hash, each.range.as_ref()))),
        )
    }

    /// Whether a live index goes: it is not wanted so. Where indexes are managed no more, only those that we made go.
    fn lets_go(&self, prior: Option<&Self>, name: &str, live: &TableIndex) -> bool {
        match &self.indexes {
            Some(wanted) => wanted.get(name) != Some(live),
            None => prior.and_then(|each| each.indexes.as_ref()).is_some_and(|ours| ours.contains_key(name)),
        }
    }
}
