//! Least privilege, before an AWS that enforces it: the printed policy is enough to deploy, no statement of it is
//! idle, and the functions live under the roles that were made for them.

use deployer_testbed::iam::for_the_emulator;
use serde_json::{Value, json};

use crate::world::World;

const USER: &str = "deployer";
/// A policy that stands in for what the local AWS does not judge as AWS does.
const EMULATOR: &str = "emulator";
const STACKS: [&str; 2] = ["shipcaptaincrew", "exec-reports"];

impl World {
    /// The policies that `deployer permissions` prints, by stack.
    async fn printed_policies(&self) -> Vec<(String, Value)> {
        let mut policies = Vec::new();
        for stack in STACKS {
            let ran = self.run(&format!("permissions -s {stack} -e local")).await.exits(0);
            policies.push((stack.to_owned(), serde_json::from_str(&ran.out).expect("a policy")));
        }
        policies
    }

    /// From now on the deployer runs as a user who has these policies and nothing else.
    pub async fn as_user_with(&mut self, policies: &[(String, Value)]) {
        let aws = self.aws();
        aws.iam(&[("Action", "CreateUser"), ("UserName", USER)]).await;
        self.allow(policies).await;
        let made = aws.iam(&[("Action", "CreateAccessKey"), ("UserName", USER)]).await;
        let told = |tag: &str| {
            let (_, rest) = made.split_once(&format!("<{tag}>")).expect("a key");
            rest.split('<').next().expect("a value").to_owned()
        };
        self.keys = (told("AccessKeyId"), told("SecretAccessKey"));
    }

    async fn allow(&self, policies: &[(String, Value)]) {
        for (name, policy) in policies {
            let document = for_the_emulator(policy.clone()).to_string();
            let form =
                [("Action", "PutUserPolicy"), ("UserName", USER), ("PolicyName", name), ("PolicyDocument", &document)];
            self.aws().iam(&form).await;
        }
    }

    /// Lets a role do what the local AWS judges otherwise than AWS: sending mail and reading several parameters on `*`,
    /// which no role of ours has, a parameter under a label on another name, and calling an alias on its function.
    async fn let_pass(&self, role: &str) {
        let actions =
            ["ses:SendEmail", "ses:SendRawEmail", "ssm:GetParameter", "ssm:GetParameters", "lambda:InvokeFunction"];
        let allowed = json!({ "Effect": "Allow", "Action": actions, "Resource": "*" });
        let document = json!({ "Version": "2012-10-17", "Statement": [allowed] }).to_string();
        let form =
            [("Action", "PutRolePolicy"), ("RoleName", role), ("PolicyName", EMULATOR), ("PolicyDocument", &document)];
        self.aws().iam(&form).await;
    }

    /// What a function answered when its owner called it.
    async fn answer(&self, stack: &str, function: &str) -> Value {
        let mut command = self.command(["invoke", function, "-s", stack, "-e", "local", "--json"]);
        command.envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")]);
        let lines = crate::world::ran(&mut command).await.exits(0).lines();
        lines.into_iter().find(|line| line["type"] == "invocation").expect("an answer")["payload"].clone()
    }
}

#[tokio::test]
async fn the_product_lives_under_the_policies_that_were_made_for_it() {
    let mut world = World::product(true).await;
    let policies = world.printed_policies().await;
    world.as_user_with(&policies).await;
    world.run("up --all -e local -y").await.exits(0);
    world.run_anew("up --all -e local -y").await.exits(0);
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
    the_functions_work(&world).await;
    an_update_is_allowed(&world).await;
    world.run("down --all -e local -y").await.exits(0);
    for stack in STACKS {
        assert_eq!(world.inventory().await.tagged(stack, "local"), [""; 0]);
    }
}

async fn the_functions_work(world: &World) {
    let roles = [
        "exec-reports-local-report-mailer-role",
        "shipcaptaincrew-local-ptb-nudge-role",
        "shipcaptaincrew-local-crew-api-role",
    ];
    for role in roles {
        world.let_pass(role).await;
    }
    world.seed_sail().await;
    let label = world.label().await;
    let health = world.browse(&label, "/healthz").await;
    assert_eq!(health.status, 200, "{}", health.body);
    let sails = world.browse(&label, "/api/sails").await;
    assert_eq!((sails.status, sails.json()["sails"].as_array().map(Vec::len)), (200, Some(1)), "{}", sails.body);
    let reports = world.answer("exec-reports", "function.report-mailer").await;
    assert_eq!(world.mail_to("ceo@queenofsandiego.com").await.len(), 8, "{reports}");
    // It may read the other stack's tables and write to its bucket; only what nobody exported is missing.
    let missing: Vec<&Value> = reports["sources_failed"].as_array().into_iter().flatten().collect();
    assert!(missing.iter().all(|each| each["error"] == "GetObject: NoSuchKey"), "{reports}");
    assert!(reports["reports"][0]["page"].is_string(), "{reports}");
    let nudge = world.answer("shipcaptaincrew", "function.ptb-nudge").await;
    assert_eq!((&nudge["found"], &nudge["mailed"]), (&json!(1), &json!(1)), "{nudge}");
    assert_eq!(world.mail_to("admin@queenofsandiego.com").await.len(), 1);
    crate::life::a_sail_lives(world, &label).await;
    for role in roles {
        let form = [("Action", "DeleteRolePolicy"), ("RoleName", role), ("PolicyName", EMULATOR)];
        world.aws().iam(&form).await;
    }
}

/// Each kind of change that a stack file can ask for.
async fn an_update_is_allowed(world: &World) {
    let stack = "stacks/shipcaptaincrew.toml";
    world.edit(stack, "= 256\n", "= 512\n");
    world.edit(stack, "rate   = \"1 hour\"", "rate   = \"2 hours\"");
    world.edit(stack, "limit = 1000", "limit = 2000");
    world.edit(stack, ", cache = \"15m\"", ", cache = \"5m\"");
    world.edit(stack, "ttl = \"expires_at\"\n", "ttl = \"expires_at\"\nrecovery = true\n");
    world.edit(stack, "owner = \"platform\"", "owner = \"crew\"");
    world.edit("site/dist/index.html", "Ship Captain Crew", "Ship Captain Crew!");
    world.run("up --all -e local -y").await.exits(0);
    world.run("plan --all -e local --detailed-exitcode").await.exits(0);
}

/// What the weekly workflow runs, as it stands there.
fn of_the_workflow() -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../.github/workflows/rotate.yml");
    let text = std::fs::read_to_string(path).expect("the workflow is there");
    text.lines().filter_map(|line| Some(line.split_once("/deployer ")?.1.to_owned())).collect()
}

#[tokio::test]
async fn the_weekly_workflow_rotates_under_the_policy_that_is_printed_for_it_and_may_do_nothing_else() {
    let mut world = World::guarded(crate::secrets::SAFE).await;
    world.run("up -e local -y").await.exits(0);
    let ran = world.run("permissions --role rotate -e local").await.exits(0);
    let policy = serde_json::from_str(&ran.out).expect("a policy");
    world.as_user_with(&[("rotate".to_owned(), policy)]).await;
    let mut at = jiff::Timestamp::now().as_second() + 100 * 86_400;
    let commands = of_the_workflow();
    assert_eq!(commands.len(), 3, "{commands:?}");
    // Begun, gone on with on two days, told of.
    for command in [0, 1, 1, 2].map(|at: usize| &commands[at]) {
        let ran = world.run(&format!("{command} -e local --at {at}")).await;
        let code = if command.contains("audit") { 2 } else { 0 };
        at += 86_400;
        assert_eq!(ran.status.code(), Some(code), "{command}: {ran}");
    }
    let told = world.run(&format!("{} -e local", commands[2])).await.exits(2).lines();
    let rotated = told.iter().filter(|line| line["type"] == "secret" && line["kind"] != "external");
    assert!(rotated.clone().all(|line| line["version"].as_i64() > Some(1) && line["stage"] == "steady"), "{told:?}");
    assert_eq!(rotated.count(), 2);
    world.write("stacks/shop.toml", &format!("{}\n[param.greeting]\nvalue = \"ahoy\"\n", crate::secrets::SAFE));
    let refused = world.run("up -e local -y").await;
    assert!(refused.says("the caller lacks"), "{refused}");
}

#[tokio::test]
async fn a_missing_permission_is_named_with_the_place_that_needs_it() {
    let mut world = World::guarded(crate::world::SHOP).await;
    let ran = world.run("permissions -e local").await.exits(0);
    let whole: Value = serde_json::from_str(&ran.out).expect("a policy");
    let without = |action: &str| {
        let mut policy = whole.clone();
        for statement in policy["Statement"].as_array_mut().expect("statements") {
            match &mut statement["Action"] {
                Value::Array(actions) => actions.retain(|each| each != action),
                single if single == action => *single = json!("sts:GetCallerIdentity"),
                _ => {}
            }
        }
        assert_ne!(policy, whole, "{action} is in the policy");
        vec![("shop".to_owned(), policy)]
    };
    world.as_user_with(&without("dynamodb:CreateTable")).await;
    let ran = world.run("up -e local -y").await.exits(7);
    assert!(ran.says("the caller lacks `dynamodb:CreateTable`"), "{ran}");
    assert!(ran.says("stacks/shop.toml:8:1"), "{ran}");
    world.allow(&without("dynamodb:DescribeTable")).await;
    let ran = world.run("plan -e local").await.exits(4);
    assert!(ran.says("the caller lacks `dynamodb:DescribeTable`"), "{ran}");
    world.allow(&[("shop".to_owned(), whole.clone())]).await;
    world.run("up -e local -y").await.exits(0);
    world.run("down -e local -y").await.exits(0);
}
