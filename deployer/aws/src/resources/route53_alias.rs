//! Records of Route 53 that point a domain at a distribution.

use deployer_engine::resource::{CloudError, Cx, ErrorClass, Identity, Key, Live, Owner, Place, Resource};
use serde::{Deserialize, Serialize};

use crate::Cloud;
use crate::client::all_of;
use crate::client::route53::{RecordSet, Says, Zone};

/// Codes of "there is one of that name", and of a deletion that finds none.
const NOT_SO: &[&str] = &["InvalidChangeBatch"];

/// An alias, in the nearest zone of the account that is open to everybody.
///
/// AWS knows it by name and type; it carries no tags, and one that is there and says something else is somebody else's.
/// Read budget: 2 calls a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route53Alias {
    /// The domain.
    pub domain: String,
    /// `A` for IPv4, `AAAA` for IPv6. Source: ChangeResourceRecordSets, `Type`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The distribution's domain.
    pub to: String,
}

/// The zone of a name; where there is none, what a person does.
pub(super) async fn zone(cloud: &Cloud, name: &str) -> Result<Zone, CloudError> {
    let what = "no zone of this account that is open to everybody holds it: make one, or leave `dns` out and set the records where the zone is";
    let missing = || CloudError::new(ErrorClass::NeedsPerson, "route53:ListHostedZones", name, "no-zone", what);
    cloud.zone_of(name).await?.ok_or_else(missing)
}

/// Makes a record where there is none; one that says the same is taken for it. Another one is left alone.
pub(super) async fn create(cloud: &Cloud, zone: &Zone, wanted: &RecordSet) -> Result<(), CloudError> {
    match cloud.change_record_set(zone, "CREATE", wanted).await {
        Err(error) if NOT_SO.contains(&error.code.as_str()) => {
            let found = cloud.record_set(zone, &wanted.name, &wanted.kind).await?;
            if found.is_some_and(|found| found.says.is_the_same(&wanted.says)) {
                Ok(())
            } else {
                Err(taken(&wanted.name, error))
            }
        }
        made => made,
    }
}

/// A record that stands in the way: nobody else's is ever changed.
fn taken(name: &str, error: CloudError) -> CloudError {
    let what = "a record of this name says something else: see whose it is, and delete it before this one is made";
    CloudError {
        class: ErrorClass::Refused,
        code: "taken".to_owned(),
        object: name.to_owned(),
        message: what.to_owned(),
        ..error
    }
}

impl Route53Alias {
    fn record(&self) -> RecordSet {
        RecordSet { name: self.domain.clone(), kind: self.kind.clone(), says: Says::Alias(self.to.clone()) }
    }

    fn into_live(self) -> Live<Self> {
        Live { id: format!("{}/{}", self.domain, self.kind), inputs: self, outputs: () }
    }

    async fn read(&self, cloud: &Cloud) -> Result<Option<Live<Self>>, CloudError> {
        let Some(zone) = cloud.zone_of(&self.domain).await? else { return Ok(None) };
        let found = cloud.record_set(&zone, &self.domain, &self.kind).await?;
        Ok(found.map(|found| {
            let to = match found.says {
                Says::Alias(to) => to,
                Says::Values(values, _) => values.join(" "),
            };
            Self { to, ..self.clone() }.into_live()
        }))
    }
}

impl Resource for Route53Alias {
    const TYPE: &'static str = "route53_alias";
    const IDENTITY: Identity = Identity::Parent;
    const PLACE: Place = Place::Global;
    const REPLACE_ON: &'static [&'static str] = &["domain", "type"];
    const LIMITS: &'static [(&'static str, &'static str)] = &[("domain", "acm:RequestCertificate.DomainName")];
    const ACTIONS: &'static [&'static str] =
        &["route53:ChangeResourceRecordSets", "route53:ListHostedZones", "route53:ListResourceRecordSets"];
    type Outputs = ();
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        all_of(keys.iter().map(|key| key.inputs.read(&cx.cloud)).collect()).await
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        prior: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        let cloud = &*cx.cloud;
        match live {
            Some(live) if live.inputs == *self => {}
            Some(_) if prior.is_some() => {
                cloud.change_record_set(&zone(cloud, &self.domain).await?, "UPSERT", &self.record()).await?;
            }
            // One that we did not make is somebody else's, and stays.
            _ => create(cloud, &zone(cloud, &self.domain).await?, &self.record()).await?,
        }
        Ok(self.clone().into_live())
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let cloud = &*cx.cloud;
        let Some(zone) = cloud.zone_of(&live.inputs.domain).await? else { return Ok(()) };
        match cloud.change_record_set(&zone, "DELETE", &live.inputs.record()).await {
            // It is gone, or says something else by now and is no longer ours.
            Err(error) if NOT_SO.contains(&error.code.as_str()) => Ok(()),
            deleted => deleted,
        }
    }

    /// A record tells nobody whose it is: those that no state tells of are found where they are declared.
    async fn list(_: &Cx<Cloud>, _: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        Ok(Vec::new())
    }
}
