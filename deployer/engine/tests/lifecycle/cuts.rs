//! Every call of a first `up`, of an update and of the end, spoilt in every way: the world ends as if nothing had been.

use deployer_engine::testing::{FakeCloud, Fault, run};

use super::lab::{Ended, Lab, Spec, before_and_after};

/// The stacks that a life goes through; the last of them is where things go wrong.
fn lives() -> [Vec<Vec<Spec>>; 3] {
    let [before, after] = before_and_after();
    [vec![before.clone()], vec![before.clone(), after.clone()], vec![before, after, Vec::new()]]
}

async fn lived(stages: &[Vec<Spec>]) -> Lab {
    let mut lab = Lab::new();
    for stage in stages {
        lab.settled(stage).await;
    }
    lab
}

/// One fault at one call of the last stage; `None`: there are fewer calls. Else how the run ended, before a rerun
/// made everything as it should be.
fn struck(stages: &[Vec<Spec>], spoil: impl Fn(&FakeCloud), undisturbed: &[String], what: &str) -> Option<Ended> {
    let (last, earlier) = stages.split_last().unwrap();
    run(async {
        let mut lab = lived(earlier).await;
        spoil(&lab.cloud);
        let ended = lab.up(last).await;
        if !lab.cloud.struck() {
            return None;
        }
        lab.settled(last).await;
        assert_eq!(lab.cloud.inventory(), undisturbed, "{what}");
        Some(ended)
    })
}

/// Each of the faults at each call of each life.
fn sweep(faults: &[Fault], check: impl Fn(&Ended, &str)) {
    for stages in lives() {
        let undisturbed = run(async { lived(&stages).await.cloud.inventory() });
        for fault in faults {
            let mut calls = 0;
            loop {
                let what = format!("{fault:?} at call {calls} of stage {}", stages.len());
                let spoil = |cloud: &FakeCloud| cloud.fail_call(calls, *fault);
                let Some(ended) = struck(&stages, spoil, &undisturbed, &what) else { break };
                check(&ended, &what);
                calls += 1;
            }
            assert!(calls > 12, "the sweep saw {calls} calls");
        }
    }
}

#[test]
fn every_passing_fault_is_got_over_in_the_same_run() {
    sweep(&Fault::PASSING, |ended, what| assert!(ended.is_whole(), "{what}: {ended:?}"));
}

#[test]
fn every_cut_leaves_an_explained_cloud_after_one_rerun() {
    sweep(&Fault::ENDING, |ended, what| assert!(!ended.is_whole(), "{what}: {ended:?}"));
}

#[test]
fn a_rerun_that_is_cut_too_needs_one_more_and_no_other_help() {
    let [before, after] = before_and_after();
    let undisturbed = run(async { lived(&[before.clone(), after.clone()]).await.cloud.inventory() });
    for first in 0..24 {
        for second in [0, 7, 9, 14] {
            run(async {
                let mut lab = lived(std::slice::from_ref(&before)).await;
                for call in [first, second] {
                    lab.cloud.fail_call(call, Fault::DieAfter);
                    lab.up(&after).await;
                }
                lab.cloud.calm();
                lab.settled(&after).await;
                assert_eq!(lab.cloud.inventory(), undisturbed, "killed at call {first}, then at {second}");
            });
        }
    }
}

#[test]
fn what_is_cut_off_and_wanted_no_more_is_gone_after_one_rerun() {
    let [before, _] = before_and_after();
    for call in 0..30 {
        run(async {
            let mut lab = Lab::new();
            lab.cloud.fail_call(call, Fault::DieAfter);
            lab.up(&before).await;
            lab.cloud.calm();
            lab.settled(&[]).await;
            assert_eq!(lab.cloud.things(), [], "killed at call {call}");
        });
    }
}

#[test]
fn what_fails_for_good_stops_only_what_waits_for_it() {
    let [before, _] = before_and_after();
    let names: Vec<_> = before.iter().filter(|spec| spec.type_name != "say").map(|spec| spec.name).collect();
    for name in names {
        run(async {
            let mut lab = Lab::new();
            lab.cloud.refuse(&format!("n{name}"));
            let Ended::Applied(applied) = lab.up(&before).await else { panic!("nothing kills this run") };
            let mut waits = vec![before.iter().position(|spec| spec.name == name).unwrap()];
            for (at, spec) in before.iter().enumerate() {
                if spec.links.iter().any(|link| waits.contains(link)) {
                    waits.push(at);
                }
            }
            assert_eq!(applied.failed.len(), 1, "n{name}");
            assert_eq!(applied.skipped.len(), waits.len() - 1, "n{name}");
            assert_eq!(applied.done.len(), before.len() - waits.len(), "n{name}");
            lab.cloud.calm();
            lab.settled(&before).await;
        });
    }
}
