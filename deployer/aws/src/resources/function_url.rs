//! Lambda function URLs: HTTPS endpoints of a function.

use aws_sdk_lambda::types::{Cors, FunctionUrlAuthType, InvokeMode};
use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Owner, Resource, Spread};
use serde::{Deserialize, Serialize};

use crate::Cloud;
use crate::client::all_of;
use crate::kinds::function::LIVE;
use crate::listing;

/// Code of "there is no such function, alias or URL".
const MISSING: &[&str] = &["ResourceNotFoundException"];
/// Code of "there is one already".
const EXISTS: &[&str] = &["ResourceConflictException"];

/// The URL of an alias.
///
/// Read budget: 1 call a URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionUrl {
    /// The function.
    pub function_name: String,
    /// The alias that it calls.
    pub qualifier: String,
    /// Who may call: `AWS_IAM`, signed requests that a policy allows, or `NONE`, everybody.
    /// Source: CreateFunctionUrlConfig, `AuthType`.
    pub auth: String,
    /// `BUFFERED`, or `RESPONSE_STREAM`. Source: CreateFunctionUrlConfig.
    pub invoke_mode: String,
    /// Whether Lambda itself answers for other origins. Never of ours: the API is same-origin, and
    /// two answers would contradict each other. Source: CreateFunctionUrlConfig, `Cors`.
    #[serde(default)]
    pub cors: bool,
}

/// What a URL is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionUrlOutputs {
    /// The URL, with a `/` at its end.
    pub url: String,
    /// Its host name.
    pub domain: String,
}

impl FunctionUrlOutputs {
    fn new(url: &str) -> Self {
        let host = url.split_once("://").map_or(url, |(_, rest)| rest);
        Self { url: url.to_owned(), domain: host.split('/').next().unwrap_or_default().to_owned() }
    }
}

fn id(function_name: &str, qualifier: &str) -> String {
    format!("{function_name}:{qualifier}")
}

fn has_cors(cors: Option<&Cors>) -> bool {
    cors.is_some_and(|each| *each != Cors::builder().build())
}

async fn read(cx: &Cx<Cloud>, function_name: &str, qualifier: &str) -> Result<Option<Live<FunctionUrl>>, CloudError> {
    let request = cx.cloud.lambda().get_function_url_config().function_name(function_name).qualifier(qualifier);
    let found = cx.cloud.find("lambda:GetFunctionUrlConfig", function_name, MISSING, request.send()).await?;
    let live = |found: aws_sdk_lambda::operation::get_function_url_config::GetFunctionUrlConfigOutput| {
        let inputs = FunctionUrl {
            function_name: function_name.to_owned(),
            qualifier: qualifier.to_owned(),
            auth: found.auth_type.as_str().to_owned(),
            invoke_mode: found.invoke_mode.unwrap_or(InvokeMode::Buffered).as_str().to_owned(),
            cors: has_cors(found.cors.as_ref()),
        };
        Live { id: id(function_name, qualifier), inputs, outputs: FunctionUrlOutputs::new(&found.function_url) }
    };
    Ok(found.map(live))
}

impl FunctionUrl {
    fn auth_type(&self) -> FunctionUrlAuthType {
        FunctionUrlAuthType::from(self.auth.as_str())
    }

    fn mode(&self) -> InvokeMode {
        InvokeMode::from(self.invoke_mode.as_str())
    }

    /// Creates it. `None`: there is one already.
    async fn create(&self, cloud: &Cloud) -> Result<Option<FunctionUrlOutputs>, CloudError> {
        let request =
            cloud.lambda().create_function_url_config().function_name(&self.function_name).qualifier(&self.qualifier);
        let request = request.auth_type(self.auth_type()).invoke_mode(self.mode());
        let created = cloud.find("lambda:CreateFunctionUrlConfig", &self.function_name, EXISTS, request.send()).await?;
        Ok(created.map(|found| FunctionUrlOutputs::new(&found.function_url)))
    }

    async fn update(&self, cloud: &Cloud, live: &Self) -> Result<(), CloudError> {
        if self == live {
            return Ok(());
        }
        let request =
            cloud.lambda().update_function_url_config().function_name(&self.function_name).qualifier(&self.qualifier);
        let request = request.auth_type(self.auth_type()).invoke_mode(self.mode());
        // Empty rules end them; absent ones would leave them.
        let request = if live.cors { request.cors(Cors::builder().build()) } else { request };
        cloud.call("lambda:UpdateFunctionUrlConfig", &self.function_name, request.send()).await.map(drop)
    }
}

impl Resource for FunctionUrl {
    const TYPE: &'static str = "function_url";
    const IDENTITY: Identity = Identity::Name;
    const REPLACE_ON: &'static [&'static str] = &["function_name", "qualifier"];
    const LIMITS: &'static [(&'static str, &'static str)] = &[
        ("auth", "lambda:CreateFunctionUrlConfig.AuthType"),
        ("invoke_mode", "lambda:CreateFunctionUrlConfig.InvokeMode"),
    ];
    const STABLE: &'static [&'static str] = &["url", "domain"];
    const SPREAD: Spread = Spread::UsedAtTheEdge;
    const ACTIONS: &'static [&'static str] = &[
        "lambda:CreateFunctionUrlConfig",
        "lambda:DeleteFunctionUrlConfig",
        "lambda:GetFunctionUrlConfig",
        "lambda:UpdateFunctionUrlConfig",
    ];
    type Outputs = FunctionUrlOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        all_of(keys.iter().map(|key| read(cx, &key.inputs.function_name, &key.inputs.qualifier)).collect()).await
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        _: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        let of = |outputs| Live { id: id(&self.function_name, &self.qualifier), inputs: self.clone(), outputs };
        let found = match live {
            Some(live) => live.clone(),
            None => match self.create(&cx.cloud).await? {
                Some(outputs) => return Ok(of(outputs)),
                None => {
                    let busy = || {
                        CloudError::not_yet(
                            "lambda:CreateFunctionUrlConfig",
                            &self.function_name,
                            "another change of the function is under way",
                        )
                    };
                    read(cx, &self.function_name, &self.qualifier).await?.ok_or_else(busy)?
                }
            },
        };
        self.update(&cx.cloud, &found.inputs).await?;
        Ok(of(found.outputs))
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let (name, qualifier) = (&live.inputs.function_name, &live.inputs.qualifier);
        let request = cx.cloud.lambda().delete_function_url_config().function_name(name).qualifier(qualifier);
        cx.cloud.find("lambda:DeleteFunctionUrlConfig", name, MISSING, request.send()).await.map(drop)
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        let functions = listing::functions(cx, owner).await?;
        listing::read_each(functions, |name| async move { read(cx, &name, LIVE).await }).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domain_is_the_host_of_the_url() {
        for url in ["https://abc.lambda-url.us-west-2.on.aws/", "https://abc.lambda-url.us-west-2.on.aws"] {
            assert_eq!(FunctionUrlOutputs::new(url).domain, "abc.lambda-url.us-west-2.on.aws");
        }
    }

    #[test]
    fn rules_for_other_origins_are_seen_and_empty_ones_are_none() {
        assert!(!has_cors(None) && !has_cors(Some(&Cors::builder().build())));
        assert!(has_cors(Some(&Cors::builder().allow_origins("*").build())));
    }
}
