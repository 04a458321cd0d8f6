use insta::assert_snapshot;

use crate::kinds::testing::{faults, shown, wanted};

const EDGE: &str = r#"
[waf.edge]
managed = [{ set = "core", count = ["SizeRestrictions_BODY"] }, { set = "known-bad-inputs" }]
rate    = [{ limit = 1000, window = "5m" }, { limit = 100, window = "1m", path = "/api/auth*" }, { limit = 20, path = "/login" }]
"#;

#[test]
fn a_web_acl_of_sets_and_rates() {
    assert_snapshot!(shown(&wanted(EDGE, "prod", &[]).unwrap(), "waf.edge"), @r#"
    waf (web_acl)
      body_limit: KB_64
      default_action: allow
      name: crew-prod-edge
      rules: [{"name":"rate-300s-all","priority":0,"action":"block","rate":{"limit":1000,"window_seconds":300}},{"name":"rate-60s-api-auth","priority":1,"action":"block","rate":{"limit":100,"window_seconds":60,"path":{"starts_with":"/api/auth"}}},{"name":"rate-300s-login","priority":2,"action":"block","rate":{"limit":20,"window_seconds":300,"path":{"is":"/login"}}},{"name":"core","priority":100,"action":"block","managed":{"set":"AWSManagedRulesCommonRuleSet","count":["SizeRestrictions_BODY"]}},{"name":"known-bad-inputs","priority":101,"action":"block","managed":{"set":"AWSManagedRulesKnownBadInputsRuleSet"}}]
    "#);
}

#[test]
fn the_local_aws_keeps_no_limit_of_bodies() {
    let local = wanted(EDGE, "local", &[]).unwrap();
    assert!(local.desired[&"waf.edge/waf".parse().unwrap()].inputs.get("body_limit").is_none());
}

#[test]
fn the_smallest_acl_has_the_usual_sets_and_counting_stops_nothing() {
    let wanted = wanted("[waf.edge]\nmode = \"count\"\nrate = [{ limit = 10 }]\n", "prod", &[]).unwrap();
    let rules = wanted.desired[&"waf.edge/waf".parse().unwrap()].inputs["rules"].clone();
    let told: Vec<_> = rules
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| format!("{} {}", rule["name"].as_str().unwrap(), rule["action"].as_str().unwrap()))
        .collect();
    assert_eq!(told, ["rate-300s-all count", "core count", "known-bad-inputs count"]);
}

#[test]
fn rates_whose_paths_look_alike_have_names_of_their_own() {
    let wanted = wanted("[waf.edge]\nrate = [{ limit = 10, path = \"/a/b\" }, { limit = 10, path = \"/a-b\" }, { limit = 10, path = \"/a/b*\" }]\n", "prod", &[]).unwrap();
    let rules = wanted.desired[&"waf.edge/waf".parse().unwrap()].inputs["rules"].clone();
    let mut names: Vec<_> =
        rules.as_array().unwrap().iter().map(|rule| rule["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names[0], "rate-300s-a-b");
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 5);
}

#[test]
fn what_is_wrong_with_an_acl_is_told_where_it_stands() {
    let told = faults(
        r#"[waf.a]
managed = []
[waf.b]
managed = [{ set = "core", count = ["SizeRestriction_BODY"] }, { set = "core" }]
rate = [{ limit = 100, window = "3m" }, { limit = 100, path = "api/*" }, { limit = 100, path = "/a/*/b" }, { limit = 50 }, { limit = 60, path = "/*" }]
"#,
        "prod",
    );
    assert_snapshot!(told, @r#"
    1:1 empty a web ACL without a rule stops nothing (leave `managed` out for the usual sets, or add a `rate`)
    5:33 bad-value WAF knows the windows 1m, 2m, 5m and 10m (choose the nearest, and scale the limit with it)
    5:63 bad-path `api/*` is no path that can be counted (write a whole path such as `/login`, or one that ends with `*` such as `/api/auth*`)
    5:96 bad-path `/a/*/b` is no path that can be counted (write a whole path such as `/login`, or one that ends with `*` such as `/api/auth*`)
    5:124 duplicate the same paths are counted in the same window already (keep the stricter limit)
    4:36 unknown-rule the set `core` has no rule `SizeRestriction_BODY` that this deployer knows, and AWS passes over unknown names (did you mean `SizeRestrictions_BODY`?)
    4:72 duplicate the set `core` stands here already (merge the two)
    "#);
}

#[test]
fn a_rule_that_is_not_known_and_a_surcharge_are_worth_a_word() {
    let all = r#"[waf.edge]
managed = [{ set = "core", count = ["Brand_New"] }, { set = "sql" }, { set = "linux" }, { set = "windows" }, { set = "known-bad-inputs" }, { set = "php" }]
"#;
    let warnings: Vec<_> = wanted(all, "prod", &[]).unwrap().warnings.into_iter().map(|each| each.code).collect();
    assert_eq!(warnings, ["unknown-rule", "surcharge"]);
}
