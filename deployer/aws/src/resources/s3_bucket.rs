//! S3 buckets: private, encrypted, owned by the account, old versions kept for a while.

mod empty;
mod lifecycle;
mod settings;

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration, ObjectOwnership};
use deployer_engine::resource::{CloudError, Cx, ErrorClass, Holds, Identity, Key, Live, Owner, Resource, Spread};
use serde::{Deserialize, Serialize};

use super::meanwhile::{gone, untouched};
use crate::Cloud;
use crate::client::all_of;
use crate::listing;
use crate::naming::{Tags, met};

/// The region whose buckets name no location.
const DEFAULT_REGION: &str = "us-east-1";
/// The code of "there is no such bucket".
pub(super) const NO_BUCKET: &str = "NoSuchBucket";
/// The code of "you have it already".
const OURS_ALREADY: &str = "BucketAlreadyOwnedByYou";
/// The code of "somebody else has it": names are shared by all accounts.
const TAKEN: &str = "BucketAlreadyExists";

/// An S3 bucket.
///
/// Read budget: 6 calls a bucket, all at once, and again just before it is changed. Each says too whether the bucket exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct S3Bucket {
    /// Its name: 3 to 63 of `a–z 0–9 - .`, unique among all accounts. Source: CreateBucket.
    pub name: String,
    /// Whether overwritten and deleted objects are kept as old versions. Source: PutBucketVersioning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub versioning: Option<bool>,
    /// Whether all four public access blocks are on. Source: PutPublicAccessBlock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_access_blocked: Option<bool>,
    /// Who owns its objects, such as `BucketOwnerEnforced`. Source: PutBucketOwnershipControls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ownership: Option<String>,
    /// How objects are encrypted at rest: `AES256` is with keys of S3. Source: PutBucketEncryption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption: Option<String>,
    /// Days an old version is kept, at least 1. Absent: for ever. Rules that others made stay.
    /// Source: PutBucketLifecycleConfiguration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noncurrent_days: Option<u32>,
    /// Newest old versions of an object that are kept whatever their age, 1 to 100; only with `noncurrent_days`.
    /// Source: PutBucketLifecycleConfiguration, `NewerNoncurrentVersions`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noncurrent_kept: Option<u32>,
    /// Days an object is kept from its last change, at least 1. Absent: for ever.
    /// Source: PutBucketLifecycleConfiguration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expire_days: Option<u32>,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
}

/// What a bucket is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct S3BucketOutputs {
    /// Its ARN.
    pub arn: String,
    /// Its regional domain, such as `name.s3.us-west-2.amazonaws.com`.
    pub domain: String,
}

/// The ARN of a bucket.
pub fn arn(name: &str) -> String {
    format!("arn:aws:s3:::{name}")
}

/// The domain of a bucket in its region: the one without a region redirects for hours after a creation.
pub fn domain(region: &str, name: &str) -> String {
    format!("{name}.s3.{region}.amazonaws.com")
}

/// The account that a bucket must belong to, so that no call reaches somebody else's of the same name.
pub(super) fn owner(cx: &Cx<Cloud>) -> Option<String> {
    Some(cx.cloud.target.account.clone()).filter(|account| !account.is_empty())
}

fn outputs(cx: &Cx<Cloud>, name: &str) -> S3BucketOutputs {
    S3BucketOutputs { arn: arn(name), domain: domain(&cx.cloud.target.region, name) }
}

async fn read(cx: &Cx<Cloud>, name: &str) -> Result<Option<Live<S3Bucket>>, CloudError> {
    let found = settings::read(cx, name).await?;
    Ok(found.map(|inputs| Live { id: name.to_owned(), outputs: outputs(cx, name), inputs }))
}

impl S3Bucket {
    /// Creates it. `false`: the account has one of the name.
    async fn create(&self, cx: &Cx<Cloud>) -> Result<bool, CloudError> {
        let region = &cx.cloud.target.region;
        let location = (region != DEFAULT_REGION).then(|| BucketLocationConstraint::from(region.as_str()));
        let configuration = CreateBucketConfiguration::builder()
            .set_location_constraint(location)
            .set_tags(Some(settings::tag_set(&self.tags)?))
            .build();
        let request = cx.cloud.s3().create_bucket().bucket(&self.name).create_bucket_configuration(configuration);
        let request = request.set_object_ownership(self.ownership.as_deref().map(ObjectOwnership::from));
        match cx.cloud.call("s3:CreateBucket", &self.name, request.send()).await {
            Ok(_) => Ok(true),
            Err(error) if error.code == OURS_ALREADY => Ok(false),
            Err(error) if error.code == TAKEN => {
                Err(CloudError { message: "another account has a bucket of this name: give the declaration another `name` in its environment's `override`".to_owned(), ..error })
            }
            Err(error) => Err(error),
        }
    }
}

impl Resource for S3Bucket {
    const TYPE: &'static str = "s3_bucket";
    const IDENTITY: Identity = Identity::Name;
    const HOLDS: Holds = Holds::Data;
    const NAME_FIELD: Option<&'static str> = Some("name");
    const TAGGED: bool = true;
    const REPLACE_ON: &'static [&'static str] = &["name"];
    const LIMITS: &'static [(&'static str, &'static str)] = &[("name", "s3:CreateBucket.Bucket")];
    const STABLE: &'static [&'static str] = &["arn", "domain"];
    const SPREAD: Spread = Spread::UsedAtTheEdge;
    const ACTIONS: &'static [&'static str] = &[
        "s3:CreateBucket",
        "s3:TagResource",
        "s3:GetBucketVersioning",
        "s3:PutBucketVersioning",
        "s3:GetBucketPublicAccessBlock",
        "s3:PutBucketPublicAccessBlock",
        "s3:GetBucketOwnershipControls",
        "s3:PutBucketOwnershipControls",
        "s3:GetEncryptionConfiguration",
        "s3:PutEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:PutLifecycleConfiguration",
        "s3:GetBucketTagging",
        "s3:PutBucketTagging",
        "s3:ListBucketVersions",
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:DeleteBucket",
    ];
    type Outputs = S3BucketOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        all_of(keys.iter().map(|key| read(cx, &key.inputs.name)).collect()).await
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        prior: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        match live {
            Some(live) => {
                // S3 compares no versions of a bucket's settings: who writes last wins, unless we look just before.
                let now = read(cx, &self.name).await?.ok_or_else(|| gone("", &self.name))?;
                untouched("", &self.name, self, &live.inputs, &now.inputs)?;
                settings::write(cx, self, prior, Some(&now.inputs)).await?;
            }
            None if self.create(cx).await? => settings::write(cx, self, None, None).await?,
            None => {
                let found = read(cx, &self.name).await?;
                let found = met("s3:CreateBucket", &self.name, &self.tags, found, |each| &each.tags)?;
                settings::write(cx, self, prior, Some(&found.inputs)).await?;
            }
        }
        Ok(Live { id: self.name.clone(), inputs: self.clone(), outputs: outputs(cx, &self.name) })
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let name = &live.inputs.name;
        match empty::empty(cx, name).await {
            Err(error) if error.code == NO_BUCKET => return Ok(()),
            other => other?,
        }
        let request = cx.cloud.s3().delete_bucket().bucket(name).set_expected_bucket_owner(owner(cx));
        match cx.cloud.find("s3:DeleteBucket", name, &[NO_BUCKET], request.send()).await {
            // Something was put there meanwhile: look again.
            Err(error) if error.code == "BucketNotEmpty" => Err(CloudError { class: ErrorClass::NotYet, ..error }),
            other => other.map(drop),
        }
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        listing::read_each(listing::buckets(cx, owner).await?, |name| async move { read(cx, &name).await }).await
    }
}
