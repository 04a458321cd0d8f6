//! What is kept in the bucket from one export to the next.

use deployer_aws::objects::Bucket;
use deployer_engine::objects::{Objects as _, Only, Written};
use serde_json::json;

use crate::activity::Release;
use crate::error::{Exit, Failure};

/// Every release that was noted, so that the next run knows what has changed.
pub const RELEASES: &str = "exports/releases.json";
/// What the bucket is told of who wrote.
const LABEL: &str = "deployer export";

/// The releases that were noted before, and the version of their object. A history that cannot be read is left alone.
pub async fn releases(bucket: &Bucket) -> Result<(Vec<Release>, Option<String>), Failure> {
    let Some(object) = bucket.get(RELEASES).await? else { return Ok(Default::default()) };
    let releases = serde_json::from_slice(&object.body).map_err(|_| {
        Failure::new(Exit::Other, "export-history", format!("{RELEASES} is no history of releases"))
            .hint("bring an earlier version of the object back; or delete it, and releases are noted anew")
    })?;
    Ok((releases, Some(object.tag)))
}

/// Keeps the releases, over the version that was read.
pub async fn note(bucket: &Bucket, releases: &[Release], tag: Option<String>) -> Result<(), Failure> {
    write(bucket, RELEASES, &json!(releases).to_string(), tag.map_or(Only::New, Only::Over)).await
}

/// Writes an export over the one before.
pub async fn replace(bucket: &Bucket, key: &str, text: &str) -> Result<(), Failure> {
    let only = bucket.get(key).await?.map_or(Only::New, |object| Only::Over(object.tag));
    write(bucket, key, text, only).await
}

async fn write(bucket: &Bucket, key: &str, text: &str, only: Only) -> Result<(), Failure> {
    match bucket.put(key, text.as_bytes(), LABEL, &only).await? {
        Written::Done(_) => Ok(()),
        Written::Refused => Err(Failure::new(Exit::Other, "export-overtaken", format!("somebody else wrote {key}"))
            .hint("two exports ran at once: run it again")),
    }
}
