//! What is durable when: intents before their calls, results before what waits for them, and in few writes.

use deployer_engine::apply::{Event, Stop, apply};
use deployer_engine::journal::{Entry, fold};
use deployer_engine::testing::{MemoryJournal, context, run};
use tokio::sync::watch;

use super::lab::{Lab, Spec, before_and_after};

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
        let one = |name: usize| Spec::new("named", name);
        let chain: Vec<Spec> = (0..5).map(|at| one(at).to(&[at.wrapping_sub(1)])).collect();
        let wide: Vec<Spec> = (0..40).map(one).collect();
        // Sixteen chains of five, which would each write for themselves.
        let many: Vec<Spec> = (0..80).map(|at| if at < 16 { one(at) } else { one(at).to(&[at - 16]) }).collect();
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
