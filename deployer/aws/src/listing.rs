//! Names of what an account has, by how they begin: what no state tells of is found by these.

use std::future::Future;

use aws_sdk_ssm::types::{ParameterMetadata, ParameterStringFilter, ParameterType};
use aws_sdk_wafv2::types::Scope;
use deployer_engine::resource::{CloudError, Cx, Live, Owner, Resource};
use serde_json::{Value, json};

use crate::Cloud;
use crate::client::all_of;
use crate::client::json::CLOUDWATCH;
use crate::region::Region;

/// Characters that even the shortest names have in common with their stack's: longer ones are cut, and end in a digest.
const SHORTEST_NAME: usize = 54;
/// Queues of one answer: without a number SQS tells the first thousand only.
const QUEUES_A_PAGE: i32 = 1000;

/// What the names of an owner's objects begin with: `crew-prod-`.
pub fn prefix(owner: &Owner) -> String {
    let mut prefix = format!("{}-{}-", owner.stack, owner.environment);
    prefix.truncate(SHORTEST_NAME);
    prefix
}

/// What the names of an owner's log groups begin with: Lambda's are all below one path.
fn log_prefix(owner: &Owner) -> String {
    format!("/aws/lambda/{}", prefix(owner))
}

/// Those of the names that begin so.
fn beginning(names: impl IntoIterator<Item = Option<String>>, prefix: &str) -> Vec<String> {
    names.into_iter().flatten().filter(|name| name.starts_with(prefix)).collect()
}

/// Reads each of the names; what vanished meanwhile is left out.
pub async fn read_each<R: Resource, F: Future<Output = Result<Option<Live<R>>, CloudError>>>(
    names: Vec<String>,
    read: impl Fn(String) -> F,
) -> Result<Vec<Live<R>>, CloudError> {
    Ok(all_of(names.into_iter().map(read).collect()).await?.into_iter().flatten().collect())
}

/// DynamoDB tables.
pub async fn tables(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<String>, CloudError> {
    let prefix = prefix(owner);
    let listed = cx.cloud.dynamodb().list_tables().into_paginator().items().send().collect::<Result<Vec<_>, _>>();
    Ok(beginning(cx.cloud.call("dynamodb:ListTables", &prefix, listed).await?.into_iter().map(Some), &prefix))
}

/// Lambda functions.
pub async fn functions(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<String>, CloudError> {
    let prefix = prefix(owner);
    let listed = cx.cloud.lambda().list_functions().into_paginator().items().send().collect::<Result<Vec<_>, _>>();
    let listed = cx.cloud.call("lambda:ListFunctions", &prefix, listed).await?;
    Ok(beginning(listed.into_iter().map(|each| each.function_name), &prefix))
}

/// Log groups of functions.
pub async fn log_groups(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<String>, CloudError> {
    let prefix = log_prefix(owner);
    let pages = cx.cloud.logs().describe_log_groups().log_group_name_prefix(&prefix).into_paginator().items().send();
    let listed = cx.cloud.call("logs:DescribeLogGroups", &prefix, pages.collect::<Result<Vec<_>, _>>()).await?;
    Ok(beginning(listed.into_iter().map(|each| each.log_group_name), &prefix))
}

/// IAM roles.
pub async fn roles(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<String>, CloudError> {
    let prefix = prefix(owner);
    let listed = cx.cloud.iam().list_roles().into_paginator().items().send().collect::<Result<Vec<_>, _>>();
    let listed = cx.cloud.call("iam:ListRoles", &prefix, listed).await?;
    Ok(beginning(listed.into_iter().map(|each| Some(each.role_name)), &prefix))
}

/// S3 buckets.
pub async fn buckets(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<String>, CloudError> {
    let prefix = prefix(owner);
    let listed = cx.cloud.s3().list_buckets().prefix(&prefix).into_paginator().items().send();
    let listed = cx.cloud.call("s3:ListBuckets", &prefix, listed.collect::<Result<Vec<_>, _>>()).await?;
    Ok(beginning(listed.into_iter().map(|each| each.name), &prefix))
}

/// SQS queues.
pub async fn queues(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<String>, CloudError> {
    let prefix = prefix(owner);
    let request = cx.cloud.sqs().list_queues().queue_name_prefix(&prefix).max_results(QUEUES_A_PAGE);
    let urls = request.into_paginator().items().send().collect::<Result<Vec<_>, _>>();
    let urls = cx.cloud.call("sqs:ListQueues", &prefix, urls).await?;
    Ok(beginning(urls.iter().map(|url| url.rsplit('/').next().map(str::to_owned)), &prefix))
}

/// SNS topics of a region.
pub async fn topics<R: Region>(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<String>, CloudError> {
    let prefix = prefix(owner);
    let listed = R::sns(&cx.cloud).list_topics().into_paginator().items().send().collect::<Result<Vec<_>, _>>();
    let listed = cx.cloud.call("sns:ListTopics", &prefix, listed).await?;
    let name = |arn: String| arn.rsplit(':').next().map(str::to_owned);
    Ok(beginning(listed.into_iter().map(|each| each.topic_arn.and_then(name)), &prefix))
}

/// CloudWatch alarms of a region.
pub async fn alarms<R: Region>(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<String>, CloudError> {
    let prefix = prefix(owner);
    let (mut names, mut next) = (Vec::new(), Value::Null);
    loop {
        let mut body = json!({ "AlarmNamePrefix": prefix, "AlarmTypes": ["MetricAlarm"] });
        if next.is_string() {
            body["NextToken"] = next;
        }
        let mut page = cx.cloud.ask(CLOUDWATCH, R::name(&cx.cloud), "DescribeAlarms", &prefix, body).await?;
        let alarms = page["MetricAlarms"].as_array();
        names.extend(alarms.into_iter().flatten().map(|each| each["AlarmName"].as_str().map(str::to_owned)));
        next = page["NextToken"].take();
        if !next.is_string() {
            return Ok(beginning(names, &prefix));
        }
    }
}

/// Rules of the default bus.
pub async fn rules(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<String>, CloudError> {
    let prefix = prefix(owner);
    let (mut names, mut next) = (Vec::new(), None);
    loop {
        let request = cx.cloud.events().list_rules().name_prefix(&prefix).set_next_token(next);
        let page = cx.cloud.call("events:ListRules", &prefix, request.send()).await?;
        names.extend(page.rules.unwrap_or_default().into_iter().map(|each| each.name));
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(beginning(names, &prefix));
        }
    }
}

/// SSM parameters that are encrypted, or those that are not.
pub async fn parameters(cx: &Cx<Cloud>, owner: &Owner, encrypted: bool) -> Result<Vec<String>, CloudError> {
    let prefix = format!("/{}/{}/", owner.stack, owner.environment);
    let filter = ParameterStringFilter::builder().key("Name").option("BeginsWith").values(&prefix).build();
    let filter = filter.map_err(|error| CloudError::inputs(&prefix, error.to_string()))?;
    let pages = cx.cloud.ssm().describe_parameters().parameter_filters(filter).into_paginator().send();
    let pages = cx.cloud.call("ssm:DescribeParameters", &prefix, pages.collect::<Result<Vec<_>, _>>()).await?;
    let listed = pages.into_iter().flat_map(|page| page.parameters.unwrap_or_default());
    let fits = |each: &ParameterMetadata| (each.r#type == Some(ParameterType::SecureString)) == encrypted;
    Ok(beginning(listed.filter(fits).map(|each| each.name), &prefix))
}

/// SES configuration sets.
pub async fn configuration_sets(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<String>, CloudError> {
    let prefix = prefix(owner);
    let pages = cx.cloud.ses().list_configuration_sets().into_paginator().send().collect::<Result<Vec<_>, _>>();
    let pages = cx.cloud.call("ses:ListConfigurationSets", &prefix, pages).await?;
    let names = pages.into_iter().flat_map(|page| page.configuration_sets.unwrap_or_default());
    Ok(beginning(names.map(Some), &prefix))
}

/// SES identities, all of them: they are named after people and domains.
pub async fn identities(cx: &Cx<Cloud>) -> Result<Vec<String>, CloudError> {
    let pages = cx.cloud.ses().list_email_identities().into_paginator().send().collect::<Result<Vec<_>, _>>();
    let pages = cx.cloud.call("ses:ListEmailIdentities", "", pages).await?;
    let listed = pages.into_iter().flat_map(|page| page.email_identities.unwrap_or_default());
    Ok(beginning(listed.map(|each| each.identity_name), ""))
}

/// The ARNs of web ACLs for CloudFront.
pub async fn web_acls(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<String>, CloudError> {
    let prefix = prefix(owner);
    let (mut arns, mut marker) = (Vec::new(), None);
    loop {
        let request = cx.cloud.waf().list_web_acls().scope(Scope::Cloudfront).set_next_marker(marker);
        let page = cx.cloud.call("wafv2:ListWebACLs", &prefix, request.send()).await?;
        let ours = page
            .web_acls
            .unwrap_or_default()
            .into_iter()
            .filter(|each| each.name.as_ref().is_some_and(|name| name.starts_with(&prefix)));
        arns.extend(ours.filter_map(|each| each.arn));
        marker = page.next_marker.filter(|next| !next.is_empty());
        if marker.is_none() {
            return Ok(arns);
        }
    }
}

/// CloudFront Functions.
pub async fn edge_functions(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<String>, CloudError> {
    let prefix = prefix(owner);
    let (mut names, mut marker) = (Vec::new(), None);
    loop {
        let request = cx.cloud.cloudfront().list_functions().set_marker(marker);
        let page = cx.cloud.call("cloudfront:ListFunctions", &prefix, request.send()).await?.function_list;
        let Some(page) = page else { return Ok(beginning(names, &prefix)) };
        names.extend(page.items.unwrap_or_default().into_iter().map(|each| Some(each.name)));
        marker = page.next_marker.filter(|next| !next.is_empty());
        if marker.is_none() {
            return Ok(beginning(names, &prefix));
        }
    }
}

/// The ids of distributions, by their comment.
pub async fn distributions(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<String>, CloudError> {
    let prefix = prefix(owner);
    let listed = cx.cloud.cloudfront().list_distributions().into_paginator().items().send();
    let listed = cx.cloud.call("cloudfront:ListDistributions", &prefix, listed.collect::<Result<Vec<_>, _>>()).await?;
    Ok(listed.into_iter().filter(|each| each.comment.starts_with(&prefix)).map(|each| each.id).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::naming::shorten;

    #[test]
    fn even_a_name_that_was_cut_begins_as_its_stacks_do() {
        let owner = Owner { stack: "s".repeat(32), environment: "e".repeat(40) };
        let name = shorten(format!("{}-{}-name", owner.stack, owner.environment), 63);
        assert!(name.starts_with(&prefix(&owner)), "{name}");
    }
}
