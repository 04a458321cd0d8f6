//! The lock of a state in a bucket: an object that its holder renews.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use deployer_aws::client::Gate;
use deployer_engine::clock::Clock;
use deployer_engine::objects::{Object, Objects, Only, Written};
use deployer_engine::resource::{CloudError, ErrorClass};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::puts::Place;
use crate::store::Held;
use crate::store::holder::Holder;
use crate::store::lease::{HEARTBEAT, Lease, Standing, Verdict, judge};

/// How long one write or read of the lock is tried.
const CALL_WITHIN: Duration = Duration::from_secs(3);
/// Between two looks at a lock that looks deserted.
const SECOND_LOOK: Duration = Duration::from_secs(1);
/// How often a contender looks before somebody else has plainly been quicker.
const LOOKS: usize = 6;
/// After a renewal that was not answered.
const RENEW_AGAIN: Duration = Duration::from_secs(1);

/// What came of contending for a lock.
pub enum Contended {
    /// It is ours.
    Ours(Grip),
    /// Somebody else has it.
    Held(Held),
}

/// The lock's object.
#[derive(Clone)]
pub struct LockObject {
    pub objects: Arc<dyn Objects>,
    pub clock: Arc<dyn Clock>,
    pub key: String,
}

impl LockObject {
    fn place(&self) -> Place<'_> {
        Place { objects: &*self.objects, clock: &*self.clock, key: &self.key }
    }

    /// Who holds it.
    pub async fn held(&self) -> Result<Option<Held>, CloudError> {
        Ok(self.place().get(CALL_WITHIN).await?.map(held))
    }

    /// Takes it away from who holds it. `false`: it is another's by now, or free.
    pub async fn break_off(&self, held: &Held) -> Result<bool, CloudError> {
        self.objects.delete(&self.key, &held.tag).await
    }

    /// Tries to take it: at once when it is free or its holder is known to be gone, after a second look when
    /// nobody renews it.
    pub async fn contend(&self, me: Holder) -> Result<Contended, CloudError> {
        let (mut before, mut last) = (None, None);
        for _ in 0..LOOKS {
            let asked = self.clock.now();
            if let Written::Done(tag) = self.write(&me, 0, &Only::New).await? {
                return Ok(Contended::Ours(self.grip(me, tag, asked)));
            }
            let Some(found) = self.held().await? else { continue };
            match judge(&me, &found, before.as_deref()) {
                Verdict::Ours => return Ok(Contended::Ours(self.grip(me, found.tag, asked))),
                Verdict::Wait => return Ok(Contended::Held(found)),
                Verdict::TakeOver => {
                    let asked = self.clock.now();
                    if let Written::Done(tag) = self.write(&me, 0, &Only::Over(found.tag.clone())).await? {
                        return Ok(Contended::Ours(self.grip(me, tag, asked)));
                    }
                }
                Verdict::LookAgain => {
                    before = Some(found.tag.clone());
                    self.clock.sleep(SECOND_LOOK).await;
                }
            }
            last = Some(found);
        }
        let nobody = Held { holder: None, tag: String::new(), silent_for: None };
        Ok(Contended::Held(last.unwrap_or(nobody)))
    }

    async fn write(&self, me: &Holder, beat: u64, only: &Only) -> Result<Written, CloudError> {
        let body = serde_json::json!({ "holder": me, "beat": beat }).to_string();
        self.place().put(body.as_bytes(), &format!("{} {beat}", me.token), only, CALL_WITHIN).await
    }

    fn grip(&self, me: Holder, tag: String, asked: Duration) -> Grip {
        let shared = Arc::new(Shared { lease: Mutex::new(Lease::new(asked)), tag: Mutex::new(tag) });
        let (tell, slips) = watch::channel(false);
        let beat = tokio::spawn(beat(self.clone(), me.clone(), Arc::clone(&shared), tell));
        Grip { lock: self.clone(), me, shared, slips, beat }
    }
}

fn held(found: Object) -> Held {
    let body: Option<serde_json::Value> = serde_json::from_slice(&found.body).ok();
    let holder = body.and_then(|body| serde_json::from_value(body["holder"].clone()).ok());
    Held { holder, tag: found.tag, silent_for: Some(found.age) }
}

struct Shared {
    lease: Mutex<Lease>,
    tag: Mutex<String>,
}

impl Shared {
    fn lease(&self) -> MutexGuard<'_, Lease> {
        self.lease.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tag(&self) -> MutexGuard<'_, String> {
        self.tag.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Renews the lease for as long as it is not lost, and tells when the run should stop.
async fn beat(lock: LockObject, me: Holder, shared: Arc<Shared>, slips: watch::Sender<bool>) {
    for number in 1.. {
        lock.clock.sleep(HEARTBEAT).await;
        loop {
            let asked = lock.clock.now();
            slips.send_replace(shared.lease().should_stop(asked));
            if shared.lease().standing(asked) == Standing::Lost {
                return;
            }
            let tag = shared.tag().clone();
            match lock.write(&me, number, &Only::Over(tag)).await {
                Ok(Written::Done(tag)) => {
                    *shared.tag() = tag;
                    shared.lease().renewed(asked, lock.clock.now());
                    break;
                }
                Ok(Written::Refused) => {
                    shared.lease().refused();
                    slips.send_replace(true);
                    return;
                }
                Err(_) => shared.lease().unanswered(asked),
            }
            lock.clock.sleep(RENEW_AGAIN).await;
        }
    }
}

/// A held lock. It is renewed until it is released or dropped; one that is dropped is taken over by the next on
/// this machine as soon as this process is gone, by others after a while.
pub struct Grip {
    lock: LockObject,
    me: Holder,
    shared: Arc<Shared>,
    slips: watch::Receiver<bool>,
    beat: JoinHandle<()>,
}

impl Drop for Grip {
    fn drop(&mut self) {
        self.beat.abort();
    }
}

impl Grip {
    /// What tells this holding from every other.
    pub fn token(&self) -> &str {
        &self.me.token
    }

    /// How sure we are of it.
    pub fn standing(&self) -> Standing {
        self.shared.lease().standing(self.lock.clock.now())
    }

    /// What says no to calls when it is not surely ours.
    pub fn gate(&self) -> Arc<dyn Gate> {
        Arc::new(WhileHeld { shared: Arc::clone(&self.shared), clock: Arc::clone(&self.lock.clock) })
    }

    /// Becomes true when the run should stop, since the lock is lost or not renewed for too long.
    pub fn slips(&self) -> watch::Receiver<bool> {
        self.slips.clone()
    }

    /// Gives it back. What another has by now stays.
    pub async fn release(self) {
        self.beat.abort();
        let place = self.lock.place();
        let tag = self.shared.tag().clone();
        let given = place.delete(&tag, CALL_WITHIN).await;
        if matches!(given, Ok(false))
            && let Ok(Some(found)) = place.get(CALL_WITHIN).await
            && found.label.starts_with(&self.me.token)
        {
            // The last renewal happened although its answer was not awaited.
            let _ = place.delete(&found.tag, CALL_WITHIN).await;
        }
    }
}

struct WhileHeld {
    shared: Arc<Shared>,
    clock: Arc<dyn Clock>,
}

impl Gate for WhileHeld {
    fn check(&self, operation: &str) -> Result<(), CloudError> {
        let (class, code, what) = match self.shared.lease().standing(self.clock.now()) {
            Standing::Sure => return Ok(()),
            Standing::Unsure => (ErrorClass::Throttled, "lock-unsure", "the lock's renewal is not answered yet"),
            Standing::Lost => (ErrorClass::Stopped, "lock-lost", "the lock of the state is lost"),
        };
        Err(CloudError::new(class, operation, "", code, what))
    }
}
