//! Bucket policies: who may reach a bucket's objects, and how.

use std::collections::BTreeSet;

use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Resource, Spread};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::s3_bucket::{NO_BUCKET, owner};
use crate::Cloud;
use crate::client::all_of;
use crate::policy::{in_words_of, same};

/// Codes of "there is none".
const MISSING: &[&str] = &["NoSuchBucketPolicy", NO_BUCKET];

/// The policy of a bucket.
///
/// Read budget: 1 call a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct S3BucketPolicy {
    /// The bucket's name.
    pub bucket: String,
    /// The policy document. Source: PutBucketPolicy.
    pub policy: Value,
}

/// A policy mints nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct S3BucketPolicyOutputs {}

impl Resource for S3BucketPolicy {
    const TYPE: &'static str = "s3_bucket_policy";
    const IDENTITY: Identity = Identity::Parent;
    const REPLACE_ON: &'static [&'static str] = &["bucket"];
    const SPREAD: Spread = Spread::UsedAtTheEdge;
    const ACTIONS: &'static [&'static str] = &["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"];
    type Outputs = S3BucketPolicyOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        let read = async |key: &Key<Self>| {
            let bucket = key.inputs.bucket.as_str();
            let request = cx.cloud.s3().get_bucket_policy().bucket(bucket).set_expected_bucket_owner(owner(cx));
            let found = cx.cloud.find("s3:GetBucketPolicy", bucket, MISSING, request.send()).await?;
            Ok(found.and_then(|each| each.policy).map(|text| {
                // A text that is no JSON differs from every policy that is wanted.
                let policy = serde_json::from_str(&text).unwrap_or(Value::String(text));
                let policy = in_words_of(policy, Some(&key.inputs.policy));
                Live {
                    id: bucket.to_owned(),
                    inputs: Self { bucket: bucket.to_owned(), policy },
                    outputs: S3BucketPolicyOutputs {},
                }
            }))
        };
        all_of(keys.iter().map(read).collect()).await
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        _: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        if live.is_none_or(|live| !same(&live.inputs.policy, &self.policy)) {
            let request = cx
                .cloud
                .s3()
                .put_bucket_policy()
                .bucket(&self.bucket)
                .policy(self.policy.to_string())
                .set_expected_bucket_owner(owner(cx));
            cx.cloud.call("s3:PutBucketPolicy", &self.bucket, request.send()).await?;
        }
        Ok(Live { id: self.bucket.clone(), inputs: self.clone(), outputs: S3BucketPolicyOutputs {} })
    }

    fn narrows(&self, live: &Self) -> bool {
        let still = allowed(&self.policy);
        allowed(&live.policy).into_iter().any(|source| !still.contains(source))
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let request = cx.cloud.s3().delete_bucket_policy().bucket(&live.id).set_expected_bucket_owner(owner(cx));
        cx.cloud.find("s3:DeleteBucketPolicy", &live.id, MISSING, request.send()).await.map(drop)
    }
}

/// What a policy lets reach the bucket: the sources that its allowing statements name.
fn allowed(policy: &Value) -> BTreeSet<&str> {
    let statements = policy["Statement"].as_array().into_iter().flatten();
    let conditions =
        statements.filter(|each| each["Effect"] == "Allow").filter_map(|each| each["Condition"].as_object());
    let tests = conditions.flat_map(|condition| condition.values().filter_map(Value::as_object));
    let sources = tests.flat_map(|test| test.iter().filter(|(key, _)| key.eq_ignore_ascii_case("aws:SourceArn")));
    let texts = sources.flat_map(|(_, value)| match value {
        Value::Array(several) => several.iter().collect(),
        one => vec![one],
    });
    texts.filter_map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::site::bucket_policy;

    fn serving(distributions: &[&str]) -> S3BucketPolicy {
        let distributions: Vec<String> = distributions.iter().map(|each| (*each).to_owned()).collect();
        S3BucketPolicy { bucket: "b".into(), policy: bucket_policy("b", &distributions, false) }
    }

    #[test]
    fn a_policy_is_narrower_when_it_serves_a_distribution_less() {
        let cases = [
            (&["a"][..], &["a", "b"][..], true),
            (&[], &["a"], true),
            (&["a", "b"], &["b"], false),
            (&["a"], &["a"], false),
        ];
        for (wanted, live, narrower) in cases {
            assert_eq!(serving(wanted).narrows(&serving(live)), narrower, "{live:?} to {wanted:?}");
        }
    }
}
