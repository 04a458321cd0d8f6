//! Signals and the time-out: when a command should end, and with which exit code.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::time::Duration;

use deployer_aws::client::Gate;
use deployer_engine::apply::Stop;
use deployer_engine::resource::CloudError;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::error::{Exit, Failure};

/// Listens for what should end the command.
pub struct Signals {
    stop: watch::Sender<Stop>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// A plan is being applied: it ends in its own time.
    applying: AtomicBool,
    /// How many things are held, such as a lock: each is given back before the command ends, the last taken first.
    held: AtomicUsize,
    /// The exit code of what came first; 0: nothing yet.
    exit: AtomicU8,
}

impl Signals {
    /// Listens for SIGINT, SIGTERM, SIGHUP and the end of the time that the command may take.
    pub fn listen(timeout: Option<Duration>) -> Self {
        let (stop, _) = watch::channel(Stop::No);
        let shared = Arc::new(Shared::default());
        for (kind, exit) in [
            (SignalKind::interrupt(), Exit::Interrupted),
            (SignalKind::terminate(), Exit::Terminated),
            // The terminal is gone.
            (SignalKind::hangup(), Exit::Terminated),
        ] {
            let (stop, shared) = (stop.clone(), Arc::clone(&shared));
            tokio::spawn(async move {
                // Without a handler the signal does what it does by default: it ends us.
                let Ok(mut signals) = signal(kind) else { return };
                while signals.recv().await.is_some() {
                    shared.ask(&stop, exit);
                }
            });
        }
        if let Some(timeout) = timeout {
            let (stop, shared) = (stop.clone(), Arc::clone(&shared));
            tokio::spawn(async move {
                tokio::time::sleep(timeout).await;
                shared.ask(&stop, Exit::TimedOut);
            });
        }
        Self { stop, shared }
    }

    /// Runs a command that ends at once when it is stopped, unless it holds something or applies a plan just then. When it is
    /// asked a second time it ends at once whatever it holds.
    pub async fn unless_stopped(&self, command: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
        let free = |asked| asked == Stop::Now || self.shared.held.load(Ordering::SeqCst) == 0;
        self.stoppable(command, free).await
    }

    /// Holds something that is given back before the command ends, such as a lock, until the answer is dropped.
    pub fn hold(&self) -> Hold<'_> {
        Hold { signals: self, depth: self.shared.held.fetch_add(1, Ordering::SeqCst) + 1 }
    }

    /// How urgently the command was asked to end, now and later.
    pub fn heard(&self) -> watch::Receiver<Stop> {
        self.stop.subscribe()
    }

    /// Whether the command was asked to end.
    pub fn are_heard(&self) -> bool {
        *self.stop.borrow() != Stop::No
    }

    async fn stoppable<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
        may_end: impl Fn(Stop) -> bool,
    ) -> Result<T, Failure> {
        let mut asked = self.stop.subscribe();
        tokio::pin!(work);
        loop {
            tokio::select! {
                ended = &mut work => return ended,
                Ok(()) = asked.changed() => {
                    let asked = *asked.borrow_and_update();
                    if may_end(asked) && !self.shared.applying.load(Ordering::SeqCst) {
                        return Err(self.stopped());
                    }
                }
            }
        }
    }

    /// What tells `apply` to stop. From now on a signal does not end the command at once.
    pub fn applying(&self) -> watch::Receiver<Stop> {
        self.shared.applying.store(true, Ordering::SeqCst);
        self.stop.subscribe()
    }

    /// The plan is applied: a signal ends the command at once again.
    pub fn applied(&self) {
        self.shared.applying.store(false, Ordering::SeqCst);
    }

    /// How a stopped command ends.
    pub fn stopped(&self) -> Failure {
        match self.shared.exit.load(Ordering::SeqCst) {
            code if code == Exit::TimedOut as u8 => {
                Failure::new(Exit::TimedOut, "timed-out", "it took longer than it may")
                    .hint("run again: what is done stays done")
            }
            code if code == Exit::Terminated as u8 => {
                Failure::new(Exit::Terminated, "stopped", "stopped by a signal").hint("it is safe to run again")
            }
            _ => Failure::new(Exit::Interrupted, "stopped", "stopped").hint("it is safe to run again"),
        }
    }
}

/// Something that is held. While it is, a signal ends what is done with it, and then there is time to give it back.
pub struct Hold<'a> {
    signals: &'a Signals,
    /// How many things were held when it was taken, itself included.
    depth: usize,
}

impl Hold<'_> {
    /// Does something with what is held: it ends at once when the command is stopped, unless it applies a plan or holds
    /// something else just then.
    pub async fn stoppable<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let last = |_| self.signals.shared.held.load(Ordering::SeqCst) == self.depth;
        self.signals.stoppable(work, last).await
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        self.signals.shared.held.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Lets calls pass until the run is stopped: from then on nothing that changes something begins, not even
/// within a step that is under way.
pub fn gate(stop: watch::Receiver<Stop>) -> Arc<dyn Gate> {
    struct Running(watch::Receiver<Stop>);
    impl Gate for Running {
        fn check(&self, operation: &str) -> Result<(), CloudError> {
            if *self.0.borrow() == Stop::No { Ok(()) } else { Err(CloudError::stopped(operation)) }
        }
    }
    Arc::new(Running(stop))
}

impl Shared {
    fn ask(&self, stop: &watch::Sender<Stop>, exit: Exit) {
        let _ = self.exit.compare_exchange(0, exit as u8, Ordering::SeqCst, Ordering::SeqCst);
        stop.send_modify(|level| *level = if *level == Stop::No { Stop::Soon } else { Stop::Now });
    }
}
