//! `GET /api/sun`: when the sun rises and sets in San Diego.

use std::str::FromStr;

use axum::extract::State;
use axum::http::Uri;
use axum::routing::get;
use axum::{Json, Router};
use functions_shared::problem::FieldError;
use functions_shared::{sun, zone};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::Shared;
use crate::problems::Public;
use crate::query::Query;
use crate::refusal::Refusal;

/// The sun's day in San Diego.
#[derive(Debug, Serialize, ToSchema)]
pub struct SunDay {
    /// The day, as in `2026-06-21`.
    pub date: String,
    /// The zone of every `iso`.
    pub time_zone: &'static str,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Night ends: the sun is 18° below the horizon.
    pub astronomical_dawn: Moment,
    /// The sea's horizon can be seen: 12° below.
    pub nautical_dawn: Moment,
    /// Light enough to work on deck: 6° below.
    pub civil_dawn: Moment,
    /// The upper limb appears.
    pub sunrise: Moment,
    /// The sun is highest.
    pub solar_noon: Moment,
    /// The upper limb disappears.
    pub sunset: Moment,
    /// 6° below.
    pub civil_dusk: Moment,
    /// 12° below.
    pub nautical_dusk: Moment,
    /// 18° below: night begins.
    pub astronomical_dusk: Moment,
}

/// A moment for programs and for people.
#[derive(Debug, Serialize, ToSchema)]
pub struct Moment {
    /// Epoch seconds.
    pub epoch: i64,
    /// San Diego's time, as in `2026-06-21T19:59:45-07:00`.
    pub iso: String,
}

/// A date as the query gives it.
struct Day(Date);

/// The routes of this noun.
pub fn routes() -> Router<Shared> {
    Router::new().route("/api/sun", get(read))
}

/// Tells the sun's times of a day; of today in San Diego where no day is given.
#[utoipa::path(
    get,
    path = "/api/sun",
    operation_id = "readSun",
    params(("date" = Option<String>, Query, description = "A day from 1900-01-01 to 2199-12-31; absent: today in San Diego", format = Date)),
    responses((status = 200, description = "The sun's times", body = SunDay), Public)
)]
pub async fn read(State(app): State<Shared>, uri: Uri) -> Result<Json<SunDay>, Refusal> {
    let mut query = Query::new(&uri, &["date"]);
    let asked = query.optional::<Day>("date");
    let asked = query.finish(asked)?;
    let date = asked.map_or_else(|| zone::date_of(app.clock.now()), |day| day.0);
    let times = sun::times(date).ok_or_else(|| {
        let error = FieldError::new("date", "is not from 1900-01-01 to 2199-12-31");
        Refusal::invalid(vec![error])
    })?;
    Ok(Json(day(date, &times)))
}

fn day(date: Date, times: &sun::SunTimes) -> SunDay {
    SunDay {
        date: date.to_string(),
        time_zone: zone::NAME,
        latitude: sun::SAN_DIEGO.latitude_degrees,
        longitude: sun::SAN_DIEGO.longitude_degrees,
        astronomical_dawn: moment(times.astronomical_dawn),
        nautical_dawn: moment(times.nautical_dawn),
        civil_dawn: moment(times.civil_dawn),
        sunrise: moment(times.sunrise),
        solar_noon: moment(times.solar_noon),
        sunset: moment(times.sunset),
        civil_dusk: moment(times.civil_dusk),
        nautical_dusk: moment(times.nautical_dusk),
        astronomical_dusk: moment(times.astronomical_dusk),
    }
}

fn moment(at: Timestamp) -> Moment {
    Moment { epoch: at.as_second(), iso: zone::iso(at) }
}

impl FromStr for Day {
    type Err = &'static str;

    /// Strictly `YYYY-MM-DD`: the parser of dates takes more forms than this.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const RULE: &str = "is not a date in the form YYYY-MM-DD";
        let shape = |(at, byte): (usize, u8)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        };
        if text.len() != 10 || !text.bytes().enumerate().all(shape) {
            return Err(RULE);
        }
        text.parse().map(Self).map_err(|_| RULE)
    }
}
