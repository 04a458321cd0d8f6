use insta::assert_snapshot;
use serde_json::json;

use crate::kinds::testing::{faults, shown, wanted};

#[test]
fn a_url_for_everybody_needs_a_reason_where_it_is_protected() {
    let open = "[function.a]\nbuild = { package = \"a\" }\nurl = { auth = \"none\" }\n";
    assert_snapshot!(faults(open, "prod"), @r#"
    3:16 open-url everybody could call function.a, around CDN and WAF, and prod is protected (choose `auth = "cdn"`, or say why with `waiver = "…"`)
    "#);
    assert_snapshot!(faults(&open.replace("\"none\"", "\"none\", waiver = \" \""), "prod"), @r#"
    3:16 open-url everybody could call function.a, around CDN and WAF, and prod is protected (choose `auth = "cdn"`, or say why with `waiver = "…"`)
    "#);
    assert_eq!(faults(open, "staging"), "");
    assert_eq!(faults(&open.replace("\"none\"", "\"none\", waiver = \"a webhook of the bank\""), "prod"), "");
}

#[test]
fn an_open_url_is_invoked_through_itself_alone() {
    let wanted =
        wanted("[function.a]\nbuild = { package = \"a\" }\nurl = { auth = \"none\" }\n", "staging", &["a"]).unwrap();
    let all = shown(&wanted, "function.a");
    let urls = &all[all.find("permission.invoke").unwrap()..];
    assert_snapshot!(urls.replace(&urls[urls.find("role (").unwrap()..urls.find("url (function_url)").unwrap()], ""), @r#"
    permission.invoke (lambda_permission) after function.a/alias
      action: lambda:InvokeFunction
      function_name: crew-staging-a
      invoked_via_function_url: true
      open_to_everybody: []
      other_conditions: []
      principal: *
      qualifier: live
      statement_id: deployer-invoke
    permission.url (lambda_permission) after function.a/alias
      action: lambda:InvokeFunctionUrl
      function_name: crew-staging-a
      function_url_auth_type: NONE
      open_to_everybody: []
      other_conditions: []
      principal: *
      qualifier: live
      statement_id: deployer-url
    url (function_url) after function.a/alias
      auth: NONE
      cors: false
      function_name: crew-staging-a
      invoke_mode: BUFFERED
      qualifier: live
    version (function_version) after function.a/function
      code_sha256: emlw
      digest: digest of architecture code environment handler logging memory_mb role role_id runtime timeout_seconds
      function_name: crew-staging-a
    "#);
}

const API: &str = r#"
[secret.origin]
kind = "random"
[function.crew-api]
build = { package = "crew-api", arch = "arm64" }
url   = { auth = "cdn", secret = "secret.origin" }
[site.web]
dir = "site/dist"
[cdn.main]
route = [{ path = "/api/*", to = "function.crew-api" }, { path = "/*", to = "site.web" }]
"#;

/// The endpoint, its permissions, the environment and the statements of the role's policy.
fn front(declarations: &str, environment: &str) -> String {
    let wanted = wanted(declarations, environment, &["crew-api"]).unwrap();
    let inputs = |part: &str| wanted.desired[&format!("function.crew-api/{part}").parse().unwrap()].inputs.clone();
    let statements = inputs("role")["policies"]["access"]["Statement"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| format!("role: {} on {}\n", each["Action"], each["Resource"]))
        .collect::<String>();
    let of = |each: &deployer_engine::kind::Desired| {
        let fields = each.inputs.as_object().unwrap().iter().filter(|(key, _)| {
            !["function_name", "qualifier", "other_conditions", "open_to_everybody"].contains(&key.as_str())
        });
        format!(
            "{}: {}\n",
            each.address.part(),
            fields.map(|(key, value)| format!("{key} = {value}")).collect::<Vec<_>>().join(", ")
        )
    };
    let parts = wanted
        .desired
        .values()
        .filter(|each| ["function_url", "lambda_permission"].contains(&each.type_name))
        .map(of)
        .collect::<String>();
    format!("environment: {}\n{parts}{statements}", inputs("function")["environment"])
}

#[test]
fn on_aws_the_distribution_alone_may_call_by_its_signature() {
    assert_snapshot!(front(API, "prod"), @r#"
    environment: {"ORIGIN_AUTH":"iam"}
    permission.invoke: statement_id = "deployer-invoke", action = "lambda:InvokeFunction", principal = "cloudfront.amazonaws.com", source_arn = "${cdn.main/cdn#arn}", invoked_via_function_url = true
    permission.url: statement_id = "deployer-url", action = "lambda:InvokeFunctionUrl", principal = "cloudfront.amazonaws.com", source_arn = "${cdn.main/cdn#arn}"
    url: auth = "AWS_IAM", invoke_mode = "BUFFERED", cors = false
    role: ["logs:CreateLogStream","logs:PutLogEvents"] on ["arn:aws:logs:us-west-2:111122223333:log-group:/aws/lambda/crew-prod-crew-api:*"]
    "#);
}

#[test]
fn on_the_local_aws_the_function_knows_the_cdn_by_a_secret_that_it_may_read() {
    assert_snapshot!(front(API, "local"), @r#"
    environment: {"ORIGIN_AUTH":"header","ORIGIN_SECRET":"/crew/local/secret/origin"}
    permission.invoke: statement_id = "deployer-invoke", action = "lambda:InvokeFunction", principal = "*", invoked_via_function_url = true
    permission.url: statement_id = "deployer-url", action = "lambda:InvokeFunctionUrl", principal = "*", function_url_auth_type = "NONE"
    url: auth = "NONE", invoke_mode = "BUFFERED", cors = false
    role: ["logs:CreateLogStream","logs:PutLogEvents"] on ["arn:aws:logs:us-west-2:000000000000:log-group:/aws/lambda/crew-local-crew-api:*"]
    role: ["ssm:GetParameter","ssm:GetParameters"] on ["arn:aws:ssm:us-west-2:000000000000:parameter/crew/local/secret/origin"]
    "#);
    let granted = API.replace("url   =", "grants = [\"read secret.origin\"]\nurl   =");
    assert_eq!(front(&granted, "local"), front(API, "local"));
}

#[test]
fn each_distribution_that_routes_to_a_function_has_permissions_of_its_own() {
    let two = format!("{API}[cdn.other]\nroute = [{{ path = \"/*\", to = \"function.crew-api\" }}]\n");
    let wanted = wanted(&two, "prod", &[]).unwrap();
    let permissions = wanted.desired.values().filter(|each| each.type_name == "lambda_permission");
    let told: Vec<_> = permissions
        .map(|each| {
            (
                each.address.part(),
                each.inputs["statement_id"].as_str().unwrap(),
                each.inputs["source_arn"].as_str().unwrap(),
            )
        })
        .collect();
    let (main, other) = ("${cdn.main/cdn#arn}", "${cdn.other/cdn#arn}");
    assert_eq!(
        told,
        [
            ("permission.invoke", "deployer-invoke", main),
            ("permission.invoke.other", "deployer-invoke_other", other),
            ("permission.url", "deployer-url", main),
            ("permission.url.other", "deployer-url_other", other),
        ]
    );
}

#[test]
fn the_resources_of_function_and_cdn_wait_for_each_other_in_one_direction() {
    for environment in ["local", "prod"] {
        let wanted = wanted(API, environment, &["crew-api"]).unwrap();
        let graph = deployer_engine::graph::Graph::new(&wanted.desired);
        let order: Vec<String> = graph.unwrap().order().iter().map(ToString::to_string).collect();
        let at = |address: &str| order.iter().position(|each| each == address).unwrap();
        assert!(at("function.crew-api/url") < at("cdn.main/cdn"), "{environment}");
        assert!(environment == "local" || at("cdn.main/cdn") < at("function.crew-api/permission.url"));
    }
}

#[test]
fn faults_of_a_url_stand_where_they_are() {
    let no_cdn =
        "[function.a]\nbuild = { package = \"a\" }\nurl = { auth = \"cdn\" }\n[secret.origin]\nkind = \"random\"\n";
    assert_snapshot!(faults(no_cdn, "prod"), @r#"
    3:16 no-cdn no cdn routes to function.a, so nobody could call it (add a route `{ path = "/api/*", to = "function.a" }` to a cdn, or choose `auth = "iam"`)
    "#);
    assert_snapshot!(faults(&API.replace(", secret = \"secret.origin\"", ""), "local"), @r#"
    6:9 missing-key on the local AWS the CDN proves itself by a secret in a header, and none is named (declare a `[secret.origin]` with `kind = "random"` and write `secret = "secret.origin"`)
    "#);
    assert_eq!(faults(&API.replace(", secret = \"secret.origin\"", ""), "prod"), "");
    assert_snapshot!(faults(&API.replace("secret = \"secret.origin\"", "secret = \"secret.orign\""), "prod"), @r#"
    6:34 unknown-reference there is no secret `secret.orign` (did you mean `secret.origin`?)
    "#);
    assert_snapshot!(faults(&API.replace("url   =", "env = { ORIGIN_AUTH = \"none\" }\nurl   ="), "prod"), @"6:23 reserved-name the function's `url` sets `ORIGIN_AUTH` (leave it out)");
}

#[test]
fn a_url_for_the_account_needs_no_permission_of_the_function() {
    let wanted =
        wanted("[function.a]\nbuild = { package = \"a\" }\nurl = { auth = \"iam\" }\n", "prod", &["a"]).unwrap();
    let parts: Vec<&str> = wanted.desired.keys().map(|address| address.part()).collect();
    assert_eq!(parts, ["alias", "function", "logs", "role", "url", "version"]);
    assert_eq!(wanted.desired[&"function.a/url".parse().unwrap()].inputs["auth"], "AWS_IAM");
    assert_eq!(
        wanted.desired[&"function.a/function".parse().unwrap()].inputs["environment"],
        json!({ "ORIGIN_AUTH": "iam" })
    );
}
