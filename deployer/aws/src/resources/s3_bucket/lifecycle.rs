//! How long a bucket keeps objects: two rules of ours among those of others.

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration, LifecycleRule,
    LifecycleRuleFilter, NoncurrentVersionExpiration,
};
use aws_smithy_types::error::operation::BuildError;
use deployer_engine::resource::{CloudError, Cx};

use super::settings::unusable;
use super::{S3Bucket, owner};
use crate::Cloud;

/// The id of our rule for old versions; rules of others are left as they are.
const OLD_VERSIONS: &str = "deployer-old-versions";
/// The id of our rule for objects themselves.
const OBJECTS: &str = "deployer-objects";
/// Days after which the parts of an upload that was never finished are removed.
const UNFINISHED_DAYS: i32 = 7;

/// What our rules say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Days {
    /// Days an old version is kept; absent: for ever.
    pub(super) noncurrent: Option<u32>,
    /// Old versions that are kept whatever their age; absent: none.
    pub(super) kept: Option<u32>,
    /// Days an object is kept; absent: for ever.
    pub(super) expire: Option<u32>,
}

impl Days {
    /// What our rules among these say; one that is switched off says nothing.
    pub(super) fn told_by(rules: &[LifecycleRule]) -> Self {
        let rule =
            |id| rules.iter().find(|rule| rule.id.as_deref() == Some(id) && rule.status == ExpirationStatus::Enabled);
        let number = |number: Option<i32>| number.and_then(|each| u32::try_from(each).ok());
        let noncurrent = rule(OLD_VERSIONS).and_then(|rule| rule.noncurrent_version_expiration.as_ref());
        let expire = rule(OBJECTS).and_then(|rule| rule.expiration.as_ref());
        Self {
            noncurrent: noncurrent.and_then(|each| number(each.noncurrent_days)),
            kept: noncurrent.and_then(|each| number(each.newer_noncurrent_versions)),
            expire: expire.and_then(|each| number(each.days)),
        }
    }

    fn of(bucket: &S3Bucket) -> Self {
        Self { noncurrent: bucket.noncurrent_days, kept: bucket.noncurrent_kept, expire: bucket.expire_days }
    }

    fn rules(self) -> Result<Vec<LifecycleRule>, BuildError> {
        let rules = [self.noncurrent.map(|days| old_versions(days, self.kept)), self.expire.map(objects)];
        rules.into_iter().flatten().collect()
    }
}

/// Writes our rules where they differ, and leaves those of others.
pub(super) async fn write(
    cx: &Cx<Cloud>,
    wanted: &S3Bucket,
    prior: Option<&S3Bucket>,
    live: Option<&S3Bucket>,
) -> Result<(), CloudError> {
    let (name, s3) = (&wanted.name, cx.cloud.s3());
    let is_managed = [Some(wanted), prior].into_iter().flatten().any(|each| Days::of(each) != Days::default());
    if !is_managed || Days::of(wanted) == live.map(Days::of).unwrap_or_default() {
        return Ok(());
    }
    let mut rules = Vec::new();
    if live.is_some() {
        let request = s3.get_bucket_lifecycle_configuration().bucket(name).set_expected_bucket_owner(owner(cx));
        let none = &["NoSuchLifecycleConfiguration"];
        let found = cx.cloud.find("s3:GetBucketLifecycleConfiguration", name, none, request.send()).await?;
        rules = found.and_then(|each| each.rules).unwrap_or_default();
        rules.retain(|rule| !matches!(rule.id.as_deref(), Some(OLD_VERSIONS | OBJECTS)));
    }
    rules.extend(Days::of(wanted).rules().map_err(|error| unusable(name, &error))?);
    if rules.is_empty() {
        let request = s3.delete_bucket_lifecycle().bucket(name).set_expected_bucket_owner(owner(cx));
        return cx.cloud.call("s3:DeleteBucketLifecycle", name, request.send()).await.map(drop);
    }
    let configuration = BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build();
    let configuration = configuration.map_err(|error| unusable(name, &error))?;
    let request = s3.put_bucket_lifecycle_configuration().bucket(name).set_expected_bucket_owner(owner(cx));
    let request = request.lifecycle_configuration(configuration);
    cx.cloud.call("s3:PutBucketLifecycleConfiguration", name, request.send()).await.map(drop)
}

fn sdk_number(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn everything() -> LifecycleRuleFilter {
    LifecycleRuleFilter::builder().prefix("").build()
}

fn old_versions(days: u32, kept: Option<u32>) -> Result<LifecycleRule, BuildError> {
    LifecycleRule::builder()
        .id(OLD_VERSIONS)
        .status(ExpirationStatus::Enabled)
        .filter(everything())
        .noncurrent_version_expiration(
            NoncurrentVersionExpiration::builder()
                .noncurrent_days(sdk_number(days))
                .set_newer_noncurrent_versions(kept.map(sdk_number))
                .build(),
        )
        .expiration(LifecycleExpiration::builder().expired_object_delete_marker(true).build())
        .abort_incomplete_multipart_upload(
            AbortIncompleteMultipartUpload::builder().days_after_initiation(UNFINISHED_DAYS).build(),
        )
        .build()
}

fn objects(days: u32) -> Result<LifecycleRule, BuildError> {
    LifecycleRule::builder()
        .id(OBJECTS)
        .status(ExpirationStatus::Enabled)
        .filter(everything())
        .expiration(LifecycleExpiration::builder().days(sdk_number(days)).build())
        .build()
}
