//! One contract for every store: a folder, a bucket in memory, a bucket of the local AWS.

use std::sync::Arc;
use std::time::Duration;

use deployer_aws::Cloud;
use deployer_aws::client::Target;
use deployer_aws::objects::Bucket;
use deployer_engine::clock::Clock;
use deployer_engine::objects::{Objects, Only, Written};
use deployer_engine::state::{Scope, Standing};
use deployer_local::http;
use deployer_testbed::Emulator;
use futures::future::{BoxFuture, join_all};

use super::memory::{Memory, Virtual};
use super::{loaded, opened, record, saved, scope, taken, text, told, unstopped};
use crate::artifacts::ArtifactStore;
use crate::error::Exit;
use crate::store::bucket::BucketStore;
use crate::store::clock::SleepCounting;
use crate::store::disk::DiskStore;
use crate::store::{StateStore, Taken, lock};

/// How often two deployers race for real.
const ROUNDS: usize = 5;

/// A place that makes stores, each of a state of its own.
struct Lab {
    make: Box<Make>,
    /// Damages the state of a stack so that it cannot be read.
    damage: Box<Damage>,
}

type Make = dyn Fn(&str) -> Arc<dyn StateStore>;
type Damage = dyn Fn(&str) -> BoxFuture<'static, ()>;

impl Lab {
    async fn keeps_the_contract(&self) {
        self.nothing_is_an_empty_state().await;
        self.what_is_saved_is_read_back().await;
        self.what_a_killed_run_learnt_is_folded_in().await;
        self.a_writer_that_was_overtaken_is_refused().await;
        self.a_damaged_state_is_replaced_by_its_former_generation().await;
        self.a_state_of_another_scope_is_refused().await;
        for round in 0..ROUNDS {
            self.one_of_two_gets_the_lock(round).await;
        }
    }

    async fn nothing_is_an_empty_state(&self) {
        let store = (self.make)("empty");
        let found = loaded(&*store).await;
        assert_eq!((found.state.serial, found.notice, found.interrupted), (0, None, false));
        assert_eq!(found.state.scope, scope("empty"));
        assert_eq!(store.held().await.unwrap(), None);
    }

    async fn what_is_saved_is_read_back(&self) {
        let store = (self.make)("saved");
        let mut writer = taken(&*store, "deployer up").await;
        let mut state = writer.load().await.unwrap().state;
        writer.append(&[opened(&state)]).await.unwrap();
        writer.amend(&mut |state| state.put(record("one"), Standing::Deposed));
        writer.save().await.unwrap();
        let found = loaded(&*store).await;
        assert_eq!(&found.state, writer.state());
        assert!(!found.interrupted && found.state.serial > state.serial && found.state.lineage == state.lineage);
        state = found.state;
        writer.save().await.unwrap();
        assert!(loaded(&*store).await.state.serial > state.serial, "each generation has a serial of its own");
        writer.release().await;
        assert_eq!(store.held().await.unwrap(), None);
    }

    async fn what_a_killed_run_learnt_is_folded_in(&self) {
        let store = (self.make)("killed");
        saved(&*store, "one").await;
        let mut writer = taken(&*store, "deployer up").await;
        let state = writer.load().await.unwrap().state;
        writer.append(&[opened(&state), told("two")]).await.unwrap();
        writer.append(&[told("three")]).await.unwrap();
        // Neither saved nor released by the run itself.
        writer.release().await;
        let found = loaded(&*store).await;
        assert_eq!((text(&found.state), found.interrupted), (Some("three"), true));
        let mut writer = taken(&*store, "deployer up").await;
        writer.load().await.unwrap();
        writer.save().await.unwrap();
        writer.release().await;
        let found = loaded(&*store).await;
        assert_eq!((text(&found.state), found.interrupted), (Some("three"), false));
    }

    async fn a_writer_that_was_overtaken_is_refused(&self) {
        let store = (self.make)("overtaken");
        saved(&*store, "one").await;
        let mut writer = taken(&*store, "deployer up").await;
        writer.load().await.unwrap();
        // Its lock is taken away, where that can be done, and another one writes.
        let held = store.held().await.unwrap().expect("it is held");
        match store.break_lock(&held).await {
            Ok(broken) => assert!(broken),
            Err(failure) => {
                assert_eq!(failure.exit, Exit::Locked, "a lock of the kernel goes with its process only");
                return writer.release().await;
            }
        }
        saved(&*store, "two").await;
        assert!(writer.append(&[told("late")]).await.is_err());
        assert_eq!(writer.save().await.unwrap_err().diagnostics[0].code, "overtaken");
        writer.release().await;
        assert_eq!(text(&loaded(&*store).await.state), Some("two"));
    }

    async fn a_damaged_state_is_replaced_by_its_former_generation(&self) {
        let store = (self.make)("damaged");
        saved(&*store, "one").await;
        saved(&*store, "two").await;
        (self.damage)("damaged").await;
        let found = loaded(&*store).await;
        assert!(found.notice.is_some_and(|notice| notice.contains("previous generation")));
        assert!(["one", "two"].contains(&text(&found.state).unwrap()));
        saved(&*store, "three").await;
        let found = loaded(&*store).await;
        assert_eq!((text(&found.state), found.notice), (Some("three"), None));
    }

    async fn a_state_of_another_scope_is_refused(&self) {
        let store = (self.make)("mine");
        saved(&*store, "one").await;
        let foreign = (self.make)("mine@us-east-1");
        assert_eq!(foreign.load().await.err().unwrap().diagnostics[0].code, "bad-state");
    }

    async fn one_of_two_gets_the_lock(&self, round: usize) {
        let stack = format!("race{round}");
        let [one, two] = [(self.make)(&stack), (self.make)(&stack)];
        let (first, second) = tokio::join!(one.try_lock("deployer up"), two.try_lock("deployer down"));
        let (writer, held) = match (first.unwrap(), second.unwrap()) {
            (Taken::Ours(writer), Taken::Held(held)) | (Taken::Held(held), Taken::Ours(writer)) => (writer, held),
            (Taken::Ours(_), Taken::Ours(_)) => panic!("both have it"),
            (Taken::Held(_), Taken::Held(_)) => panic!("nobody has it"),
        };
        assert_eq!(held.holder.as_ref().map(|holder| holder.pid), Some(std::process::id()), "{held:?}");
        let refused =
            lock(&*one, &SleepCounting, "deployer up", Duration::ZERO, &|_| {}, unstopped()).await.err().unwrap();
        assert_eq!(refused.exit, Exit::Locked);
        let told = refused.to_string();
        assert!(told.contains(&held.holder.unwrap().to_string()) && told.contains(&one.place()), "{told}");
        writer.release().await;
        taken(&*two, "deployer down").await.release().await;
    }
}

/// A stack's name and, after `@`, the region that its scope has.
fn scope_of(word: &str) -> Scope {
    let (stack, region) = word.split_once('@').unwrap_or((word, "us-west-2"));
    Scope { region: region.to_owned(), ..scope(stack) }
}

#[tokio::test]
async fn a_folder_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().to_owned();
    let damage = {
        let project = project.clone();
        move |stack: &str| -> BoxFuture<'static, ()> {
            let path = DiskStore::new(&project, scope(stack)).folder().join("state.json");
            let whole = std::fs::read(&path).unwrap();
            std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
            Box::pin(std::future::ready(()))
        }
    };
    let make = Box::new(move |word: &str| Arc::new(DiskStore::new(&project, scope_of(word))) as Arc<dyn StateStore>);
    Lab { make, damage: Box::new(damage) }.keeps_the_contract().await;
}

fn bucket_lab(objects: Arc<dyn Objects>, clock: Arc<dyn Clock>) -> Lab {
    let damaged = Arc::clone(&objects);
    let damage = move |stack: &str| -> BoxFuture<'static, ()> {
        let (objects, key) = (Arc::clone(&damaged), format!("team/{stack}/e/state.json"));
        Box::pin(async move {
            let found = objects.get(&key).await.unwrap().unwrap();
            let half = &found.body[..found.body.len() / 2];
            objects.put(&key, half, "somebody", &Only::Over(found.tag)).await.unwrap();
        })
    };
    let make = Box::new(move |word: &str| {
        let (objects, clock) = (Arc::clone(&objects), Arc::clone(&clock));
        Arc::new(BucketStore::new(objects, clock, "bucket", "team/", scope_of(word))) as Arc<dyn StateStore>
    });
    Lab { make, damage: Box::new(damage) }
}

#[tokio::test(start_paused = true)]
async fn a_bucket_keeps_the_contract() {
    for seed in [0, 1, 2, 3] {
        bucket_lab(Memory::new(seed), Virtual::clock()).keeps_the_contract().await;
    }
}

/// A bucket of a local AWS, and what it needs to be there.
async fn local_bucket() -> (Emulator, tempfile::TempDir, Arc<dyn Objects>) {
    let emulator = Emulator::start().await;
    let folder = tempfile::tempdir().unwrap();
    let target = Target {
        // A bucket that is made without a word about it is there.
        region: "us-east-1".into(),
        account: "000000000000".into(),
        endpoint: Some(emulator.endpoint.clone()),
        credentials: Some(("test".into(), "test".into())),
        ..Target::default()
    };
    let cloud = Arc::new(Cloud::open(target, Arc::new(ArtifactStore::open(folder.path()).unwrap())).await);
    // A versioned bucket, as the deployer makes it for states.
    let versioning = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    for (query, body) in [("", ""), ("?versioning", versioning)] {
        let request = hyper::Request::put(format!("{}/bucket{query}", emulator.endpoint)).body(http::whole(body));
        let answer = http::client().request(request.unwrap()).await.unwrap();
        assert!(answer.status().is_success(), "{query}: {}", answer.status());
    }
    (emulator, folder, Arc::new(Bucket::new(cloud, "bucket".into())))
}

#[tokio::test]
async fn a_bucket_of_the_local_aws_keeps_the_contract() {
    let (_emulator, _folder, objects) = local_bucket().await;
    bucket_lab(objects, Arc::new(SleepCounting)).keeps_the_contract().await;
}

/// Who writes at once.
const WRITERS: usize = 16;

/// Races over an emulator prove something because of this alone.
#[tokio::test]
async fn of_many_conditional_writes_at_once_the_local_aws_takes_one() {
    let (_emulator, _folder, objects) = local_bucket().await;
    for round in 0..ROUNDS {
        let key = format!("round-{round}");
        let mut only = Only::New;
        for turn in 0..ROUNDS {
            let bodies: Vec<_> = (0..WRITERS).map(|writer| format!("{turn} {writer}")).collect();
            let writes = bodies.iter().map(|body| objects.put(&key, body.as_bytes(), "", &only));
            let written: Vec<_> = join_all(writes).await.into_iter().map(Result::unwrap).collect();
            let mut winners = written.into_iter().filter_map(|each| match each {
                Written::Done(tag) => Some(tag),
                Written::Refused => None,
            });
            let (winner, other) = (winners.next(), winners.next());
            assert_eq!(other, None, "round {round}, turn {turn}");
            only = Only::Over(winner.expect("one of them wins"));
        }
    }
}
