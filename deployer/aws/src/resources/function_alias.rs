//! Aliases of Lambda functions: names that point to a version.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_lambda::types::AliasRoutingConfiguration;
use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Resource};
use serde::{Deserialize, Serialize};

use super::lambda_function;
use super::meanwhile::{gone, untouched};
use crate::Cloud;
use crate::client::all_of;

/// Code of "there is no such function or alias".
const MISSING: &[&str] = &["ResourceNotFoundException"];
/// Code of "there is one of that name".
const EXISTS: &[&str] = &["ResourceConflictException"];

/// An alias of a function.
///
/// Read budget: 1 call an alias, and again just before it is moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FunctionAlias {
    /// The function.
    pub function_name: String,
    /// Its name, such as `live`: 1 to 128 of `A–Z a–z 0–9 - _`, no number. Source: CreateAlias.
    pub name: String,
    /// The number of the version that it points to. Source: UpdateAlias, `FunctionVersion`.
    pub version: String,
    /// Versions that get a share of the calls, 0 to 1 each. None of ours: a share is somebody's
    /// experiment, shown as drift. Source: UpdateAlias, `RoutingConfig`.
    #[serde(default)]
    pub shares: BTreeMap<String, f64>,
}

/// What an alias is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionAliasOutputs {
    /// Its ARN: the function's with `:<name>` behind.
    pub arn: String,
}

/// The ARN of an alias.
pub fn arn(region: &str, account: &str, function_name: &str, name: &str) -> String {
    format!("{}:{name}", lambda_function::arn(region, account, function_name))
}

/// Distinct from the alias of the same name of a function that replaces this one.
fn id(function_name: &str, name: &str) -> String {
    format!("{function_name}:{name}")
}

fn outputs(cloud: &Cloud, function_name: &str, name: &str) -> FunctionAliasOutputs {
    FunctionAliasOutputs { arn: arn(&cloud.target.region, &cloud.target.account, function_name, name) }
}

async fn read(cx: &Cx<Cloud>, function_name: &str, name: &str) -> Result<Option<Live<FunctionAlias>>, CloudError> {
    Ok(newest(cx, function_name, name).await?.map(|(live, _)| live))
}

/// The alias as it lives, and the revision that it is in.
async fn newest(
    cx: &Cx<Cloud>,
    function_name: &str,
    name: &str,
) -> Result<Option<(Live<FunctionAlias>, Option<String>)>, CloudError> {
    let request = cx.cloud.lambda().get_alias().function_name(function_name).name(name);
    let found = cx.cloud.find("lambda:GetAlias", function_name, MISSING, request.send()).await?;
    let live = |found: aws_sdk_lambda::operation::get_alias::GetAliasOutput| {
        let shares = found.routing_config.and_then(|each| each.additional_version_weights).unwrap_or_default();
        let inputs = FunctionAlias {
            function_name: function_name.to_owned(),
            name: name.to_owned(),
            version: found.function_version.unwrap_or_default(),
            shares: shares.into_iter().collect(),
        };
        let live = Live { id: id(function_name, name), inputs, outputs: outputs(&cx.cloud, function_name, name) };
        (live, found.revision_id)
    };
    Ok(found.map(live))
}

impl FunctionAlias {
    fn routing(&self) -> AliasRoutingConfiguration {
        let shares: HashMap<String, f64> = self.shares.clone().into_iter().collect();
        AliasRoutingConfiguration::builder().set_additional_version_weights(Some(shares)).build()
    }

    /// Creates it. `false`: there is one of the name already.
    async fn create(&self, cloud: &Cloud) -> Result<bool, CloudError> {
        let request = cloud
            .lambda()
            .create_alias()
            .function_name(&self.function_name)
            .name(&self.name)
            .function_version(&self.version);
        let request = if self.shares.is_empty() { request } else { request.routing_config(self.routing()) };
        Ok(cloud.find("lambda:CreateAlias", &self.function_name, EXISTS, request.send()).await?.is_some())
    }

    /// Moves it, if nobody has since it was read: Lambda refuses what is made of an earlier revision.
    async fn update(&self, cx: &Cx<Cloud>, read: &Self) -> Result<(), CloudError> {
        const OPERATION: &str = "lambda:UpdateAlias";
        if self == read {
            return Ok(());
        }
        let found = newest(cx, &self.function_name, &self.name).await?;
        let (live, revision) = found.ok_or_else(|| gone(OPERATION, &self.function_name))?;
        untouched(OPERATION, &self.function_name, self, read, &live.inputs)?;
        if *self == live.inputs {
            return Ok(());
        }
        let request = cx
            .cloud
            .lambda()
            .update_alias()
            .function_name(&self.function_name)
            .name(&self.name)
            .function_version(&self.version);
        // An empty routing ends a split; an absent one would leave it.
        let same_shares = self.shares == live.inputs.shares;
        let request = if same_shares { request } else { request.routing_config(self.routing()) };
        let sent = request.set_revision_id(revision).send();
        cx.cloud.call(OPERATION, &self.function_name, sent).await.map(drop)
    }
}

impl Resource for FunctionAlias {
    const TYPE: &'static str = "function_alias";
    const IDENTITY: Identity = Identity::Name;
    const REPLACE_ON: &'static [&'static str] = &["function_name", "name"];
    const STABLE: &'static [&'static str] = &["arn"];
    const ACTIONS: &'static [&'static str] =
        &["lambda:CreateAlias", "lambda:DeleteAlias", "lambda:GetAlias", "lambda:UpdateAlias"];
    type Outputs = FunctionAliasOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        all_of(keys.iter().map(|key| read(cx, &key.inputs.function_name, &key.inputs.name)).collect()).await
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        _: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        match live {
            Some(live) => self.update(cx, &live.inputs).await?,
            None if self.create(&cx.cloud).await? => {}
            None => {
                let found = read(cx, &self.function_name, &self.name).await?;
                let busy = || {
                    CloudError::not_yet(
                        "lambda:CreateAlias",
                        &self.function_name,
                        "another change of the function is under way",
                    )
                };
                self.update(cx, &found.ok_or_else(busy)?.inputs).await?;
            }
        }
        Ok(Live {
            id: id(&self.function_name, &self.name),
            inputs: self.clone(),
            outputs: outputs(&cx.cloud, &self.function_name, &self.name),
        })
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let request =
            cx.cloud.lambda().delete_alias().function_name(&live.inputs.function_name).name(&live.inputs.name);
        cx.cloud.find("lambda:DeleteAlias", &live.inputs.function_name, MISSING, request.send()).await.map(drop)
    }
}
