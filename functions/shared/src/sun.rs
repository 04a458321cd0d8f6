//! When the sun rises and sets, and the twilights about it: computed, never fetched.
//!
//! The formulas are those of NOAA's solar calculator (Meeus, "Astronomical Algorithms", chapters
//! 25 and 28). In San Diego they are within 60 s of the almanac from 1900 to 2199; refraction at
//! the horizon differs from day to day by more than that.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A place on the ground.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Degrees north of the equator.
    pub latitude_degrees: f64,
    /// Degrees east of Greenwich.
    pub longitude_degrees: f64,
}

/// San Diego's harbour.
pub const SAN_DIEGO: Place = Place { latitude_degrees: 32.7157, longitude_degrees: -117.1611 };

/// The years for which the formulas are good.
pub const YEARS: std::ops::RangeInclusive<i16> = 1900..=2199;

/// How far the sun's centre is from the zenith at an event.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Horizon {
    /// The upper limb touches the horizon: 34' of refraction and 16' of radius below it.
    Limb,
    /// 6° below: enough light to work on deck without a lamp.
    Civil,
    /// 12° below: the sea's horizon can still be seen.
    Nautical,
    /// 18° below: full night begins.
    Astronomical,
}

/// The events of one day in San Diego, in the order in which they happen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SunTimes {
    /// Night ends.
    pub astronomical_dawn: Timestamp,
    /// The sea's horizon can be seen.
    pub nautical_dawn: Timestamp,
    /// Light enough to work without a lamp.
    pub civil_dawn: Timestamp,
    /// The upper limb appears.
    pub sunrise: Timestamp,
    /// The sun is highest.
    pub solar_noon: Timestamp,
    /// The upper limb disappears.
    pub sunset: Timestamp,
    /// The end of the light by which one works without a lamp.
    pub civil_dusk: Timestamp,
    /// The sea's horizon is lost.
    pub nautical_dusk: Timestamp,
    /// Night begins.
    pub astronomical_dusk: Timestamp,
}

/// The events of a day in San Diego; `None` outside [`YEARS`].
pub fn times(date: Date) -> Option<SunTimes> {
    if !YEARS.contains(&date.year()) {
        return None;
    }
    let dawn = |horizon| crossing(SAN_DIEGO, date, horizon, Side::Morning);
    let dusk = |horizon| crossing(SAN_DIEGO, date, horizon, Side::Evening);
    Some(SunTimes {
        astronomical_dawn: dawn(Horizon::Astronomical)?,
        nautical_dawn: dawn(Horizon::Nautical)?,
        civil_dawn: dawn(Horizon::Civil)?,
        sunrise: dawn(Horizon::Limb)?,
        solar_noon: moment(date, noon_minutes(SAN_DIEGO, date))?,
        sunset: dusk(Horizon::Limb)?,
        civil_dusk: dusk(Horizon::Civil)?,
        nautical_dusk: dusk(Horizon::Nautical)?,
        astronomical_dusk: dusk(Horizon::Astronomical)?,
    })
}

/// The side of noon on which an event lies.
#[derive(Clone, Copy)]
enum Side {
    Morning,
    Evening,
}

/// The sun as seen from the earth's centre.
struct Sun {
    declination_radians: f64,
    /// How far a sundial is ahead of a clock.
    equation_of_time_minutes: f64,
}

/// When the sun crosses a horizon; `None` where it stays above or below all day.
///
/// The sun moves while the day goes by, so the first answer is put in again until it stands.
fn crossing(place: Place, date: Date, horizon: Horizon, side: Side) -> Option<Timestamp> {
    const ROUNDS: usize = 3;
    let mut minutes = noon_minutes(place, date);
    for _ in 0..ROUNDS {
        let sun = sun_at(century(date, minutes));
        let angle = hour_angle_degrees(place, &sun, horizon)?;
        let noon = 720.0 - 4.0 * place.longitude_degrees - sun.equation_of_time_minutes;
        minutes = match side {
            Side::Morning => noon - 4.0 * angle,
            Side::Evening => noon + 4.0 * angle,
        };
    }
    moment(date, minutes)
}

/// Solar noon in minutes after midnight UTC of `date`; over a day's length west of Greenwich.
fn noon_minutes(place: Place, date: Date) -> f64 {
    let guess = 720.0 - 4.0 * place.longitude_degrees;
    guess - sun_at(century(date, guess)).equation_of_time_minutes
}

/// The angle by which the earth turns between noon and the event.
fn hour_angle_degrees(place: Place, sun: &Sun, horizon: Horizon) -> Option<f64> {
    let zenith: f64 = match horizon {
        Horizon::Limb => 90.833,
        Horizon::Civil => 96.0,
        Horizon::Nautical => 102.0,
        Horizon::Astronomical => 108.0,
    };
    let latitude = place.latitude_degrees.to_radians();
    let declination = sun.declination_radians;
    let cosine = zenith.to_radians().cos() / (latitude.cos() * declination.cos()) - latitude.tan() * declination.tan();
    (-1.0..=1.0).contains(&cosine).then(|| cosine.acos().to_degrees())
}

/// Julian centuries since noon of 1 January 2000.
fn century(date: Date, minutes: f64) -> f64 {
    const SECONDS_A_DAY: f64 = 86_400.0;
    const DAYS_A_CENTURY: f64 = 36_525.0;
    let epoch = DateTime::constant(2000, 1, 1, 12, 0, 0, 0);
    let since = date.to_datetime(jiff::civil::Time::midnight()).duration_since(epoch);
    (since.as_secs_f64() + minutes * 60.0) / SECONDS_A_DAY / DAYS_A_CENTURY
}

/// The sun's place at `t` Julian centuries after 2000.
fn sun_at(t: f64) -> Sun {
    let mean_longitude = (280.46646 + t * (36000.76983 + t * 0.000_303_2)).rem_euclid(360.0).to_radians();
    let anomaly = (357.52911 + t * (35999.05029 - 0.000_153_7 * t)).to_radians();
    let eccentricity = 0.016_708_634 - t * (0.000_042_037 + 0.000_000_126_7 * t);
    let centre = anomaly.sin() * (1.914_602 - t * (0.004_817 + 0.000_014 * t))
        + (2.0 * anomaly).sin() * (0.019_993 - 0.000_101 * t)
        + (3.0 * anomaly).sin() * 0.000_289;
    let node = (125.04 - 1934.136 * t).to_radians();
    let longitude = mean_longitude.to_degrees() + centre - 0.00569 - 0.00478 * node.sin();
    let mean_obliquity = 23.0 + (26.0 + (21.448 - t * (46.815 + t * (0.00059 - t * 0.001_813))) / 60.0) / 60.0;
    let obliquity = (mean_obliquity + 0.00256 * node.cos()).to_radians();

    let y = (obliquity / 2.0).tan().powi(2);
    let equation = y * (2.0 * mean_longitude).sin() - 2.0 * eccentricity * anomaly.sin()
        + 4.0 * eccentricity * y * anomaly.sin() * (2.0 * mean_longitude).cos()
        - 0.5 * y * y * (4.0 * mean_longitude).sin()
        - 1.25 * eccentricity * eccentricity * (2.0 * anomaly).sin();
    Sun {
        declination_radians: (obliquity.sin() * longitude.to_radians().sin()).asin(),
        equation_of_time_minutes: 4.0 * equation.to_degrees(),
    }
}

/// The whole second nearest to `minutes` after midnight UTC of `date`.
fn moment(date: Date, minutes: f64) -> Option<Timestamp> {
    let midnight = date.to_zoned(TimeZone::UTC).ok()?.timestamp();
    let after = SignedDuration::try_from_secs_f64((minutes * 60.0).round()).ok()?;
    midnight.checked_add(after).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn where_the_sun_does_not_set_there_is_no_sunset() {
        let tromso = Place { latitude_degrees: 69.65, longitude_degrees: 18.96 };
        let june = crossing(tromso, date(2026, 6, 21), Horizon::Limb, Side::Evening);
        assert_eq!(june, None);
        let march = crossing(tromso, date(2026, 3, 21), Horizon::Limb, Side::Evening);
        assert!(march.is_some());
    }

    #[test]
    fn years_without_a_promise_have_no_times() {
        assert_eq!(times(date(1899, 12, 31)), None);
        assert_eq!(times(date(2200, 1, 1)), None);
        assert_eq!(times(Date::MIN), None);
        assert_eq!(times(Date::MAX), None);
    }

    proptest! {
        #[test]
        fn the_events_of_a_day_are_in_order_and_on_that_day(days in 0..109_572_i32) {
            let day = date(1900, 1, 1)
                .checked_add(jiff::Span::new().days(days))
                .expect("within the promised years");
            let t = times(day).expect("San Diego has every event each day");
            let order = [
                t.astronomical_dawn, t.nautical_dawn, t.civil_dawn, t.sunrise, t.solar_noon,
                t.sunset, t.civil_dusk, t.nautical_dusk, t.astronomical_dusk,
            ];
            prop_assert!(order.is_sorted());
            // One standard offset for all years: the zone's own history starts in 1883.
            let offset = jiff::tz::offset(-8).to_time_zone();
            prop_assert_eq!(t.solar_noon.to_zoned(offset).date(), day);
        }
    }
}
