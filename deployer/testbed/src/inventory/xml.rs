//! As much XML as AWS answers with: elements and text. Names and namespaces of attributes do not matter.

use serde_json::{Map, Value};

/// The root element's content: an object of its children (an array where a name repeats), or its text.
pub fn parse(text: &str) -> Value {
    let mut rest = text;
    // Declarations and comments stand before the root only.
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        if !rest.starts_with("<?") && !rest.starts_with("<!") {
            return element(&mut rest).1;
        }
        rest = rest.split_once('>').map_or("", |(_, after)| after);
    }
    Value::Null
}

/// The value as a list: what stands once is a list of one, nothing is an empty one.
pub fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::String(text) if text.is_empty() => Vec::new(),
        Value::Array(values) => values.clone(),
        other => vec![other.clone()],
    }
}

/// Reads the element that the text begins with, and goes behind it.
fn element(rest: &mut &str) -> (String, Value) {
    let (tag, after) = rest[1..].split_once('>').unwrap_or((&rest[1..], ""));
    *rest = after;
    let name = tag.split([' ', '/', '\n']).next().unwrap_or_default().to_owned();
    if tag.ends_with('/') {
        return (name, Value::String(String::new()));
    }
    let mut children = Map::new();
    let mut words = String::new();
    while let Some(at) = rest.find('<') {
        words.push_str(&rest[..at]);
        *rest = &rest[at..];
        if rest.starts_with("</") {
            *rest = rest.split_once('>').map_or("", |(_, after)| after);
            break;
        }
        let (child, value) = element(rest);
        add(&mut children, child, value);
    }
    (name, if children.is_empty() { Value::String(unescape(words.trim())) } else { Value::Object(children) })
}

fn add(children: &mut Map<String, Value>, name: String, value: Value) {
    match children.get_mut(&name) {
        None => {
            children.insert(name, value);
        }
        Some(Value::Array(values)) => values.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&apos;", "'")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn elements_become_values() {
        let text = "<?xml version=\"1.0\"?>\n<List xmlns=\"x\"><A>1</A><Items><B><C>&lt;2&gt;</C></B><B/></Items><Empty></Empty></List>";
        let parsed = parse(text);
        assert_eq!(parsed, json!({ "A": "1", "Items": { "B": [{ "C": "<2>" }, ""] }, "Empty": "" }));
        assert_eq!(
            (list(&parsed["A"]).len(), list(&parsed["Items"]["B"]).len(), list(&parsed["Empty"]).len()),
            (1, 2, 0)
        );
    }
}
