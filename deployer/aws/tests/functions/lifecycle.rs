//! From a stack file to what calls a function, and back to nothing.

use deployer_testbed::{Fault, Rule};

use super::stack::Deployed;

const CREW: &str = r#"
[function.api]
build = { package = "api" }
[function.nudge]
build = { package = "nudge" }
url   = { auth = "none" }
[schedule.hourly]
rate   = "1 hour"
target = "function.nudge"
"#;

/// Scripts that a function may run.
const A: &str = "#!/bin/sh\nexit 1\n";
const B: &str = "#!/bin/sh\n# b\nexit 2\n";
const C: &str = "#!/bin/sh\n# c c\nexit 3\n";

async fn crew() -> Deployed {
    let mut stack = Deployed::start(CREW).await;
    stack.build("api", A);
    stack.build("nudge", A);
    stack.up().await;
    stack.wire.clear();
    stack
}

#[tokio::test]
async fn a_second_up_reads_each_thing_once_and_writes_nothing() {
    let stack = crew().await;
    assert_eq!(stack.plan().await, Vec::<String>::new());
    let mut calls: Vec<_> = stack.wire.calls().into_iter().map(|call| call.operation).collect();
    calls.sort();
    let twice = |operation: &'static str| [operation, operation];
    let expected = [
        vec!["events:DescribeRule", "events:ListTagsForResource", "events:ListTargetsByRule"],
        ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"]
            .map(twice)
            .concat(),
        twice("lambda:GetAlias").to_vec(),
        twice("lambda:GetFunction").to_vec(),
        vec!["lambda:GetFunctionEventInvokeConfig", "lambda:GetFunctionUrlConfig", "lambda:GetPolicy"],
        twice("lambda:ListVersionsByFunction").to_vec(),
        twice("logs:DescribeLogGroups").to_vec(),
        twice("logs:ListTagsForResource").to_vec(),
        twice("sqs:GetQueueAttributes").to_vec(),
        twice("sqs:ListQueueTags").to_vec(),
    ];
    assert_eq!(calls, expected.concat());
}

#[tokio::test]
async fn new_code_is_four_calls_and_the_old_version_stays() {
    let mut stack = crew().await;
    stack.build("api", B);
    assert_eq!(
        stack.up().await,
        ["update function.api/function", "create function.api/version", "update function.api/alias"]
    );
    let calls = ["lambda:UpdateFunctionCode", "lambda:TagResource", "lambda:PublishVersion", "lambda:UpdateAlias"];
    assert_eq!(stack.changed(), calls);
    assert_eq!(stack.live("crew-local-api").await, "2");
}

#[tokio::test]
async fn code_that_comes_back_is_served_by_the_version_that_ran_it_before() {
    let mut stack = crew().await;
    stack.build("api", B);
    stack.up().await;
    stack.build("api", A);
    stack.wire.clear();
    assert_eq!(stack.up().await, ["update function.api/function", "update function.api/alias"]);
    let mut calls = stack.changed();
    calls.sort();
    assert_eq!(calls, ["lambda:TagResource", "lambda:UpdateAlias", "lambda:UpdateFunctionCode"]);
    assert_eq!(stack.live("crew-local-api").await, "1");
    assert_eq!(stack.plan().await, Vec::<String>::new());
    stack.build("api", C);
    stack.up().await;
    assert_eq!(stack.live("crew-local-api").await, "3");
    assert_eq!(stack.plan().await, Vec::<String>::new());
}

#[tokio::test]
async fn other_sources_of_the_same_code_change_a_tag_and_no_version() {
    let mut stack = crew().await;
    stack.build_from("api", "other sources", A);
    assert_eq!(stack.up().await, ["update function.api/function"]);
    assert_eq!(stack.changed(), ["lambda:TagResource"]);
    assert_eq!(stack.live("crew-local-api").await, "1");
}

#[tokio::test]
async fn settings_that_somebody_changed_are_put_right_without_a_new_version() {
    let mut stack = crew().await;
    let lambda = stack.cloud.lambda();
    lambda.update_function_configuration().function_name("crew-local-api").memory_size(512).send().await.unwrap();
    assert_eq!(stack.up().await, ["update function.api/function"]);
    assert_eq!(stack.live("crew-local-api").await, "1");
    assert_eq!(stack.plan().await, Vec::<String>::new());
}

#[tokio::test]
async fn an_alias_that_somebody_moved_is_moved_back() {
    let mut stack = crew().await;
    stack.build("api", B);
    stack.up().await;
    let lambda = stack.cloud.lambda();
    lambda.update_alias().function_name("crew-local-api").name("live").function_version("1").send().await.unwrap();
    assert_eq!(stack.up().await, ["update function.api/alias"]);
    assert_eq!(stack.live("crew-local-api").await, "2");
}

#[tokio::test]
async fn a_schedule_that_goes_takes_its_targets_first_and_the_place_for_failed_events_with_it() {
    let mut stack = crew().await;
    stack.declarations = CREW[..CREW.find("[schedule").unwrap()].to_owned();
    stack.up().await;
    let calls = stack.changed();
    let at = |operation: &str| {
        calls.iter().position(|each| each == operation).unwrap_or_else(|| panic!("{operation}: {calls:?}"))
    };
    assert!(at("events:RemoveTargets") < at("events:DeleteRule"), "{calls:?}");
    assert!(at("lambda:DeleteFunctionEventInvokeConfig") < at("sqs:DeleteQueue"), "{calls:?}");
    at("lambda:RemovePermission");
    assert_eq!(stack.plan().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_function_of_another_name_takes_everything_over_and_leaves_nothing_behind() {
    let mut stack = crew().await;
    stack.declarations = format!("override = {{ \"function.nudge.name\" = \"ptb_nudge\" }}\n{CREW}");
    let steps = stack.up().await;
    assert!(steps.contains(&"create function.nudge/function".to_owned()), "{steps:?}");
    assert_eq!(stack.plan().await, Vec::<String>::new());
    assert_eq!(stack.live("ptb_nudge").await, "1");
    let functions = stack.cloud.lambda().list_functions().send().await.unwrap().functions.unwrap_or_default();
    let names: Vec<_> = functions.into_iter().filter_map(|each| each.function_name).collect();
    assert_eq!(names, ["crew-local-api", "ptb_nudge"]);
    let targets = stack.cloud.events().list_targets_by_rule().rule("crew-local-hourly").send().await.unwrap();
    let arns: Vec<_> = targets.targets.unwrap_or_default().into_iter().map(|each| each.arn).collect();
    assert_eq!(arns, ["arn:aws:lambda:us-west-2:000000000000:function:ptb_nudge:live"]);
}

#[tokio::test]
async fn down_leaves_nothing_and_deletes_users_before_what_they_use() {
    let mut stack = crew().await;
    stack.down().await;
    let calls = stack.changed();
    let at = |operation: &str| {
        calls.iter().position(|each| each == operation).unwrap_or_else(|| panic!("{operation}: {calls:?}"))
    };
    assert!(at("events:RemoveTargets") < at("events:DeleteRule"), "{calls:?}");
    assert!(
        at("lambda:DeleteAlias") < at("lambda:DeleteFunction") && at("lambda:DeleteFunction") < at("iam:DeleteRole"),
        "{calls:?}"
    );
    assert_eq!(stack.state.records, []);
    let cloud = &stack.cloud;
    assert_eq!(cloud.lambda().list_functions().send().await.unwrap().functions().len(), 0);
    assert_eq!(cloud.events().list_rules().send().await.unwrap().rules().len(), 0);
    assert_eq!(cloud.sqs().list_queues().send().await.unwrap().queue_urls().len(), 0);
    assert_eq!(cloud.logs().describe_log_groups().send().await.unwrap().log_groups().len(), 0);
}

/// Every change that a first `up` makes.
const CHANGES: [&str; 13] = [
    "events:PutRule",
    "events:PutTargets",
    "iam:CreateRole",
    "iam:PutRolePolicy",
    "lambda:AddPermission",
    "lambda:CreateAlias",
    "lambda:CreateFunction",
    "lambda:CreateFunctionUrlConfig",
    "lambda:PublishVersion",
    "lambda:PutFunctionEventInvokeConfig",
    "logs:CreateLogGroup",
    "logs:PutRetentionPolicy",
    "sqs:CreateQueue",
];

#[tokio::test]
async fn a_lost_answer_to_any_change_is_survived_in_the_same_run() {
    let mut stack = crew().await;
    stack.down().await;
    stack.wire.clear();
    stack.up().await;
    let undisturbed = stack.changed();
    let mut made: Vec<&str> = undisturbed.iter().map(String::as_str).collect();
    made.sort_unstable();
    made.dedup();
    assert_eq!(made, CHANGES);
    for operation in CHANGES {
        stack.down().await;
        stack.wire.clear();
        stack.wire.script(Rule::once(operation, Fault::CutAfter));
        stack.up().await;
        stack.wire.clear();
        assert_eq!(stack.plan().await, Vec::<String>::new(), "{operation}");
        assert_eq!(stack.live("crew-local-api").await, "1", "{operation}");
        let listed =
            stack.cloud.lambda().list_versions_by_function().function_name("crew-local-api").send().await.unwrap();
        assert_eq!(listed.versions().len(), 2, "{operation}: `$LATEST` and one version");
    }
}

#[tokio::test]
async fn what_lambda_does_not_know_yet_or_is_busy_with_is_waited_for() {
    let mut stack = crew().await;
    stack.down().await;
    let unknown_role = Fault::Answer(400, "InvalidParameterValueException");
    let busy = Fault::Answer(409, "ResourceConflictException");
    stack.wire.script(Rule::once("lambda:CreateFunction", unknown_role).times(3));
    stack.wire.script(Rule::once("lambda:PublishVersion", busy).times(3));
    stack.wire.script(Rule::once("lambda:PutFunctionEventInvokeConfig", unknown_role).times(2));
    stack.up().await;
    stack.wire.script(Rule::once("lambda:UpdateFunctionCode", busy).times(3));
    stack.wire.script(Rule::once("lambda:UpdateAlias", busy).times(2));
    stack.build("api", B);
    stack.up().await;
    assert_eq!(stack.live("crew-local-api").await, "2");
    assert_eq!(stack.plan().await, Vec::<String>::new());
}
