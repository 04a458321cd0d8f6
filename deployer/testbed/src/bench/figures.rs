//! What several rounds of one measurement say together.

use std::time::Duration;

/// Median, least and most of several measurements, in one unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// The one in the middle; of an even number, the mean of the two in the middle.
    pub median: f64,
    /// The least.
    pub least: f64,
    /// The most.
    pub most: f64,
}

impl Figures {
    /// The figures of one measurement or more; `None` of none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let (least, most) = (*sorted.first()?, *sorted.last()?);
        let middle = sorted.len() / 2;
        let median = if sorted.len().is_multiple_of(2) {
            f64::midpoint(sorted[middle - 1], sorted[middle])
        } else {
            sorted[middle]
        };
        Some(Self { median, least, most })
    }

    /// The figures of times, in milliseconds.
    pub fn of_times(times: impl IntoIterator<Item = Duration>) -> Option<Self> {
        Self::of(times.into_iter().map(milliseconds))
    }
}

/// A time in milliseconds.
pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_do_not_depend_on_the_order_and_one_outlier_moves_no_median() {
        let cases: &[(&[f64], Option<[f64; 3]>)] = &[
            (&[], None),
            (&[3.0], Some([3.0, 3.0, 3.0])),
            (&[3.0, 1.0], Some([2.0, 1.0, 3.0])),
            (&[900.0, 2.0, 1.0], Some([2.0, 1.0, 900.0])),
            (&[4.0, 1.0, 3.0, 2.0], Some([2.5, 1.0, 4.0])),
        ];
        for (values, wanted) in cases {
            let found = Figures::of(values.iter().copied()).map(|each| [each.median, each.least, each.most]);
            assert_eq!(found, *wanted, "{values:?}");
        }
        let times = [Duration::from_micros(1500), Duration::from_millis(1)];
        assert_eq!(Figures::of_times(times).map(|each| each.median), Some(1.25));
    }
}
