//! Emptying a bucket: every version and every delete marker goes.

use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use deployer_engine::resource::{CloudError, Cx, ErrorClass};

use super::owner;
use crate::Cloud;

/// Versions that one call lists, and one call deletes.
const PAGE: i32 = 1000;

/// Deletes every version and every delete marker.
pub(super) async fn empty(cx: &Cx<Cloud>, name: &str) -> Result<(), CloudError> {
    let mut deleted = 0;
    loop {
        let request =
            cx.cloud.s3().list_object_versions().bucket(name).set_expected_bucket_owner(owner(cx)).max_keys(PAGE);
        let page = cx.cloud.call("s3:ListObjectVersions", name, request.send()).await?;
        let versions = page.versions.unwrap_or_default().into_iter().map(|each| (each.key, each.version_id));
        let markers = page.delete_markers.unwrap_or_default().into_iter().map(|each| (each.key, each.version_id));
        let objects = versions
            .chain(markers)
            .filter_map(|(key, version)| ObjectIdentifier::builder().key(key?).set_version_id(version).build().ok());
        let objects: Vec<_> = objects.collect();
        if objects.is_empty() {
            return Ok(());
        }
        deleted += objects.len();
        delete_objects(cx, name, objects).await?;
        cx.say(format!("deleted {deleted} objects"));
    }
}

async fn delete_objects(cx: &Cx<Cloud>, name: &str, objects: Vec<ObjectIdentifier>) -> Result<(), CloudError> {
    const OPERATION: &str = "s3:DeleteObjects";
    let delete = Delete::builder()
        .set_objects(Some(objects))
        .quiet(true)
        .build()
        .map_err(|error| CloudError::inputs(name, error.to_string()))?;
    let request = cx.cloud.s3().delete_objects().bucket(name).delete(delete).set_expected_bucket_owner(owner(cx));
    let answer = cx.cloud.call(OPERATION, name, request.send()).await?;
    // A 200 may hold failures of single objects.
    let Some(error) = answer.errors.unwrap_or_default().into_iter().next() else { return Ok(()) };
    let code = error.code.unwrap_or_default();
    let class = match code.as_str() {
        "AccessDenied" => ErrorClass::Denied,
        "SlowDown" => ErrorClass::Throttled,
        "InternalError" => ErrorClass::Unknown,
        _ => ErrorClass::Refused,
    };
    let object = format!("{name}/{}", error.key.unwrap_or_default());
    let failed = CloudError::new(class, OPERATION, &object, &code, error.message.unwrap_or_default());
    Err(CloudError {
        missing_action: (class == ErrorClass::Denied).then(|| "s3:DeleteObjectVersion".to_owned()),
        ..failed
    })
}
