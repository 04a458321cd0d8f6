//! Examples of what a site and its front door are made of.

use deployer_aws::site_manifest::{Manifest, ManifestFile};
use serde_json::{Value, json};

use super::Example;
use crate::world::Shipped;

/// The bucket of the examples.
const BUCKET: &str = "contract-test-web";
/// The distribution's domain of a function URL, which nobody asks.
const FUNCTION_DOMAIN: &str = "abc.lambda-url.us-west-2.on.aws";
/// CloudFront's own policies: keep nothing, and forward everything but the host.
const CACHING_DISABLED: &str = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
const ALL_VIEWER_EXCEPT_HOST: &str = "b689b0a8-53d0-40ab-baf2-68738e2966ac";
/// The pages of two releases.
const PAGES: [&str; 2] = ["<h1>one</h1>", "<h1>two</h1>"];

fn release(at: usize) -> (Manifest, Vec<&'static str>) {
    let contents = vec![PAGES[at], "let a = 1"];
    let files = vec![
        ManifestFile::new("index.html", contents[0].as_bytes(), "text/html; charset=utf-8", "no-cache"),
        ManifestFile::new(
            "assets/a-1.js",
            contents[1].as_bytes(),
            "text/javascript",
            "public, max-age=31536000, immutable",
        ),
    ];
    (Manifest::new(files).expect("plain paths"), contents)
}

/// Ships both releases.
pub fn ship(shipped: &Shipped) {
    for at in 0..PAGES.len() {
        let (manifest, contents) = release(at);
        shipped.ship(manifest.to_bytes());
        contents.into_iter().for_each(|content| drop(shipped.ship(content)));
    }
}

/// The bucket with its policy and its release.
pub fn site() -> Vec<Example> {
    let policy = |condition: Value| {
        json!({ "Version": "2012-10-17", "Statement": [{
            "Sid": "NewTlsOnly", "Effect": "Deny", "Principal": "*", "Action": ["s3:*"], "Resource": [format!("arn:aws:s3:::{BUCKET}"), format!("arn:aws:s3:::{BUCKET}/*")],
            "Condition": { "NumericLessThan": condition },
        }] })
    };
    let manifest = |at: usize| json!({ "source_sha256": format!("5e{at}"), "manifest_sha256": release(at).0.sha256() });
    let mut first = json!({ "bucket": BUCKET, "folder": "site/", "intact": true });
    first.as_object_mut().expect("a table").extend(manifest(0).as_object().cloned().expect("a table"));
    vec![
        Example::new(
            "site.web/site",
            "s3_bucket",
            json!({ "name": BUCKET, "versioning": true, "public_access_blocked": true, "ownership": "BucketOwnerEnforced", "encryption": "AES256", "noncurrent_days": 30 }),
        )
        .tagged()
        .changing(json!({ "noncurrent_days": 14, "noncurrent_kept": 20 }))
        .changing(json!({ "expire_days": 400 }))
        .changing(json!({ "noncurrent_days": null, "expire_days": 400 }))
        .changing(json!({ "noncurrent_days": null })),
        Example::new("site.web/policy", "s3_bucket_policy", json!({ "bucket": BUCKET, "policy": policy(json!({ "s3:TlsVersion": "1.2" })) }))
            .changing(json!({ "policy": policy(json!({ "s3:TlsVersion": "1.3" })) })),
        Example::new("site.web/release", "site_release", first).changing(manifest(1)),
    ]
}

/// The distribution with what it stands on.
pub fn cdn() -> Vec<Example> {
    let managed = json!({ "name": "core", "priority": 0, "action": "block", "managed": { "set": "AWSManagedRulesCommonRuleSet", "count": ["SizeRestrictions_BODY"] } });
    let rate = |limit: u32| json!({ "name": "rate-1", "priority": 1, "action": "block", "rate": { "limit": limit, "window_seconds": 300, "path": { "starts_with": "/api/auth" } } });
    let viewer = |header: &str| {
        format!(
            "function handler(event) {{ event.request.headers['{header}'] = {{ value: event.viewer.ip }}; return event.request }}"
        )
    };
    vec![
        Example::new("cdn.main/access.s3", "origin_access_control", json!({ "name": "contract-test-main-s3", "origin_type": "s3", "signing": "always" })).owned(),
        Example::new(
            "cdn.main/headers",
            "response_headers_policy",
            json!({ "name": "contract-test-main", "headers": { "strict-transport-security": "max-age=63072000; includeSubDomains", "x-content-type-options": "nosniff" }, "override_origin": true }),
        )
        .owned()
        .changing(json!({ "headers": { "x-content-type-options": "nosniff", "referrer-policy": "same-origin", "permissions-policy": "camera=()" } })),
        Example::new(
            "cdn.main/cache",
            "cache_policy",
            json!({ "name": "contract-test-main-900", "min_seconds": 0, "default_seconds": 900, "max_seconds": 900, "key": "cookies: none, headers: none, query: all" }),
        )
        .owned()
        .changing(json!({ "default_seconds": 60, "max_seconds": 60 })),
        Example::new("cdn.main/viewer.address", "cloudfront_function", json!({ "name": "contract-test-main-address", "runtime": "cloudfront-js-2.0", "code": viewer("x-viewer") }))
            .tagged()
            .changing(json!({ "code": viewer("x-viewer-address") })),
        Example::new("waf.edge/waf", "web_acl", json!({ "name": "contract-test-edge", "default_action": "allow", "rules": [managed, rate(100)] }))
            .tagged()
            .changing(json!({ "rules": [managed, rate(200)] })),
        Example::new("cdn.main/certificate", "acm_certificate", json!({ "domain": "crew.example.com", "writes_dns": false, "issued": true })).tagged(),
        distribution(),
        alias("ipv4", "A"),
        alias("ipv6", "AAAA"),
        Example::new(
            "cdn.main/invalidation",
            "invalidation",
            json!({
                "distribution_id": "${cdn.main/cdn#id}",
                "releases": [{ "bucket": BUCKET, "manifest_sha256": "${site.web/release#manifest_sha256}", "version": "${site.web/release#version}" }],
            }),
        ),
    ]
}

fn alias(part: &str, kind: &str) -> Example {
    let inputs = |to: &str| json!({ "domain": "crew.example.com", "type": kind, "to": to });
    Example::new(&format!("cdn.main/{part}"), "route53_alias", inputs("d1.cloudfront.net"))
        .changing(inputs("d2.cloudfront.net"))
}

fn distribution() -> Example {
    let behavior = |path: Option<&str>, to: &str, methods: &[&str]| {
        let mut behavior = json!({ "to": to, "methods": methods, "viewer_protocol": "redirect-to-https", "compress": path.is_none(), "cache_policy": CACHING_DISABLED });
        behavior["headers_policy"] = json!("${cdn.main/headers#id}");
        behavior["viewer_function"] = json!("${cdn.main/viewer.address#arn}");
        if let Some(path) = path {
            behavior["path"] = json!(path);
            behavior["request_policy"] = json!(ALL_VIEWER_EXCEPT_HOST);
        }
        behavior
    };
    let every_method = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
    let secret = json!({ "name": "/contract/test/secret/origin", "generation": "${secret.origin/secret#generation}" });
    Example::new(
        "cdn.main/cdn",
        "distribution",
        json!({
            "name": "contract-test-main",
            "enabled": true,
            "origins": [
                { "id": "function.api", "domain": FUNCTION_DOMAIN, "protocol": "https", "secret": secret },
                { "id": "site.web", "domain": format!("{BUCKET}.s3.us-west-2.amazonaws.com"), "path": "/site", "protocol": "s3", "access_control": "${cdn.main/access.s3#id}" },
            ],
            "default_behavior": behavior(None, "site.web", &["GET", "HEAD"]),
            "behaviors": [behavior(Some("/api/*"), "function.api", &every_method)],
            "root_page": "index.html",
            "web_acl_arn": "${waf.edge/waf#arn}",
            "errors": [{ "status": 404, "seconds": 0 }, { "status": 500, "seconds": 0 }],
        }),
    )
    .tagged()
    .changing(json!({ "behaviors": [behavior(Some("/api/*"), "function.api", &["GET", "HEAD"]), behavior(Some("/healthz"), "function.api", &["GET", "HEAD"])] }))
    .changing(json!({ "web_acl_arn": null, "errors": [] }))
    .changing(json!({ "own": { "domains": ["crew.example.com"], "certificate_arn": "${cdn.main/certificate#arn}", "tls": "TLSv1.2_2021" } }))
    .changing(json!({ "enabled": false, "root_page": null }))
}
