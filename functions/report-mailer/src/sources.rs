//! What is read from the running systems, each source behind a small port and each optional.
//!
//! A source that fails is named in the reports with its error, and the reports go out.

mod audit;
mod crew;
mod exports;
mod functions;
mod reputation;
mod sent;

use std::sync::Arc;
use std::time::Duration;

use functions_shared::BoxFuture;
use functions_shared::call_error::CallError;
use functions_shared::zone;
use jiff::Timestamp;

use crate::live::{
    Audit, FunctionHealth, GitWeek, Live, Reading, Reputation, Roles, SailMonth, SentReports, StackAudit, Waivers,
};

pub use audit::AuditExport;
pub use crew::{CrewRoles, CrewSails, CrewWaivers};
pub use exports::{GitExport, StatusExport};
pub use functions::FunctionMetrics;
pub use reputation::SesReputation;
pub use sent::SentTable;

/// How long one source may take: the reports wait for the slowest.
const TIMEOUT: Duration = Duration::from_secs(10);

/// One source of what a report tells.
pub trait Source<T>: Send + Sync {
    /// Where it reads, for readers: `table of sails`.
    fn name(&self) -> &'static str;

    /// Reads what is true at a moment, or what was true when somebody last wrote it down.
    fn read(&self, at: Timestamp) -> BoxFuture<'_, Result<Dated<T>, CallError>>;
}

/// What a source said, and of when that is.
#[derive(Clone, Debug, PartialEq)]
pub struct Dated<T> {
    /// What it said.
    pub data: T,
    /// When it was true.
    pub at: Timestamp,
}

/// A source, where there is one.
pub type Optional<T> = Option<Arc<dyn Source<T>>>;

/// Every source; those that are not configured are absent.
#[derive(Clone, Default)]
pub struct Sources {
    /// Sails by month.
    pub sails: Optional<Vec<SailMonth>>,
    /// Role slots.
    pub roles: Optional<Roles>,
    /// Waivers.
    pub waivers: Optional<Waivers>,
    /// Reports sent before.
    pub sent: Optional<Vec<SentReports>>,
    /// Functions.
    pub functions: Optional<Vec<FunctionHealth>>,
    /// Stacks.
    pub stacks: Optional<Vec<StackAudit>>,
    /// Secrets and dependencies.
    pub audit: Optional<Audit>,
    /// Work on the code.
    pub git: Optional<Vec<GitWeek>>,
    /// The mail account.
    pub reputation: Optional<Reputation>,
}

impl Sources {
    /// Reads all of them at once.
    pub async fn read(&self, at: Timestamp) -> Live {
        let (sails, roles, waivers, sent, functions, stacks, audit, git, reputation) = futures::join!(
            reading(&self.sails, at),
            reading(&self.roles, at),
            reading(&self.waivers, at),
            reading(&self.sent, at),
            reading(&self.functions, at),
            reading(&self.stacks, at),
            reading(&self.audit, at),
            reading(&self.git, at),
            reading(&self.reputation, at),
        );
        Live { sails, roles, waivers, sent, functions, stacks, audit, git, reputation }
    }
}

async fn reading<T>(source: &Optional<T>, at: Timestamp) -> Reading<T> {
    let Some(source) = source else { return Reading::NotAsked };
    let failed = |error: String| {
        tracing::error!(source = source.name(), error, "a source cannot be read");
        Reading::Failed { error }
    };
    match tokio::time::timeout(TIMEOUT, source.read(at)).await {
        Ok(Ok(Dated { data, at })) => {
            Reading::Read { source: source.name().to_owned(), as_of: zone::date_of(at), data }
        }
        // The request's id is for the log alone: the same failure reads the same in every report.
        Ok(Err(error)) => failed(format!("{}: {}", error.operation, error.code)),
        Err(_) => failed("no answer in time".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says what was true the day before, or fails.
    struct Told(Result<Waivers, CallError>);

    impl Source<Waivers> for Told {
        fn name(&self) -> &'static str {
            "a table of the test"
        }

        fn read(&self, at: Timestamp) -> BoxFuture<'_, Result<Dated<Waivers>, CallError>> {
            Box::pin(async move { self.0.clone().map(|data| Dated { data, at: at - TIMEOUT * 10_000 }) })
        }
    }

    #[tokio::test]
    async fn a_source_that_fails_is_named_and_the_others_are_read() {
        let error =
            CallError { request_id: Some("r-1".to_owned()), ..CallError::odd_result("Scan", "AccessDeniedException") };
        let failing = Sources { waivers: Some(Arc::new(Told(Err(error)))), ..Sources::default() };
        let live = failing.read(Timestamp::UNIX_EPOCH).await;
        assert_eq!(live.waivers, Reading::Failed { error: "Scan: AccessDeniedException".to_owned() });
        assert_eq!(live.sails, Reading::NotAsked);

        let waivers = Waivers { signed: 3, on_hold: 1 };
        let sources = Sources { waivers: Some(Arc::new(Told(Ok(waivers.clone())))), ..Sources::default() };
        let read = sources.read("2026-11-21T16:00:00Z".parse().expect("a moment")).await.waivers;
        assert_eq!(read.data(), Some(&waivers));
        assert!(matches!(read, Reading::Read { as_of, .. } if as_of == jiff::civil::date(2026, 11, 20)), "{read:?}");
    }
}
