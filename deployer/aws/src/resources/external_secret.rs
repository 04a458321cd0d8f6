//! Secrets that a person puts in place: the deployer sees that they are there, and no more.

use deployer_engine::resource::{CloudError, Cx, ErrorClass, Identity, Key, Live, OnRemove, Resource};
use serde::{Deserialize, Serialize};

use super::ssm_secret::{SecretOutputs, outputs};
use crate::Cloud;
use crate::parameters;
use crate::versions::is_secure;

/// A SecureString that somebody else writes. It is never tagged, overwritten, decrypted or deleted.
///
/// Read budget: a GetParameters call for 10.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalSecret {
    /// Its name: a path such as `/shipcaptaincrew/prod/secret/slack`.
    pub name: String,
}

async fn read(cloud: &Cloud, names: &[&str]) -> Result<Vec<Option<Live<ExternalSecret>>>, CloudError> {
    let mut found = parameters::read(cloud, names).await?;
    let live = names.iter().map(|name| {
        let parameter = found.remove(*name).filter(is_secure)?;
        Some(Live {
            id: (*name).to_owned(),
            inputs: ExternalSecret { name: (*name).to_owned() },
            outputs: outputs(parameter.version),
        })
    });
    Ok(live.collect())
}

impl Resource for ExternalSecret {
    const TYPE: &'static str = "external_secret";
    const IDENTITY: Identity = Identity::Name;
    const ON_REMOVE: OnRemove = OnRemove::Forget;
    const REPLACE_ON: &'static [&'static str] = &["name"];
    const ACTIONS: &'static [&'static str] = &["ssm:GetParameters"];
    type Outputs = SecretOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        read(&cx.cloud, &keys.iter().map(|key| key.inputs.name.as_str()).collect::<Vec<_>>()).await
    }

    /// Finds it, or says what a person must run.
    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        _: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        let found = match live {
            Some(live) => Some(live.clone()),
            None => read(&cx.cloud, &[&self.name]).await?.pop().flatten(),
        };
        found.ok_or_else(|| CloudError {
            hint: Some("`deployer secrets set` puts its value there; then run again".to_owned()),
            ..CloudError::new(
                ErrorClass::NeedsPerson,
                "ssm:GetParameters",
                &self.name,
                "secret-missing",
                "no SecureString of this name",
            )
        })
    }

    async fn delete(_: &Cx<Cloud>, _: &Live<Self>) -> Result<(), CloudError> {
        Ok(())
    }
}
