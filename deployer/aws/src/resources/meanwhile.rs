//! What somebody else changes between our look and our write: shown, both sides, and nobody's is lost. A version that AWS
//! itself compares (an ETag, a lock token, a revision) makes us look again; here is decided what was seen then.

use std::collections::BTreeSet;

use deployer_engine::resource::{CloudError, ErrorClass, to_value};
use serde::Serialize;
use serde_json::{Map, Value};

/// A field that has operations of its own: others add tags, and that is no conflict.
const TAGS: &str = "tags";

/// Stops when anything but the tags is otherwise than it was read: of an object that is written whole.
pub(super) fn unchanged<T: Serialize>(operation: &str, object: &str, read: &T, now: &T) -> Result<(), CloudError> {
    let (read, now) = (fields(read), fields(now));
    let names: BTreeSet<&String> = read.keys().chain(now.keys()).collect();
    let differs = names.into_iter().filter(|name| read.get(*name) != now.get(*name));
    stopped(operation, object, differs.map(|name| told(name, read.get(name), now.get(name))).collect())
}

/// Whether what was read must still be written to become as wanted: an attempt before this one may have done it. What
/// somebody changed meanwhile stops it, as [`unchanged`] does.
pub(super) fn still_due<T: Serialize + PartialEq>(
    operation: &str,
    object: &str,
    wanted: &T,
    read: &T,
    now: &T,
) -> Result<bool, CloudError> {
    if now == wanted { Ok(false) } else { unchanged(operation, object, read, now).map(|()| true) }
}

/// Stops when something that we manage is otherwise than it was read: of an object that is changed by several calls. What
/// is as wanted by now an attempt before this one has done, or somebody who wanted the same; what we do not manage
/// may be as it likes.
pub(super) fn untouched<T: Serialize>(
    operation: &str,
    object: &str,
    wanted: &T,
    read: &T,
    now: &T,
) -> Result<(), CloudError> {
    let (read, now) = (fields(read), fields(now));
    let mut touched = Vec::new();
    for (name, wanted) in &fields(wanted) {
        compare(name, Some(wanted), read.get(name), now.get(name), &mut touched);
    }
    stopped(operation, object, touched)
}

/// What was there when it was read, and is not any more.
pub(super) fn gone(operation: &str, object: &str) -> CloudError {
    let message = "somebody deleted it since it was read, so that a new plan is needed";
    CloudError::new(ErrorClass::Refused, operation, object, "changed-meanwhile", message)
}

fn fields<T: Serialize>(side: &T) -> Map<String, Value> {
    let mut fields = to_value(side).as_object().cloned().unwrap_or_default();
    fields.remove(TAGS);
    fields
}

fn compare(path: &str, wanted: Option<&Value>, read: Option<&Value>, now: Option<&Value>, touched: &mut Vec<String>) {
    if now == read || now == wanted {
        return;
    }
    let (Some(Value::Object(was)), Some(Value::Object(is))) = (read, now) else {
        touched.push(told(path, read, now));
        return;
    };
    for name in was.keys().chain(is.keys()).collect::<BTreeSet<_>>() {
        let wanted = wanted.and_then(|each| each.get(name));
        compare(&format!("{path}.{name}"), wanted, was.get(name), is.get(name), touched);
    }
}

fn told(path: &str, read: Option<&Value>, now: Option<&Value>) -> String {
    let side = |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), ToString::to_string);
    format!("`{path}` was {} and is {}", side(read), side(now))
}

fn stopped(operation: &str, object: &str, told: Vec<String>) -> Result<(), CloudError> {
    if told.is_empty() {
        return Ok(());
    }
    let message = format!("somebody changed it since it was read, so that a new plan is needed: {}", told.join("; "));
    Err(CloudError::new(ErrorClass::Refused, operation, object, "changed-meanwhile", message))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What is told of an object that was read, is wanted and is now so.
    fn told_of(wanted: Value, read: Value, now: Value) -> String {
        untouched("lambda:UpdateFunctionConfiguration", "api", &wanted, &read, &now)
            .map_or_else(|error| error.message, |()| String::new())
    }

    #[test]
    fn what_we_manage_and_somebody_changed_is_told_with_both_sides() {
        let read = json!({ "memory": 128, "code": { "zip": "a", "source": "1" }, "environment": { "A": "1" } });
        let wanted = json!({ "memory": 256, "code": { "zip": "b", "source": "2" }, "environment": { "A": "1" } });
        for (now, said) in [
            (
                json!({ "memory": 512, "code": { "zip": "a", "source": "1" }, "environment": { "A": "1" } }),
                "`memory` was 128 and is 512",
            ),
            (
                json!({ "memory": 128, "code": { "zip": "c", "source": "1" }, "environment": { "A": "1" } }),
                "`code.zip` was \"a\" and is \"c\"",
            ),
            (
                json!({ "memory": 128, "code": { "zip": "a", "source": "1" }, "environment": { "A": "1", "B": "2" } }),
                "`environment.B` was nothing and is \"2\"",
            ),
            (
                json!({ "memory": 128, "code": { "zip": "a", "source": "1" } }),
                "`environment` was {\"A\":\"1\"} and is nothing",
            ),
        ] {
            let told = told_of(wanted.clone(), read.clone(), now);
            assert!(told.ends_with(said), "{told}");
        }
    }

    #[test]
    fn what_an_attempt_of_ours_has_done_tags_and_what_is_not_managed_stop_nothing() {
        let read = json!({ "memory": 128, "code": { "zip": "a", "source": "1" }, "tags": {} });
        let wanted = json!({ "memory": 256, "code": { "zip": "b", "source": "2" }, "tags": {} });
        for now in [
            read.clone(),
            wanted.clone(),
            json!({ "memory": 128, "code": { "zip": "b", "source": "1" }, "tags": {} }),
            json!({ "memory": 256, "code": { "zip": "a", "source": "1" }, "tags": { "theirs": "x" } }),
            json!({ "memory": 128, "code": { "zip": "a", "source": "1" }, "description": "theirs", "tags": {} }),
        ] {
            assert_eq!(told_of(wanted.clone(), read.clone(), now.clone()), "", "{now}");
        }
    }

    #[test]
    fn of_what_is_written_whole_every_field_counts_but_the_tags() {
        let read = json!({ "memory": 128, "tags": {} });
        assert_eq!(unchanged("o", "x", &read, &json!({ "memory": 128, "tags": { "a": "b" } })), Ok(()));
        assert!(unchanged("o", "x", &read, &json!({ "memory": 128, "more": 1 })).is_err());
        assert_eq!(still_due("o", "x", &json!({ "memory": 1 }), &read, &json!({ "memory": 1 })), Ok(false));
        assert_eq!(still_due("o", "x", &json!({ "memory": 1 }), &read, &read), Ok(true));
    }
}
