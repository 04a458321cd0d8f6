//! The settings of a bucket, each behind an operation of its own.

use std::future::Future;

use aws_sdk_s3::types::{
    BucketVersioningStatus, ObjectOwnership, OwnershipControls, OwnershipControlsRule, PublicAccessBlockConfiguration,
    ServerSideEncryption, ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
    Tag, Tagging, VersioningConfiguration,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::error::operation::BuildError;
use deployer_engine::resource::{CloudError, Cx};

use super::{NO_BUCKET, S3Bucket, lifecycle, owner};
use crate::Cloud;
use crate::naming::{Tags, own_tags, tag_changes};

/// An answer about one setting: no bucket, nothing set, or what is set.
enum Setting<T> {
    NoBucket,
    Unset,
    Set(T),
}

impl<T> Setting<T> {
    fn there(self) -> Option<Option<T>> {
        match self {
            Self::NoBucket => None,
            Self::Unset => Some(None),
            Self::Set(value) => Some(Some(value)),
        }
    }
}

async fn ask<T, E>(
    cx: &Cx<Cloud>,
    operation: &str,
    name: &str,
    unset: &str,
    sent: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
) -> Result<Setting<T>, CloudError>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match cx.cloud.call(operation, name, sent).await {
        Ok(found) => Ok(Setting::Set(found)),
        Err(error) if error.code == NO_BUCKET => Ok(Setting::NoBucket),
        Err(error) if error.code == unset => Ok(Setting::Unset),
        Err(error) => Err(error),
    }
}

/// Every setting of a bucket, in the form of the inputs; `None`: there is no such bucket.
pub(super) async fn read(cx: &Cx<Cloud>, name: &str) -> Result<Option<S3Bucket>, CloudError> {
    let s3 = cx.cloud.s3();
    let versioning = s3.get_bucket_versioning().bucket(name).set_expected_bucket_owner(owner(cx)).send();
    let access = s3.get_public_access_block().bucket(name).set_expected_bucket_owner(owner(cx)).send();
    let ownership = s3.get_bucket_ownership_controls().bucket(name).set_expected_bucket_owner(owner(cx)).send();
    let encryption = s3.get_bucket_encryption().bucket(name).set_expected_bucket_owner(owner(cx)).send();
    let lifecycle = s3.get_bucket_lifecycle_configuration().bucket(name).set_expected_bucket_owner(owner(cx)).send();
    let tags = s3.get_bucket_tagging().bucket(name).set_expected_bucket_owner(owner(cx)).send();
    let (versioning, access, ownership, encryption, lifecycle, tags) = futures::try_join!(
        ask(cx, "s3:GetBucketVersioning", name, "", versioning),
        ask(cx, "s3:GetPublicAccessBlock", name, "NoSuchPublicAccessBlockConfiguration", access),
        ask(cx, "s3:GetBucketOwnershipControls", name, "OwnershipControlsNotFoundError", ownership),
        ask(cx, "s3:GetBucketEncryption", name, "ServerSideEncryptionConfigurationNotFoundError", encryption),
        ask(cx, "s3:GetBucketLifecycleConfiguration", name, "NoSuchLifecycleConfiguration", lifecycle),
        ask(cx, "s3:GetBucketTagging", name, "NoSuchTagSet", tags),
    )?;
    let all =
        (versioning.there(), access.there(), ownership.there(), encryption.there(), lifecycle.there(), tags.there());
    let (Some(versioning), Some(access), Some(ownership), Some(encryption), Some(lifecycle), Some(tags)) = all else {
        return Ok(None);
    };
    let access = access.and_then(|each| each.public_access_block_configuration);
    let ownership = ownership.and_then(|each| each.ownership_controls).and_then(|each| each.rules.into_iter().next());
    let encryption = encryption
        .and_then(|each| each.server_side_encryption_configuration)
        .and_then(|each| each.rules.into_iter().next());
    let rules = lifecycle::Days::told_by(lifecycle.and_then(|each| each.rules).as_deref().unwrap_or_default());
    Ok(Some(S3Bucket {
        name: name.to_owned(),
        versioning: Some(versioning.and_then(|each| each.status) == Some(BucketVersioningStatus::Enabled)),
        public_access_blocked: Some(access.is_some_and(|each| all_blocked(&each))),
        ownership: Some(
            ownership.map_or_else(|| "ObjectWriter".to_owned(), |rule| rule.object_ownership.as_str().to_owned()),
        ),
        encryption: encryption
            .and_then(|rule| rule.apply_server_side_encryption_by_default)
            .map(|each| each.sse_algorithm.as_str().to_owned()),
        noncurrent_days: rules.noncurrent,
        noncurrent_kept: rules.kept,
        expire_days: rules.expire,
        tags: own_tags(tags.into_iter().flat_map(|each| each.tag_set).map(|tag| (tag.key, tag.value))),
    }))
}

fn all_blocked(access: &PublicAccessBlockConfiguration) -> bool {
    [access.block_public_acls, access.ignore_public_acls, access.block_public_policy, access.restrict_public_buckets]
        .iter()
        .all(|each| *each == Some(true))
}

/// Writes what differs from `live`, one call after the other: S3 refuses two changes of one bucket at a time.
pub(super) async fn write(
    cx: &Cx<Cloud>,
    wanted: &S3Bucket,
    prior: Option<&S3Bucket>,
    live: Option<&S3Bucket>,
) -> Result<(), CloudError> {
    let name = &wanted.name;
    let setting =
        |of: fn(&S3Bucket) -> Option<bool>, default| due(of(wanted), prior.and_then(of), live.and_then(of), default);
    if let Some(on) = setting(|each| each.versioning, false) {
        write_versioning(cx, name, on).await?;
    }
    if let Some(on) = setting(|each| each.public_access_blocked, true) {
        write_access(cx, name, on).await?;
    }
    // A new bucket got its ownership when it was created.
    if let (Some(ownership), Some(live)) = (&wanted.ownership, live)
        && live.ownership.as_ref() != Some(ownership)
    {
        write_ownership(cx, name, ownership).await?;
    }
    if let Some(algorithm) = &wanted.encryption
        && live.and_then(|live| live.encryption.as_ref()) != Some(algorithm)
    {
        write_encryption(cx, name, algorithm).await?;
    }
    lifecycle::write(cx, wanted, prior, live).await?;
    match live {
        Some(live) => write_tags(cx, name, &wanted.tags, prior.map(|each| &each.tags), &live.tags).await,
        None => Ok(()),
    }
}

async fn write_versioning(cx: &Cx<Cloud>, name: &str, on: bool) -> Result<(), CloudError> {
    let status = if on { BucketVersioningStatus::Enabled } else { BucketVersioningStatus::Suspended };
    let versioning = VersioningConfiguration::builder().status(status).build();
    let request = cx.cloud.s3().put_bucket_versioning().bucket(name).versioning_configuration(versioning);
    let request = request.set_expected_bucket_owner(owner(cx));
    cx.cloud.call("s3:PutBucketVersioning", name, request.send()).await.map(drop)
}

async fn write_access(cx: &Cx<Cloud>, name: &str, on: bool) -> Result<(), CloudError> {
    let access = PublicAccessBlockConfiguration::builder().block_public_acls(on).ignore_public_acls(on);
    let access = access.block_public_policy(on).restrict_public_buckets(on).build();
    let request = cx.cloud.s3().put_public_access_block().bucket(name).public_access_block_configuration(access);
    let request = request.set_expected_bucket_owner(owner(cx));
    cx.cloud.call("s3:PutPublicAccessBlock", name, request.send()).await.map(drop)
}

async fn write_ownership(cx: &Cx<Cloud>, name: &str, ownership: &str) -> Result<(), CloudError> {
    let rule = OwnershipControlsRule::builder().object_ownership(ObjectOwnership::from(ownership));
    let rule = rule.build().map_err(|error| unusable(name, &error))?;
    let controls = OwnershipControls::builder().rules(rule).build().map_err(|error| unusable(name, &error))?;
    let request = cx.cloud.s3().put_bucket_ownership_controls().bucket(name).ownership_controls(controls);
    let request = request.set_expected_bucket_owner(owner(cx));
    cx.cloud.call("s3:PutBucketOwnershipControls", name, request.send()).await.map(drop)
}

async fn write_encryption(cx: &Cx<Cloud>, name: &str, algorithm: &str) -> Result<(), CloudError> {
    let by_default = ServerSideEncryptionByDefault::builder().sse_algorithm(ServerSideEncryption::from(algorithm));
    let by_default = by_default.build().map_err(|error| unusable(name, &error))?;
    let rule = ServerSideEncryptionRule::builder().apply_server_side_encryption_by_default(by_default).build();
    let encryption = ServerSideEncryptionConfiguration::builder().rules(rule);
    let encryption = encryption.build().map_err(|error| unusable(name, &error))?;
    let request = cx.cloud.s3().put_bucket_encryption().bucket(name).server_side_encryption_configuration(encryption);
    let request = request.set_expected_bucket_owner(owner(cx));
    cx.cloud.call("s3:PutBucketEncryption", name, request.send()).await.map(drop)
}

/// The value to write: the wanted one, or the default where only `prior` had one; nothing where it lives already.
fn due(wanted: Option<bool>, prior: Option<bool>, live: Option<bool>, default: bool) -> Option<bool> {
    wanted.or(prior.map(|_| default)).filter(|value| live != Some(*value))
}

pub(super) fn unusable(name: &str, error: &BuildError) -> CloudError {
    CloudError::inputs(name, error.to_string())
}

/// Tags as S3 takes them.
pub(super) fn tag_set(tags: &Tags) -> Result<Vec<Tag>, CloudError> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build().map_err(|error| unusable(key, &error)))
        .collect()
}

/// S3 takes the whole set at once, so what others wrote is written again.
async fn write_tags(
    cx: &Cx<Cloud>,
    name: &str,
    wanted: &Tags,
    prior: Option<&Tags>,
    live: &Tags,
) -> Result<(), CloudError> {
    let (write, remove) = tag_changes(wanted, prior, live);
    if write.is_empty() && remove.is_empty() {
        return Ok(());
    }
    let mut whole: Tags = live.clone().into_iter().filter(|(key, _)| !remove.contains(key)).collect();
    whole.extend(write);
    let tagging =
        Tagging::builder().set_tag_set(Some(tag_set(&whole)?)).build().map_err(|error| unusable(name, &error))?;
    let request = cx.cloud.s3().put_bucket_tagging().bucket(name).set_expected_bucket_owner(owner(cx)).tagging(tagging);
    cx.cloud.call("s3:PutBucketTagging", name, request.send()).await.map(drop)
}
