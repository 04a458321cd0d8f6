//! What exists of S3 and CloudFront.

use serde_json::{Map, Value, json};

use super::api::{Api, segment};
use super::services::text;
use super::xml::list;
use super::{Inventory, embedded_json};

/// Settings of a bucket, by the name of their query.
const BUCKET_SETTINGS: &[&str] = &[
    "policy",
    "tagging",
    "versioning",
    "encryption",
    "publicAccessBlock",
    "ownershipControls",
    "lifecycle",
    "cors",
    "website",
];
/// Headers of an object that we set.
const OBJECT_HEADERS: &[&str] = &["content-type", "cache-control", "content-encoding", "etag", "content-length"];

/// Buckets with their settings, and their objects; older versions of an object count only.
pub async fn s3(api: &Api, all: &mut Inventory) {
    for bucket in list(&api.get("s3", "/").await["Buckets"]["Bucket"]) {
        let name = text(&bucket["Name"]);
        let mut settings = Map::new();
        for setting in BUCKET_SETTINGS {
            let found = api.get("s3", &format!("/{name}?{setting}")).await;
            settings.insert((*setting).to_owned(), embedded_json(&found));
        }
        let tags = list(&settings["tagging"]["TagSet"]["Tag"]);
        all.add("s3/bucket", &name, json!({ "settings": settings, "tags": tags }), &[]);
        for (key, versions) in versions(api, &name).await {
            let path = key.split('/').map(segment).collect::<Vec<_>>().join("/");
            let headers = api.head("s3", &format!("/{name}/{path}")).await;
            let shown: Map<String, Value> = OBJECT_HEADERS
                .iter()
                .filter_map(|header| Some(((*header).to_owned(), json!(headers.get(*header)?.to_str().ok()?))))
                .collect();
            all.add("s3/object", &format!("{name}/{key}"), json!({ "versions": versions, "headers": shown }), &[]);
        }
    }
}

/// How many versions and delete markers each key has.
async fn versions(api: &Api, bucket: &str) -> std::collections::BTreeMap<String, usize> {
    let mut found = std::collections::BTreeMap::new();
    let mut query = String::new();
    loop {
        let page = api.get("s3", &format!("/{bucket}?versions{query}")).await;
        for each in list(&page["Version"]).into_iter().chain(list(&page["DeleteMarker"])) {
            *found.entry(text(&each["Key"])).or_default() += 1;
        }
        if page["IsTruncated"] != "true" {
            return found;
        }
        query = format!(
            "&key-marker={}&version-id-marker={}",
            segment(&text(&page["NextKeyMarker"])),
            segment(&text(&page["NextVersionIdMarker"]))
        );
    }
}

async fn cloudfront_tags(api: &Api, arn: &str) -> Vec<Value> {
    list(&api.get("cloudfront", &format!("/2020-05-31/tagging?Resource={}", segment(arn))).await["Items"]["Tag"])
}

/// Distributions, origin access controls, viewer functions, and the policies that are not AWS's own.
pub async fn cloudfront(api: &Api, all: &mut Inventory) {
    for summary in
        list(&api.get("cloudfront", "/2020-05-31/distribution?MaxItems=1000").await["Items"]["DistributionSummary"])
    {
        let (id, arn) = (text(&summary["Id"]), text(&summary["ARN"]));
        let found = api.get("cloudfront", &format!("/2020-05-31/distribution/{id}")).await;
        let tags = cloudfront_tags(api, &arn).await;
        let domain = text(&summary["DomainName"]);
        let label = domain.split('.').next().unwrap_or_default();
        // Its id says nothing; what the stack calls it does.
        let address = tags
            .iter()
            .find(|tag| tag["Key"] == "deployer:address")
            .map_or_else(|| text(&summary["Comment"]), |tag| text(&tag["Value"]));
        let stack =
            tags.iter().find(|tag| tag["Key"] == "deployer:stack").map(|tag| text(&tag["Value"])).unwrap_or_default();
        all.add(
            "cloudfront/distribution",
            &format!("{stack}/{address}"),
            json!({ "distribution": found, "tags": tags }),
            &[&id, label],
        );
    }
    for function in list(
        &api.get("cloudfront", "/2020-05-31/function?Stage=DEVELOPMENT&MaxItems=1000").await["Items"]["FunctionSummary"],
    ) {
        let name = text(&function["Name"]);
        let tags = cloudfront_tags(api, &text(&function["FunctionMetadata"]["FunctionARN"])).await;
        let code = api.get("cloudfront", &format!("/2020-05-31/function/{}?Stage=LIVE", segment(&name))).await;
        all.add("cloudfront/function", &name, json!({ "function": function, "code": code, "tags": tags }), &[]);
    }
    for (path, item, kind) in [
        ("origin-access-control?MaxItems=1000", "OriginAccessControlSummary", "access-control"),
        ("response-headers-policy?Type=custom&MaxItems=1000", "ResponseHeadersPolicySummary", "headers-policy"),
        ("cache-policy?Type=custom&MaxItems=1000", "CachePolicySummary", "cache-policy"),
        ("origin-request-policy?Type=custom&MaxItems=1000", "OriginRequestPolicySummary", "request-policy"),
    ] {
        for found in list(&api.get("cloudfront", &format!("/2020-05-31/{path}")).await["Items"][item]) {
            // The policies stand one level deeper, and their names one more.
            let inner = [&found, &found["ResponseHeadersPolicy"], &found["CachePolicy"], &found["OriginRequestPolicy"]]
                .into_iter()
                .find(|each| each["Id"].is_string())
                .unwrap_or(&found);
            let named = ["ResponseHeadersPolicyConfig", "CachePolicyConfig", "OriginRequestPolicyConfig"]
                .iter()
                .map(|each| &inner[*each])
                .chain([inner])
                .find_map(|each| each["Name"].as_str())
                .unwrap_or_default()
                .to_owned();
            let id = text(&inner["Id"]);
            all.add(&format!("cloudfront/{kind}"), &named, found.clone(), &[&id]);
        }
    }
}
