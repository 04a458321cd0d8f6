//! What Lambda does with events that a function did not take.

use aws_sdk_lambda::types::{DestinationConfig, OnFailure};
use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Owner, Resource};
use serde::{Deserialize, Serialize};

use super::lambda_function::perhaps_role;
use crate::Cloud;
use crate::client::all_of;
use crate::kinds::function::LIVE;
use crate::listing;

/// Code of "there is no such function, alias or configuration".
const MISSING: &[&str] = &["ResourceNotFoundException"];

/// How an alias is invoked by events: retries, and where an event goes that failed for good.
///
/// Read budget: 1 call an alias.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventInvokeConfig {
    /// The function.
    pub function_name: String,
    /// The alias.
    pub qualifier: String,
    /// How often a failed event is tried again: 0 to 2. Source: PutFunctionEventInvokeConfig, `MaximumRetryAttempts`.
    pub max_retries: u32,
    /// How old an event may become, in seconds: 60 to 21,600. Source: PutFunctionEventInvokeConfig.
    pub max_age_seconds: u32,
    /// ARN of the queue for what failed. Absent: it is lost. Source: PutFunctionEventInvokeConfig, `OnFailure`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<String>,
}

/// What AWS does where nothing is said: two retries within six hours.
const DEFAULT_RETRIES: u32 = 2;
const DEFAULT_AGE_SECONDS: u32 = 21_600;

async fn read(
    cx: &Cx<Cloud>,
    function_name: &str,
    qualifier: &str,
) -> Result<Option<Live<EventInvokeConfig>>, CloudError> {
    let request =
        cx.cloud.lambda().get_function_event_invoke_config().function_name(function_name).qualifier(qualifier);
    let found = cx.cloud.find("lambda:GetFunctionEventInvokeConfig", function_name, MISSING, request.send()).await?;
    let unsigned = |number: Option<i32>, default| number.and_then(|each| u32::try_from(each).ok()).unwrap_or(default);
    let inputs = found.map(|found| EventInvokeConfig {
        function_name: function_name.to_owned(),
        qualifier: qualifier.to_owned(),
        max_retries: unsigned(found.maximum_retry_attempts, DEFAULT_RETRIES),
        max_age_seconds: unsigned(found.maximum_event_age_in_seconds, DEFAULT_AGE_SECONDS),
        on_failure: found.destination_config.and_then(|each| each.on_failure).and_then(|each| each.destination),
    });
    Ok(inputs.map(EventInvokeConfig::into_live))
}

impl EventInvokeConfig {
    fn into_live(self) -> Live<Self> {
        Live { id: format!("{}:{}", self.function_name, self.qualifier), inputs: self, outputs: () }
    }
}

impl Resource for EventInvokeConfig {
    const TYPE: &'static str = "event_invoke_config";
    const IDENTITY: Identity = Identity::Parent;
    const REPLACE_ON: &'static [&'static str] = &["function_name", "qualifier"];
    const LIMITS: &'static [(&'static str, &'static str)] = &[
        ("max_retries", "lambda:PutFunctionEventInvokeConfig.MaximumRetryAttempts"),
        ("max_age_seconds", "lambda:PutFunctionEventInvokeConfig.MaximumEventAgeInSeconds"),
    ];
    const ACTIONS: &'static [&'static str] = &[
        "lambda:DeleteFunctionEventInvokeConfig",
        "lambda:GetFunctionEventInvokeConfig",
        "lambda:PutFunctionEventInvokeConfig",
    ];
    type Outputs = ();
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
        if live.is_some_and(|live| live.inputs == *self) {
            return Ok(self.clone().into_live());
        }
        let number = |each: u32| {
            i32::try_from(each)
                .map_err(|_| CloudError::inputs(&self.function_name, format!("{each} is more than Lambda takes")))
        };
        let failures = self.on_failure.as_ref().map(|arn| OnFailure::builder().destination(arn).build());
        let request = cx
            .cloud
            .lambda()
            .put_function_event_invoke_config()
            .function_name(&self.function_name)
            .qualifier(&self.qualifier);
        let request = request
            .maximum_retry_attempts(number(self.max_retries)?)
            .maximum_event_age_in_seconds(number(self.max_age_seconds)?);
        let request = request.destination_config(DestinationConfig::builder().set_on_failure(failures).build());
        let put = cx.cloud.call("lambda:PutFunctionEventInvokeConfig", &self.function_name, request.send()).await;
        // "The role may not send there" has the same code: a new grant takes seconds to be seen.
        put.map_err(perhaps_role)?;
        Ok(self.clone().into_live())
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let (name, qualifier) = (&live.inputs.function_name, &live.inputs.qualifier);
        let request = cx.cloud.lambda().delete_function_event_invoke_config().function_name(name).qualifier(qualifier);
        cx.cloud.find("lambda:DeleteFunctionEventInvokeConfig", name, MISSING, request.send()).await.map(drop)
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        let functions = listing::functions(cx, owner).await?;
        listing::read_each(functions, |name| async move { read(cx, &name, LIVE).await }).await
    }
}
