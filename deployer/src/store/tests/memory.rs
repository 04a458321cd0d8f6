//! A bucket in memory, which answers late, loses answers and can be cut off; and clocks of machines that sleep.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use deployer_engine::clock::Clock;
use deployer_engine::objects::{Object, Objects, Only, Written};
use deployer_engine::resource::{CloudError, ErrorClass};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::sync::watch;
use tokio::time::Instant;

/// What happens to one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoilt {
    /// It is not heard.
    Request,
    /// It is heard, and its answer lost.
    Answer,
}

#[derive(Default)]
struct Kept {
    objects: BTreeMap<String, (Vec<u8>, String, String, Duration)>,
    former: BTreeMap<String, Vec<Vec<u8>>>,
    writes: u64,
    calls: usize,
    spoilt: Option<(usize, Spoilt)>,
    cut: bool,
    noise: u64,
}

/// The bucket. Its clock is the runtime's, which tests pause.
pub struct Memory {
    began: Instant,
    kept: Mutex<Kept>,
}

impl Memory {
    /// A bucket whose answers take up to 200 ms, each another time for each seed; 0: it answers at once.
    pub fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self { began: Instant::now(), kept: Mutex::new(Kept { noise: seed, ..Kept::default() }) })
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap()
    }

    /// Spoils the n-th call from now, from 0.
    pub fn spoil(&self, at: usize, how: Spoilt) {
        let mut kept = self.kept();
        kept.spoilt = Some((kept.calls + at, how));
    }

    /// Whether the call that was to be spoilt has come.
    pub fn struck(&self) -> bool {
        self.kept().spoilt.is_none()
    }

    /// From now on nothing is heard, or everything is again.
    pub fn cut_off(&self, cut: bool) {
        self.kept().cut = cut;
    }

    /// What there is.
    pub fn keys(&self) -> Vec<String> {
        self.kept().objects.keys().cloned().collect()
    }

    async fn call<T>(&self, act: impl FnOnce(&mut Kept, Duration) -> T) -> Result<T, CloudError> {
        self.late().await;
        let (done, lost) = {
            let mut kept = self.kept();
            let spoilt = kept.spoilt.filter(|(at, _)| *at == kept.calls).map(|(_, how)| how);
            kept.spoilt = kept.spoilt.filter(|_| spoilt.is_none());
            kept.calls += 1;
            let heard = spoilt != Some(Spoilt::Request) && !kept.cut;
            (heard.then(|| act(&mut kept, self.began.elapsed())), spoilt.is_some())
        };
        self.late().await;
        let cut = || CloudError::new(ErrorClass::Unknown, "s3:Call", "", "no-answer", "cut");
        done.filter(|_| !lost).ok_or_else(cut)
    }

    async fn late(&self) {
        let wait = {
            let mut kept = self.kept();
            // A linear congruential generator: the same seed, the same run.
            kept.noise = kept.noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(u64::from(kept.noise != 0));
            (kept.noise >> 33) % 100
        };
        if wait > 0 {
            tokio::time::sleep(Duration::from_millis(wait)).await;
        }
    }
}

impl Kept {
    fn tag(&self, key: &str) -> Option<&str> {
        self.objects.get(key).map(|object| object.1.as_str())
    }
}

impl Objects for Memory {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Object>, CloudError>> {
        self.call(|kept, now| {
            let (body, tag, label, at) = kept.objects.get(key)?.clone();
            // The place tells whole seconds.
            let age = Duration::from_secs(now.as_secs() - at.as_secs());
            Some(Object { body, tag, label, age })
        })
        .boxed()
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        body: &'a [u8],
        label: &'a str,
        only: &'a Only,
    ) -> BoxFuture<'a, Result<Written, CloudError>> {
        self.call(move |kept, now| {
            let holds = match only {
                Only::New => kept.tag(key).is_none(),
                Only::Over(tag) => kept.tag(key) == Some(tag),
            };
            if !holds {
                return Written::Refused;
            }
            kept.writes += 1;
            let tag = format!("t{}", kept.writes);
            let object = (body.to_vec(), tag.clone(), label.to_owned(), now);
            if let Some((before, ..)) = kept.objects.insert(key.to_owned(), object) {
                kept.former.entry(key.to_owned()).or_default().insert(0, before);
            }
            Written::Done(tag)
        })
        .boxed()
    }

    fn delete<'a>(&'a self, key: &'a str, tag: &'a str) -> BoxFuture<'a, Result<bool, CloudError>> {
        self.call(move |kept, _| kept.tag(key) == Some(tag) && kept.objects.remove(key).is_some()).boxed()
    }

    fn former<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Vec<Vec<u8>>, CloudError>> {
        self.call(move |kept, _| kept.former.get(key).cloned().unwrap_or_default()).boxed()
    }
}

/// The paused runtime's clock. It counts sleep: the runtime's time goes on while a machine sleeps.
pub struct Virtual(Instant);

impl Virtual {
    pub fn clock() -> Arc<dyn Clock> {
        Arc::new(Self(Instant::now()))
    }
}

impl Clock for Virtual {
    fn sleep(&self, wait: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(wait).boxed()
    }

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

/// A machine that can be put to sleep: then nothing on it goes on, and its clock does.
pub struct Machine {
    objects: Arc<Memory>,
    clock: Arc<dyn Clock>,
    awake: watch::Sender<bool>,
}

impl Machine {
    pub fn new(objects: &Arc<Memory>, clock: &Arc<dyn Clock>) -> Arc<Self> {
        let (objects, clock) = (Arc::clone(objects), Arc::clone(clock));
        Arc::new(Self { objects, clock, awake: watch::channel(true).0 })
    }

    pub fn sleeps(&self, asleep: bool) {
        self.awake.send_replace(!asleep);
    }

    async fn awake(&self) {
        let mut awake = self.awake.subscribe();
        awake.wait_for(|awake| *awake).await.unwrap();
    }

    async fn call<T>(&self, call: impl Future<Output = T>) -> T {
        self.awake().await;
        let answer = call.await;
        self.awake().await;
        answer
    }
}

impl Clock for Machine {
    fn sleep(&self, wait: Duration) -> BoxFuture<'static, ()> {
        let mut awake = self.awake.subscribe();
        let wait = self.clock.sleep(wait);
        async move {
            wait.await;
            awake.wait_for(|awake| *awake).await.unwrap();
        }
        .boxed()
    }

    fn now(&self) -> Duration {
        self.clock.now()
    }
}

impl Objects for Machine {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Object>, CloudError>> {
        self.call(self.objects.get(key)).boxed()
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        body: &'a [u8],
        label: &'a str,
        only: &'a Only,
    ) -> BoxFuture<'a, Result<Written, CloudError>> {
        self.call(self.objects.put(key, body, label, only)).boxed()
    }

    fn delete<'a>(&'a self, key: &'a str, tag: &'a str) -> BoxFuture<'a, Result<bool, CloudError>> {
        self.call(self.objects.delete(key, tag)).boxed()
    }

    fn former<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Vec<Vec<u8>>, CloudError>> {
        self.call(self.objects.former(key)).boxed()
    }
}
