//! Time as people in San Diego read it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The name of San Diego's time zone.
pub const NAME: &str = "America/Los_Angeles";

/// San Diego's time zone, compiled in: it needs no database on the machine.
pub const SAN_DIEGO: TimeZone = jiff::tz::get!("America/Los_Angeles");

/// The date in San Diego at a moment.
pub fn date_of(moment: Timestamp) -> Date {
    moment.to_zoned(SAN_DIEGO).date()
}

/// A moment with San Diego's offset, for programs: `2026-06-21T19:59:45-07:00`.
pub fn iso(moment: Timestamp) -> String {
    let zoned = moment.to_zoned(SAN_DIEGO);
    zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// A moment for people: `Sun 21 Jun 2026, 19:59 PDT`.
pub fn words(moment: Timestamp) -> String {
    let zoned = moment.to_zoned(SAN_DIEGO);
    zoned.strftime("%a %-d %b %Y, %H:%M %Z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summer_and_winter_time_are_told_apart() {
        let summer: Timestamp = "2026-06-22T02:59:45Z".parse().expect("a moment");
        assert_eq!(iso(summer), "2026-06-21T19:59:45-07:00");
        assert_eq!(words(summer), "Sun 21 Jun 2026, 19:59 PDT");
        let winter: Timestamp = "2026-12-22T00:46:47Z".parse().expect("a moment");
        assert_eq!(iso(winter), "2026-12-21T16:46:47-08:00");
        assert_eq!(date_of(winter), jiff::civil::date(2026, 12, 21));
    }
}
