//! What the deployer and the repository say of themselves, left in the archive's folder `exports/`.

use std::collections::BTreeMap;
use std::sync::Arc;

use functions_shared::BoxFuture;
use functions_shared::call_error::{CallError, Effect};
use functions_shared::objects::Objects;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;

use super::Source;
use crate::live::{Distribution, Endpoint, GitWeek, SecretAge, StackAudit};

/// The lines of `deployer status --all --json`.
const STATUS: &str = "exports/status.jsonl";
/// Weeks of work on the code, as [`GitWeek`]s.
const GIT: &str = "exports/git.json";

/// The stacks, from the lines of `deployer status --json`.
pub struct StatusExport(pub Arc<dyn Objects>);

/// Work on the code, from an export.
pub struct GitExport(pub Arc<dyn Objects>);

impl Source<Vec<StackAudit>> for StatusExport {
    fn name(&self) -> &'static str {
        "export status.jsonl"
    }

    fn read(&self, _: Timestamp) -> BoxFuture<'_, Result<Vec<StackAudit>, CallError>> {
        Box::pin(async move {
            let stacks = stacks(&text(&*self.0, STATUS).await?);
            stacks.ok_or_else(|| CallError::odd_result("GetObject", "a line is no JSON of the deployer"))
        })
    }
}

impl Source<Vec<GitWeek>> for GitExport {
    fn name(&self) -> &'static str {
        "export git.json"
    }

    fn read(&self, _: Timestamp) -> BoxFuture<'_, Result<Vec<GitWeek>, CallError>> {
        Box::pin(async move {
            let weeks = serde_json::from_str(&text(&*self.0, GIT).await?);
            weeks.map_err(|_| CallError::odd_result("GetObject", "not weeks of work"))
        })
    }
}

async fn text(objects: &dyn Objects, key: &str) -> Result<String, CallError> {
    let object = objects.get(key).await?.ok_or_else(|| CallError {
        operation: "GetObject",
        code: "NoSuchKey".to_owned(),
        request_id: None,
        effect: Effect::None,
    })?;
    String::from_utf8(object.bytes).map_err(|_| CallError::odd_result("GetObject", "no text"))
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

/// What of a stack is open and what is kept.
#[derive(Deserialize)]
struct Exposure {
    distributions: Vec<Distribution>,
    endpoints: Vec<Open>,
    secrets: Vec<String>,
}

#[derive(Deserialize)]
struct Open {
    name: String,
    authenticated: bool,
    other_origins: bool,
    rate_limited: bool,
}

impl Exposure {
    /// The same as lists of an audit. A page of another origin that may call at all may do so only where it is named.
    fn told(self) -> (Vec<Distribution>, Vec<Endpoint>, Vec<SecretAge>) {
        let endpoint = |open: Open| Endpoint {
            name: open.name,
            authenticated: open.authenticated,
            cors: !open.other_origins,
            rate_limited: open.rate_limited,
        };
        let secret = |name| SecretAge { name, changed: None, rotate_after_days: None, plaintext: None };
        (
            self.distributions,
            self.endpoints.into_iter().map(endpoint).collect(),
            self.secrets.into_iter().map(secret).collect(),
        )
    }
}

/// The stacks of the lines; `None`: one of them is no JSON.
fn stacks(lines: &str) -> Option<Vec<StackAudit>> {
    let mut stacks = Vec::new();
    for line in lines.lines().filter(|line| !line.trim().is_empty()) {
        let Line::Status { stack, environment, resources, drifted, released, exposure } =
            serde_json::from_str(line).ok()?
        else {
            continue;
        };
        let lists = exposure.map(Exposure::told);
        let (distributions, endpoints, secrets) = match lists {
            Some((distributions, endpoints, secrets)) => (Some(distributions), Some(endpoints), Some(secrets)),
            None => (None, None, None),
        };
        stacks.push(StackAudit {
            stack,
            env: environment,
            released,
            objects: resources.values().sum(),
            drifted: Some(drifted),
            distributions,
            secrets,
            endpoints,
            advisories: None,
        });
    }
    Some(stacks)
}

#[cfg(test)]
mod tests {
    use functions_shared::objects::Object;
    use functions_shared::testing::MemoryObjects;

    use super::*;

    #[test]
    fn the_lines_of_a_status_are_stacks() {
        let lines = "{\"type\":\"version\",\"version\":\"0.1.0\"}\n\
            {\"type\":\"status\",\"stack\":\"crew\",\"environment\":\"prod\",\"resources\":{\"table.roles\":1,\"function.api\":6},\"pending\":{},\"drifted\":2,\"interrupted\":false,\"outputs\":{}}\n";
        let expected = StackAudit {
            stack: "crew".to_owned(),
            env: "prod".to_owned(),
            objects: 7,
            drifted: Some(2),
            ..StackAudit::default()
        };
        assert_eq!(stacks(lines), Some(vec![expected]));
        assert_eq!(stacks("crew is up\n"), None);
    }

    #[test]
    fn what_is_open_and_when_it_was_released_is_part_of_a_status() {
        let line = r#"{"type":"status","stack":"crew","environment":"prod","resources":{},"drifted":0,"released":"2026-11-20",
            "exposure":{"distributions":[{"name":"main","waf":false}],"secrets":["jwt"],
            "endpoints":[{"name":"api","authenticated":true,"other_origins":true,"rate_limited":false}]}}"#;
        let told = stacks(&line.replace('\n', "")).expect("a line").remove(0);
        assert_eq!(told.released, Some(jiff::civil::date(2026, 11, 20)));
        assert_eq!(told.distributions, Some(vec![Distribution { name: "main".to_owned(), waf: false }]));
        let endpoint = told.endpoints.expect("told").remove(0);
        assert_eq!((endpoint.authenticated, endpoint.cors, endpoint.rate_limited), (true, false, false));
        assert_eq!(told.secrets.expect("told").len(), 1);
    }

    #[tokio::test]
    async fn an_export_that_nobody_left_is_told_by_its_code() {
        let objects = Arc::new(MemoryObjects::default());
        let missing = GitExport(objects.clone()).read(Timestamp::UNIX_EPOCH).await.expect_err("nothing is there");
        assert_eq!(missing.code, "NoSuchKey");
        let week = r#"[{"week":"2026-11-16","commits":12,"deploys":3,"rollbacks":0,"lead_time_minutes":14.5}]"#;
        let object = Object { content_type: "application/json".to_owned(), bytes: week.into() };
        objects.put(GIT, object).await.expect("memory takes it");
        let weeks = GitExport(objects).read(Timestamp::UNIX_EPOCH).await.expect("weeks");
        assert_eq!((weeks.len(), weeks[0].commits), (1, 12));
    }
}
