//! When an evening sail is best: windows about the sunset of a day.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::sun::{self, SunTimes};

/// Departures are on the quarter of an hour.
const QUARTER_SECONDS: i64 = 15 * 60;

/// A suggested departure and return.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Window {
    /// The suggestion's name: `golden_hour`, `sunset` or `twilight`.
    pub name: &'static str,
    /// When to leave.
    pub departs_at: Timestamp,
    /// When to be back.
    pub returns_at: Timestamp,
}

/// The windows of a day in the order of departure; none for years whose sunset is not known.
pub fn windows(date: Date) -> Vec<Window> {
    sun::times(date).map(|times| of_sunset(&times).to_vec()).unwrap_or_default()
}

fn of_sunset(times: &SunTimes) -> [Window; 3] {
    let sail = |name, before_sunset: i64, lasts: i64| {
        let departs_at = quarter_before(times.sunset - SignedDuration::from_mins(before_sunset));
        Window { name, departs_at, returns_at: departs_at + SignedDuration::from_mins(lasts) }
    };
    [
        // The low sun, and ashore as it sets.
        sail("golden_hour", 120, 120),
        // The sunset from the water, and home by the last light.
        sail("sunset", 75, 120),
        // The afterglow, and the city's lights.
        sail("twilight", 30, 90),
    ]
}

fn quarter_before(moment: Timestamp) -> Timestamp {
    let seconds = moment.as_second();
    let quarter = seconds - seconds.rem_euclid(QUARTER_SECONDS);
    // A moment before one that exists, by less than a quarter of an hour.
    Timestamp::from_second(quarter).unwrap_or(moment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_evening_has_windows_on_the_quarter_about_its_sunset(days in 0..36_500_i32) {
            let day = jiff::civil::date(2000, 1, 1).checked_add(jiff::Span::new().days(days)).expect("a day");
            let sun = sun::times(day).expect("a year with times");
            let windows = windows(day);
            prop_assert_eq!(windows.iter().map(|w| w.name).collect::<Vec<_>>(), ["golden_hour", "sunset", "twilight"]);
            prop_assert!(windows.is_sorted_by_key(|window| window.departs_at));
            for window in &windows {
                prop_assert_eq!(window.departs_at.as_second() % QUARTER_SECONDS, 0);
                prop_assert_eq!(zone::date_of(window.departs_at), day);
                prop_assert!(window.departs_at < sun.sunset);
            }
            for window in &windows[1..] {
                prop_assert!(sun.sunset < window.returns_at);
            }
            prop_assert!(windows[1].returns_at <= sun.astronomical_dusk);
        }
    }

    #[test]
    fn years_without_a_sunset_suggest_nothing() {
        assert!(windows(Date::MAX).is_empty());
    }
}
