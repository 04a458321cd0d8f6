//! A part of the table of faults, and what a plan and a second `up` may call. `make faults` runs the whole table.

use std::collections::BTreeSet;
use std::path::Path;

use deployer_testbed::Call;
use deployer_testbed::sweep::{
    Calls, Case, Project, Runner, STACKS, STATE_BUCKET, Selection, StateIn, sample, situation,
};

/// Decides which cases the samples have.
const SEED: u64 = 4;
/// Of all calls in all modes, every so manieth: a prime, so that every mode comes.
const STRIDE: usize = 97;
/// Of a sample, every so manieth where another situation has the rest.
const FEWER: usize = 5;
/// Calls of a second `up` a resource, at most: each is read once, and some tell their parts one by one.
const READS_A_RESOURCE: usize = 3;

fn deployer() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_deployer"))
}

/// The cases of a part of the table.
async fn cases(runner: &mut Runner, selection: &Selection) -> Vec<Case> {
    runner.cases(selection).await.unwrap_or_else(|error| panic!("{error}"))
}

/// Runs cases; how many of those that end by themselves needed a rerun.
async fn all_pass(runner: &Runner, cases: &[Case]) -> usize {
    let (mut failed, mut reruns) = (Vec::new(), 0);
    for case in cases {
        let outcome = runner.run(case).await;
        if !outcome.failures.is_empty() || outcome.reruns > 1 {
            let said = outcome.failures.join("\n");
            failed.push(format!("{case}\n{}\n{} reruns\n{said}", case.replay(), outcome.reruns));
        }
        reruns += outcome.reruns;
    }
    assert!(failed.is_empty(), "{} of {} failed\n\n{}", failed.len(), cases.len(), failed.join("\n\n"));
    reruns
}

async fn a_sample_of(name: &str) {
    let mut runner = Runner::new(deployer()).await;
    let all = cases(&mut runner, &Selection { situation: Some(name.to_owned()), ..Selection::default() }).await;
    let chosen = sample(&all, SEED);
    assert!(chosen.len() >= 20, "{} of {}", chosen.len(), all.len());
    all_pass(&runner, &chosen).await;
}

#[tokio::test]
async fn killed_or_cut_off_around_any_change_of_a_first_up() {
    a_sample_of("first-up").await;
}

#[tokio::test]
async fn killed_or_cut_off_around_any_change_of_an_update() {
    a_sample_of("update").await;
}

#[tokio::test]
async fn killed_or_cut_off_around_any_change_of_a_down() {
    a_sample_of("down").await;
}

#[tokio::test]
async fn a_first_up_that_is_cut_off_anywhere_and_given_up_leaves_nothing() {
    a_sample_of("given-up").await;
}

#[tokio::test]
async fn killed_or_cut_off_around_the_writes_of_a_state_in_a_bucket_and_some_changes_beside() {
    let mut runner = Runner::new(deployer()).await;
    let selection = Selection {
        stack: Some(STACKS[0].to_owned()),
        situation: Some("update-bucket".to_owned()),
        ..Selection::default()
    };
    let all = cases(&mut runner, &selection).await;
    let (own, others): (Vec<Case>, Vec<Case>) =
        all.into_iter().partition(|case| case.point.resource.starts_with(STATE_BUCKET));
    // The lock is taken, the state written, the lock given back: each in every mode.
    assert!(own.len() >= 12, "{}", own.len());
    let some = sample(&others, SEED).into_iter().step_by(FEWER);
    all_pass(&runner, &own.into_iter().chain(some).collect::<Vec<_>>()).await;
}

#[tokio::test]
async fn any_fault_of_any_call_is_got_over_in_the_same_run() {
    let mut runner = Runner::new(deployer()).await;
    let selection = Selection {
        situation: Some("update".to_owned()),
        mode: Some("all".to_owned()),
        calls: Calls::All,
        ..Selection::default()
    };
    let all = cases(&mut runner, &selection).await;
    let by_itself = all.into_iter().filter(Case::goes_on).step_by(STRIDE).collect::<Vec<_>>();
    assert!(by_itself.len() > 20, "{}", by_itself.len());
    assert_eq!(all_pass(&runner, &by_itself).await, 0, "nobody has to run it again");
}

#[tokio::test]
async fn when_one_call_of_ten_fails_three_reruns_are_enough() {
    let mut runner = Runner::new(deployer()).await;
    for name in ["first-up", "update", "down"] {
        cases(&mut runner, &Selection { situation: Some(name.to_owned()), ..Selection::default() }).await;
        for seed in 0..2 {
            let outcome = runner.storm(STACKS[0], situation(name), seed).await;
            assert!(outcome.failures.is_empty(), "{name}, seed {seed}: {:#?}", outcome.failures);
        }
    }
}

#[tokio::test]
async fn a_plan_changes_nothing_and_a_second_up_asks_no_more_than_a_plan() {
    let project = Project::new(deployer()).await;
    for stack in STACKS {
        project.forget(stack, StateIn::Folder).await;
        let plan = project.run(stack, "plan").await;
        assert!(plan.status.success() && project.wire.mutating_calls().is_empty(), "{plan}");
        assert!(!project.state_folder(stack).exists(), "a plan takes no lock and keeps no state");
        let up = project.run(stack, "up").await;
        assert!(up.status.success(), "{up}");
        let [plan, again] = [asked(&project, stack, "plan").await, asked(&project, stack, "up").await];
        assert_eq!(again, plan);
        let resources = project.run(stack, "state list").await.said.lines().count();
        assert!(again.len() <= READS_A_RESOURCE * resources, "{} of {resources} {stack}: {again:?}", again.len());
        assert_eq!(again.iter().collect::<BTreeSet<_>>().len(), again.len(), "nothing is read twice: {again:?}");
    }
}

/// What a verb that has nothing to do asks for, in one order.
async fn asked(project: &Project, stack: &str, verb: &str) -> Vec<String> {
    project.wire.clear();
    let ran = project.run(stack, verb).await;
    assert!(ran.status.success(), "{ran}");
    assert_eq!(project.wire.mutating_calls(), [""; 0], "{ran}");
    let line = |call: Call| format!("{} {} {} {}", call.region, call.operation, call.resource, call.target);
    let mut asked: Vec<_> = project.wire.calls().into_iter().map(line).collect();
    asked.sort();
    asked
}
