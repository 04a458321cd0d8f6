//! Signals: what is under way ends, nothing begins, and nothing is left behind.

use std::process::Command as Program;

use deployer_testbed::{Fault, Rule};
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, ChildStderr};

use crate::world::{SHOP, World};

const UP: &str = "up -e local -y";

/// A deployer that runs, and what it says.
struct Running {
    child: Child,
    said: BufReader<ChildStderr>,
}

impl Running {
    fn start(world: &World, line: &str) -> Self {
        let mut child = world.command(line.split_whitespace()).spawn().expect("it starts");
        let said = BufReader::new(child.stderr.take().expect("it is piped"));
        Self { child, said }
    }

    fn signal(&self, signal: Signal) {
        let pid = self.child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        kill_process(pid.expect("it runs"), signal).expect("a signal");
    }

    /// Waits until it says this.
    async fn says(&mut self, text: &str) {
        let mut line = String::new();
        while !line.contains(text) {
            line.clear();
            assert!(self.said.read_line(&mut line).await.expect("text") > 0, "it ended and never said `{text}`");
        }
    }

    async fn exits(mut self, code: i32) {
        let mut rest = String::new();
        self.said.read_to_string(&mut rest).await.expect("text");
        assert_eq!(self.child.wait().await.expect("it ends").code(), Some(code), "{rest}");
    }
}

/// Whatever was stopped: the lock is free, one rerun finishes, and then there is nothing to do.
async fn a_rerun_finishes(world: &World) {
    world.wire.clear();
    world.run(UP).await.exits(0);
    world.run("plan -e local --detailed-exitcode").await.exits(0);
}

#[tokio::test]
async fn a_step_that_is_stopped_between_two_of_its_calls_makes_no_more() {
    let stack = format!("{SHOP}[site.web]\ndir = \"web\"\n");
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 143)] {
        let world = World::with(&stack).await;
        world.write("web/index.html", "<!doctype html><title>Shop</title>\n");
        // A bucket is made by many calls: one for its name, and one for each of its settings.
        world.wire.script(Rule::once("s3:CreateBucket", Fault::Hold("stopped")));
        let mut running = Running::start(&world, &format!("{UP} --parallelism 1"));
        world.wire.held("stopped").await;
        let before = world.wire.mutating_calls();
        running.signal(signal);
        running.says("stopping: 1 step is under way").await;
        world.wire.release("stopped");
        running.exits(code).await;
        let mut after = world.wire.mutating_calls();
        after.retain(|operation| operation != "s3:CreateBucket");
        assert_eq!(after, before, "{signal:?}");
        a_rerun_finishes(&world).await;
    }
}

/// As a CI system cancels: it sends one signal, then another, and would kill in the end.
#[tokio::test]
async fn calls_that_hang_do_not_hold_a_cancelled_run_until_it_is_killed() {
    let world = World::with(SHOP).await;
    world.wire.script(Rule::always("*", Fault::HangAfter));
    let mut running = Running::start(&world, UP);
    world.wire.until(|call| call.fault.is_some()).await;
    running.signal(Signal::INT);
    running.says("stopping: ").await;
    running.exits(130).await;
    a_rerun_finishes(&world).await;
}

#[tokio::test]
async fn a_build_that_is_stopped_leaves_no_process_behind() {
    let world = World::with(&format!("{SHOP}[site.web]\ndir = \"web/dist\"\nbuild = \"sh build.sh\"\n")).await;
    world.write("web/index.html", "<!doctype html><title>Shop</title>\n");
    world.write("web/build.sh", "sleep 1000 > held\n");
    assert!(Program::new("mkfifo").arg(world.path("web/held")).status().expect("it runs").success());
    let running = Running::start(&world, UP);
    // Whoever the build started holds the pipe open: its end is seen when they are all gone.
    let mut held = tokio::fs::File::open(world.path("web/held")).await.expect("the build opens it, too");
    running.signal(Signal::INT);
    running.exits(130).await;
    held.read_to_end(&mut Vec::new()).await.expect("they are gone");
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
    std::fs::remove_file(world.path("web/held")).expect("a pipe");
    world.write("web/build.sh", "mkdir -p dist && cp index.html dist\n");
    a_rerun_finishes(&world).await;
}
