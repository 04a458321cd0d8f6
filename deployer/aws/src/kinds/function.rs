//! `function`: a Rust program that Lambda runs.

mod build;
mod environment;
mod failures;
mod grants;
mod logs;
mod url;

use std::collections::BTreeMap;

use deployer_engine::address::DeclarationAddress;
use deployer_engine::kind::{Expand, Expansion, Kind, output};
use deployer_engine::value::digest_of;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::queue::Queue;
use crate::duration::Period;
use crate::naming::{main_name, part_name, tags};
use crate::policy::{Statement, document, service_trust};
use crate::resources::function_alias::{self, FunctionAlias};
use crate::resources::function_version::FunctionVersion;
use crate::resources::iam_role::{self, IamRole};
use crate::resources::lambda_function::{self, Code, LambdaFunction, Logging};
use crate::resources::log_group::{self, LogGroup};

pub use build::{Architecture, Build, FunctionBuild, build_requests};
pub use grants::Grant;
pub use logs::Logs;
pub(crate) use url::ORIGIN_SECRET;
pub use url::{Auth, Url};

/// The alias that every caller uses.
pub const LIVE: &str = "live";
/// Longest name of a function and of a role. Source: CreateFunction, CreateRole.
const MAX_NAME: usize = 64;
/// Most memory and longest run. Source: Lambda quotas.
const MAX_TIMEOUT_SECONDS: u64 = 900;

/// A Rust program that Lambda runs, with a role of its own that may do what `grants` say and nothing
/// else, a log group, a version for each release and the alias `live`, which every caller uses.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// What it is built from: `{ package = "crew-api" }`.
    pub build: Build,
    /// Memory in MB, 128 to 10,240; processor time grows with it. Default: 128.
    #[serde(default = "default_memory")]
    #[schemars(range(min = 128, max = 10_240))]
    pub memory: u32,
    /// Longest run, `1s` to `15m`. Default: `3s`.
    #[serde(default = "default_timeout")]
    pub timeout: Period,
    /// Its environment: `{ ROLES_TABLE = "${table.roles.name}" }`, 4 KB together. A secret is named here, never
    /// written: `${secret.x.ref}`. Default: empty.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// What it may do with other declarations: `["rw table.roles", "read secret.jwt", "send mail.main"]`. Tables and
    /// buckets: `read`, `write`, `rw`; secrets and params: `read`; mail: `send`, and `read` the account's limits;
    /// functions: `invoke`; keys: `use`; queues: `send`, `receive`; topics: `publish`. Another stack's table or bucket is named by its kind and an output:
    /// `"read table ${stack.crew.roles}"`. Default: nothing.
    #[serde(default)]
    pub grants: Vec<Grant>,
    /// An HTTPS endpoint: `{ auth = "cdn", secret = "secret.origin" }`. Default: none.
    pub url: Option<Url>,
    /// Its logs. Default: kept `30d`.
    #[serde(default)]
    pub logs: Logs,
    /// The queue where an event goes that failed for good, after two more tries within the hour: `"queue.failed"`.
    /// Default: one of its own when a schedule calls it, else none.
    pub failures: Option<DeclarationAddress>,
    /// Words for people, at most 256 characters. Default: none.
    #[schemars(length(max = 256))]
    pub description: Option<String>,
}

fn default_memory() -> u32 {
    128
}

fn default_timeout() -> Period {
    Period::from_seconds(3)
}

/// The physical name of the function that `cx` looks from.
pub fn physical_name(cx: &Expand<'_>) -> String {
    main_name(cx, MAX_NAME)
}

/// The ARN of the alias `live` of the function that `cx` looks from.
pub fn alias_arn(cx: &Expand<'_>) -> String {
    let environment = cx.environment();
    function_alias::arn(&environment.region, &environment.account, &physical_name(cx), LIVE)
}

fn function_arn(cx: &Expand<'_>) -> String {
    let environment = cx.environment();
    lambda_function::arn(&environment.region, &environment.account, &physical_name(cx))
}

fn role_name(cx: &Expand<'_>) -> String {
    part_name(cx, "role", "role", MAX_NAME)
}

fn role_arn(cx: &Expand<'_>) -> String {
    iam_role::arn(&cx.environment().account, &role_name(cx))
}

fn log_group_name(cx: &Expand<'_>) -> String {
    format!("/aws/lambda/{}", physical_name(cx))
}

impl Function {
    fn check(&self, cx: &Expand<'_>, out: &mut Expansion) {
        let name = physical_name(cx);
        let fits = |each: u8| each.is_ascii_alphanumeric() || b"-_".contains(&each);
        if !(1..=MAX_NAME).contains(&name.len()) || !name.bytes().all(fits) {
            let hint = format!("1 to {MAX_NAME} letters, digits, `-` and `_`");
            out.fault(cx, &[], "bad-name", format!("`{}` cannot name a function", name.escape_debug()), hint);
        }
        if self.timeout.seconds() > MAX_TIMEOUT_SECONDS {
            out.fault(
                cx,
                &["timeout"],
                "too-long",
                format!("a function runs at most 15m, and {} is longer", self.timeout),
                "split the work, or queue it",
            );
        }
        self.logs.check(cx, out);
    }

    /// All that it may do: write to its own log group, what is granted, and leave failed events behind.
    fn statements(&self, cx: &Expand<'_>, out: &mut Expansion) -> Vec<Statement> {
        let environment = cx.environment();
        let streams = format!("{}:*", log_group::arn(&environment.region, &environment.account, &log_group_name(cx)));
        let logs = Statement::new("WriteLogs", &["logs:CreateLogStream", "logs:PutLogEvents"], [streams]);
        let failures = self.failures(cx).map(|place| Statement::new("KeepFailures", &["sqs:SendMessage"], [place.arn]));
        let consumed = cx.stack.all::<Queue>().filter(|(_, queue)| queue.calls.as_ref() == Some(cx.address));
        let consumed: Vec<_> = consumed.map(|(address, _)| Queue::consumed(&cx.of(address))).collect();
        let origin = self.url.as_ref().and_then(|url| url.secret_statements(cx));
        let mut statements = vec![logs];
        // Twice the same grant is one.
        let granted = grants::statements(&self.grants, cx, out).into_iter().chain(origin.into_iter().flatten());
        for each in granted.chain(failures).chain(consumed) {
            if !statements.contains(&each) {
                statements.push(each);
            }
        }
        statements
    }

    fn role(&self, cx: &Expand<'_>, out: &mut Expansion) -> IamRole {
        IamRole {
            name: role_name(cx),
            trust: service_trust("lambda.amazonaws.com", &cx.environment().account),
            policies: BTreeMap::from([("access".to_owned(), document(&self.statements(cx, out)))]),
            attached: Vec::new(),
            description: Some(format!("What {} of stack {} may do", cx.address, cx.environment().stack)),
            max_session: None,
            tags: tags(cx.environment(), &cx.address.part("role")),
        }
    }

    fn function(&self, cx: &Expand<'_>, out: &mut Expansion) -> LambdaFunction {
        // What is not built yet is known to nothing in the plan: no resource mints it.
        let unbuilt = |name: &str| output(&cx.address.part("artifact"), name);
        let artifact = cx.artifacts.get(cx.address);
        LambdaFunction {
            name: physical_name(cx),
            role: role_arn(cx),
            role_id: output(&cx.address.part("role"), "role_id"),
            architecture: self.build.architecture(cx.environment().local).as_str().to_owned(),
            runtime: "provided.al2023".to_owned(),
            handler: "bootstrap".to_owned(),
            memory_mb: self.memory,
            timeout_seconds: u32::try_from(self.timeout.seconds()).unwrap_or(u32::MAX),
            environment: self.environment(cx, out),
            code: Code {
                source_sha256: artifact.map_or_else(|| unbuilt("source"), |each| each.source_sha256.clone()),
                zip_sha256: artifact.and_then(|each| each.built.clone()).unwrap_or_else(|| unbuilt("zip")),
            },
            description: self.description.clone(),
            logging: Logging { log_group: log_group_name(cx), format: "JSON".to_owned() },
            tags: tags(cx.environment(), &cx.address.part(Self::KIND)),
        }
    }
}

/// The version's identity: all that Lambda runs, and nothing that it does not (words and tags).
/// Permanent: another form would publish every function anew.
fn version_of(function: &LambdaFunction) -> FunctionVersion {
    let digest = digest_of(json!({
        "architecture": function.architecture,
        "code": function.code.zip_sha256,
        "environment": function.environment,
        "handler": function.handler,
        "logging": function.logging,
        "memory_mb": function.memory_mb,
        "role": function.role,
        "role_id": function.role_id,
        "runtime": function.runtime,
        "timeout_seconds": function.timeout_seconds,
    }));
    FunctionVersion { function_name: function.name.clone(), digest, code_sha256: function.code.zip_sha256.clone() }
}

impl Kind for Function {
    const KIND: &'static str = "function";
    const ALSO_CALLED: &'static [&'static str] = &["lambda", "fn"];

    fn attributes(&self, cx: &Expand<'_>) -> Vec<(&'static str, String)> {
        let known = vec![
            ("name", physical_name(cx)),
            ("arn", function_arn(cx)),
            ("alias_arn", alias_arn(cx)),
            ("log_group", log_group_name(cx)),
            ("role_arn", role_arn(cx)),
        ];
        let url = cx.address.part("url");
        let minted =
            self.url.iter().flat_map(|_| [("url", output(&url, "url")), ("url_domain", output(&url, "domain"))]);
        known.into_iter().chain(minted).collect()
    }

    fn expand(&self, cx: &Expand<'_>, out: &mut Expansion) {
        self.check(cx, out);
        let part = |name| cx.address.part(name);
        let role = self.role(cx, out);
        out.resource(cx, "role", &role);
        let logs = LogGroup {
            name: log_group_name(cx),
            retention_days: self.logs.days(),
            tags: tags(cx.environment(), &part("logs")),
        };
        out.resource(cx, "logs", &logs);
        let function = self.function(cx, out);
        // Were the function first, Lambda would make the log group, and keep logs for ever.
        out.resource(cx, Self::KIND, &function).after(part("logs")).address();
        out.resource(cx, "version", &version_of(&function)).after(part(Self::KIND)).address();
        let alias = FunctionAlias {
            function_name: function.name.clone(),
            name: LIVE.to_owned(),
            version: output(&part("version"), "version"),
            shares: BTreeMap::new(),
        };
        out.resource(cx, "alias", &alias);
        if let Some(url) = &self.url {
            url.expand(cx, out);
        }
        self.expand_failures(cx, out);
    }
}

#[cfg(test)]
mod tests;
