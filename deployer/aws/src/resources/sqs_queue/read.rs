//! Finding a queue by its name.

use deployer_engine::resource::{CloudError, Live};
use serde_json::Value;

use super::{MISSING, SqsQueue, SqsQueueOutputs, arn, attributes};
use crate::Cloud;
use crate::naming::own_tags;

/// The URL of a queue of the account.
pub(super) fn url(cloud: &Cloud, name: &str) -> String {
    let target = &cloud.target;
    let host = target.endpoint.as_ref().map_or_else(
        || format!("https://sqs.{}.amazonaws.com", target.region),
        |endpoint| endpoint.trim_end_matches('/').to_owned(),
    );
    format!("{host}/{}/{name}", target.account)
}

/// What a queue is known by.
pub(super) fn outputs(cloud: &Cloud, name: &str) -> SqsQueueOutputs {
    SqsQueueOutputs { url: url(cloud, name), arn: arn(&cloud.target.region, &cloud.target.account, name) }
}

/// The queue of that name; its policy in the words of `known` where both say the same.
pub(super) async fn read(
    cloud: &Cloud,
    name: &str,
    known: Option<&Value>,
) -> Result<Option<Live<SqsQueue>>, CloudError> {
    let at = url(cloud, name);
    let attributes =
        cloud.sqs().get_queue_attributes().queue_url(&at).set_attribute_names(Some(attributes::MANAGED.into())).send();
    let tags = cloud.sqs().list_queue_tags().queue_url(&at).send();
    let (attributes, tags) = futures::try_join!(
        cloud.find("sqs:GetQueueAttributes", name, MISSING, attributes),
        cloud.find("sqs:ListQueueTags", name, MISSING, tags)
    )?;
    let (Some(attributes), Some(tags)) = (attributes, tags) else { return Ok(None) };
    let described = attributes::described(name, &attributes.attributes.unwrap_or_default(), known);
    let inputs = SqsQueue { tags: own_tags(tags.tags.unwrap_or_default()), ..described };
    Ok(Some(Live { id: name.to_owned(), inputs, outputs: outputs(cloud, name) }))
}
