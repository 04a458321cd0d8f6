//! A site and its front door, from a stack file to a browser's request, on the local AWS.

mod product;

use deployer_testbed::{Fault, Rule};

use self::product::{Product, performed};

/// The files of a first release.
const FIRST: [(&str, &str); 5] = [
    ("404.html", "<h1>nothing here</h1>"),
    ("assets/app-AAAAAAAA.js", "let release = 1"),
    ("favicon.svg", "<svg/>"),
    ("help/index.html", "<h1>help</h1>"),
    ("index.html", "<h1>first</h1>"),
];

/// The first release with other content in some files.
fn changed(files: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let mut all: Vec<_> = FIRST.into_iter().filter(|(path, _)| !files.iter().any(|(other, _)| other == path)).collect();
    all.extend(files);
    all
}

#[tokio::test]
async fn a_browser_gets_pages_files_and_errors_as_it_should() {
    let mut product = Product::start().await;
    product.release(&FIRST);
    product.up().await;
    let page = product.get("/").await;
    assert_eq!((page.status, page.body.as_str()), (200, "<h1>first</h1>"));
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    assert!(page.header("content-security-policy").is_some_and(|policy| policy.contains("default-src 'self'")));
    assert_eq!(page.header("strict-transport-security"), Some("max-age=63072000; includeSubDomains"));
    assert_eq!(product.get("/sails/42").await.body, "<h1>first</h1>");
    let file = product.get("/assets/app-AAAAAAAA.js").await;
    assert_eq!(file.header("cache-control"), Some("public, max-age=31536000, immutable"));
    // What is private cannot be asked for. AWS says 404 of what is missing, the local AWS 403.
    for path in
        ["/missing.js", "/_deployer/current.json", "/../_deployer/current.json", "/%2e%2e/_deployer/current.json"]
    {
        let answer = product.get(path).await;
        assert!(!answer.body.contains("manifest_sha256"), "{path}: {}", answer.body);
        assert!([403, 404].contains(&answer.status), "{path}: {}", answer.status);
    }
    assert_eq!(product.get_without_tls("/").await.status, 301);
}

#[tokio::test]
async fn a_second_up_reads_within_its_budget_and_writes_nothing() {
    let mut product = Product::start().await;
    product.release(&FIRST);
    product.up().await;
    product.wire.clear();
    assert_eq!(performed(&product.plan().await), Vec::<String>::new());
    let mut calls: Vec<_> = product.wire.calls().into_iter().map(|call| call.operation).collect();
    calls.sort();
    assert_eq!(
        calls,
        [
            "cloudfront:DescribeFunction",
            "cloudfront:GetDistribution",
            "cloudfront:GetFunction",
            "cloudfront:ListOriginAccessControls",
            "cloudfront:ListResponseHeadersPolicies",
            "cloudfront:ListTagsForResource",
            "cloudfront:ListTagsForResource",
            "s3:GetBucketEncryption",
            "s3:GetBucketLifecycleConfiguration",
            "s3:GetBucketOwnershipControls",
            "s3:GetBucketPolicy",
            "s3:GetBucketTagging",
            "s3:GetBucketVersioning",
            "s3:GetObject",
            "s3:GetPublicAccessBlock",
            "s3:ListObjectsV2",
            "wafv2:GetWebACL",
            "wafv2:ListTagsForResource",
        ]
    );
}

#[tokio::test]
async fn a_new_release_uploads_what_changed_pages_last_and_has_changed_pages_forgotten() {
    let mut product = Product::start().await;
    product.release(&FIRST);
    product.up().await;
    product.wire.clear();
    product.release(&changed(&[("assets/app-BBBBBBBB.js", "let release = 2"), ("index.html", "<h1>second</h1>")]));
    assert_eq!(product.up().await, ["update site.web/release", "run cdn.main/invalidation"]);
    let put = product.put_keys();
    let at = |key: &str| put.iter().position(|each| each.contains(key)).unwrap_or_else(|| panic!("{key} of {put:?}"));
    assert_eq!(put.len(), 5, "{put:?}");
    assert_eq!((at("next.json"), at("index.html"), at("current.json")), (0, 3, 4), "{put:?}");
    assert_eq!(product.get("/").await.body, "<h1>second</h1>");
    // The page of a visitor who came before still finds its files.
    assert_eq!(product.get("/assets/app-AAAAAAAA.js").await.status, 200);
    assert_eq!(product.forgotten().await, [vec!["/", "/index.html"], vec!["/*"]]);
}

#[tokio::test]
async fn a_release_that_comes_back_uploads_only_what_it_changed_and_is_forgotten_again() {
    let mut product = Product::start().await;
    product.release(&FIRST);
    product.up().await;
    product.release(&changed(&[("index.html", "<h1>second</h1>")]));
    product.up().await;
    product.wire.clear();
    product.release(&FIRST);
    product.up().await;
    let put = product.put_keys();
    assert_eq!(put.iter().filter(|key| key.contains("/site/")).count(), 1, "{put:?}");
    assert_eq!(product.get("/").await.body, "<h1>first</h1>");
    assert_eq!(product.forgotten().await.len(), 3);
}

#[tokio::test]
async fn other_sources_of_the_same_files_are_written_down_and_nothing_is_uploaded_or_forgotten() {
    let mut product = Product::start().await;
    product.release(&FIRST);
    product.up().await;
    product.other_sources();
    product.wire.clear();
    product.up().await;
    assert_eq!(product.wire.mutating_calls(), ["s3:PutObject"]);
    assert!(product.put_keys()[0].contains("current.json"));
    assert_eq!(performed(&product.plan().await), Vec::<String>::new());
}

#[tokio::test]
async fn what_somebody_changed_in_the_bucket_is_seen_and_put_right() {
    let mut product = Product::start().await;
    product.release(&FIRST);
    product.up().await;
    let s3 = product.cloud.s3();
    s3.delete_object().bucket(product.bucket()).key("site/favicon.svg").send().await.unwrap();
    product.put_right("a missing file").await;
    product.by_hand("site/index.html", "<h1>defaced</h1>", "text/html; charset=utf-8").await;
    product.put_right("another content").await;
    assert_eq!(product.get("/").await.body, "<h1>first</h1>");
    product.by_hand("site/help/index.html", "<h1>help</h1>", "text/plain").await;
    product.put_right("another header").await;
    assert_eq!(product.get("/help/index.html").await.header("content-type"), Some("text/html; charset=utf-8"));
    product.by_hand("site/somebody-elses.txt", "stays", "text/plain").await;
    assert_eq!(performed(&product.plan().await), Vec::<String>::new());
}

#[tokio::test]
async fn an_upload_that_was_cut_goes_on_where_it_stopped() {
    let mut product = Product::start().await;
    let files: Vec<_> = (0..60).map(|each| (format!("data/{each}.json"), format!("[{each}]"))).collect();
    let mut all: Vec<_> = files.iter().map(|(path, content)| (path.as_str(), content.as_str())).collect();
    all.push(("index.html", "<h1>first</h1>"));
    product.release(&all);
    // The first calls write what is private.
    product.wire.script(Rule::once("s3:PutObject", Fault::CutBefore).after(10).times(5));
    product.wire.script(Rule::once("s3:PutObject", Fault::Answer(503, "SlowDown")).after(20).times(5));
    product.up().await;
    let put = product.put_keys();
    let (page, others): (Vec<_>, Vec<_>) =
        put.iter().filter(|key| key.contains("/site/")).partition(|key| key.contains("index.html"));
    assert_eq!((page.len(), others.len()), (1, 60 + 10), "{put:?}");
    assert!(
        put.iter().rposition(|key| key.contains("/site/data/")) < put.iter().position(|key| key.contains("index.html"))
    );
    assert_eq!(product.get("/data/59.json").await.body, "[59]");
    assert_eq!(performed(&product.plan().await), Vec::<String>::new());
}

#[tokio::test]
async fn down_leaves_nothing_and_the_next_up_starts_anew() {
    let mut product = Product::start().await;
    product.release(&FIRST);
    product.up().await;
    product.down().await;
    assert_eq!(product.state.records, []);
    assert_eq!(product.cloud.s3().list_buckets().send().await.unwrap().buckets().len(), 0);
    let distributions = product.cloud.cloudfront().list_distributions().send().await.unwrap();
    assert_eq!(distributions.distribution_list().unwrap().quantity(), 0);
    product.up().await;
    assert_eq!(product.get("/").await.status, 200);
}

#[tokio::test]
async fn a_lost_record_is_found_by_name_and_nothing_is_made_twice() {
    let mut product = Product::start().await;
    product.release(&FIRST);
    product.up().await;
    product.forget();
    product.wire.clear();
    let steps = product.up().await;
    assert_eq!(steps, ["run cdn.main/invalidation"]);
    assert_eq!(product.wire.mutating_calls(), ["cloudfront:CreateInvalidation"]);
}

#[tokio::test]
async fn a_conflict_of_versions_is_looked_at_again() {
    let mut product = Product::start().await;
    product.release(&FIRST);
    product.up().await;
    product.stack = product.stack.replace("route =", "price_class = \"all\"\nheaders = \"basic\"\nroute =");
    product.stack.push_str("rate = [{ limit = 10 }]\n");
    product.stack = product.stack.replace("\"us-west-2\"", "\"us-west-2\", tags = { owner = \"platform\" }");
    let plan = product.plan().await;
    for changed in ["update cdn.main/headers", "update waf.edge/waf", "update cdn.main/cdn"] {
        assert!(performed(&plan).contains(&changed.to_owned()), "{changed}");
    }
    product.bump(|_| {}).await;
    // After the change itself went well, a throttle of what comes behind it must not look like somebody's change.
    product.wire.script(Rule::once("cloudfront:TagResource", Fault::Answer(400, "Throttling")));
    product.wire.script(Rule::once("cloudfront:UpdateDistribution", Fault::Answer(412, "PreconditionFailed")).times(3));
    product.wire.script(Rule::once("wafv2:UpdateWebACL", Fault::Answer(400, "WAFOptimisticLockException")).times(3));
    assert_eq!(product.errors_of(&plan).await, Vec::<String>::new());
    assert_eq!(performed(&product.plan().await), Vec::<String>::new());
}

#[tokio::test]
async fn a_creation_that_cloudfront_remembers_meets_its_own_distribution() {
    let mut product = Product::start().await;
    product.release(&FIRST);
    product.up().await;
    let refused = Fault::Answer(409, "DistributionAlreadyExists");
    product.wire.script(Rule::once("cloudfront:CreateDistributionWithTags", refused));
    assert_eq!(product.made_again("cdn.main/cdn").await, product.output("cdn.main/cdn", "id"));
}

#[tokio::test]
async fn what_somebody_changed_after_the_plan_stops_it_and_both_sides_are_shown() {
    let mut product = Product::start().await;
    product.release(&FIRST);
    product.up().await;
    product.stack = product.stack.replace("route =", "price_class = \"all\"\nroute =");
    let plan = product.plan().await;
    product.bump(|config| config.enabled = false).await;
    let errors = product.errors_of(&plan).await;
    let [error] = errors.as_slice() else { panic!("{errors:?}") };
    assert!(error.contains("changed-meanwhile") && error.contains("`enabled` was true and is false"), "{error}");
    product.up().await;
    assert_eq!(product.get("/").await.status, 200);
}
