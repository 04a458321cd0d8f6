//! `bucket`: a private place for files.

use deployer_engine::kind::{Expand, Expansion, Kind};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::duration::Period;
use crate::naming::{main_name, tags};
use crate::policy::{Statement, sid};
use crate::resources::s3_bucket::{self, S3Bucket};
use crate::resources::s3_bucket_policy::S3BucketPolicy;

/// Longest name of a bucket. Source: CreateBucket.
const MAX_NAME: usize = 63;
/// Shortest name of a bucket. Source: CreateBucket.
const MIN_NAME: usize = 3;

/// A private place for files, an archive for instance: nothing in it is ever public, its objects belong to the
/// account, are encrypted at rest and travel over TLS alone. Functions reach it by grants.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    /// How long what was overwritten or deleted can be had back, whole days: `"90d"`. Default: not at all.
    pub versions: Option<Period>,
    /// How long an object is kept from its last change, whole days: `"3650d"`; then AWS deletes it. Default: for ever.
    pub keep: Option<Period>,
}

/// The bucket of the declaration that `cx` looks from. Names of buckets have small letters only.
pub(super) fn bucket_name(cx: &Expand<'_>) -> String {
    main_name(cx, MAX_NAME).to_ascii_lowercase().replace('_', "-")
}

fn is_bucket_name(name: &str) -> bool {
    let edge = |each: Option<char>| each.is_some_and(|each| each.is_ascii_lowercase() || each.is_ascii_digit());
    let plain = name.bytes().all(|each| each.is_ascii_lowercase() || each.is_ascii_digit() || each == b'-');
    (MIN_NAME..=MAX_NAME).contains(&name.len()) && plain && edge(name.chars().next()) && edge(name.chars().last())
}

/// A fault where the name of the bucket is none that S3 takes.
pub(super) fn check_name(cx: &Expand<'_>, out: &mut Expansion) {
    let name = bucket_name(cx);
    if !is_bucket_name(&name) {
        let hint = format!(
            "{MIN_NAME} to {MAX_NAME} small letters, digits and `-`; pin one in the environment: `override = {{ \"{}.name\" = \"…\" }}`",
            cx.address
        );
        out.fault(cx, &[], "bad-name", format!("`{}` cannot name a bucket", name.escape_debug()), hint);
    }
}

/// A bucket that nobody outside of the account sees, without versions and without an end.
pub(super) fn private(cx: &Expand<'_>) -> S3Bucket {
    S3Bucket {
        name: bucket_name(cx),
        versioning: None,
        public_access_blocked: Some(true),
        ownership: Some("BucketOwnerEnforced".to_owned()),
        encryption: Some("AES256".to_owned()),
        noncurrent_days: None,
        noncurrent_kept: None,
        expire_days: None,
        tags: tags(cx.environment(), &cx.address.part(cx.address.kind())),
    }
}

/// The statement that keeps everybody out who comes without TLS.
pub(super) fn tls_only(bucket: &str, local: bool) -> Value {
    let arn = s3_bucket::arn(bucket);
    let mut without_tls = json!({ "aws:SecureTransport": "false" });
    if local {
        // There everybody comes without TLS; nobody tells this key, so nothing is denied.
        without_tls["aws:PrincipalIsAWSService"] = json!("false");
    }
    json!({
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, format!("{arn}/*")],
        "Condition": { "Bool": without_tls },
    })
}

impl Bucket {
    /// What a function may do with it. `read`: get objects and see which there are; `write`: put and delete
    /// them; `rw`: both.
    pub fn grant(&self, cx: &Expand<'_>, verb: &str) -> Option<Vec<Statement>> {
        Self::statements(&bucket_name(cx), &|verb| sid(verb, cx.address), verb)
    }

    /// The same on a bucket by its name. `sid` names the statement of a verb.
    pub(super) fn statements(name: &str, sid: &dyn Fn(&str) -> String, verb: &str) -> Option<Vec<Statement>> {
        let (bucket, objects) = (s3_bucket::arn(name), format!("{}/*", s3_bucket::arn(name)));
        // Without the right to list, an object that is missing is forbidden.
        let list = Statement::new(&sid("list"), &["s3:ListBucket"], [bucket]);
        let read = Statement::new(&sid("read"), &["s3:GetObject"], [objects.clone()]);
        let write = Statement::new(&sid("write"), &["s3:DeleteObject", "s3:PutObject"], [objects]);
        match verb {
            "read" => Some(vec![list, read]),
            "write" => Some(vec![write]),
            "rw" => Some(vec![list, read, write]),
            _ => None,
        }
    }

    /// Whole days, as S3 counts them; others are faults.
    fn days(cx: &Expand<'_>, out: &mut Expansion, key: &str, period: Option<Period>) -> Option<u32> {
        let period = period?;
        let days = period.whole_days().and_then(|days| u32::try_from(days).ok());
        if days.is_none() {
            let message = format!("S3 counts whole days, and {period} is none");
            out.fault(cx, &[key], "bad-period", message, "write days: `90d`");
        }
        days
    }
}

impl Kind for Bucket {
    const KIND: &'static str = "bucket";
    const ALSO_CALLED: &'static [&'static str] = &["s3"];

    fn attributes(&self, cx: &Expand<'_>) -> Vec<(&'static str, String)> {
        let name = bucket_name(cx);
        vec![("arn", s3_bucket::arn(&name)), ("name", name)]
    }

    fn expand(&self, cx: &Expand<'_>, out: &mut Expansion) {
        check_name(cx, out);
        let bucket = S3Bucket {
            versioning: self.versions.map(|_| true),
            noncurrent_days: Self::days(cx, out, "versions", self.versions),
            expire_days: Self::days(cx, out, "keep", self.keep),
            ..private(cx)
        };
        out.resource(cx, Self::KIND, &bucket);
        let statement = tls_only(&bucket.name, cx.environment().local);
        let policy = json!({ "Version": "2012-10-17", "Statement": [statement] });
        let policy = S3BucketPolicy { bucket: bucket.name, policy };
        out.resource(cx, "policy", &policy).after(cx.address.part(Self::KIND)).address();
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::kinds::testing::{faults, shown, wanted};

    #[test]
    fn an_archive_is_private_encrypted_and_reached_over_tls_alone() {
        let text = "[bucket.archive]\nversions = \"90d\"\nkeep = \"3650d\"\n";
        assert_snapshot!(shown(&wanted(text, "prod", &[]).unwrap(), "bucket.archive"), @r#"
        bucket (s3_bucket)
          encryption: AES256
          expire_days: 3650
          name: crew-prod-archive
          noncurrent_days: 90
          ownership: BucketOwnerEnforced
          public_access_blocked: true
          versioning: true
        policy (s3_bucket_policy) after bucket.archive/bucket
          bucket: crew-prod-archive
          policy: {"Version":"2012-10-17","Statement":[{"Sid":"TlsOnly","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::crew-prod-archive","arn:aws:s3:::crew-prod-archive/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}
        "#);
    }

    #[test]
    fn half_days_and_impossible_names_are_faults() {
        assert_snapshot!(faults("[bucket.archive]\nkeep = \"36h\"\n", "prod"), @"2:8 bad-period S3 counts whole days, and 36h is none (write days: `90d`)");
        let pinned = "[bucket.archive]\n[env.old]\naccount = \"444455556666\"\noverride = { \"bucket.archive.name\" = \"a.b\" }\n";
        assert!(faults(pinned, "old").contains("bad-name `a.b` cannot name a bucket"), "{}", faults(pinned, "old"));
    }
}
