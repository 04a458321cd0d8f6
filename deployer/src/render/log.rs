//! Lines of logs as people read them: when, whose, how grave, what.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use deployer_aws::log_events::LogEvent;
use deployer_engine::address::DeclarationAddress;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::plain;

/// Colours that tell the functions apart.
const COLOURS: [AnsiColor; 6] = [
    AnsiColor::Cyan,
    AnsiColor::Magenta,
    AnsiColor::Green,
    AnsiColor::Blue,
    AnsiColor::BrightCyan,
    AnsiColor::BrightMagenta,
];
/// Members of a structured event that have a place of their own, or none: `_aws` tells CloudWatch which others are figures.
const NAMED: [&str; 6] = ["timestamp", "level", "message", "target", "fields", "_aws"];
/// How Lambda begins the lines that only frame an invocation. Source: "Lambda log formats", plain text.
const FRAMES: [&str; 3] = ["START RequestId:", "END RequestId:", "INIT_START "];
/// How Lambda begins the line that sums an invocation up.
const REPORT: &str = "REPORT RequestId:";

/// How one source of lines is told from the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    name: String,
    style: Style,
}

/// A lane for each name, as wide as the widest.
pub fn lanes<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<Lane> {
    let names: Vec<&str> = names.into_iter().collect();
    let widest = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
    let lane = |(at, name): (usize, &&str)| Lane {
        name: format!("{name:widest$}"),
        style: Style::new().fg_color(Some(COLOURS[at % COLOURS.len()].into())),
    };
    names.iter().enumerate().map(lane).collect()
}

impl Lane {
    /// A line of it.
    pub fn line(&self, text: &str) -> String {
        let Self { name, style } = self;
        format!("{style}{name} │{style:#} {text}")
    }
}

/// An event as lines for a person, in the time zone of this machine; what only frames an invocation is left out.
/// With `verbose` it is shown.
pub fn human(lane: &Lane, event: &LogEvent, zone: &TimeZone, verbose: bool) -> Option<String> {
    let message = event.message.trim_end();
    if !verbose && FRAMES.iter().any(|frame| message.starts_with(frame)) {
        return None;
    }
    let at = Timestamp::from_millisecond(event.at_ms).unwrap_or_default().to_zoned(zone.clone());
    let at = at.strftime("%H:%M:%S%.3f").to_string();
    let dim = Style::new().dimmed();
    let text = match serde_json::from_str::<Value>(message) {
        Ok(Value::Object(members)) => structured(&members),
        _ if message.starts_with(REPORT) => format!("{dim}{}{dim:#}", plain(&message.replace('\t', "  "))),
        _ => plain(&message.replace('\t', "    ")),
    };
    let lines: Vec<String> = text.lines().map(|line| lane.line(&format!("{dim}{at}{dim:#} {line}"))).collect();
    Some(lines.join("\n"))
}

/// The same for programs.
pub fn json_line(address: &DeclarationAddress, event: &LogEvent) -> Value {
    let at = Timestamp::from_millisecond(event.at_ms).unwrap_or_default().to_string();
    json!({ "type": "log", "function": address, "at": at, "message": event.message.trim_end() })
}

/// `ERROR what happened  key=value …`
fn structured(members: &Map<String, Value>) -> String {
    let inner = members.get("fields").and_then(Value::as_object);
    let find = |name: &str| members.get(name).or_else(|| inner?.get(name));
    let level = find("level").and_then(Value::as_str).unwrap_or("INFO").to_uppercase();
    let style = match level.as_str() {
        "ERROR" | "FATAL" => Style::new().fg_color(Some(AnsiColor::Red.into())).bold(),
        "WARN" | "WARNING" => Style::new().fg_color(Some(AnsiColor::Yellow.into())),
        "DEBUG" | "TRACE" => Style::new().dimmed(),
        _ => Style::new(),
    };
    let mut text = format!("{style}{:5}{style:#}", plain(&level));
    if let Some(message) = find("message") {
        let _ = write!(text, " {}", shown(message));
    }
    let dim = Style::new().dimmed();
    for (name, value) in members.iter().chain(inner.into_iter().flatten()) {
        if !NAMED.contains(&name.as_str()) {
            let _ = write!(text, "  {dim}{}={dim:#}{}", plain(name), shown(value));
        }
    }
    text
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => plain(text).replace('\n', " "),
        other => plain(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(message: &str, verbose: bool) -> Option<String> {
        let event = LogEvent { id: "1".into(), at_ms: 1_700_000_000_123, message: message.into() };
        let lanes = lanes(["api", "nudge"]);
        human(&lanes[0], &event, &TimeZone::UTC, verbose).map(|text| anstream::adapter::strip_str(&text).to_string())
    }

    #[test]
    fn events_read_as_words_whatever_form_they_were_written_in() {
        for (message, line) in [
            (
                r#"{"timestamp":"x","level":"WARN","message":"slow","target":"api","took_ms":12,"route":"/a"}"#,
                "WARN  slow  took_ms=12  route=/a",
            ),
            (r#"{"level":"info","fields":{"message":"done","count":3}}"#, "INFO  done  count=3"),
            (r#"{"message":"answered","ms":1,"_aws":{"Timestamp":1,"CloudWatchMetrics":[]}}"#, "INFO  answered  ms=1"),
            ("plain\twords\n", "plain    words"),
            ("REPORT RequestId: 1\tDuration: 2 ms\t\n", "REPORT RequestId: 1  Duration: 2 ms"),
            ("[1,2]", "[1,2]"),
        ] {
            assert_eq!(shown(message, false).as_deref(), Some(format!("api   │ 22:13:20.123 {line}").as_str()));
        }
    }

    #[test]
    fn each_line_of_a_message_stands_in_its_lane() {
        assert_eq!(shown("one\ntwo", false).as_deref(), Some("api   │ 22:13:20.123 one\napi   │ 22:13:20.123 two"));
    }

    #[test]
    fn what_frames_an_invocation_is_shown_only_when_more_is_asked_for() {
        for frame in ["START RequestId: 1 Version: 2", "END RequestId: 1", "INIT_START Runtime Version: x"] {
            assert_eq!(shown(frame, false), None);
            assert!(shown(frame, true).is_some());
        }
    }

    #[test]
    fn a_log_cannot_steer_the_terminal() {
        for message in ["\u{1b}[2J", r#"{"message":"\u001b[2J","\u001b[1m":"\u202e"}"#] {
            let event = LogEvent { id: "1".into(), at_ms: 0, message: message.into() };
            let line = human(&lanes(["a"])[0], &event, &TimeZone::UTC, false).expect("a line");
            assert!(!anstream::adapter::strip_str(&line).to_string().contains(['\u{1b}', '\u{202e}']));
            assert!(!line.contains("\u{1b}[2J"), "{line:?}");
        }
    }
}
