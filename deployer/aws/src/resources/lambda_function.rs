//! Lambda functions: the unpublished `$LATEST` that versions are cut from.

mod calls;
mod read;

pub(super) use self::calls::perhaps_role;

use std::collections::BTreeMap;

use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Owner, Resource};
use serde::{Deserialize, Serialize};

use super::meanwhile::{gone, untouched};
use crate::Cloud;
use crate::client::all_of;
use crate::listing;
use crate::naming::{Tags, met, tag_changes};
use read::{newest, read};

/// Code of "there is no such function".
const MISSING: &[&str] = &["ResourceNotFoundException"];
/// The tag that holds the digest of what the code was built from.
const SOURCE_TAG: &str = "deployer:source";
/// The tag that holds the id of the role that the function was last told to use.
const ROLE_ID_TAG: &str = "deployer:role-id";

/// A Lambda function from a zip of at most 50 MB. Its reserved concurrency is not managed.
///
/// Read budget: 1 call a function, and again just before each change of its code or configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LambdaFunction {
    /// Its name: 1 to 64 of `A–Z a–z 0–9 - _`. Source: CreateFunction.
    pub name: String,
    /// ARN of the role that it runs as. Source: UpdateFunctionConfiguration.
    pub role: String,
    /// Id of that role. A role made anew under the old name cannot decrypt the environment until the
    /// function is told again to use it. Kept in a tag, since Lambda does not tell it.
    #[serde(default)]
    pub role_id: String,
    /// `arm64` or `x86_64`. Source: UpdateFunctionCode, `Architectures`.
    pub architecture: String,
    /// The runtime, `provided.al2023`. Source: UpdateFunctionConfiguration.
    pub runtime: String,
    /// What the runtime starts, `bootstrap`. Source: UpdateFunctionConfiguration.
    pub handler: String,
    /// Memory in MB: 128 to 10,240. Source: UpdateFunctionConfiguration, `MemorySize`.
    pub memory_mb: u32,
    /// Longest run in seconds: 1 to 900. Source: UpdateFunctionConfiguration, `Timeout`.
    pub timeout_seconds: u32,
    /// Its environment, the whole of it, 4 KB. Source: UpdateFunctionConfiguration.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// What it runs.
    pub code: Code,
    /// Words for people, at most 256 characters. Source: UpdateFunctionConfiguration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where its logs go.
    pub logging: Logging,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
}

/// What a function runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// SHA-256 (hex) of everything that the code was built from. Kept in a tag.
    pub source_sha256: String,
    /// SHA-256 (base64) of the zip. Source: UpdateFunctionCode, `CodeSha256`.
    pub zip_sha256: String,
}

/// Where a function's logs go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logging {
    /// The name of the log group. Source: UpdateFunctionConfiguration, `LoggingConfig`.
    pub log_group: String,
    /// `JSON` or `Text`: the form of the lines that Lambda itself adds.
    pub format: String,
}

/// What a function is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LambdaFunctionOutputs {
    /// Its ARN, without a qualifier.
    pub arn: String,
}

/// The ARN of a function, without a qualifier.
pub fn arn(region: &str, account: &str, name: &str) -> String {
    format!("arn:aws:lambda:{region}:{account}:function:{name}")
}

pub(super) fn arn_here(cloud: &Cloud, name: &str) -> String {
    arn(&cloud.target.region, &cloud.target.account, name)
}

impl LambdaFunction {
    /// The revision that a change is made of: of a function that nobody has touched since it was read. Lambda refuses the
    /// change when there is a later one.
    async fn revision(&self, cx: &Cx<Cloud>, operation: &str, read: &Self) -> Result<Option<String>, CloudError> {
        let (now, revision) = newest(cx, &self.name).await?.ok_or_else(|| gone(operation, &self.name))?;
        untouched(operation, &self.name, self, read, &now.inputs)?;
        Ok(revision)
    }

    /// Its own tags and those that hold what Lambda does not tell.
    fn all_tags(&self) -> Tags {
        let hidden = [(SOURCE_TAG, &self.code.source_sha256), (ROLE_ID_TAG, &self.role_id)];
        self.tags.clone().into_iter().chain(hidden.map(|(key, value)| (key.to_owned(), value.clone()))).collect()
    }

    fn same_code(&self, live: &Self) -> bool {
        self.code.zip_sha256 == live.code.zip_sha256 && self.architecture == live.architecture
    }

    /// The description that is wanted: none any more where `prior` had one, `None` where it is not managed.
    fn wanted_description(&self, prior: Option<&Self>) -> Option<&str> {
        self.description.as_deref().or(prior.and_then(|each| each.description.as_ref()).map(|_| ""))
    }

    /// Whether role, environment and the like are as in `live`.
    fn same_configuration(&self, prior: Option<&Self>, live: &Self) -> bool {
        self.wanted_description(prior).is_none_or(|text| text == live.description.as_deref().unwrap_or_default())
            && self.same_role(live)
            && (&self.runtime, &self.handler, self.memory_mb, self.timeout_seconds)
                == (&live.runtime, &live.handler, live.memory_mb, live.timeout_seconds)
            && (&self.environment, &self.logging) == (&live.environment, &live.logging)
    }

    fn same_role(&self, live: &Self) -> bool {
        (&self.role, &self.role_id) == (&live.role, &live.role_id)
    }

    /// One change at a time, each finished before the next: Lambda refuses two. The tags come last,
    /// so that what they claim is true.
    async fn update(&self, cx: &Cx<Cloud>, prior: Option<&Self>, live: &Self) -> Result<(), CloudError> {
        if !self.same_code(live) {
            let revision = self.revision(cx, "lambda:UpdateFunctionCode", live).await?;
            self.update_code(cx, revision).await?;
        }
        if !self.same_configuration(prior, live) {
            let revision = self.revision(cx, "lambda:UpdateFunctionConfiguration", live).await?;
            self.update_configuration(cx, prior, self.same_role(live), revision).await?;
        }
        let (write, remove) = tag_changes(&self.all_tags(), prior.map(Self::all_tags).as_ref(), &live.all_tags());
        self.update_tags(&cx.cloud, write, remove).await
    }
}

impl Resource for LambdaFunction {
    const TYPE: &'static str = "lambda_function";
    const IDENTITY: Identity = Identity::Name;
    const NAME_FIELD: Option<&'static str> = Some("name");
    const TAGGED: bool = true;
    const REPLACE_ON: &'static [&'static str] = &["name"];
    const LIMITS: &'static [(&'static str, &'static str)] = &[
        ("name", "lambda:CreateFunction.FunctionName"),
        ("architecture", "lambda:CreateFunction.Architectures"),
        ("runtime", "lambda:CreateFunction.Runtime"),
        ("handler", "lambda:CreateFunction.Handler"),
        ("memory_mb", "lambda:CreateFunction.MemorySize"),
        ("timeout_seconds", "lambda:CreateFunction.Timeout"),
        ("description", "lambda:CreateFunction.Description"),
        ("logging/log_group", "lambda:CreateFunction.LoggingConfig.LogGroup"),
        ("logging/format", "lambda:CreateFunction.LoggingConfig.LogFormat"),
    ];
    const STABLE: &'static [&'static str] = &["arn"];
    const ACTIONS: &'static [&'static str] = &[
        "iam:PassRole",
        "lambda:CreateFunction",
        "lambda:DeleteFunction",
        "lambda:GetFunction",
        "lambda:GetFunctionConfiguration",
        "lambda:ListTags",
        "lambda:TagResource",
        "lambda:UntagResource",
        "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration",
    ];
    type Outputs = LambdaFunctionOutputs;
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
        match live {
            Some(live) => self.update(cx, prior, &live.inputs).await?,
            None if self.create(cx).await? => {}
            None => {
                let found = read(cx, &self.name).await?;
                let found = met("lambda:CreateFunction", &self.name, &self.tags, found, |each| &each.tags)?;
                self.update(cx, prior, &found.inputs).await?;
            }
        }
        Ok(Live {
            id: self.name.clone(),
            inputs: self.clone(),
            outputs: LambdaFunctionOutputs { arn: arn_here(&cx.cloud, &self.name) },
        })
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let request = cx.cloud.lambda().delete_function().function_name(&live.id);
        cx.cloud.find("lambda:DeleteFunction", &live.id, MISSING, request.send()).await.map(drop)
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        listing::read_each(listing::functions(cx, owner).await?, |name| async move { read(cx, &name).await }).await
    }
}

#[cfg(test)]
mod tests;
