//! Made-up stacks over made-up worlds, several faults a run, and whatever order calls end in.

use std::time::Duration;

use deployer_engine::testing::{Fault, run};
use proptest::prelude::*;
use serde_json::json;

use super::lab::{Lab, Spec, before_and_after};

fn spec() -> impl Strategy<Value = Spec> {
    let type_name = prop::sample::select(vec!["named", "minted", "vault", "edition", "part", "say"]);
    let shape = prop::sample::select(vec![Some("round"), Some("square")]);
    (type_name, 0..6_usize, prop::option::of(0..3_u32), shape, prop::collection::vec(0..8_usize, 0..3)).prop_map(
        |(type_name, name, size, shape, links)| Spec {
            type_name,
            name,
            was: None,
            size,
            shape: if type_name == "vault" { Some("round") } else { shape },
            links,
        },
    )
}

fn stack() -> impl Strategy<Value = Vec<Spec>> {
    prop::collection::vec(spec(), 0..8).prop_map(|specs| {
        let mut distinct: Vec<Spec> = Vec::new();
        for mut spec in specs {
            spec.links.retain(|link| distinct.get(*link).is_some_and(|other| other.type_name != "say"));
            if distinct.iter().all(|other| other.address() != spec.address()) {
                distinct.push(spec);
            }
        }
        distinct
    })
}

/// Calls take their own time each, so that every seed is another order of events.
const SLOWEST: Duration = Duration::from_millis(400);

/// A life in which so many of a hundred calls go wrong: reruns until it stands, at most `most` for each stage.
fn stands_after(seed: u64, percent: u8, ways: &'static [Fault], most: usize) {
    let [before, after] = before_and_after();
    run(async {
        let mut lab = Lab::new();
        for (at, stage) in [before, after, Vec::new()].into_iter().enumerate() {
            lab.cloud.take_up_to(seed, SLOWEST);
            lab.cloud.fail_some(seed, percent, ways);
            let mut reruns = 0;
            while !lab.up(&stage).await.is_whole() {
                reruns += 1;
                assert!(reruns <= most, "seed {seed}, stage {at}: it does not stand after {most} reruns");
            }
            lab.cloud.calm();
            lab.explained(&stage).await;
        }
        assert_eq!(lab.cloud.things(), []);
    });
}

#[test]
fn where_a_tenth_of_all_calls_fails_three_reruns_are_enough() {
    (0..200).for_each(|seed| stands_after(seed, 10, &Fault::PASSING, 3));
}

#[test]
fn where_a_tenth_of_all_calls_fails_many_objects_of_one_type_can_still_be_read() {
    let stack: Vec<Spec> = (0..60).map(|name| Spec::new("named", name)).collect();
    for seed in 0..20 {
        run(async {
            let mut lab = Lab::new();
            lab.cloud.read_one_by_one();
            lab.settled(&stack).await;
            lab.cloud.fail_some(seed, 10, &Fault::PASSING);
            let mut reruns = 0;
            while lab.try_plan(&stack).await.is_err() {
                reruns += 1;
                assert!(reruns <= 3, "seed {seed}");
            }
        });
    }
}

#[test]
fn refused_and_killed_again_and_again_it_stands_in_the_end() {
    (0..200).for_each(|seed| stands_after(seed, 10, &Fault::EVERY, 40));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_stack_over_any_world_plans_to_an_empty_second_plan(first in stack(), second in stack(), lost in any::<u64>(), bent in any::<u64>()) {
        run(async {
            let mut lab = Lab::new();
            lab.settled(&first).await;
            let mut at = 0;
            lab.cloud.by_hand(|things| things.retain_mut(|thing| {
                at += 1;
                if bent >> (at % 64) & 1 == 1 {
                    thing.inputs["size"] = json!(7);
                }
                lost >> (at % 64) & 7 != 7
            }));
            lab.settled(&second).await;
        });
    }

    #[test]
    fn any_stack_cut_anywhere_is_whole_after_one_rerun(first in stack(), second in stack(), at in 0..12_usize, fault in prop::sample::select(Fault::ENDING.to_vec())) {
        run(async {
            let mut lab = Lab::new();
            lab.settled(&first).await;
            lab.cloud.fail_change(at, fault);
            lab.up(&second).await;
            lab.cloud.calm();
            lab.settled(&second).await;
        });
    }
}
