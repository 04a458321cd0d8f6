//! Figures: a number or a span of numbers with a unit, and how a reader sees it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a figure counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// US dollars.
    Usd,
    /// US dollars a month.
    UsdPerMonth,
    /// US dollars a year.
    UsdPerYear,
    /// US dollars a night.
    UsdPerNight,
    /// US dollars an hour.
    UsdPerHour,
    /// US dollars a gallon.
    UsdPerGallon,
    /// US dollars for each thousand.
    UsdPerThousand,
    /// Hundredths.
    Percent,
    /// Things.
    Count,
    /// People in an address book.
    Contacts,
    /// Charters.
    Charters,
    /// Charters a month.
    ChartersPerMonth,
    /// Things a week.
    PerWeek,
    /// Things a second.
    PerSecond,
    /// Points of a score.
    Points,
    /// Months.
    Months,
    /// Days.
    Days,
    /// Nights.
    Nights,
    /// Hours.
    Hours,
    /// Minutes.
    Minutes,
    /// Seconds.
    Seconds,
    /// Thousandths of a second.
    Milliseconds,
    /// Nautical miles an hour.
    Knots,
    /// Gallons an hour.
    GallonsPerHour,
    /// Gallons.
    Gallons,
}

/// A number of which only the bounds are known; equal bounds are an exact number.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Range {
    /// The least it can be.
    pub low: f64,
    /// The most it can be.
    pub high: f64,
}

impl Unit {
    /// What stands before the number, after one, and after any other.
    fn signs(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Usd => ("$", "", ""),
            Self::UsdPerMonth => ("$", " a month", " a month"),
            Self::UsdPerYear => ("$", " a year", " a year"),
            Self::UsdPerNight => ("$", " a night", " a night"),
            Self::UsdPerHour => ("$", " an hour", " an hour"),
            Self::UsdPerGallon => ("$", " a gallon", " a gallon"),
            Self::UsdPerThousand => ("$", " a thousand", " a thousand"),
            Self::Percent => ("", " %", " %"),
            Self::Count => ("", "", ""),
            Self::Contacts => ("", " contact", " contacts"),
            Self::Charters => ("", " charter", " charters"),
            Self::ChartersPerMonth => ("", " charter a month", " charters a month"),
            Self::PerWeek => ("", " a week", " a week"),
            Self::PerSecond => ("", " a second", " a second"),
            Self::Points => ("", " point", " points"),
            Self::Months => ("", " month", " months"),
            Self::Days => ("", " day", " days"),
            Self::Nights => ("", " night", " nights"),
            Self::Hours => ("", " hour", " hours"),
            Self::Minutes => ("", " minute", " minutes"),
            Self::Seconds => ("", " second", " seconds"),
            Self::Milliseconds => ("", " ms", " ms"),
            Self::Knots => ("", " knot", " knots"),
            Self::GallonsPerHour => ("", " gallon an hour", " gallons an hour"),
            Self::Gallons => ("", " gallon", " gallons"),
        }
    }

    /// What stands behind any number but one, for where it is said once for many numbers: `charters a month`.
    pub fn behind(self) -> &'static str {
        self.signs().2.trim_start()
    }

    /// Decimals that a reader needs of a small number that is not whole.
    fn places(self) -> usize {
        match self.signs().0 {
            "$" => 2,
            _ => 1,
        }
    }
}

impl Range {
    /// An exact number.
    pub fn exact(value: f64) -> Self {
        Self { low: value, high: value }
    }

    /// A number of things.
    pub fn count(things: usize) -> Self {
        // Counts this side of 2^53 are exact.
        Self::exact(things as f64)
    }

    /// Every sum that the bounds allow.
    pub fn plus(self, other: Self) -> Self {
        Self { low: self.low + other.low, high: self.high + other.high }
    }

    /// A product with an exact number that is not negative.
    pub fn times(self, factor: f64) -> Self {
        Self { low: self.low * factor, high: self.high * factor }
    }

    /// A product of two numbers that are not negative.
    pub fn by(self, other: Self) -> Self {
        Self { low: self.low * other.low, high: self.high * other.high }
    }

    /// So many hundredths of a number; neither is negative.
    pub fn percent_of(self, whole: Self) -> Self {
        whole.by(self).times(0.01)
    }

    /// What is left when so many hundredths, at most a hundred, are taken away.
    pub fn less_percent(self, percent: Self) -> Self {
        Self { low: self.low * (1.0 - percent.high / 100.0), high: self.high * (1.0 - percent.low / 100.0) }
    }

    /// Every difference that the bounds allow.
    pub fn minus(self, other: Self) -> Self {
        Self { low: self.low - other.high, high: self.high - other.low }
    }

    /// The difference of what moves together: low from low, high from high.
    pub fn minus_paired(self, other: Self) -> Self {
        let (one, two) = (self.low - other.low, self.high - other.high);
        Self { low: one.min(two), high: one.max(two) }
    }

    /// Every quotient that the bounds allow; `None` where the divisor can be zero or less.
    pub fn over(self, divisor: Self) -> Option<Self> {
        (divisor.low > 0.0).then(|| Self { low: self.low / divisor.high, high: self.high / divisor.low })
    }

    /// A quotient in hundredths; `None` where the divisor can be zero or less.
    pub fn percent_over(self, divisor: Self) -> Option<Self> {
        Some(self.over(divisor)?.times(100.0))
    }

    /// The number in the middle.
    pub fn middle(self) -> f64 {
        f64::midpoint(self.low, self.high)
    }

    /// The numbers for a reader, as in `$7,000–9,000 a month`.
    pub fn words(self, unit: Unit) -> String {
        let places = self.places(unit);
        let (before, after_one, after) = unit.signs();
        let (low, high) = (number(self.low, places), number(self.high, places));
        let sign = |value: f64, text: &str| match value < 0.0 {
            true => format!("−{before}{text}"),
            false => format!("{before}{text}"),
        };
        match low == high && (self.low < 0.0) == (self.high < 0.0) {
            true if low == "1" => format!("{}{after_one}", sign(self.low, &low)),
            true => format!("{}{after}", sign(self.low, &low)),
            false if self.low < 0.0 => format!("{} to {}{after}", sign(self.low, &low), sign(self.high, &high)),
            false => format!("{before}{low}–{high}{after}"),
        }
    }

    /// The numbers without what stands behind them: `$7,000–9,000`.
    pub fn bare(self, unit: Unit) -> String {
        let (_, after_one, after) = unit.signs();
        let words = self.words(unit);
        let bare = words.strip_suffix(after).or_else(|| words.strip_suffix(after_one));
        bare.unwrap_or(&words).to_owned()
    }

    /// How many decimals a reader needs: none for whole and large numbers.
    fn places(self, unit: Unit) -> usize {
        const LARGE: f64 = 100.0;
        let whole = |value: f64| (value - value.round()).abs() < 0.005;
        match (whole(self.low) && whole(self.high)) || self.low.abs() >= LARGE {
            true => 0,
            false if unit == Unit::Percent && self.low.abs() < 10.0 => 2,
            false => unit.places(),
        }
    }
}

/// A number without its sign, with separators between thousands.
fn number(value: f64, places: usize) -> String {
    let text = format!("{:.places$}", value.abs());
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, format!(".{fraction}")),
        None => (text.as_str(), String::new()),
    };
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped}{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(low: f64, high: f64) -> Range {
        Range { low, high }
    }

    #[test]
    fn figures_read_as_people_write_them() {
        for (value, unit, words) in [
            (range(7000.0, 9000.0), Unit::UsdPerMonth, "$7,000–9,000 a month"),
            (range(1166.666, 1500.0), Unit::Usd, "$1,167–1,500"),
            (range(2.7203, 13.6017), Unit::Usd, "$2.72–13.60"),
            (range(0.5555, 1.2), Unit::Percent, "0.56–1.20 %"),
            (Range::exact(33.333), Unit::Percent, "33.3 %"),
            (range(1.1111, 7.1428), Unit::Months, "1.1–7.1 months"),
            (Range::exact(3676.0), Unit::Contacts, "3,676 contacts"),
            (Range::exact(6.0), Unit::ChartersPerMonth, "6 charters a month"),
            (Range::exact(1.0), Unit::Nights, "1 night"),
            (Range::exact(1_234_567.0), Unit::Count, "1,234,567"),
            (range(-500.0, 20.0), Unit::UsdPerYear, "−$500 to $20 a year"),
            (Range::exact(-500.0), Unit::Usd, "−$500"),
            (range(-2.0, 2.0), Unit::Points, "−2 to 2 points"),
            (Range::exact(0.0), Unit::Count, "0"),
        ] {
            assert_eq!(value.words(unit), words);
        }
    }

    #[test]
    fn what_stands_behind_many_numbers_is_said_once() {
        for (value, unit, bare, behind) in [
            (range(7000.0, 9000.0), Unit::UsdPerMonth, "$7,000–9,000", "a month"),
            (Range::exact(1.0), Unit::ChartersPerMonth, "1", "charters a month"),
            (Range::exact(33.333), Unit::Percent, "33.3", "%"),
            (Range::exact(-500.0), Unit::Usd, "−$500", ""),
        ] {
            assert_eq!((value.bare(unit).as_str(), unit.behind()), (bare, behind));
        }
    }

    #[test]
    fn bounds_are_carried_to_the_widest_result() {
        assert_eq!(range(50.0, 84.0).minus(Range::exact(25.0)), range(25.0, 59.0));
        assert_eq!(range(50.0, 84.0).minus(range(10.0, 20.0)), range(30.0, 74.0));
        assert_eq!(range(7000.0, 9000.0).minus_paired(range(50.0, 84.0)), range(6950.0, 8916.0));
        assert_eq!(range(50.0, 84.0).plus(range(10.0, 20.0)), range(60.0, 104.0));
        assert_eq!(range(10.0, 20.0).over(range(2.0, 5.0)), Some(range(2.0, 10.0)));
        assert_eq!(range(10.0, 20.0).over(range(0.0, 5.0)), None);
        assert_eq!(range(10.0, 20.0).percent_over(Range::exact(40.0)), Some(range(25.0, 50.0)));
        assert_eq!(range(1.0, 2.0).times(12.0), range(12.0, 24.0));
        assert_eq!(range(1.0, 2.0).by(range(3.0, 4.0)), range(3.0, 8.0));
        assert_eq!(range(10.0, 50.0).percent_of(range(200.0, 400.0)), range(20.0, 200.0));
        assert_eq!(range(100.0, 200.0).less_percent(range(10.0, 50.0)), range(50.0, 180.0));
        assert!((range(10.0, 50.0).middle() - 30.0).abs() < f64::EPSILON);
    }
}
