//! Races for a lease, 500 rounds each in virtual time: every answer takes another time in every round.

use std::sync::Arc;
use std::time::Duration;

use deployer_aws::client::Gate;
use deployer_engine::clock::Clock;
use deployer_engine::objects::Objects;
use futures::future::join_all;

use super::memory::{Machine, Memory, Spoilt, Virtual};
use super::{loaded, opened, scope, taken, text, told, unstopped};
use crate::error::Exit;
use crate::store::bucket::BucketStore;
use crate::store::bucket::lock::{Contended, Grip, LockObject};
use crate::store::holder::Holder;
use crate::store::lease::{ACTS_FOR, LEASE, Standing};
use crate::store::{StateStore, Taken, lock};

/// Rounds of each race.
const ROUNDS: u64 = 500;
/// How soon the loser of a race must have ended.
const LOSER_ENDS_WITHIN: Duration = Duration::from_secs(5);
const LOCK: &str = "s/e/lock.json";

fn store(objects: &Arc<Memory>, clock: &Arc<dyn Clock>) -> BucketStore {
    BucketStore::new(Arc::clone(objects) as _, Arc::clone(clock), "bucket", "", scope("s"))
}

fn lock_object(objects: Arc<dyn Objects>, clock: Arc<dyn Clock>) -> LockObject {
    LockObject { objects, clock, key: LOCK.to_owned() }
}

/// Somebody on a machine of that name.
fn somebody(machine: &str) -> Holder {
    Holder { machine: machine.to_owned(), host: machine.to_owned(), ..Holder::here("deployer up") }
}

fn ours(contended: Contended) -> Option<Grip> {
    match contended {
        Contended::Ours(grip) => Some(grip),
        Contended::Held(_) => None,
    }
}

async fn seconds(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn of_two_deployers_exactly_one_wins_and_the_other_soon_knows_who() {
    for seed in 1..=ROUNDS {
        let (objects, clock) = (Memory::new(seed), Virtual::clock());
        let [one, two] = [store(&objects, &clock), store(&objects, &clock)];
        let contend = async |store: &BucketStore| {
            let ended = lock(store, &*clock, "deployer up -s s -e e", Duration::ZERO, &|_| {}, unstopped()).await;
            (ended, clock.now())
        };
        let (first, second) = tokio::join!(contend(&one), contend(&two));
        let (writer, failure, at) = match (first, second) {
            ((Ok(writer), _), (Err(failure), at)) | ((Err(failure), at), (Ok(writer), _)) => (writer, failure, at),
            _ => panic!("round {seed}: not exactly one has it"),
        };
        assert!(at < LOSER_ENDS_WITHIN, "round {seed}: the loser ended after {at:?}");
        let told = failure.to_string();
        let who = format!("`deployer up -s s -e e` (process {}", std::process::id());
        assert_eq!(failure.exit, Exit::Locked, "round {seed}: {told}");
        assert!(told.contains(&who) && told.contains("s3://bucket/s/e"), "round {seed}: {told}");
        writer.release().await;
        assert_eq!(objects.keys(), [""; 0], "round {seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_waits_is_told_for_whom_and_gets_the_lock_when_it_is_free() {
    let (objects, clock) = (Memory::new(7), Virtual::clock());
    let [one, two] = [store(&objects, &clock), store(&objects, &clock)];
    let writer = taken(&one, "deployer up").await;
    let said = std::sync::Mutex::new(Vec::new());
    let say = |text: &str| said.lock().unwrap().push(text.to_owned());
    let waiting = lock(&two, &*clock, "deployer down", Duration::from_secs(300), &say, unstopped());
    let giving = async {
        // Longer than a lease lasts: a holder that lives keeps it.
        seconds(100).await;
        writer.release().await;
    };
    let (got, ()) = tokio::join!(waiting, giving);
    got.unwrap().release().await;
    let said = said.into_inner().unwrap();
    assert!(said.len() == 1 && said[0].contains("waiting for `deployer up` (process"), "{said:?}");
}

/// One call of taking, renewing and giving back a lock is lost: the lock is taken, kept, and nothing is left.
#[tokio::test(start_paused = true)]
async fn a_lost_answer_costs_neither_the_lock_nor_leaves_one_behind() {
    let mut rounds = 0;
    for at in 0.. {
        let mut missed = 0;
        for how in [Spoilt::Request, Spoilt::Answer] {
            for seed in 1..=32 {
                let (objects, clock) = (Memory::new(seed * 31 + at as u64), Virtual::clock());
                let store = store(&objects, &clock);
                objects.spoil(at, how);
                let mut writer = taken(&store, "deployer up").await;
                let state = writer.load().await.unwrap().state;
                writer.append(&[opened(&state), told("one")]).await.unwrap();
                // Two heartbeats pass.
                seconds(40).await;
                writer.append(&[told("two")]).await.unwrap();
                assert!(
                    writer.gate().unwrap().check("lambda:CreateFunction").is_ok(),
                    "call {at} {how:?} round {seed}"
                );
                writer.save().await.unwrap();
                writer.release().await;
                missed += usize::from(!objects.struck());
                rounds += 1;
                assert_eq!(objects.keys(), ["s/e/state.json"], "call {at} {how:?} round {seed}");
                assert_eq!(text(&loaded(&store).await.state), Some("two"), "call {at} {how:?} round {seed}");
            }
        }
        if missed > 0 {
            break;
        }
    }
    assert!(rounds >= 500, "{rounds} rounds: every call of a run was lost");
}

#[tokio::test(start_paused = true)]
async fn a_holder_whose_bucket_is_silent_is_told_to_stop_within_half_a_minute_and_one_that_hiccups_is_not() {
    for seed in 1..=50 {
        let (objects, clock) = (Memory::new(seed), Virtual::clock());
        let writer = taken(&store(&objects, &clock), "deployer up").await;
        let slips = writer.slips().unwrap();
        seconds(seed).await;
        objects.cut_off(true);
        seconds(3).await;
        objects.cut_off(false);
        seconds(27).await;
        assert!(!*slips.borrow(), "round {seed}");
        objects.cut_off(true);
        seconds(30).await;
        assert!(*slips.borrow(), "round {seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_killed_holder_elsewhere_is_followed_by_exactly_one_of_sixteen_and_never_too_early() {
    for seed in 1..=ROUNDS {
        let (objects, clock) = (Memory::new(seed), Virtual::clock());
        let lock = lock_object(Arc::clone(&objects) as _, Arc::clone(&clock));
        let grip = ours(lock.contend(somebody("a")).await.unwrap()).unwrap();
        seconds(seed % 40).await;
        // Killed: nothing renews it, nobody gives it back.
        drop(grip);
        let silent = lock.held().await.unwrap().unwrap().silent_for.unwrap();
        let early = LEASE.saturating_sub(silent + Duration::from_secs(3));
        tokio::time::sleep(early).await;
        assert!(ours(lock.contend(somebody("b")).await.unwrap()).is_none(), "round {seed}: too early");
        seconds(5).await;
        let contenders = (0..16).map(|each| {
            let lock = lock.clone();
            async move { ours(lock.contend(somebody(&format!("m{each}"))).await.unwrap()) }
        });
        let winners: Vec<Grip> = join_all(contenders).await.into_iter().flatten().collect();
        assert_eq!(winners.len(), 1, "round {seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_holder_of_this_machine_whose_process_is_gone_is_followed_at_once() {
    let here = Holder::here("deployer up");
    for seed in 1..=ROUNDS {
        let (objects, clock) = (Memory::new(seed), Virtual::clock());
        let lock = lock_object(Arc::clone(&objects) as _, Arc::clone(&clock));
        // A process of the same number that began earlier: gone, and its number is ours now.
        let gone = Holder { started: here.started - 1, ..here.clone() };
        drop(ours(lock.contend(gone).await.unwrap()).unwrap());
        let began = clock.now();
        let contenders = (0..16).map(|each| {
            let (lock, me) = (lock.clone(), Holder { token: format!("contender {each}"), ..here.clone() });
            async move { ours(lock.contend(me).await.unwrap()) }
        });
        let winners: Vec<Grip> = join_all(contenders).await.into_iter().flatten().collect();
        assert_eq!(winners.len(), 1, "round {seed}");
        assert!(clock.now() - began < LOSER_ENDS_WITHIN, "round {seed}");
    }
}

/// A machine falls asleep with the lock, another one takes it and writes; then the first one wakes.
#[tokio::test(start_paused = true)]
async fn who_slept_past_the_lease_writes_nothing_and_starts_nothing() {
    for seed in 1..=ROUNDS {
        let (objects, clock) = (Memory::new(seed), Virtual::clock());
        let machine = Machine::new(&objects, &clock);
        let sleeper = BucketStore::new(Arc::clone(&machine) as _, Arc::clone(&machine) as _, "bucket", "", scope("s"));
        let mut writer = taken(&sleeper, "deployer up").await;
        let state = writer.load().await.unwrap().state;
        writer.append(&[opened(&state), told("one")]).await.unwrap();
        seconds(seed % 50).await;
        machine.sleeps(true);
        seconds(LEASE.as_secs() + 2 + seed % 100).await;
        // The process lives, on another machine as it were: only the lease tells.
        let lock = lock_object(Arc::clone(&objects) as _, Arc::clone(&clock));
        let taken_over = ours(lock.contend(somebody("awake")).await.unwrap());
        let grip = taken_over.unwrap_or_else(|| panic!("round {seed}: the lease is over"));
        let gate: Arc<dyn Gate> = writer.gate().unwrap();
        machine.sleeps(false);
        assert!(gate.check("lambda:CreateFunction").is_err(), "round {seed}: the first call after it woke");
        assert!(writer.append(&[told("late")]).await.is_err(), "round {seed}");
        assert!(writer.save().await.is_err(), "round {seed}");
        // Its heartbeat wakes, too, and must not win the lock back.
        seconds(20).await;
        assert!(gate.check("lambda:CreateFunction").is_err(), "round {seed}");
        writer.release().await;
        assert_eq!(grip.standing(), Standing::Sure, "round {seed}: what is another's is left alone");
        assert_eq!(text(&loaded(&sleeper).await.state), Some("one"), "round {seed}");
    }
}

/// Even one that believes in its lock is refused by the state itself when another has written.
#[tokio::test(start_paused = true)]
async fn a_state_that_another_wrote_is_never_overwritten() {
    for seed in 1..=ROUNDS {
        let (objects, clock) = (Memory::new(seed), Virtual::clock());
        let [one, two] = [store(&objects, &clock), store(&objects, &clock)];
        let mut robbed = taken(&one, "deployer up").await;
        robbed.load().await.unwrap();
        two.break_lock(&two.held().await.unwrap().unwrap()).await.unwrap();
        let mut robber = taken(&two, "deployer up").await;
        robber.load().await.unwrap();
        let entries = [[told("robbed")], [told("robber")]];
        let (late, new) = tokio::join!(robbed.append(&entries[0]), robber.append(&entries[1]));
        let kept = loaded(&two).await.state;
        let told = if late.is_ok() { "robbed" } else { "robber" };
        assert_eq!((late.is_ok() != new.is_ok(), text(&kept)), (true, Some(told)), "round {seed}: {late:?}, {new:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_bucket_that_is_cut_off_closes_the_gate_and_ends_the_run_soon() {
    let (objects, clock) = (Memory::new(3), Virtual::clock());
    let store = store(&objects, &clock);
    let mut writer = taken(&store, "deployer up").await;
    let state = writer.load().await.unwrap().state;
    writer.append(&[opened(&state), told("one")]).await.unwrap();
    objects.cut_off(true);
    let began = clock.now();
    assert!(writer.append(&[told("two")]).await.is_err() && writer.save().await.is_err());
    assert!(clock.now() - began < Duration::from_secs(20));
    seconds(20).await;
    let gate = writer.gate().unwrap();
    assert_eq!(gate.check("lambda:CreateFunction").unwrap_err().code, "lock-unsure");
    objects.cut_off(false);
    seconds(10).await;
    assert!(gate.check("lambda:CreateFunction").is_ok(), "it is reached again before the lease is over");
    objects.cut_off(true);
    seconds(ACTS_FOR.as_secs() + 20).await;
    assert_eq!(gate.check("lambda:CreateFunction").unwrap_err().code, "lock-lost");
}

#[tokio::test(start_paused = true)]
async fn a_write_whose_answer_was_lost_for_good_is_stood_on_by_the_next() {
    let (objects, clock) = (Memory::new(3), Virtual::clock());
    let store = store(&objects, &clock);
    let mut writer = taken(&store, "deployer up").await;
    let state = writer.load().await.unwrap().state;
    // The write is heard, its answer is lost, and nothing is heard until it gives up.
    objects.spoil(0, Spoilt::Answer);
    let entries = [opened(&state), told("one")];
    let cut = async {
        while !objects.struck() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        objects.cut_off(true);
    };
    let (written, ()) = tokio::join!(writer.append(&entries), cut);
    assert!(written.is_err());
    objects.cut_off(false);
    writer.amend(&mut |state| state.outputs.extend([("text".to_owned(), "two".to_owned())]));
    writer.save().await.unwrap();
    assert_eq!(text(&loaded(&store).await.state), Some("two"));
    assert!(matches!(store.try_lock("deployer up").await.unwrap(), Taken::Held(_)));
}
