//! Whole lives of stacks: what a plan says, what it leaves, what it refuses.

use std::collections::BTreeMap;

use deployer_engine::graph::Graph;
use deployer_engine::kind::{Names, Wanted};
use deployer_engine::plan::{Allow, Planned, found_again, plan};
use deployer_engine::refresh::refresh;
use deployer_engine::state::State;
use deployer_engine::step::Action;
use deployer_engine::testing::{Fault, context, run, scope};
use serde_json::json;

use super::lab::{Ended, Lab, Spec, before_and_after, wanted};

#[test]
fn a_stack_comes_up_once_changes_in_place_and_goes() {
    run(async {
        let [before, after] = before_and_after();
        let mut lab = Lab::new();
        lab.settled(&before).await;
        assert_eq!(lab.cloud.mutations(), before.len());
        lab.settled(&after).await;
        assert_eq!(lab.cloud.done(), ["5:1", "5:2"]);
        lab.settled(&[]).await;
        assert_eq!(lab.cloud.things(), []);
    });
}

#[test]
fn a_plan_reads_only() {
    run(async {
        let lab = Lab::new();
        let plan = lab.plan(&before_and_after()[0]).await.unwrap();
        assert_eq!(plan.count(Action::Create), 9);
        assert_eq!(lab.cloud.mutations(), 0);
    });
}

#[test]
fn a_replacement_makes_the_new_one_moves_its_users_and_then_deletes_the_old_one() {
    run(async {
        let mut lab = Lab::new();
        let mut specs = vec![Spec::new("named", 0), Spec::new("minted", 1).to(&[0])];
        lab.settled(&specs).await;
        specs[0].shape = Some("square");
        let plan = lab.plan(&specs).await.unwrap();
        let told: Vec<_> = plan.steps.iter().map(|step| (step.action, step.replaces)).collect();
        assert_eq!(told, [(Action::Create, true), (Action::Update, false), (Action::Delete, true)]);
        assert!(plan.steps[2].after.contains(&plan.steps[1].id));
        lab.settled(&specs).await;
        assert_eq!(
            lab.cloud.things().iter().map(|thing| thing.inputs["name"].clone()).collect::<Vec<_>>(),
            ["n1", "n0-2"]
        );
        specs[0].shape = Some("flat");
        lab.settled(&specs).await;
        assert_eq!(lab.cloud.things()[1].inputs["name"], "n0-3");
    });
}

#[test]
fn so_many_editions_are_kept_and_the_one_in_use_is_never_the_one_that_goes() {
    run(async {
        let mut lab = Lab::new();
        let shapes = ["a", "b", "c", "d", "b", "e", "d", "c", "a"];
        let mut served: Vec<&str> = Vec::new();
        for shape in shapes {
            lab.settled(&[Spec { shape: Some(shape), ..Spec::new("edition", 0) }]).await;
            served.retain(|each| *each != shape);
            served.push(shape);
            let mut alive: Vec<_> = lab.cloud.things().iter().map(|thing| thing.inputs["shape"].clone()).collect();
            alive.sort_by_key(ToString::to_string);
            let mut kept: Vec<_> = served.iter().rev().take(3).map(|each| json!(each)).collect();
            kept.sort_by_key(ToString::to_string);
            assert_eq!(alive, kept);
        }
    });
}

#[test]
fn what_was_found_again_and_cut_off_while_it_was_changed_is_not_forgotten() {
    run(async {
        let mut lab = Lab::new();
        lab.cloud.fail_change(0, Fault::DieAfter);
        assert!(matches!(lab.up(&[Spec::new("minted", 0)]).await, Ended::Killed));
        let changed = [Spec { size: Some(2), ..Spec::new("minted", 0) }];
        lab.cloud.fail_change(0, Fault::DieBefore);
        assert!(matches!(lab.up(&changed).await, Ended::Killed));
        lab.settled(&[]).await;
        assert_eq!(lab.cloud.things(), []);
    });
}

#[test]
fn the_end_finds_what_is_ours_without_its_record() {
    run(async {
        let before = without_parts();
        let mut lab = Lab::new();
        lab.settled(&before).await;
        let state = State::empty(scope(), "another".into());
        let wanted = wanted(&before, &Names::new());
        let graph = Graph::new(&wanted.desired).unwrap();
        let world = refresh(&lab.registry, &context(&lab.cloud), &wanted.desired, &state).await.unwrap();
        let (state, world) = found_again(&lab.registry, &wanted, &graph, state, world);
        let allow = Allow { delete_data: true, ..Allow::default() };
        let nothing = (Wanted::default(), Graph::default());
        let Planned::Plan(plan) = plan(&lab.registry, &nothing.0, &nothing.1, &state, &world, &allow).unwrap() else {
            panic!("nothing is renamed");
        };
        assert_eq!(plan.count(Action::Delete), lab.cloud.things().len());
    });
}

#[test]
fn what_holds_data_is_neither_replaced_nor_deleted_unasked() {
    run(async {
        let mut lab = Lab::new();
        let mut specs = vec![Spec::new("vault", 0)];
        lab.settled(&specs).await;
        specs[0].shape = Some("square");
        assert_eq!(lab.plan(&specs).await.unwrap_err()[0].code, "protected");
        let world = refresh(&lab.registry, &context(&lab.cloud), &BTreeMap::new(), &lab.state).await.unwrap();
        let refused = plan(&lab.registry, &Wanted::default(), &Graph::default(), &lab.state, &world, &Allow::default())
            .unwrap_err();
        assert_eq!(
            (refused[0].code, refused[0].hint.as_deref()),
            ("protected", Some("say `--delete-data` if the data may be lost"))
        );
    });
}

#[test]
fn somebody_elses_object_of_our_name_is_refused() {
    run(async {
        let mut lab = Lab::new();
        lab.settled(&[Spec::new("named", 0)]).await;
        lab.cloud.by_hand(|things| things[0].inputs["tags"] = json!({}));
        lab.state.records.clear();
        let refused = lab.plan(&[Spec::new("named", 0)]).await.unwrap_err();
        assert_eq!(refused[0].code, "foreign");
    });
}

/// A stack whose objects are all found by what the stack file says: a part needs its parent's minted id.
fn without_parts() -> Vec<Spec> {
    let [mut before, _] = before_and_after();
    before.retain(|spec| spec.type_name != "part");
    before
}

#[test]
fn ours_is_taken_over_again_when_its_record_is_lost() {
    run(async {
        let before = without_parts();
        let mut lab = Lab::new();
        lab.settled(&before).await;
        let mutations = lab.cloud.mutations();
        lab.state.records.retain(|record| record.type_name == "say");
        lab.settled(&before).await;
        assert_eq!(lab.cloud.mutations(), mutations);
    });
}

#[test]
fn what_was_changed_or_deleted_by_hand_is_shown_and_repaired() {
    run(async {
        let [before, _] = before_and_after();
        let mut lab = Lab::new();
        lab.settled(&before).await;
        let inventory = lab.cloud.inventory();
        lab.cloud.by_hand(|things| {
            things.iter_mut().find(|thing| thing.inputs["name"] == "n0").unwrap().inputs["size"] = json!(9);
            things.retain(|thing| thing.inputs["name"] != "n1");
        });
        let plan = lab.plan(&before).await.unwrap();
        assert_eq!(plan.count(Action::Create), 1);
        assert!(
            plan.steps
                .iter()
                .flat_map(|step| &step.changes)
                .any(|change| change.path == "size" && change.cause == deployer_engine::diff::Cause::Drift)
        );
        lab.settled(&before).await;
        assert_eq!(lab.cloud.inventory(), inventory);
    });
}
