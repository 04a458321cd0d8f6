//! Which operation of AWS a request is: `service:Operation`, from its head and, for IAM and STS, its form.

mod rest;

use hyper::http::request::Parts;

use rest::{CLOUDFRONT, LAMBDA, ROUTE53, Rest, S3, SES};

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

/// A part of what a request is signed for: key, day, region, service.
fn scope(parts: &Parts, part: usize) -> Option<&str> {
    let authorization = parts.headers.get("authorization").and_then(|value| value.to_str().ok())?;
    authorization.split("Credential=").nth(1)?.split(',').next()?.split('/').nth(part)
}

/// The region that a request is signed for; `-` for one that is not signed.
pub fn region(parts: &Parts) -> &str {
    scope(parts, 2).unwrap_or("-")
}

/// The service that a request is signed for; `-` for one that is not signed.
pub fn service(parts: &Parts) -> &str {
    match scope(parts, 3).unwrap_or("-") {
        // It signs as one thing, and is named as another.
        "monitoring" => "cloudwatch",
        service => service,
    }
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
        "route53" => find(ROUTE53, parts),
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
    fn service_and_region_are_those_of_the_signature() {
        let signed = parts(
            "GET",
            "/",
            &[(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=test/20261121/us-west-2/wafv2/aws4_request, SignedHeaders=host, Signature=0",
            )],
        );
        assert_eq!((service(&signed), region(&signed)), ("wafv2", "us-west-2"));
        let unsigned = parts("GET", "/", &[]);
        assert_eq!((service(&unsigned), region(&unsigned)), ("-", "-"));
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
