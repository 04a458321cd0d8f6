//! What AWS takes: lengths, ranges, patterns and enumerations, from its own service models.

mod table;

use std::collections::{BTreeMap, HashMap};

use deployer_engine::address::Address;
use deployer_engine::diagnostic::Diagnostic;
use deployer_engine::kind::Desired;
use deployer_engine::resource::Registry;
use deployer_engine::value::is_known;
use regex_lite::Regex;
use serde_json::Value;

use crate::Cloud;

pub use table::TABLE;

/// What AWS takes at one member of a call.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// `service:Operation.Member.Member`, as AWS's service models name it.
    pub member: &'static str,
    /// The shortest text in characters, or the smallest number.
    pub min: Option<u64>,
    /// The longest text in characters, or the largest number.
    pub max: Option<u64>,
    /// What the whole text looks like: a regular expression.
    pub pattern: Option<&'static str>,
    /// The only values; empty when there are others.
    pub values: &'static [&'static str],
}

/// The limit of a member. Members that resources name are all there: a test looks.
pub fn limit(member: &str) -> Option<&'static Limit> {
    TABLE.binary_search_by(|each| each.member.cmp(member)).ok().map(|at| &TABLE[at])
}

/// Faults for every input that AWS would refuse. What is not known before the call is not judged.
pub fn refused(registry: &Registry<Cloud>, desired: &BTreeMap<Address, Desired>) -> Vec<Diagnostic> {
    let mut patterns = Patterns::default();
    let mut faults = Vec::new();
    for each in desired.values() {
        for (path, member) in registry.facts(each.type_name).limits {
            let Some(limit) = limit(member) else { continue };
            for value in values_at(&each.inputs, path).into_iter().filter(|value| is_known(value)) {
                if let Some(why) = patterns.refusal(limit, value) {
                    let message = format!("{}: `{path}` {why}", each.address);
                    let fault = Diagnostic::error("refused-by-aws", message).at(each.location.clone());
                    faults.push(fault.hint(format!("{member} takes {}", taken(limit, value))));
                }
            }
        }
    }
    faults
}

/// The values that a path leads to; `*` is each item of a list or object.
fn values_at<'a>(inputs: &'a Value, path: &str) -> Vec<&'a Value> {
    path.split('/').fold(vec![inputs], |found, step| {
        let into = |value: &'a Value| -> Vec<&'a Value> {
            match (value, step) {
                (Value::Array(items), "*") => items.iter().collect(),
                (Value::Object(members), "*") => members.values().collect(),
                _ => value.get(step).into_iter().collect(),
            }
        };
        found.into_iter().flat_map(into).collect()
    })
}

/// Patterns are compiled once, however many things they are of.
#[derive(Default)]
struct Patterns(HashMap<&'static str, Regex>);

impl Patterns {
    /// Why AWS would refuse a value, in words that end the sentence which the field begins.
    fn refusal(&mut self, limit: &Limit, value: &Value) -> Option<String> {
        let (size, unit) = match value {
            Value::String(text) => (u64::try_from(text.chars().count()).ok()?, " characters"),
            Value::Number(number) => (number.as_u64()?, ""),
            _ => return None,
        };
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let shown = || text.chars().take(SHOWN).collect::<String>().escape_debug().to_string();
        if limit.max.is_some_and(|max| size > max) || limit.min.is_some_and(|min| size < min) {
            return Some(format!("is {size}{unit}: `{}`", shown()));
        }
        if !limit.values.is_empty() && !limit.values.contains(&text.as_str()) {
            return Some(format!("is `{}`", shown()));
        }
        let pattern = limit.pattern?;
        let pattern = self.0.entry(pattern).or_insert_with(|| whole(pattern));
        (!pattern.is_match(&text)).then(|| format!("is `{}`", shown()))
    }
}

/// How many characters of a refused value are shown.
const SHOWN: usize = 80;

fn whole(pattern: &str) -> Regex {
    Regex::new(&format!("^(?:{pattern})$")).expect("a test compiles each pattern of the table")
}

/// What is taken, in words.
fn taken(limit: &Limit, value: &Value) -> String {
    let unit = if value.is_string() { " characters" } else { "" };
    let range = match (limit.min, limit.max) {
        (Some(min), Some(max)) => Some(format!("{min} to {max}{unit}")),
        (Some(min), None) => Some(format!("{min}{unit} or more")),
        (None, Some(max)) => Some(format!("up to {max}{unit}")),
        (None, None) => None,
    };
    let values = (!limit.values.is_empty()).then(|| limit.values.join(", "));
    let pattern = limit.pattern.map(|pattern| format!("what matches {pattern}"));
    [range, values, pattern].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::kinds::testing::wanted;
    use crate::resources;

    #[test]
    fn every_limit_that_a_resource_names_is_in_the_table_and_no_other() {
        let registry = resources::all();
        let named: BTreeSet<&str> = registry.all().flat_map(|facts| facts.limits).map(|(_, member)| *member).collect();
        let known: Vec<&str> = TABLE.iter().map(|each| each.member).collect();
        assert_eq!(named.into_iter().collect::<Vec<_>>(), known, "both sorted");
    }

    #[test]
    fn every_pattern_compiles() {
        for pattern in TABLE.iter().filter_map(|each| each.pattern) {
            whole(pattern);
        }
    }

    #[test]
    fn a_value_is_judged_by_length_range_enumeration_and_pattern() {
        let why = |member: &str, value: Value| Patterns::default().refusal(limit(member).unwrap(), &value);
        for (member, good, bad) in [
            ("acm:RequestCertificate.DomainName", json!("d".repeat(64)), json!("d".repeat(65))),
            ("iam:CreateRole.RoleName", json!("crew-prod-api"), json!("n".repeat(65))),
            ("iam:CreateRole.RoleName", json!("crew.api_1"), json!("crew/api")),
            ("lambda:CreateFunction.MemorySize", json!(10_240), json!(10_241)),
            ("lambda:CreateFunction.Timeout", json!(1), json!(0)),
            ("logs:PutRetentionPolicy.retentionInDays", json!(30), json!(31)),
            ("lambda:CreateFunctionUrlConfig.AuthType", json!("AWS_IAM"), json!("none")),
            ("s3:CreateBucket.Bucket", json!("crew-prod-web"), json!("Crew")),
            ("dynamodb:CreateTable.TableName", json!("abc"), json!("ab")),
        ] {
            assert_eq!(why(member, good.clone()), None, "{member} {good}");
            assert!(why(member, bad.clone()).is_some(), "{member} {bad}");
        }
    }

    #[test]
    fn what_aws_would_refuse_is_a_fault_of_its_declaration() {
        let registry = resources::all();
        let told = |ttl: &str| {
            let text = format!("[table.notes]\nkey = {{ hash = \"id:S\" }}\nttl = \"{ttl}\"\n");
            refused(&registry, &wanted(&text, "prod", &[]).unwrap().desired)
        };
        assert_eq!(told("expires_at"), []);
        let faults = told(&"x".repeat(256));
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].message.starts_with("table.notes/table: `ttl` is 256 characters"), "{faults:?}");
        assert!(faults[0].location.is_some(), "{faults:?}");
    }

    #[test]
    fn what_is_not_known_before_the_call_is_not_judged() {
        let registry = resources::all();
        let mut desired = wanted("[param.motd]\nvalue = \"ahoy\"\n", "prod", &[]).unwrap().desired;
        let motd = desired.values_mut().next().expect("there is one");
        motd.inputs["name"] = json!("a name with blanks");
        assert_eq!(refused(&registry, &desired).len(), 1);
        let motd = desired.values_mut().next().expect("there is one");
        motd.inputs["name"] = json!("${cdn.main/cdn#domain} with blanks");
        assert_eq!(refused(&registry, &desired), []);
    }
}
