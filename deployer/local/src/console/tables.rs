//! Tables and their rows.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::aws::{Aws, DESCRIBE_TABLE, SCAN};
use super::html::{Page, cell, code, escaped_part, in_query, link, table};
use super::{StackView, TABLE, of_type};
use crate::http::BoxError;

/// Rows of one page.
const ROWS: u32 = 50;
/// Longest value in a cell, in characters; the rest is cut.
const LONGEST: usize = 200;

/// Every table of every stack.
pub fn list(stacks: &[StackView]) -> Page {
    let row = |(stack, resource): (&StackView, &super::ResourceView)| {
        let declaration = resource.address.split('/').next().unwrap_or_default();
        vec![
            link(&["tables", &resource.id], &resource.id),
            code(declaration),
            link(&["stacks", &stack.name], &stack.name),
        ]
    };
    let rows: Vec<_> = of_type(stacks, TABLE).into_iter().map(row).collect();
    Page::new(
        "/tables",
        "Tables",
        table("Tables", &["Table", "Declaration", "Stack"], &rows, "No stack has a table here."),
    )
}

/// The rows of a table from a place on.
pub async fn rows(aws: &Aws<'_>, stacks: &[StackView], name: &str, query: &str) -> Result<Option<Page>, BoxError> {
    let Some((stack, _)) = of_type(stacks, TABLE).into_iter().find(|(_, each)| each.id == name) else {
        return Ok(None);
    };
    let mut request = json!({ "TableName": name, "Limit": ROWS });
    let after = in_query(query, "after").and_then(|text| serde_json::from_str::<Value>(&text).ok());
    if let Some(after) = &after {
        request["ExclusiveStartKey"] = after.clone();
    }
    let Some(described) = aws.ask(&stack.region, &DESCRIBE_TABLE, json!({ "TableName": name })).await? else {
        return Ok(None);
    };
    let Some(found) = aws.ask(&stack.region, &SCAN, request).await? else { return Ok(None) };
    let items: Vec<&Value> = found["Items"].as_array().into_iter().flatten().collect();
    let columns = columns(&described["Table"]["KeySchema"], &items);
    let row = |item: &&Value| columns.iter().map(|name| value(item.get(name))).collect::<Vec<_>>();
    let head: Vec<&str> = columns.iter().map(String::as_str).collect();
    let mut body = table("Rows", &head, &items.iter().map(row).collect::<Vec<_>>(), "It has no rows.");
    if found["LastEvaluatedKey"].is_object() {
        let after = escaped_part(&found["LastEvaluatedKey"].to_string());
        body.push_str(&format!("<p><a href=\"?after={after}\">The next {ROWS} rows</a></p>"));
    }
    if after.is_some() {
        body.push_str("<p><a href=\"?\">From the beginning</a></p>");
    }
    Ok(Some(Page::new("/tables", name, body)))
}

/// The key first, then every attribute that a row has.
fn columns(key_schema: &Value, items: &[&Value]) -> Vec<String> {
    let key = key_schema.as_array().into_iter().flatten().filter_map(|each| each["AttributeName"].as_str());
    let mut columns: Vec<String> = key.map(str::to_owned).collect();
    let names: BTreeSet<&String> =
        items.iter().filter_map(|item| item.as_object()).flat_map(|item| item.keys()).collect();
    let others: Vec<String> = names.into_iter().filter(|name| !columns.contains(name)).cloned().collect();
    columns.extend(others);
    columns
}

/// A value of DynamoDB as a cell.
fn value(found: Option<&Value>) -> String {
    let Some(found) = found else { return String::new() };
    let text = match plain(found) {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let cut: String = text.chars().take(LONGEST).collect();
    cell(&if cut.len() < text.len() { format!("{cut}…") } else { cut })
}

/// A value of DynamoDB without its types; bytes by their number alone.
fn plain(found: &Value) -> Value {
    let Some((kind, inner)) = found.as_object().and_then(|members| members.iter().next()) else { return found.clone() };
    match (kind.as_str(), inner) {
        ("N", Value::String(number)) => serde_json::from_str(number).unwrap_or_else(|_| inner.clone()),
        ("NULL", _) => Value::Null,
        ("B", Value::String(bytes)) => json!(format!("{} bytes", bytes.len() / 4 * 3)),
        ("BS", Value::Array(sets)) => json!(format!("{} times bytes", sets.len())),
        ("L", Value::Array(items)) => items.iter().map(plain).collect(),
        ("M", Value::Object(members)) => members.iter().map(|(name, each)| (name.clone(), plain(each))).collect(),
        _ => inner.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_without_their_types_and_bytes_are_not_spelt_out() {
        for (stored, shown) in [
            (json!({ "S": "ahoy" }), "<bdi>ahoy</bdi>"),
            (json!({ "N": "42" }), "<bdi>42</bdi>"),
            (
                json!({ "M": { "a": { "L": [{ "BOOL": true }, { "NULL": true }] } } }),
                "<bdi>{&quot;a&quot;:[true,null]}</bdi>",
            ),
            (json!({ "SS": ["x", "y"] }), "<bdi>[&quot;x&quot;,&quot;y&quot;]</bdi>"),
            (json!({ "B": "AAAA" }), "<bdi>3 bytes</bdi>"),
        ] {
            assert_eq!(value(Some(&stored)), shown);
        }
        assert!(value(Some(&json!({ "S": "x".repeat(5000) }))).len() < 300);
    }

    #[test]
    fn the_key_stands_first_and_no_attribute_is_forgotten() {
        let key =
            json!([{ "AttributeName": "sail", "KeyType": "HASH" }, { "AttributeName": "at", "KeyType": "RANGE" }]);
        let items = [json!({ "at": {}, "sail": {}, "b": {} }), json!({ "a": {} })];
        assert_eq!(columns(&key, &items.iter().collect::<Vec<_>>()), ["sail", "at", "a", "b"]);
    }
}
