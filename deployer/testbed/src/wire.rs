//! A proxy between the deployer and an AWS that counts what goes over it, spoils single calls, and lends the AWS
//! behind it manners of the real one.

mod answer;
mod call;
mod exchange;
mod fault;
mod hop;
mod manners;
mod record;
mod rule;

use std::io;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;

use deployer_local::http;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

pub use self::answer::Answer;
pub use self::call::Call;
pub use self::exchange::Exchange;
pub use self::fault::Fault;
pub use self::manners::{DOCUMENTED, Manners, Rate};
pub use self::rule::Rule;

use self::hop::Hop;
use self::record::Shared;

/// Who calls at [`Wire::endpoint`].
const FIRST_ACTOR: &str = "A";

/// The proxy. It runs in a thread of its own, so that a test may block, and ends when it is dropped.
#[derive(Debug)]
pub struct Wire {
    /// Where to call instead of the AWS behind it, such as `http://127.0.0.1:40123`. Who calls here is actor `A`.
    pub endpoint: String,
    upstream: String,
    shared: Arc<Shared>,
    runtime: Handle,
    _stop: oneshot::Sender<()>,
}

impl Wire {
    /// Starts it in front of an endpoint such as `http://127.0.0.1:4566`.
    pub fn start(upstream: &str) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (stop, stopped) = oneshot::channel::<()>();
        let (handle, shared) = (runtime.handle().clone(), Arc::new(Shared::new()));
        let endpoint = listen(&handle, upstream, FIRST_ACTOR, &shared);
        // Ends when the sender is dropped, and with the runtime all that it serves.
        std::thread::spawn(move || runtime.block_on(stopped));
        Self { endpoint, upstream: upstream.to_owned(), shared, runtime: handle, _stop: stop }
    }

    /// A port of its own for another actor, whose calls are on the same record: where it calls.
    pub fn for_actor(&self, actor: &str) -> String {
        listen(&self.runtime, &self.upstream, actor, &self.shared)
    }

    /// Says which process an actor is: whom [`Fault::SignalBefore`] and [`Fault::SignalAfter`] mean. A call that
    /// sends a signal waits until this is known.
    pub fn is_process(&self, actor: &str, pid: u32) {
        self.shared.set(|record| record.pids.insert(actor.to_owned(), pid));
    }

    /// Adds a rule. The first that fits a call spoils it.
    pub fn script(&self, rule: Rule) {
        self.shared.set(|record| record.rules.push(rule));
    }

    /// Switches manners on, and off what is not in them. What they remembered is forgotten.
    pub fn behave(&self, manners: Manners) {
        self.shared.behave(manners);
    }

    /// Every call so far, in the order of their answers.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.get(|record| record.calls.clone())
    }

    /// From now on keeps what was asked and answered, until [`Wire::clear`].
    pub fn keep_exchanges(&self) {
        self.shared.set(|record| record.exchanges = Some(Vec::new()));
    }

    /// Every call that AWS answered since [`Wire::keep_exchanges`], in the order of their answers.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.shared.get(|record| record.exchanges.clone().unwrap_or_default())
    }

    /// The operations of the calls that may have changed something.
    pub fn mutating_calls(&self) -> Vec<String> {
        self.calls().into_iter().filter(|call| call.mutating).map(|call| call.operation).collect()
    }

    /// How many calls a rule has spoilt. One whose caller was killed may not be on the record yet.
    pub fn spoilt(&self) -> usize {
        self.shared.get(|record| record.spoilt)
    }

    /// Writes every call so far as a line of JSON.
    pub fn write_log(&self, path: &Path) -> io::Result<()> {
        let lines: String = self.calls().iter().map(|call| format!("{}\n", call.line())).collect();
        std::fs::write(path, lines)
    }

    /// Waits until one of the calls so far fits, those that hang included.
    pub async fn until(&self, fits: impl Fn(&Call) -> bool) {
        self.shared.until(|record| record.calls.iter().any(&fits).then_some(())).await;
    }

    /// Waits until a call has come to the gate of that name; see [`Fault::Hold`].
    pub async fn held(&self, gate: &'static str) {
        self.shared.until(|record| record.reached.contains(gate).then_some(())).await;
    }

    /// Opens the gate of that name, for the calls that wait there and those that come.
    pub fn release(&self, gate: &'static str) {
        self.shared.set(|record| record.open.insert(gate));
    }

    /// Forgets calls, rules, gates and processes, not the manners.
    pub fn clear(&self) {
        self.shared.clear();
    }
}

/// Serves an actor on a free port.
fn listen(runtime: &Handle, upstream: &str, actor: &str, shared: &Arc<Shared>) -> String {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.set_nonblocking(true).expect("a socket that does not block");
    let endpoint = format!("http://{}", listener.local_addr().expect("a bound socket"));
    let hop = Hop::new(actor, upstream, Arc::clone(shared));
    runtime.spawn(async move {
        let listener = TcpListener::from_std(listener).expect("a socket of this runtime");
        http::serve(listener, move |request, _| hop.clone().pass(request)).await;
    });
    endpoint
}

#[cfg(test)]
mod tests;
