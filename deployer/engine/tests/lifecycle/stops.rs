//! Runs that end before their plan does.

use std::time::Duration;

use deployer_engine::apply::{Applied, Event, STOP_WITHIN, Stop, apply};
use deployer_engine::clock::Clock as _;
use deployer_engine::testing::{Fault, MemoryJournal, VirtualTime, context, run};
use tokio::sync::watch;

use super::lab::{Lab, Spec, before_and_after};

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
        lab.learn(journal);
        lab.settled(&before).await;
    });
}

/// Applies what a lab plans while the stops ring, each after its wait; and what was told of stopping.
async fn rung(lab: &mut Lab, specs: &[Spec], rings: &[(Duration, Stop)]) -> (Applied, Vec<usize>) {
    let plan = lab.plan(specs).await.unwrap();
    let (mut journal, mut told, cx) = (MemoryJournal::default(), Vec::new(), lab.cx());
    let (bell, stop) = watch::channel(Stop::No);
    let mut watching = |event: Event<'_>| {
        if let Event::Stopping(under_way) = event {
            told.push(under_way);
        }
    };
    let ring = async {
        for (wait, level) in rings {
            VirtualTime.sleep(*wait).await;
            bell.send_replace(*level);
        }
    };
    let applied = apply(&lab.registry, &cx, &plan, 16, &mut journal, stop, &mut watching);
    let (applied, ()) = futures::join!(applied, ring);
    lab.learn(journal);
    (applied.unwrap(), told)
}

#[test]
fn calls_that_hang_hold_a_stopped_run_for_six_seconds_and_waits_do_not_hold_it() {
    let soon = Duration::from_millis(50);
    for (fault, held) in
        [(Fault::HangAfter, STOP_WITHIN), (Fault::HangBefore, STOP_WITHIN), (Fault::NotYet, Duration::ZERO)]
    {
        run(async {
            let [before, _] = before_and_after();
            let mut lab = Lab::new();
            (0..32).for_each(|change| lab.cloud.fail_change(change, fault));
            let (applied, told) = rung(&mut lab, &before, &[(soon, Stop::Soon)]).await;
            assert!(applied.stopped && applied.done.is_empty() && !applied.skipped.is_empty(), "{fault:?}");
            assert_eq!(VirtualTime.now(), soon + held, "{fault:?}");
            // Who only waits may end before the stop is told.
            let under_way =
                if held.is_zero() { 0..=applied.failed.len() } else { applied.failed.len()..=applied.failed.len() };
            assert!(matches!(told[..], [told] if under_way.contains(&told)), "{fault:?}: {told:?}");
            lab.cloud.calm();
            lab.settled(&before).await;
        });
    }
}

#[test]
fn a_second_stop_leaves_at_once() {
    run(async {
        let (mut lab, specs) = (Lab::new(), [Spec::new("minted", 0)]);
        lab.cloud.fail_change(0, Fault::HangAfter);
        let second = Duration::from_secs(1);
        rung(&mut lab, &specs, &[(second, Stop::Soon), (second, Stop::Now)]).await;
        assert_eq!(VirtualTime.now(), 2 * second);
        lab.settled(&specs).await;
    });
}
