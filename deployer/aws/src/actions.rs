//! API operations and the IAM actions that allow them: mostly, but not always, the same word.

/// Operations whose IAM action has another name.
const OTHERWISE: &[(&str, &str)] = &[
    ("cloudfront:CreateDistributionWithTags", "cloudfront:CreateDistribution"),
    ("lambda:Invoke", "lambda:InvokeFunction"),
    ("s3:DeleteObjects", "s3:DeleteObject"),
    ("s3:HeadBucket", "s3:ListBucket"),
    ("s3:HeadObject", "s3:GetObject"),
    ("s3:ListObjectsV2", "s3:ListBucket"),
    ("s3:ListObjectVersions", "s3:ListBucketVersions"),
    ("s3:DeleteBucketLifecycle", "s3:PutLifecycleConfiguration"),
    ("s3:DeletePublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
    ("s3:GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
    ("s3:PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
    ("s3:GetBucketEncryption", "s3:GetEncryptionConfiguration"),
    ("s3:PutBucketEncryption", "s3:PutEncryptionConfiguration"),
    ("s3:GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"),
    ("s3:PutBucketLifecycleConfiguration", "s3:PutLifecycleConfiguration"),
];

/// Beginnings of the names of operations that change nothing.
const READS: &[&str] = &["Get", "List", "Describe", "Head"];

/// Whether an operation (`service:Name`) may change something.
pub fn is_change(operation: &str) -> bool {
    let name = operation.split(':').nth(1).unwrap_or(operation);
    !READS.iter().any(|read| name.starts_with(read))
}

/// The IAM action that allows an operation, both as `service:Name`.
pub fn iam_action(operation: &str) -> &str {
    OTHERWISE.iter().find(|(each, _)| *each == operation).map_or(operation, |(_, action)| action)
}
