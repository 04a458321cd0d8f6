//! Killed, cut off, refused, raced: one plain rerun makes the world as if nothing had happened.

use std::collections::BTreeMap;

use deployer_testbed::{Fault, Rule};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::process::Child;

use crate::world::fleet::{assert_same, settled};
use crate::world::{Ran, SHOP, World};

const UP: &str = "up -e local -y";
const DOWN: &str = "down -e local -y";

impl World {
    fn spawn(&self, line: &str) -> Child {
        self.command(line.split_whitespace()).spawn().expect("it starts")
    }

    async fn settled(&self) -> BTreeMap<String, Value> {
        settled(&self.inventory().await)
    }

    /// Runs a command that is killed while its n-th change hangs; the rerun that follows must do.
    async fn killed_at(&self, line: &str, call: usize, fault: Fault) {
        self.wire.clear();
        self.wire.script(Rule::once("*", fault).after(call));
        let mut child = self.spawn(line);
        tokio::select! {
            () = self.wire.until(|call| call.fault == Some(fault)) => {}
            ended = child.wait() => panic!("{line} ended before call {call}: {ended:?}"),
        }
        child.kill().await.expect("SIGKILL");
        self.wire.clear();
        let ran = self.run(line).await;
        assert_eq!(ran.status.code(), Some(0), "{line} after it was killed at call {call} ({fault:?}): {ran}");
    }

    /// The rerun left what an undisturbed run leaves, and knows it.
    async fn as_undisturbed(&self, undisturbed: &BTreeMap<String, Value>, what: &str) {
        assert_same(&self.settled().await, undisturbed, what);
        let plan = self.run("plan -e local --detailed-exitcode").await;
        assert_eq!(plan.status.code(), Some(0), "{what}: {plan}");
    }
}

/// Every change of a first `up` is where the deployer is killed, once.
async fn every_change_of_a_first_up(fault: Fault) {
    let world = World::fleet().await;
    world.run(UP).await.exits(0);
    let (changes, undisturbed) = (world.wire.mutating_calls(), world.settled().await);
    assert!(changes.len() > 30, "{changes:?}");
    for call in 0..changes.len() {
        world.forget().await;
        world.killed_at(UP, call, fault).await;
        world.as_undisturbed(&undisturbed, &format!("killed at call {call} ({fault:?})")).await;
    }
}

#[tokio::test]
async fn killed_before_any_change_of_a_first_up() {
    every_change_of_a_first_up(Fault::HangBefore).await;
}

#[tokio::test]
async fn killed_after_any_change_of_a_first_up() {
    every_change_of_a_first_up(Fault::HangAfter).await;
}

/// What a second `up` has to change: configuration, code, a file of the site, a value, and a thing less.
fn changed(world: &World) {
    world.edit("stacks/fleet.toml", "value = \"ahoy\"", "value = \"land ho\"");
    world.edit("stacks/fleet.toml", "env    = {", "memory = 256\nenv    = {");
    world.edit("stacks/fleet.toml", "rate   = \"1 hour\"", "rate   = \"2 hours\"");
    world.edit("stacks/fleet.toml", "[param.url]\nvalue = \"${cdn.main.url}\"\n", "");
    world.edit("hello/src/main.rs", "ahoy", "land ho");
    world.edit("web/index.html", "Fleet", "The fleet");
}

/// Every change of an `up` that updates is where the deployer is killed, once.
#[tokio::test]
async fn killed_around_any_change_of_an_update() {
    let world = World::fleet().await;
    world.run(UP).await.exits(0);
    let first: Vec<String> =
        ["stacks/fleet.toml", "hello/src/main.rs", "web/index.html"].map(|path| world.read(path)).into();
    changed(&world);
    world.run_anew(UP).await.exits(0);
    let (changes, undisturbed) = (world.wire.mutating_calls(), world.settled().await);
    let second: Vec<String> =
        ["stacks/fleet.toml", "hello/src/main.rs", "web/index.html"].map(|path| world.read(path)).into();
    let put = |texts: &[String]| {
        ["stacks/fleet.toml", "hello/src/main.rs", "web/index.html"]
            .iter()
            .zip(texts)
            .for_each(|(path, text)| world.write(path, text));
    };
    for (call, fault) in (0..changes.len()).zip([Fault::HangAfter, Fault::HangBefore].into_iter().cycle()) {
        world.forget().await;
        put(&first);
        world.run(UP).await.exits(0);
        put(&second);
        world.killed_at(UP, call, fault).await;
        world.as_undisturbed(&undisturbed, &format!("killed at call {call} ({fault:?})")).await;
    }
}

/// Every change of a `down` is where the deployer is killed, once.
#[tokio::test]
async fn killed_around_any_change_of_a_down() {
    let world = World::fleet().await;
    world.run(UP).await.exits(0);
    world.run_anew(DOWN).await.exits(0);
    let (changes, undisturbed) = (world.wire.mutating_calls(), world.settled().await);
    for (call, fault) in (0..changes.len()).zip([Fault::HangAfter, Fault::HangBefore].into_iter().cycle()) {
        world.forget().await;
        world.run(UP).await.exits(0);
        world.killed_at(DOWN, call, fault).await;
        assert_same(&world.settled().await, &undisturbed, &format!("killed at call {call} ({fault:?})"));
        assert_eq!(world.inventory().await.tagged("fleet", "local"), [""; 0]);
    }
}

/// Each change of a first `up` fails once, in one way or another.
#[tokio::test]
async fn one_failure_of_any_change_is_got_over_in_the_same_run() {
    let world = World::fleet().await;
    world.run(UP).await.exits(0);
    let (changes, undisturbed) = (world.wire.mutating_calls(), world.settled().await);
    let ways = [
        Fault::Answer(500, "InternalError"),
        Fault::Answer(429, "ThrottlingException"),
        Fault::CutBefore,
        Fault::CutAfter,
    ];
    for (call, fault) in (0..changes.len()).zip(ways.into_iter().cycle()) {
        world.forget().await;
        world.wire.script(Rule::once("*", fault).after(call));
        let ran = world.run(UP).await;
        assert!(world.wire.calls().iter().any(|call| call.fault == Some(fault)));
        assert_eq!(ran.status.code(), Some(0), "call {call} ({fault:?}): {ran}");
        world.as_undisturbed(&undisturbed, &format!("call {call} ({fault:?})")).await;
    }
}

#[tokio::test]
async fn of_two_deployers_at_once_one_wins_and_the_other_says_who() {
    let world = World::with(SHOP).await;
    world.wire.script(Rule::once("*", Fault::HangBefore));
    let mut holder = world.spawn("up -e local -y --parallelism 1");
    world.wire.until(|call| call.fault.is_some()).await;
    let begun = world.wire.mutating_calls().len();
    let other = world.run(UP).await.exits(6);
    let pid = holder.id().expect("it runs");
    assert!(other.says(&format!("locked by `deployer up -s shop -e local` (process {pid} on ")), "{other}");
    world.run(DOWN).await.exits(6);
    assert_eq!(world.wire.mutating_calls().len(), begun, "the others changed nothing");
    world.run("plan -e local").await.exits(0);
    holder.kill().await.expect("SIGKILL");
    world.wire.clear();
    world.run(UP).await.exits(0);
    world.run("plan -e local --detailed-exitcode").await.exits(0);
}

#[tokio::test]
async fn who_waits_for_the_lock_gets_it_and_finds_nothing_to_do() {
    let world = World::with(SHOP).await;
    let (one, other) =
        tokio::join!(world.run("up -e local -y --lock-wait 60s"), world.run("up -e local -y --lock-wait 60s"));
    assert_eq!((one.status.code(), other.status.code()), (Some(0), Some(0)), "{one}\n{other}");
    let idle = |ran: &Ran| ran.says("Nothing to do: 4 resources");
    assert!(idle(&one) != idle(&other), "{one}\n{other}");
    let alone = World::with(SHOP).await;
    alone.run(UP).await.exits(0);
    assert_eq!(world.wire.mutating_calls().len(), alone.wire.mutating_calls().len());
}

/// Stopped by a signal while a call hangs: what it would have started next is not started.
async fn stopped_by(signal: Signal, code: i32) {
    let world = World::with(SHOP).await;
    // One at a time: each call that would come after the one that hangs is a new step.
    world.wire.script(Rule::once("ssm:PutParameter", Fault::HangAfter));
    let child = world.spawn("up -e local -y --parallelism 1");
    world.wire.until(|call| call.fault.is_some()).await;
    let before = world.wire.mutating_calls();
    let pid = Pid::from_raw(i32::try_from(child.id().expect("it runs")).expect("a pid")).expect("a pid");
    kill_process(pid, signal).expect("a signal");
    let ran = Ran::of(child.wait_with_output().await.expect("it ends")).exits(code);
    assert!(ran.says("stopping: 1 step is under way"), "{ran}");
    assert!(ran.says("it is safe to run again"), "{ran}");
    assert_eq!(world.wire.mutating_calls(), before, "nothing new was started");
    world.wire.clear();
    world.run(UP).await.exits(0);
    world.run("plan -e local --detailed-exitcode").await.exits(0);
    assert_eq!(world.inventory().await.tagged("shop", "local").len(), 4);
}

#[tokio::test]
async fn ctrl_c_starts_nothing_new_and_a_rerun_finishes() {
    stopped_by(Signal::INT, 130).await;
}

#[tokio::test]
async fn sigterm_starts_nothing_new_and_a_rerun_finishes() {
    stopped_by(Signal::TERM, 143).await;
}

#[tokio::test]
async fn a_second_ctrl_c_leaves_at_once() {
    let world = World::with(SHOP).await;
    world.wire.script(Rule::once("*", Fault::HangAfter));
    let child = world.spawn(UP);
    world.wire.until(|call| call.fault.is_some()).await;
    let pid = Pid::from_raw(i32::try_from(child.id().expect("it runs")).expect("a pid")).expect("a pid");
    kill_process(pid, Signal::INT).expect("a signal");
    kill_process(pid, Signal::TERM).expect("a signal");
    let ended = child.wait_with_output().await.expect("it ends");
    assert!([Some(130), Some(143)].contains(&ended.status.code()), "{}", Ran::of(ended));
    world.wire.clear();
    world.run(UP).await.exits(0);
    world.run("plan -e local --detailed-exitcode").await.exits(0);
}

#[tokio::test]
async fn a_failure_stops_only_what_waits_for_it_and_is_told_with_its_place() {
    let world = World::with(SHOP).await;
    world.wire.script(Rule::once("dynamodb:CreateTable", Fault::Answer(400, "ValidationException")).times(99));
    let ran = world.run(UP).await.exits(7);
    for text in
        ["table.orders/table: dynamodb:CreateTable", "stacks/shop.toml:8:1", "[table.orders]", "ValidationException"]
    {
        assert!(ran.says(text), "{text}: {ran}");
    }
    assert_eq!(world.inventory().await.tagged("shop", "local").len(), 3, "the others are done");
    world.wire.clear();
    world.run(UP).await.exits(0);
    assert_eq!(world.wire.mutating_calls(), ["dynamodb:CreateTable"]);
}
