//! `waf`: what is stopped before it reaches a `cdn`.

mod sets;
#[cfg(test)]
mod tests;

use deployer_engine::diagnostic::did_you_mean;
use deployer_engine::kind::{Expand, Expansion, Kind, output};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::duration::Period;
use crate::naming::{main_name, shorten, tags};
use crate::resources::web_acl::{Check, PathTest, Rule, WebAcl};

pub use sets::ManagedSet;

/// Longest name of a web ACL and of a rule. Source: CreateWebACL.
const MAX_NAME: usize = 128;
/// The priority of the first managed set: rates stand before them, so that a flood costs no inspection.
const FIRST_MANAGED: i32 = 100;
/// The window of a rate where none is said.
const DEFAULT_WINDOW_SECONDS: u64 = 300;
/// The windows that WAF knows. Source: RateBasedStatement, `EvaluationWindowSec`.
const WINDOWS_SECONDS: [u64; 4] = [60, 120, 300, 600];
/// Fewest and most requests of a rate. Source: RateBasedStatement, `Limit`.
const LIMITS: std::ops::RangeInclusive<i64> = 10..=2_000_000_000;
/// Most capacity units of an ACL; more than the first need a surcharge for each request.
const MAX_CAPACITY: u32 = 5_000;
/// Capacity units without a surcharge.
const INCLUDED_CAPACITY: u32 = 1_500;
/// Capacity units of a rate, and what a test of its path adds: the test and two transformations.
const RATE_CAPACITY: (u32, u32) = (2, 22);
/// How much of a body is looked at: all that the API takes. Beyond 16 KB AWS asks for a surcharge.
const BODY_LIMIT: &str = "KB_64";

/// A web ACL that a `cdn` puts before its routes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waf {
    /// `"block"`: what a rule is about is stopped; `"count"`: it is only counted, to see what would be. Default: `"block"`.
    #[serde(default)]
    pub mode: Mode,
    /// Sets of rules that AWS maintains: `[{ set = "core", count = ["SizeRestrictions_BODY"] }]`. Default: `core` and
    /// `known-bad-inputs`; `[]` is none.
    #[serde(default = "default_managed")]
    pub managed: Vec<Managed>,
    /// How many requests one address may send: `[{ limit = 100, window = "5m", path = "/api/auth*" }]`. AWS counts roughly,
    /// and a marina has one address. Default: no limit.
    #[serde(default)]
    pub rate: Vec<Rate>,
}

/// What happens to a request that a rule is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// It is stopped.
    #[default]
    Block,
    /// It is counted and goes on.
    Count,
}

/// A set of rules that AWS maintains.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Managed {
    /// Which.
    pub set: ManagedSet,
    /// Rules of it that only count: `["SizeRestrictions_BODY"]` lets bodies over 8 KB through. Default: none.
    #[serde(default)]
    pub count: Vec<String>,
}

/// How many requests one address may send.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Requests in the window, 10 to 2,000,000,000.
    #[schemars(range(min = 10, max = 2_000_000_000))]
    pub limit: i64,
    /// The window: `"1m"`, `"2m"`, `"5m"` or `"10m"`. Default: `"5m"`.
    pub window: Option<Period>,
    /// The paths that are counted: `"/api/auth*"`, or one path. Default: all.
    pub path: Option<String>,
}

fn default_managed() -> Vec<Managed> {
    [ManagedSet::Core, ManagedSet::KnownBadInputs].map(|set| Managed { set, count: Vec::new() }).into()
}

impl Rate {
    fn window_seconds(&self) -> u64 {
        self.window.map_or(DEFAULT_WINDOW_SECONDS, Period::seconds)
    }

    /// What of a path is tested; `None`: every path counts.
    fn test(&self) -> Option<PathTest> {
        match self.path.as_deref()? {
            "/*" => None,
            path => Some(
                path.strip_suffix('*')
                    .map_or_else(|| PathTest::Is(path.to_owned()), |start| PathTest::StartsWith(start.to_owned())),
            ),
        }
    }

    /// A name by which people know it in metrics, unless it is `taken`: then one that is its own too.
    fn name(&self, taken: &[String]) -> String {
        let path = self.test().map_or_else(|| "all".to_owned(), |_| self.path.clone().unwrap_or_default());
        let words: Vec<_> =
            path.split(|each: char| !each.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let name = shorten(format!("rate-{}s-{}", self.window_seconds(), words.join("-")), MAX_NAME);
        // As `/a/b` and `/a-b`.
        if taken.contains(&name) { shorten(format!("{name}-{}", hex::encode(&path)), MAX_NAME) } else { name }
    }

    fn is_same_as(&self, other: &Self) -> bool {
        self.window_seconds() == other.window_seconds() && self.test() == other.test()
    }

    fn check(&self, at: &str, cx: &Expand<'_>, out: &mut Expansion) {
        if !LIMITS.contains(&self.limit) {
            out.fault(
                cx,
                &["rate", at, "limit"],
                "bad-value",
                "WAF counts limits of 10 to 2,000,000,000 requests",
                "a lower limit needs a longer window",
            );
        }
        if !WINDOWS_SECONDS.contains(&self.window_seconds()) {
            out.fault(
                cx,
                &["rate", at, "window"],
                "bad-value",
                "WAF knows the windows 1m, 2m, 5m and 10m",
                "choose the nearest, and scale the limit with it",
            );
        }
        if let Some(path) = &self.path {
            let stem = path.strip_suffix('*').unwrap_or(path);
            if !path.starts_with('/') || stem.contains(['*', '?']) || path.len() > 200 || !path.is_ascii() {
                let hint = "write a whole path such as `/login`, or one that ends with `*` such as `/api/auth*`";
                out.fault(
                    cx,
                    &["rate", at, "path"],
                    "bad-path",
                    format!("`{}` is no path that can be counted", path.escape_debug()),
                    hint,
                );
            }
        }
    }
}

impl Waf {
    /// The name of the web ACL that `cx` looks from, and of its metrics.
    pub(super) fn physical_name(cx: &Expand<'_>) -> String {
        main_name(cx, MAX_NAME)
    }

    fn check(&self, cx: &Expand<'_>, out: &mut Expansion) {
        for (index, rate) in self.rate.iter().enumerate() {
            rate.check(&index.to_string(), cx, out);
            if self.rate[..index].iter().any(|other| other.is_same_as(rate)) {
                out.fault(
                    cx,
                    &["rate", &index.to_string()],
                    "duplicate",
                    "the same paths are counted in the same window already",
                    "keep the stricter limit",
                );
            }
        }
        for (index, managed) in self.managed.iter().enumerate() {
            if self.managed[..index].iter().any(|other| other.set == managed.set) {
                out.fault(
                    cx,
                    &["managed", &index.to_string(), "set"],
                    "duplicate",
                    format!("the set `{}` stands here already", managed.set.word()),
                    "merge the two",
                );
            }
            self.check_names(index, managed, cx, out);
        }
        if self.managed.is_empty() && self.rate.is_empty() {
            out.fault(
                cx,
                &[],
                "empty",
                "a web ACL without a rule stops nothing",
                "leave `managed` out for the usual sets, or add a `rate`",
            );
        }
        let rates: u32 =
            self.rate.iter().map(|rate| RATE_CAPACITY.0 + rate.test().map_or(0, |_| RATE_CAPACITY.1)).sum();
        let capacity = rates + self.managed.iter().map(|each| each.set.capacity()).sum::<u32>();
        if capacity > MAX_CAPACITY {
            out.fault(
                cx,
                &["managed"],
                "too-many",
                format!("these rules need {capacity} capacity units, and an ACL has {MAX_CAPACITY}"),
                "leave sets out that your product does not need",
            );
        } else if capacity > INCLUDED_CAPACITY {
            out.warn(cx, &["managed"], "surcharge", format!("these rules need {capacity} capacity units: AWS asks a surcharge for each request above {INCLUDED_CAPACITY}"), "leave sets out that your product does not need");
        }
    }

    /// AWS passes over names that it does not know, without a word.
    fn check_names(&self, index: usize, managed: &Managed, cx: &Expand<'_>, out: &mut Expansion) {
        let known = managed.set.rules();
        for name in managed.count.iter().filter(|name| !known.is_empty() && !known.contains(&name.as_str())) {
            let path = ["managed", &index.to_string(), "count"];
            let message = format!(
                "the set `{}` has no rule `{}` that this deployer knows, and AWS passes over unknown names",
                managed.set.word(),
                name.escape_debug()
            );
            match did_you_mean(name, known.iter().copied()) {
                Some(hint) => out.fault(cx, &path, "unknown-rule", message, hint),
                None => out.warn(
                    cx,
                    &path,
                    "unknown-rule",
                    message,
                    format!("look it up in AWS's list of {}", managed.set.group()),
                ),
            }
        }
    }

    fn rules(&self) -> Vec<Rule> {
        let action = match self.mode {
            Mode::Block => "block",
            Mode::Count => "count",
        };
        let rule = |name: String, priority, check| Rule { name, priority, action: action.to_owned(), check };
        let mut names = Vec::new();
        self.rate.iter().for_each(|rate| names.push(rate.name(&names)));
        let rates = (0..).zip(self.rate.iter().zip(names)).map(|(priority, (rate, name))| {
            let window_seconds = i64::try_from(rate.window_seconds()).unwrap_or(i64::MAX);
            rule(name, priority, Check::Rate { limit: rate.limit, window_seconds, path: rate.test() })
        });
        let managed = (FIRST_MANAGED..).zip(&self.managed).map(|(priority, managed)| {
            let mut count = managed.count.clone();
            count.sort();
            count.dedup();
            rule(managed.set.word().to_owned(), priority, Check::Managed { set: managed.set.group().to_owned(), count })
        });
        rates.chain(managed).collect()
    }
}

impl Kind for Waf {
    const KIND: &'static str = "waf";
    const ALSO_CALLED: &'static [&'static str] = &["wafv2", "firewall", "acl", "web_acl"];

    fn attributes(&self, cx: &Expand<'_>) -> Vec<(&'static str, String)> {
        vec![("arn", output(&cx.address.part(Self::KIND), "arn"))]
    }

    fn expand(&self, cx: &Expand<'_>, out: &mut Expansion) {
        self.check(cx, out);
        let acl = WebAcl {
            name: Self::physical_name(cx),
            default_action: "allow".to_owned(),
            rules: self.rules(),
            // The local AWS keeps no such setting.
            body_limit: (!cx.environment().local).then(|| BODY_LIMIT.to_owned()),
            tags: tags(cx.environment(), &cx.address.part(Self::KIND)),
        };
        out.resource(cx, Self::KIND, &acl);
    }
}
