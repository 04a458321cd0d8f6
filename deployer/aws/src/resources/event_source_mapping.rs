//! Event source mappings: Lambda fetches messages of a queue and calls a function with them.

use aws_sdk_lambda::types::{EventSourceMappingConfiguration, FunctionResponseType};
use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Owner, Resource};
use serde::{Deserialize, Serialize};

use super::lambda_function::perhaps_role;
use crate::Cloud;
use crate::client::all_of;
use crate::kinds::function::LIVE;
use crate::listing;

/// Code of "there is no such function, alias or mapping".
const MISSING: &[&str] = &["ResourceNotFoundException"];
/// The state of one that is on its way out. Source: EventSourceMappingConfiguration.
const DELETING: &str = "Deleting";
/// The states of one that fetches nothing. Source: EventSourceMappingConfiguration.
const OFF: &[&str] = &["Disabled", "Disabling"];

/// That messages of a queue call a function.
///
/// AWS knows it by function and queue, of which there is one pair at most, and mints its id. Read budget: 1 call a mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventSourceMapping {
    /// ARN of the function's alias.
    pub function_arn: String,
    /// ARN of the queue.
    pub source_arn: String,
    /// How many messages a call gets at most: 1 to 10,000. Source: CreateEventSourceMapping, `BatchSize`.
    pub batch: u32,
    /// Whether the function answers which messages failed. Source: CreateEventSourceMapping, `FunctionResponseTypes`.
    pub answers_failures: bool,
    /// Whether messages are fetched at all. Source: CreateEventSourceMapping, `Enabled`.
    #[serde(default)]
    pub enabled: bool,
}

/// What AWS mints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventSourceMappingOutputs {
    /// Its id.
    pub id: String,
}

fn described(found: EventSourceMappingConfiguration) -> Option<Live<EventSourceMapping>> {
    let state = found.state.unwrap_or_default();
    let id = found.uuid.filter(|_| state != DELETING)?;
    let inputs = EventSourceMapping {
        function_arn: found.function_arn?,
        source_arn: found.event_source_arn?,
        batch: found.batch_size.and_then(|each| u32::try_from(each).ok()).unwrap_or_default(),
        answers_failures: found.function_response_types.is_some_and(|types| !types.is_empty()),
        enabled: !OFF.contains(&state.as_str()),
    };
    Some(Live { id: id.clone(), inputs, outputs: EventSourceMappingOutputs { id } })
}

/// Every mapping that calls a function, named or by the ARN of its alias.
async fn all(cloud: &Cloud, function: &str) -> Result<Vec<Live<EventSourceMapping>>, CloudError> {
    let pages = cloud.lambda().list_event_source_mappings().function_name(function).into_paginator().items().send();
    let listed = pages.collect::<Result<Vec<_>, _>>();
    let listed = cloud.find("lambda:ListEventSourceMappings", function, MISSING, listed).await?;
    Ok(listed.unwrap_or_default().into_iter().filter_map(described).collect())
}

impl EventSourceMapping {
    async fn find(&self, cloud: &Cloud) -> Result<Option<Live<Self>>, CloudError> {
        let same = |each: &Live<Self>| {
            (&each.inputs.function_arn, &each.inputs.source_arn) == (&self.function_arn, &self.source_arn)
        };
        Ok(all(cloud, &self.function_arn).await?.into_iter().find(same))
    }

    fn batch_size(&self) -> Result<i32, CloudError> {
        i32::try_from(self.batch)
            .map_err(|_| CloudError::inputs(&self.source_arn, "that many messages fit into no call"))
    }

    fn answers(&self) -> Vec<FunctionResponseType> {
        self.answers_failures.then_some(FunctionResponseType::ReportBatchItemFailures).into_iter().collect()
    }

    async fn create(&self, cloud: &Cloud) -> Result<String, CloudError> {
        let request = cloud.lambda().create_event_source_mapping().function_name(&self.function_arn);
        let request = request.event_source_arn(&self.source_arn).batch_size(self.batch_size()?).enabled(self.enabled);
        let request = request.set_function_response_types(Some(self.answers()));
        let made = cloud.call("lambda:CreateEventSourceMapping", &self.source_arn, request.send()).await;
        // "The role may not receive" has the same code: a new grant takes seconds to be seen.
        Ok(made.map_err(perhaps_role)?.uuid.unwrap_or_default())
    }
}

impl Resource for EventSourceMapping {
    const TYPE: &'static str = "event_source_mapping";
    const IDENTITY: Identity = Identity::Parent;
    const REPLACE_ON: &'static [&'static str] = &["function_arn", "source_arn"];
    const STABLE: &'static [&'static str] = &["id"];
    const LIMITS: &'static [(&'static str, &'static str)] = &[("batch", "lambda:CreateEventSourceMapping.BatchSize")];
    const ACTIONS: &'static [&'static str] = &[
        "lambda:CreateEventSourceMapping",
        "lambda:DeleteEventSourceMapping",
        "lambda:ListEventSourceMappings",
        "lambda:UpdateEventSourceMapping",
    ];
    type Outputs = EventSourceMappingOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        all_of(keys.iter().map(|key| key.inputs.find(&cx.cloud)).collect()).await
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        _: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        let found = match live {
            Some(live) => Some(live.clone()),
            None => self.find(&cx.cloud).await?,
        };
        let id = match found {
            Some(found) if found.inputs == *self => found.id,
            Some(found) => {
                let request = cx.cloud.lambda().update_event_source_mapping().uuid(&found.id);
                let request = request.batch_size(self.batch_size()?).enabled(self.enabled);
                let request = request.set_function_response_types(Some(self.answers()));
                cx.cloud.call("lambda:UpdateEventSourceMapping", &self.source_arn, request.send()).await?;
                found.id
            }
            None => self.create(&cx.cloud).await?,
        };
        Ok(Live { id: id.clone(), inputs: self.clone(), outputs: EventSourceMappingOutputs { id } })
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let request = cx.cloud.lambda().delete_event_source_mapping().uuid(&live.id);
        cx.cloud
            .find("lambda:DeleteEventSourceMapping", &live.inputs.source_arn, MISSING, request.send())
            .await
            .map(drop)
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        let functions = listing::functions(cx, owner).await?;
        let live = |name: String| async move { all(&cx.cloud, &format!("{name}:{LIVE}")).await };
        Ok(all_of(functions.into_iter().map(live).collect()).await?.into_iter().flatten().collect())
    }
}
