//! Stopped, refused, raced: what is told, what is not started any more, and what a rerun then does. (`faults` has
//! every call of every situation.)

use deployer_testbed::{Fault, Rule};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Child;

use crate::world::{Ran, SHOP, World};

const UP: &str = "up -e local -y";
const DOWN: &str = "down -e local -y";
/// Real races; each takes about two seconds.
const ROUNDS: usize = 5;

impl World {
    fn spawn(&self, line: &str) -> Child {
        self.command(line.split_whitespace()).spawn().expect("it starts")
    }
}

#[tokio::test]
async fn of_two_deployers_at_once_one_wins_and_the_other_says_who() {
    for _ in 0..ROUNDS {
        one_wins().await;
    }
}

async fn one_wins() {
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

/// The kernel takes no lock from a process that sleeps: nobody can overtake it.
#[tokio::test]
async fn a_holder_that_sleeps_keeps_the_lock_of_a_folder_and_goes_on_when_it_wakes() {
    for round in 0..ROUNDS {
        let world = World::with(SHOP).await;
        world.wire.script(Rule::once("*", Fault::Hold("first")));
        let sleeper = world.spawn("up -e local -y --parallelism 1");
        world.wire.held("first").await;
        let pid = Pid::from_raw(i32::try_from(sleeper.id().expect("it runs")).expect("a pid")).expect("a pid");
        kill_process(pid, Signal::STOP).expect("a signal");
        let begun = world.wire.mutating_calls();
        world.run("up -e local -y --lock-wait 1s").await.exits(6);
        assert_eq!(world.wire.mutating_calls(), begun, "round {round}");
        kill_process(pid, Signal::CONT).expect("a signal");
        world.wire.release("first");
        Ran::of(sleeper.wait_with_output().await.expect("it ends")).exits(0);
        world.run("plan -e local --detailed-exitcode").await.exits(0);
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_told_with_its_place() {
    let world = World::with(SHOP).await;
    world.wire.script(Rule::always("dynamodb:DescribeTable", Fault::Answer(400, "ValidationException")));
    let ran = world.run("plan -e local").await.exits(1);
    for text in ["table.orders/table: dynamodb:DescribeTable", "stacks/shop.toml:8:1", "ValidationException"] {
        assert!(ran.says(text), "{text}: {ran}");
    }
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
