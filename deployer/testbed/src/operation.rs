//! Which operation of AWS a request is: `service:Operation`, from its head and, for IAM and STS, its form.

use hyper::http::request::Parts;

/// Beginnings of the names of operations that change nothing.
const READS: &[&str] = &[
    "Get",
    "List",
    "Describe",
    "Head",
    "Query",
    "Scan",
    "BatchGet",
    "TransactGet",
    "Filter",
    "Lookup",
    "Check",
    "Search",
    "Assume",
];

/// What a REST request is: method, path (`{}` is any one segment, `{+}` any rest), a name that the query
/// must have (`name` or `name=value`), operation. The first that fits.
type Rest = (&'static str, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const LAMBDA: &[Rest] = &[
    ("POST", "2015-03-31/functions", "", "CreateFunction"),
    ("GET", "2015-03-31/functions", "", "ListFunctions"),
    ("GET", "2015-03-31/functions/{}", "", "GetFunction"),
    ("DELETE", "2015-03-31/functions/{}", "", "DeleteFunction"),
    ("GET", "2015-03-31/functions/{}/configuration", "", "GetFunctionConfiguration"),
    ("PUT", "2015-03-31/functions/{}/configuration", "", "UpdateFunctionConfiguration"),
    ("PUT", "2015-03-31/functions/{}/code", "", "UpdateFunctionCode"),
    ("POST", "2015-03-31/functions/{}/versions", "", "PublishVersion"),
    ("GET", "2015-03-31/functions/{}/versions", "", "ListVersionsByFunction"),
    ("POST", "2015-03-31/functions/{}/aliases", "", "CreateAlias"),
    ("GET", "2015-03-31/functions/{}/aliases", "", "ListAliases"),
    ("GET", "2015-03-31/functions/{}/aliases/{}", "", "GetAlias"),
    ("PUT", "2015-03-31/functions/{}/aliases/{}", "", "UpdateAlias"),
    ("DELETE", "2015-03-31/functions/{}/aliases/{}", "", "DeleteAlias"),
    ("POST", "2015-03-31/functions/{}/policy", "", "AddPermission"),
    ("GET", "2015-03-31/functions/{}/policy", "", "GetPolicy"),
    ("DELETE", "2015-03-31/functions/{}/policy/{}", "", "RemovePermission"),
    ("POST", "2015-03-31/functions/{}/invocations", "", "Invoke"),
    ("POST", "2021-10-31/functions/{}/url", "", "CreateFunctionUrlConfig"),
    ("GET", "2021-10-31/functions/{}/url", "", "GetFunctionUrlConfig"),
    ("PUT", "2021-10-31/functions/{}/url", "", "UpdateFunctionUrlConfig"),
    ("DELETE", "2021-10-31/functions/{}/url", "", "DeleteFunctionUrlConfig"),
    ("GET", "2021-10-31/functions/{}/urls", "", "ListFunctionUrlConfigs"),
    ("PUT", "2019-09-25/functions/{}/event-invoke-config", "", "PutFunctionEventInvokeConfig"),
    ("POST", "2019-09-25/functions/{}/event-invoke-config", "", "UpdateFunctionEventInvokeConfig"),
    ("GET", "2019-09-25/functions/{}/event-invoke-config", "", "GetFunctionEventInvokeConfig"),
    ("DELETE", "2019-09-25/functions/{}/event-invoke-config", "", "DeleteFunctionEventInvokeConfig"),
    ("GET", "2019-09-25/functions/{}/event-invoke-config/list", "", "ListFunctionEventInvokeConfigs"),
    ("PUT", "2017-10-31/functions/{}/concurrency", "", "PutFunctionConcurrency"),
    ("DELETE", "2017-10-31/functions/{}/concurrency", "", "DeleteFunctionConcurrency"),
    ("GET", "2019-09-30/functions/{}/concurrency", "", "GetFunctionConcurrency"),
    ("GET", "2017-03-31/tags/{}", "", "ListTags"),
    ("POST", "2017-03-31/tags/{}", "", "TagResource"),
    ("DELETE", "2017-03-31/tags/{}", "", "UntagResource"),
    ("GET", "2016-08-19/account-settings", "", "GetAccountSettings"),
];

#[rustfmt::skip]
const CLOUDFRONT: &[Rest] = &[
    ("POST", "2020-05-31/distribution", "WithTags", "CreateDistributionWithTags"),
    ("POST", "2020-05-31/distribution", "", "CreateDistribution"),
    ("GET", "2020-05-31/distribution", "", "ListDistributions"),
    ("GET", "2020-05-31/distribution/{}", "", "GetDistribution"),
    ("DELETE", "2020-05-31/distribution/{}", "", "DeleteDistribution"),
    ("GET", "2020-05-31/distribution/{}/config", "", "GetDistributionConfig"),
    ("PUT", "2020-05-31/distribution/{}/config", "", "UpdateDistribution"),
    ("POST", "2020-05-31/distribution/{}/invalidation", "", "CreateInvalidation"),
    ("GET", "2020-05-31/distribution/{}/invalidation", "", "ListInvalidations"),
    ("GET", "2020-05-31/distribution/{}/invalidation/{}", "", "GetInvalidation"),
    ("POST", "2020-05-31/tagging", "Operation=Tag", "TagResource"),
    ("POST", "2020-05-31/tagging", "Operation=Untag", "UntagResource"),
    ("GET", "2020-05-31/tagging", "", "ListTagsForResource"),
    ("POST", "2020-05-31/origin-access-control", "", "CreateOriginAccessControl"),
    ("GET", "2020-05-31/origin-access-control", "", "ListOriginAccessControls"),
    ("GET", "2020-05-31/origin-access-control/{}", "", "GetOriginAccessControl"),
    ("DELETE", "2020-05-31/origin-access-control/{}", "", "DeleteOriginAccessControl"),
    ("GET", "2020-05-31/origin-access-control/{}/config", "", "GetOriginAccessControlConfig"),
    ("PUT", "2020-05-31/origin-access-control/{}/config", "", "UpdateOriginAccessControl"),
    ("POST", "2020-05-31/response-headers-policy", "", "CreateResponseHeadersPolicy"),
    ("GET", "2020-05-31/response-headers-policy", "", "ListResponseHeadersPolicies"),
    ("GET", "2020-05-31/response-headers-policy/{}", "", "GetResponseHeadersPolicy"),
    ("PUT", "2020-05-31/response-headers-policy/{}", "", "UpdateResponseHeadersPolicy"),
    ("DELETE", "2020-05-31/response-headers-policy/{}", "", "DeleteResponseHeadersPolicy"),
    ("POST", "2020-05-31/cache-policy", "", "CreateCachePolicy"),
    ("GET", "2020-05-31/cache-policy", "", "ListCachePolicies"),
    ("GET", "2020-05-31/cache-policy/{}", "", "GetCachePolicy"),
    ("PUT", "2020-05-31/cache-policy/{}", "", "UpdateCachePolicy"),
    ("DELETE", "2020-05-31/cache-policy/{}", "", "DeleteCachePolicy"),
    ("POST", "2020-05-31/function", "", "CreateFunction"),
    ("GET", "2020-05-31/function", "", "ListFunctions"),
    ("GET", "2020-05-31/function/{}", "", "GetFunction"),
    ("PUT", "2020-05-31/function/{}", "", "UpdateFunction"),
    ("DELETE", "2020-05-31/function/{}", "", "DeleteFunction"),
    ("GET", "2020-05-31/function/{}/describe", "", "DescribeFunction"),
    ("POST", "2020-05-31/function/{}/publish", "", "PublishFunction"),
    ("POST", "2020-05-31/function/{}/test", "", "TestFunction"),
];

#[rustfmt::skip]
const SES: &[Rest] = &[
    ("POST", "v2/email/identities", "", "CreateEmailIdentity"),
    ("GET", "v2/email/identities", "", "ListEmailIdentities"),
    ("POST", "v2/email/list-identities", "", "ListEmailIdentities"),
    ("GET", "v2/email/identities/{}", "", "GetEmailIdentity"),
    ("DELETE", "v2/email/identities/{}", "", "DeleteEmailIdentity"),
    ("PUT", "v2/email/identities/{}/dkim", "", "PutEmailIdentityDkimAttributes"),
    ("PUT", "v2/email/identities/{}/configuration-set", "", "PutEmailIdentityConfigurationSetAttributes"),
    ("PUT", "v2/email/identities/{}/mail-from", "", "PutEmailIdentityMailFromAttributes"),
    ("PUT", "v2/email/identities/{}/feedback", "", "PutEmailIdentityFeedbackAttributes"),
    ("POST", "v2/email/configuration-sets", "", "CreateConfigurationSet"),
    ("GET", "v2/email/configuration-sets", "", "ListConfigurationSets"),
    ("POST", "v2/email/list-configuration-sets", "", "ListConfigurationSets"),
    ("GET", "v2/email/configuration-sets/{}", "", "GetConfigurationSet"),
    ("DELETE", "v2/email/configuration-sets/{}", "", "DeleteConfigurationSet"),
    ("PUT", "v2/email/configuration-sets/{}/reputation-options", "", "PutConfigurationSetReputationOptions"),
    ("PUT", "v2/email/configuration-sets/{}/sending", "", "PutConfigurationSetSendingOptions"),
    ("PUT", "v2/email/configuration-sets/{}/delivery-options", "", "PutConfigurationSetDeliveryOptions"),
    ("PUT", "v2/email/configuration-sets/{}/suppression-options", "", "PutConfigurationSetSuppressionOptions"),
    ("PUT", "v2/email/configuration-sets/{}/tracking-options", "", "PutConfigurationSetTrackingOptions"),
    ("GET", "v2/email/configuration-sets/{}/event-destinations", "", "GetConfigurationSetEventDestinations"),
    ("POST", "v2/email/configuration-sets/{}/event-destinations", "", "CreateConfigurationSetEventDestination"),
    ("PUT", "v2/email/configuration-sets/{}/event-destinations/{}", "", "UpdateConfigurationSetEventDestination"),
    ("DELETE", "v2/email/configuration-sets/{}/event-destinations/{}", "", "DeleteConfigurationSetEventDestination"),
    ("POST", "v2/email/outbound-emails", "", "SendEmail"),
    ("GET", "v2/email/tags", "", "ListTagsForResource"),
    ("POST", "v2/email/tags", "", "TagResource"),
    ("DELETE", "v2/email/tags", "", "UntagResource"),
    ("GET", "v2/email/account", "", "GetAccount"),
];

#[rustfmt::skip]
const S3: &[Rest] = &[
    ("GET", "", "", "ListBuckets"),
    ("GET", "{}", "location", "GetBucketLocation"),
    ("GET", "{}", "policy", "GetBucketPolicy"), ("PUT", "{}", "policy", "PutBucketPolicy"), ("DELETE", "{}", "policy", "DeleteBucketPolicy"),
    ("GET", "{}", "policyStatus", "GetBucketPolicyStatus"),
    ("GET", "{}", "tagging", "GetBucketTagging"), ("PUT", "{}", "tagging", "PutBucketTagging"), ("DELETE", "{}", "tagging", "DeleteBucketTagging"),
    ("GET", "{}", "versioning", "GetBucketVersioning"), ("PUT", "{}", "versioning", "PutBucketVersioning"),
    ("GET", "{}", "encryption", "GetBucketEncryption"), ("PUT", "{}", "encryption", "PutBucketEncryption"), ("DELETE", "{}", "encryption", "DeleteBucketEncryption"),
    ("GET", "{}", "lifecycle", "GetBucketLifecycleConfiguration"), ("PUT", "{}", "lifecycle", "PutBucketLifecycleConfiguration"), ("DELETE", "{}", "lifecycle", "DeleteBucketLifecycle"),
    ("GET", "{}", "publicAccessBlock", "GetPublicAccessBlock"), ("PUT", "{}", "publicAccessBlock", "PutPublicAccessBlock"), ("DELETE", "{}", "publicAccessBlock", "DeletePublicAccessBlock"),
    ("GET", "{}", "ownershipControls", "GetBucketOwnershipControls"), ("PUT", "{}", "ownershipControls", "PutBucketOwnershipControls"), ("DELETE", "{}", "ownershipControls", "DeleteBucketOwnershipControls"),
    ("GET", "{}", "cors", "GetBucketCors"), ("PUT", "{}", "cors", "PutBucketCors"), ("DELETE", "{}", "cors", "DeleteBucketCors"),
    ("GET", "{}", "website", "GetBucketWebsite"), ("GET", "{}", "acl", "GetBucketAcl"),
    ("GET", "{}", "versions", "ListObjectVersions"), ("GET", "{}", "uploads", "ListMultipartUploads"),
    ("GET", "{}", "list-type=2", "ListObjectsV2"), ("GET", "{}", "", "ListObjects"),
    ("POST", "{}", "delete", "DeleteObjects"),
    ("HEAD", "{}", "", "HeadBucket"), ("PUT", "{}", "", "CreateBucket"), ("DELETE", "{}", "", "DeleteBucket"),
    ("POST", "{}/{+}", "uploads", "CreateMultipartUpload"), ("PUT", "{}/{+}", "partNumber", "UploadPart"),
    ("POST", "{}/{+}", "uploadId", "CompleteMultipartUpload"), ("DELETE", "{}/{+}", "uploadId", "AbortMultipartUpload"),
    ("GET", "{}/{+}", "tagging", "GetObjectTagging"), ("PUT", "{}/{+}", "tagging", "PutObjectTagging"),
    ("GET", "{}/{+}", "", "GetObject"), ("HEAD", "{}/{+}", "", "HeadObject"), ("PUT", "{}/{+}", "", "PutObject"), ("DELETE", "{}/{+}", "", "DeleteObject"),
];

/// The service that a request is signed for; `-` for one that is not signed.
pub fn service(parts: &Parts) -> &str {
    let authorization = parts.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let scope = authorization.split("Credential=").nth(1).and_then(|rest| rest.split(',').next()).unwrap_or_default();
    scope.split('/').nth(3).unwrap_or("-")
}

/// The operation of a request, as AWS names it; `METHOD /path` where it is none of ours.
pub fn operation(service: &str, parts: &Parts, body: &[u8]) -> String {
    let target = parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    if let Some(name) = target.and_then(|target| target.rsplit('.').next()) {
        return name.to_owned();
    }
    let form = std::str::from_utf8(body).unwrap_or_default();
    let rest = match service {
        "iam" | "sns" | "sts" => form.split('&').find_map(|pair| pair.strip_prefix("Action=")),
        "lambda" => find(LAMBDA, parts),
        "cloudfront" => find(CLOUDFRONT, parts),
        "ses" => find(SES, parts),
        "s3" => find(S3, parts),
        _ => None,
    };
    rest.map_or_else(|| format!("{} {}", parts.method, parts.uri.path()), str::to_owned)
}

/// Whether an operation may change something. What is not known to read is taken to.
pub fn is_mutating(operation: &str) -> bool {
    !READS.iter().any(|read| operation.starts_with(read))
        && !operation.starts_with("GET ")
        && !operation.starts_with("HEAD ")
}

fn find(table: &'static [Rest], parts: &Parts) -> Option<&'static str> {
    let fits = |(method, path, marker, _): &&Rest| {
        parts.method == *method
            && path_fits(path, parts.uri.path())
            && query_has(parts.uri.query().unwrap_or_default(), marker)
    };
    table.iter().find(fits).map(|(.., operation)| *operation)
}

fn path_fits(pattern: &str, path: &str) -> bool {
    let mut segments = path.trim_start_matches('/').trim_end_matches('/').split('/');
    for wanted in pattern.split('/') {
        match (wanted, segments.next()) {
            ("{+}", Some(_)) => return true,
            ("{}", Some(found)) if !found.is_empty() => {}
            (wanted, Some(found)) if wanted == found => {}
            _ => return false,
        }
    }
    segments.next().is_none()
}

fn query_has(query: &str, marker: &str) -> bool {
    marker.is_empty() || query.split('&').any(|pair| pair == marker || pair.split('=').next() == Some(marker))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(method: &str, uri: &str, headers: &[(&str, &str)]) -> Parts {
        let builder =
            headers.iter().fold(hyper::Request::builder().method(method).uri(uri), |builder, (name, value)| {
                builder.header(*name, *value)
            });
        builder.body(()).expect("a request").into_parts().0
    }

    #[test]
    fn requests_are_known_by_their_operation() {
        let cases = [
            ("s3", "GET", "/", "ListBuckets"),
            ("s3", "GET", "/bucket?list-type=2&prefix=a%2F", "ListObjectsV2"),
            ("s3", "GET", "/bucket/?versions", "ListObjectVersions"),
            ("s3", "PUT", "/bucket", "CreateBucket"),
            ("s3", "PUT", "/bucket?publicAccessBlock", "PutPublicAccessBlock"),
            ("s3", "PUT", "/bucket/assets/a%20b.js?x-id=PutObject", "PutObject"),
            ("s3", "POST", "/bucket?delete", "DeleteObjects"),
            ("s3", "HEAD", "/bucket/index.html", "HeadObject"),
            ("lambda", "POST", "/2015-03-31/functions", "CreateFunction"),
            ("lambda", "POST", "/2015-03-31/functions/", "CreateFunction"),
            ("lambda", "GET", "/2015-03-31/functions/f/versions?MaxItems=50", "ListVersionsByFunction"),
            ("lambda", "DELETE", "/2015-03-31/functions/f/policy/url?Qualifier=live", "RemovePermission"),
            ("lambda", "GET", "/2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-west-2%3A1%3Afunction%3Af", "ListTags"),
            ("cloudfront", "POST", "/2020-05-31/distribution?WithTags", "CreateDistributionWithTags"),
            ("cloudfront", "PUT", "/2020-05-31/distribution/E1/config", "UpdateDistribution"),
            ("cloudfront", "POST", "/2020-05-31/tagging?Operation=Untag&Resource=arn", "UntagResource"),
            ("ses", "PUT", "/v2/email/configuration-sets/c/sending", "PutConfigurationSetSendingOptions"),
            ("ses", "POST", "/v2/email/outbound-emails", "SendEmail"),
            ("lambda", "PATCH", "/none/of/ours", "PATCH /none/of/ours"),
        ];
        for (service, method, uri, expected) in cases {
            assert_eq!(operation(service, &parts(method, uri, &[]), b""), expected, "{method} {uri}");
        }
        assert_eq!(
            operation("ssm", &parts("POST", "/", &[("x-amz-target", "AmazonSSM.PutParameter")]), b"{}"),
            "PutParameter"
        );
        assert_eq!(
            operation("iam", &parts("POST", "/", &[]), b"Action=CreateRole&Version=2010-05-08&RoleName=r"),
            "CreateRole"
        );
    }

    #[test]
    fn the_service_is_that_of_the_signature() {
        let signed = parts(
            "GET",
            "/",
            &[(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=test/20261121/us-west-2/wafv2/aws4_request, SignedHeaders=host, Signature=0",
            )],
        );
        assert_eq!((service(&signed), service(&parts("GET", "/", &[]))), ("wafv2", "-"));
    }

    #[test]
    fn what_is_not_known_to_read_counts_as_mutating() {
        for read in ["GetFunction", "ListTags", "HeadBucket", "DescribeTable", "GET /x"] {
            assert!(!is_mutating(read), "{read}");
        }
        for write in ["CreateFunction", "Invoke", "PutParameter", "TagResource", "POST /x", "ReceiveMessage"] {
            assert!(is_mutating(write), "{write}");
        }
    }
}
