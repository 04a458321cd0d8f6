//! What AWS does and the local AWS does not, each switched on by itself.

mod clock;
mod pace;
mod parameters;
mod settling;

use std::time::{Duration, Instant};

use hyper::HeaderMap;
use hyper::header::CONTENT_LENGTH;
use hyper::http::request::Parts;

pub use self::pace::{DOCUMENTED, Rate};

use self::pace::Pace;
use self::parameters::Parameters;
use self::settling::Settling;
use super::answer::Answer;
use super::call::Call;

/// The header by which a caller says whose bucket it takes it to be.
const EXPECTED_OWNER: &str = "x-amz-expected-bucket-owner";
/// The account of the local AWS.
const ACCOUNT: &str = "000000000000";
/// How long the name of a deleted parameter rests on AWS. Source: DeleteParameter.
const PARAMETER_REST: Duration = Duration::from_secs(30);
/// How long a new role is unknown to Lambda: seconds, as people report it.
const ROLE_LAG: Duration = Duration::from_secs(8);

/// What AWS does and the local AWS does not. By default nothing of it.
#[derive(Clone, Debug, Default)]
pub struct Manners {
    /// How many reads after each change of a distribution say `InProgress`; as long it cannot be deleted.
    pub late_deployed: usize,
    /// How often the recovery of a new table cannot be switched on yet.
    pub late_recovery: usize,
    /// How long Lambda does not know a new role.
    pub role_lag: Duration,
    /// How long the name of a deleted parameter cannot be used again.
    pub parameter_rest: Duration,
    /// Whether a parameter holds at most 4 KB, and its hundred-and-first version is refused when that would remove
    /// one with a label.
    pub parameter_limits: bool,
    /// Whether a bucket of another account than the expected one is refused.
    pub bucket_owner: bool,
    /// How many calls are taken; what is more is throttled.
    pub rates: &'static [Rate],
    /// How far AWS's clock is ahead of ours, in seconds; negative: behind.
    pub clock_ahead_seconds: i64,
    /// Whether calls are passed on one at a time: then what each sees is in one order for all.
    pub one_at_a_time: bool,
}

impl Manners {
    /// Everything that AWS itself does every day, at the documented rates.
    pub fn of_aws() -> Self {
        Self {
            late_deployed: 3,
            late_recovery: 2,
            role_lag: ROLE_LAG,
            parameter_rest: PARAMETER_REST,
            parameter_limits: true,
            bucket_owner: true,
            rates: DOCUMENTED,
            ..Self::default()
        }
    }
}

/// Why AWS would refuse a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status.
    pub status: u16,
    /// The code.
    pub code: &'static str,
}

impl Refusal {
    fn new(status: u16, code: &'static str) -> Self {
        Self { status, code }
    }
}

/// Manners, and what they remember.
#[derive(Debug, Default)]
pub struct Behaviour {
    /// What is switched on.
    pub manners: Manners,
    pace: Pace,
    parameters: Parameters,
    settling: Settling,
}

impl Behaviour {
    /// The same manners, nothing remembered.
    pub fn of(manners: Manners) -> Self {
        Self { manners, ..Self::default() }
    }

    /// Why AWS would refuse the call; `None`: it would not.
    pub fn refuse(&mut self, call: &Call, parts: &Parts, body: &[u8], now: Instant) -> Option<Refusal> {
        clock::refuse(&self.manners, call, parts)
            .or_else(|| self.pace.refuse(self.manners.rates, call, now))
            .or_else(|| foreign_bucket(&self.manners, parts))
            .or_else(|| self.parameters.refuse(&self.manners, call, body, now))
            .or_else(|| self.settling.refuse(&self.manners, call, body, now))
    }

    /// Takes note of what was answered, and shows it as AWS would.
    pub fn answered(&mut self, call: &Call, body: &[u8], answer: &mut Answer, now: Instant) {
        if answer.status.is_success() {
            self.parameters.note(call, body, &answer.body, now);
            self.settling.note(&self.manners, call, now);
        }
        if let Some(shown) = self.settling.shown(call, &answer.body) {
            answer.headers.remove(CONTENT_LENGTH);
            answer.body = shown;
        }
        self.stamp(&mut answer.headers);
    }

    /// Writes the time of AWS's clock into an answer, a refusal too.
    pub fn stamp(&self, headers: &mut HeaderMap) {
        clock::stamp(&self.manners, headers);
    }
}

fn foreign_bucket(manners: &Manners, parts: &Parts) -> Option<Refusal> {
    let expected = parts.headers.get(EXPECTED_OWNER)?;
    (manners.bucket_owner && expected != ACCOUNT).then(|| Refusal::new(403, "AccessDenied"))
}
