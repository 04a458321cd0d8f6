//! What the deployer and the repository say of themselves, left in the archive's folder `exports/`.

use std::collections::BTreeMap;
use std::sync::Arc;

use functions_shared::BoxFuture;
use functions_shared::call_error::{CallError, Effect};
use functions_shared::objects::Objects;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Dated, Source};
use crate::live::{Distribution, Endpoint, GitWeek, StackAudit};

/// How each stack stands, a line a stack.
const STATUS: &str = "exports/status.jsonl";
/// Weeks of work on the code.
const GIT: &str = "exports/git.json";

/// The stacks, from an export.
pub struct StatusExport(pub Arc<dyn Objects>);

/// Work on the code, from an export.
pub struct GitExport(pub Arc<dyn Objects>);

impl Source<Vec<StackAudit>> for StatusExport {
    fn name(&self) -> &'static str {
        "export status.jsonl"
    }

    fn read(&self, _: Timestamp) -> BoxFuture<'_, Result<Dated<Vec<StackAudit>>, CallError>> {
        Box::pin(async move { stacks(&text(&*self.0, STATUS).await?).ok_or_else(unreadable) })
    }
}

impl Source<Vec<GitWeek>> for GitExport {
    fn name(&self) -> &'static str {
        "export git.json"
    }

    fn read(&self, _: Timestamp) -> BoxFuture<'_, Result<Dated<Vec<GitWeek>>, CallError>> {
        Box::pin(async move { weeks(&text(&*self.0, GIT).await?).ok_or_else(unreadable) })
    }
}

/// The text of an export.
pub(super) async fn text(objects: &dyn Objects, key: &str) -> Result<String, CallError> {
    let object = objects.get(key).await?.ok_or_else(|| CallError {
        operation: "GetObject",
        code: "NoSuchKey".to_owned(),
        request_id: None,
        effect: Effect::None,
    })?;
    String::from_utf8(object.bytes).map_err(|_| unreadable())
}

/// What is there was not written by `deployer export`.
pub(super) fn unreadable() -> CallError {
    CallError::odd_result("GetObject", "no export of the deployer")
}

/// An export of lines: the first says when it was written; `None`: that is missing, or a line is none of the deployer's.
pub(super) fn lines<T: DeserializeOwned>(text: &str) -> Option<Dated<Vec<T>>> {
    #[derive(Deserialize)]
    #[serde(tag = "type", rename_all = "snake_case")]
    enum First {
        Export { at: Timestamp },
    }
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let First::Export { at } = serde_json::from_str(lines.next()?).ok()?;
    let data = lines.map(|line| serde_json::from_str(line).ok()).collect::<Option<Vec<T>>>()?;
    Some(Dated { data, at })
}

/// The weeks of an export.
fn weeks(text: &str) -> Option<Dated<Vec<GitWeek>>> {
    #[derive(Deserialize)]
    struct Export {
        at: Timestamp,
        weeks: Vec<GitWeek>,
    }
    let Export { at, weeks } = serde_json::from_str(text).ok()?;
    Some(Dated { data: weeks, at })
}

/// One line of the deployer.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line {
    Status {
        stack: String,
        environment: String,
        /// Objects by declaration.
        resources: BTreeMap<String, u32>,
        drifted: u32,
        #[serde(default)]
        released: Option<Date>,
        #[serde(default)]
        exposure: Option<Exposure>,
    },
    #[serde(other)]
    Other,
}

/// What of a stack is open.
#[derive(Deserialize)]
struct Exposure {
    distributions: Vec<Distribution>,
    endpoints: Vec<Open>,
}

#[derive(Deserialize)]
struct Open {
    name: String,
    authenticated: bool,
    other_origins: bool,
    rate_limited: bool,
}

impl From<Open> for Endpoint {
    /// A page of another origin that may call at all may do so only where it is named.
    fn from(open: Open) -> Self {
        let Open { name, authenticated, other_origins, rate_limited } = open;
        Self { name, authenticated, cors: !other_origins, rate_limited }
    }
}

/// The stacks of an export.
fn stacks(text: &str) -> Option<Dated<Vec<StackAudit>>> {
    let Dated { data, at } = lines::<Line>(text)?;
    let stack = |line: Line| {
        let Line::Status { stack, environment, resources, drifted, released, exposure } = line else { return None };
        let (distributions, endpoints) = exposure.map(|open| (open.distributions, open.endpoints)).unzip();
        Some(StackAudit {
            stack,
            env: environment,
            released,
            objects: resources.values().sum(),
            drifted: Some(drifted),
            distributions,
            endpoints: endpoints.map(|all| all.into_iter().map(Endpoint::from).collect()),
        })
    };
    Some(Dated { data: data.into_iter().filter_map(stack).collect(), at })
}

#[cfg(test)]
mod tests {
    use functions_shared::objects::Object;
    use functions_shared::testing::MemoryObjects;

    use super::*;

    const WRITTEN: &str = "{\"type\":\"export\",\"at\":\"2026-11-20T09:30:00Z\"}\n";

    fn at() -> Timestamp {
        "2026-11-20T09:30:00Z".parse().expect("a moment")
    }

    #[test]
    fn the_lines_of_a_status_are_stacks_as_they_were_when_it_was_written() {
        let lines = "{\"type\":\"version\",\"version\":\"0.1.0\"}\n\
            {\"type\":\"status\",\"stack\":\"crew\",\"environment\":\"prod\",\"resources\":{\"table.roles\":1,\"function.api\":6},\"pending\":{},\"drifted\":2,\"interrupted\":false,\"outputs\":{}}\n";
        let expected = StackAudit {
            stack: "crew".to_owned(),
            env: "prod".to_owned(),
            objects: 7,
            drifted: Some(2),
            ..StackAudit::default()
        };
        let told = Dated { data: vec![expected], at: at() };
        assert_eq!(stacks(&format!("{WRITTEN}{lines}")), Some(told));
        assert_eq!(stacks(lines), None, "nobody says when it was written");
        assert_eq!(stacks(&format!("{WRITTEN}crew is up\n")), None);
    }

    #[test]
    fn what_is_open_and_when_it_was_released_is_part_of_a_status() {
        let line = r#"{"type":"status","stack":"crew","environment":"prod","resources":{},"drifted":0,"released":"2026-11-20",
            "exposure":{"distributions":[{"name":"main","waf":false}],"secrets":["jwt"],
            "endpoints":[{"name":"api","authenticated":true,"other_origins":true,"rate_limited":false}]}}"#;
        let told = stacks(&format!("{WRITTEN}{}", line.replace('\n', ""))).expect("a line").data.remove(0);
        assert_eq!(told.released, Some(jiff::civil::date(2026, 11, 20)));
        assert_eq!(told.distributions, Some(vec![Distribution { name: "main".to_owned(), waf: false }]));
        let endpoint = told.endpoints.expect("told").remove(0);
        assert_eq!((endpoint.authenticated, endpoint.cors, endpoint.rate_limited), (true, false, false));
    }

    #[tokio::test]
    async fn an_export_is_as_old_as_it_says_and_one_that_nobody_left_is_told_by_its_code() {
        let objects = Arc::new(MemoryObjects::default());
        let missing = GitExport(objects.clone()).read(Timestamp::UNIX_EPOCH).await.expect_err("nothing is there");
        assert_eq!(missing.code, "NoSuchKey");
        let week = r#"{"at":"2026-11-20T09:30:00Z","weeks":[{"week":"2026-11-16","commits":12,"deploys":3,"rollbacks":0,"lead_time_minutes":14.5}]}"#;
        let object = Object { content_type: "application/json".to_owned(), bytes: week.into() };
        objects.put(GIT, object).await.expect("memory takes it");
        let told = GitExport(objects).read(Timestamp::now()).await.expect("weeks");
        assert_eq!((told.data.len(), told.data[0].commits, told.at), (1, 12, at()));
    }
}
