use insta::assert_snapshot;

use super::*;
use crate::kinds::testing::{faults, shown, stack, wanted};

const WEB: &str = r#"
[site.web]
dir   = "site/dist"
install = "npm ci"
build = "npm run build"
cache = { "assets/**" = "immutable", "*.html" = "no-cache", "robots.txt" = "1d" }
[cdn.main]
route = [{ path = "/*", to = "site.web" }]
"#;

#[test]
fn a_site_is_a_private_bucket_its_policy_and_a_release() {
    let wanted = wanted(WEB, "prod", &[]).unwrap();
    assert_snapshot!(shown(&wanted, "site.web"), @r#"
    policy (s3_bucket_policy) after cdn.main/cdn, site.web/site
      bucket: crew-prod-web
      policy: {"Version":"2012-10-17","Statement":[{"Sid":"TlsOnly","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::crew-prod-web","arn:aws:s3:::crew-prod-web/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}},{"Sid":"ServeFiles","Effect":"Allow","Principal":{"Service":"cloudfront.amazonaws.com"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::crew-prod-web/site/*","Condition":{"StringEquals":{"AWS:SourceArn":"${cdn.main/cdn#arn}"}}},{"Sid":"TellMissing","Effect":"Allow","Principal":{"Service":"cloudfront.amazonaws.com"},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::crew-prod-web","Condition":{"StringEquals":{"AWS:SourceArn":"${cdn.main/cdn#arn}"}}}]}
    release (site_release) after site.web/site
      bucket: crew-prod-web
      folder: site/
      intact: true
      manifest_sha256: ${site.web/artifact#manifest}
      source_sha256: ${site.web/artifact#source}
    site (s3_bucket)
      encryption: AES256
      name: crew-prod-web
      noncurrent_days: 90
      ownership: BucketOwnerEnforced
      public_access_blocked: true
      versioning: true
    "#);
}

#[test]
fn without_a_cdn_nobody_may_read_it() {
    let wanted = wanted("[site.web]\ndir = \"site/dist\"\n", "prod", &[]).unwrap();
    let policy = &wanted.desired[&"site.web/policy".parse().unwrap()].inputs["policy"];
    assert_eq!(policy["Statement"].as_array().map(Vec::len), Some(1));
    assert_eq!(policy["Statement"][0]["Effect"], "Deny");
}

#[test]
fn the_policy_lets_the_distributions_that_serve_it_see_public_files_and_nobody_else_anything() {
    let distributions = ["E1", "E2"].map(|id| format!("arn:aws:cloudfront::1:distribution/{id}"));
    let policy = bucket_policy("crew-web", &distributions, false);
    assert_eq!(policy["Statement"][0]["Condition"], json!({ "Bool": { "aws:SecureTransport": "false" } }));
    let allowed: Vec<_> =
        policy["Statement"].as_array().unwrap().iter().filter(|each| each["Effect"] == "Allow").collect();
    assert_eq!(allowed.len(), 2);
    for each in &allowed {
        assert_eq!(each["Principal"], json!({ "Service": "cloudfront.amazonaws.com" }));
        assert_eq!(each["Condition"]["StringEquals"]["AWS:SourceArn"].as_array().map(Vec::len), Some(2));
    }
    assert_eq!(allowed[0]["Resource"], "arn:aws:s3:::crew-web/site/*");
    assert!(!policy.to_string().contains("_deployer"));
}

#[test]
fn what_must_be_built_is_told_with_the_headers_of_every_file() {
    let builds = site_builds(&stack(WEB, "prod").unwrap());
    let [build] = builds.as_slice() else { panic!("{builds:?}") };
    assert_eq!(
        (build.address.to_string().as_str(), build.dir.as_str(), build.install.as_deref(), build.build.as_deref()),
        ("site.web", "site/dist", Some("npm ci"), Some("npm run build"))
    );
    let rules: Vec<_> = build.cache.iter().map(|(pattern, header)| format!("{pattern}: {header}")).collect();
    assert_eq!(
        rules[..4],
        [
            "robots.txt: public, max-age=86400",
            "assets/**: public, max-age=31536000, immutable",
            "*.html: no-cache",
            "*.html: no-cache"
        ]
    );
    assert_eq!(build.cache_otherwise, "public, max-age=3600");
    assert_eq!(build.location.text, r#"dir   = "site/dist""#);
}

#[test]
fn what_is_wrong_with_a_site_is_told_where_it_stands() {
    let told = faults(
        "[site.web]\ndir = \"../dist\"\ninstall = \"\"\nbuild = \" \"\ndev = \"\"\ncache = { \"assets/[\" = \"immutable\" }\n",
        "prod",
    );
    assert_snapshot!(told, @r#"
    2:7 bad-folder `dir` is a folder below the project (write a path from the project's folder, such as `site/dist`)
    3:11 bad-value an empty command installs nothing (leave `install` out when the other commands need nothing)
    4:9 bad-value an empty command builds nothing (leave `build` out when the files are there already)
    5:7 bad-value an empty command serves nothing (leave `dev` out, and `deployer dev` ships what is built)
    6:24 bad-pattern `assets/[` is no pattern of paths: unclosed character class; missing ']' (such as `assets/**` or `*.html`)
    "#);
    let told = faults("[site.web]\ndir = \"dist\"\ninstall = \"npm ci\"\n", "prod");
    assert!(told.starts_with("3:11 bad-value what is installed is for"), "{told}");
    for dir in ["", "/etc", "a//b", "a/../..", "./a", "a\\\\b"] {
        let told = faults(&format!("[site.web]\ndir = \"{dir}\"\n"), "prod");
        assert!(told.starts_with("2:7 bad-folder"), "{dir}: {told}");
    }
}

#[test]
fn a_time_to_keep_files_is_a_word_or_a_span() {
    let told = faults("[site.web]\ndir = \"dist\"\ncache = { \"*.js\" = \"1w\" }\n", "prod");
    assert_snapshot!(told, @r#"
    3:20 bad-pattern cache.*.js cannot be `1w` (`"immutable"`, `"no-cache"`, or a time such as `"10m"`)
    "#);
}

#[test]
fn a_bucket_has_small_letters_whatever_the_declaration_is_called() {
    let wanted = wanted("[site.Up_Here]\ndir = \"dist\"\n", "prod", &[]).unwrap();
    assert_eq!(wanted.desired[&"site.Up_Here/site".parse().unwrap()].inputs["name"], "crew-prod-up-here");
}
