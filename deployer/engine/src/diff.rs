//! The difference between what is wanted, what we set the last time, and what lives.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::value::{finish, is_digest, is_known};

/// The field whose keys belong to several owners: ours are compared, others left alone.
const SHARED_FIELD: &str = "tags";

/// Why something changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The stack file, or something it ships, says otherwise than the last time.
    Declared,
    /// Somebody changed it outside the deployer.
    Drift,
}

/// One changed leaf of the inputs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// Where it is: keys joined by dots, `environment.LINKS_TABLE`.
    pub path: String,
    /// What lives; absent: nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What is wanted; absent: it is reset to AWS's default. Placeholders are known after another step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// Why.
    pub cause: Cause,
}

/// Every change that makes `live` as wanted. `wanted` may hold placeholders; `prior` is what we set last.
///
/// Each field of `wanted` is compared as a whole. A field that is absent there is not managed, unless
/// `prior` set it: then it is reset.
pub fn diff(wanted: &Value, prior: Option<&Value>, live: &Value) -> Vec<Change> {
    let empty = Map::new();
    let members = |value: &'_ Value| value.as_object().cloned().unwrap_or_default();
    let (wanted, live) = (members(wanted), members(live));
    let was_set = prior.is_some();
    let prior = prior.and_then(Value::as_object).unwrap_or(&empty);
    let mut changes = Vec::new();
    for (field, value) in &wanted {
        let value = known(value);
        if field == SHARED_FIELD {
            shared(&value, Before { prior: prior.get(field), was_set }, live.get(field), &mut changes);
        } else if live.get(field) != Some(&value) {
            leaves(field, live.get(field), Some(&value), Before { prior: prior.get(field), was_set }, &mut changes);
        }
    }
    for (field, set) in prior.iter().filter(|(field, _)| !wanted.contains_key(*field)) {
        if let Some(now) = live.get(field).filter(|now| !is_empty(now)) {
            leaves(field, Some(now), None, Before { prior: Some(set), was_set }, &mut changes);
        }
    }
    changes
}

/// Whether a change touches one of these top-level fields.
pub fn touches(changes: &[Change], fields: &[&str]) -> bool {
    changes.iter().any(|change| fields.contains(&change.path.split('.').next().unwrap_or_default()))
}

fn known(value: &Value) -> Value {
    if is_known(value) { finish(value) } else { value.clone() }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(members) => members.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// What we set at a place, and whether we set the object at all.
#[derive(Clone, Copy)]
struct Before<'a> {
    prior: Option<&'a Value>,
    was_set: bool,
}

impl<'a> Before<'a> {
    fn member(self, key: &str) -> Self {
        Self { prior: self.prior.and_then(|each| each.get(key)), ..self }
    }

    fn item(self, at: usize) -> Self {
        Self { prior: self.prior.and_then(|each| each.get(at)), ..self }
    }

    /// What is wanted was wanted before too: so somebody else changed it.
    fn cause(self, after: Option<&Value>) -> Cause {
        if self.was_set && self.prior == after { Cause::Drift } else { Cause::Declared }
    }
}

fn shared(wanted: &Value, before: Before<'_>, live: Option<&Value>, found: &mut Vec<Change>) {
    let keys = |value: Option<&Value>| {
        value.and_then(Value::as_object).map(|members| members.keys().cloned().collect::<Vec<_>>()).unwrap_or_default()
    };
    let dropped = keys(before.prior).into_iter().filter(|key| wanted.get(key).is_none());
    for key in keys(Some(wanted)).into_iter().chain(dropped) {
        leaves(
            &format!("{SHARED_FIELD}.{key}"),
            live.and_then(|each| each.get(&key)),
            wanted.get(&key),
            before.member(&key),
            found,
        );
    }
}

/// The differing leaves below a path: tables are compared key by key, lists of one length item by
/// item, everything else as a whole.
fn leaves(path: &str, live: Option<&Value>, after: Option<&Value>, before: Before<'_>, found: &mut Vec<Change>) {
    if live == after {
        return;
    }
    if let (Some(Value::Object(old)), Some(Value::Object(new))) = (live, after)
        && !after.is_some_and(is_digest)
    {
        let keys = old.keys().chain(new.keys().filter(|key| !old.contains_key(*key)));
        keys.for_each(|key| leaves(&format!("{path}.{key}"), old.get(key), new.get(key), before.member(key), found));
        return;
    }
    if let (Some(Value::Array(old)), Some(Value::Array(new))) = (live, after)
        && old.len() == new.len()
    {
        let items = old.iter().zip(new).enumerate();
        items
            .for_each(|(at, (old, new))| leaves(&format!("{path}.{at}"), Some(old), Some(new), before.item(at), found));
        return;
    }
    found.push(Change {
        path: path.to_owned(),
        before: live.cloned(),
        after: after.cloned(),
        cause: before.cause(after),
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_wanted_and_was_not_set_makes_no_noise() {
        assert_eq!(diff(&json!({"memory": 128}), None, &json!({"memory": 128, "ephemeral": 512})), []);
    }

    #[test]
    fn a_field_that_is_wanted_no_more_is_reset_because_it_was_set() {
        let changes = diff(&json!({}), Some(&json!({"description": "x"})), &json!({"description": "x"}));
        assert_eq!(
            changes,
            [Change { path: "description".into(), before: Some(json!("x")), after: None, cause: Cause::Declared }]
        );
    }

    #[test]
    fn a_change_by_hand_is_drift_and_a_change_of_the_file_is_not() {
        let live = json!({"memory": 512, "environment": {"A": "1", "B": "hand"}});
        let changes = diff(
            &json!({"memory": 256, "environment": {"A": "2"}}),
            Some(&json!({"memory": 256, "environment": {"A": "1"}})),
            &live,
        );
        let told: Vec<_> = changes.iter().map(|each| (each.path.as_str(), each.cause)).collect();
        assert_eq!(
            told,
            [("memory", Cause::Drift), ("environment.A", Cause::Declared), ("environment.B", Cause::Drift)]
        );
    }

    #[test]
    fn a_list_tells_the_item_that_differs_and_a_longer_one_is_told_whole() {
        let live = json!({"rules": [{"limit": 1}, {"limit": 2}], "more": [1]});
        let changes = diff(&json!({"rules": [{"limit": 1}, {"limit": 3}], "more": [1, 2]}), None, &live);
        assert_eq!(changes.iter().map(|each| each.path.as_str()).collect::<Vec<_>>(), ["rules.1.limit", "more"]);
    }

    #[test]
    fn tags_of_others_are_left_alone_and_ours_are_kept() {
        let live = json!({"tags": {"deployer:stack": "a", "theirs": "x", "old": "y"}});
        let changes =
            diff(&json!({"tags": {"deployer:stack": "a", "owner": "me"}}), Some(&json!({"tags": {"old": "y"}})), &live);
        assert_eq!(changes.iter().map(|each| each.path.as_str()).collect::<Vec<_>>(), ["tags.owner", "tags.old"]);
    }

    #[test]
    fn a_value_that_waits_for_another_step_is_a_change() {
        let changes = diff(&json!({"version": "${f.x/version#version}"}), None, &json!({"version": "3"}));
        assert_eq!(changes[0].after, Some(json!("${f.x/version#version}")));
    }

    #[test]
    fn an_escaped_text_equals_its_plain_form() {
        assert_eq!(diff(&json!({"code": "`$${x}`"}), None, &json!({"code": "`${x}`"})), []);
    }
}
