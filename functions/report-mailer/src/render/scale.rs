//! The scale of a chart: round numbers that hold every value.

/// About so many steps are between the ends.
const STEPS: f64 = 4.0;

/// A scale with zero on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    step: f64,
}

impl Scale {
    /// The scale for these values.
    pub(super) fn over(values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = values.fold((0.0, 0.0), |(low, high): (f64, f64), value| (low.min(value), high.max(value)));
        let span = if high > low { high - low } else { 1.0 };
        let step = round_up(span / STEPS);
        let high = if high > low { (high / step).ceil() * step } else { step };
        Self { low: (low / step).floor() * step, high, step }
    }

    /// The round numbers, the lowest first.
    pub(super) fn ticks(self) -> Vec<f64> {
        let count = ((self.high - self.low) / self.step).round() as usize;
        (0..=count).map(|at| self.low + at as f64 * self.step).collect()
    }

    /// Where a value is: 0 at the lower end, 1 at the upper.
    pub(super) fn place(self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }
}

/// The next of 1, 2, 5, 10, 20, 50 … and their parts.
fn round_up(value: f64) -> f64 {
    let magnitude = 10f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 5.0].map(|step| step * magnitude);
    steps.into_iter().find(|step| *step >= value).unwrap_or(10.0 * magnitude)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_round_and_zero_is_between_them() {
        let ticks = |values: &[f64]| Scale::over(values.iter().copied()).ticks();
        assert_eq!(ticks(&[3.0, 17.0]), [0.0, 5.0, 10.0, 15.0, 20.0]);
        assert_eq!(ticks(&[-7_000.0, 9_000.0]), [-10_000.0, -5_000.0, 0.0, 5_000.0, 10_000.0]);
        assert_eq!(ticks(&[-3.0]), [-3.0, -2.0, -1.0, 0.0]);
        assert_eq!(ticks(&[]), ticks(&[0.0]));
        assert!(Scale::over([0.0].into_iter()).place(0.0).abs() < f64::EPSILON);
    }

    #[test]
    fn every_value_is_within_the_ends() {
        for value in [0.001, 0.3, 1.0, 49.9, 50.0, 99_999.0, 1e9] {
            let scale = Scale::over([value].into_iter());
            assert!((0.0..=1.0).contains(&scale.place(value)), "{value}: {scale:?}");
            assert!(scale.place(value) >= 0.5, "{value} fills its picture: {scale:?}");
        }
    }
}
