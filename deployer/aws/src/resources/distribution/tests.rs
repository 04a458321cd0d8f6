//! Our form of a distribution and CloudFront's say the same.

use aws_sdk_cloudfront::types::{
    CookiePreference, CustomErrorResponse, DistributionConfig, EventType, ForwardedValues, ItemSelection,
    LambdaFunctionAssociation, LambdaFunctionAssociations,
};

use super::write::Secrets;
use deployer_engine::secret::SecretRef;

use super::find::url;
use super::*;
use crate::naming::Tags;

fn behavior(path: Option<&str>, to: &str) -> Behavior {
    Behavior {
        path: path.map(str::to_owned),
        to: to.to_owned(),
        methods: ["GET", "HEAD"].map(str::to_owned).into(),
        viewer_protocol: "redirect-to-https".into(),
        compress: true,
        cache_policy: "cache-1".into(),
        request_policy: None,
        headers_policy: Some("headers-1".into()),
        viewer_function: Some("arn:aws:cloudfront::1:function/spa".into()),
    }
}

fn wanted() -> Distribution {
    let api = Origin {
        id: "function.api".into(),
        domain: "abc.lambda-url.us-west-2.on.aws".into(),
        path: None,
        protocol: Protocol::Https,
        access_control: None,
        secret: Some(SecretRef { name: "/crew/local/secret/origin".into(), generation: "3".into() }),
        other_headers: Vec::new(),
    };
    let web = Origin {
        id: "site.web".into(),
        domain: "crew-web.s3.us-west-2.amazonaws.com".into(),
        path: Some("/site".into()),
        protocol: Protocol::S3,
        access_control: Some("OAC1".into()),
        secret: None,
        other_headers: Vec::new(),
    };
    let every = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"].map(str::to_owned).into();
    let api_behavior = Behavior {
        methods: every,
        compress: false,
        request_policy: Some("request-1".into()),
        viewer_function: None,
        ..behavior(Some("/api/*"), "function.api")
    };
    Distribution {
        name: "crew-local-main".into(),
        enabled: true,
        origins: vec![api, web],
        default_behavior: behavior(None, "site.web"),
        behaviors: vec![api_behavior, behavior(Some("/healthz"), "function.api")],
        root_page: Some("index.html".into()),
        own: Some(Own {
            domains: vec!["crew.example.com".into()],
            certificate_arn: "arn:aws:acm:us-east-1:1:certificate/1".into(),
            tls: "TLSv1.2_2021".into(),
        }),
        web_acl_arn: Some("arn:aws:wafv2:us-east-1:1:global/webacl/edge/1".into()),
        price_class: Some("PriceClass_100".into()),
        http_version: Some("http2and3".into()),
        ipv6: Some(true),
        errors: vec![
            ErrorRule { status: 403, seconds: 0, page: None },
            ErrorRule { status: 404, seconds: 0, page: None },
        ],
        tags: Tags::new(),
    }
}

fn secrets() -> Secrets {
    Secrets::from([("function.api".to_owned(), "canary-value".to_owned())])
}

fn written(wanted: &Distribution) -> DistributionConfig {
    write::config(wanted, None, write::empty("deployer/crew-local-main").unwrap(), &secrets()).unwrap()
}

#[test]
fn a_distribution_survives_its_way_through_cloudfronts_form() {
    let wanted = wanted();
    assert_eq!(read::form(written(&wanted), Tags::new(), &wanted), wanted);
}

#[test]
fn the_value_of_a_secret_is_sent_and_never_read_back() {
    let wanted = wanted();
    let config = written(&wanted);
    let sent = config.origins.as_ref().unwrap().items[0].custom_headers.as_ref().unwrap().items()[0].clone();
    assert_eq!((sent.header_name.as_str(), sent.header_value.as_str()), (SECRET_HEADER, "canary-value"));
    let found = read::form(config, Tags::new(), &wanted);
    assert!(!serde_json::to_string(&found).unwrap().contains("canary-value"));
}

#[test]
fn another_generation_of_the_secret_is_a_difference() {
    let mut newer = wanted();
    newer.origins[0].secret.as_mut().unwrap().generation = "4".into();
    let found = read::form(written(&wanted()), Tags::new(), &newer);
    assert_ne!(found.origins, newer.origins);
}

#[test]
fn a_header_of_somebody_else_shows_by_its_name_alone() {
    let mut without = wanted();
    without.origins[0].secret = None;
    let found = read::form(written(&wanted()), Tags::new(), &without);
    assert_eq!(found.origins[0].other_headers, ["x-origin-generation", "x-origin-verify"]);
    assert!(!serde_json::to_string(&found).unwrap().contains("canary-value"));
}

#[test]
fn what_is_not_managed_stays_and_the_rest_becomes_as_wanted() {
    let wanted = wanted();
    let mut theirs = written(&wanted);
    let lambda = LambdaFunctionAssociation::builder()
        .lambda_function_arn("arn:theirs")
        .event_type(EventType::OriginRequest)
        .build()
        .unwrap();
    let behavior = theirs.default_cache_behavior.as_mut().unwrap();
    behavior.lambda_function_associations =
        Some(LambdaFunctionAssociations::builder().quantity(1).items(lambda).build().unwrap());
    behavior.cache_policy_id = None;
    #[expect(deprecated, reason = "older distributions have it")]
    {
        let cookies = CookiePreference::builder().forward(ItemSelection::All).build().unwrap();
        behavior.forwarded_values =
            Some(ForwardedValues::builder().query_string(true).cookies(cookies).build().unwrap());
        behavior.min_ttl = Some(0);
    }
    theirs.is_ipv6_enabled = Some(false);
    theirs.anycast_ip_list_id = Some("list".into());
    let config = write::config(&wanted, None, theirs, &secrets()).unwrap();
    assert_eq!(config.anycast_ip_list_id.as_deref(), Some("list"));
    let behavior = config.default_cache_behavior.as_ref().unwrap();
    assert_eq!(behavior.lambda_function_associations.as_ref().unwrap().quantity, 1);
    #[expect(deprecated, reason = "older distributions have it")]
    {
        assert!(behavior.forwarded_values.is_none() && behavior.min_ttl.is_none());
    }
    assert_eq!(read::form(config, Tags::new(), &wanted), wanted);
}

#[test]
fn a_foreign_origin_behavior_or_error_page_is_a_difference() {
    let wanted = wanted();
    let mut theirs = written(&wanted);
    let page = CustomErrorResponse::builder()
        .error_code(404)
        .response_page_path("/index.html")
        .response_code("200")
        .error_caching_min_ttl(10)
        .build()
        .unwrap();
    theirs.custom_error_responses.as_mut().unwrap().items = Some(vec![page]);
    theirs.origins.as_mut().unwrap().items.remove(0);
    theirs.cache_behaviors.as_mut().unwrap().items.as_mut().unwrap().reverse();
    let found = read::form(theirs, Tags::new(), &wanted);
    assert_eq!(found.errors, [ErrorRule { status: 404, seconds: 10, page: Some("/index.html as 200".into()) }]);
    assert_ne!(found.origins, wanted.origins);
    assert_ne!(found.behaviors, wanted.behaviors);
}

#[test]
fn a_web_acl_that_is_wanted_no_more_is_taken_off_and_a_foreign_one_stays() {
    let prior = wanted();
    let mut without = wanted();
    without.web_acl_arn = None;
    let live = written(&prior);
    assert!(!without.is_set(Some(&prior), &prior));
    assert_eq!(
        write::config(&without, Some(&prior), live.clone(), &secrets()).unwrap().web_acl_id.as_deref(),
        Some("")
    );
    assert!(without.is_set(Some(&without), &prior));
    assert_eq!(write::config(&without, Some(&without), live, &secrets()).unwrap().web_acl_id, prior.web_acl_arn);
}

#[test]
fn a_browser_reaches_it_by_its_domain_or_by_the_door_of_the_local_aws() {
    assert_eq!(url("d1.cloudfront.net", None), "https://d1.cloudfront.net");
    assert_eq!(url("d1.cloudfront.net", Some("http://localhost:4567")), "http://d1.cloudfront.localhost:4567");
    assert_eq!(url("d1.cloudfront.net", Some("http://127.0.0.1:80/")), "http://d1.cloudfront.localhost:80");
}
