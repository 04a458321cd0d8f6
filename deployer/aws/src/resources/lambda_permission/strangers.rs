//! Statements of a policy that somebody else put there and that let everybody in.

use serde_json::Value;

use super::OURS;

/// Keys of conditions that keep nobody out: they say by which way one comes in.
const WAYS_IN: [&str; 2] = ["lambda:functionurlauthtype", "lambda:invokedviafunctionurl"];

fn id(statement: &Value) -> &str {
    statement.get("Sid").and_then(Value::as_str).unwrap_or_default()
}

fn is_everybody(principal: &Value) -> bool {
    match principal {
        Value::String(text) => text == "*",
        Value::Array(several) => several.iter().any(is_everybody),
        Value::Object(members) => members.get("AWS").is_some_and(is_everybody),
        _ => false,
    }
}

fn lets_everybody_in(statement: &Value) -> bool {
    let tests = statement.get("Condition").and_then(Value::as_object).into_iter().flat_map(|each| each.values());
    let mut keys = tests.filter_map(Value::as_object).flat_map(|members| members.keys());
    statement.get("Effect").is_none_or(|effect| effect == "Allow")
        && statement.get("Principal").is_some_and(is_everybody)
        && keys.all(|key| WAYS_IN.contains(&key.to_ascii_lowercase().as_str()))
}

/// What the statement of this id tells of the others: all, if it is the first of ours; else nothing, so that
/// one stranger is one difference.
pub(super) fn told_by(statement_id: &str, statements: &[Value]) -> Vec<String> {
    let first = statements.iter().map(id).filter(|each| each.starts_with(OURS)).min();
    if first != Some(statement_id) {
        return Vec::new();
    }
    // Without an id nothing can be removed; Lambda gives every statement one.
    let others = statements.iter().filter(|each| !id(each).is_empty() && !id(each).starts_with(OURS));
    let mut open: Vec<_> = others.filter(|each| lets_everybody_in(each)).map(|each| id(each).to_owned()).collect();
    open.sort();
    open
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn everybody_is_told_from_somebody() {
        let open = |principal: Value, condition: Value| {
            lets_everybody_in(&json!({ "Sid": "x", "Effect": "Allow", "Principal": principal, "Condition": condition }))
        };
        assert!(open(json!("*"), json!({})) && open(json!({ "AWS": "*" }), json!({})));
        assert!(open(json!({ "AWS": ["arn:aws:iam::1:root", "*"] }), json!({})));
        assert!(open(json!("*"), json!({ "StringEquals": { "lambda:FunctionUrlAuthType": "NONE" } })));
        assert!(open(json!("*"), json!({ "Bool": { "lambda:InvokedViaFunctionUrl": "true" } })));
        assert!(!open(json!("*"), json!({ "StringEquals": { "aws:PrincipalOrgID": "o-1" } })));
        assert!(!open(json!({ "Service": "s3.amazonaws.com" }), json!({})));
        assert!(!open(json!({ "AWS": "arn:aws:iam::111122223333:root" }), json!({})));
        assert!(!lets_everybody_in(&json!({ "Sid": "x", "Effect": "Deny", "Principal": "*" })));
    }

    #[test]
    fn the_first_of_ours_tells_and_none_of_ours_is_told_of() {
        let open = |sid: &str| json!({ "Sid": sid, "Effect": "Allow", "Principal": "*" });
        let all = ["zoo", "deployer-url", "by-hand", "deployer-invoke"].map(open);
        assert_eq!(told_by("deployer-invoke", &all), ["by-hand", "zoo"]);
        assert_eq!(told_by("deployer-url", &all), [""; 0]);
        assert_eq!(told_by("deployer-invoke", &all[3..]), [""; 0]);
    }
}
