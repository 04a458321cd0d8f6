//! CloudWatch log groups.

use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Owner, Resource};
use serde::{Deserialize, Serialize};

use crate::Cloud;
use crate::client::all_of;
use crate::listing;
use crate::naming::{ADDRESS_TAG, STACK_TAG, Tags, met, own_tags, tag_changes};

/// Code of "there is no such group".
const MISSING: &[&str] = &["ResourceNotFoundException"];
/// Code of "there is one of that name".
const EXISTS: &[&str] = &["ResourceAlreadyExistsException"];

/// A CloudWatch log group.
///
/// Lambda makes the group of a function itself when that function runs first; such a group carries
/// no tags of ours or of another stack, and is taken over by the create.
///
/// Read budget: 2 calls a group, both at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogGroup {
    /// Its name: 1 to 512 characters, such as `/aws/lambda/<function>`. Source: CreateLogGroup.
    pub name: String,
    /// Days that events are kept: 1, 3, 5, 7, 14, 30, 60, 90, … 3653. Absent: for ever.
    /// Source: PutRetentionPolicy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<u32>,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
}

/// What a log group is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogGroupOutputs {
    /// Its ARN, without the `:*` that policies add.
    pub arn: String,
}

/// The ARN of a log group, without the `:*` that policies add.
pub fn arn(region: &str, account: &str, name: &str) -> String {
    format!("arn:aws:logs:{region}:{account}:log-group:{name}")
}

fn arn_here(cloud: &Cloud, name: &str) -> String {
    arn(&cloud.target.region, &cloud.target.account, name)
}

async fn read(cx: &Cx<Cloud>, name: &str) -> Result<Option<Live<LogGroup>>, CloudError> {
    let (cloud, arn) = (&*cx.cloud, arn_here(&cx.cloud, name));
    // Groups come in the order of their names, so the one of exactly this name is the first of its prefix.
    let groups = cloud.logs().describe_log_groups().log_group_name_prefix(name).limit(1).send();
    let tags = cloud.logs().list_tags_for_resource().resource_arn(&arn).send();
    let (groups, tags) = futures::try_join!(
        cloud.call("logs:DescribeLogGroups", name, groups),
        cloud.find("logs:ListTagsForResource", name, MISSING, tags)
    )?;
    let group =
        groups.log_groups.unwrap_or_default().into_iter().find(|each| each.log_group_name.as_deref() == Some(name));
    let (Some(group), Some(tags)) = (group, tags) else { return Ok(None) };
    let inputs = LogGroup {
        name: name.to_owned(),
        retention_days: group.retention_in_days.and_then(|days| u32::try_from(days).ok()),
        tags: own_tags(tags.tags.unwrap_or_default()),
    };
    Ok(Some(Live { id: name.to_owned(), inputs, outputs: LogGroupOutputs { arn } }))
}

/// Whether Lambda, or nobody we know, made it: no deployer's tags are on it.
fn is_unclaimed(tags: &Tags) -> bool {
    !tags.contains_key(STACK_TAG) && !tags.contains_key(ADDRESS_TAG)
}

impl LogGroup {
    /// Creates it. `false`: there is one of the name already.
    async fn create(&self, cloud: &Cloud) -> Result<bool, CloudError> {
        let request = cloud
            .logs()
            .create_log_group()
            .log_group_name(&self.name)
            .set_tags(Some(self.tags.clone().into_iter().collect()));
        Ok(cloud.find("logs:CreateLogGroup", &self.name, EXISTS, request.send()).await?.is_some())
    }

    async fn update(&self, cloud: &Cloud, prior: Option<&Self>, live: &Self) -> Result<(), CloudError> {
        let name = &self.name;
        match self.retention_days {
            Some(days) if live.retention_days != Some(days) => {
                let days =
                    i32::try_from(days).map_err(|_| CloudError::inputs(name, format!("{days} days are too many")))?;
                let request = cloud.logs().put_retention_policy().log_group_name(name).retention_in_days(days);
                cloud.call("logs:PutRetentionPolicy", name, request.send()).await?;
            }
            None if live.retention_days.is_some() && prior.is_some_and(|each| each.retention_days.is_some()) => {
                cloud
                    .call(
                        "logs:DeleteRetentionPolicy",
                        name,
                        cloud.logs().delete_retention_policy().log_group_name(name).send(),
                    )
                    .await?;
            }
            _ => {}
        }
        let (write, remove) = tag_changes(&self.tags, prior.map(|each| &each.tags), &live.tags);
        let arn = arn_here(cloud, name);
        if !write.is_empty() {
            let request = cloud.logs().tag_resource().resource_arn(&arn).set_tags(Some(write.into_iter().collect()));
            cloud.call("logs:TagResource", name, request.send()).await?;
        }
        if !remove.is_empty() {
            cloud
                .call(
                    "logs:UntagResource",
                    name,
                    cloud.logs().untag_resource().resource_arn(&arn).set_tag_keys(Some(remove)).send(),
                )
                .await?;
        }
        Ok(())
    }
}

impl Resource for LogGroup {
    const TYPE: &'static str = "log_group";
    const IDENTITY: Identity = Identity::Name;
    const TAGGED: bool = true;
    const REPLACE_ON: &'static [&'static str] = &["name"];
    const LIMITS: &'static [(&'static str, &'static str)] =
        &[("name", "logs:CreateLogGroup.logGroupName"), ("retention_days", "logs:PutRetentionPolicy.retentionInDays")];
    const STABLE: &'static [&'static str] = &["arn"];
    const ACTIONS: &'static [&'static str] = &[
        "logs:CreateLogGroup",
        "logs:DeleteLogGroup",
        "logs:DeleteRetentionPolicy",
        "logs:DescribeLogGroups",
        "logs:ListTagsForResource",
        "logs:PutRetentionPolicy",
        "logs:TagResource",
        "logs:UntagResource",
    ];
    type Outputs = LogGroupOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        let read = |key: Key<Self>| async move {
            let found = read(cx, &key.inputs.name).await?;
            Ok(found.filter(|live| key.id.is_some() || !is_unclaimed(&live.inputs.tags)))
        };
        all_of(keys.iter().cloned().map(read).collect()).await
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        prior: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        let outputs = LogGroupOutputs { arn: arn_here(&cx.cloud, &self.name) };
        let live = match live {
            Some(live) => live.inputs.clone(),
            None if self.create(&cx.cloud).await? => Self { retention_days: None, ..self.clone() },
            None => match read(cx, &self.name).await? {
                Some(found) if is_unclaimed(&found.inputs.tags) => found.inputs,
                found => met("logs:CreateLogGroup", &self.name, &self.tags, found, |each| &each.tags)?.inputs,
            },
        };
        self.update(&cx.cloud, prior, &live).await?;
        Ok(Live { id: self.name.clone(), inputs: self.clone(), outputs })
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let request = cx.cloud.logs().delete_log_group().log_group_name(&live.id);
        cx.cloud.find("logs:DeleteLogGroup", &live.id, MISSING, request.send()).await.map(drop)
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        listing::read_each(listing::log_groups(cx, owner).await?, |name| async move { read(cx, &name).await }).await
    }
}
