use insta::assert_snapshot;

use super::*;
use crate::kinds::testing::{faults, shown, stack, wanted};

const NUDGE: &str = r#"
[table.roles]
key = { hash = "event_id:S" }
[mail.main]
from = "admin@example.com"
[function.ptb-nudge]
build  = { package = "ptb-nudge" }
env    = { ROLES_TABLE = "${table.roles.name}" }
grants = ["read table.roles", "send mail.main"]
[schedule.ptb_nudge]
rate   = "1 hour"
target = "function.ptb-nudge"
"#;

#[test]
fn a_scheduled_function_on_aws() {
    let wanted = wanted(NUDGE, "prod", &["ptb-nudge"]).unwrap();
    assert_snapshot!(shown(&wanted, "function.ptb-nudge"), @r#"
    alias (function_alias)
      function_name: crew-prod-ptb-nudge
      name: live
      shares: {}
      version: ${function.ptb-nudge/version#version}
    events (event_invoke_config) after function.ptb-nudge/alias, function.ptb-nudge/failures, function.ptb-nudge/role
      function_name: crew-prod-ptb-nudge
      max_age_seconds: 3600
      max_retries: 2
      on_failure: arn:aws:sqs:us-west-2:111122223333:crew-prod-ptb-nudge-failures
      qualifier: live
    failures (sqs_queue)
      name: crew-prod-ptb-nudge-failures
      retention_seconds: 1209600
    function (lambda_function) after function.ptb-nudge/logs
      architecture: arm64
      code: {"source_sha256":"5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e","zip_sha256":"emlw"}
      environment: {"ROLES_TABLE":"crew-prod-roles"}
      handler: bootstrap
      logging: {"log_group":"/aws/lambda/crew-prod-ptb-nudge","format":"JSON"}
      memory_mb: 128
      name: crew-prod-ptb-nudge
      role: arn:aws:iam::111122223333:role/crew-prod-ptb-nudge-role
      role_id: ${function.ptb-nudge/role#role_id}
      runtime: provided.al2023
      timeout_seconds: 3
    logs (log_group)
      name: /aws/lambda/crew-prod-ptb-nudge
      retention_days: 30
    role (iam_role)
      attached: []
      description: What function.ptb-nudge of stack crew may do
      name: crew-prod-ptb-nudge-role
      policies: {"access":{"Version":"2012-10-17","Statement":[{"Sid":"WriteLogs","Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":["arn:aws:logs:us-west-2:111122223333:log-group:/aws/lambda/crew-prod-ptb-nudge:*"]},{"Sid":"ReadTableRoles","Effect":"Allow","Action":["dynamodb:BatchGetItem","dynamodb:GetItem","dynamodb:Query","dynamodb:Scan"],"Resource":["arn:aws:dynamodb:us-west-2:111122223333:table/crew-prod-roles","arn:aws:dynamodb:us-west-2:111122223333:table/crew-prod-roles/index/*"]},{"Sid":"SendMailMain","Effect":"Allow","Action":["ses:SendEmail","ses:SendRawEmail"],"Resource":["arn:aws:ses:us-west-2:111122223333:identity/admin@example.com","arn:aws:ses:us-west-2:111122223333:identity/example.com","arn:aws:ses:us-west-2:111122223333:configuration-set/crew-prod-main"],"Condition":{"StringEquals":{"ses:FromAddress":"admin@example.com"}}},{"Sid":"KeepFailures","Effect":"Allow","Action":["sqs:SendMessage"],"Resource":["arn:aws:sqs:us-west-2:111122223333:crew-prod-ptb-nudge-failures"]}]}}
      trust: {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}}]}
    version (function_version) after function.ptb-nudge/function
      code_sha256: emlw
      digest: digest of architecture code environment handler logging memory_mb role role_id runtime timeout_seconds
      function_name: crew-prod-ptb-nudge
    "#);
}

#[test]
fn the_same_on_the_local_aws_differs_in_account_and_processor_alone() {
    let local = shown(&wanted(NUDGE, "local", &["ptb-nudge"]).unwrap(), "function.ptb-nudge");
    let aws = shown(&wanted(NUDGE, "prod", &["ptb-nudge"]).unwrap(), "function.ptb-nudge");
    let here = format!("architecture: {}", Architecture::of_this_machine().as_str());
    let as_local = aws
        .replace("111122223333", "000000000000")
        .replace("crew-prod-", "crew-local-")
        .replace("architecture: arm64", &here);
    assert_eq!(local, as_local);
}

#[test]
fn a_function_that_nothing_schedules_has_no_place_for_failed_events() {
    let wanted = wanted("[function.a]\nbuild = { package = \"a\" }\n", "prod", &["a"]).unwrap();
    let parts: Vec<&str> = wanted.desired.keys().map(|address| address.part()).collect();
    assert_eq!(parts, ["alias", "function", "logs", "role", "version"]);
}

#[test]
fn what_is_not_built_leaves_code_and_version_unknown() {
    let wanted = wanted("[function.a]\nbuild = { package = \"a\" }\n", "prod", &[]).unwrap();
    let code = |part: &str| wanted.desired[&format!("function.a/{part}").parse().unwrap()].inputs.clone();
    assert_eq!(code("function")["code"]["zip_sha256"], "${function.a/artifact#zip}");
    assert_eq!(code("version")["code_sha256"], "${function.a/artifact#zip}");
    assert!(!deployer_engine::value::is_known(&code("version")["digest"]));
}

#[test]
fn words_and_tags_make_no_new_version() {
    let version = |declaration: &str| {
        let wanted = wanted(declaration, "prod", &["a"]).unwrap();
        wanted.desired[&"function.a/version".parse().unwrap()].inputs["digest"].clone()
    };
    let plain = version("[function.a]\nbuild = { package = \"a\" }\n");
    assert_eq!(
        version("[function.a]\nbuild = { package = \"a\" }\ndescription = \"words\"\nlogs = { keep = \"7d\" }\n"),
        plain
    );
    assert_ne!(version("[function.a]\nbuild = { package = \"a\" }\nmemory = 256\n"), plain);
    assert_ne!(version("[function.a]\nbuild = { package = \"a\" }\nenv = { AB = \"1\" }\n"), plain);
}

/// The role's policy of a function with these grants, a statement a line.
fn policy(grants: &str) -> String {
    let declarations = format!(
        "[table.roles]\nkey = {{ hash = \"event_id:S\" }}\n[bucket.archive]\n[secret.jwt]\nkind = \"random\"\n[param.site]\nvalue = \"x\"\n[mail.main]\nfrom = \"a@example.com\"\n[topic.news]\n\
         [function.other]\nbuild = {{ package = \"other\" }}\n[function.a]\nbuild = {{ package = \"a\" }}\ngrants = [{grants}]\n"
    );
    let wanted = wanted(&declarations, "prod", &[]).unwrap();
    let policy = &wanted.desired[&"function.a/role".parse().unwrap()].inputs["policies"]["access"];
    policy["Statement"].as_array().unwrap().iter().map(|each| format!("{each}\n")).collect()
}

#[test]
fn without_grants_a_function_may_write_to_its_own_log_group_alone() {
    assert_snapshot!(policy(""), @r#"
    {"Sid":"WriteLogs","Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":["arn:aws:logs:us-west-2:111122223333:log-group:/aws/lambda/crew-prod-a:*"]}
    "#);
}

#[test]
fn each_verb_allows_what_it_says_and_nothing_else() {
    let logs = policy("");
    let granted = |grant: &str| policy(&format!("\"{grant}\"")).replace(&logs, "");
    assert_snapshot!(granted("read table.roles"), @r#"
    {"Sid":"ReadTableRoles","Effect":"Allow","Action":["dynamodb:BatchGetItem","dynamodb:GetItem","dynamodb:Query","dynamodb:Scan"],"Resource":["arn:aws:dynamodb:us-west-2:111122223333:table/crew-prod-roles","arn:aws:dynamodb:us-west-2:111122223333:table/crew-prod-roles/index/*"]}
    "#);
    assert_snapshot!(granted("write table.roles"), @r#"
    {"Sid":"WriteTableRoles","Effect":"Allow","Action":["dynamodb:BatchWriteItem","dynamodb:ConditionCheckItem","dynamodb:DeleteItem","dynamodb:PutItem","dynamodb:UpdateItem"],"Resource":["arn:aws:dynamodb:us-west-2:111122223333:table/crew-prod-roles"]}
    "#);
    assert_eq!(granted("rw table.roles"), granted("read table.roles") + &granted("write table.roles"));
    assert_snapshot!(granted("read bucket.archive"), @r#"
    {"Sid":"ListBucketArchive","Effect":"Allow","Action":["s3:ListBucket"],"Resource":["arn:aws:s3:::crew-prod-archive"]}
    {"Sid":"ReadBucketArchive","Effect":"Allow","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::crew-prod-archive/*"]}
    "#);
    assert_snapshot!(granted("write bucket.archive"), @r#"
    {"Sid":"WriteBucketArchive","Effect":"Allow","Action":["s3:DeleteObject","s3:PutObject"],"Resource":["arn:aws:s3:::crew-prod-archive/*"]}
    "#);
    assert_eq!(granted("rw bucket.archive"), granted("read bucket.archive") + &granted("write bucket.archive"));
    assert_snapshot!(granted("read secret.jwt"), @r#"
    {"Sid":"ReadSecretJwt","Effect":"Allow","Action":["ssm:GetParameter","ssm:GetParameters"],"Resource":["arn:aws:ssm:us-west-2:111122223333:parameter/crew/prod/secret/jwt"]}
    "#);
    assert_snapshot!(granted("read param.site"), @r#"
    {"Sid":"ReadParamSite","Effect":"Allow","Action":["ssm:GetParameter","ssm:GetParameters"],"Resource":["arn:aws:ssm:us-west-2:111122223333:parameter/crew/prod/site"]}
    "#);
    assert_snapshot!(granted("send mail.main"), @r#"
    {"Sid":"SendMailMain","Effect":"Allow","Action":["ses:SendEmail","ses:SendRawEmail"],"Resource":["arn:aws:ses:us-west-2:111122223333:identity/a@example.com","arn:aws:ses:us-west-2:111122223333:identity/example.com","arn:aws:ses:us-west-2:111122223333:configuration-set/crew-prod-main"],"Condition":{"StringEquals":{"ses:FromAddress":"a@example.com"}}}
    "#);
    assert_snapshot!(granted("read mail.main"), @r#"
    {"Sid":"ReadMailMain","Effect":"Allow","Action":["ses:GetAccount"],"Resource":["*"]}
    "#);
    assert_snapshot!(granted("invoke function.other"), @r#"
    {"Sid":"InvokeFunctionOther","Effect":"Allow","Action":["lambda:InvokeFunction"],"Resource":["arn:aws:lambda:us-west-2:111122223333:function:crew-prod-other:live"]}
    "#);
    assert_snapshot!(granted("watch function.other"), @r#"
    {"Sid":"WatchFunctionOther","Effect":"Allow","Action":["cloudwatch:GetMetricData"],"Resource":["*"]}
    "#);
    assert_snapshot!(granted("publish topic.news"), @r#"
    {"Sid":"PublishTopicNews","Effect":"Allow","Action":["sns:Publish"],"Resource":["arn:aws:sns:us-west-2:111122223333:crew-prod-news"]}
    "#);
}

#[test]
fn another_stacks_table_or_bucket_is_granted_as_ones_own() {
    let logs = policy("");
    let granted = |grant: &str| policy(&format!("\"{grant}\"")).replace(&logs, "");
    for (foreign, own, sid) in [
        ("read table crew-prod-roles", "read table.roles", ("ReadForeignTable", "ReadTableRoles")),
        ("write bucket crew-prod-archive", "write bucket.archive", ("WriteForeignBucket", "WriteBucketArchive")),
    ] {
        assert_eq!(granted(foreign).replace(sid.0, sid.1), granted(own));
    }
    assert_eq!(policy("\"read table a\", \"read table b\"").matches("ReadForeignTable").count(), 2);
    let wrong = "[function.a]\nbuild = { package = \"a\" }\ngrants = [\"rad table roles\"]\n";
    assert_snapshot!(faults(wrong, "prod"), @"3:11 unknown-verb a table knows no `rad` (did you mean `read`?)");
}

#[test]
fn the_same_grant_twice_is_one() {
    assert_eq!(policy("\"read table.roles\", \"rw table.roles\""), policy("\"rw table.roles\""));
}

#[test]
fn faults_of_a_function_stand_where_they_are() {
    let declarations = r#"
[table.roles]
key = { hash = "event_id:S" }
[function.a]
build   = { package = "a" }
memory  = 64
[function.b]
build   = { package = "b" }
timeout = "20m"
logs    = { keep = "31d" }
env     = { AWS_REGION = "x", "A-B" = "y" }
grants  = ["read table.rolls", "rad table.roles", "read function.b"]
"#;
    assert_snapshot!(faults(declarations, "prod"), @"6:11 out-of-range memory is an integer (128 to 10240), not 64 ()");
    assert_snapshot!(faults(&declarations.replace("memory  = 64\n", ""), "prod"), @r#"
    8:11 too-long a function runs at most 15m, and 20m is longer (split the work, or queue it)
    9:20 bad-retention CloudWatch cannot keep logs for 31d (it knows 1d, 3d, 5d, 7d, 14d, 30d, 60d, 90d, 120d, 150d, 180d, 365d, 400d, 545d, 731d, 1096d, 1827d, 2192d, 2557d, 2922d, 3288d, 3653d)
    11:12 unknown-reference there is no table.rolls (did you mean `table.roles`?)
    11:32 unknown-verb a table knows no `rad` (did you mean `read`?)
    11:51 unknown-verb a function knows no `read` (a function knows `invoke`, `watch`)
    10:39 bad-name `A-B` cannot name a variable (two or more letters, digits and `_`, beginning with a letter)
    10:26 reserved-name Lambda sets `AWS_REGION` itself (choose another name)
    "#);
}

#[test]
fn an_environment_over_four_kilobytes_is_refused() {
    let declarations =
        format!("[function.a]\nbuild = {{ package = \"a\" }}\nenv = {{ AB = \"{}\" }}\n", "x".repeat(4_095));
    assert_snapshot!(faults(&declarations, "prod"), @r#"
    3:7 too-large the environment has 4097 bytes, and Lambda takes 4096 (put long values into a `param` and grant `read` on it)
    "#);
    assert_eq!(faults(&declarations.replacen('x', "", 1), "prod"), "");
}

#[test]
fn every_function_is_built_for_the_machine_that_runs_it() {
    let declarations = "[function.b]\nbuild = { package = \"bee\", arch = \"x86_64\", profile = \"small\" }\n[function.a]\nbuild = { package = \"a\" }\n";
    let of = |environment: &str| {
        let requests = build_requests(&stack(declarations, environment).unwrap());
        requests
            .into_iter()
            .map(|each| (each.address.to_string(), each.package, each.architecture, each.profile, each.local))
            .collect::<Vec<_>>()
    };
    let row = |address: &str, package: &str, architecture, profile: &str, local| {
        (address.to_owned(), package.to_owned(), architecture, profile.to_owned(), local)
    };
    assert_eq!(
        of("prod"),
        [
            row("function.a", "a", Architecture::Arm64, "release", false),
            row("function.b", "bee", Architecture::X86_64, "small", false)
        ]
    );
    let here = Architecture::of_this_machine();
    assert_eq!(
        of("local"),
        [row("function.a", "a", here, "release", true), row("function.b", "bee", here, "small", true)]
    );
}
