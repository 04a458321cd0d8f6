use insta::assert_snapshot;

use super::front_door;
use crate::kinds::testing::{faults, shown, stack, wanted};

const CREW: &str = r#"
[secret]
origin = { kind = "random" }
[function.crew-api]
build = { package = "crew-api" }
url   = { auth = "cdn", secret = "secret.origin" }
[site.web]
dir = "site/dist"
[waf.edge]
[cdn.main]
waf   = "waf.edge"
route = [
  { path = "/api/*", to = "function.crew-api" },
  { path = "/.well-known/*", to = "function.crew-api", cache = "15m" },
  { path = "/healthz", to = "function.crew-api" },
  { path = "/*", to = "site.web", spa = "index.html" },
]
"#;

#[test]
fn a_front_door_on_aws_signs_what_it_asks_of_site_and_function() {
    assert_snapshot!(shown(&wanted(CREW, "prod", &["crew-api"]).unwrap(), "cdn.main"), @r#"
    access.lambda (origin_access_control)
      name: crew-prod-main-lambda
      origin_type: lambda
      signing: always
    access.s3 (origin_access_control)
      name: crew-prod-main-s3
      origin_type: s3
      signing: always
    cache.s900 (cache_policy)
      default_seconds: 900
      key: cookies: none, headers: none, query: all
      max_seconds: 900
      min_seconds: 0
      name: crew-prod-main-cache-900s
    cdn (distribution) after site.web/site
      behaviors: [{"path":"/api/*","to":"function.crew-api","methods":["DELETE","GET","HEAD","OPTIONS","PATCH","POST","PUT"],"viewer_protocol":"redirect-to-https","compress":false,"cache_policy":"4135ea2d-6df8-44a3-9df3-4b5a84be39ad","request_policy":"b689b0a8-53d0-40ab-baf2-68738e2966ac","headers_policy":"${cdn.main/headers#id}","viewer_function":"${cdn.main/viewer.address#arn}"},{"path":"/.well-known/*","to":"function.crew-api","methods":["GET","HEAD"],"viewer_protocol":"redirect-to-https","compress":false,"cache_policy":"${cdn.main/cache.s900#id}","headers_policy":"${cdn.main/headers#id}","viewer_function":"${cdn.main/viewer.address#arn}"},{"path":"/healthz","to":"function.crew-api","methods":["DELETE","GET","HEAD","OPTIONS","PATCH","POST","PUT"],"viewer_protocol":"redirect-to-https","compress":false,"cache_policy":"4135ea2d-6df8-44a3-9df3-4b5a84be39ad","request_policy":"b689b0a8-53d0-40ab-baf2-68738e2966ac","headers_policy":"${cdn.main/headers#id}","viewer_function":"${cdn.main/viewer.address#arn}"}]
      default_behavior: {"to":"site.web","methods":["GET","HEAD"],"viewer_protocol":"redirect-to-https","compress":true,"cache_policy":"658327ea-f89d-4fab-a63d-7e88639e58f6","headers_policy":"${cdn.main/headers#id}","viewer_function":"${cdn.main/viewer.spa#arn}"}
      enabled: true
      errors: [{"status":400,"seconds":0},{"status":403,"seconds":0},{"status":404,"seconds":0},{"status":405,"seconds":0},{"status":414,"seconds":0},{"status":500,"seconds":0},{"status":501,"seconds":0},{"status":502,"seconds":0},{"status":503,"seconds":0},{"status":504,"seconds":0}]
      http_version: http2and3
      ipv6: true
      name: crew-prod-main
      origins: [{"id":"function.crew-api","domain":"${function.crew-api/url#domain}","protocol":"https","access_control":"${cdn.main/access.lambda#id}"},{"id":"site.web","domain":"crew-prod-web.s3.us-west-2.amazonaws.com","path":"/site","protocol":"s3","access_control":"${cdn.main/access.s3#id}"}]
      price_class: PriceClass_100
      root_page: index.html
      web_acl_arn: ${waf.edge/waf#arn}
    headers (response_headers_policy)
      headers: {"content-security-policy":"default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'; require-trusted-types-for 'script'","cross-origin-opener-policy":"same-origin","permissions-policy":"camera=(), geolocation=(), microphone=(), payment=(), usb=()","referrer-policy":"no-referrer","strict-transport-security":"max-age=63072000; includeSubDomains","x-content-type-options":"nosniff","x-frame-options":"DENY"}
      name: crew-prod-main-headers
      override_origin: false
    invalidation (invalidation)
      distribution_id: ${cdn.main/cdn#id}
      releases: [{"bucket":"crew-prod-web","manifest_sha256":"${site.web/release#manifest_sha256}","version":"${site.web/release#version}"}]
    viewer.address (cloudfront_function)
      code: function handler(event) {
      var request = event.request;
      request.headers['x-client-address'] = { value: event.viewer.ip };
      return request;
    }

      name: crew-prod-main-address
      runtime: cloudfront-js-2.0
    viewer.spa (cloudfront_function)
      code: function handler(event) {
      var request = event.request;
      var last = request.uri.slice(request.uri.lastIndexOf('/') + 1);
      if (last.indexOf('.') < 0) request.uri = '/index.html';
      return request;
    }

      name: crew-prod-main-spa
      runtime: cloudfront-js-2.0
    "#);
}

#[test]
fn on_the_local_aws_a_secret_header_stands_in_for_the_signature() {
    let local = wanted(CREW, "local", &["crew-api"]).unwrap();
    assert!(!local.desired.contains_key(&"cdn.main/access.lambda".parse().unwrap()));
    let origins = &local.desired[&"cdn.main/cdn".parse().unwrap()].inputs["origins"];
    assert_snapshot!(serde_json::to_string_pretty(origins).unwrap(), @r#"
    [
      {
        "id": "function.crew-api",
        "domain": "${function.crew-api/url#domain}",
        "protocol": "https",
        "secret": {
          "name": "/crew/local/secret/origin",
          "generation": "${secret.origin/secret#generation}"
        }
      },
      {
        "id": "site.web",
        "domain": "crew-local-web.s3.us-west-2.amazonaws.com",
        "path": "/site",
        "protocol": "s3",
        "access_control": "${cdn.main/access.s3#id}"
      }
    ]
    "#);
}

#[test]
fn a_front_door_for_a_site_alone_needs_little() {
    let wanted = wanted(
        "[site.web]\ndir = \"dist\"\n[cdn.main]\nheaders = \"basic\"\nroute = [{ path = \"/*\", to = \"site.web\" }]\n",
        "staging",
        &[],
    )
    .unwrap();
    let parts: Vec<_> = wanted
        .desired
        .keys()
        .filter(|address| address.declaration().kind() == "cdn")
        .map(|address| address.part())
        .collect();
    assert_eq!(parts, ["access.s3", "cdn", "headers", "invalidation"]);
    let inputs = |part: &str| &wanted.desired[&format!("cdn.main/{part}").parse().unwrap()].inputs;
    assert_eq!(inputs("cdn")["root_page"], "index.html");
    assert!(inputs("headers")["headers"].get("content-security-policy").is_none());
    assert!(inputs("cdn").get("web_acl_arn").is_none());
}

#[test]
fn the_address_of_a_site_is_that_of_the_front_door_that_leads_to_it() {
    use deployer_engine::state::{Scope, State};
    let declared = "[site.web]\ndir = \"a\"\n[site.other]\ndir = \"b\"\n[cdn.main]\nroute = [{ path = \"/*\", to = \"site.web\" }]\n";
    let stack = stack(declared, "local").expect("a stack");
    let scope = Scope { stack: "crew".into(), environment: "local".into(), account: "0".into(), region: "r".into() };
    let mut state = State::empty(scope, "l".into());
    let found =
        |state: &State, name: &str| front_door(&stack, state, &format!("site.{name}").parse().expect("an address"));
    assert_eq!(found(&state, "web"), None, "it is not up");
    let record = serde_json::json!({ "address": "cdn.main/cdn", "id": "E1", "type": "distribution", "standing": "current", "ordinal": 0, "inputs": {}, "outputs": { "url": "http://e1.cloudfront.localhost:1" }, "depends": [] });
    state.records.push(serde_json::from_value(record).expect("a record"));
    assert_eq!(found(&state, "web").as_deref(), Some("http://e1.cloudfront.localhost:1"));
    assert_eq!(found(&state, "other"), None, "nothing leads to it");
}

#[test]
fn a_site_that_two_front_doors_serve_is_forgotten_by_both_and_read_by_both() {
    let text = "[site.web]\ndir = \"dist\"\n[cdn.a]\nroute = [{ path = \"/*\", to = \"site.web\" }]\n[cdn.b]\nroute = [{ path = \"/docs/*\", to = \"site.web\" }, { path = \"/*\", to = \"site.web\" }]\n";
    let wanted = wanted(text, "prod", &[]).unwrap();
    let invalidation = &wanted.desired[&"cdn.b/invalidation".parse().unwrap()].inputs;
    assert_eq!(invalidation["releases"].as_array().map(Vec::len), Some(1));
    let policy = wanted.desired[&"site.web/policy".parse().unwrap()].inputs.to_string();
    assert!(policy.contains("${cdn.a/cdn#arn}") && policy.contains("${cdn.b/cdn#arn}"));
}

#[test]
fn what_is_wrong_with_a_front_door_is_told_where_it_stands() {
    let told = faults(
        r#"[function.api]
build = { package = "api" }
[function.inside]
build = { package = "inside" }
url = { auth = "iam" }
[site.web]
dir = "dist"
[cdn.a]
waf = "waf.edge"
route = [
  { path = "/api/*", to = "function.api" },
  { path = "/api/v1/*", to = "site.wep" },
  { path = "in/*", to = "function.inside", spa = "index" },
  { path = "/x/*", to = "site.web", cache = "1h" },
  { path = "/*", to = "site.web", spa = "../x.html" },
  { path = "/late", to = "site.web" },
]
[cdn.b]
route = [{ path = "/docs/*", to = "site.web" }]
"#,
        "prod",
    );
    assert_snapshot!(told, @r#"
    9:7 unknown-reference there is no waf `waf.edge` (declare `[waf.edge]`)
    11:27 no-url function.api has no endpoint that the cdn could call (give function.api `url = { auth = "cdn" }`)
    12:30 unknown-reference there is no function and no site `site.wep` (did you mean `site.web`?)
    12:12 unreachable no request gets here: `/api/*` before it takes all of `/api/v1/*` (put the route with the narrower path first)
    13:12 bad-path `in/*` is no path of a route: it begins with `/` (at most 255 letters, digits and `_-.$/~"'@:+&`, with `*` and `?` as wildcards, such as `/api/*`)
    13:25 closed-url function.inside lets no cdn through (give function.inside `url = { auth = "cdn" }`)
    13:50 not-allowed only the route `/*` to a site has a page for all paths (errors of functions would become pages)
    13:50 bad-path `index` is no page of a site (name the file, such as `index.html`)
    14:45 not-allowed how long the files of a site are kept is said by the site (set `cache` of site.web)
    15:41 bad-path `../x.html` is no page of a site (name the file, such as `index.html`)
    16:12 unreachable no request gets here: `/*` before it takes all of `/late` (put the route with the narrower path first)
    19:9 missing-route no route says where all other paths go (end with `{ path = "/*", to = "site.…" }`)
    "#);
}

#[test]
fn a_domain_has_a_certificate_and_new_tls_alone() {
    let text = CREW.replace("[cdn.main]\n", "[cdn.main]\ndomain = \"crew.example.com\"\n");
    let wanted = wanted(&text, "prod", &["crew-api"]).unwrap();
    let shown = shown(&wanted, "cdn.main");
    assert!(shown.contains("certificate (acm_certificate)\n  domain: crew.example.com\n  issued: true\n"), "{shown}");
    let own = "own: {\"domains\":[\"crew.example.com\"],\"certificate_arn\":\"${cdn.main/certificate#arn}\",\"tls\":\"TLSv1.2_2021\"}";
    assert!(shown.contains(own), "{shown}");
    let wrong = text.replace("crew.example.com", "https://Crew");
    assert!(faults(&wrong, "prod").contains("bad-domain `https://Crew` is no domain"), "{}", faults(&wrong, "prod"));
}

#[test]
fn records_of_a_domain_are_written_on_aws_and_not_on_the_local_aws() {
    let text = CREW.replace("[cdn.main]\n", "[cdn.main]\ndomain = \"crew.example.com\"\ndns = \"route53\"\n");
    for (environment, writes) in [("prod", true), ("local", false)] {
        let wanted = wanted(&text, environment, &["crew-api"]).unwrap();
        let part = |part: &str| wanted.desired.get(&format!("cdn.main/{part}").parse().unwrap());
        assert_eq!(part("certificate").unwrap().inputs["writes_dns"], writes, "{environment}");
        assert_eq!((part("ipv4").is_some(), part("ipv6").is_some()), (writes, writes), "{environment}");
    }
}
