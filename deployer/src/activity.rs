//! Work on the code by week: commits of the repository, and releases as they were noted one after the other.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// How many weeks are told, the present one included.
const WEEKS: i64 = 13;

/// One release: what was there when the stacks were found changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// When it was noted, in epoch seconds.
    pub at: i64,
    /// The commit that was checked out.
    pub commit: String,
    /// When that was committed, in epoch seconds.
    pub committed: i64,
    /// A digest of what is recorded of each stack, by its name.
    pub stacks: BTreeMap<String, String>,
}

/// One week.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Week {
    /// Its Monday, in UTC.
    pub week: Date,
    /// Commits.
    pub commits: u32,
    /// Releases.
    pub deploys: u32,
    /// Releases of an older commit than the one before: what was released is taken back.
    pub rollbacks: u32,
    /// The median time from commit to release in minutes; absent: no release.
    pub lead_time_minutes: Option<f64>,
}

/// The releases with the present one, where a stack has changed since the last.
pub fn noted(mut releases: Vec<Release>, present: Release) -> Vec<Release> {
    if releases.last().is_none_or(|last| last.stacks != present.stacks) {
        releases.push(present);
    }
    releases
}

/// The day on which a stack was last found changed.
pub fn released(releases: &[Release], stack: &str) -> Option<Date> {
    let digest = releases.last()?.stacks.get(stack)?;
    let same = releases.iter().rev().take_while(|each| each.stacks.get(stack) == Some(digest));
    day(same.last()?.at)
}

/// The last weeks, the earliest first, from the times of commits and the releases in their order.
pub fn weeks(commits: &[i64], releases: &[Release], now: i64) -> Vec<Week> {
    let Some(present) = monday(now) else { return Vec::new() };
    let back = |at: &Release, before: Option<&Release>| before.is_some_and(|before| at.committed < before.committed);
    let with_rollback: Vec<(&Release, bool)> = releases
        .iter()
        .enumerate()
        .map(|(at, each)| (each, back(each, at.checked_sub(1).and_then(|before| releases.get(before)))))
        .collect();
    let one = |weeks_ago: i64| {
        let week = present.saturating_sub((weeks_ago * 7).days());
        let within = |at: i64| monday(at) == Some(week);
        let these: Vec<_> = with_rollback.iter().filter(|(each, _)| within(each.at)).collect();
        let minutes = these.iter().filter(|(_, back)| !back).map(|(each, _)| (each.at - each.committed) as f64 / 60.0);
        Week {
            week,
            commits: count(commits.iter().filter(|at| within(**at)).count()),
            deploys: count(these.len()),
            rollbacks: count(these.iter().filter(|(_, back)| *back).count()),
            lead_time_minutes: median(minutes.collect()),
        }
    };
    (0..WEEKS).rev().map(one).collect()
}

/// From when on commits matter, in epoch seconds.
pub fn since(now: i64) -> i64 {
    now - WEEKS * 7 * 86_400
}

fn day(at: i64) -> Option<Date> {
    Some(Timestamp::from_second(at).ok()?.to_zoned(TimeZone::UTC).date())
}

fn monday(at: i64) -> Option<Date> {
    let day = day(at)?;
    Some(day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days()))
}

fn count(things: usize) -> u32 {
    u32::try_from(things).unwrap_or(u32::MAX)
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() % 2 {
        _ if values.is_empty() => None,
        1 => Some(values[middle]),
        _ => Some(f64::midpoint(values[middle - 1], values[middle])),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().expect("a moment").as_second()
    }

    fn release(noted: &str, committed: &str, crew: &str) -> Release {
        let stacks = BTreeMap::from([("crew".to_owned(), crew.to_owned()), ("reports".to_owned(), "r1".to_owned())]);
        Release { at: at(noted), commit: "c0ffee".to_owned(), committed: at(committed), stacks }
    }

    fn releases() -> Vec<Release> {
        [
            release("2026-11-12T10:30:00Z", "2026-11-12T10:00:00Z", "a"),
            release("2026-11-17T12:10:00Z", "2026-11-17T12:00:00Z", "b"),
            release("2026-11-18T12:50:00Z", "2026-11-18T12:00:00Z", "c"),
            release("2026-11-18T13:00:00Z", "2026-11-17T12:00:00Z", "b"),
        ]
        .into_iter()
        .fold(Vec::new(), noted)
    }

    #[test]
    fn a_week_has_its_commits_releases_and_the_median_of_their_lead_times() {
        let commits = ["2026-11-15T23:59:59Z", "2026-11-16T00:00:00Z", "2026-11-21T09:00:00Z"].map(at);
        let weeks = weeks(&commits, &releases(), at("2026-11-21T16:00:00Z"));
        assert_eq!(weeks.len(), 13);
        let [.., before, present] = weeks.as_slice() else { panic!("{weeks:?}") };
        assert_eq!((before.week, before.commits, before.deploys), (date(2026, 11, 9), 1, 1));
        let expected =
            Week { week: date(2026, 11, 16), commits: 2, deploys: 3, rollbacks: 1, lead_time_minutes: Some(30.0) };
        assert_eq!(present, &expected);
        assert_eq!((weeks[0].week, weeks[0].lead_time_minutes), (date(2026, 8, 24), None));
    }

    #[test]
    fn nothing_changed_is_no_release() {
        let mut same = release("2026-11-19T09:00:00Z", "2026-11-19T08:00:00Z", "b");
        assert_eq!(noted(releases(), same.clone()).len(), 4);
        same.stacks.insert("new".to_owned(), "n1".to_owned());
        assert_eq!(noted(releases(), same).len(), 5);
    }

    #[test]
    fn a_stack_was_released_when_it_was_first_found_as_it_is() {
        assert_eq!(released(&releases(), "crew"), Some(date(2026, 11, 18)));
        assert_eq!(released(&releases(), "reports"), Some(date(2026, 11, 12)));
        assert_eq!(released(&releases(), "other"), None);
        assert_eq!(released(&[], "crew"), None);
    }
}
