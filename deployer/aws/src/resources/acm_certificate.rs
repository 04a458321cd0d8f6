//! Certificates of AWS for a domain, where CloudFront looks for them: in us-east-1.

mod read;

use std::time::Duration;

use deployer_engine::resource::{CloudError, Cx, ErrorClass, Identity, Key, Live, Owner, Place, Resource};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use self::read::{Described, describe, is_the_same, listed};
use super::route53_alias::{create, zone};
use crate::Cloud;
use crate::client::all_of;
use crate::client::json::ACM;
use crate::client::route53::{RecordSet, Says};
use crate::naming::{ADDRESS_TAG, ENVIRONMENT_TAG, STACK_TAG, Tags, tag_changes};
use crate::wait;

/// Codes of "there is no such certificate".
const MISSING: &[&str] = &["ResourceNotFoundException"];
/// What has come of a request. Source: DescribeCertificate, `Status`.
const ISSUED: &str = "ISSUED";
const PENDING: &str = "PENDING_VALIDATION";
/// How long AWS takes to say which record proves the domain: seconds.
const RECORD_LIMIT: Duration = Duration::from_secs(60);
/// How long AWS takes to see the record and to issue: minutes.
const ISSUE_LIMIT: Duration = Duration::from_secs(15 * 60);
/// How long a resolver keeps the record, in seconds.
const RECORD_TTL_SECONDS: u32 = 300;
/// Most characters of a token. Source: RequestCertificate, `IdempotencyToken`.
const TOKEN_CHARS: usize = 32;

/// A certificate that a record in the domain's zone proves (DNS validation). AWS renews it while the record stands.
///
/// Read budget: 2 calls a certificate, both at once; without its ARN a listing first, and 1 for each of the same domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcmCertificate {
    /// The domain: 1 to 253 characters. Source: RequestCertificate.
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

async fn ask(cloud: &Cloud, operation: &str, object: &str, body: Value) -> Result<Value, CloudError> {
    cloud.ask(ACM, Place::UsEast1.region(""), operation, object, body).await
}

async fn found(cloud: &Cloud, key: &Key<AcmCertificate>) -> Result<Option<Live<AcmCertificate>>, CloudError> {
    if let Some(arn) = &key.id {
        return Ok(describe(cloud, arn, Some(&key.inputs)).await?.map(|found| found.live));
    }
    Ok(key.inputs.find(cloud).await?.map(|found| found.live))
}

fn sdk_tags(tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}

impl AcmCertificate {
    async fn find(&self, cloud: &Cloud) -> Result<Option<Described>, CloudError> {
        let found = listed(cloud, Some(self), |domain| domain == self.domain).await?;
        Ok(found.into_iter().find(|each| is_the_same(&self.tags, &each.live.inputs.tags)))
    }

    /// Asks for it. The same question within the hour is the same certificate.
    async fn request(&self, cloud: &Cloud) -> Result<String, CloudError> {
        let address = self.tags.get(ADDRESS_TAG).map(String::as_str).unwrap_or_default();
        let token = &hex::encode(Sha256::digest(format!("{address}/{}", self.domain)))[..TOKEN_CHARS];
        let body = json!({
            "DomainName": self.domain, "ValidationMethod": "DNS", "IdempotencyToken": token, "Tags": sdk_tags(&self.tags),
        });
        let made = ask(cloud, "RequestCertificate", &self.domain, body).await?;
        Ok(made["CertificateArn"].as_str().unwrap_or_default().to_owned())
    }

    /// Writes the record that proves the domain. It stays: other certificates of the domain are proved by the same.
    async fn prove(&self, cloud: &Cloud, told: &AcmCertificateOutputs) -> Result<(), CloudError> {
        let name = told.record_name.trim_end_matches('.').to_owned();
        let says = Says::Values(vec![told.record_value.clone()], RECORD_TTL_SECONDS);
        create(cloud, &zone(cloud, &name).await?, &RecordSet { name, kind: "CNAME".to_owned(), says }).await
    }

    async fn change_tags(&self, cloud: &Cloud, prior: Option<&Self>, live: &Live<Self>) -> Result<(), CloudError> {
        let (write, remove) = tag_changes(&self.tags, prior.map(|each| &each.tags), &live.inputs.tags);
        if !write.is_empty() {
            let body = json!({ "CertificateArn": live.id, "Tags": sdk_tags(&write) });
            ask(cloud, "AddTagsToCertificate", &self.domain, body).await?;
        }
        if !remove.is_empty() {
            let tags: Vec<_> = remove.iter().map(|key| json!({ "Key": key })).collect();
            let body = json!({ "CertificateArn": live.id, "Tags": tags });
            ask(cloud, "RemoveTagsFromCertificate", &self.domain, body).await?;
        }
        Ok(())
    }

    /// The certificate when it is issued; else what a person must do.
    fn judged(&self, found: Described) -> Result<Live<Self>, CloudError> {
        let AcmCertificateOutputs { record_name, record_value, .. } = &found.live.outputs;
        let (class, code, what) = match found.status.as_str() {
            ISSUED => {
                let live = found.live;
                return Ok(Live { inputs: self.clone(), ..live });
            }
            PENDING => (
                ErrorClass::NeedsPerson,
                "certificate-pending",
                format!(
                    "set this record where the domain's zone is, then run again in some minutes: {record_name} CNAME {record_value}"
                ),
            ),
            other => (
                ErrorClass::Refused,
                "certificate-failed",
                format!(
                    "AWS has given it up ({other}): delete it, see that a CAA record of the domain allows amazon.com, and run again"
                ),
            ),
        };
        Err(CloudError::new(class, "acm:RequestCertificate", &self.domain, code, what))
    }
}

impl Resource for AcmCertificate {
    const TYPE: &'static str = "acm_certificate";
    const IDENTITY: Identity = Identity::Tag;
    const PLACE: Place = Place::UsEast1;
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
        let body = json!({ "CertificateArn": live.id });
        match ask(&cx.cloud, "DeleteCertificate", &live.inputs.domain, body).await {
            Err(error) if !MISSING.contains(&error.code.as_str()) => Err(error),
            _ => Ok(()),
        }
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        let ours = |tags: &Tags| {
            tags.get(STACK_TAG) == Some(&owner.stack) && tags.get(ENVIRONMENT_TAG) == Some(&owner.environment)
        };
        let found = listed(&cx.cloud, None, |_| true).await?.into_iter().map(|found| found.live);
        Ok(found.filter(|live| ours(&live.inputs.tags)).collect())
    }
}
