//! What the activity in the repository shows.

use super::{MEAN_OF, Probe, mean};
use crate::figure::Unit;
use crate::live::GitWeek;
use crate::models::periods::full_weeks;

/// Means span the last full weeks: the week that runs is not over, and would pull them down.
pub(super) const GIT: [Probe<Vec<GitWeek>>; 5] = [
    Probe {
        id: "commits-a-week",
        label: "Commits a week",
        unit: Unit::PerWeek,
        read: |weeks, day| mean(full_weeks(weeks, day).iter().rev().take(MEAN_OF).map(|week| f64::from(week.commits))),
    },
    Probe {
        id: "deploys-a-week",
        label: "Releases a week",
        unit: Unit::PerWeek,
        read: |weeks, day| mean(full_weeks(weeks, day).iter().rev().take(MEAN_OF).map(|week| f64::from(week.deploys))),
    },
    Probe {
        id: "deploys",
        label: "Releases",
        unit: Unit::Count,
        read: |weeks, _| Some(weeks.iter().map(|week| f64::from(week.deploys)).sum()),
    },
    Probe {
        id: "rollbacks",
        label: "Releases taken back",
        unit: Unit::Count,
        read: |weeks, _| Some(weeks.iter().map(|week| f64::from(week.rollbacks)).sum()),
    },
    Probe {
        id: "lead-time",
        label: "From commit to release",
        unit: Unit::Minutes,
        // The mean of medians: a week that is not over has one as good as any.
        read: |weeks, _| mean(weeks.iter().rev().filter_map(|week| week.lead_time_minutes).take(MEAN_OF)),
    },
];
