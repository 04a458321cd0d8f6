//! Whether two worlds are the same, and where they are not.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::inventory::Inventory;

/// What of an inventory must be the same in two worlds that were made alike: sets in one order, nothing that is
/// passing (`Pending`), and no digest of ids that AWS minted.
pub fn settled(inventory: &Inventory) -> BTreeMap<String, Value> {
    inventory.masked().into_iter().map(|(name, value)| (name, steady(value))).collect()
}

fn steady(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            // `versions`: what may not have arrived is sent again, and a bucket keeps both.
            let passing = |key: &str| {
                key == "versions"
                    || key.starts_with("State") && key != "Statement"
                    || key.starts_with("LastUpdateStatus")
            };
            // Written or not, it is off.
            let off = |key: &str, value: &Value| key == "BucketKeyEnabled" && value == "false";
            let kept = fields.into_iter().filter(|(key, value)| !passing(key) && !is_digest(value) && !off(key, value));
            kept.map(|(key, value)| (key, steady(value))).collect()
        }
        Value::Array(values) => {
            let mut values: Vec<_> = values.into_iter().map(steady).collect();
            values.sort_by_key(Value::to_string);
            Value::Array(values)
        }
        other => other,
    }
}

fn is_digest(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Where two worlds differ, a line each.
pub fn differences(found: &BTreeMap<String, Value>, wanted: &BTreeMap<String, Value>) -> Vec<String> {
    let whole =
        |world: &BTreeMap<String, Value>| world.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let mut differ = Vec::new();
    compare("", &whole(found), &whole(wanted), &mut differ);
    differ
}

fn compare(at: &str, found: &Value, wanted: &Value, differ: &mut Vec<String>) {
    match (found, wanted) {
        (Value::Object(one), Value::Object(other)) => {
            for key in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
                compare(&format!("{at}/{key}"), &found[key], &wanted[key], differ);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            one.iter().zip(other).for_each(|(one, other)| compare(&format!("{at}/*"), one, other, differ));
        }
        _ if found == wanted => {}
        _ => differ.push(format!("{at}: {found}, not {wanted}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_difference_is_named_by_its_place() {
        let world = |memory| BTreeMap::from([("function".to_owned(), json!({ "memory": memory, "tags": ["a"] }))]);
        assert_eq!(differences(&world(128), &world(128)), [""; 0]);
        assert_eq!(differences(&world(128), &world(256)), ["/function/memory: 128, not 256"]);
        assert_eq!(differences(&BTreeMap::new(), &world(256)).len(), 1);
    }
}
