//! Whole lives of stacks on a fake cloud: planned, applied, cut at every call, run again.

use std::collections::BTreeMap;
use std::sync::Arc;

use deployer_engine::address::Address;
use deployer_engine::apply::{Applied, Event, Stop, apply};
use deployer_engine::diagnostic::Diagnostic;
use deployer_engine::graph::Graph;
use deployer_engine::journal::{Entry, fold};
use deployer_engine::kind::{Desired, Names, Wanted};
use deployer_engine::plan::{Allow, Planned, found_again, plan, recorded_names};
use deployer_engine::refresh::refresh;
use deployer_engine::resource::Registry;
use deployer_engine::state::{Standing, State};
use deployer_engine::step::{Action, Plan};
use deployer_engine::testing::{FakeCloud, Fault, MemoryJournal, context, registry, scope, tags, wanted_one};
use proptest::prelude::*;
use serde_json::json;
use tokio::sync::watch;

/// One resource of a made-up stack.
#[derive(Clone, Debug, PartialEq)]
struct Spec {
    type_name: &'static str,
    name: usize,
    size: Option<u32>,
    shape: Option<&'static str>,
    links: Vec<usize>,
}

impl Spec {
    fn new(type_name: &'static str, name: usize) -> Self {
        Self { type_name, name, size: Some(1), shape: Some("round"), links: Vec::new() }
    }

    fn address(&self) -> String {
        format!("kind.n{}/{}", self.name, self.type_name)
    }
}

/// A stack: links lead to earlier specs by index.
fn wanted(specs: &[Spec], names: &Names) -> Wanted {
    let mut desired: BTreeMap<Address, Desired> = BTreeMap::new();
    for (at, spec) in specs.iter().enumerate() {
        let address: Address = spec.address().parse().unwrap();
        let inputs = if spec.type_name == "say" {
            json!({ "text": format!("{}:{}", spec.name, spec.size.unwrap_or(0)) })
        } else {
            let links: Vec<_> = spec
                .links
                .iter()
                .filter(|link| **link < at)
                .map(|link| format!("${{{}#id}}", specs[*link].address()))
                .collect();
            let name = names.get(&address).cloned().unwrap_or_else(|| format!("n{}", spec.name));
            let mut inputs = json!({ "name": name, "links": links, "tags": tags(&spec.address()) });
            spec.size.iter().for_each(|size| inputs["size"] = json!(size));
            spec.shape.iter().for_each(|shape| inputs["shape"] = json!(shape));
            inputs
        };
        desired.extend([wanted_one(&spec.address(), spec.type_name, inputs)]);
    }
    Wanted { desired, ..Wanted::default() }
}

/// A cloud, and what a deployer knows of it.
struct Lab {
    cloud: Arc<FakeCloud>,
    registry: Arc<Registry<FakeCloud>>,
    state: State,
}

impl Lab {
    fn new() -> Self {
        Self { cloud: Arc::default(), registry: registry(), state: State::empty(scope(), "lineage".into()) }
    }

    async fn plan(&self, specs: &[Spec]) -> Result<Plan, Vec<Diagnostic>> {
        let allow = Allow { delete_data: true, ..Allow::default() };
        let mut names = recorded_names(&self.state);
        loop {
            let wanted = wanted(specs, &names);
            let graph = Graph::new(&wanted.desired)?;
            let world = refresh(&self.registry, &context(&self.cloud), &wanted.desired, &self.state).await.unwrap();
            match plan(&self.registry, &wanted, &graph, &self.state, &world, &allow)? {
                Planned::Plan(plan) => return Ok(*plan),
                Planned::Rename(renamed) => names.extend(renamed),
            }
        }
    }

    /// Plans and applies; `None`: the deployer was killed on the way. What is known afterwards is
    /// what the journal tells.
    async fn up(&mut self, specs: &[Spec]) -> Option<Applied> {
        let plan = self.plan(specs).await.unwrap();
        let mut journal = MemoryJournal::default();
        let (_keep, stop) = watch::channel(Stop::No);
        let cx = context(&self.cloud);
        let mut unwatched = |_: Event<'_>| {};
        let applied = tokio::select! {
            applied = apply(&self.registry, &cx, &plan, 16, &mut journal, stop, &mut unwatched) => Some(applied.unwrap()),
            () = self.cloud.died.notified() => None,
        };
        self.state = fold(self.state.clone(), journal.entries);
        self.state.serial += 1;
        applied
    }

    async fn settled(&mut self, specs: &[Spec]) {
        let applied = self.up(specs).await.expect("nothing kills this run");
        assert_eq!(applied.failed.iter().map(|each| each.error.to_string()).collect::<Vec<_>>(), Vec::<String>::new());
        assert_eq!(applied.skipped, []);
        self.explained(specs).await;
    }

    /// Nothing more to do, every living object has one record, and every record a living object.
    async fn explained(&mut self, specs: &[Spec]) {
        let plan = self.plan(specs).await.unwrap();
        assert_eq!(
            plan.steps
                .iter()
                .map(|step| (step.address.to_string(), step.action, step.changes.clone()))
                .collect::<Vec<_>>(),
            []
        );
        let mut living: Vec<_> =
            self.cloud.things().into_iter().map(|thing| (thing.type_name.to_owned(), thing.id)).collect();
        let mut recorded: Vec<_> = self
            .state
            .records
            .iter()
            .filter(|each| each.type_name != "say")
            .map(|each| (each.type_name.clone(), each.id.clone()))
            .collect();
        living.sort();
        recorded.sort();
        assert_eq!(living, recorded);
        assert!(self.state.records.iter().all(|record| record.standing != Standing::Deposed));
    }
}

/// Runs a test of the engine, which waits in virtual time.
fn run<F: Future<Output = ()>>(test: F) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(test);
}

/// A stack with every type, and one that changes, replaces, removes and adds.
fn before_and_after() -> [Vec<Spec>; 2] {
    let link = |spec: Spec, to: &[usize]| Spec { links: to.to_vec(), ..spec };
    let before = vec![
        Spec::new("named", 0),
        link(Spec::new("minted", 1), &[0]),
        Spec::new("vault", 2),
        link(Spec::new("edition", 3), &[1]),
        link(Spec::new("named", 4), &[1, 3]),
        link(Spec::new("say", 5), &[]),
        Spec::new("minted", 6),
        link(Spec::new("named", 7), &[6]),
    ];
    let mut after = before.clone();
    after[0].shape = Some("square");
    after[1].size = Some(2);
    after[2].size = None;
    after[3].shape = Some("square");
    after[5].size = Some(2);
    after.truncate(6);
    after.push(link(Spec::new("minted", 8), &[0, 4]));
    [before, after]
}

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
        assert_eq!(plan.count(Action::Create), 7);
        assert_eq!(lab.cloud.mutations(), 0);
    });
}

#[test]
fn a_replacement_makes_the_new_one_moves_its_users_and_then_deletes_the_old_one() {
    run(async {
        let mut lab = Lab::new();
        let mut specs = vec![Spec::new("named", 0), Spec { links: vec![0], ..Spec::new("minted", 1) }];
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
        lab.cloud.fail_at(0, Fault::DieAfter);
        assert!(lab.up(&[Spec::new("minted", 0)]).await.is_none());
        let changed = [Spec { size: Some(2), ..Spec::new("minted", 0) }];
        lab.cloud.fail_at(0, Fault::DieBefore);
        assert!(lab.up(&changed).await.is_none());
        lab.settled(&[]).await;
        assert_eq!(lab.cloud.things(), []);
    });
}

#[test]
fn the_end_finds_what_is_ours_without_its_record() {
    run(async {
        let [before, _] = before_and_after();
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

#[test]
fn ours_is_taken_over_again_when_its_record_is_lost() {
    run(async {
        let [before, _] = before_and_after();
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

#[test]
fn every_passing_fault_is_got_over_in_the_same_run() {
    sweep(&Fault::PASSING, |applied| {
        assert!(applied.is_some_and(|applied| applied.failed.is_empty() && applied.skipped.is_empty()));
    });
}

#[test]
fn every_cut_leaves_an_explained_cloud_after_one_rerun() {
    sweep(&Fault::ENDING, |_| {});
}

/// Each fault at each mutating call of a first `up`, of an update, and of the end.
fn sweep(faults: &[Fault], check: impl Fn(Option<Applied>)) {
    let [before, after] = before_and_after();
    let lives: [&[&[Spec]]; 3] = [&[&before], &[&before, &after], &[&before, &after, &[]]];
    for stages in lives {
        let (last, earlier) = stages.split_last().unwrap();
        let mut undisturbed = Vec::new();
        run(async {
            let mut lab = Lab::new();
            for stage in stages {
                lab.settled(stage).await;
            }
            undisturbed = lab.cloud.inventory();
        });
        for fault in faults {
            for at in 0.. {
                let mut struck = false;
                run(async {
                    let mut lab = Lab::new();
                    for stage in earlier {
                        lab.settled(stage).await;
                    }
                    lab.cloud.fail_at(at, *fault);
                    let applied = lab.up(last).await;
                    struck = lab.cloud.struck();
                    if struck {
                        check(applied);
                        lab.settled(last).await;
                        assert_eq!(
                            lab.cloud.inventory(),
                            undisturbed,
                            "{fault:?} at call {at} of stage {}",
                            earlier.len()
                        );
                        let done = lab.cloud.done();
                        assert!(
                            done.iter().all(|text| done.iter().filter(|each| *each == text).count() == 1),
                            "{done:?}"
                        );
                    }
                });
                if !struck {
                    assert!(at > 2, "the sweep saw {at} calls");
                    break;
                }
            }
        }
    }
}

#[test]
fn nothing_starts_when_the_intent_cannot_be_written() {
    run(async {
        let lab = Lab::new();
        let plan = lab.plan(&before_and_after()[0]).await.unwrap();
        let mut journal = MemoryJournal { room: Some(0), ..MemoryJournal::default() };
        let (_keep, stop) = watch::channel(Stop::No);
        assert!(apply(&lab.registry, &context(&lab.cloud), &plan, 16, &mut journal, stop, &mut |_| {}).await.is_err());
        assert_eq!(lab.cloud.mutations(), 0);
    });
}

#[test]
fn what_is_done_when_the_journal_is_lost_is_handed_back() {
    run(async {
        let [before, _] = before_and_after();
        for room in 1.. {
            let mut lab = Lab::new();
            let plan = lab.plan(&before).await.unwrap();
            let mut journal = MemoryJournal { room: Some(room), ..MemoryJournal::default() };
            let (_keep, stop) = watch::channel(Stop::No);
            let applied =
                apply(&lab.registry, &context(&lab.cloud), &plan, 2, &mut journal, stop, &mut |_: Event<'_>| {}).await;
            let Err(cut) = applied else { break };
            let told = journal.entries.iter().chain(&cut.unwritten);
            let done = told.clone().filter(|entry| matches!(entry, Entry::Done { .. })).count();
            assert_eq!((done, cut.applied.done.len()), (lab.cloud.mutations(), done), "after {room} writes");
            lab.state = fold(lab.state.clone(), told.cloned());
            assert_eq!(lab.state.intents.len(), 0, "after {room} writes");
            lab.settled(&before).await;
        }
    });
}

#[test]
fn a_dear_journal_is_written_at_most_twice_a_level() {
    run(async {
        let link = |spec: Spec, to: &[usize]| Spec { links: to.to_vec(), ..spec };
        let one = |name: usize| Spec::new("named", name);
        let chain: Vec<Spec> = (0..5).map(|at| link(one(at), &[at.wrapping_sub(1)])).collect();
        let wide: Vec<Spec> = (0..40).map(one).collect();
        // Sixteen chains of five, which would each write for themselves.
        let many: Vec<Spec> = (0..80).map(|at| if at < 16 { one(at) } else { link(one(at), &[at - 16]) }).collect();
        for (specs, levels) in [(chain, 5), (wide, 1), (many, 5)] {
            for parallelism in [1, 3, 16] {
                let mut lab = Lab::new();
                let plan = lab.plan(&specs).await.unwrap();
                let mut journal = MemoryJournal { dear: true, ..MemoryJournal::default() };
                let (_keep, stop) = watch::channel(Stop::No);
                let cx = context(&lab.cloud);
                apply(&lab.registry, &cx, &plan, parallelism, &mut journal, stop, &mut |_: Event<'_>| {})
                    .await
                    .unwrap();
                assert!(journal.writes <= 2 * levels, "{} writes for {levels} levels", journal.writes);
                lab.state = fold(lab.state.clone(), journal.entries);
                lab.explained(&specs).await;
            }
        }
    });
}

#[test]
fn a_stop_starts_nothing_new_and_a_rerun_goes_on() {
    run(async {
        let [before, _] = before_and_after();
        let mut lab = Lab::new();
        let plan = lab.plan(&before).await.unwrap();
        let mut journal = MemoryJournal::default();
        let (ring, stop) = watch::channel(Stop::No);
        let mut started = 0;
        let applied = apply(&lab.registry, &context(&lab.cloud), &plan, 1, &mut journal, stop, &mut |event| {
            if let Event::Started(_) = event {
                started += 1;
                ring.send_replace(Stop::Soon);
            }
        })
        .await
        .unwrap();
        assert_eq!(
            (started, applied.done.len(), applied.skipped.len(), applied.stopped),
            (1, 1, before.len() - 1, true)
        );
        lab.state = fold(lab.state.clone(), journal.entries);
        lab.settled(&before).await;
    });
}

fn spec() -> impl Strategy<Value = Spec> {
    let type_name = prop::sample::select(vec!["named", "minted", "vault", "edition", "say"]);
    let shape = prop::sample::select(vec![Some("round"), Some("square")]);
    (type_name, 0..6_usize, prop::option::of(0..3_u32), shape, prop::collection::vec(0..8_usize, 0..3)).prop_map(
        |(type_name, name, size, shape, links)| Spec {
            type_name,
            name,
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
            lab.cloud.fail_at(at, fault);
            lab.up(&second).await;
            if lab.cloud.struck() {
                lab.settled(&second).await;
            }
        });
    }
}
