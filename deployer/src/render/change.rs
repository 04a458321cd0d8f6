//! One changed value on a line: what it is and what it will be.

use deployer_engine::diff::Change;
use deployer_engine::value::references;
use serde_json::Value;

/// Longest value shown on a line, in characters: a policy is not read on a terminal.
const LONGEST_VALUE: usize = 48;

/// A change in one line. Of a list that is too long for it, the items that go (`-`) and come (`+`).
pub fn told(change: &Change) -> String {
    let Change { path, before, after, .. } = change;
    let shown = |value: &Option<Value>| value.as_ref().map_or_else(|| "nothing".to_owned(), short);
    if after.as_ref().is_some_and(|value| !references(value).is_empty()) {
        return format!("{path}  {} → known when it exists", shown(before));
    }
    let items = before.as_ref().zip(after.as_ref()).and_then(|(before, after)| items(before, after));
    items.map_or_else(|| format!("{path}  {} → {}", shown(before), shown(after)), |items| format!("{path}  {items}"))
}

/// What two lists have not in common; nothing where both are short, or no item goes or comes.
fn items(before: &Value, after: &Value) -> Option<String> {
    let (old, new) = (before.as_array()?, after.as_array()?);
    let only = |mark: char, these: &[Value], those: &[Value]| -> Vec<String> {
        these.iter().filter(|each| !those.contains(each)).map(|each| format!("{mark} {}", short(each))).collect()
    };
    let differing = [only('-', old, new), only('+', new, old)].concat();
    let is_long = [before, after].into_iter().any(|value| text(value).chars().count() > LONGEST_VALUE);
    (is_long && !differing.is_empty()).then(|| differing.join("  "))
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn short(value: &Value) -> String {
    let text = text(value);
    if text.chars().count() <= LONGEST_VALUE {
        text
    } else {
        format!("{}…", text.chars().take(LONGEST_VALUE - 1).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use deployer_engine::diff::Cause;
    use serde_json::json;

    use super::*;

    fn line(before: Value, after: Value) -> String {
        told(&Change { path: "p".to_owned(), before: Some(before), after: Some(after), cause: Cause::Declared })
    }

    #[test]
    fn of_a_long_list_that_changes_is_told_what_goes_and_comes() {
        let statement = |sid: &str| json!({ "Sid": sid, "Action": ["dynamodb:GetItem", "dynamodb:PutItem"] });
        let [logs, table, mail] = ["WriteLogs", "WriteTides", "SendMail"].map(statement);
        assert_eq!(
            line(json!([logs, table]), json!([logs, mail])),
            r#"p  - {"Sid":"WriteTides","Action":["dynamodb:GetItem…  + {"Sid":"SendMail","Action":["dynamodb:GetItem",…"#,
        );
        assert!(line(json!([logs, table]), json!([logs])).starts_with(r#"p  - {"Sid":"WriteTides""#));
        assert_eq!(line(json!(["a"]), json!(["a", "b"])), r#"p  ["a"] → ["a","b"]"#);
        let turned = line(json!([logs, table]), json!([table, logs]));
        assert!(turned.contains('→'), "{turned}");
    }
}
