//! Milestones on a time line.

use jiff::civil::Date;

use crate::portfolio::{Milestone, Portfolio};
use crate::report::ReportId;

/// A milestone as it stands on a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed<'a> {
    /// The milestone.
    pub milestone: &'a Milestone,
    /// How it stands.
    pub stands: Stands,
}

/// How a milestone stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stands {
    /// It was reached on this day.
    Reached(Date),
    /// It is due in so many days; 0 is today.
    DueInDays(i32),
    /// It was due so many days ago, at least 1.
    LateByDays(i32),
}

/// The milestones of a report, the earliest first.
pub fn of<'a>(portfolio: &'a Portfolio, report: ReportId, as_of: Date) -> Vec<Placed<'a>> {
    let milestones = portfolio.lists.milestones.iter().filter(|milestone| milestone.reports.contains(&report));
    let mut placed: Vec<Placed<'_>> =
        milestones.map(|milestone| Placed { milestone, stands: stands(milestone, as_of) }).collect();
    placed.sort_by_key(|placed| placed.milestone.due);
    placed
}

/// How many days lie between two days; negative where the second is earlier.
pub fn days_between(from: Date, to: Date) -> i32 {
    from.duration_until(to).as_hours().try_into().map_or(i32::MAX, |hours: i32| hours / 24)
}

fn stands(milestone: &Milestone, as_of: Date) -> Stands {
    if let Some(done) = milestone.done.filter(|done| done.0 <= as_of) {
        return Stands::Reached(done.0);
    }
    match days_between(as_of, milestone.due.0) {
        days @ 0.. => Stands::DueInDays(days),
        days => Stands::LateByDays(-days),
    }
}

impl Stands {
    /// For a reader.
    pub fn words(self) -> String {
        match self {
            Self::Reached(day) => format!("reached on {day}"),
            Self::DueInDays(0) => "due today".to_owned(),
            Self::DueInDays(1) => "due in 1 day".to_owned(),
            Self::DueInDays(days) => format!("due in {days} days"),
            Self::LateByDays(1) => "1 day late".to_owned(),
            Self::LateByDays(days) => format!("{days} days late"),
        }
    }
}
