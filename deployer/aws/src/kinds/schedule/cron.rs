//! Points in time: EventBridge's cron expressions of six fields.

use super::BadTime;

/// One of the six fields.
struct Field {
    name: &'static str,
    least: u16,
    most: u16,
    /// Words for its values, the first for `least`.
    words: &'static [&'static str],
    day: Day,
}

/// What only the fields of days take.
#[derive(Clone, Copy, PartialEq)]
enum Day {
    No,
    /// `?`, `L` and `15W`.
    OfMonth,
    /// `?`, `L`, `6L` and `3#2`.
    OfWeek,
}

const MONTHS: &[&str] = &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
/// Most times that a weekday comes in a month.
const MOST_WEEKS: u16 = 5;

/// Source: EventBridge user guide, cron expressions.
const FIELDS: [Field; 6] = [
    Field { name: "minutes", least: 0, most: 59, words: &[], day: Day::No },
    Field { name: "hours", least: 0, most: 23, words: &[], day: Day::No },
    Field { name: "day of month", least: 1, most: 31, words: &[], day: Day::OfMonth },
    Field { name: "month", least: 1, most: 12, words: MONTHS, day: Day::No },
    Field { name: "day of week", least: 1, most: 7, words: WEEKDAYS, day: Day::OfWeek },
    Field { name: "year", least: 1970, most: 2199, words: &[], day: Day::No },
];

/// `cron(0 18 * * ? *)` for `0 18 * * ? *`.
pub(super) fn expression(text: &str) -> Result<String, BadTime> {
    let parts: Vec<&str> = text.split(' ').collect();
    if parts.len() != FIELDS.len() || parts.contains(&"") {
        let names = FIELDS.map(|field| field.name).join(", ");
        let message = format!("`{}` has not the six fields of a cron expression", text.escape_debug());
        return Err(BadTime::new(message, format!("they are {names}, with one space between: `0 18 * * ? *`")));
    }
    for (field, part) in FIELDS.iter().zip(&parts) {
        field.check(part)?;
    }
    match (parts[2] == "?", parts[4] == "?") {
        (true, true) => Err(BadTime::new("both days are `?`, so it never fires", "write `*` for one of them")),
        (false, false) => {
            let hint = if parts[4] == "*" { "write `?` as the day of week" } else { "write `?` as the day of month" };
            Err(BadTime::new("day of month and day of week are both given, and EventBridge takes one", hint))
        }
        _ => Ok(format!("cron({text})")),
    }
}

impl Field {
    fn bad(&self, part: &str) -> BadTime {
        let message = format!("`{}` is nothing that {} can be", part.escape_debug(), self.name);
        let words = match (self.words.first(), self.words.last()) {
            (Some(first), Some(last)) => format!(" or {first} to {last}"),
            _ => String::new(),
        };
        let days = match self.day {
            Day::No => "",
            Day::OfMonth => ", `?`, `L` for the last day, `15W` for the weekday nearest to it",
            Day::OfWeek => ", `?`, `L` for Saturday, `6L` for the last Friday, `3#2` for the second Tuesday",
        };
        BadTime::new(
            message,
            format!("{} takes {} to {}{words}, `*`, `1-5`, `1,3`, `0/15`{days}", self.name, self.least, self.most),
        )
    }

    fn check(&self, part: &str) -> Result<(), BadTime> {
        let fits = self.is_special(part) || part.split(',').all(|each| self.is_item(each));
        if fits { Ok(()) } else { Err(self.bad(part)) }
    }

    /// What stands alone in a field of days.
    fn is_special(&self, part: &str) -> bool {
        match self.day {
            Day::No => false,
            Day::OfMonth => {
                part == "?" || part == "L" || part.strip_suffix('W').is_some_and(|day| self.number(day).is_some())
            }
            Day::OfWeek => {
                let nth = |part: &str| {
                    let (day, week) = part.split_once('#')?;
                    let week = plain(week).filter(|week| (1..=MOST_WEEKS).contains(week));
                    self.value(day).and(week)
                };
                part == "?"
                    || part == "L"
                    || part.strip_suffix('L').is_some_and(|day| self.value(day).is_some())
                    || nth(part).is_some()
            }
        }
    }

    /// A value, a range or all of them, with a step or without.
    fn is_item(&self, item: &str) -> bool {
        let (range, step) = item.split_once('/').map_or((item, None), |(range, step)| (range, Some(step)));
        let step_fits = step.is_none_or(|step| plain(step).is_some_and(|step| (1..=self.most).contains(&step)));
        let range_fits = match range.split_once('-') {
            Some((first, last)) => {
                matches!((self.value(first), self.value(last)), (Some(first), Some(last)) if first <= last)
            }
            None => range == "*" || self.value(range).is_some(),
        };
        step_fits && range_fits
    }

    /// A number or a word of the field.
    fn value(&self, text: &str) -> Option<u16> {
        let word = || {
            self.words
                .iter()
                .zip(self.least..)
                .find(|(word, _)| text.eq_ignore_ascii_case(word))
                .map(|(_, value)| value)
        };
        self.number(text).or_else(word)
    }

    fn number(&self, text: &str) -> Option<u16> {
        plain(text).filter(|value| (self.least..=self.most).contains(value))
    }
}

/// Decimal digits and nothing else.
fn plain(text: &str) -> Option<u16> {
    if text.bytes().all(|each| each.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_eventbridge_takes_is_taken() {
        let all = [
            "0 18 * * ? *",
            "0 10 * * ? *",
            "15 12 * * ? *",
            "0 18 ? * MON-FRI *",
            "0 8 1 * ? *",
            "0/15 * * * ? *",
            "0/10 * ? * MON-FRI *",
            "0/5 8-17 ? * MON-FRI *",
            "0/30 20-22/2 1 1 ? 2027",
            "0 9 ? * 2#1 *",
            "0 10 ? * 6L 2026-2027",
            "0 0 L * ? *",
            "0 0 15W * ? *",
            "0 0 ? * L *",
            "0 0 ? * sun *",
            "5,35 14 * * ? *",
            "0 0 1,15 JAN,jul ? *",
            "*/5 * * * ? *",
            "0 0 ? * WED#2 *",
            "59 23 31 12 ? 2199",
            "0 0 1 1 ? 1970",
        ];
        for text in all {
            let found = expression(text).map_err(|bad| bad.message);
            assert_eq!(found, Ok(format!("cron({text})")));
        }
    }

    #[test]
    fn what_eventbridge_refuses_is_refused() {
        let all = [
            // The number of fields
            "",
            "* * * * *",
            "0 18 * * ?",
            "0 0 18 * * ? *",
            "0  18 * * ? ",
            " 0 18 * * ? *",
            "cron(0 18 * * ? *)",
            "@daily",
            // The rule of the two days
            "0 18 * * * *",
            "0 18 ? * ? *",
            "0 18 1 * MON *",
            "0 18 * * MON-FRI *",
            "0 18 L * 6L *",
            // Ranges
            "60 * * * ? *",
            "-1 * * * ? *",
            "0 24 * * ? *",
            "0 0 0 * ? *",
            "0 0 32 * ? *",
            "0 0 1 0 ? *",
            "0 0 1 13 ? *",
            "0 0 ? * 0 *",
            "0 0 ? * 8 *",
            "0 0 1 1 ? 1969",
            "0 0 1 1 ? 2200",
            "99999999 0 1 1 ? *",
            // Words
            "0 0 1 FOO ? *",
            "0 0 ? * FREITAG *",
            "MON 0 ? * MON *",
            "0 0 1 MON ? *",
            "0 0 ? * JAN *",
            // Lists, ranges and steps
            "5,,6 * * * ? *",
            ",5 * * * ? *",
            "5- * * * ? *",
            "-5 * * * ? *",
            "9-5 * * * ? *",
            "0 0 ? * FRI-MON *",
            "0/0 * * * ? *",
            "0/ * * * ? *",
            "/5 * * * ? *",
            "0/60 * * * ? *",
            "1-2-3 * * * ? *",
            "0/5/5 * * * ? *",
            // What only days take
            "? * * * ? *",
            "L * * * ? *",
            "0 ? * * ? *",
            "0 0 1 ? ? *",
            "0 0 1 L ? *",
            "0 0 1 1 ? ?",
            "0 0 W * ? *",
            "0 0 32W * ? *",
            "0 0 1#2 * ? *",
            "0 0 ? * 3W *",
            "0 0 ? * 3#0 *",
            "0 0 ? * 3#6 *",
            "0 0 ? * #2 *",
            "0 0 ? * 8L *",
            "0 0 ? * *L *",
            // No digits of ours, no other characters
            "+5 * * * ? *",
            "0x5 * * * ? *",
            "٣ * * * ? *",
            "5\t* * * * ? *",
            "5;6 * * * ? *",
            "${x} * * * ? *",
        ];
        for text in all {
            assert!(expression(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_fault_says_what_the_field_takes() {
        let bad = expression("0 0 ? * 8 *").err();
        let told = bad.map(|bad| (bad.message, bad.hint));
        let hint = "day of week takes 1 to 7 or SUN to SAT, `*`, `1-5`, `1,3`, `0/15`, `?`, `L` for Saturday, `6L` for the last Friday, `3#2` for the second Tuesday";
        assert_eq!(told, Some(("`8` is nothing that day of week can be".to_owned(), hint.to_owned())));
        let five = expression("0 18 * * *").err().map(|bad| bad.hint);
        assert_eq!(
            five.as_deref(),
            Some(
                "they are minutes, hours, day of month, month, day of week, year, with one space between: `0 18 * * ? *`"
            )
        );
        let both = expression("0 18 * * MON-FRI *").err().map(|bad| bad.hint);
        assert_eq!(both.as_deref(), Some("write `?` as the day of month"));
        assert_eq!(
            expression("0 18 1 * * *").err().map(|bad| bad.hint).as_deref(),
            Some("write `?` as the day of week")
        );
    }
}
