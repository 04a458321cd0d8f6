//! Intervals: `1 hour`.

use super::BadTime;

/// Units as EventBridge writes one of them.
const UNITS: [&str; 3] = ["minute", "hour", "day"];

/// `rate(1 hour)` for `1 hour`. EventBridge wants `1 hour` and `2 hours`, and neither otherwise.
pub(super) fn expression(text: &str) -> Result<String, BadTime> {
    let parts: Vec<&str> = text.split(' ').collect();
    let [number, unit] = parts[..] else { return Err(not_an_interval(text)) };
    let plain = number.bytes().all(|each| each.is_ascii_digit()) && !number.starts_with('0');
    let count: u32 =
        if plain { number.parse().map_err(|_| not_an_interval(text))? } else { return Err(not_an_interval(text)) };
    let singular = UNITS
        .into_iter()
        .find(|each| unit.strip_suffix('s').unwrap_or(unit) == *each)
        .ok_or_else(|| not_an_interval(text))?;
    let right = if count == 1 { singular.to_owned() } else { format!("{singular}s") };
    if unit != right {
        return Err(BadTime::new(format!("EventBridge refuses `{count} {unit}`"), format!("write `{count} {right}`")));
    }
    Ok(format!("rate({count} {right})"))
}

fn not_an_interval(text: &str) -> BadTime {
    let message = format!("`{}` is no interval", text.escape_debug());
    BadTime::new(message, "write a number and `minutes`, `hours` or `days`, such as `5 minutes` or `1 hour`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular_and_more_are_plural() {
        for (text, written) in [
            ("1 minute", "rate(1 minute)"),
            ("5 minutes", "rate(5 minutes)"),
            ("1 hour", "rate(1 hour)"),
            ("12 hours", "rate(12 hours)"),
            ("1 day", "rate(1 day)"),
            ("30 days", "rate(30 days)"),
        ] {
            assert_eq!(expression(text).ok().as_deref(), Some(written));
        }
        for (text, right) in [
            ("1 minutes", "write `1 minute`"),
            ("5 minute", "write `5 minutes`"),
            ("2 hour", "write `2 hours`"),
            ("1 days", "write `1 day`"),
        ] {
            assert_eq!(expression(text).err().map(|bad| bad.hint).as_deref(), Some(right));
        }
    }

    #[test]
    fn what_is_no_interval_is_refused() {
        for text in [
            "",
            "hour",
            "1",
            "0 minutes",
            "-1 hours",
            "1.5 hours",
            "01 hour",
            "1  hour",
            " 1 hour",
            "1 week",
            "1 second",
            "5m",
            "rate(1 hour)",
            "1 hourss",
            "99999999999 days",
            "+1 hour",
        ] {
            assert!(expression(text).is_err(), "{text:?}");
        }
    }
}
