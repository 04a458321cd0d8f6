//! The calls that ask for a certificate and prove its domain, and what is made of their answers.

use std::time::{Duration, SystemTime};

use deployer_engine::resource::{CloudError, ErrorClass, Live, Place};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::read::Described;
use super::{AcmCertificate, AcmCertificateOutputs, ISSUED, PENDING};
use crate::Cloud;
use crate::client::json::ACM;
use crate::client::route53::{RecordSet, Says};
use crate::naming::{ADDRESS_TAG, ENVIRONMENT_TAG, STACK_TAG, Tags, tag_changes};
use crate::resources::route53_alias::{create, zone};

/// How long a resolver keeps the record, in seconds.
const RECORD_TTL_SECONDS: u32 = 300;
/// Most characters of a token. Source: RequestCertificate, `IdempotencyToken`.
const TOKEN_CHARS: usize = 32;

/// Asks ACM where CloudFront looks for certificates.
pub(super) async fn ask(cloud: &Cloud, operation: &str, object: &str, body: Value) -> Result<Value, CloudError> {
    cloud.ask(ACM, Place::UsEast1.region(""), operation, object, body).await
}

/// What tells a question from another one: whose certificate it is, and in which run it is asked. AWS answers a token
/// for an hour with the same certificate, which somebody may have deleted since.
fn token(tags: &Tags, domain: &str, opened: SystemTime) -> String {
    let owner = [STACK_TAG, ENVIRONMENT_TAG, ADDRESS_TAG].map(|key| tags.get(key).map_or("", String::as_str));
    let run = opened.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_nanos();
    let mut token = hex::encode(Sha256::digest(format!("{}/{domain}/{run}", owner.join("/"))));
    token.truncate(TOKEN_CHARS);
    token
}

impl AcmCertificate {
    /// Asks for it. The same question of the same run is the same certificate.
    pub(super) async fn request(&self, cloud: &Cloud) -> Result<String, CloudError> {
        let body = json!({
            "DomainName": self.domain, "ValidationMethod": "DNS",
            "IdempotencyToken": token(&self.tags, &self.domain, cloud.opened), "Tags": ACM.tags(&self.tags),
        });
        let made = ask(cloud, "RequestCertificate", &self.domain, body).await?;
        Ok(made["CertificateArn"].as_str().unwrap_or_default().to_owned())
    }

    /// Writes the record that proves the domain. It stays: other certificates of the domain are proved by the same.
    pub(super) async fn prove(&self, cloud: &Cloud, told: &AcmCertificateOutputs) -> Result<(), CloudError> {
        let name = told.record_name.trim_end_matches('.').to_owned();
        let says = Says::Values(vec![told.record_value.clone()], RECORD_TTL_SECONDS);
        create(cloud, &zone(cloud, &name).await?, &RecordSet { name, kind: "CNAME".to_owned(), says }).await
    }

    pub(super) async fn change_tags(
        &self,
        cloud: &Cloud,
        prior: Option<&Self>,
        live: &Live<Self>,
    ) -> Result<(), CloudError> {
        let (write, remove) = tag_changes(&self.tags, prior.map(|each| &each.tags), &live.inputs.tags);
        if !write.is_empty() {
            let body = json!({ "CertificateArn": live.id, "Tags": ACM.tags(&write) });
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
    pub(super) fn judged(&self, found: Described) -> Result<Live<Self>, CloudError> {
        let AcmCertificateOutputs { record_name, record_value, .. } = &found.live.outputs;
        let (class, code, what) = match found.status.as_str() {
            ISSUED => return Ok(Live { inputs: self.clone(), ..found.live }),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_of_one_owner_one_domain_and_one_run() {
        let tags = |stack: &str| {
            let pairs = [(STACK_TAG, stack), (ENVIRONMENT_TAG, "prod"), (ADDRESS_TAG, "cdn.main/certificate")];
            Tags::from(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())))
        };
        let (now, domain) = (SystemTime::UNIX_EPOCH + Duration::from_secs(1), "crew.example.com");
        let ours = token(&tags("crew"), domain, now);
        assert_eq!((ours.len(), token(&tags("crew"), domain, now)), (TOKEN_CHARS, ours.clone()));
        for other in [
            token(&tags("fleet"), domain, now),
            token(&tags("crew"), "example.com", now),
            token(&tags("crew"), domain, now + Duration::from_secs(60)),
        ] {
            assert_ne!(other, ours);
        }
    }
}
