//! Virtual time: nobody waits, and when everything waits the clock goes on to the first who does.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures::future::BoxFuture;

use crate::clock::Clock;

/// Who waits, by the moment that is waited for and the order of asking.
#[derive(Default)]
struct Timeline {
    now: Duration,
    asked: u64,
    waiting: BTreeMap<(Duration, u64), Waker>,
}

thread_local! {
    /// Each test runs on a thread of its own.
    static TIMELINE: RefCell<Timeline> = RefCell::default();
}

/// The clock of a test that runs in [`run`].
pub struct VirtualTime;

impl Clock for VirtualTime {
    fn sleep(&self, wait: Duration) -> BoxFuture<'static, ()> {
        Box::pin(Sleep::until(self.now() + wait))
    }

    fn now(&self) -> Duration {
        TIMELINE.with_borrow(|timeline| timeline.now)
    }
}

/// Runs a test in virtual time that begins at nought.
///
/// # Panics
/// When no runtime can be made.
pub fn run<F: Future>(test: F) -> F::Output {
    TIMELINE.set(Timeline::default());
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.on_thread_park(go_on).build().expect("a runtime of one thread").block_on(test)
}

/// Everything waits: the clock goes on to the first moment that is waited for.
fn go_on() {
    let woken = TIMELINE.with_borrow_mut(|timeline| {
        let (moment, _) = *timeline.waiting.keys().next()?;
        timeline.now = timeline.now.max(moment);
        let later = timeline.waiting.split_off(&(timeline.now, u64::MAX));
        Some(std::mem::replace(&mut timeline.waiting, later))
    });
    woken.into_iter().flatten().for_each(|(_, waker)| waker.wake());
}

struct Sleep(Duration, u64);

impl Sleep {
    fn until(moment: Duration) -> Self {
        TIMELINE.with_borrow_mut(|timeline| {
            timeline.asked += 1;
            Self(moment, timeline.asked)
        })
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        TIMELINE.with_borrow_mut(|timeline| {
            if timeline.now >= self.0 {
                return Poll::Ready(());
            }
            timeline.waiting.insert((self.0, self.1), cx.waker().clone());
            Poll::Pending
        })
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        TIMELINE.with_borrow_mut(|timeline| drop(timeline.waiting.remove(&(self.0, self.1))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_passes_at_once_and_the_shorter_wait_ends_first() {
        let ended = run(async {
            let ended = RefCell::new(Vec::new());
            let wait = async |seconds| {
                VirtualTime.sleep(Duration::from_secs(seconds)).await;
                ended.borrow_mut().push((seconds, VirtualTime.now().as_secs()));
            };
            futures::join!(wait(3600), wait(1), wait(0));
            ended.into_inner()
        });
        assert_eq!(ended, [(0, 0), (1, 1), (3600, 3600)]);
    }

    #[test]
    fn who_waits_no_more_does_not_hold_the_clock() {
        let now = run(async {
            tokio::select! {
                () = VirtualTime.sleep(Duration::from_secs(1)) => {}
                () = VirtualTime.sleep(Duration::from_secs(9)) => {}
            }
            tokio::task::yield_now().await;
            VirtualTime.now()
        });
        assert_eq!(now, Duration::from_secs(1));
    }
}
