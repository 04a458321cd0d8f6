//! Functions: how they are set, when they ran, what they wrote.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::aws::{Aws, FILTER_LOG_EVENTS};
use super::html::{Page, cell, code, escape, escaped_part, in_query, link, table};
use super::{FUNCTION, LOG_GROUP, ResourceView, StackView, of_type};
use crate::http::BoxError;

/// How far back is looked.
const BACK_MS: i64 = 24 * 3_600_000;
/// Most invocations that are listed.
const INVOCATIONS: usize = 50;
/// Most lines of the log that are shown.
const LINES: usize = 400;
/// How often a page that follows is loaded again, in seconds.
const FOLLOW_SECONDS: u32 = 2;

/// How Lambda begins the lines around an invocation. Source: "Lambda log formats", plain text.
const START: &str = "START RequestId: ";
const END: &str = "END RequestId: ";
const REPORT: &str = "REPORT RequestId: ";

/// Every function of every stack.
pub fn list(stacks: &[StackView]) -> Page {
    let row = |(stack, resource): (&StackView, &ResourceView)| {
        let declaration = resource.address.split('/').next().unwrap_or_default();
        vec![
            link(&["functions", &resource.id], &resource.id),
            code(declaration),
            link(&["stacks", &stack.name], &stack.name),
        ]
    };
    let rows: Vec<_> = of_type(stacks, FUNCTION).into_iter().map(row).collect();
    let head = ["Function", "Declaration", "Stack"];
    Page::new("/functions", "Functions", table("Functions", &head, &rows, "No stack has a function here."))
}

/// One function: its settings, its invocations, and its log, the newest first.
pub async fn one(aws: &Aws<'_>, stacks: &[StackView], name: &str, query: &str) -> Result<Option<Page>, BoxError> {
    let Some((stack, resource)) = of_type(stacks, FUNCTION).into_iter().find(|(_, each)| each.id == name) else {
        return Ok(None);
    };
    let path = format!("/2015-03-31/functions/{}/configuration", escaped_part(name));
    let Some(configuration) = aws.lambda(&stack.region, &path).await? else { return Ok(None) };
    let declaration = resource.address.split('/').next().unwrap_or_default();
    let of_function =
        |each: &&ResourceView| each.type_name == LOG_GROUP && each.address.split('/').next() == Some(declaration);
    let group = stack.resources.iter().find(of_function).map(|each| each.id.clone());
    let since = Timestamp::now().as_millisecond() - BACK_MS;
    let request = json!({ "logGroupName": group.unwrap_or_default(), "startTime": since });
    let found = aws.ask(&stack.region, &FILTER_LOG_EVENTS, request).await?.unwrap_or_default();
    let lines = read(&found["events"]);
    let follows = in_query(query, "follow").is_some();
    let body = format!(
        "{}<h2>Invocations of the last day</h2>{}<h2>Log</h2><p>{}</p>{}",
        settings(&configuration, declaration, &stack.name),
        invocations(&lines),
        if follows {
            "<a href=\"?\">Stand still</a>"
        } else {
            "<a href=\"?follow=1\">Follow: load again every 2 s</a>"
        },
        log(&lines),
    );
    let page = Page::new("/functions", name, body);
    Ok(Some(if follows { page.again_every(FOLLOW_SECONDS) } else { page }))
}

/// Variables are told by their names alone: what they hold may be nobody's business.
fn settings(configuration: &Value, declaration: &str, stack: &str) -> String {
    let variables = configuration["Environment"]["Variables"].as_object();
    let names: Vec<&str> = variables.into_iter().flat_map(|all| all.keys()).map(String::as_str).collect();
    let number = |name: &str| configuration[name].as_u64().unwrap_or_default();
    let lines = [
        ("Declaration", format!("{} of {}", code(declaration), link(&["stacks", stack], stack))),
        ("Memory", format!("{} MB", number("MemorySize"))),
        ("Longest run", format!("{} s", number("Timeout"))),
        ("Code", format!("{:.1} MB, changed {}", mega(number("CodeSize")), changed(configuration))),
        ("Variables", cell(&names.join(", "))),
    ];
    format!("<dl>{}</dl>", lines.map(|(name, value)| format!("<dt>{name}</dt><dd>{value}</dd>")).concat())
}

#[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn changed(configuration: &Value) -> String {
    let at = configuration["LastModified"].as_str().unwrap_or_default();
    cell(at.split(['.', '+']).next().unwrap_or_default())
}

/// A line of a log.
#[derive(Debug, PartialEq)]
struct Line {
    at_ms: i64,
    stream: String,
    message: String,
}

fn read(events: &Value) -> Vec<Line> {
    let line = |event: &Value| {
        Some(Line {
            at_ms: event["timestamp"].as_i64()?,
            stream: event["logStreamName"].as_str().unwrap_or_default().to_owned(),
            message: event["message"].as_str()?.trim_end().to_owned(),
        })
    };
    events.as_array().into_iter().flatten().filter_map(line).collect()
}

/// How grave a line is, for those that are written as objects.
fn gravity(message: &str) -> &'static str {
    let level = serde_json::from_str::<Value>(message).ok();
    match level.as_ref().and_then(|each| each["level"].as_str()).map(str::to_ascii_uppercase).as_deref() {
        Some("ERROR" | "FATAL") => "bad",
        Some("WARN" | "WARNING") => "warn",
        _ => "",
    }
}

/// One run of a function.
#[derive(Debug, PartialEq)]
struct Invocation {
    at_ms: i64,
    id: String,
    /// What the report says, such as `12.3 ms`.
    duration: String,
    memory: String,
    lines: usize,
    gravity: &'static str,
}

/// The runs that have ended, the newest first.
fn runs(lines: &[Line]) -> Vec<Invocation> {
    let mut runs = Vec::new();
    for report in lines.iter().filter(|line| line.message.starts_with(REPORT)) {
        let mut fields = report.message[REPORT.len()..].split('\t');
        let id = fields.next().unwrap_or_default().trim();
        let field = |name: &str| {
            let found = fields.clone().find_map(|each| each.strip_prefix(name));
            found.unwrap_or_default().trim().to_owned()
        };
        let mut own = lines
            .iter()
            .filter(|line| line.stream == report.stream)
            .skip_while(|line| line.message.strip_prefix(START).is_none_or(|rest| !rest.starts_with(id)))
            .skip(1)
            .take_while(|line| !line.message.starts_with(END) && !line.message.starts_with(REPORT))
            .map(|line| gravity(&line.message))
            .collect::<Vec<_>>();
        let lines = own.len();
        own.sort_by_key(|each| ["bad", "warn", ""].iter().position(|known| known == each));
        runs.push(Invocation {
            at_ms: report.at_ms,
            id: id.to_owned(),
            duration: field("Duration: "),
            memory: field("Max Memory Used: "),
            lines,
            gravity: own.first().copied().unwrap_or_default(),
        });
    }
    runs.reverse();
    runs
}

fn invocations(lines: &[Line]) -> String {
    let row = |run: &Invocation| {
        let how = match run.gravity {
            "bad" => "<span class=\"bad\">errors</span>",
            "warn" => "<span class=\"warn\">warnings</span>",
            _ => "",
        };
        vec![
            at(run.at_ms),
            code(&run.id),
            cell(&run.duration),
            cell(&run.memory),
            run.lines.to_string(),
            how.to_owned(),
        ]
    };
    let rows: Vec<_> = runs(lines).iter().take(INVOCATIONS).map(row).collect();
    table("Invocations", &["Ended", "Request", "Took", "Memory", "Lines", "Logged"], &rows, "It was not called.")
}

fn log(lines: &[Line]) -> String {
    if lines.is_empty() {
        return "<p class=\"quiet\">It wrote nothing.</p>".to_owned();
    }
    let line = |line: &Line| {
        let gravity = gravity(&line.message);
        let class = if gravity.is_empty() { String::new() } else { format!(" class=\"{gravity}\"") };
        format!("<div><span class=\"quiet\">{}</span><bdi{class}>{}</bdi></div>", at(line.at_ms), escape(&line.message))
    };
    format!("<div class=\"log\">{}</div>", lines.iter().rev().take(LINES).map(line).collect::<String>())
}

fn at(at_ms: i64) -> String {
    Timestamp::from_millisecond(at_ms).unwrap_or_default().strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(at_ms: i64, stream: &str, message: &str) -> Line {
        Line { at_ms, stream: stream.into(), message: message.into() }
    }

    #[test]
    fn an_invocation_is_what_one_stream_wrote_between_its_start_and_its_end() {
        let report = |id: &str| {
            format!(
                "REPORT RequestId: {id}\tDuration: 2.5 ms\tBilled Duration: 3 ms\tMemory Size: 128 MB\tMax Memory Used: 30 MB"
            )
        };
        let lines = [
            line(1, "a", "START RequestId: one Version: 1"),
            line(1, "b", "START RequestId: two Version: 1"),
            line(1, "a", r#"{"level":"WARN","message":"w"}"#),
            line(1, "b", r#"{"level":"ERROR","message":"e"}"#),
            line(2, "a", "plain"),
            line(2, "a", "END RequestId: one"),
            line(2, "a", &report("one")),
            line(3, "b", "END RequestId: two"),
            line(3, "b", &report("two")),
        ];
        let run = |at_ms, id: &str, lines, gravity| Invocation {
            at_ms,
            id: id.into(),
            duration: "2.5 ms".into(),
            memory: "30 MB".into(),
            lines,
            gravity,
        };
        assert_eq!(runs(&lines), [run(3, "two", 1, "bad"), run(2, "one", 2, "warn")]);
    }

    #[test]
    fn values_of_variables_are_not_shown() {
        let configuration = json!({ "Environment": { "Variables": { "TABLE": "canary" } }, "MemorySize": 128 });
        let shown = settings(&configuration, "function.a", "crew");
        assert!(shown.contains("TABLE") && !shown.contains("canary"), "{shown}");
    }
}
