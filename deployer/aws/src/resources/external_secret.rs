//! Secrets that a person puts in place: the deployer sees that they are there, and no more.

use deployer_engine::resource::{CloudError, Cx, ErrorClass, Identity, Key, Live, OnRemove, Resource};
use serde::{Deserialize, Serialize};

use crate::Cloud;
use crate::parameters;
use crate::versions::{SecretOutputs, is_secure, made_at, outputs};

/// A SecureString that somebody else writes. It is never tagged, overwritten, decrypted or deleted.
///
/// Read budget: a GetParameters call for 10.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalSecret {
    /// Its name: a path such as `/shipcaptaincrew/prod/secret/slack`.
    pub name: String,
    /// Whether its readers do without it: it is then looked for, and nobody must put it in place. Default: no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
}

/// The generation of one that nobody has put in place: AWS counts versions from 1.
const NONE_YET: i64 = 0;

async fn read(cloud: &Cloud, secrets: &[&ExternalSecret]) -> Result<Vec<Option<Live<ExternalSecret>>>, CloudError> {
    let names: Vec<&str> = secrets.iter().map(|secret| secret.name.as_str()).collect();
    let mut found = parameters::read(cloud, &names).await?;
    let live = secrets.iter().map(|secret| {
        let told = found.remove(&secret.name).filter(is_secure).map(|each| outputs(each.version, made_at(&each)));
        let told = told.or_else(|| (secret.optional == Some(true)).then(|| outputs(NONE_YET, None)))?;
        Some(Live { id: secret.name.clone(), inputs: (*secret).clone(), outputs: told })
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
        read(&cx.cloud, &keys.iter().map(|key| &key.inputs).collect::<Vec<_>>()).await
    }

    /// Finds it, or says what a person must run.
    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        _: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        let found = match live {
            Some(live) => Some(Live { inputs: self.clone(), ..live.clone() }),
            None => read(&cx.cloud, &[self]).await?.pop().flatten(),
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
