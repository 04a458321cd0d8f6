//! What was read from the running systems, one reading a source.
//!
//! The reports take whatever there is: a source that nobody asked, or that failed, is named in
//! every report that would have used it, and the report goes out. Nothing personal is in here:
//! counts, names of systems, days.

mod stacks;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use stacks::{Advisory, Audit, Distribution, Endpoint, Leak, SecretAge, StackAudit};

/// What one source said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Reading<T> {
    /// Nobody asked: the source is not configured here.
    #[default]
    NotAsked,
    /// It was asked and failed.
    Failed {
        /// The error's class, as AWS names it: no text of a request, no secret.
        error: String,
    },
    /// It answered.
    Read {
        /// Where it was read: `table sails`, `CloudWatch metrics`, `export audit.json`.
        source: String,
        /// The day on which it was true: of an export the day on which that was written.
        as_of: Date,
        /// What it said.
        data: T,
    },
}

/// Every source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Live {
    /// Sails by month of departure, the earliest first. From the table of sails.
    pub sails: Reading<Vec<SailMonth>>,
    /// Role slots of sails and who fills them. From the table of roles.
    pub roles: Reading<Roles>,
    /// Waivers. From the table of waivers.
    pub waivers: Reading<Waivers>,
    /// What this program sent before, one entry a report. From the table of reports.
    pub sent: Reading<Vec<SentReports>>,
    /// How each function does. From CloudWatch metrics.
    pub functions: Reading<Vec<FunctionHealth>>,
    /// What the deployer says of each stack. From its exports.
    pub stacks: Reading<Vec<StackAudit>>,
    /// What the deployer says of secrets and of what the code depends on. From its exports.
    pub audit: Reading<Audit>,
    /// Work on the code by week, the earliest first. From the deployer's export of git activity.
    pub git: Reading<Vec<GitWeek>>,
    /// The standing of the mail account. From SES.
    pub reputation: Reading<Reputation>,
}

/// The sails of one month.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SailMonth {
    /// The first day of the month, in San Diego.
    pub month: Date,
    /// Sails that are planned or under way.
    pub open: u32,
    /// Sails that were completed.
    pub completed: u32,
    /// Sails that were cancelled.
    pub cancelled: u32,
    /// The guest limits of the completed sails, added up.
    pub guest_places: u32,
}

/// Role slots of all sails that are not cancelled.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    /// Slots there are.
    pub slots: u32,
    /// Slots that somebody has claimed.
    pub filled: u32,
    /// Slots of a captain.
    pub captain_slots: u32,
    /// Slots of a captain that somebody has claimed.
    pub captain_filled: u32,
    /// How many different people are captain of a sail.
    pub captains: u32,
}

/// Waivers there are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waivers {
    /// Signed, those on hold included.
    pub signed: u32,
    /// On hold: an admin must look.
    pub on_hold: u32,
}

/// What became of the mails of one report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SentReports {
    /// The report's name: `ceo`.
    pub report: String,
    /// Mails that SES has taken.
    pub sent: u32,
    /// Mails of which nobody can tell whether they went out.
    pub unknown: u32,
    /// Mails that came back for good.
    pub bounced: u32,
    /// Mails that a mailbox did not take at the time: it was full, or too busy.
    #[serde(default)]
    pub put_off: u32,
    /// Mails that a reader called spam.
    pub complained: u32,
    /// The day of the last one; absent: none.
    pub last: Option<Date>,
}

/// How one function did in the days up to the reading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionHealth {
    /// Its name at AWS: `shipcaptaincrew-prod-crew-api`.
    pub function: String,
    /// How many days the counts span.
    pub days: u32,
    /// How often it was called.
    pub invocations: u64,
    /// How many calls failed.
    pub errors: u64,
    /// How many calls were turned away.
    pub throttles: u64,
    /// The mean time of a call in milliseconds; absent: it was not called.
    pub mean_ms: Option<f64>,
    /// The longest call in milliseconds; absent: it was not called.
    pub longest_ms: Option<f64>,
}

/// Work on the code in one week.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GitWeek {
    /// The Monday.
    pub week: Date,
    /// Commits on the main branch.
    pub commits: u32,
    /// Releases.
    pub deploys: u32,
    /// Releases that were taken back.
    pub rollbacks: u32,
    /// The median time from commit to release in minutes; absent: no release.
    pub lead_time_minutes: Option<f64>,
}

/// The standing of the mail account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reputation {
    /// Whether SES lets the account send.
    pub sending: bool,
    /// Whether the account may write to anybody, or only to verified addresses.
    pub production: bool,
    /// The most recipients in 24 hours.
    pub recipients_a_day: f64,
    /// The most recipients a second.
    pub recipients_a_second: f64,
    /// Recipients in the last 24 hours.
    pub sent_last_day: f64,
    /// In SES's own words: `HEALTHY`, `PROBATION` (too many bounces or complaints), `SHUTDOWN`; absent: not told.
    #[serde(default)]
    pub standing: Option<String>,
}

impl<T> Reading<T> {
    /// What was read, if it was.
    pub fn data(&self) -> Option<&T> {
        match self {
            Self::Read { data, .. } => Some(data),
            Self::NotAsked | Self::Failed { .. } => None,
        }
    }

    /// Why there is nothing; absent where there is something.
    pub fn why_not(&self) -> Option<String> {
        match self {
            Self::NotAsked => Some("it is not configured here".to_owned()),
            Self::Failed { error } => Some(format!("it could not be read: {error}")),
            Self::Read { .. } => None,
        }
    }
}
