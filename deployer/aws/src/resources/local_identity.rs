//! An address that the local AWS takes for verified, in place of the identity that exists on AWS.

use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, OnRemove, Resource};
use serde::{Deserialize, Serialize};

use super::ses_identity::create;
use crate::Cloud;
use crate::client::all_of;
use crate::naming::Tags;

/// An SES identity of the local AWS. Every stack of the machine may need the same one, so it is never
/// tagged and never deleted.
///
/// Read budget: 1 call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalIdentity {
    /// The address, such as `admin@example.com`.
    pub address: String,
}

/// Nothing is minted for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalIdentityOutputs {}

impl LocalIdentity {
    fn live(&self) -> Live<Self> {
        Live { id: self.address.clone(), inputs: self.clone(), outputs: LocalIdentityOutputs {} }
    }

    async fn read(&self, cloud: &Cloud) -> Result<Option<Live<Self>>, CloudError> {
        let request = cloud.ses().get_email_identity().email_identity(&self.address);
        let found = cloud.find("ses:GetEmailIdentity", &self.address, &["NotFoundException"], request.send()).await?;
        Ok(found.map(|_| self.live()))
    }
}

impl Resource for LocalIdentity {
    const TYPE: &'static str = "local_identity";
    const IDENTITY: Identity = Identity::Name;
    const ON_REMOVE: OnRemove = OnRemove::Forget;
    const REPLACE_ON: &'static [&'static str] = &["address"];
    const ACTIONS: &'static [&'static str] = &["ses:CreateEmailIdentity", "ses:GetEmailIdentity"];
    type Outputs = LocalIdentityOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        all_of(keys.iter().map(|key| key.inputs.read(&cx.cloud)).collect()).await
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        _: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        if live.is_none() {
            create(&cx.cloud, &self.address, &Tags::new()).await?;
        }
        Ok(self.live())
    }

    async fn delete(_: &Cx<Cloud>, _: &Live<Self>) -> Result<(), CloudError> {
        Ok(())
    }
}
