//! Whole months and weeks: the one that runs is not over, and one without anything is a zero and no gap.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::live::{GitWeek, SailMonth};

/// The months that were over on a day, from the first that is told on, the earliest first.
pub fn full_months(told: &[SailMonth], day: Date) -> Vec<SailMonth> {
    let Some(first) = told.iter().map(|month| month.month.first_of_month()).min() else { return Vec::new() };
    let month = |month: Date| {
        let none = SailMonth { month, open: 0, completed: 0, cancelled: 0, guest_places: 0 };
        told.iter().find(|each| each.month == month).cloned().unwrap_or(none)
    };
    let months = first.series(1.month()).take_while(|month| *month < day.first_of_month());
    months.map(month).collect()
}

/// The weeks that were over on a day.
pub fn full_weeks(told: &[GitWeek], day: Date) -> Vec<GitWeek> {
    told.iter().filter(|week| week.week.saturating_add(1.week()) <= day).cloned().collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_month_without_sails_counts_and_one_that_is_not_over_does_not() {
        let month = |month, completed| SailMonth { month, open: 0, completed, cancelled: 0, guest_places: 0 };
        let told = [month(date(2026, 8, 1), 6), month(date(2026, 10, 1), 3), month(date(2026, 12, 1), 9)];
        let months: Vec<_> = full_months(&told, date(2026, 12, 31)).into_iter().map(|one| one.completed).collect();
        assert_eq!(months, [6, 0, 3, 0]);
        assert!(full_months(&[], date(2026, 12, 31)).is_empty());
        assert!(full_months(&told, date(2026, 8, 31)).is_empty());
    }

    #[test]
    fn a_week_is_full_when_its_sunday_is_over() {
        let week = GitWeek { week: date(2026, 11, 16), commits: 1, deploys: 0, rollbacks: 0, lead_time_minutes: None };
        assert!(full_weeks(std::slice::from_ref(&week), date(2026, 11, 22)).is_empty());
        assert_eq!(full_weeks(std::slice::from_ref(&week), date(2026, 11, 23)).len(), 1);
    }
}
