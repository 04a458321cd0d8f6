//! What the cloud shows late is waited for; what it never shows is not waited for long.

use std::time::Duration;

use deployer_engine::apply::Applied;
use deployer_engine::clock::Clock as _;
use deployer_engine::resource::ErrorClass;
use deployer_engine::testing::{Fault, VirtualTime, run};

use super::lab::{Ended, Lab, Spec, Unplanned, before_and_after};

/// How long the cloud hides what is new.
const HIDDEN: Duration = Duration::from_secs(10);
/// How long the deployer is patient with a cloud that does.
const PATIENCE: Duration = Duration::from_secs(12);

/// A cloud that shows what is new only later, and a deployer that knows it.
fn late() -> Lab {
    let lab = Lab::new();
    lab.cloud.hide_for(HIDDEN);
    Lab { hides_for: PATIENCE, ..lab }
}

impl Lab {
    /// Everything is shown by now, and is as it should be.
    async fn shown(&mut self, specs: &[Spec]) {
        VirtualTime.sleep(HIDDEN).await;
        self.explained(specs).await;
    }
}

#[test]
fn what_is_new_and_not_shown_yet_is_waited_for_in_the_same_run() {
    run(async {
        let mut lab = late();
        for stage in before_and_after() {
            let ended = lab.up(&stage).await;
            assert!(ended.is_whole(), "{ended:?}");
            lab.shown(&stage).await;
        }
    });
}

#[test]
fn what_was_made_without_our_hearing_of_it_is_found_however_late_it_is_shown() {
    let [before, after] = before_and_after();
    for fault in [Fault::LoseAnswer, Fault::FailAfter, Fault::HangAfter, Fault::DieAfter] {
        for call in 0..40 {
            run(async {
                let mut lab = late();
                lab.up(&before).await;
                lab.shown(&before).await;
                lab.cloud.fail_call(call, fault);
                lab.up(&after).await;
                lab.cloud.calm();
                let ended = lab.up(&after).await;
                assert!(ended.is_whole(), "{fault:?} at call {call}: {ended:?}");
                lab.shown(&after).await;
            });
        }
    }
}

#[test]
fn what_a_killed_run_made_a_moment_ago_is_deleted_however_late_it_is_shown() {
    let [before, _] = before_and_after();
    for call in 0..40 {
        run(async {
            let mut lab = late();
            lab.cloud.fail_call(call, Fault::DieAfter);
            lab.up(&before).await;
            lab.cloud.calm();
            let ended = lab.up(&[]).await;
            assert!(ended.is_whole(), "killed at call {call}: {ended:?}");
            assert_eq!(lab.cloud.things(), [], "killed at call {call}");
        });
    }
}

#[test]
fn an_end_deletes_what_a_killed_run_made_a_moment_ago_although_the_file_still_names_it() {
    let [before, _] = before_and_after();
    for call in 0..40 {
        run(async {
            let mut lab = late();
            lab.cloud.fail_call(call, Fault::DieAfter);
            lab.up(&before).await;
            lab.cloud.calm();
            let ended = lab.down(&before).await;
            assert!(ended.is_whole(), "killed at call {call}: {ended:?}");
            assert_eq!(lab.cloud.things(), [], "killed at call {call}");
        });
    }
}

async fn alone(lab: &mut Lab, spec: Spec) -> Applied {
    let Ended::Applied(applied) = lab.up(&[spec]).await else { panic!("nothing kills this run") };
    applied
}

#[test]
fn nothing_is_believed_only_after_the_cloud_had_the_time_to_show_it() {
    for (type_name, patience) in [("minted", HIDDEN), ("named", Duration::ZERO)] {
        run(async {
            let mut lab = late();
            lab.cloud.fail_change(0, Fault::LoseRequest);
            let applied = alone(&mut lab, Spec::new(type_name, 0)).await;
            assert_eq!(applied.done.len(), 1);
            let took = VirtualTime.now();
            assert!(took >= patience && took < patience + Duration::from_secs(4), "{type_name} took {took:?}");
            assert_eq!(lab.cloud.things().len(), 1);
        });
    }
}

#[test]
fn what_cannot_be_read_is_told_with_its_resource_and_where_that_is_declared() {
    run(async {
        let lab = Lab::new();
        let only = Spec::new("named", 0);
        lab.cloud.fail_call(0, Fault::Refuse);
        let Err(Unplanned::Unread(unread)) = lab.try_plan(std::slice::from_ref(&only)).await else {
            panic!("it cannot be read")
        };
        let [unread] = &unread[..] else { panic!("{unread:?}") };
        assert_eq!(unread.address, Some(only.address()));
        assert!(unread.location.is_some() && unread.error.class == ErrorClass::Refused, "{unread:?}");
    });
}

#[test]
fn a_local_cloud_that_hides_nothing_is_not_waited_for() {
    run(async {
        let mut lab = Lab::new();
        lab.cloud.fail_change(0, Fault::DieBefore);
        lab.up(&[Spec::new("minted", 0)]).await;
        lab.settled(&[Spec::new("minted", 0)]).await;
        assert_eq!(VirtualTime.now(), Duration::ZERO);
    });
}

#[test]
fn what_never_comes_ends_with_the_clouds_own_words_within_75_seconds() {
    run(async {
        let mut lab = late();
        lab.cloud.hide_for(Duration::from_secs(3600));
        let specs = [Spec::new("named", 0), Spec::new("named", 1).to(&[0])];
        let Ended::Applied(applied) = lab.up(&specs).await else { panic!("nothing kills this run") };
        let error = &applied.failed[0].error;
        assert_eq!((error.class, error.message.as_str()), (ErrorClass::Missing, "what it refers to is not there"));
        assert!(VirtualTime.now() <= Duration::from_secs(75), "{:?}", VirtualTime.now());
    });
}

/// How long every edge takes to follow.
const SPREADS: Duration = Duration::from_secs(300);

/// What the edges carry, in front of something that it uses, as long as it does.
fn front(uses: bool) -> Vec<Spec> {
    let front = Spec { size: Some(u32::from(uses)), ..Spec::new("front", 1) };
    if uses { vec![Spec::new("part", 0), front.to(&[0])] } else { vec![front] }
}

/// What the edges carry, and what allows something to it alone, as a policy does.
fn allowed(front_size: u32, allowed: u32) -> Vec<Spec> {
    let front = Spec { size: Some(front_size), ..Spec::new("front", 1) };
    vec![front, Spec { size: Some(allowed), ..Spec::new("part", 0).to(&[0]) }]
}

#[test]
fn what_the_edges_use_is_taken_away_or_narrowed_only_when_every_edge_has_followed() {
    let cases = [
        ("deleted", front(true), front(false), true),
        ("narrowed, its front changed", allowed(1, 2), allowed(2, 1), true),
        ("narrowed, its front as it was", allowed(1, 2), allowed(1, 1), false),
        ("widened", allowed(1, 2), allowed(2, 3), false),
    ];
    for (what, before, after, waits) in cases {
        let took = run(async {
            let mut lab = Lab::new();
            lab.cloud.spread_for(SPREADS);
            lab.settled(&before).await;
            VirtualTime.sleep(SPREADS).await;
            let began = VirtualTime.now();
            lab.settled(&after).await;
            VirtualTime.now() - began
        });
        let late = Duration::from_secs(5);
        let fits = if waits { SPREADS..SPREADS + late } else { Duration::ZERO..late };
        assert!(fits.contains(&took), "{what} after {took:?}");
    }
}

#[test]
fn who_is_killed_while_the_edges_follow_waits_for_them_again() {
    run(async {
        let mut lab = Lab::new();
        lab.cloud.spread_for(SPREADS);
        lab.settled(&front(true)).await;
        VirtualTime.sleep(SPREADS).await;
        let began = VirtualTime.now();
        // The front is read, changed, and looked at once; then comes the end.
        lab.cloud.fail_call(5, Fault::DieBefore);
        assert!(matches!(lab.up(&front(false)).await, Ended::Killed));
        assert_eq!(lab.cloud.things().len(), 2);
        lab.settled(&front(false)).await;
        assert!(VirtualTime.now() - began >= SPREADS);
        assert_eq!(lab.cloud.things().len(), 1);
    });
}
