//! Published versions of Lambda functions.

mod listed;

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_lambda::types::{FunctionConfiguration, State};
use deployer_engine::resource::{CloudError, Cx, ErrorClass, Identity, Key, Live, OnRemove, Owner, Resource};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Cloud;
use crate::client::all_of;
use crate::listing;
use crate::wait;
use listed::{Listed, list, select};

/// Code of "there is no such function or version".
const MISSING: &[&str] = &["ResourceNotFoundException"];
/// How many older versions stay for a rollback.
const KEPT: usize = 10;
/// How long a new version may take to become active: as a rule it is at once.
const SETTLE_LIMIT: Duration = Duration::from_secs(120);

/// A version of a function: its code and configuration, unchangeable.
///
/// The digest stands in the version's description, and by it a lost version is found again; of several
/// with one digest (A, then B, then A once more) the last one counts. Publishing is repeatable: Lambda
/// answers with the last version when the function was not updated since. Should that version say
/// something else (somebody published it by hand), the function is updated without a change, which
/// makes Lambda publish anew.
///
/// Read budget: 1 call a function, 1 more for each further 50 versions of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FunctionVersion {
    /// The function.
    pub function_name: String,
    /// Digest of everything that makes up the version: a text once it is known.
    /// Source: PublishVersion, `Description`.
    pub digest: Value,
    /// SHA-256 (base64) of the zip: nothing else is published. Source: PublishVersion, `CodeSha256`.
    #[serde(default)]
    pub code_sha256: String,
}

/// What a version is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionVersionOutputs {
    /// Its number, as decimal text.
    pub version: String,
}

/// Distinct from the version of the same number of a function that replaces this one.
fn id(function_name: &str, version: &str) -> String {
    format!("{function_name}:{version}")
}

impl FunctionVersion {
    async fn publish(&self, cx: &Cx<Cloud>, digest: &str) -> Result<(Listed, Option<State>), CloudError> {
        let operation = "lambda:PublishVersion";
        let code = Some(self.code_sha256.clone()).filter(|each| !each.is_empty());
        let request = cx
            .cloud
            .lambda()
            .publish_version()
            .function_name(&self.function_name)
            .description(digest)
            .set_code_sha256(code);
        let found = cx.cloud.call(operation, &self.function_name, request.send()).await?;
        let state = found.state.clone();
        let found = FunctionConfiguration::builder()
            .set_version(found.version)
            .set_description(found.description)
            .set_code_sha256(found.code_sha256)
            .build();
        let unusable = || {
            CloudError::new(
                ErrorClass::Refused,
                operation,
                &self.function_name,
                "no-version",
                "Lambda published, but told no version number",
            )
        };
        Ok((Listed::new(found).ok_or_else(unusable)?, state))
    }

    /// Updates the function without changing it: the next publish makes a version.
    async fn touch(&self, cx: &Cx<Cloud>) -> Result<(), CloudError> {
        let request = cx.cloud.lambda().update_function_configuration().function_name(&self.function_name);
        cx.cloud.call("lambda:UpdateFunctionConfiguration", &self.function_name, request.send()).await.map(drop)
    }

    /// Waits until callers can be sent to it.
    async fn settle(&self, cx: &Cx<Cloud>, number: u64) -> Result<(), CloudError> {
        let look = || async {
            let request = cx
                .cloud
                .lambda()
                .get_function_configuration()
                .function_name(&self.function_name)
                .qualifier(number.to_string());
            let found = cx.cloud.call("lambda:GetFunctionConfiguration", &self.function_name, request.send()).await?;
            Ok((found.state != Some(State::Pending)).then_some(()))
        };
        wait::until(cx, "the version to become active", SETTLE_LIMIT, look).await
    }
}

impl Resource for FunctionVersion {
    const TYPE: &'static str = "function_version";
    const IDENTITY: Identity = Identity::Token;
    const ON_REMOVE: OnRemove = OnRemove::Retain(KEPT);
    const REPLACE_ON: &'static [&'static str] = &["function_name", "digest"];
    const STABLE: &'static [&'static str] = &["version"];
    const ACTIONS: &'static [&'static str] = &[
        "lambda:DeleteFunction",
        "lambda:GetFunctionConfiguration",
        "lambda:ListVersionsByFunction",
        "lambda:PublishVersion",
        "lambda:UpdateFunctionConfiguration",
    ];
    type Outputs = FunctionVersionOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        let mut functions: BTreeMap<&str, Vec<Listed>> =
            keys.iter().map(|key| (key.inputs.function_name.as_str(), Vec::new())).collect();
        let names: Vec<&str> = functions.keys().copied().collect();
        let lists = all_of(names.iter().map(|name| list(cx, name)).collect()).await?;
        functions.extend(names.into_iter().zip(lists));
        let live = |key: &Key<Self>| {
            let name = key.inputs.function_name.as_str();
            select(functions.get(name)?, key).map(|found| found.into_live(name))
        };
        Ok(keys.iter().map(live).collect())
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        _: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        let digest = self
            .digest
            .as_str()
            .ok_or_else(|| CloudError::inputs(&self.function_name, "the digest of its version is not known"))?;
        if let Some(live) = live.filter(|live| live.inputs.digest == self.digest) {
            return Ok(live.clone());
        }
        let (mut published, mut state) = self.publish(cx, digest).await?;
        if published.description != digest {
            self.touch(cx).await?;
            (published, state) = self.publish(cx, digest).await?;
        }
        if published.description != digest {
            let message =
                format!("Lambda answers with version {}, which was published by somebody else", published.number);
            return Err(CloudError::new(
                ErrorClass::Refused,
                "lambda:PublishVersion",
                &self.function_name,
                "foreign-version",
                message,
            ));
        }
        if state == Some(State::Pending) && !cx.cloud.is_local() {
            self.settle(cx, published.number).await?;
        }
        Ok(published.into_live(&self.function_name))
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let name = &live.inputs.function_name;
        let version = &live.outputs.version;
        // Without a number the call would delete the function itself.
        if version.is_empty() || !version.bytes().all(|each| each.is_ascii_digit()) {
            return Err(CloudError::inputs(name, format!("`{version}` is no version")));
        }
        let request = cx.cloud.lambda().delete_function().function_name(name).qualifier(version);
        cx.cloud.find("lambda:DeleteFunction", name, MISSING, request.send()).await.map(drop)
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        let functions = listing::functions(cx, owner).await?;
        let lists = all_of(functions.iter().map(|name| list(cx, name)).collect()).await?;
        let mut versions: Vec<_> = functions
            .iter()
            .zip(lists)
            .flat_map(|(name, listed)| listed.into_iter().filter(Listed::is_ours).map(move |each| (name, each)))
            .collect();
        versions.sort_by_key(|(_, each)| each.number);
        Ok(versions.into_iter().map(|(name, each)| each.into_live(name)).collect())
    }
}
