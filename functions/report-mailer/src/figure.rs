//! Figures: a number or a span of numbers with a unit, and how a reader sees it.

use serde::{Deserialize, Serialize};

/// What a figure counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// US dollars.
    Usd,
    /// US dollars a month.
    UsdPerMonth,
    /// Hundredths.
    Percent,
    /// Things.
    Count,
    /// People in an address book.
    Contacts,
    /// Charters a month.
    ChartersPerMonth,
    /// Months.
    Months,
    /// US dollars a year.
    UsdPerYear,
}

/// A number of which only the bounds are known; equal bounds are an exact number.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Range {
    /// The least it can be.
    pub low: f64,
    /// The most it can be.
    pub high: f64,
}

impl Range {
    /// An exact number.
    pub fn exact(value: f64) -> Self {
        Self { low: value, high: value }
    }

    /// A product with an exact number that is not negative.
    pub fn times(self, factor: f64) -> Self {
        Self { low: self.low * factor, high: self.high * factor }
    }

    /// Every difference that the bounds allow.
    pub fn minus(self, other: Self) -> Self {
        Self { low: self.low - other.high, high: self.high - other.low }
    }

    /// Every quotient that the bounds allow; `None` where the divisor can be zero or less.
    pub fn over(self, divisor: Self) -> Option<Self> {
        (divisor.low > 0.0).then(|| Self { low: self.low / divisor.high, high: self.high / divisor.low })
    }

    /// The numbers for a reader, as in `$7,000–9,000 a month`.
    pub fn words(self, unit: Unit) -> String {
        let places = self.places(unit);
        let (low, high) = (number(self.low, places), number(self.high, places));
        let span = match low == high {
            true => low,
            false => format!("{low}–{high}"),
        };
        match unit {
            Unit::Usd => format!("${span}"),
            Unit::UsdPerMonth => format!("${span} a month"),
            Unit::UsdPerYear => format!("${span} a year"),
            Unit::Percent => format!("{span} %"),
            Unit::Count => span,
            Unit::Contacts => format!("{span} contacts"),
            Unit::ChartersPerMonth => format!("{span} charters a month"),
            Unit::Months => format!("{span} months"),
        }
    }

    /// How many decimals a reader needs: none for whole and large numbers.
    fn places(self, unit: Unit) -> usize {
        const LARGE: f64 = 100.0;
        let whole = |value: f64| (value - value.round()).abs() < 0.005;
        if (whole(self.low) && whole(self.high)) || self.low >= LARGE {
            return 0;
        }
        match unit {
            Unit::Usd | Unit::UsdPerMonth | Unit::UsdPerYear | Unit::Percent => 2,
            _ => 1,
        }
    }
}

/// A number with separators between thousands.
fn number(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest.to_owned()),
        None => ("", text),
    };
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
    format!("{sign}{grouped}{fraction}")
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
            (range(1.1111, 7.1428), Unit::Months, "1.1–7.1 months"),
            (Range::exact(3676.0), Unit::Contacts, "3,676 contacts"),
            (Range::exact(6.0), Unit::ChartersPerMonth, "6 charters a month"),
            (Range::exact(1_234_567.0), Unit::Count, "1,234,567"),
            (range(-500.0, 20.0), Unit::UsdPerYear, "$-500–20 a year"),
            (Range::exact(0.0), Unit::Count, "0"),
        ] {
            assert_eq!(value.words(unit), words);
        }
    }

    #[test]
    fn bounds_are_carried_to_the_widest_result() {
        assert_eq!(range(50.0, 84.0).minus(Range::exact(25.0)), range(25.0, 59.0));
        assert_eq!(range(50.0, 84.0).minus(range(10.0, 20.0)), range(30.0, 74.0));
        assert_eq!(range(10.0, 20.0).over(range(2.0, 5.0)), Some(range(2.0, 10.0)));
        assert_eq!(range(10.0, 20.0).over(range(0.0, 5.0)), None);
        assert_eq!(range(1.0, 2.0).times(12.0), range(12.0, 24.0));
    }
}
