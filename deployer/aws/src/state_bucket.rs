//! The bucket that keeps states: what `deployer init` makes. Pure.

use std::collections::{BTreeMap, BTreeSet};

use deployer_engine::address::DeclarationAddress;
use deployer_engine::diagnostic::Location;
use deployer_engine::kind::{Desired, Wanted};
use deployer_engine::owner::{ADDRESS_TAG, ENVIRONMENT_TAG, STACK_TAG};
use deployer_engine::resolve::{Environment, StateBucket};
use deployer_engine::resource::{Resource, to_value};
use deployer_engine::state::Scope;

use crate::kinds::site::bucket_policy;
use crate::naming::Tags;
use crate::resources::s3_bucket::S3Bucket;
use crate::resources::s3_bucket_policy::S3BucketPolicy;

/// What stands in the tags in place of a stack and an environment: several of them share the bucket.
const OWNER: (&str, &str) = ("deployer", "state");
/// Days an older state is kept, and how many of them are kept whatever their age.
const OLD_STATES: (u32, u32) = (90, 20);

/// Whose the bucket is.
pub fn scope(environment: &Environment, bucket: &StateBucket) -> Scope {
    Scope {
        stack: OWNER.0.to_owned(),
        environment: OWNER.1.to_owned(),
        account: environment.account.clone(),
        region: bucket.region.clone().unwrap_or_else(|| environment.region.clone()),
    }
}

/// The bucket and its policy: old versions kept for a while, nobody without TLS, nothing public, one owner, encrypted.
/// It is never replaced.
pub fn wanted(environment: &Environment, bucket: &StateBucket, location: &Location) -> Wanted {
    let declaration = DeclarationAddress::new("state", "bucket").expect("both are words");
    let address = declaration.part("bucket");
    let name = &bucket.bucket;
    let tags =
        [(STACK_TAG, OWNER.0.to_owned()), (ENVIRONMENT_TAG, OWNER.1.to_owned()), (ADDRESS_TAG, address.to_string())];
    let (days, kept) = OLD_STATES;
    let private = S3Bucket {
        name: name.clone(),
        versioning: Some(true),
        public_access_blocked: Some(true),
        ownership: Some("BucketOwnerEnforced".to_owned()),
        encryption: Some("AES256".to_owned()),
        noncurrent_days: Some(days),
        noncurrent_kept: Some(kept),
        expire_days: None,
        tags: tags.map(|(key, value)| (key.to_owned(), value)).into_iter().collect::<Tags>(),
    };
    let policy = S3BucketPolicy { bucket: name.clone(), policy: bucket_policy(name, &[], environment.local) };
    let desired = |part: &str, type_name, inputs, after: BTreeSet<_>| Desired {
        address: declaration.part(part),
        type_name,
        inputs,
        after,
        protect: true,
        location: location.clone(),
    };
    let both = [
        desired("bucket", S3Bucket::TYPE, to_value(&private), BTreeSet::new()),
        desired("policy", S3BucketPolicy::TYPE, to_value(&policy), [address].into()),
    ];
    let desired: BTreeMap<_, _> = both.into_iter().map(|each| (each.address.clone(), each)).collect();
    Wanted { desired, ..Wanted::default() }
}
