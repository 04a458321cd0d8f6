//! State in a bucket and on a full disk: who may write it, and what becomes of what cannot be written.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use deployer_testbed::{Fault, Rule};
use hyper::Method;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Child;

use crate::world::{REGION, Ran, SHOP, World, ran};

const UP: &str = "up -s shop -e local -y";
const BUCKET: &str = "deployer-states";
const STATE: &str = "deployer-states/team/shop/local/state.json";
const LOCK: &str = "deployer-states/team/shop/local/lock.json";
/// One table: one step, so that all that a sleeper can do when it wakes is to tell what came of it.
const TABLE: &str = "stack = { name = \"shop\", region = \"us-west-2\" }\n[env.local]\nendpoint = \"local\"\n[table.orders]\nkey = { hash = \"order_id:S\" }\n";
/// Real races; each takes about two seconds.
const ROUNDS: usize = 5;

impl World {
    /// The shop, its state in a bucket that is there.
    async fn with_state_bucket() -> Self {
        Self::with_state_bucket_for(SHOP).await
    }

    async fn with_state_bucket_for(stack: &str) -> Self {
        Self::with(&in_bucket(stack)).await.and_bucket().await
    }

    async fn and_bucket(self) -> Self {
        let world = self;
        let region = format!(
            "<CreateBucketConfiguration><LocationConstraint>{REGION}</LocationConstraint></CreateBucketConfiguration>"
        );
        let aws = world.aws();
        aws.rest(Method::PUT, "s3", &format!("/{BUCKET}"), &region).await;
        let versioned = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
        aws.rest(Method::PUT, "s3", &format!("/{BUCKET}?versioning"), versioned).await;
        world
    }

    /// The calls that changed something beside the bucket of the state.
    fn changes(&self) -> Vec<String> {
        let beside = |call: &deployer_testbed::Call| call.mutating && !call.resource.starts_with(BUCKET);
        self.wire.calls().into_iter().filter(beside).map(|call| call.operation).collect()
    }

    /// A run whose first change of AWS is spoilt so.
    fn spoilt_up(&self, fault: Fault) -> Child {
        self.wire.script(Rule::always("dynamodb:CreateTable", fault));
        let line = format!("{UP} --parallelism 1");
        self.command(line.split_whitespace()).spawn().expect("it starts")
    }

    async fn is_up(&self) {
        self.run("plan -s shop -e local --detailed-exitcode").await.exits(0);
        assert_eq!(self.inventory().await.tagged("shop", "local").len(), 4);
    }

    fn rescues(&self) -> Vec<PathBuf> {
        let found = std::fs::read_dir(self.path(".deployer/rescue")).into_iter().flatten();
        found.map(|entry| entry.expect("an entry").path()).collect()
    }
}

/// A stack whose state is in the bucket.
fn in_bucket(stack: &str) -> String {
    let place = format!("endpoint = \"local\"\nstate = {{ bucket = \"{BUCKET}\", prefix = \"team\" }}");
    stack.replacen("endpoint = \"local\"", &place, 1)
}

fn signal(child: &Child, signal: Signal) {
    let pid = child.id().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?)).expect("it runs");
    kill_process(pid, signal).expect("a signal");
}

#[tokio::test]
async fn a_state_in_a_bucket_serves_every_verb() {
    let world = World::with_state_bucket().await;
    world.write(
        "stacks/office.toml",
        "stack = { name = \"office\", region = \"us-west-2\" }\n[env.local]\nendpoint = \"local\"\n[param.orders]\nvalue = \"${stack.shop.orders}\"\n",
    );
    world.run(UP).await.exits(0);
    let writes = world.wire.calls().iter().filter(|call| call.mutating && call.resource == STATE).count();
    assert!(writes <= 3, "{writes} writes of a state for one level of steps");
    assert!(!world.path(".deployer/state").exists());
    world.is_up().await;
    assert!(world.run("state list -s shop -e local").await.exits(0).says("table.orders/table"));
    assert!(world.run("outputs -s shop -e local orders").await.exits(0).says("shop-local-orders"));
    assert!(world.run("status -s shop -e local").await.exits(0).says("4 resources, 0 to do"));
    assert!(world.run("lock show -s shop -e local").await.exits(0).says("shop · local: free"));
    let objects = format!("arn:aws:s3:::{BUCKET}/team/shop/local/*");
    assert!(world.run("permissions -s shop -e local").await.exits(0).says(&objects));
    world.run("up -s office -e local -y").await.exits(0);
    assert_eq!(world.aws().parameter("/office/local/orders").await, "shop-local-orders");
    world.run_anew(UP).await.exits(0);
    assert_eq!(world.changes(), [""; 0]);
    assert!(!world.wire.calls().iter().any(|call| call.mutating && call.resource == STATE), "nothing new is known");
    world.run_anew("plan -s shop -e local").await.exits(0);
    assert_eq!(world.wire.mutating_calls(), [""; 0], "a plan takes no lock");
    world.run("down -s shop -e local -y").await.exits(0);
    assert_eq!(world.inventory().await.tagged("shop", "local"), [""; 0]);
}

#[tokio::test]
async fn an_undisturbed_up_writes_its_state_at_most_twice_a_level_and_once_more() {
    // The second level waits for what AWS mints in the first.
    let two_levels = format!("{SHOP}\n[param.edge]\nvalue = \"${{waf.edge.arn}}\"\n");
    let world = World::with_state_bucket_for(&two_levels).await;
    world.run(UP).await.exits(0);
    let writes = world.wire.calls().iter().filter(|call| call.mutating && call.resource == STATE).count();
    assert!((2..=5).contains(&writes), "{writes} writes for two levels");
}

#[tokio::test]
async fn the_printed_policy_is_enough_to_keep_a_state_in_a_bucket() {
    let mut world = World::guarded(&in_bucket(SHOP)).await.and_bucket().await;
    let ran = world.run("permissions -s shop -e local").await.exits(0);
    let policy = serde_json::from_str(&ran.out).expect("a policy");
    world.as_user_with(&[("shop".to_owned(), policy)]).await;
    world.run(UP).await.exits(0);
    world.is_up().await;
    world.run("down -s shop -e local -y").await.exits(0);
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_told_before_anything_is_changed() {
    let world = World::with_state_bucket().await;
    world.edit("stacks/shop.toml", BUCKET, "deployer-states-elsewhere");
    let ran = world.run(UP).await.exits(12);
    assert!(ran.says("deployer-states-elsewhere") && ran.says("deployer init -e local"), "{ran}");
    assert_eq!(world.changes(), [""; 0]);
}

#[tokio::test]
async fn the_second_of_two_deployers_changes_nothing_and_follows_a_killed_one_at_once() {
    for round in 0..ROUNDS {
        let world = World::with_state_bucket().await;
        let mut holder = world.spoilt_up(Fault::HangBefore);
        world.wire.until(|call| call.fault.is_some()).await;
        let begun = world.changes().len();
        let other = world.run(UP).await.exits(6);
        let pid = holder.id().expect("it runs");
        let told =
            format!("s3://{BUCKET}/team/shop/local is locked by `deployer up -s shop -e local` (process {pid} on ");
        assert!(other.says(&told), "round {round}: {other}");
        assert!(world.run("lock show -s shop -e local").await.exits(0).says(&format!("(process {pid} on ")));
        assert_eq!(world.changes().len(), begun, "round {round}");
        assert!(world.run("history -s shop -e local").await.exits(0).says("to do, under way"), "round {round}");
        holder.kill().await.expect("SIGKILL");
        world.wire.clear();
        assert!(world.run("lock show -s shop -e local").await.exits(0).says("which is gone"), "round {round}");
        assert!(world.run("history -s shop -e local").await.exits(0).says("then cut off"), "round {round}");
        let ran = world.run(UP).await.exits(0);
        assert!(ran.says("an earlier run was interrupted"), "round {round}: {ran}");
        world.is_up().await;
    }
}

#[tokio::test]
async fn a_holder_that_sleeps_while_its_lock_is_taken_away_cannot_write_when_it_wakes() {
    for round in 0..ROUNDS {
        let world = World::with_state_bucket_for(TABLE).await;
        let sleeper = world.spoilt_up(Fault::Hold("table"));
        world.wire.held("table").await;
        signal(&sleeper, Signal::STOP);
        assert!(world.run("lock break -s shop -e local -y").await.exits(0).says("the lock is free"));
        world.wire.release("table");
        world.run(UP).await.exits(0);
        let before = world.changes();
        signal(&sleeper, Signal::CONT);
        let ended = Ran::of(sleeper.wait_with_output().await.expect("it ends"));
        assert_eq!(ended.status.code(), Some(7), "round {round}: {ended}");
        assert!(ended.says("somebody else wrote the state meanwhile"), "round {round}: {ended}");
        assert_eq!(world.changes(), before, "round {round}: {ended}");
        // What it could not write is older than the state.
        let ran = world.run(UP).await.exits(0);
        assert!(ran.says("is older than the state"), "round {round}: {ran}");
        world.run("plan -s shop -e local --detailed-exitcode").await.exits(0);
    }
}

/// A holder that sleeps until its lease is over by the bucket's own clock, and by its own.
async fn sleeps_past_its_lease(round: usize) {
    let world = World::with_state_bucket().await;
    let sleeper = world.spoilt_up(Fault::Hold("table"));
    world.wire.held("table").await;
    signal(&sleeper, Signal::STOP);
    world.wire.release("table");
    assert!(world.run(UP).await.exits(6).says("is locked by"), "round {round}: the lease is not over yet");
    let other = world.run(&format!("{UP} --lock-wait 5m")).await.exits(0);
    assert!(other.says("an earlier run was interrupted"), "round {round}: {other}");
    let before = world.changes();
    signal(&sleeper, Signal::CONT);
    let ended = Ran::of(sleeper.wait_with_output().await.expect("it ends"));
    assert_eq!(ended.status.code(), Some(7), "round {round}: {ended}");
    assert_eq!(world.changes(), before, "round {round}: nothing starts when it wakes: {ended}");
    world.run(UP).await.exits(0);
    world.is_up().await;
}

/// Each round waits for a whole lease, all of them at once.
#[tokio::test]
async fn a_holder_that_sleeps_past_its_lease_is_followed_and_starts_nothing_when_it_wakes() {
    futures::future::join_all((0..ROUNDS).map(sleeps_past_its_lease)).await;
}

#[tokio::test]
async fn a_lost_answer_about_the_lock_costs_neither_the_lock_nor_leaves_one_behind() {
    let world = World::with_state_bucket_for(TABLE).await;
    for round in 0..ROUNDS {
        for operation in ["s3:PutObject", "s3:DeleteObject"] {
            world.wire.clear();
            world.wire.script(Rule::once(operation, Fault::CutAfter).about(LOCK));
            world.run(UP).await.exits(0);
            assert_eq!(world.wire.spoilt(), 1, "round {round}");
            assert!(world.run("lock show -s shop -e local").await.exits(0).says("shop · local: free"), "round {round}");
        }
    }
}

/// From the n-th call on the bucket says this; what a run did before is not lost.
async fn cut_off_from(call: usize, fault: Fault) {
    let world = World::with_state_bucket().await;
    world.wire.script(Rule::always("s3:*", fault).after(call));
    let ran = world.run(UP).await;
    let done = world.changes();
    world.wire.clear();
    let rescues = world.rescues();
    if done.is_empty() {
        assert_ne!(ran.status.code(), Some(0), "call {call}: {ran}");
        assert!(rescues.is_empty(), "call {call}: {rescues:?}: {ran}");
    } else if let [rescue] = &rescues[..] {
        assert_eq!(ran.status.code(), Some(7), "call {call}: {ran}");
        assert!(ran.says(&rescue.display().to_string()), "call {call}: {ran}");
        assert_eq!(std::fs::metadata(rescue).expect("a file").permissions().mode() & 0o777, 0o600);
    }
    let again = world.run(UP).await.exits(0);
    assert!(rescues.is_empty() || again.says("is taken up"), "call {call}: {again}");
    assert!(world.rescues().is_empty(), "call {call}: {:?}", world.rescues());
    assert_eq!(world.changes().iter().filter(|each| done.contains(each)).count(), 0, "call {call}: {again}");
    world.is_up().await;
    let told = world.run("history -s shop -e local --json").await.exits(0).lines();
    let runs = || told.iter().filter(|line| line["type"] == "run").map(|line| &line["run"]);
    let all = |what: &str| runs().map(|run| run[what].as_u64().expect("a count")).sum::<u64>();
    assert_eq!(["made", "changed", "deleted", "ran"].map(all), [4, 0, 0, 0], "call {call}: each once: {told:?}");
}

#[tokio::test]
async fn what_a_run_did_before_its_bucket_was_cut_off_is_rescued_and_merged() {
    for call in 2..5 {
        let refused = cut_off_from(call, Fault::Answer(503, "ServiceUnavailable"));
        futures::join!(refused, cut_off_from(call, Fault::CutAfter));
    }
}

#[tokio::test]
async fn what_a_run_did_before_its_credentials_expired_is_rescued_and_merged() {
    for call in 0..6 {
        cut_off_from(call, Fault::Answer(400, "ExpiredToken")).await;
    }
}

#[tokio::test]
async fn a_disk_that_is_full_stops_a_run_before_it_begins_or_loses_nothing() {
    let mut stopped = Vec::new();
    for kilobytes in [0, 2, 4, 8, 64] {
        let world = World::with(SHOP).await;
        let deployer = env!("CARGO_BIN_EXE_deployer");
        // No file grows beyond this: what a full disk is to its writer.
        let script = format!("trap '' XFSZ; ulimit -f {kilobytes}; exec {deployer} -C \"$0\" up -e local -y");
        let mut command = tokio::process::Command::new("bash");
        let folder = world.path("");
        let like = world.command([""; 0]);
        let environment = like.as_std().get_envs().filter_map(|(name, value)| Some((name, value?)));
        command.env_clear().envs(environment).arg("-c").arg(script).arg(&folder);
        let ended = ran(&mut command).await;
        let changes = world.wire.mutating_calls().len();
        match ended.status.code() {
            Some(1) => assert_eq!(changes, 0, "{kilobytes} KB: {ended}"),
            Some(0 | 7) => assert!(changes > 0, "{kilobytes} KB: {ended}"),
            _ => panic!("{kilobytes} KB: {ended}"),
        }
        stopped.push(ended.status.code());
        world.run("up -e local -y").await.exits(0);
        assert_eq!(world.wire.mutating_calls().len(), 4, "{kilobytes} KB: nothing is made twice");
        world.is_up().await;
    }
    assert_eq!((stopped.first(), stopped.last()), (Some(&Some(1)), Some(&Some(0))), "{stopped:?}");
}
