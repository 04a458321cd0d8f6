//! Which calls are spoilt, and how.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::call::Call;
use super::fault::Fault;
use crate::operation::is_mutating;

/// Which calls are spoilt, and how.
#[derive(Clone, Debug)]
pub struct Rule {
    operation: String,
    resource: Option<String>,
    actor: Option<String>,
    attempt: Option<u32>,
    odds: Option<(u32, u64)>,
    skip: usize,
    times: usize,
    fault: Fault,
}

impl Rule {
    /// Spoils the next call of an operation: `lambda:CreateFunction`; `lambda:*` is any of a service, `*` any that
    /// mutates, `**` any at all.
    pub fn once(operation: &str, fault: Fault) -> Self {
        Self {
            operation: operation.to_owned(),
            resource: None,
            actor: None,
            attempt: None,
            odds: None,
            skip: 0,
            times: 1,
            fault,
        }
    }

    /// Spoils every one of them.
    pub fn always(operation: &str, fault: Fault) -> Self {
        Self::once(operation, fault).times(usize::MAX)
    }

    /// Lets so many pass first.
    #[must_use]
    pub fn after(mut self, calls: usize) -> Self {
        self.skip = calls;
        self
    }

    /// Spoils so many.
    #[must_use]
    pub fn times(mut self, calls: usize) -> Self {
        self.times = calls;
        self
    }

    /// Only those about this; see [`Call::resource`].
    #[must_use]
    pub fn about(mut self, resource: &str) -> Self {
        self.resource = Some(resource.to_owned());
        self
    }

    /// Only those of this actor.
    #[must_use]
    pub fn by(mut self, actor: &str) -> Self {
        self.actor = Some(actor.to_owned());
        self
    }

    /// Only those that are this attempt of the SDK, from 1.
    #[must_use]
    pub fn attempt(mut self, attempt: u32) -> Self {
        self.attempt = Some(attempt);
        self
    }

    /// Only so many of a hundred. The seed decides which: by what is called and how often before, so that two runs
    /// whose calls overlap differently are spoilt alike.
    #[must_use]
    pub fn odds(mut self, percent: u32, seed: u64) -> Self {
        self.odds = Some((percent, seed));
        self
    }

    /// Whether it is about a call that came so often before.
    pub(super) fn fits(&self, call: &Call, before: usize) -> bool {
        let wanted = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|wanted| wanted == found);
        self.fits_operation(&call.operation)
            && wanted(&self.resource, &call.resource)
            && wanted(&self.actor, &call.actor)
            && self.attempt.is_none_or(|attempt| attempt == call.attempt)
            && self.odds.is_none_or(|(percent, seed)| drawn(seed, call, before) < percent)
    }

    fn fits_operation(&self, operation: &str) -> bool {
        match self.operation.strip_suffix('*') {
            Some("*") => true,
            Some("") => operation.split(':').nth(1).is_some_and(is_mutating),
            Some(service) => operation.starts_with(service),
            None => self.operation == operation,
        }
    }

    /// Takes one of its times; `None`: not now.
    pub(super) fn take(&mut self) -> Option<Fault> {
        if self.skip > 0 {
            self.skip -= 1;
            return None;
        }
        self.times -= 1;
        Some(self.fault)
    }

    /// Whether it spoils nothing any more.
    pub(super) fn is_spent(&self) -> bool {
        self.times == 0
    }
}

/// A number below a hundred.
fn drawn(seed: u64, call: &Call, before: usize) -> u32 {
    let mut hasher = DefaultHasher::new();
    (seed, &call.operation, &call.resource, before).hash(&mut hasher);
    u32::try_from(hasher.finish() % 100).unwrap_or_default()
}
