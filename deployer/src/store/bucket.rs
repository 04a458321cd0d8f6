//! State in a bucket: one object, which every write replaces under the condition that nobody else did.

pub mod lock;
mod puts;

use std::sync::Arc;
use std::time::Duration;

use deployer_aws::client::Gate;
use deployer_engine::clock::Clock;
use deployer_engine::journal::{Entry, Journal, JournalError, fold};
use deployer_engine::objects::{Object, Objects, Only, Written};
use deployer_engine::resource::CloudError;
use deployer_engine::state::{BadState, Scope, State};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::sync::watch;

use self::lock::{Contended, Grip, LockObject};
use self::puts::Place;
use super::holder::Holder;
use super::lease::Standing;
use super::{Held, Loaded, StateStore, Taken, Writer, first, overtaken, replaced, unusable};
use crate::error::{Exit, Failure};

/// How long one write or read of the state is tried: a run that cannot write must soon stop.
const CALL_WITHIN: Duration = Duration::from_secs(5);
/// What the label of a state begins with while a run is under way, and after it ended.
const OPEN: &str = "open";
const CLOSED: &str = "closed";

/// The state of one environment of one stack in a bucket.
#[derive(Clone)]
pub struct BucketStore {
    objects: Arc<dyn Objects>,
    clock: Arc<dyn Clock>,
    bucket: String,
    /// What its keys begin with.
    folder: String,
    scope: Scope,
}

impl BucketStore {
    /// The store of that scope in a bucket, below `prefix` (empty, or with `/` at its end). No call is made.
    pub fn new(objects: Arc<dyn Objects>, clock: Arc<dyn Clock>, bucket: &str, prefix: &str, scope: Scope) -> Self {
        let folder = format!("{prefix}{}/{}", scope.stack, scope.environment);
        Self { objects, clock, bucket: bucket.to_owned(), folder, scope }
    }

    fn state_key(&self) -> String {
        format!("{}/state.json", self.folder)
    }

    fn lock(&self) -> LockObject {
        let key = format!("{}/lock.json", self.folder);
        LockObject { objects: Arc::clone(&self.objects), clock: Arc::clone(&self.clock), key }
    }

    fn failure(&self, error: CloudError) -> Failure {
        match error.code.as_str() {
            "NoSuchBucket" => {
                let message = format!("the bucket {} that keeps the state does not exist", self.bucket);
                Failure::new(Exit::NeedsPerson, "no-state-bucket", message)
                    .hint(format!("`deployer init -e {}` makes it", self.scope.environment))
            }
            "PermanentRedirect" | "AuthorizationHeaderMalformed" => Failure::from(error).hint(format!(
                "the bucket is in another region: say which, `state = {{ bucket = \"{}\", region = \"…\" }}`",
                self.bucket
            )),
            _ => Failure::from(error),
        }
    }

    async fn object(&self) -> Result<Option<Object>, Failure> {
        let place = Place { objects: &*self.objects, clock: &*self.clock, key: &self.state_key() };
        place.get(CALL_WITHIN).await.map_err(|error| self.failure(error))
    }

    /// What an object holds, or when it is damaged the youngest of its former versions that is not.
    async fn read(&self, found: &Object) -> Result<Loaded, Failure> {
        let text = |body: &[u8]| String::from_utf8_lossy(body).into_owned();
        let bad = match State::read(&text(&found.body), &self.scope) {
            Ok(state) => {
                let interrupted = found.label.starts_with(OPEN);
                return Ok(Loaded { state, notice: None, interrupted });
            }
            Err(bad @ BadState::Damaged(_)) => bad,
            Err(bad) => return Err(unusable(&self.place(), &bad)),
        };
        let former = self.objects.former(&self.state_key()).await.map_err(|error| self.failure(error))?;
        let state = former.iter().find_map(|body| State::read(&text(body), &self.scope).ok());
        let state = state.ok_or_else(|| unusable(&self.place(), &bad))?;
        Ok(Loaded { state, notice: Some(replaced(&bad)), interrupted: true })
    }

    async fn load_with(&self) -> Result<(Loaded, Only), Failure> {
        match self.object().await? {
            Some(found) => Ok((self.read(&found).await?, Only::Over(found.tag))),
            None => Ok((Loaded { state: first(&self.scope), notice: None, interrupted: false }, Only::New)),
        }
    }
}

impl StateStore for BucketStore {
    fn place(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.folder)
    }

    fn load(&self) -> BoxFuture<'_, Result<Loaded, Failure>> {
        async { Ok(self.load_with().await?.0) }.boxed()
    }

    fn try_lock<'a>(&'a self, command: &'a str) -> BoxFuture<'a, Result<Taken, Failure>> {
        async {
            let contended = self.lock().contend(Holder::here(command)).await.map_err(|error| self.failure(error))?;
            Ok(match contended {
                Contended::Held(held) => Taken::Held(held),
                Contended::Ours(grip) => Taken::Ours(Box::new(BucketWriter {
                    state: first(&self.scope),
                    store: self.clone(),
                    only: Only::New,
                    grip,
                })),
            })
        }
        .boxed()
    }

    fn held(&self) -> BoxFuture<'_, Result<Option<Held>, Failure>> {
        async { self.lock().held().await.map_err(|error| self.failure(error)) }.boxed()
    }

    fn break_lock<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<bool, Failure>> {
        async { self.lock().break_off(held).await.map_err(|error| self.failure(error)) }.boxed()
    }
}

/// The holder of the lock.
struct BucketWriter {
    store: BucketStore,
    grip: Grip,
    state: State,
    /// What must be so for the next write: nobody has written since.
    only: Only,
}

impl BucketWriter {
    /// Makes this the state. Only what is written is known afterwards.
    async fn write(&mut self, next: State, mark: &str) -> Result<(), Failure> {
        let place = self.store.place();
        if self.grip.standing() == Standing::Lost {
            return Err(Failure::new(Exit::Other, "lock-lost", format!("the lock of {place} is lost"))
                .hint("nothing further was started; run again: what is done is found"));
        }
        let (key, text) = (self.store.state_key(), next.to_text());
        let label = format!("{mark} {} {}", self.grip.token(), next.serial);
        let place = Place { objects: &*self.store.objects, clock: &*self.store.clock, key: &key };
        // The second time stands on an earlier write of our own whose answer was lost for good.
        for _ in 0..2 {
            let written = place.put(text.as_bytes(), &label, &self.only, CALL_WITHIN).await;
            match written.map_err(|error| self.store.failure(error))? {
                Written::Done(tag) => {
                    (self.only, self.state) = (Only::Over(tag), next);
                    return Ok(());
                }
                Written::Refused => match self.store.object().await? {
                    Some(found) if found.label.split(' ').nth(1) == Some(self.grip.token()) => {
                        self.only = Only::Over(found.tag);
                    }
                    _ => break,
                },
            }
        }
        Err(overtaken(&self.store.place()))
    }
}

impl Journal for BucketWriter {
    fn append<'a>(&'a mut self, entries: &'a [Entry]) -> BoxFuture<'a, Result<(), JournalError>> {
        async {
            let next = State { serial: self.state.serial + 1, ..fold(self.state.clone(), entries.iter().cloned()) };
            self.write(next, OPEN).await.map_err(|failure| {
                JournalError(failure.diagnostics.into_iter().map(|each| each.message).collect::<Vec<_>>().join("; "))
            })
        }
        .boxed()
    }

    fn is_dear(&self) -> bool {
        true
    }
}

impl Writer for BucketWriter {
    fn load(&mut self) -> BoxFuture<'_, Result<Loaded, Failure>> {
        async {
            let (loaded, only) = self.store.load_with().await?;
            (self.state, self.only) = (loaded.state.clone(), only);
            Ok(loaded)
        }
        .boxed()
    }

    fn anew(&mut self) -> BoxFuture<'_, Result<(), Failure>> {
        async {
            self.only = self.store.object().await?.map_or(Only::New, |found| Only::Over(found.tag));
            self.state = first(&self.store.scope);
            Ok(())
        }
        .boxed()
    }

    fn state(&self) -> &State {
        &self.state
    }

    fn amend(&mut self, change: &mut dyn FnMut(&mut State)) {
        change(&mut self.state);
    }

    fn save(&mut self) -> BoxFuture<'_, Result<(), Failure>> {
        async {
            let next = State { serial: self.state.serial + 1, ..self.state.clone() };
            self.write(next, CLOSED).await
        }
        .boxed()
    }

    fn gate(&self) -> Option<Arc<dyn Gate>> {
        Some(self.grip.gate())
    }

    fn slips(&self) -> Option<watch::Receiver<bool>> {
        Some(self.grip.slips())
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        self.grip.release().boxed()
    }
}
