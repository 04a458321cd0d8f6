//! CloudFront Functions: small scripts that the edge runs on every request.

use aws_sdk_cloudfront::types::{FunctionConfig, FunctionRuntime, FunctionStage};
use aws_smithy_types::Blob;
use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Owner, Place, Resource, Spread};
use serde::{Deserialize, Serialize};

use super::cloudfront::{arn, read_tags, sdk_tags, unusable, write_tags};
use super::meanwhile::still_due;
use crate::Cloud;
use crate::client::all_of;
use crate::listing;
use crate::naming::{Tags, met};

/// The code of "there is no such thing", of a stage too.
const MISSING: &str = "NoSuchFunctionExists";

/// A CloudFront Function, published.
///
/// Read budget: 3 calls a function, all at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloudfrontFunction {
    /// Its name: 1 to 64 of `A–Z a–z 0–9 - _`. Source: CreateFunction.
    pub name: String,
    /// Its script, at most 10 KB.
    pub code: String,
    /// What runs it, such as `cloudfront-js-2.0`.
    pub runtime: String,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
}

/// What a function is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloudfrontFunctionOutputs {
    /// Its ARN.
    pub arn: String,
}

/// What is published. One that never was, because its making was cut off, has no script.
async fn read(cx: &Cx<Cloud>, name: &str) -> Result<Option<Live<CloudfrontFunction>>, CloudError> {
    let cloudfront = cx.cloud.cloudfront();
    let arn = arn(cx, "function", name);
    let code = cloudfront.get_function().name(name).stage(FunctionStage::Live).send();
    let summary = cloudfront.describe_function().name(name).stage(FunctionStage::Live).send();
    let (code, summary, tags) = futures::try_join!(
        cx.cloud.find("cloudfront:GetFunction", name, &[MISSING], code),
        cx.cloud.find("cloudfront:DescribeFunction", name, &[MISSING], summary),
        read_tags(cx, &arn),
    )?;
    let Some(tags) = tags else { return Ok(None) };
    let code = code.and_then(|each| each.function_code);
    let config = summary.and_then(|each| each.function_summary?.function_config);
    let inputs = CloudfrontFunction {
        name: name.to_owned(),
        code: code.map(|code| String::from_utf8_lossy(code.as_ref()).into_owned()).unwrap_or_default(),
        runtime: config.map(|each| each.runtime.to_string()).unwrap_or_default(),
        tags,
    };
    Ok(Some(Live { id: name.to_owned(), inputs, outputs: CloudfrontFunctionOutputs { arn } }))
}

impl CloudfrontFunction {
    fn config(&self) -> Result<FunctionConfig, CloudError> {
        FunctionConfig::builder()
            .comment("")
            .runtime(FunctionRuntime::from(self.runtime.as_str()))
            .build()
            .map_err(|error| unusable(&error))
    }

    /// Creates it and tells its version; `None`: there is one of the name.
    async fn create(&self, cx: &Cx<Cloud>) -> Result<Option<Option<String>>, CloudError> {
        let request = cx
            .cloud
            .cloudfront()
            .create_function()
            .name(&self.name)
            .function_config(self.config()?)
            .function_code(Blob::new(self.code.as_bytes()))
            .tags(sdk_tags(&self.tags));
        Ok(cx
            .cloud
            .find("cloudfront:CreateFunction", &self.name, &["FunctionAlreadyExists"], request.send())
            .await?
            .map(|created| created.e_tag))
    }

    /// The version of what is being worked on.
    async fn version(&self, cx: &Cx<Cloud>) -> Result<Option<String>, CloudError> {
        let request = cx.cloud.cloudfront().describe_function().name(&self.name).stage(FunctionStage::Development);
        Ok(cx.cloud.call("cloudfront:DescribeFunction", &self.name, request.send()).await?.e_tag)
    }

    /// Writes the script and tells its version.
    async fn write(&self, cx: &Cx<Cloud>) -> Result<Option<String>, CloudError> {
        let version = self.version(cx).await?;
        let request = cx
            .cloud
            .cloudfront()
            .update_function()
            .name(&self.name)
            .set_if_match(version)
            .function_config(self.config()?)
            .function_code(Blob::new(self.code.as_bytes()));
        let written = cx.cloud.call("cloudfront:UpdateFunction", &self.name, request.send()).await?;
        // AWS's own model misspells this header, and the local AWS does not.
        if written.e_tag.is_some() { Ok(written.e_tag) } else { self.version(cx).await }
    }

    /// Whether the script must be written: it differs, did so a moment ago, and nobody else wrote it meanwhile.
    async fn is_due(&self, cx: &Cx<Cloud>, live: &Self) -> Result<bool, CloudError> {
        // The tags have operations of their own.
        let script = |each: &Self| Self { tags: Tags::new(), ..each.clone() };
        if script(live) == script(self) {
            return Ok(false);
        }
        // One that is gone meanwhile is told by the write.
        let Some(now) = read(cx, &self.name).await? else { return Ok(true) };
        still_due("cloudfront:UpdateFunction", &self.name, &script(self), &script(live), &script(&now.inputs))
    }

    async fn publish(&self, cx: &Cx<Cloud>, version: Option<String>) -> Result<(), CloudError> {
        let request = cx.cloud.cloudfront().publish_function().name(&self.name).set_if_match(version);
        cx.cloud.call("cloudfront:PublishFunction", &self.name, request.send()).await.map(drop)
    }

    /// Takes over one of our name that was never published: a creation that was cut off.
    async fn take_over(&self, cx: &Cx<Cloud>, arn: &str) -> Result<(), CloudError> {
        let found = read(cx, &self.name).await?;
        let met = met("cloudfront:CreateFunction", &self.name, &self.tags, found, |each| &each.tags)?;
        let version = self.write(cx).await?;
        self.publish(cx, version).await?;
        write_tags(cx, arn, &self.tags, None, &met.inputs.tags).await
    }
}

impl Resource for CloudfrontFunction {
    const TYPE: &'static str = "cloudfront_function";
    const IDENTITY: Identity = Identity::Name;
    const PLACE: Place = Place::Global;
    const NAME_FIELD: Option<&'static str> = Some("name");
    const TAGGED: bool = true;
    const REPLACE_ON: &'static [&'static str] = &["name"];
    const LIMITS: &'static [(&'static str, &'static str)] = &[
        ("name", "cloudfront:CreateFunction.Name"),
        ("code", "cloudfront:CreateFunction.FunctionCode"),
        ("runtime", "cloudfront:CreateFunction.FunctionConfig.Runtime"),
    ];
    const STABLE: &'static [&'static str] = &["arn"];
    const SPREAD: Spread = Spread::UsedAtTheEdge;
    const ACTIONS: &'static [&'static str] = &[
        "cloudfront:GetFunction",
        "cloudfront:DescribeFunction",
        "cloudfront:ListTagsForResource",
        "cloudfront:CreateFunction",
        "cloudfront:UpdateFunction",
        "cloudfront:PublishFunction",
        "cloudfront:TagResource",
        "cloudfront:UntagResource",
        "cloudfront:DeleteFunction",
    ];
    type Outputs = CloudfrontFunctionOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        all_of(keys.iter().map(|key| read(cx, &key.inputs.name)).collect()).await
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        prior: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        let arn = arn(cx, "function", &self.name);
        match live {
            Some(live) => {
                if self.is_due(cx, &live.inputs).await? {
                    let version = self.write(cx).await?;
                    self.publish(cx, version).await?;
                }
                write_tags(cx, &arn, &self.tags, prior.map(|each| &each.tags), &live.inputs.tags).await?;
            }
            None => match self.create(cx).await? {
                Some(version) => self.publish(cx, version).await?,
                None => self.take_over(cx, &arn).await?,
            },
        }
        Ok(Live { id: self.name.clone(), inputs: self.clone(), outputs: CloudfrontFunctionOutputs { arn } })
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let cloudfront = cx.cloud.cloudfront();
        let request = cloudfront.describe_function().name(&live.id).stage(FunctionStage::Development);
        let Some(found) = cx.cloud.find("cloudfront:DescribeFunction", &live.id, &[MISSING], request.send()).await?
        else {
            return Ok(());
        };
        let request = cloudfront.delete_function().name(&live.id).set_if_match(found.e_tag);
        cx.cloud.find("cloudfront:DeleteFunction", &live.id, &[MISSING], request.send()).await.map(drop)
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        listing::read_each(listing::edge_functions(cx, owner).await?, |name| async move { read(cx, &name).await }).await
    }
}
