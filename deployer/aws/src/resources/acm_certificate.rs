//! Certificates of AWS for a domain, where CloudFront looks for them: in us-east-1.

mod calls;
mod read;

use std::time::Duration;

use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Owner, Place, Resource, Spread};
use serde::{Deserialize, Serialize};
use serde_json::json;

use self::calls::ask;
use self::read::{Described, describe, is_the_same, listed};
use crate::Cloud;
use crate::client::all_of;
use crate::naming::{ENVIRONMENT_TAG, STACK_TAG, Tags};
use crate::wait;

/// Codes of "there is no such certificate".
const MISSING: &[&str] = &["ResourceNotFoundException"];
/// Code of "something uses it".
const IN_USE: &str = "ResourceInUseException";
/// What has come of a request. Source: DescribeCertificate, `Status`.
const ISSUED: &str = "ISSUED";
const PENDING: &str = "PENDING_VALIDATION";
/// How long AWS takes to say which record proves the domain: seconds.
const RECORD_LIMIT: Duration = Duration::from_secs(60);
/// How long AWS takes to see the record and to issue: minutes.
const ISSUE_LIMIT: Duration = Duration::from_secs(15 * 60);
/// How long a deleted distribution, or one that has another certificate, may hold it still: minutes, as people report.
const RELEASE_LIMIT: Duration = Duration::from_secs(10 * 60);

/// A certificate that a record in the domain's zone proves (DNS validation). AWS renews it while the record stands.
///
/// Read budget: 2 calls a certificate, both at once; without its ARN a listing first, and 1 for each of the same domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcmCertificate {
    /// The domain: 1 to 64 characters. Source: RequestCertificate.
    pub domain: String,
    /// Whether the record that proves the domain is written into its zone, which is one of this account's.
    #[serde(default)]
    pub writes_dns: bool,
    /// Whether AWS has issued it: once the record stands in the domain's zone.
    pub issued: bool,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
}

/// What AWS mints for a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcmCertificateOutputs {
    /// Its ARN.
    pub arn: String,
    /// The name of the record, a CNAME, that proves the domain.
    pub record_name: String,
    /// What that record says.
    pub record_value: String,
}

async fn found(cloud: &Cloud, key: &Key<AcmCertificate>) -> Result<Option<Live<AcmCertificate>>, CloudError> {
    if let Some(arn) = &key.id {
        return Ok(describe(cloud, arn, Some(&key.inputs)).await?.map(|found| found.live));
    }
    Ok(key.inputs.find(cloud).await?.map(|found| found.live))
}

impl AcmCertificate {
    async fn find(&self, cloud: &Cloud) -> Result<Option<Described>, CloudError> {
        let found = listed(cloud, Some(self), |domain| domain == self.domain).await?;
        Ok(found.into_iter().find(|each| is_the_same(&self.tags, &each.live.inputs.tags)))
    }
}

impl Resource for AcmCertificate {
    const TYPE: &'static str = "acm_certificate";
    const IDENTITY: Identity = Identity::Tag;
    const PLACE: Place = Place::UsEast1;
    const SPREAD: Spread = Spread::UsedAtTheEdge;
    const TAGGED: bool = true;
    const REPLACE_ON: &'static [&'static str] = &["domain"];
    const STABLE: &'static [&'static str] = &["arn", "record_name", "record_value"];
    const LIMITS: &'static [(&'static str, &'static str)] = &[("domain", "acm:RequestCertificate.DomainName")];
    const ACTIONS: &'static [&'static str] = &[
        "acm:AddTagsToCertificate",
        "acm:DeleteCertificate",
        "acm:DescribeCertificate",
        "acm:ListCertificates",
        "acm:ListTagsForCertificate",
        "acm:RemoveTagsFromCertificate",
        "acm:RequestCertificate",
        "route53:ChangeResourceRecordSets",
        "route53:ListHostedZones",
        "route53:ListResourceRecordSets",
    ];
    type Outputs = AcmCertificateOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        all_of(keys.iter().map(|key| found(&cx.cloud, key)).collect()).await
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        prior: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        let cloud = &*cx.cloud;
        let arn = match live {
            Some(live) => live.id.clone(),
            None => match self.find(cloud).await? {
                Some(found) => found.live.id,
                None => self.request(cloud).await?,
            },
        };
        let told = || async {
            let found = describe(cloud, &arn, Some(self)).await?;
            Ok(found.filter(|found| found.status != PENDING || !found.live.outputs.record_name.is_empty()))
        };
        let found = wait::until(cx, "AWS to say how the domain is proved", RECORD_LIMIT, told).await?;
        self.change_tags(cloud, prior, &found.live).await?;
        if !self.writes_dns || found.status != PENDING {
            return self.judged(found);
        }
        self.prove(cloud, &found.live.outputs).await?;
        let judged = || async {
            let found = describe(cloud, &arn, Some(self)).await?;
            Ok(found.filter(|found| found.status != PENDING))
        };
        self.judged(wait::until(cx, "AWS to see the record and issue the certificate", ISSUE_LIMIT, judged).await?)
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let delete = || async {
            let body = json!({ "CertificateArn": live.id });
            match ask(&cx.cloud, "DeleteCertificate", &live.inputs.domain, body).await {
                Err(error) if error.code == IN_USE => Ok(None),
                Err(error) if !MISSING.contains(&error.code.as_str()) => Err(error),
                _ => Ok(Some(())),
            }
        };
        wait::until(cx, "CloudFront to let the certificate go", RELEASE_LIMIT, delete).await
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        let ours = |tags: &Tags| {
            tags.get(STACK_TAG) == Some(&owner.stack) && tags.get(ENVIRONMENT_TAG) == Some(&owner.environment)
        };
        let found = listed(&cx.cloud, None, |_| true).await?.into_iter().map(|found| found.live);
        Ok(found.filter(|live| ours(&live.inputs.tags)).collect())
    }
}
