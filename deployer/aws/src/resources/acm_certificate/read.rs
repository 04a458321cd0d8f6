//! Finding a certificate, by its ARN or among those of the account.

use deployer_engine::resource::{CloudError, Live};
use serde_json::{Value, json};

use super::calls::ask;
use super::{AcmCertificate, AcmCertificateOutputs, ISSUED, MISSING, PENDING};
use crate::Cloud;
use crate::client::all_of;
use crate::client::json::ACM;
use crate::naming::{ADDRESS_TAG, ENVIRONMENT_TAG, STACK_TAG, Tags};

/// Certificates of one answer. Source: ListCertificates.
const A_PAGE: u32 = 1000;

/// A certificate, and how far AWS is with it.
pub(super) struct Described {
    /// The certificate.
    pub live: Live<AcmCertificate>,
    /// What has come of it. Source: DescribeCertificate.
    pub status: String,
}

/// Whether it is that declaration's, by its tags.
pub(super) fn is_the_same(wanted: &Tags, live: &Tags) -> bool {
    [STACK_TAG, ENVIRONMENT_TAG, ADDRESS_TAG].iter().all(|key| wanted.get(*key) == live.get(*key))
}

/// The certificate of that ARN. `known` tells what AWS does not.
pub(super) async fn describe(
    cloud: &Cloud,
    arn: &str,
    known: Option<&AcmCertificate>,
) -> Result<Option<Described>, CloudError> {
    let of = || json!({ "CertificateArn": arn });
    // Both are waited for: a call that is dropped half-way is asked all the same.
    let (found, tags) =
        futures::join!(ask(cloud, "DescribeCertificate", arn, of()), ask(cloud, "ListTagsForCertificate", arn, of()));
    let (found, tags) = match found.and_then(|found| Ok((found, tags?))) {
        Ok((mut found, tags)) => (found["Certificate"].take(), tags),
        Err(error) if MISSING.contains(&error.code.as_str()) => return Ok(None),
        Err(error) => return Err(error),
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let record = &found["DomainValidationOptions"][0]["ResourceRecord"];
    let status = text(&found["Status"]);
    let inputs = AcmCertificate {
        domain: text(&found["DomainName"]),
        // AWS does not know who wrote the record.
        writes_dns: known.is_some_and(|known| known.writes_dns),
        issued: status == ISSUED,
        tags: ACM.told_tags(&tags["Tags"]),
    };
    let outputs = AcmCertificateOutputs {
        arn: arn.to_owned(),
        record_name: text(&record["Name"]),
        record_value: text(&record["Value"]),
    };
    Ok(Some(Described { live: Live { id: arn.to_owned(), inputs, outputs }, status }))
}

/// The certificates whose domain fits, and that AWS has not given up.
pub(super) async fn listed(
    cloud: &Cloud,
    known: Option<&AcmCertificate>,
    fits: impl Fn(&str) -> bool,
) -> Result<Vec<Described>, CloudError> {
    let (mut arns, mut next) = (Vec::new(), Value::Null);
    loop {
        let mut body = json!({ "CertificateStatuses": [PENDING, ISSUED], "MaxItems": A_PAGE });
        if next.is_string() {
            body["NextToken"] = next;
        }
        let mut page = ask(cloud, "ListCertificates", "", body).await?;
        let found = page["CertificateSummaryList"].as_array().into_iter().flatten();
        let fitting = found.filter(|each| each["DomainName"].as_str().is_some_and(&fits));
        arns.extend(fitting.filter_map(|each| each["CertificateArn"].as_str().map(str::to_owned)));
        next = page["NextToken"].take();
        if !next.is_string() {
            let found = all_of(arns.iter().map(|arn| describe(cloud, arn, known)).collect()).await?;
            return Ok(found.into_iter().flatten().collect());
        }
    }
}
