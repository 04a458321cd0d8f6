//! Conditions as DynamoDB writes them: names and values apart from the text.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

use super::{Condition, Range};

/// An expression with what its placeholders stand for.
#[derive(Clone, Debug, Default)]
pub struct Expression {
    /// The text.
    pub text: String,
    /// Attributes' names by placeholder.
    pub names: HashMap<String, String>,
    /// Values by placeholder.
    pub values: HashMap<String, AttributeValue>,
}

/// The text of a condition. `hash` is the name of the table's hash key, which every item has.
pub fn of_condition(condition: &Condition, hash: &str) -> Expression {
    let mut expression = Expression::default();
    expression.text = expression.condition(condition, hash);
    expression
}

/// The text of a key condition.
pub fn of_keys(hash: (&str, &str), range: Option<&str>, wanted: &Range) -> Expression {
    let mut out = Expression::default();
    let is = (out.name(hash.0), out.value(hash.1.into()));
    out.text = format!("{} = {}", is.0, is.1);
    let Some(range) = range else {
        return out;
    };
    let range_text = match wanted {
        Range::All => return out,
        Range::Prefix(prefix) => {
            let (name, value) = (out.name(range), out.value(prefix.as_str().into()));
            format!("begins_with({name}, {value})")
        }
        Range::Below(end) => {
            let (name, value) = (out.name(range), out.value(end.as_str().into()));
            format!("{name} < {value}")
        }
        Range::Numbers(from, None) => {
            let (name, value) = (out.name(range), out.value((*from).into()));
            format!("{name} >= {value}")
        }
        Range::Numbers(from, Some(until)) => {
            let name = out.name(range);
            let (from, until) = (out.value((*from).into()), out.value((*until).into()));
            format!("{name} BETWEEN {from} AND {until}")
        }
    };
    out.text = format!("{} AND {range_text}", out.text);
    out
}

/// A value as an attribute. Whole numbers, texts, truths, lists and maps are all that we keep.
pub fn attribute(value: &Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(is) => AttributeValue::Bool(*is),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::String(text) => AttributeValue::S(text.clone()),
        Value::Array(values) => AttributeValue::L(values.iter().map(attribute).collect()),
        Value::Object(map) => {
            AttributeValue::M(map.iter().map(|(name, value)| (name.clone(), attribute(value))).collect())
        }
    }
}

impl Expression {
    fn condition(&mut self, condition: &Condition, hash: &str) -> String {
        match condition {
            Condition::Absent => format!("attribute_not_exists({})", self.name(hash)),
            Condition::Without(path) => format!("attribute_not_exists({})", self.name(path)),
            Condition::Is(path, value) => self.compare(path, "=", value.clone()),
            Condition::AtLeast(path, least) => self.compare(path, ">=", (*least).into()),
            Condition::AtMost(path, most) => self.compare(path, "<=", (*most).into()),
            Condition::IsOneOf(path, values) => {
                let name = self.name(path);
                let values: Vec<String> = values.iter().map(|value| self.value(value.clone())).collect();
                format!("{name} IN ({})", values.join(", "))
            }
            Condition::All(all) => self.joined(all, " AND ", hash),
            Condition::Any(any) => self.joined(any, " OR ", hash),
        }
    }

    fn compare(&mut self, path: &str, sign: &str, value: Value) -> String {
        let (name, value) = (self.name(path), self.value(value));
        format!("{name} {sign} {value}")
    }

    fn joined(&mut self, conditions: &[Condition], word: &str, hash: &str) -> String {
        let parts: Vec<String> = conditions.iter().map(|each| self.condition(each, hash)).collect();
        format!("({})", parts.join(word))
    }

    /// A path, each part of which has a placeholder: no name of ours meets a reserved word.
    fn name(&mut self, path: &str) -> String {
        let parts: Vec<String> = path.split('.').map(|part| self.part(part)).collect();
        parts.join(".")
    }

    fn part(&mut self, part: &str) -> String {
        if let Some((known, _)) = self.names.iter().find(|(_, name)| *name == part) {
            return known.clone();
        }
        let placeholder = format!("#n{}", self.names.len());
        self.names.insert(placeholder.clone(), part.to_owned());
        placeholder
    }

    fn value(&mut self, value: Value) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), attribute(&value));
        placeholder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_never_in_the_text() {
        let condition = Condition::Any(vec![
            Condition::Absent,
            Condition::All(vec![
                Condition::is("state", "x OR 1 = 1"),
                Condition::AtLeast("slots.deckhand".to_owned(), 2),
                Condition::IsOneOf("state".to_owned(), vec!["a".into(), "b".into()]),
            ]),
        ]);
        let expression = of_condition(&condition, "event_id");
        assert_eq!(
            expression.text,
            "(attribute_not_exists(#n0) OR (#n1 = :v0 AND #n2.#n3 >= :v1 AND #n1 IN (:v2, :v3)))"
        );
        assert_eq!(expression.names["#n3"], "deckhand");
        assert_eq!(expression.values[":v0"], AttributeValue::S("x OR 1 = 1".to_owned()));
        assert_eq!(expression.values[":v1"], AttributeValue::N("2".to_owned()));
    }

    #[test]
    fn key_conditions_name_their_ranges() {
        let text = |range: Range| of_keys(("event_id", "e"), Some("slot"), &range).text;
        assert_eq!(text(Range::All), "#n0 = :v0");
        assert_eq!(text(Range::Prefix("a".to_owned())), "#n0 = :v0 AND begins_with(#n1, :v1)");
        assert_eq!(text(Range::Below("p".to_owned())), "#n0 = :v0 AND #n1 < :v1");
        assert_eq!(text(Range::Numbers(1, Some(2))), "#n0 = :v0 AND #n1 BETWEEN :v1 AND :v2");
    }
}
