//! What functions and schedules do beyond the contract that every resource keeps.

mod lifecycle;
mod stack;

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_eventbridge::types::Target;
use deployer_aws::Cloud;
use deployer_aws::policy::{Statement, document, service_trust};
use deployer_aws::resources::event_rule::EventRule;
use deployer_aws::resources::event_targets::{EventTarget, EventTargets};
use deployer_aws::resources::function_alias::FunctionAlias;
use deployer_aws::resources::function_version::FunctionVersion;
use deployer_aws::resources::iam_role::IamRole;
use deployer_aws::resources::lambda_function::{Code, LambdaFunction, Logging};
use deployer_aws::resources::lambda_permission::LambdaPermission;
use deployer_aws::resources::log_group::LogGroup;
use deployer_engine::resource::{CloudError, Cx, Key, Live, Resource};
use serde_json::json;

use crate::world::{ACCOUNT, REGION, World, zip_of, zip_sha256};

const A: &str = "#!/bin/sh\nexit 1\n";
const B: &str = "#!/bin/sh\nexit 2\n";
const NAME: &str = "crew-test-api";

fn tags(part: &str) -> BTreeMap<String, String> {
    let address = format!("function.api/{part}");
    [("deployer:stack", "crew"), ("deployer:env", "test"), ("deployer:address", &address)]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
}

fn role() -> IamRole {
    let statement = Statement::new(
        "Logs",
        &["logs:PutLogEvents"],
        [format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/{NAME}:*")],
    );
    IamRole {
        name: format!("{NAME}-role"),
        trust: service_trust("lambda.amazonaws.com", ACCOUNT),
        policies: BTreeMap::from([("access".to_owned(), document(&[statement]))]),
        attached: Vec::new(),
        description: None,
        max_session: None,
        tags: tags("role"),
    }
}

fn function(role_id: &str, bootstrap: &str) -> LambdaFunction {
    LambdaFunction {
        name: NAME.to_owned(),
        role: format!("arn:aws:iam::{ACCOUNT}:role/{NAME}-role"),
        role_id: role_id.to_owned(),
        architecture: "x86_64".to_owned(),
        runtime: "provided.al2023".to_owned(),
        handler: "bootstrap".to_owned(),
        memory_mb: 128,
        timeout_seconds: 3,
        environment: BTreeMap::from([("TABLE".to_owned(), "roles".to_owned())]),
        code: Code { source_sha256: "5e".to_owned(), zip_sha256: zip_sha256(&zip_of(bootstrap)) },
        description: None,
        logging: Logging { log_group: format!("/aws/lambda/{NAME}"), format: "JSON".to_owned() },
        tags: tags("function"),
    }
}

fn version(bootstrap: &str, digest: &str) -> FunctionVersion {
    FunctionVersion {
        function_name: NAME.to_owned(),
        digest: digest.into(),
        code_sha256: zip_sha256(&zip_of(bootstrap)),
    }
}

fn alias(version: &str) -> FunctionAlias {
    let [function_name, name, version] = [NAME, "live", version].map(str::to_owned);
    FunctionAlias { function_name, name, version, shares: BTreeMap::new() }
}

/// The local AWS, spoken to through the resources.
struct Bench(World);

impl Bench {
    async fn start() -> Self {
        Self(World::start().await)
    }

    fn cloud(&self) -> &Cloud {
        &self.0.cloud
    }

    fn cx(&self) -> Cx<Cloud> {
        Cx::new(Arc::clone(&self.0.cloud))
    }

    /// Makes it so, as a run does that reads first.
    async fn up<R: Resource<Cloud = Cloud> + Clone>(&self, wanted: &R) -> Result<Live<R>, CloudError> {
        let found = self.read(wanted, None).await;
        wanted.reconcile(&self.cx(), None, found.as_ref()).await
    }

    async fn read<R: Resource<Cloud = Cloud> + Clone>(&self, inputs: &R, id: Option<&str>) -> Option<Live<R>> {
        let key = Key { id: id.map(str::to_owned), inputs: inputs.clone() };
        R::read_many(&self.cx(), &[key]).await.expect("the local AWS answers").remove(0)
    }

    /// Makes a role and a function that runs `bootstrap`; tells the id of the role.
    async fn function(&self, bootstrap: &str) -> String {
        let role = self.up(&role()).await.expect("a role").outputs.role_id;
        self.up(&function(&role, bootstrap)).await.expect("a function");
        role
    }

    async fn versions(&self) -> Vec<String> {
        let listed =
            self.cloud().lambda().list_versions_by_function().function_name(NAME).send().await.expect("versions");
        listed
            .versions
            .unwrap_or_default()
            .into_iter()
            .filter_map(|each| each.version)
            .filter(|each| each != "$LATEST")
            .collect()
    }
}

#[tokio::test]
async fn code_that_comes_back_is_a_new_version_and_each_is_found_again() {
    let bench = Bench::start().await;
    let role = bench.function(A).await;
    let first = version(A, "digest-a").reconcile(&bench.cx(), None, None).await.unwrap();
    bench.up(&function(&role, B)).await.unwrap();
    let second = version(B, "digest-b").reconcile(&bench.cx(), None, None).await.unwrap();
    bench.up(&function(&role, A)).await.unwrap();
    let third = version(A, "digest-a").reconcile(&bench.cx(), None, None).await.unwrap();
    let numbers = [&first, &second, &third].map(|each| each.outputs.version.clone());
    assert_eq!(numbers, ["1", "2", "3"]);
    let lost = bench.read(&version(A, "digest-a"), None).await.unwrap();
    assert_eq!(lost.id, third.id);
    let recorded = bench.read(&version(A, "digest-a"), Some(&first.id)).await.unwrap();
    assert_eq!((recorded.outputs.version, recorded.inputs), ("1".to_owned(), first.inputs));
}

#[tokio::test]
async fn publishing_again_after_a_lost_answer_meets_its_own_version() {
    let bench = Bench::start().await;
    bench.function(A).await;
    for _ in 0..2 {
        let published = version(A, "digest-a").reconcile(&bench.cx(), None, None).await.unwrap();
        assert_eq!(published.outputs.version, "1");
    }
    assert_eq!(bench.versions().await, ["1"]);
}

#[tokio::test]
async fn a_version_that_somebody_published_by_hand_is_not_taken_for_ours() {
    let bench = Bench::start().await;
    bench.function(A).await;
    bench.cloud().lambda().publish_version().function_name(NAME).description("by hand").send().await.unwrap();
    let published = version(A, "digest-a").reconcile(&bench.cx(), None, None).await.unwrap();
    assert_eq!((published.outputs.version.as_str(), published.inputs.digest.as_str()), ("2", Some("digest-a")));
    assert_eq!(bench.read(&version(A, "digest-a"), None).await.unwrap().id, published.id);
}

#[tokio::test]
async fn deleting_a_version_leaves_the_function_and_what_is_no_version_is_refused() {
    let bench = Bench::start().await;
    bench.function(A).await;
    let mut live = version(A, "digest-a").reconcile(&bench.cx(), None, None).await.unwrap();
    FunctionVersion::delete(&bench.cx(), &live).await.unwrap();
    assert_eq!(bench.versions().await, [""; 0]);
    for number in ["", "$LATEST", "live"] {
        live.outputs.version = number.to_owned();
        assert!(FunctionVersion::delete(&bench.cx(), &live).await.is_err(), "{number}");
    }
    assert!(bench.read(&function("", A), None).await.is_some());
}

#[tokio::test]
async fn a_role_made_anew_is_told_to_the_function_and_makes_a_version() {
    let bench = Bench::start().await;
    let old = bench.function(A).await;
    version(A, "digest-a").reconcile(&bench.cx(), None, None).await.unwrap();
    let live = bench.read(&role(), None).await.unwrap();
    IamRole::delete(&bench.cx(), &live).await.unwrap();
    let new = bench.up(&role()).await.unwrap().outputs.role_id;
    assert_ne!(new, old);
    assert_eq!(bench.read(&function(&new, A), None).await.unwrap().inputs.role_id, old);
    bench.up(&function(&new, A)).await.unwrap();
    assert_eq!(bench.read(&function(&new, A), None).await.unwrap().inputs, function(&new, A));
    let published = version(A, "digest-a2").reconcile(&bench.cx(), None, None).await.unwrap();
    assert_eq!(published.outputs.version, "2");
}

#[tokio::test]
async fn policies_that_somebody_added_to_a_role_are_seen_and_removed() {
    let bench = Bench::start().await;
    bench.up(&role()).await.unwrap();
    let iam = bench.cloud().iam();
    let everything = document(&[Statement::new("All", &["*"], ["*".to_owned()])]);
    iam.put_role_policy()
        .role_name(role().name)
        .policy_name("by-hand")
        .policy_document(everything.to_string())
        .send()
        .await
        .unwrap();
    let managed = iam.create_policy().policy_name("all").policy_document(everything.to_string()).send().await.unwrap();
    let arn = managed.policy.and_then(|each| each.arn).unwrap();
    iam.attach_role_policy().role_name(role().name).policy_arn(&arn).send().await.unwrap();
    let live = bench.read(&role(), None).await.unwrap();
    assert_eq!(
        (live.inputs.policies.keys().map(String::as_str).collect::<Vec<_>>(), &live.inputs.attached),
        (vec!["access", "by-hand"], &vec![arn])
    );
    role().reconcile(&bench.cx(), Some(&role()), Some(&live)).await.unwrap();
    let live = bench.read(&role(), None).await.unwrap().inputs;
    assert_eq!((live.policies, live.attached), (role().policies, role().attached));
}

#[tokio::test]
async fn a_share_of_an_alias_that_somebody_gave_away_is_seen_and_taken_back() {
    let bench = Bench::start().await;
    let role = bench.function(A).await;
    version(A, "digest-a").reconcile(&bench.cx(), None, None).await.unwrap();
    bench.up(&function(&role, B)).await.unwrap();
    version(B, "digest-b").reconcile(&bench.cx(), None, None).await.unwrap();
    let alias = bench.up(&alias("2")).await.unwrap().inputs;
    let split =
        aws_sdk_lambda::types::AliasRoutingConfiguration::builder().additional_version_weights("1", 0.25).build();
    bench.cloud().lambda().update_alias().function_name(NAME).name("live").routing_config(split).send().await.unwrap();
    let live = bench.read(&alias, None).await.unwrap();
    assert_eq!(live.inputs.shares, BTreeMap::from([("1".to_owned(), 0.25)]));
    alias.reconcile(&bench.cx(), Some(&alias), Some(&live)).await.unwrap();
    assert_eq!(bench.read(&alias, None).await.unwrap().inputs, alias);
}

#[tokio::test]
async fn a_permission_that_somebody_widened_is_put_right() {
    let bench = Bench::start().await;
    bench.function(A).await;
    version(A, "digest-a").reconcile(&bench.cx(), None, None).await.unwrap();
    bench.up(&alias("1")).await.unwrap();
    let rule = Some(format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/nudge"));
    let wide = LambdaPermission::new(NAME, "live", "nudge", "lambda:InvokeFunction", "events.amazonaws.com");
    let narrow = LambdaPermission { source_arn: rule, ..wide.clone() };
    bench.up(&wide).await.unwrap();
    let live = bench.read(&narrow, None).await.unwrap();
    assert_eq!(live.inputs, wide);
    // As when the read came too early to show it.
    narrow.reconcile(&bench.cx(), None, None).await.unwrap();
    assert_eq!(bench.read(&narrow, None).await.unwrap().inputs, narrow);
}

#[tokio::test]
async fn a_statement_by_hand_that_lets_everybody_in_is_seen_once_and_removed() {
    let bench = Bench::start().await;
    bench.function(A).await;
    version(A, "digest-a").reconcile(&bench.cx(), None, None).await.unwrap();
    bench.up(&alias("1")).await.unwrap();
    let ours = |id: &str, action: &str| LambdaPermission {
        source_arn: Some("arn:aws:cloudfront::000000000000:distribution/E1".to_owned()),
        ..LambdaPermission::new(NAME, "live", id, action, "cloudfront.amazonaws.com")
    };
    let invoke = ours("deployer-invoke", "lambda:InvokeFunction");
    let url = ours("deployer-url", "lambda:InvokeFunctionUrl");
    bench.up(&invoke).await.unwrap();
    bench.up(&url).await.unwrap();
    bench.up(&LambdaPermission::new(NAME, "live", "by-hand", "lambda:InvokeFunction", "*")).await.unwrap();
    let seen = bench.read(&invoke, None).await.unwrap();
    assert_eq!(seen.inputs.open_to_everybody, ["by-hand"]);
    assert_eq!(bench.read(&url, None).await.unwrap().inputs, url);
    invoke.reconcile(&bench.cx(), None, Some(&seen)).await.unwrap();
    assert_eq!(bench.read(&invoke, None).await.unwrap().inputs, invoke);
    assert_eq!(bench.read(&url, None).await.unwrap().inputs, url);
}

#[tokio::test]
async fn a_target_that_somebody_added_is_seen_and_removed() {
    let bench = Bench::start().await;
    let rule = EventRule {
        name: "nudge".to_owned(),
        schedule: "rate(1 hour)".to_owned(),
        enabled: false,
        description: None,
        tags: tags("schedule"),
    };
    bench.up(&rule).await.unwrap();
    let queue = |name: &str| format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}");
    let target = EventTarget {
        id: "live".to_owned(),
        arn: queue("ours"),
        input: Some(json!({ "dry": false })),
        dead_letter_arn: None,
        retry: None,
    };
    let targets = EventTargets { rule: rule.name.clone(), targets: vec![target] };
    bench.up(&targets).await.unwrap();
    let foreign = Target::builder().id("old").arn(queue("theirs")).build().unwrap();
    bench.cloud().events().put_targets().rule(&rule.name).targets(foreign).send().await.unwrap();
    let live = bench.read(&targets, None).await.unwrap();
    assert_eq!(live.inputs.targets.iter().map(|each| each.id.as_str()).collect::<Vec<_>>(), ["live", "old"]);
    targets.reconcile(&bench.cx(), Some(&targets), Some(&live)).await.unwrap();
    assert_eq!(bench.read(&targets, None).await.unwrap().inputs, targets);
}

#[tokio::test]
async fn a_log_group_that_lambda_made_is_taken_over_and_one_of_another_stack_is_not() {
    let bench = Bench::start().await;
    let group = LogGroup { name: format!("/aws/lambda/{NAME}"), retention_days: Some(30), tags: tags("logs") };
    bench.cloud().logs().create_log_group().log_group_name(&group.name).send().await.unwrap();
    assert!(bench.read(&group, None).await.is_none());
    bench.up(&group).await.unwrap();
    assert_eq!(bench.read(&group, None).await.unwrap().inputs, group);
    let mut other = group.clone();
    other.tags.insert("deployer:stack".to_owned(), "other".to_owned());
    let refused = other.reconcile(&bench.cx(), None, None).await.unwrap_err();
    assert_eq!(refused.code, "taken");
}
