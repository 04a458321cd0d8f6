//! One turn of a random secret's rotation: labels on the versions of its parameter are the truth.

use deployer_engine::resource::{CloudError, Cx, Effect, ErrorClass};
use serde::{Deserialize, Serialize};

use super::ssm_secret::SsmSecret;
use crate::Cloud;
use crate::naming::Tags;
use crate::parameters::{self, Expected, change_tags};
use crate::rotation::Turn;
use crate::secrets::now;
use crate::versions::{self, CURRENT, NEXT, PREVIOUS, Versions, label};

/// The tag that keeps when the value in use came into use, in epoch seconds: labels have no time.
pub const ACTIVATED_TAG: &str = "deployer:activated-at";
/// The tag that keeps when a value was named as the next one, in epoch seconds: a run may have been cut off in between.
pub const PUBLISHED_TAG: &str = "deployer:published-at";
/// The tag that keeps the last version that was taken back before it was used.
const ABORTED_TAG: &str = "deployer:aborted-version";

/// A turn of a random secret's rotation. One that has been made already does nothing.
///
/// AWS takes no labels with a new version: it is stored first, and what no label names is accepted by nobody. A publication
/// that was cut off between the two goes on with the version that is there, unless that was taken back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecretTurn {
    /// The secret as it is declared.
    pub secret: SsmSecret,
    /// What is done.
    pub turn: Turn,
    /// When at the earliest, in epoch seconds: one that is made later is of that time, so that what follows waits in full.
    pub at: u64,
}

impl SecretTurn {
    /// Names the value in use, stores another one, and names it.
    async fn publish(&self, cloud: &Cloud, found: &Versions) -> Result<(), CloudError> {
        let name = &self.secret.name;
        if found.published().is_some() {
            return Ok(());
        }
        if found.labelled.is_none() {
            // Before there is another version: readers would take the latest for the value.
            label(cloud, name, found.latest.number, &[CURRENT, PREVIOUS, NEXT]).await?;
        }
        let version = match self.half_published(cloud, found).await? {
            Some(version) => version,
            None => self.secret.add_version(cloud).await?,
        };
        self.note_time(cloud, PUBLISHED_TAG).await?;
        label(cloud, name, version, &[NEXT]).await
    }

    /// A version after the one in use that nothing names and nobody took back.
    async fn half_published(&self, cloud: &Cloud, found: &Versions) -> Result<Option<i64>, CloudError> {
        let latest = found.latest.number;
        if latest <= found.current().number {
            return Ok(None);
        }
        let none = Tags::new();
        let tags =
            parameters::tags(cloud, &[Expected { name: &self.secret.name, tags: &none, recorded: false }]).await?;
        let aborted = tags.first().and_then(|tags| tags.as_ref()?.get(ABORTED_TAG)?.parse::<i64>().ok());
        Ok(Some(latest).filter(|latest| aborted.is_none_or(|aborted| *latest > aborted)))
    }

    /// Notes first that the value counts no more: it may have been seen by somebody.
    async fn abort(&self, cloud: &Cloud, found: &Versions) -> Result<(), CloudError> {
        let Some(next) = found.published() else { return Ok(()) };
        let tags = Tags::from([(ABORTED_TAG.to_owned(), next.number.to_string())]);
        change_tags(cloud, &self.secret.name, (tags, Vec::new())).await?;
        label(cloud, &self.secret.name, found.current().number, &[NEXT]).await
    }

    /// The present value is named as the former one before the next one is used: at no time is it refused.
    async fn activate(&self, cloud: &Cloud, found: &Versions) -> Result<(), CloudError> {
        let Some(next) = found.published() else { return Ok(()) };
        let name = &self.secret.name;
        self.note_time(cloud, ACTIVATED_TAG).await?;
        label(cloud, name, found.current().number, &[PREVIOUS]).await?;
        label(cloud, name, next.number, &[CURRENT]).await
    }

    /// Before the label that it is the time of: a run that is cut off in between notes a later one.
    async fn note_time(&self, cloud: &Cloud, tag: &str) -> Result<(), CloudError> {
        let tags = Tags::from([(tag.to_owned(), self.at.max(now()).to_string())]);
        change_tags(cloud, &self.secret.name, (tags, Vec::new())).await
    }

    fn verify(&self, found: &Versions) -> Result<(), CloudError> {
        match found.published() {
            None => Ok(()),
            Some(_) => Err(self.refused("not-verified", "a value is published and not used yet")),
        }
    }

    /// Every label stands on the value in use: no other is accepted, and none is left behind.
    async fn retire(&self, cloud: &Cloud, found: &Versions) -> Result<(), CloudError> {
        let Some(labelled) = found.labelled else { return Ok(()) };
        let current = labelled.current.number;
        if labelled.previous == Some(current) {
            Ok(())
        } else {
            label(cloud, &self.secret.name, current, &[PREVIOUS]).await
        }
    }

    fn refused(&self, code: &str, what: &str) -> CloudError {
        CloudError::new(ErrorClass::Refused, "ssm:GetParameters", &self.secret.name, code, what)
    }
}

impl Effect for SecretTurn {
    const TYPE: &'static str = "secret_turn";
    const ACTIONS: &'static [&'static str] = &[
        "kms:Decrypt",
        "kms:Encrypt",
        "ssm:AddTagsToResource",
        "ssm:GetParameters",
        "ssm:LabelParameterVersion",
        "ssm:ListTagsForResource",
        "ssm:PutParameter",
    ];
    type Cloud = Cloud;

    async fn run(&self, cx: &Cx<Cloud>, _: Option<&Self>) -> Result<(), CloudError> {
        let (cloud, name) = (&*cx.cloud, self.secret.name.as_str());
        let found = versions::read(cloud, &[name]).await?.remove(name).filter(|found| found.secure);
        let found = found.ok_or_else(|| CloudError {
            hint: Some("`deployer up` makes it".to_owned()),
            ..self.refused("no-secret", "there is no SecureString of this name")
        })?;
        match self.turn {
            Turn::Publish => self.publish(cloud, &found).await,
            Turn::Activate => self.activate(cloud, &found).await,
            Turn::Verify => self.verify(&found),
            Turn::Retire => self.retire(cloud, &found).await,
            Turn::Abort => self.abort(cloud, &found).await,
        }
    }
}
