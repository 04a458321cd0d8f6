//! What CloudFront's objects have in common: answers, inputs, and tags.

use aws_sdk_cloudfront::types;
use aws_smithy_types::error::operation::BuildError;
use deployer_engine::resource::{CloudError, Cx, ErrorClass};

use crate::Cloud;
use crate::naming::{Tags, own_tags, tag_changes};

/// An answer of CloudFront that lacks what it always has.
pub(super) fn cut_answer(operation: &str, object: &str) -> CloudError {
    CloudError::new(
        ErrorClass::Unknown,
        operation,
        object,
        "answer-cut",
        "the answer lacks what CloudFront always tells",
    )
}

/// Inputs that the SDK cannot make a request of.
pub(super) fn unusable(error: &BuildError) -> CloudError {
    CloudError::inputs("", error.to_string())
}

/// The ARN of one of the account's objects: `kind` is `distribution` or `function`.
pub(super) fn arn(cx: &Cx<Cloud>, kind: &str, id: &str) -> String {
    format!("arn:aws:cloudfront::{}:{kind}/{id}", cx.cloud.target.account)
}

/// Tags as CloudFront takes them.
pub(super) fn sdk_tags(tags: &Tags) -> types::Tags {
    let items =
        tags.iter().map(|(key, value)| types::Tag::builder().key(key).value(value).build().expect("a tag has a key"));
    types::Tags::builder().set_items(Some(items.collect())).build()
}

/// Codes of "there is no such object", one of AWS and those by kind.
const NOTHING_TO_TAG: &[&str] = &["NoSuchResource", "NoSuchFunctionExists", "NoSuchDistribution"];

/// The tags of an object; `None`: there is no such object.
pub(super) async fn read_tags(cx: &Cx<Cloud>, arn: &str) -> Result<Option<Tags>, CloudError> {
    let request = cx.cloud.cloudfront().list_tags_for_resource().resource(arn);
    let found = cx.cloud.find("cloudfront:ListTagsForResource", arn, NOTHING_TO_TAG, request.send()).await?;
    let pairs = |tags: types::Tags| {
        tags.items.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default()))
    };
    Ok(found.map(|answer| own_tags(answer.tags.into_iter().flat_map(pairs))))
}

/// Writes the tags that differ; those of others stay.
pub(super) async fn write_tags(
    cx: &Cx<Cloud>,
    arn: &str,
    wanted: &Tags,
    prior: Option<&Tags>,
    live: &Tags,
) -> Result<(), CloudError> {
    let (write, remove) = tag_changes(wanted, prior, live);
    if !write.is_empty() {
        let request = cx.cloud.cloudfront().tag_resource().resource(arn).tags(sdk_tags(&write));
        cx.cloud.call("cloudfront:TagResource", arn, request.send()).await?;
    }
    if !remove.is_empty() {
        let keys = types::TagKeys::builder().set_items(Some(remove)).build();
        let request = cx.cloud.cloudfront().untag_resource().resource(arn).tag_keys(keys);
        cx.cloud.call("cloudfront:UntagResource", arn, request.send()).await?;
    }
    Ok(())
}
