//! One turn of a ring's rotation: its document is the truth, and is written whole.

use deployer_engine::resource::{CloudError, Cx, Effect, ErrorClass};
use serde::{Deserialize, Serialize};

use super::rs256_ring::{Found, Rs256Ring, document_name, key_name, list};
use crate::Cloud;
use crate::client::all_of;
use crate::parameters;
use crate::ring::Phase;
use crate::rotation::Turn;
use crate::secrets::now;

/// A turn of a ring's rotation. One that has been made already does nothing.
///
/// A private key is stored before the document that names it, and goes after the document that does so no more. Private
/// keys that no document names were left by a run that was cut off, and go with the next publication.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RingTurn {
    /// The ring as it is declared.
    pub ring: Rs256Ring,
    /// What is done.
    pub turn: Turn,
    /// When at the earliest, in epoch seconds: one that is made later is of that time, so that what follows waits in full.
    pub at: u64,
}

impl RingTurn {
    async fn publish(&self, cloud: &Cloud, found: &Found) -> Result<(), CloudError> {
        delete(cloud, found.strays(&self.ring.name)).await?;
        if found.document.key(Phase::Next).is_some() {
            return Ok(());
        }
        let key = self.ring.add_key(cloud, self.at.max(now()), Phase::Next).await?;
        self.ring.replace(cloud, &found.document.clone().with_next(key.public), found.version).await
    }

    /// Writes a document without the keys of a phase, and then deletes their private halves.
    async fn drop_phase(&self, cloud: &Cloud, found: &Found, phase: Phase) -> Result<(), CloudError> {
        let document = found.document.clone().without(phase);
        if document != found.document {
            self.ring.replace(cloud, &document, found.version).await?;
        }
        let left = Found { version: found.version, document, keys: found.keys.clone() };
        delete(cloud, left.strays(&self.ring.name)).await
    }

    fn verify(&self, found: &Found) -> Result<(), CloudError> {
        let named = found.document.keys.iter().any(|key| key.kid == found.document.active);
        let waits = found.document.key(Phase::Next).is_some();
        let fault = match (named && found.signs(&self.ring.name), waits) {
            (true, false) => return Ok(()),
            (true, true) => "a key is published and signs not yet",
            (false, _) => "the key that signs is not in place: `deployer up` makes one",
        };
        let document = document_name(&self.ring.name);
        Err(CloudError::new(ErrorClass::Refused, "ssm:GetParametersByPath", &document, "not-verified", fault))
    }
}

async fn delete(cloud: &Cloud, names: Vec<String>) -> Result<(), CloudError> {
    all_of(names.iter().map(|name| parameters::delete(cloud, name)).collect()).await.map(drop)
}

/// The ring as it stands, which a rotation does not make.
async fn found(cloud: &Cloud, name: &str) -> Result<Found, CloudError> {
    let (_, found) = list(cloud, name).await?;
    found.ok_or_else(|| CloudError {
        hint: Some("`deployer up` makes it".to_owned()),
        ..CloudError::new(
            ErrorClass::Refused,
            "ssm:GetParametersByPath",
            name,
            "no-ring",
            "there is no ring of this name",
        )
    })
}

impl Effect for RingTurn {
    const TYPE: &'static str = "ring_turn";
    const ACTIONS: &'static [&'static str] =
        &["kms:Encrypt", "ssm:AddTagsToResource", "ssm:DeleteParameter", "ssm:GetParametersByPath", "ssm:PutParameter"];
    type Cloud = Cloud;

    async fn run(&self, cx: &Cx<Cloud>, _: Option<&Self>) -> Result<(), CloudError> {
        let (cloud, name) = (&*cx.cloud, &self.ring.name);
        let found = found(cloud, name).await?;
        match self.turn {
            Turn::Publish => self.publish(cloud, &found).await,
            Turn::Activate => {
                let document = found.document.clone().activated(self.at.max(now()));
                if document == found.document {
                    return Ok(());
                }
                if !found.keys.contains(&key_name(name, &document.active)) {
                    let what = "the private half of the published key is gone: abort the rotation and begin anew";
                    return Err(CloudError::new(ErrorClass::Refused, "ssm:GetParametersByPath", name, "no-key", what));
                }
                self.ring.replace(cloud, &document, found.version).await
            }
            Turn::Verify => self.verify(&found),
            Turn::Retire => self.drop_phase(cloud, &found, Phase::Previous).await,
            Turn::Abort => self.drop_phase(cloud, &found, Phase::Next).await,
        }
    }
}
