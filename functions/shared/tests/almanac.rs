//! The sun's times against an almanac that was computed elsewhere.
//!
//! Source: PyEphem 4.2.1 (libastro, VSOP87), observer at 32.7157 N 117.1611 W, elevation 0, by
//! the convention of the US Naval Observatory: pressure 0, sunrise and sunset when the upper limb
//! is at -0:34, twilights when the centre is at -6, -12 and -18 degrees.

use functions_shared::sun::{SunTimes, times};
use functions_shared::zone;
use jiff::Timestamp;
use jiff::civil::{Date, Time};

/// How far from the almanac a time may be.
const TOLERANCE_SECONDS: i64 = 60;

/// A date and, in San Diego's own time: astronomical, nautical and civil dawn, sunrise, sunset,
/// civil, nautical and astronomical dusk. Both changes of the clock are among them.
#[rustfmt::skip]
const ALMANAC: [(&str, [&str; 8]); 26] = [
    ("2026-01-01", ["05:23:09", "05:53:08", "06:23:50", "06:50:58", "16:53:51", "17:21:00", "17:51:41", "18:21:41"]),
    ("2026-01-15", ["05:24:26", "05:54:03", "06:24:17", "06:50:56", "17:05:36", "17:32:15", "18:02:29", "18:32:06"]),
    ("2026-02-01", ["05:18:56", "05:47:58", "06:17:25", "06:43:14", "17:21:35", "17:47:23", "18:16:51", "18:45:54"]),
    ("2026-02-28", ["04:55:32", "05:24:03", "05:52:37", "06:17:20", "17:45:15", "18:10:00", "18:38:36", "19:07:09"]),
    ("2026-03-08", ["05:45:55", "06:14:30", "06:43:00", "07:07:35", "18:51:29", "19:16:05", "19:44:38", "20:13:16"]),
    ("2026-03-20", ["05:29:59", "05:58:55", "06:27:35", "06:52:08", "19:00:20", "19:24:56", "19:53:38", "20:22:38"]),
    ("2026-04-12", ["04:57:01", "05:27:35", "05:57:20", "06:22:30", "19:16:38", "19:41:51", "20:11:42", "20:42:22"]),
    ("2026-05-05", ["04:26:04", "04:59:25", "05:31:11", "05:57:40", "19:33:21", "19:59:54", "20:31:47", "21:05:17"]),
    ("2026-06-01", ["04:02:11", "04:39:10", "05:13:28", "05:41:36", "19:51:42", "20:19:53", "20:54:15", "21:31:20"]),
    ("2026-06-21", ["03:59:28", "04:37:36", "05:12:40", "05:41:18", "19:59:44", "20:28:22", "21:03:27", "21:41:35"]),
    ("2026-07-04", ["04:05:03", "04:42:41", "05:17:25", "05:45:51", "20:00:16", "20:28:39", "21:03:20", "21:40:54"]),
    ("2026-08-09", ["04:37:07", "05:10:16", "05:41:52", "06:08:15", "19:39:31", "20:05:50", "20:37:20", "21:10:20"]),
    ("2026-09-01", ["04:58:16", "05:28:43", "05:58:23", "06:23:32", "19:13:02", "19:38:07", "20:07:43", "20:38:03"]),
    ("2026-09-22", ["05:14:39", "05:43:39", "06:12:21", "06:36:57", "18:45:02", "19:09:36", "19:38:15", "20:07:11"]),
    ("2026-10-10", ["05:27:20", "05:55:53", "06:24:27", "06:49:09", "18:21:28", "18:46:09", "19:14:41", "19:43:12"]),
    ("2026-10-31", ["05:42:18", "06:11:06", "06:40:12", "07:05:36", "17:58:28", "18:23:52", "18:52:57", "19:21:43"]),
    ("2026-11-01", ["04:43:03", "05:11:52", "05:41:00", "06:06:27", "16:57:34", "17:23:00", "17:52:08", "18:20:56"]),
    ("2026-11-21", ["04:58:20", "05:27:49", "05:57:50", "06:24:16", "16:44:37", "17:11:03", "17:41:04", "18:10:32"]),
    ("2026-12-07", ["05:10:14", "05:40:10", "06:10:47", "06:37:52", "16:42:26", "17:09:30", "17:40:07", "18:10:04"]),
    ("2026-12-21", ["05:18:45", "05:48:51", "06:19:40", "06:46:57", "16:46:47", "17:14:04", "17:44:53", "18:14:59"]),
    ("2027-01-31", ["05:19:36", "05:48:40", "06:18:11", "06:44:03", "17:20:25", "17:46:17", "18:15:48", "18:44:53"]),
    ("2027-03-14", ["05:38:29", "06:07:11", "06:35:44", "07:00:16", "18:55:49", "19:20:24", "19:48:59", "20:17:45"]),
    ("2027-07-20", ["04:17:28", "04:53:25", "05:27:00", "05:54:41", "19:55:03", "20:22:41", "20:56:11", "21:31:59"]),
    ("2027-11-07", ["04:47:23", "05:16:22", "05:45:44", "06:11:28", "16:52:48", "17:18:31", "17:47:54", "18:16:52"]),
    ("2028-02-29", ["04:54:57", "05:23:28", "05:52:01", "06:16:44", "17:45:41", "18:10:25", "18:39:00", "19:07:33"]),
    ("2028-08-15", ["04:43:25", "05:15:41", "05:46:40", "06:12:39", "19:32:45", "19:58:40", "20:29:33", "21:01:42"]),
];

#[test]
fn every_time_is_within_a_minute_of_the_almanac() {
    for (date, expected) in ALMANAC {
        let date: Date = date.parse().expect("a date");
        let computed = in_order(&times(date).expect("a year with times"));
        for (event, (computed, expected)) in computed.iter().zip(expected).enumerate() {
            let off_seconds = computed.as_second() - local(date, expected).as_second();
            assert!(off_seconds.abs() <= TOLERANCE_SECONDS, "{date}, event {event}: {off_seconds} s off");
        }
    }
}

/// The same library with air (pressure 1010 hPa, its default) instead of a fixed refraction.
#[test]
fn the_longest_and_the_shortest_day_set_when_observed() {
    for (date, sunset) in [("2026-06-21", "19:59:45"), ("2026-12-21", "16:46:47")] {
        let date: Date = date.parse().expect("a date");
        let computed = times(date).expect("a year with times").sunset;
        let off_seconds = computed.as_second() - local(date, sunset).as_second();
        assert!(off_seconds.abs() <= TOLERANCE_SECONDS, "{date}: {off_seconds} s off");
    }
}

fn in_order(times: &SunTimes) -> [Timestamp; 8] {
    [
        times.astronomical_dawn,
        times.nautical_dawn,
        times.civil_dawn,
        times.sunrise,
        times.sunset,
        times.civil_dusk,
        times.nautical_dusk,
        times.astronomical_dusk,
    ]
}

fn local(date: Date, time: &str) -> Timestamp {
    let time: Time = time.parse().expect("a time");
    let zoned = date.to_datetime(time).to_zoned(zone::SAN_DIEGO);
    zoned.expect("a time of that day").timestamp()
}
