//! Where SES tells what became of the mails of a configuration set.

use std::collections::BTreeSet;

use aws_sdk_sesv2::types::{EventDestination, EventDestinationDefinition, EventType, SnsDestination};
use deployer_engine::resource::{CloudError, Cx, ErrorClass, Identity, Key, Live, Owner, Resource};
use serde::{Deserialize, Serialize};

use crate::Cloud;
use crate::client::all_of;
use crate::listing;

/// Code of "there is no such set, or no such destination".
const MISSING: &[&str] = &["NotFoundException"];
/// Code of a create that met another.
const EXISTS: &[&str] = &["AlreadyExistsException"];

/// Code of, among others, "SES may not publish to the topic": a new policy takes seconds to be seen.
const BAD_REQUEST: &str = "BadRequestException";

/// An SNS topic that SES publishes events of a configuration set to. SES tries the topic when it is told of it: the
/// topic's policy must let it.
///
/// Read budget: 1 call a configuration set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SesEventDestination {
    /// The configuration set.
    pub configuration_set: String,
    /// Its name in the set: 1 to 64 of `A–Z a–z 0–9 - _`. Source: CreateConfigurationSetEventDestination.
    pub name: String,
    /// What is told: `BOUNCE`, `COMPLAINT`. Source: EventDestinationDefinition, `MatchingEventTypes`.
    pub events: BTreeSet<String>,
    /// ARN of the topic; absent where something else gets the events. Source: EventDestinationDefinition.
    pub topic_arn: Option<String>,
    /// Whether it is told at all. Source: EventDestinationDefinition.
    pub enabled: bool,
}

/// The error of a call that may only mean that the topic's policy is not seen yet: where that is new the engine tries
/// again for a while, and then shows AWS's own message.
fn perhaps_policy(error: CloudError) -> CloudError {
    if error.code == BAD_REQUEST { CloudError { class: ErrorClass::Missing, ..error } } else { error }
}

impl SesEventDestination {
    fn of(set: &str, found: EventDestination) -> Self {
        Self {
            configuration_set: set.to_owned(),
            name: found.name,
            events: found.matching_event_types.iter().map(|each| each.as_str().to_owned()).collect(),
            topic_arn: found.sns_destination.map(|each| each.topic_arn),
            enabled: found.enabled,
        }
    }

    fn into_live(self) -> Live<Self> {
        Live { id: format!("{}/{}", self.configuration_set, self.name), inputs: self, outputs: () }
    }

    fn definition(&self) -> Result<EventDestinationDefinition, CloudError> {
        let destination = |arn: &String| SnsDestination::builder().topic_arn(arn).build();
        let topic = self.topic_arn.as_ref().map(destination).transpose();
        let topic = topic.map_err(|error| CloudError::inputs(&self.name, error.to_string()))?;
        let events = self.events.iter().map(|each| EventType::from(each.as_str())).collect();
        let definition = EventDestinationDefinition::builder().enabled(self.enabled);
        Ok(definition.set_matching_event_types(Some(events)).set_sns_destination(topic).build())
    }

    /// Creates it. `false`: there is one.
    async fn create(&self, cloud: &Cloud) -> Result<bool, CloudError> {
        let request = cloud
            .ses()
            .create_configuration_set_event_destination()
            .configuration_set_name(&self.configuration_set)
            .event_destination_name(&self.name)
            .event_destination(self.definition()?);
        let operation = "ses:CreateConfigurationSetEventDestination";
        let made = cloud.find(operation, &self.configuration_set, EXISTS, request.send()).await;
        Ok(made.map_err(perhaps_policy)?.is_some())
    }

    async fn update(&self, cloud: &Cloud) -> Result<(), CloudError> {
        let request = cloud
            .ses()
            .update_configuration_set_event_destination()
            .configuration_set_name(&self.configuration_set)
            .event_destination_name(&self.name)
            .event_destination(self.definition()?);
        let operation = "ses:UpdateConfigurationSetEventDestination";
        cloud.call(operation, &self.configuration_set, request.send()).await.map(drop).map_err(perhaps_policy)
    }
}

/// The destinations of a configuration set; none where there is no set.
async fn all(cloud: &Cloud, set: &str) -> Result<Vec<SesEventDestination>, CloudError> {
    let request = cloud.ses().get_configuration_set_event_destinations().configuration_set_name(set);
    let found = cloud.find("ses:GetConfigurationSetEventDestinations", set, MISSING, request.send()).await?;
    let found = found.and_then(|each| each.event_destinations).unwrap_or_default();
    Ok(found.into_iter().map(|each| SesEventDestination::of(set, each)).collect())
}

impl Resource for SesEventDestination {
    const TYPE: &'static str = "ses_event_destination";
    const IDENTITY: Identity = Identity::Parent;
    const REPLACE_ON: &'static [&'static str] = &["configuration_set", "name"];
    const LIMITS: &'static [(&'static str, &'static str)] = &[
        ("name", "sesv2:CreateConfigurationSetEventDestination.EventDestinationName"),
        ("events/*", "sesv2:CreateConfigurationSetEventDestination.EventDestination.MatchingEventTypes"),
    ];
    const ACTIONS: &'static [&'static str] = &[
        "ses:CreateConfigurationSetEventDestination",
        "ses:DeleteConfigurationSetEventDestination",
        "ses:GetConfigurationSetEventDestinations",
        "ses:UpdateConfigurationSetEventDestination",
    ];
    type Outputs = ();
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        let sets: BTreeSet<&str> = keys.iter().map(|key| key.inputs.configuration_set.as_str()).collect();
        let found = all_of(sets.into_iter().map(|set| all(&cx.cloud, set)).collect()).await?;
        let found: Vec<Self> = found.into_iter().flatten().collect();
        let is_it =
            |each: &Self, key: &Self| (&each.configuration_set, &each.name) == (&key.configuration_set, &key.name);
        let live = |key: &Key<Self>| found.iter().find(|each| is_it(each, &key.inputs)).cloned().map(Self::into_live);
        Ok(keys.iter().map(live).collect())
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        _: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        let is_met = match live {
            Some(live) => live.inputs != *self,
            None => !self.create(&cx.cloud).await?,
        };
        if is_met {
            self.update(&cx.cloud).await?;
        }
        Ok(self.clone().into_live())
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let Self { configuration_set, name, .. } = &live.inputs;
        let request = cx
            .cloud
            .ses()
            .delete_configuration_set_event_destination()
            .configuration_set_name(configuration_set)
            .event_destination_name(name);
        let operation = "ses:DeleteConfigurationSetEventDestination";
        cx.cloud.find(operation, configuration_set, MISSING, request.send()).await.map(drop)
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        let sets = listing::configuration_sets(cx, owner).await?;
        let found = all_of(sets.iter().map(|set| all(&cx.cloud, set)).collect()).await?;
        Ok(found.into_iter().flatten().map(Self::into_live).collect())
    }
}
