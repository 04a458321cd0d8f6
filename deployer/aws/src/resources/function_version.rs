//! Published versions of Lambda functions.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_lambda::types::{FunctionConfiguration, State};
use deployer_engine::resource::{CloudError, Cx, ErrorClass, Identity, Key, Live, OnRemove, Resource};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Cloud;
use crate::client::all_of;
use crate::wait;

/// Code of "there is no such function or version".
const MISSING: &[&str] = &["ResourceNotFoundException"];
/// How many older versions stay for a rollback.
const KEPT: usize = 10;
/// How long a new version may take to become active: as a rule it is at once.
const SETTLE_LIMIT: Duration = Duration::from_secs(60);

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

/// A version as Lambda lists it.
#[derive(Clone, Debug, PartialEq)]
struct Listed {
    number: u64,
    description: String,
    code_sha256: String,
}

impl Listed {
    /// `None` for `$LATEST`, which is no version.
    fn new(found: FunctionConfiguration) -> Option<Self> {
        let number = found.version?.parse().ok()?;
        Some(Self { number, description: found.description.unwrap_or_default(), code_sha256: found.code_sha256.unwrap_or_default() })
    }

    fn into_live(self, function_name: &str) -> Live<FunctionVersion> {
        let version = self.number.to_string();
        let inputs = FunctionVersion { function_name: function_name.to_owned(), digest: Value::String(self.description), code_sha256: self.code_sha256 };
        Live { id: id(function_name, &version), inputs, outputs: FunctionVersionOutputs { version } }
    }
}

/// The version that a key means: the recorded one, else the last one of its digest.
fn select(listed: &[Listed], key: &Key<FunctionVersion>) -> Option<Listed> {
    let found = match (&key.id, key.inputs.digest.as_str()) {
        (Some(id), _) => listed.iter().find(|each| self::id(&key.inputs.function_name, &each.number.to_string()) == *id),
        (None, Some(digest)) if !digest.is_empty() => listed.iter().filter(|each| each.description == digest).max_by_key(|each| each.number),
        (None, _) => None,
    };
    found.cloned()
}

async fn list(cx: &Cx<Cloud>, function_name: &str) -> Result<Vec<Listed>, CloudError> {
    let mut listed = Vec::new();
    let mut marker = None;
    loop {
        let request = cx.cloud.lambda().list_versions_by_function().function_name(function_name).set_marker(marker);
        let Some(page) = cx.cloud.find("lambda:ListVersionsByFunction", function_name, MISSING, request.send()).await? else { return Ok(Vec::new()) };
        listed.extend(page.versions.unwrap_or_default().into_iter().filter_map(Listed::new));
        marker = page.next_marker.filter(|each| !each.is_empty());
        if marker.is_none() {
            return Ok(listed);
        }
    }
}

impl FunctionVersion {
    async fn publish(&self, cx: &Cx<Cloud>, digest: &str) -> Result<(Listed, Option<State>), CloudError> {
        let operation = "lambda:PublishVersion";
        let code = Some(self.code_sha256.clone()).filter(|each| !each.is_empty());
        let request = cx.cloud.lambda().publish_version().function_name(&self.function_name).description(digest).set_code_sha256(code);
        let found = cx.cloud.call(operation, &self.function_name, request.send()).await?;
        let state = found.state.clone();
        let found = FunctionConfiguration::builder().set_version(found.version).set_description(found.description).set_code_sha256(found.code_sha256).build();
        let unusable = || CloudError::new(ErrorClass::Refused, operation, &self.function_name, "no-version", "Lambda published, but told no version number");
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
            let request = cx.cloud.lambda().get_function_configuration().function_name(&self.function_name).qualifier(number.to_string());
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
        let mut functions: BTreeMap<&str, Vec<Listed>> = keys.iter().map(|key| (key.inputs.function_name.as_str(), Vec::new())).collect();
        let names: Vec<&str> = functions.keys().copied().collect();
        let lists = all_of(names.iter().map(|name| list(cx, name)).collect()).await?;
        functions.extend(names.into_iter().zip(lists));
        let live = |key: &Key<Self>| {
            let name = key.inputs.function_name.as_str();
            select(functions.get(name)?, key).map(|found| found.into_live(name))
        };
        Ok(keys.iter().map(live).collect())
    }

    async fn reconcile(&self, cx: &Cx<Cloud>, _: Option<&Self>, live: Option<&Live<Self>>) -> Result<Live<Self>, CloudError> {
        let digest = self.digest.as_str().ok_or_else(|| CloudError::inputs(&self.function_name, "the digest of its version is not known"))?;
        if let Some(live) = live.filter(|live| live.inputs.digest == self.digest) {
            return Ok(live.clone());
        }
        let (mut published, mut state) = self.publish(cx, digest).await?;
        if published.description != digest {
            self.touch(cx).await?;
            (published, state) = self.publish(cx, digest).await?;
        }
        if published.description != digest {
            let message = format!("Lambda answers with version {}, which was published by somebody else", published.number);
            return Err(CloudError::new(ErrorClass::Refused, "lambda:PublishVersion", &self.function_name, "foreign-version", message));
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: Option<&str>, digest: &str) -> Key<FunctionVersion> {
        let inputs = FunctionVersion { function_name: "f".into(), digest: digest.into(), code_sha256: String::new() };
        Key { id: id.map(str::to_owned), inputs }
    }

    fn listed(number: u64, description: &str) -> Listed {
        Listed { number, description: description.into(), code_sha256: "z".into() }
    }

    #[test]
    fn a_recorded_version_is_found_by_its_number_and_a_lost_one_by_its_digest() {
        let all = [listed(1, "a"), listed(2, "b"), listed(10, "a"), listed(11, "by hand")];
        assert_eq!(select(&all, &key(Some("f:1"), "a")).map(|each| each.number), Some(1));
        assert_eq!(select(&all, &key(None, "a")).map(|each| each.number), Some(10));
        assert_eq!(select(&all, &key(None, "c")), None);
        assert_eq!(select(&all, &key(Some("f:3"), "a")), None);
    }

    #[test]
    fn a_digest_that_is_not_known_yet_finds_nothing() {
        let all = [listed(1, ""), listed(2, "a")];
        assert_eq!(select(&all, &key(None, "")), None);
        let unknown = Key { id: None, inputs: FunctionVersion { digest: serde_json::json!({ "$sha256": {} }), ..key(None, "").inputs } };
        assert_eq!(select(&all, &unknown), None);
    }

    #[test]
    fn what_is_not_published_is_no_version() {
        let of = |version: &str| Listed::new(FunctionConfiguration::builder().version(version).build());
        assert_eq!(of("$LATEST"), None);
        assert_eq!(of("7").map(|each| each.number), Some(7));
    }
}
